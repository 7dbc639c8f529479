"""Charts over time: each month agrees with the slow model of rule 5, and who may read them."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.utils import timezone

from recommendations.actions import dates
from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.updates import decisions
from recommendations.models import Recommendation
from recommendations.queries.over_time import (
    confidence_state,
    first_day_of,
    month_of,
    recommendation_charts,
    source_charts,
    status_state,
)
from tests.base import days_ago
from tests.past import state_at
from tests.views.pages import PageTestCase

ONE = "/recommendations/REP-1/history/over-time/"
DAY = timedelta(days=1)
FOUND = dict[date, dict[str, int] | None]


class OverTimeTests(PageTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.all = f"{self.source.get_absolute_url()}history/over-time/"
        self.now, self.today = timezone.now(), timezone.localdate()

    def approve(self, days: int, as_of: int, about: Any = None, **values: Any) -> Any:
        """An update of that many days ago, of another day, in force since."""
        about, at = about or self.recommendation, self.now - days * DAY
        update = self.make_submitted(about, at=at, as_of=days_ago(as_of), **values)
        return decisions.approve_update(update=update, by=self.manager, at=at + DAY / 24)

    def counts(self, name: str) -> FOUND:
        """What a chart of the source has, without zeros, by the first day of its month."""
        found = source_charts(self.source, self.today)
        data = found.charts[name].data
        labels = [state.label for state in data.states]
        return {
            month.first_day: month.counts
            and {label: n for label, n in zip(labels, month.counts, strict=True) if n}
            for month in data.months
        }

    def expected(self, months: FOUND, label: Any) -> FOUND:
        """The same by the state of each recommendation on each of these days, as known now."""
        ids = list(Recommendation.objects.filter(archived_at=None).values_list("pk", flat=True))
        found: FOUND = {}
        for day in months:
            end = min(first_day_of(month_of(day) + 1) - DAY, self.today)
            states = state_at(ids, end, self.now + DAY).values()
            found[day] = dict(Counter(filter(None, map(label, states))))
        return found

    def test_each_month_is_what_was_in_force_at_its_end_as_known_now(self) -> None:
        second, third = (self.make_recommendation(f"Do {n}") for n in (2, 3))
        self.approve(300, 310)
        self.approve(250, 260, second, confidence="red", asked_for="Money.")
        wrong = self.approve(200, 205, confidence="amber", **ISSUE)
        retraction = decisions.retract(
            update=wrong, by=self.staff, reason="Wrong.", at=self.now - 190 * DAY
        )
        decisions.approve_update(update=retraction, by=self.manager, at=self.now - 189 * DAY)
        self.approve(100, 500, second, implementation_status="not_started")
        closed = {"implementation_status": "not_implemented", "confidence": "not_rated"}
        self.approve(90, 95, third, **closed, closing_reason="Too late.")
        statuses, confidences = self.counts("status"), self.counts("confidence")
        self.assertGreater(len(statuses), 24)
        self.assertEqual(
            statuses, self.expected(statuses, lambda row: status_state(row.status).label)
        )
        self.assertEqual(
            confidences,
            self.expected(
                confidences,
                lambda row: (
                    None
                    if row.status == "not_implemented"
                    else confidence_state(row.confidence).label
                ),
            ),
        )
        self.assertEqual(len({str(each) for each in statuses.values()}), 5)

    def test_one_is_counted_until_it_was_archived_and_no_month_is_made_up(self) -> None:
        recommendation_actions.archive(
            recommendation=self.recommendation,
            by=self.manager,
            reason="duplicate",
            at=self.now - 70 * DAY,
        )
        statuses = self.counts("status")
        known = [day for day, counts in statuses.items() if counts is not None]
        self.assertEqual(max(known), first_day_of(month_of(days_ago(70)) - 1))
        self.assertIsNone(statuses[self.today.replace(day=1)])

    def test_dates_are_compared_with_the_original_from_the_day_of_their_approval(self) -> None:
        first = days_ago(-30)
        given: dict[str, Any] = {"recommendation": self.recommendation, "reason": "So."}
        dates.set_first(by=self.manager, new_date=first, at=self.now - 400 * DAY, **given)
        for days, day in ((300, first + 90 * DAY), (200, first + 200 * DAY), (100, None)):
            at = self.now - days * DAY
            asked = dates.request(by=self.staff, new_date=day, at=at, **given)
            dates.approve_date_change(date_change=asked, by=self.manager, at=at + DAY / 24)
        found = list(self.counts("dates").values())
        order = [found[0], *(b for a, b in pairwise(found) if a != b)]
        self.assertEqual(
            [next(iter(each or {})) for each in order],
            [
                "No target date",
                "Original target date or earlier",
                "Postponed up to 6 months",
                "Postponed more than 6 months",
                "No target date",
            ],
        )
        about = Recommendation.objects.select_related("current_update").get()
        ledger = recommendation_charts(about, self.today).charts["dates"]
        self.assertEqual([row[2] for row in ledger.table.rows], [0, 90, 200, None])

    def test_what_cancels_out_in_a_month_can_be_corrected_later(self) -> None:
        second = self.make_recommendation("Do 2")
        begun = {"implementation_status": "not_started"}
        for days, one, other in ((300, begun, {}), (200, {}, begun)):
            self.approve(days, days, **one)
            self.approve(days, days, second, **other)
        self.counts("status")
        self.approve(2, 2, **begun)
        statuses = self.counts("status")
        self.assertEqual(
            statuses, self.expected(statuses, lambda row: status_state(row.status).label)
        )

    def test_the_strip_of_one_agrees_with_the_chart_of_its_source(self) -> None:
        self.approve(300, 310)
        self.approve(100, 120, confidence="red", asked_for="Money.")
        about = Recommendation.objects.select_related("current_update").get()
        rows = recommendation_charts(about, self.today).charts["status"].table.rows
        together = zip(
            self.counts("status").values(), self.counts("confidence").values(), strict=True
        )
        self.assertEqual(
            [tuple(row[1:]) for row in rows],
            [(next(iter(one or {})), next(iter(other or {}))) for one, other in together],
        )

    def test_open_since_an_unknown_day_is_counted_from_a_first_report_or_apart(self) -> None:
        unknown = self.make_recommendation("Do 2", opened_on=None)
        self.approve(100, 120, self.make_recommendation("Do 3", opened_on=None))
        given = {"recommendation": unknown, "reason": "So.", "new_date": self.today}
        dates.set_first(by=self.manager, **given)
        for name, labels in (
            ("status", {"No report yet": 1, "In progress": 1}),
            ("dates", {"No target date": 2}),
        ):
            self.assertEqual(self.counts(name)[self.today.replace(day=1)], labels)
            chart = source_charts(self.source, self.today).charts[name]
            self.assertIn("1 recommendation without a report is not counted", chart.frame.note)
        strips = recommendation_charts(unknown, self.today).charts["status"].table.rows
        self.assertEqual([tuple(row[1:]) for row in strips], [("No report yet", "No report yet")])

    def test_what_is_no_chart_and_what_leads_there(self) -> None:
        words = self.read(ONE, self.viewer)
        self.assert_words(words, "Status over time: REP-1 Do the thing", "as known today")
        links = self.get(self.source.get_absolute_url(), self.viewer).content.decode()
        self.assertIn(self.all, links)
        self.assertIn(
            ONE, self.get("/recommendations/REP-1/history/", self.viewer).content.decode()
        )


ISSUE = {"issue": "Late.", "response_action": "Hurry.", "response_owner": "The ministry"}
