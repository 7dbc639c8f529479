"""The frame sees what it says it sees: a watch that never barks proves nothing."""

from unittest import TestCase, skipUnless

from django.test import override_settings
from playwright.sync_api import Error as PlaywrightError

from tests.browser import validator
from tests.browser.base import BrowserTestCase
from tests.browser.findings import findings
from tests.browser.looks import INLINE, Looks

PAGE = "<!DOCTYPE html><html lang=en><head><title>A page</title></head><body>{}</body></html>"


@override_settings(ROOT_URLCONF="tests.browser.planted")
class WatchTests(BrowserTestCase):
    def test_each_fault_is_seen(self) -> None:
        tab, plain = self.tab(), self.tab(has_script=False)
        for where, path, told in (
            (tab, "/inline-script/", "Content Security Policy"),
            (tab, "/inline-style/", "Content Security Policy"),
            (plain, "/inline-style/", "Content Security Policy"),
            (tab, "/missing-part/", "404 for"),
            (tab, "/elsewhere/", "http://192.0.2.1/picture.png"),
            (tab, "/failing-script/", "on purpose"),
        ):
            with self.subTest(path=path, has_script=where is tab):
                where.go(path)
                self.assertIn(told, str(where.settle()))

    def test_no_other_host_is_found(self) -> None:
        tab = self.tab()
        with self.assertRaisesRegex(PlaywrightError, "ERR_NAME_NOT_RESOLVED"):
            tab.page.goto("http://192.0.2.1/")
        self.assertIn("asked of another host: http://192.0.2.1/", tab.watch.take())
        tab.page.wait_for_url("chrome-error://**")

    def test_axe_finds_what_is_wrong_under_the_strict_policy(self) -> None:
        tab = self.tab()
        tab.go("/unlabelled/")
        self.assertIn("label", {finding.rule for finding in findings(tab.page)})

    def test_a_look_finds_what_is_new_to_a_walk_and_nothing_twice(self) -> None:
        tab, looks = self.tab(), Looks()
        tab.go("/unlabelled/")
        self.assertIn("label", str(looks.faults(tab)))
        self.assertNotIn("label", str(looks.faults(tab)))
        tab.go("/inline-style/")
        self.assertTrue(looks.new_on(tab))
        self.assertTrue(INLINE.search(tab.html()))
        tab.watch.take()


@skipUnless(validator.is_there(), "Java is not installed (apt install default-jre-headless)")
class ValidatorTests(TestCase):
    def test_faults_are_told_by_the_name_of_their_page(self) -> None:
        wrong, words = (
            PAGE.format("<p>A list: <ul><li>one</li></ul></p>"),
            "No “p” element in scope",
        )
        kept = PAGE.format("<input type=hidden autocomplete=off name=seen value=1>")
        pages = {
            "fine": validator.Page(PAGE.format("<p>Text</p>")),
            "list in a paragraph": validator.Page(wrong),
            "accepted here": validator.Page(wrong, (words,)),
            "kept": validator.Page(kept),
        }
        [fault] = validator.faults(pages)
        self.assertIn(f"list in a paragraph: {words}", fault)
