"""Rows set back to an earlier moment, by what events changed since."""

from datetime import datetime, timedelta
from typing import Any

from recommendations.actions.updates import drafts
from recommendations.audit.rewind import Past
from recommendations.models import Recommendation, Source
from tests.base import LONG_AGO, TrackerTestCase, days_ago
from tests.edits import edit, redact
from tests.updates import begin_draft, save_draft


def on(day: int) -> datetime:
    return LONG_AGO + timedelta(days=day)


class RewindTests(TrackerTestCase):
    def revise(self, day: int, **values: Any) -> None:
        self.recommendation = edit(self.recommendation, self.manager, at=on(day), **values)

    def at(self, day: int) -> Recommendation:
        [found] = Past(on(day)).back([Recommendation.objects.get(pk=self.recommendation.pk)])
        return found

    def test_a_field_holds_what_the_earliest_later_change_found_there(self) -> None:
        """Today's row stays as it is; one that was not there yet is left out."""
        self.revise(10, title="Do it soon")
        self.revise(20, title="Do it now")
        titles = {day: self.at(day).title for day in (9, 10, 19, 20, 30)}
        first, soon, now = "Do the thing", "Do it soon", "Do it now"
        self.assertEqual(titles, {9: first, 10: soon, 19: soon, 20: now, 30: now})
        row = Recommendation.objects.get(pk=self.recommendation.pk)
        self.assertEqual(Past(on(-1)).back([row]), [])
        self.assertEqual(Past(on(1)).back([row]), [row])
        self.assertEqual(row.title, now)

    def test_so_do_days_numbers_and_rows_that_it_points_to(self) -> None:
        self.revise(10, lead=self.agency, review_on=days_ago(0), interval_months=3)
        self.revise(20, lead=None, review_on=None, interval_months=12)
        before, between, after = (self.at(day) for day in (5, 15, 25))
        self.assertEqual(
            [before.lead, between.lead, after.lead], [self.ministry, self.agency, None]
        )
        self.assertEqual(
            [before.review_on, between.review_on, after.review_on], [None, days_ago(0), None]
        )
        self.assertEqual([row.interval_months for row in (before, between, after)], [6, 3, 12])

    def test_links_are_set_back_where_they_changed(self) -> None:
        self.revise(10, contributors=[self.agency])
        for day, expected in ((5, []), (15, [self.agency.pk])):
            past = Past(on(day))
            past.learn([self.recommendation])
            found = past.links(self.recommendation, "contributors", [self.agency.pk])
            self.assertEqual(found, expected)

    def test_a_draft_is_what_it_was_before_it_was_saved_and_withdrawn(self) -> None:
        draft = begin_draft(recommendation=self.recommendation, by=self.staff, at=on(10))
        values = {"implementation_status": "in_progress", "what_happened": "A meeting."}
        draft = save_draft(update=draft, by=self.staff, values=values, at=on(20))
        draft = drafts.withdraw_update(
            update=draft, by=self.staff, expected_version=draft.version, at=on(30)
        )
        found = [Past(on(day)).back([draft])[0] for day in (15, 25, 35)]
        self.assertEqual([row.state for row in found], ["draft", "draft", "withdrawn"])
        self.assertEqual([row.what_happened for row in found], ["", "A meeting.", "A meeting."])

    def test_what_was_redacted_since_stays_redacted(self) -> None:
        self.revise(10, title="Ask Xanthippe")
        self.revise(20, title="Ask Xanthippe again")
        redact("Xanthippe", self.administrator, at=on(30))
        titles = [self.at(day).title for day in (5, 15, 25)]
        self.assertEqual(titles[0], "Do the thing")
        for title in titles[1:]:
            self.assertTrue(title.startswith("Ask [redacted"), title)

    def test_any_number_of_rows_of_any_kind_is_asked_for_at_once_and_nothing_of_none(self) -> None:
        self.revise(10, title="Do it soon")
        past, sources = Past(on(5)), list(Source.objects.all())
        rows = [*Recommendation.objects.all(), self.make_recommendation("Do another thing")]
        with self.assertNumQueries(2):  # What happened, and the texts of it.
            past.learn(rows, sources)
        with self.assertNumQueries(0):
            self.assertEqual(past.rows(rows)[0].title, "Do the thing")
            self.assertEqual(Past(on(5)).back([]), [])
