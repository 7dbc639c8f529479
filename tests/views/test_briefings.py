"""Briefings: the rows of a page as a PDF, for whom the page is."""

import contextlib
import json
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.core.cache import cache
from django.test import override_settings
from django.utils import timezone

from recommendations.actions import recommendations as actions
from recommendations.actions import structure
from recommendations.exports.briefings import typesetting
from recommendations.exports.briefings.typesetting import BriefingTimeoutError
from recommendations.models import Recommendation, User
from tests import shown_words
from tests.actions.test_parts import PartTestCase
from tests.briefings.documents import (
    TYPESET,
    UNSEEN,
    pdf_of,
    tags_of,
    texts_in,
    untypeset_briefings,
)
from tests.views.pages import PageTestCase, words_of

ONE = "/recommendations/REP-1/briefing/"
SOURCE = "/sources/report/briefing/"
LIST = "/recommendations/briefing/"
OFF_TRACK = {
    "confidence": "red",
    "issue": "No equipment.",
    "response_action": "Borrow some.",
    "response_owner": "Ministry A",
    "asked_for": "Equipment.",
}
ALL = (ONE, SOURCE, LIST)


class BriefingTestCase(PageTestCase):
    def made(self, path: str, person: User | None = None, **query: Any) -> dict[str, Any]:
        """What the briefing is made of."""
        with untypeset_briefings():
            response = self.get(path, person, **query)
        self.assertEqual(response.status_code, 200, path)
        made: dict[str, Any] = json.loads(response.content)
        return made

    def text(self, path: str, person: User | None = None, **query: Any) -> str:
        """All of its texts, one after the other."""
        return " | ".join(texts_in(self.made(path, person, **query), UNSEEN - {"address"}))


class ReaderTests(BriefingTestCase):
    def test_people_inside_get_a_tagged_pdf_of_each(self) -> None:
        self.make_approved(self.recommendation)
        for path, title in ((ONE, "REP-1 Do the thing"), (SOURCE, "Report"), (LIST, "Recomm")):
            with self.subTest(path=path):
                self.assertEqual(self.post(path, self.manager).status_code, 405)
                response = self.get(path, self.viewer)
                self.assertEqual(response["Content-Type"], "application/pdf")
                self.assertRegex(response["Content-Disposition"], r'attachment; filename=".*\.pdf"')
                pdf = pdf_of(response.content)
                self.assertTrue(str(pdf.docinfo["/Title"]).startswith(title))
                self.assertTrue(pdf.Root.MarkInfo.Marked)
                self.assertEqual(str(pdf.Root.Lang), "en")
                table = set() if path == ONE else {"/Table", "/TH", "/TD"}
                self.assertLessEqual({"/H1", "/P"} | table, set(tags_of(pdf)))
        for path in ("/recommendations/NO-1/briefing/", "/sources/none/briefing/"):
            self.assertEqual(self.get(path, self.manager).status_code, 404)

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_gets_what_is_published_and_of_what_is_archived_no_status(self) -> None:
        self.make_approved(self.recommendation, internal_note="For us alone")
        Recommendation.objects.update(rationale="Costs fall.")
        for path in (ONE, SOURCE):
            self.assertEqual(self.get(path).status_code, 404, path)
        self.assertNotIn("REP-1", self.text(LIST))
        actions.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        internal = ("Internal", "Lead officer", "History", "Costs fall.")
        for path in ALL:
            self.assert_words(self.text(path), "REP-1", but_not=[*internal])
        inside = self.text(ONE, self.manager)
        self.assert_words(inside, "Costs fall.")
        self.assert_no_words(inside, "For us alone")  # notes stay in the office
        actions.archive(recommendation=self.recommendation, by=self.manager, reason="closed")
        self.assert_words(self.text(ONE), "Archived on", but_not=["In progress"])
        self.assert_words(self.text(ONE, self.manager), "In progress")

    @override_settings(PUBLIC_PAGES=True)
    def test_a_browser_that_holds_it_is_told_that_it_is_unchanged(self) -> None:
        actions.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        with untypeset_briefings():
            held = {"if-none-match": self.get(ONE)["ETag"]}
            self.assertEqual(self.client_for(None).get(ONE, headers=held).status_code, 304)
            self.make_approved(self.recommendation)
            self.assertEqual(self.client_for(None).get(ONE, headers=held).status_code, 200)


class ContentTests(BriefingTestCase):
    def test_a_recommendation_with_its_update(self) -> None:
        made = self.made(ONE, self.viewer)
        cited = r"http://testserver/recommendations/REP-1/cited/[\d-]+/\d+-[0-9a-f]{12}/"
        self.assertRegex(made["address"], cited)
        self.assert_words(made["day"], "Current on")
        told = [made[name] for name in ("reference", "audience", "demonstration", "pages")]
        self.assertEqual(told, ["REP-1", "Internal", "", "Page {page} of {pages}"])
        for path in (ONE, LIST):
            self.assert_words(self.text(path, self.viewer), "No report yet")
        self.make_approved(
            self.recommendation, what_happened="The #first step.", asked_for="Lend equipment"
        )
        text = self.text(ONE, self.viewer)
        self.assert_words(text, "In progress", "The #first step.", str(self.ministry))
        [note] = [b for b in self.made(ONE, self.viewer)["blocks"] if b["kind"] == "Note"]
        self.assertEqual(
            list(texts_in(note["lines"])), ["Decision or support needed: Lend equipment"]
        )

    def test_demonstration_data_is_marked(self) -> None:
        """On each page, and in each row."""
        self.staff.is_demonstration = True
        self.staff.save()
        self.make_approved(self.recommendation)
        for path in ALL:
            self.assertIn("fictional", self.made(path, self.viewer)["demonstration"], path)
        self.make_recommendation("Another", lead_officer=self.manager)
        self.assertEqual(self.text(LIST, self.viewer).count("Demonstration |"), 1)

    def test_a_code_in_a_briefing_is_found_as_one_on_a_page(self) -> None:
        with patch("recommendations.views.briefings.day_text", lambda _day: "not_rated"):
            self.made(LIST, self.viewer)
        [found] = shown_words.found()
        self.assertTrue(found.startswith("briefing: not_rated in "), found)

    def test_a_source_by_lead_with_a_total_and_an_empty_one(self) -> None:
        self.make_approved(self.recommendation, **OFF_TRACK)
        other = self.make_recommendation("Another", lead=self.agency)
        bodies = (str(self.ministry), str(self.agency))
        self.assert_words(self.text(SOURCE, self.viewer), "By lead organisation", *bodies, "All 2")
        for each in (self.recommendation, other):
            found = Recommendation.objects.get(pk=each.pk)
            actions.archive(recommendation=found, by=self.manager, reason="closed")
        self.assert_words(self.text(SOURCE, self.viewer), "No recommendations yet")


class ListTests(BriefingTestCase):
    def test_filter_and_order_of_the_page_hold_and_are_told(self) -> None:
        self.make_recommendation("Another")
        made = self.made(LIST, self.viewer, text="anoth", sort="-title", page="1")
        text = " | ".join(texts_in(made))
        self.assert_words(text, "REP-2 Another", "1 result", "anoth", but_not=["REP-1"])
        self.assert_words(made["address"], "text=anoth", but_not=["page"])
        for query, status in (({"status": "gone"}, 400), ({"page": "2"}, 404)):
            self.assertEqual(self.get(LIST, self.viewer, **query).status_code, status)

    def test_a_long_list_ends_and_says_where_all_is(self) -> None:
        for number in range(3):
            self.make_recommendation(f"Number {number}")
        with patch("recommendations.views.briefings.MOST_ROWS", 2):
            for path in (LIST, SOURCE):
                text = self.text(path, self.viewer)
                self.assertIn("2 more recommendations are not listed", text)
                self.assertIn("Export the list to see all", text)
        with patch("recommendations.views.lists.MOST_COUNTED", 2):
            self.assertIn("More than 2 results", self.text(LIST, self.manager))

    def test_the_pages_lead_there(self) -> None:
        for path, address in (
            ("/recommendations/REP-1/", ONE),
            ("/sources/report/", SOURCE),
            ("/recommendations/", LIST),
        ):
            self.assertContains(self.get(path, self.viewer), f'href="{address}"')
        page = self.get("/recommendations/", self.viewer, text="thing", page="1")
        self.assertContains(page, f'href="{LIST}?text=thing"')


class UnavailableTests(BriefingTestCase):
    def test_without_the_extra_the_page_says_what_to_do(self) -> None:
        with patch("recommendations.views.briefings.is_installed", return_value=False):
            for path in ALL:
                text = self.read(path, self.viewer, status=501)
                self.assert_words(text, "not installed")
                self.assert_no_words(text, "requirements/pdf.txt")
            text = self.read(ONE, self.administrator, status=501)
            self.assert_words(text, "requirements/pdf.txt")

    def test_without_the_extra_no_page_leads_to_a_pdf(self) -> None:
        self.make_approved(self.recommendation)
        day = timezone.localdate() - timedelta(days=1)
        past = {"as_of": day.isoformat(), "known": timezone.localdate().isoformat()}
        pages: tuple[tuple[str, dict[str, str]], ...] = (
            *((path.removesuffix("briefing/"), {}) for path in ALL),
            *((path.removesuffix("briefing/"), past) for path in ALL),
            (f"{ONE.removesuffix('briefing/')}history/changes/", {"since": day.isoformat()}),
            ("/exceptions/", {}),
        )
        for is_there in (False, True):
            with patch.object(typesetting, "find_spec", return_value=is_there or None):
                for path, query in pages:
                    with self.subTest(path, is_there=is_there, **query):
                        page = self.get(path, self.manager, **query).content.decode()
                        self.assertEqual("(PDF)<" in page, is_there)
            cache.clear()

    def test_one_that_takes_too_long_says_so(self) -> None:
        with patch(TYPESET, side_effect=BriefingTimeoutError):
            response = self.get(LIST, self.viewer)
        self.assertEqual(response.status_code, 503)
        self.assertIn("took too long", words_of(response))

    def test_where_too_many_are_being_made_it_says_so_and_when_to_try_again(self) -> None:
        with contextlib.ExitStack() as others, untypeset_briefings():
            for _one in range(typesetting.AT_ONCE):
                others.enter_context(typesetting.turn())
            with patch.object(typesetting, "MOST_SECONDS_OF_WAITING", 0.01):
                answer = self.get(ONE, self.viewer)
            self.assertEqual((answer.status_code, answer["Retry-After"]), (503, "10"))
            self.assertIn("no-store", answer["Cache-Control"])
            self.assert_words(
                words_of(answer),
                "Too many briefings are being created Wait a few seconds, then try again.",
            )
            self.assertEqual(self.get("/healthz").status_code, 200)
            others.close()
            self.assertEqual(self.get(ONE, self.viewer).status_code, 200)


class StrandsTests(BriefingTestCase, PartTestCase):
    def add_theme(self, name: str) -> None:
        theme = structure.add_theme(by=self.manager, values={"name": name})
        self.recommendation.refresh_from_db()
        self.recommendation = actions.revise_recommendation(
            recommendation=self.recommendation,
            by=self.manager,
            expected_version=self.recommendation.version,
            values={"themes": [*self.recommendation.themes.all(), theme]},
        )

    def below(self, path: str, heading: str, kind: str) -> Any:
        """The first block of a kind below a heading."""
        blocks = self.made(path, self.viewer)["blocks"]
        at = next(
            place
            for place, block in enumerate(blocks)
            if block["kind"] == "Heading" and " ".join(texts_in(block["line"])).startswith(heading)
        )
        return next(block for block in blocks[at:] if block["kind"] == kind)

    def test_each_part_with_its_state(self) -> None:
        self.approve(self.submitted(0, 2))
        self.assertIn("2 of 4 parts complete", self.text(ONE, self.viewer))
        points = [list(texts_in(point)) for point in self.below(ONE, "Parts", "Points")["points"]]
        self.assertEqual([point[0] for point in points], [f"({x}) Strand {x}." for x in "abcd"])
        is_complete = [point[1].startswith("Complete as of") for point in points]
        self.assertEqual(is_complete, [True, False, True, False])
        self.assertEqual(points[1][1], "Not complete")

    def relate(self, kind: str) -> None:
        other = self.make_recommendation("Lay the cable")
        values = {"recommendation": self.recommendation, "other": other, "kind": kind}
        structure.add_relation(by=self.manager, values=values)

    def test_themes_and_relations_with_what_blocks(self) -> None:
        self.add_theme("Standards")
        self.relate("depends_on")
        text = self.text(ONE, self.viewer)
        self.assertIn("Themes | Standards", text)
        self.assertIn("Depends on REP-2 Lay the cable | No report yet", text)
        actions.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        with override_settings(PUBLIC_PAGES=True):
            text = self.text(ONE)
        self.assert_words(text, "0 of 4 parts complete")
        self.assert_no_words(text, "Standards", "Lay the cable", "Relations")
        other = self.recommendation.relations.live().get().other
        actions.archive(recommendation=other, by=self.manager, reason="duplicate")
        text = self.text(ONE, self.viewer)
        self.assertIn("REP-2 is closed without being implemented (Archived:", text)

    def test_a_source_counts_by_theme(self) -> None:
        self.assertNotIn("By theme", self.text(SOURCE, self.viewer))
        for name in "ABCDEFG":
            self.add_theme(f"Theme {name}")
        rows = self.below(SOURCE, "By theme", "Table")["rows"]
        self.assertEqual([next(texts_in(row)) for row in rows], [f"Theme {x}" for x in "ABCD"])
