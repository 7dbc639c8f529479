"""The state of a recommendation on a day, as it was known at a moment: the two clocks."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.actions import indicators
from recommendations.actions.evidence import items
from recommendations.actions.updates import decisions
from recommendations.models import RecommendationState
from recommendations.queries.recommendations.past.rows import OfAnotherTimeError, past_rows
from tests.base import LONG_AGO, TrackerTestCase, link_evidence
from tests.edits import edit, observe
from tests.past import state_at

LATER = date(2024, 12, 31)


def on(day: int) -> datetime:
    return LONG_AGO + timedelta(days=day)


class PastStateTests(TrackerTestCase):
    def state(self, known: int, effective: date = LATER) -> RecommendationState:
        return state_at([self.recommendation.pk], effective, on(known))[self.recommendation.pk]

    def report(self, day: int, as_of: date, **values: Any) -> Any:
        return self.make_approved(self.recommendation, as_of=as_of, at=on(day), **values)

    def test_an_older_day_approved_later_is_history_and_known_only_then(self) -> None:
        may, march = date(2024, 5, 1), date(2024, 3, 1)
        self.report(130, may, confidence="green")
        self.report(160, march, confidence="red", asked_for="Money.")
        self.assertEqual(self.state(200).confidence, "green")
        self.assertEqual(self.state(200, effective=date(2024, 4, 1)).confidence, "red")
        self.assertEqual(self.state(150, effective=date(2024, 4, 1)).confidence, "")
        self.assertEqual(self.state(100).status, "")

    def test_a_row_of_then_does_not_lead_to_a_row_of_now(self) -> None:
        [one] = past_rows([self.recommendation.pk], on(5)).recommendations
        self.assertEqual(one.itself.lead_id, self.ministry.pk)
        for name in ("lead", "source"):
            with self.subTest(name), self.assertRaises(OfAnotherTimeError):
                getattr(one.itself, name)

    def test_what_was_edited_in_place_is_as_it_was(self) -> None:
        edit(self.recommendation, self.manager, at=on(10), lead=None, interval_months=1)
        edit(self.source, self.administrator, at=on(20), title="Another report")
        before, after = self.state(5), self.state(25)
        self.assertEqual([before.lead_id, after.lead_id], [self.ministry.pk, None])
        self.assertEqual([before.has_no_lead, after.has_no_lead], [False, True])
        self.assertEqual([before.source_title, after.source_title], ["A report", "Another report"])
        self.assertEqual(
            [before.update_due_on, after.update_due_on], [date(2024, 7, 1), date(2024, 2, 1)]
        )

    def test_evidence_counts_from_when_it_was_linked_and_looked_up(self) -> None:
        item = items.record(
            by=self.staff,
            values={
                "title": "A paper",
                "kind": "document",
                "citation": "Page 1",
                "visibility": "public",
            },
            at=on(5),
        )
        update = self.make_submitted(self.recommendation, as_of=date(2024, 1, 5), at=on(10))
        link_evidence(to=update, by=self.staff, stance="supports", evidence=item, at=on(20))
        self.approve(update, on(30))
        items.check_evidence(evidence=item, by=self.other_manager, at=on(40))
        before, after = self.state(35), self.state(45)
        self.assertEqual([before.evidence_for, before.public_evidence_for], [1, 1])
        self.assertEqual([before.assurance_rank, after.assurance_rank], [1, 3])
        self.assertEqual(self.state(15).submitted, 1)

    def test_figures_count_from_when_they_were_recorded(self) -> None:
        indicator, area = self.make_indicator(), self.make_area()
        link = {"recommendation": self.recommendation, "indicator": indicator}
        indicators.link_indicator(by=self.manager, values={**link, "relation": "outcome"}, at=on(5))
        self.report(10, date(2024, 1, 5))
        for day, period, value in ((20, "2021", "5"), (30, "2022", "4"), (40, "2023", "6")):
            observe(indicator, area, period, value, self.manager, at=on(day))
        against = [self.state(day).has_indicator_against for day in (25, 35, 45)]
        self.assertEqual(against, [False, True, False])

    def test_one_that_was_not_there_yet_is_left_out(self) -> None:
        self.assertEqual(state_at([self.recommendation.pk], LATER, on(-1)), {})

    def test_any_number_of_them_takes_as_many_questions(self) -> None:
        ids = [self.recommendation.pk]
        with CaptureQueriesContext(connection) as one:
            self.assertEqual(len(state_at(ids, LATER, on(500))), 1)
        ids += [self.make_recommendation(f"Number {number}").pk for number in range(5)]
        with self.assertNumQueries(len(one)):
            self.assertEqual(len(state_at(ids, LATER, on(500))), 6)

    def approve(self, update: Any, at: datetime) -> None:
        decisions.approve_update(update=update, by=self.other_manager, at=at)
