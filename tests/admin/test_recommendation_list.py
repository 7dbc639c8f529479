"""The list of recommendations: what it shows of kept states, and by what it is narrowed."""

import re
from datetime import date
from typing import Any

from django.utils.http import urlencode

from recommendations.actions import dates
from recommendations.actions import recommendations as actions
from recommendations.models import Recommendation, User
from tests.admin.base import AdminTestCase, Window, address
from tests.base import days_ago, make_person

PAGE = address(Recommendation, "changelist")


class RecommendationListTestCase(AdminTestCase):
    def read(self, code: int = 200, window: Window | None = None, **asked: Any) -> Any:
        page = (window or self.window).client.get(PAGE, asked, follow=True)
        self.assertEqual(page.status_code, code)
        return page

    def found(self, **asked: Any) -> list[str]:
        return [row.reference for row in self.read(**asked).context["cl"].result_list]

    def row(self, reference: str, **asked: Any) -> str:
        """The words of one row."""
        html = self.read(**asked).content.decode()
        [row] = [row for row in html.split("<tr>") if f">{reference}</td>" in row]
        return " ".join(re.sub(r"<[^>]*>", " ", row).split())


class RowTests(RecommendationListTestCase):
    def test_what_a_row_shows(self) -> None:
        self.make_approved(self.recommendation, confidence="red", asked_for="A decision.")
        self.make_submitted(self.recommendation)
        dates.set_first(
            recommendation=self.recommendation,
            by=self.manager,
            new_date=days_ago(1),
            reason="As in the plan.",
        )
        self.assertIn("Off track", self.row("REP-1"))
        row = self.row("REP-1")
        for words in ("Do the thing", "Report", "In progress", "Overdue", "Ministry A", "1 No"):
            with self.subTest(words):
                self.assertIn(words, row)

    def test_missing_is_told_as_missing(self) -> None:
        other = self.make_recommendation("Nobody's", lead=None)
        row = self.row(other.reference)
        for words in ("No report yet", "No target date", "No lead", "0 No"):
            with self.subTest(words):
                self.assertIn(words, row)

    def test_archived_ones_are_among_them_and_marked(self) -> None:
        actions.archive(recommendation=self.recommendation, by=self.manager, reason="duplicate")
        self.assertIn("Archived", self.row("REP-1"))
        self.assertEqual(self.found(published="archived"), ["REP-1"])
        self.assertEqual(self.found(status="open"), [])

    def test_a_form_leads_back_to_the_list_as_it_was(self) -> None:
        page = self.read(q="thing", status="open")
        kept = urlencode({"_changelist_filters": "q=thing&status=open"})
        pk = self.recommendation.pk
        self.assertContains(page, f'href="{PAGE}{pk}/change/?{kept}"'.replace("&", "&amp;"))

    def test_a_window_that_chooses_one_hands_over_its_number(self) -> None:
        page = self.read(_popup=1, q="thing")
        self.assertContains(page, f'data-popup-opener="{self.recommendation.pk}"')
        self.assertContains(page, '<input type="hidden" name="_popup" value="1">')


class FilterTests(RecommendationListTestCase):
    def test_by_each_of_them(self) -> None:
        other = self.make_recommendation(
            "Build the bridge", lead=self.agency, lead_officer=self.other_staff, priority="high"
        )
        self.make_approved(
            other,
            by=self.manager,
            decided_by=self.other_manager,
            confidence="red",
            asked_for="A decision.",
        )
        self.make_submitted(self.recommendation)
        actions.publish_recommendation(recommendation=other, by=self.manager)
        mine, theirs = ["REP-1"], [other.reference]
        for asked, expected in [
            ({"status": "none"}, mine),
            ({"status": "in_progress"}, theirs),
            ({"status": "open"}, [*mine, *theirs]),
            ({"confidence": "red"}, theirs),
            ({"confidence": "not_rated"}, mine),
            ({"lead": self.agency.pk}, theirs),
            ({"officer": self.other_staff.pk}, theirs),
            ({"priority": "high"}, theirs),
            ({"priority": "not_set"}, mine),
            ({"waiting": "yes"}, mine),
            ({"waiting": "no"}, theirs),
            ({"published": "yes"}, theirs),
            ({"published": "no"}, mine),
            ({"flag": "no_date"}, [*mine, *theirs]),
            ({"flag": "no_lead"}, []),
            ({"source": self.source.slug}, [*mine, *theirs]),
        ]:
            with self.subTest(asked):
                self.assertEqual(self.found(**asked), expected)

    def test_words_are_looked_for_in_texts_and_in_the_name_of_the_officer(self) -> None:
        officer = make_person("quill", "Policy staff", self.ministry)
        User.objects.filter(pk=officer.pk).update(first_name="Perpetua", last_name="Quill")
        data = self.window.open(Recommendation, self.recommendation.pk)
        sent = {"quoted_text": "Bridges are to be mended.", "lead_officer": officer.pk}
        self.assert_saved(self.window.send(Recommendation, self.recommendation.pk, data, **sent))
        self.make_recommendation("Other", lead=None, lead_officer=None)
        for words in ("rep-1", "thing", "bridges mended", "ministry a", "perpetua quill", "Quill"):
            with self.subTest(words):
                self.assertEqual(self.found(q=words), ["REP-1"])
        self.assertEqual(self.found(q="perpetua thing"), [])

    def test_by_year_and_month_of_the_target_date(self) -> None:
        for title, day in (("One", date(2027, 2, 28)), ("Two", date(2027, 3, 1))):
            made = self.make_recommendation(title)
            dates.set_first(recommendation=made, by=self.manager, new_date=day, reason="Plan.")
        self.assertEqual(self.found(due="2027"), ["REP-2", "REP-3"])
        self.assertEqual(self.found(due="2027-02"), ["REP-2"])
        self.assertEqual(self.found(due="2026"), [])
        self.assertContains(self.read(), '<a href="?due=2027"')
        self.assertContains(self.read(due="2027"), '<a href="?due=2027-03"')
        self.assertEqual(self.found(o="-6")[:2], ["REP-3", "REP-2"])

    def test_what_no_filter_understands_is_told_and_finds_nothing(self) -> None:
        for asked in ({"status": "x"}, {"due": "2027-13"}, {"due": "soon"}, {"lead": "x"}):
            with self.subTest(asked):
                page = self.read(400, **asked)
                self.assertContains(page, "one of the filters is invalid", status_code=400)
                self.assertNotContains(page, "REP-1", status_code=400)


class ReaderTests(RecommendationListTestCase):
    def test_who_looks_only_is_offered_no_action(self) -> None:
        User.objects.filter(pk=self.auditor.pk).update(is_staff=True)
        page = self.read(window=Window(self.auditor))
        self.assertContains(page, "Do the thing")
        self.assertNotContains(page, "_selected_action")
        self.assertNotContains(page, "Add recommendation")
