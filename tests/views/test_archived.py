"""What is archived and was published says so to everybody: the day, the coded reason, no more."""

import re
from typing import Any

from django.test import override_settings

from recommendations.actions import recommendations
from recommendations.models import Recommendation
from recommendations.templatetags.texts import day
from tests.base import days_ago
from tests.views.pages import PageTestCase

PAGE = "/recommendations/REP-1/"

NOTE = "Twice, as the minister said."
STATUS = "A first meeting, for everybody."


@override_settings(PUBLIC_PAGES=True)
class ArchivedTests(PageTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.make_approved(self.recommendation, public_text=STATUS)
        self.make_recommendation("Do another thing")
        self.publish()

    def current(self) -> Recommendation:
        return Recommendation.objects.get(reference="REP-1")

    def publish(self) -> None:
        recommendations.publish_recommendation(recommendation=self.current(), by=self.manager)

    def archive(self, reason: str = "duplicate") -> None:
        recommendations.archive(
            recommendation=self.current(), by=self.manager, reason=reason, note=NOTE
        )

    def test_its_address_answers_with_the_day_and_the_coded_reason_alone(self) -> None:
        self.assert_words(self.read(PAGE), STATUS, "In progress", but_not=["Archived"])
        self.archive()
        for person in (None, self.stranger):
            with self.subTest(person=person):
                self.assert_words(
                    self.read(PAGE, person),
                    *("REP-1", "Do the thing", "Do the thing, in our words."),
                    f"Archived on {day(days_ago(0))}: Duplicate of another recommendation.",
                    "Tracking has ended, so no status is shown.",
                    but_not=[NOTE, "Twice", "Manager", STATUS, "In progress", "Last update"],
                )
        self.assert_words(self.read(f"{PAGE}print/", self.viewer), NOTE, "by Manager", STATUS)
        self.assertContains(self.get(PAGE), 'href="/recommendations/"')
        recommendations.restore(recommendation=self.current(), by=self.manager, reason="Wrong one.")
        self.assert_words(self.read(PAGE), STATUS)

    def test_its_responses_beside_the_status_are_for_people_inside(self) -> None:
        pages = (f"{PAGE}responses/", f"{PAGE}responses/export/")
        for archived, public in ((False, 200), (True, 410)):
            if archived:
                self.archive()
            for page in pages:
                with self.subTest(page=page, archived=archived):
                    self.assertEqual(self.get(page).status_code, public)
                    self.assertEqual(self.get(page, self.stranger).status_code, public)
                    self.assertEqual(self.get(page, self.viewer).status_code, 200)

    def test_what_a_feed_or_a_citation_led_to_is_gone_and_says_why(self) -> None:
        [entry] = re.findall(r'<link href="https?://[^/]+([^"]+/cited/[^"]+)"', self.feed())[:1]
        self.assertEqual(self.get(entry).status_code, 200)
        self.archive()
        for path in (entry, f"{PAGE}wording/", f"{PAGE}updates.atom", f"{PAGE}history/look-back/"):
            with self.subTest(path):
                self.assertContains(self.get(path), "archived", status_code=410)

    def feed(self) -> str:
        return self.get(f"{PAGE}updates.atom").content.decode()

    def test_the_public_finds_it_in_no_list_count_or_export(self) -> None:
        asked: tuple[tuple[str, dict[str, Any]], ...] = (
            ("/", {}),
            ("/recommendations/", {}),
            ("/recommendations/", {"archived": "with"}),
            ("/recommendations/", {"text": "thing"}),
            ("/recommendations/export/", {}),
            ("/recommendations/export/", {"archived": "with", "format": "json"}),
        )
        before = [b"Do the thing" in self.body(path, query) for path, query in asked]
        self.archive()
        after = [b"Do the thing" in self.body(path, query) for path, query in asked]
        self.assertIn(True, before)
        self.assertEqual(after, [False] * len(asked))

    def body(self, path: str, query: dict[str, Any]) -> bytes:
        response = self.get(path, **query)
        self.assertEqual(response.status_code, 200)
        return b"".join(response) if response.streaming else response.content

    def test_what_was_never_published_stays_unknown(self) -> None:
        other = Recommendation.objects.get(reference="REP-2")
        recommendations.archive(recommendation=other, by=self.manager, reason="closed")
        for reference in ("REP-2", "REP-9"):
            self.assertEqual(self.get(f"/recommendations/{reference}/").status_code, 404)
        with self.subTest("nor what is unpublished after it was archived"):
            self.archive()
            recommendations.unpublish_recommendation(
                recommendation=self.current(), by=self.manager, reason="A mistake."
            )
            self.assertEqual(self.get(PAGE).status_code, 404)

    def test_published_once_archived_the_preview_is_what_the_public_reads(self) -> None:
        recommendations.unpublish_recommendation(
            recommendation=self.current(), by=self.manager, reason="A mistake."
        )
        self.archive(reason="other")
        preview = self.read(f"{PAGE}publish/", self.manager)
        said = f"Archived on {day(days_ago(0))}: Other."
        self.assert_words(preview, said)
        self.assert_no_words(preview, STATUS)
        self.publish()
        self.assert_words(self.read(PAGE), said)
