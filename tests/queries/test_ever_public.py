"""What readers outside are shown of a past day: only what some reader outside could have read."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from recommendations.actions import bulk_changes
from recommendations.actions import recommendations as actions
from recommendations.actions.updates import decisions
from recommendations.choices import BulkChange
from recommendations.models import Recommendation, StatusUpdate
from recommendations.queries.bulk_changes import BulkValue, bulk_events, plan_change, plan_undo
from recommendations.queries.days import Days, NoSuchDays, days_of
from recommendations.queries.recommendations.detail_then import detail_then
from recommendations.queries.recommendations.overview import portfolio_of, sources_then
from recommendations.queries.recommendations.past.listed import asked_of_then
from tests.base import LONG_AGO, TrackerTestCase
from tests.histories.history import clock_at
from tests.views.deciding import undone

PUBLIC = AnonymousUser()
EARLY, FIRST, SECOND = "not_started", "in_progress", "not_implemented"

PUBLISH, UNPUBLISH, RETRACT = "publish", "unpublish", "retract the last"
UNPUBLISH_MANY, UNDO = "unpublish in bulk", "undo that"

HISTORIES: dict[str, tuple[list[tuple[Any, ...]], dict[tuple[int, int], str | None]]] = {
    "what was superseded before publication was never public": (
        [(EARLY, 10), (FIRST, 20), (PUBLISH, 30)],
        {(15, 30): None, (15, 40): None},
    ),
    "what was current on publication is public, of its earlier days too": (
        [(FIRST, 10), (PUBLISH, 30), (SECOND, 40)],
        {(15, 29): None, (15, 30): FIRST, (15, 50): FIRST, (45, 50): SECOND},
    ),
    "that there was no report, only if somebody could read it": (
        [(FIRST, 20), (PUBLISH, 30)],
        {(15, 40): None},
    ),
    "no report until publication and after it": (
        [(PUBLISH, 12), (FIRST, 20)],
        {(10, 40): "", (15, 40): ""},
    ),
    "what is known late of a public day": (
        [(PUBLISH, 5), (EARLY, 10), (SECOND, 30), (FIRST, 20, 40)],
        {(25, 35): EARLY, (25, 45): FIRST},
    ),
    "what is known late of days before publication alone": (
        [(EARLY, 10), (SECOND, 20), (PUBLISH, 30), (FIRST, 15, 40)],
        {(17, 50): None},
    ),
    "what was superseded while it was withdrawn": (
        [(EARLY, 5), (PUBLISH, 10), (UNPUBLISH, 20), (FIRST, 25), (SECOND, 35), (PUBLISH, 40)],
        {(15, 50): EARLY, (30, 50): None, (38, 50): SECOND},
    ),
    # ``published_at`` is that of before by then, as if it had never been withdrawn.
    "an undone withdrawal makes public from the undo on": (
        [(EARLY, 5), (PUBLISH, 10), (UNPUBLISH_MANY, 20), (FIRST, 25), (SECOND, 35), (UNDO, 40)],
        {(15, 50): EARLY, (30, 50): None, (38, 50): SECOND},
    ),
    "what is in force again is public from then on": (
        [(FIRST, 10), (SECOND, 20), (PUBLISH, 30), (RETRACT, 40)],
        {(15, 35): None, (15, 45): FIRST},
    ),
    "what was retracted before publication was never public": (
        [(EARLY, 5), (SECOND, 10), (RETRACT, 20), (PUBLISH, 30)],
        {(15, 19): None, (15, 40): EARLY},
    ),
}
"""What happened on which day, and the status that readers outside are shown, or ``None``.

An update has its status, its day and, where that is another, the day of its approval. What is
shown is that of one day, as it was known on another.
"""


def on(day: int) -> Any:
    return LONG_AGO + timedelta(days=day)


def days(as_of: int, known: int) -> Days:
    asked = {"as_of": timezone.localdate(on(as_of)), "known": timezone.localdate(on(known))}
    found = days_of({name: day.isoformat() for name, day in asked.items()}, timezone.localdate())
    assert found is not None
    return found


class EverPublicTests(TrackerTestCase):
    def test_each_history(self) -> None:
        for name, (steps, expected) in HISTORIES.items():
            with self.subTest(name), undone():
                for step in steps:
                    self.happen(*step)
                found = {key: self.shown(*key) for key in expected}
                self.assertEqual(found, expected)

    def test_a_source_that_showed_nothing_outside_is_not_named_as_of_then(self) -> None:
        self.happen(FIRST, 10)
        self.happen(PUBLISH, 30)
        for person, known, n in ((PUBLIC, 20, 0), (PUBLIC, 40, 1), (self.viewer, 20, 1)):
            with self.subTest(known=known, person=person):
                then = days(15, known)
                sources = sources_then([self.source], then)
                portfolio = portfolio_of(sources, person, then.as_of, then)
                self.assertEqual(len(portfolio.sources), n)

    def happen(self, what: str, day: int, approved: int | None = None) -> None:
        row = Recommendation.objects.get(pk=self.recommendation.pk)
        by, why = self.manager, "It was wrong."
        value = BulkValue(BulkChange.UNPUBLISH)
        with clock_at(on(day)):
            match what:
                case "publish":
                    actions.publish_recommendation(recommendation=row, by=by, at=on(day))
                case "unpublish":
                    actions.unpublish_recommendation(
                        recommendation=row, by=by, reason=why, at=on(day)
                    )
                case "unpublish in bulk":
                    shown = plan_change([row.pk], value).shown
                    bulk_changes.change_many(value=value, shown=shown, by=by, reason=why)
                case "undo that":
                    event = bulk_events().get()
                    shown = plan_undo(event).shown
                    bulk_changes.undo_many(event=event, shown=shown, by=by, reason=why)
                case "retract the last":
                    last = StatusUpdate.objects.latest("pk")
                    asked = decisions.retract(update=last, by=self.staff, reason=why)
                    decisions.approve_update(update=asked, by=by)
        if what in (EARLY, FIRST, SECOND):
            self.report(what, day, approved or day)

    def report(self, status: str, as_of: int, at: int) -> None:
        self.make_approved(
            self.recommendation,
            as_of=timezone.localdate(on(as_of)),
            implementation_status=status,
            confidence="not_rated" if status == SECOND else "green",
            closing_reason="It is of no use." if status == SECOND else "",
            reopening_reason="It is of use.",
            at=on(at),
        )

    def shown(self, as_of: int, known: int) -> str | None:
        """The status that list and page show outside, which are the same; none where hidden."""
        then = days(as_of, known)
        row = Recommendation.objects.get(pk=self.recommendation.pk)
        listed = asked_of_then(
            lambda states: dict(states.status_visible_to(PUBLIC).values_list("pk", "status")),
            then,
            PUBLIC,
        )
        try:
            page = detail_then(row, then, PUBLIC).row.status
        except NoSuchDays:
            page = None
        self.assertEqual(listed.get(row.pk), page)
        inside = detail_then(row, then, self.viewer)
        with self.settings(PUBLIC_PAGES=True):
            cited = detail_then(row, then, self.viewer).citation
        self.assertEqual(cited.is_public, page is not None, "whether readers need an account")
        self.assertIn(page, (None, inside.row.status))
        return page
