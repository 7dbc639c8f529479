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
from recommendations.exports.briefings import typesetting
from recommendations.exports.briefings.typesetting import BriefingTimeoutError
from recommendations.models import Recommendation, User
from tests import shown_words
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
RECORD = "/recommendations/REP-1/print/briefing/"
SOURCE = "/sources/report/briefing/"
LIST = "/recommendations/briefing/"
ALL = (ONE, RECORD, SOURCE, LIST)


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
        inside = self.text(RECORD, self.manager)
        self.assert_words(inside, "Costs fall.")
        self.assert_no_words(self.text(ONE, self.manager), "Costs fall.")
        self.assert_no_words(inside, "For us alone")  # notes stay in the office
        actions.archive(recommendation=self.recommendation, by=self.manager, reason="closed")
        self.assert_words(self.text(ONE), "Archived on", but_not=["In progress"])
        self.assert_words(self.text(ONE, self.manager), "In progress")


class ContentTests(BriefingTestCase):
    def test_it_says_whose_it_is_of_which_day_for_whom_and_where_it_is_cited(self) -> None:
        """`tests/briefings` compares its words with those of its page."""
        made = self.made(ONE, self.viewer)
        cited = r"http://testserver/recommendations/REP-1/cited/[\d-]+/\d+-[0-9a-f]{12}/"
        self.assertRegex(made["address"], cited)
        self.assert_words(made["day"], "Current on")
        told = [made[name] for name in ("reference", "audience", "demonstration", "pages")]
        self.assertEqual(told, ["REP-1", "Internal", "", "Page {page} of {pages}"])
        self.staff.is_demonstration = True
        self.staff.save()
        self.make_approved(self.recommendation)
        for path in ALL:
            self.assertIn("fictional", self.made(path, self.viewer)["demonstration"], path)

    def test_a_code_in_a_briefing_is_found_as_one_on_a_page(self) -> None:
        with patch("recommendations.views.briefings.day_text", lambda _day: "not_rated"):
            self.made(LIST, self.viewer)
        [found] = shown_words.found()
        self.assertTrue(found.startswith("briefing: not_rated in "), found)


class ListTests(BriefingTestCase):
    def test_filter_and_order_of_the_page_hold_and_are_told(self) -> None:
        self.make_recommendation("Another")
        made = self.made(LIST, self.viewer, text="anoth", sort="-title", page="1")
        text = " | ".join(texts_in(made))
        self.assert_words(text, "REP-2 Another", "1 recommendation", "anoth", but_not=["REP-1"])
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

    def test_one_that_takes_too_long_or_comes_when_too_many_are_made_says_so(self) -> None:
        with patch(TYPESET, side_effect=BriefingTimeoutError):
            self.assertIn("took too long", self.read(LIST, self.viewer, status=503))
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
            others.close()
            self.assertEqual(self.get(ONE, self.viewer).status_code, 200)
