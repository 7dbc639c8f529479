"""Briefings: the rows of a page as a PDF, for whom the page is."""

import contextlib
import json
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pikepdf
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.test import override_settings
from django.utils import timezone

from recommendations.actions import recommendations as actions
from recommendations.exports.briefings import turns, typesetting
from recommendations.exports.briefings.typesetting import BriefingTimeoutError
from recommendations.models import Recommendation, Source, User
from recommendations.queries.recommendations.by_lead import LeadCounts
from recommendations.queries.recommendations.portfolio import portfolio_of
from tests import shown_words
from tests.base import days_ago
from tests.briefings.documents import (
    ARABIC,
    CHINESE,
    TYPESET,
    fonts_of,
    languages_of,
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
        return " | ".join(texts_in(self.made(path, person, **query)))


class ReaderTests(BriefingTestCase):
    def test_people_inside_get_a_pdf_of_each(self) -> None:
        for path in ALL:
            with self.subTest(path=path):
                response = self.get(path, self.viewer)
                self.assertEqual(response.status_code, 200)
                self.assertEqual(response["Content-Type"], "application/pdf")
                self.assertRegex(response["Content-Disposition"], r'attachment; filename=".*\.pdf"')
                pdf = pdf_of(response.content)
                self.assertTrue(pdf.Root.MarkInfo.Marked)

    def test_nobody_gets_one_without_public_pages_or_a_role(self) -> None:
        for path in ALL:
            self.assertEqual(self.get(path).status_code, 302, path)
            self.assertEqual(self.get(path, self.stranger).status_code, 403, path)
            self.assertEqual(self.post(path, self.manager).status_code, 405, path)

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_gets_what_is_published(self) -> None:
        for path in (ONE, SOURCE):
            self.assertEqual(self.get(path).status_code, 404, path)
        self.assertNotIn("REP-1", self.text(LIST))
        actions.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        for path in ALL:
            text = self.text(path)
            self.assertIn("REP-1", text)
            for internal in ("Internal", "Lead organisation", str(self.ministry), "History"):
                self.assertNotIn(internal, text, path)

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_is_told_that_one_is_archived_and_no_status(self) -> None:
        self.make_approved(self.recommendation)
        actions.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        actions.archive(recommendation=self.recommendation, by=self.manager, reason="closed")
        text = self.text(ONE)
        self.assertIn("Archived on", text)
        self.assertNotIn("In progress", text)
        self.assertIn("In progress", self.text(ONE, self.manager))

    def test_what_there_is_not_is_not_found(self) -> None:
        for path in ("/recommendations/NO-1/briefing/", "/sources/none/briefing/"):
            self.assertEqual(self.get(path, self.manager).status_code, 404)

    @override_settings(PUBLIC_PAGES=True)
    def test_a_browser_that_holds_it_is_told_that_it_is_unchanged(self) -> None:
        actions.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        with untypeset_briefings():
            held = {"if-none-match": self.get(ONE)["ETag"]}
            self.assertEqual(self.client_for(None).get(ONE, headers=held).status_code, 304)
            self.make_approved(self.recommendation)
            self.assertEqual(self.client_for(None).get(ONE, headers=held).status_code, 200)


class ContentTests(BriefingTestCase):
    def test_each_page_has_reference_address_and_day(self) -> None:
        made = self.made(ONE, self.viewer)
        self.assertEqual(made["reference"], "REP-1")
        cited = r"http://testserver/recommendations/REP-1/cited/[\d-]+/\d+-[0-9a-f]{12}/"
        self.assertRegex(made["address"], cited)
        self.assertIn("Current on", made["day"])
        self.assertEqual(made["audience"], "Internal")
        self.assertEqual(made["demonstration"], "")
        self.assertEqual(made["pages"], "Page {page} of {pages}")

    def test_a_recommendation_with_its_update(self) -> None:
        self.make_approved(
            self.recommendation, what_happened="The #first step.", asked_for="Lend equipment"
        )
        text = self.text(ONE, self.viewer)
        for words in ("In progress", "The #first step.", "Lend equipment", str(self.ministry)):
            self.assertIn(words, text)
        callout = [b for b in self.made(ONE, self.viewer)["blocks"] if b["kind"] == "Callout"]
        self.assertEqual(callout[0]["paragraphs"], ["Lend equipment"])
        self.assertEqual(text.count("Lend equipment"), 1)

    @override_settings(PUBLIC_PAGES=True)
    def test_the_rationale_is_for_people_inside(self) -> None:
        Recommendation.objects.update(rationale="Costs fall.")
        self.assertIn("Costs fall.", self.text(ONE, self.viewer))
        actions.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        self.assertNotIn("Costs fall.", self.text(ONE))

    def test_a_row_is_marked_where_not_all_are_demonstration_data(self) -> None:
        self.staff.is_demonstration = True
        self.staff.save()
        self.make_approved(self.recommendation)
        self.assertNotIn("Demonstration |", self.text(LIST, self.viewer))
        self.make_recommendation("Another")
        self.assertIn("Demonstration |", self.text(LIST, self.viewer))

    def test_the_internal_note_of_an_update_stays_in_the_office(self) -> None:
        self.make_approved(self.recommendation, internal_note="For us alone")
        self.assertNotIn("For us alone", self.text(ONE, self.manager))

    def test_a_code_in_a_briefing_is_found_as_one_on_a_page(self) -> None:
        with patch("recommendations.exports.briefings.wording.day_text", lambda _day: "not_rated"):
            self.made(LIST, self.viewer)
        [found] = shown_words.found()
        self.assertTrue(found.startswith("briefing: not_rated in "), found)

    def test_one_without_a_report_says_so(self) -> None:
        self.assertIn("No report yet", self.text(ONE, self.viewer))
        self.assertIn("No report yet", self.text(LIST, self.viewer))

    def test_demonstration_data_is_marked_on_each_page(self) -> None:
        self.staff.is_demonstration = True
        self.staff.save()
        self.make_approved(self.recommendation)
        for path in ALL:
            self.assertIn("fictional", self.made(path, self.viewer)["demonstration"], path)

    def test_a_source_by_lead_with_a_total(self) -> None:
        self.make_recommendation("Another", lead=self.agency)
        self.make_approved(self.recommendation, **OFF_TRACK)
        text = self.text(SOURCE, self.viewer)
        for words in ("By lead organisation", str(self.ministry), str(self.agency), "All"):
            self.assertIn(words, text)

    def test_an_empty_source_says_so(self) -> None:
        actions.archive(recommendation=self.recommendation, by=self.manager, reason="closed")
        self.assertIn("No recommendations yet", self.text(SOURCE, self.viewer))


class LeadTests(BriefingTestCase):
    def test_counts_of_each_lead(self) -> None:
        other = self.make_recommendation("Another", lead=self.agency)
        self.make_recommendation("Nobody's", lead=None)
        self.make_approved(self.recommendation, **OFF_TRACK)
        self.make_approved(other)
        today = days_ago(0)
        leads = dict(portfolio_of([self.source], self.viewer, today).leads())
        self.assertEqual(leads[self.ministry.pk], LeadCounts(1, 1, 0, 1, 0, 0))
        self.assertEqual(leads[self.agency.pk], LeadCounts(1, 1, 0, 0, 0, 0))
        self.assertEqual(leads[None], LeadCounts(1, 1, 0, 0, 1, 0))
        self.assertEqual(LeadCounts(3, 0, 0, 0, 0, 2).share, "67%")
        self.assertEqual(portfolio_of([self.source], AnonymousUser(), today).leads(), [])


class ListTests(BriefingTestCase):
    def test_filter_and_order_of_the_page_hold_and_are_told(self) -> None:
        self.make_recommendation("Another")
        made = self.made(LIST, self.viewer, text="anoth", sort="-title", page="1")
        text = " | ".join(texts_in(made))
        self.assertIn("REP-2 Another", text)
        self.assertNotIn("REP-1", text)
        self.assertIn("1 recommendation", text)
        self.assertIn("anoth", text)
        self.assertIn("text=anoth", made["address"])
        self.assertNotIn("page", made["address"])

    def test_what_is_asked_for_wrongly_is_refused(self) -> None:
        self.assertEqual(self.get(LIST, self.viewer, status="gone").status_code, 400)
        self.assertEqual(self.get(LIST, self.viewer, page="2").status_code, 404)

    def test_a_long_list_ends_and_says_where_all_is(self) -> None:
        for number in range(3):
            self.make_recommendation(f"Number {number}")
        with (
            patch("recommendations.views.briefings.MOST_ROWS", 2),
            patch("recommendations.exports.briefings.source.MOST_ROWS", 2),
        ):
            for path in (LIST, SOURCE):
                text = self.text(path, self.viewer)
                self.assertIn("2 recommendations more are not listed here", text)
                self.assertIn("The export of the list has all of them", text)
        with patch("recommendations.views.lists.MOST_COUNTED", 2):
            self.assertIn("More than 2 recommendations", self.text(LIST, self.manager))

    def test_the_pages_lead_there(self) -> None:
        for path, address in (
            ("/recommendations/REP-1/", ONE),
            ("/sources/report/", SOURCE),
            ("/recommendations/", LIST),
        ):
            self.assertContains(self.get(path, self.viewer), f'href="{address}"')
        page = self.get("/recommendations/", self.viewer, text="thing", page="1")
        self.assertContains(page, f'href="{LIST}?text=thing"')


class ScriptTests(BriefingTestCase):
    """What a PDF with texts in Arabic and in Chinese tells of itself, and to whom it is read."""

    def setUp(self) -> None:
        super().setUp()
        Recommendation.objects.update(title=CHINESE, summary=ARABIC, rationale=CHINESE)
        Source.objects.update(short_title=ARABIC)
        self.make_recommendation(ARABIC)
        self.make_approved(self.recommendation, what_happened=f"{CHINESE}\n{ARABIC}")

    def pdf(self, path: str) -> pikepdf.Pdf:
        return pdf_of(self.get(path, self.viewer).content)

    def test_each_is_tagged_and_has_a_language_and_a_title(self) -> None:
        for path, title in (
            (ONE, f"REP-1 {CHINESE}"),
            (SOURCE, ARABIC),
            (LIST, "Recommendations"),
        ):
            with self.subTest(path=path):
                pdf = self.pdf(path)
                self.assertEqual(str(pdf.docinfo["/Title"]), title)
                self.assertTrue(pdf.Root.ViewerPreferences.DisplayDocTitle)
                self.assertEqual(str(pdf.Root.Lang), "en")
                self.assertTrue(pdf.Root.MarkInfo.Marked)
                tags = tags_of(pdf)
                self.assertEqual(tags.count("/H1"), 1)
                self.assertLessEqual({"/P", "/Table", "/TH", "/TD"}, set(tags))
                self.assertLessEqual({"ar", "zh"}, languages_of(pdf))

    def test_every_letter_has_a_font_that_is_in_the_file_and_can_be_copied(self) -> None:
        for path in ALL:
            with self.subTest(path=path):
                pdf = self.pdf(path)
                fonts = fonts_of(pdf)
                for part in ("NotoSans-", "NotoSansArabic", "SC"):
                    self.assertTrue(any(part in str(font.BaseFont) for font in fonts), part)
                for font in fonts:
                    self.assertIn("/ToUnicode", font)
                    [inner] = font.DescendantFonts
                    self.assertTrue({"/FontFile2", "/FontFile3"} & set(inner.FontDescriptor))


class UnavailableTests(BriefingTestCase):
    def test_without_the_extra_the_page_says_what_to_do(self) -> None:
        with patch("recommendations.views.pdf.is_installed", return_value=False):
            for path in ALL:
                text = self.read(path, self.viewer, status=501)
                self.assertIn("not installed", text)
                self.assertNotIn("requirements/pdf.txt", text)
            text = self.read(ONE, self.administrator, status=501)
            self.assertIn("requirements/pdf.txt", text)

    def test_without_the_extra_no_page_leads_to_a_pdf(self) -> None:
        self.make_approved(self.recommendation)
        day = timezone.localdate() - timedelta(days=1)
        past = {"as_of": day.isoformat(), "known": timezone.localdate().isoformat()}
        pages: tuple[tuple[str, dict[str, str]], ...] = (
            *((path.removesuffix("briefing/"), {}) for path in ALL),
            *((path.removesuffix("briefing/"), past) for path in ALL),
            (f"{ONE.removesuffix('briefing/')}changes/", {"since": day.isoformat()}),
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
            for _one in range(turns.AT_ONCE):
                others.enter_context(turns.turn())
            with patch.object(turns, "MOST_SECONDS", 0.01):
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
