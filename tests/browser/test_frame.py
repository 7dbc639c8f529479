"""The frame sees what it says it sees; a watch that never barks proves nothing."""

from unittest import mock

from django.test import SimpleTestCase, override_settings
from playwright.sync_api import Error as PlaywrightError

from tests.browser.base import BrowserTestCase
from tests.browser.findings import findings, gone, recorded, unrecorded


@override_settings(ROOT_URLCONF="tests.browser.planted")
class WatchTests(BrowserTestCase):
    def faults_of(self, path, *, has_script=True):
        tab = self.tab(has_script=has_script)
        tab.go(path)
        return tab.settle()

    def test_what_the_policy_refuses_is_seen_with_and_without_script(self):
        for path, has_script in (
            ("/inline-script/", True),
            ("/inline-style/", True),
            ("/inline-style/", False),
        ):
            with self.subTest(path=path, has_script=has_script):
                faults = self.faults_of(path, has_script=has_script)
                told = [fault for fault in faults if "Content Security Policy" in fault]
                by_event = [fault for fault in told if fault.startswith("Content Security")]
                self.assertTrue(told, faults)
                self.assertEqual(bool(by_event), has_script, faults)

    def test_what_does_not_come_is_seen(self):
        self.assertIn("404 for", self.faults_of("/missing-part/")[0])

    def test_what_is_asked_of_another_host_is_seen(self):
        self.assertIn("http://192.0.2.1/picture.png", str(self.faults_of("/elsewhere/")))
        tab = self.tab()
        with self.assertRaisesRegex(PlaywrightError, "ERR_NAME_NOT_RESOLVED"):
            tab.page.goto("http://192.0.2.1/")
        self.assertIn("asked of another host: http://192.0.2.1/", tab.watch.take())
        tab.page.wait_for_url("chrome-error://**")

    def test_script_that_fails_is_seen(self):
        self.assertIn("on purpose", self.faults_of("/failing-script/")[0])

    def test_axe_finds_what_is_wrong_under_the_strict_policy(self):
        tab = self.tab()
        tab.go("/unlabelled/")
        self.assertIn("label", {finding.rule for finding in findings(tab.page)})


class BaselineTests(SimpleTestCase):
    def test_what_is_new_is_told_from_what_is_on_record_and_from_what_is_gone(self):
        page, rules = next(iter(recorded().items()))
        with mock.patch.dict("tests.browser.findings.__dict__", {"gone": set()}) as patched:
            self.assertEqual(unrecorded({page: [*rules, "new-rule"]}), [f"{page}: new-rule"])
            self.assertEqual(unrecorded({"unheard of": ["label"]}), ["unheard of: label"])
            self.assertEqual(patched["gone"], set())
            self.assertEqual(unrecorded({page: rules[1:]}), [])
            self.assertEqual(patched["gone"], {f"{page}: {rules[0]}"})
        self.assertNotIn(f"{page}: {rules[0]}", gone)
