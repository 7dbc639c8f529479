"""What pages of others show: what the public reads, whoever asks, in frames that are allowed."""

from typing import Any
from unittest.mock import patch

from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase, override_settings

from recommendations.actions import recommendations as actions
from recommendations.models import User
from tests.base import days_ago
from tests.views.pages import PageTestCase
from tracker import env

ONE = "/embed/recommendations/REP-1/"
SOURCE = "/embed/sources/report/"
EVERY = (ONE, f"{ONE}status.json", f"{ONE}badge.svg", SOURCE, f"{SOURCE}status.json")


@override_settings(PUBLIC_PAGES=True)
class EmbedTests(PageTestCase):
    def publish(self) -> None:
        actions.publish_recommendation(recommendation=self.recommendation, by=self.manager)

    def json(self, path: str, person: User | None = None) -> dict[str, Any]:
        response = self.get(path, person)
        self.assertEqual(response["Access-Control-Allow-Origin"], "*")
        found: dict[str, Any] = response.json()
        return found

    def test_it_states_what_the_public_page_states_with_its_warnings_whoever_asks(self) -> None:
        self.make_approved(
            self.recommendation,
            as_of=days_ago(400),
            what_happened="Internal words.",
            public_text="Work <goes> on.",
        )
        self.publish()
        found = self.json(f"{ONE}status.json")
        self.assertIn("the rating is out of date", found["statement"])
        self.assertIn(found["statement"], found["cite_as"])
        self.assertEqual((found["status"], found["confidence"]), ("in_progress", "green"))
        self.assertEqual(found["public_summary"], "Work <goes> on.")
        self.assertTrue(found["warnings"])
        self.assertContains(self.get(found["cited_at"].removeprefix("http://testserver")), "REP-1")
        self.assert_words(self.read(ONE), found["statement"], "Work <goes> on.")
        self.assertContains(self.get(f"{ONE}badge.svg"), found["statement"])
        about = self.json(f"{SOURCE}status.json")
        self.assert_words(self.read(SOURCE), about["statement"], *about["warnings"])
        self.assertEqual(about["recommendations"], 1)
        for path in EVERY:
            with self.subTest(path):
                content = self.get(path).content
                self.assertNotIn(b"Internal words.", content)
                self.assertEqual(self.get(path, self.manager).content, content)

    def test_a_status_that_is_not_known_is_none(self) -> None:
        self.publish()
        found = self.json(f"{ONE}status.json")
        for name in ("status", "as_of", "approved_on", "confidence", "public_summary"):
            self.assertIsNone(found[name], name)
        self.assertIn("No report yet on", found["statement"])

    def test_what_the_public_does_not_find_is_404_for_everybody(self) -> None:
        for path in EVERY:
            for person in (None, self.manager):
                response = self.get(path, person)
                self.assertEqual(response.status_code, 404, path)
                self.assertEqual(response["Access-Control-Allow-Origin"], "*", path)
                self.assertNotIn("X-Frame-Options", response, path)
        self.publish()
        for path in EVERY:
            self.assertEqual(self.get(path).status_code, 200, path)
        actions.unpublish_recommendation(
            recommendation=self.recommendation, by=self.manager, reason="Withdrawn."
        )
        for path in EVERY:
            self.assertEqual(self.get(path).status_code, 404, path)
        self.publish()
        with override_settings(PUBLIC_PAGES=False):
            for path in EVERY:
                self.assertEqual(self.get(path, self.manager).status_code, 404, path)

    def test_it_stands_in_the_frames_that_are_allowed_and_is_kept_for_a_minute(self) -> None:
        self.publish()
        for allowed, said in (
            ([], "frame-ancestors 'none'"),
            (["https://a.example", "https://b.example"], "https://a.example https://b.example"),
        ):
            with override_settings(EMBED_ANCESTORS=allowed):
                response = self.get(ONE)
            self.assertTrue(response["Content-Security-Policy"].endswith(said), said)
            self.assertNotIn("X-Frame-Options", response)
            self.assertEqual(response["Cache-Control"], "public, max-age=60")
        self.assertIn("no-store", self.get(ONE, self.manager)["Cache-Control"])
        self.assertEqual(self.get("/")["X-Frame-Options"], "DENY")


class SettingTests(SimpleTestCase):
    def test_only_origins_are_taken_so_that_no_other_directive_comes_in(self) -> None:
        def read(text: str) -> list[str]:
            with patch.dict("os.environ", {"EMBED_ANCESTORS": text}):
                return env.origins("EMBED_ANCESTORS")

        right = ["https://a.example", "http://*.b.example:8080"]
        self.assertEqual(read(", ".join(right)), right)
        for wrong in ("a.example", "https://a.example; script-src *", "*", "https://a.example/x"):
            with self.subTest(wrong), self.assertRaises(ImproperlyConfigured):
                read(wrong)
