"""What readers outside are shown of a past day: only what some reader outside could have read."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone

from recommendations.actions import bulk_changes
from recommendations.actions import recommendations as actions
from recommendations.actions.updates import decisions, replacements
from recommendations.choices import BulkChange
from recommendations.models import AuditEvent, Recommendation, StatusUpdate
from recommendations.queries.bulk_changes import BulkValue, bulk_events, plan_change, plan_undo
from recommendations.queries.days import Days, days_of
from recommendations.queries.recommendations.cited import cited_page
from recommendations.queries.recommendations.past.lines import lines_of
from recommendations.queries.recommendations.past.overview import overview_then, sources_then
from tests.base import LONG_AGO, TrackerTestCase
from tests.histories.history import clock_at

PUBLIC = AnonymousUser()
EARLY, FIRST, SECOND = "not_started", "in_progress", "not_implemented"


def on(day: int) -> Any:
    return LONG_AGO + timedelta(days=day)


def days(as_of: int, known: int) -> Days:
    asked = {"as_of": timezone.localdate(on(as_of)), "known": timezone.localdate(on(known))}
    found = days_of({name: day.isoformat() for name, day in asked.items()}, timezone.localdate())
    assert found is not None
    return found


class EverPublicTestCase(TrackerTestCase):
    def report(self, status: str, as_of: int, at: int | None = None) -> StatusUpdate:
        """An update with the status of a day, approved on it or on a later one."""
        when = on(as_of if at is None else at)
        return self.make_approved(
            self.recommendation,
            as_of=timezone.localdate(on(as_of)),
            implementation_status=status,
            confidence="not_rated" if status == SECOND else "green",
            closing_reason="It is of no use." if status == SECOND else "",
            reopening_reason="It is of use.",
            at=when,
        )

    @property
    def found(self) -> Recommendation:
        return Recommendation.objects.get(pk=self.recommendation.pk)

    def publish(self, day: int) -> None:
        actions.publish_recommendation(recommendation=self.found, by=self.manager, at=on(day))

    def unpublish(self, day: int) -> None:
        actions.unpublish_recommendation(
            recommendation=self.found, by=self.manager, reason="Early.", at=on(day)
        )

    def retract(self, update: StatusUpdate, day: int) -> None:
        with clock_at(on(day)):
            asked = replacements.retract(update=update, by=self.staff, reason="It was wrong.")
            decisions.approve_update(update=asked, by=self.manager)

    def shown(self, as_of: int, known: int) -> str | None:
        """The status that list and page show outside, which are the same; none where hidden."""
        then = days(as_of, known)
        lines = {line.pk: line.status for line in lines_of([self.source.pk], then, PUBLIC)}
        try:
            page = cited_page(self.found, then, PUBLIC).status
        except ObjectDoesNotExist:
            page = None
        self.assertEqual(lines.get(self.recommendation.pk), page)
        inside = cited_page(self.found, then, self.viewer)
        with self.settings(PUBLIC_PAGES=True):
            cited = cited_page(self.found, then, self.viewer).citation
        self.assertEqual(cited.is_public, page is not None, "whether readers need an account")
        self.assertIn(page, (None, inside.status))
        return page


class EverPublicTests(EverPublicTestCase):
    def test_what_was_superseded_before_publication_was_never_public(self) -> None:
        self.report(EARLY, 10)
        self.report(FIRST, 20)
        self.publish(30)
        for known in (30, 40):
            self.assertIsNone(self.shown(15, known))

    def test_what_was_current_on_publication_is_public_of_its_earlier_days_too(self) -> None:
        self.report(FIRST, 10)
        self.publish(30)
        self.report(SECOND, 40)
        self.assertIsNone(self.shown(15, 29))
        self.assertEqual(self.shown(15, 30), FIRST)
        self.assertEqual(self.shown(15, 50), FIRST)
        self.assertEqual(self.shown(45, 50), SECOND)

    def test_no_report_is_public_only_if_somebody_could_read_that_there_was_none(self) -> None:
        self.report(FIRST, 20)
        self.publish(30)
        self.assertIsNone(self.shown(15, 40))

    def test_no_report_until_publication_and_after_it_is_public(self) -> None:
        self.publish(12)
        self.report(FIRST, 20)
        self.assertEqual(self.shown(10, 40), "")
        self.assertEqual(self.shown(15, 40), "")

    def test_what_is_known_late_of_a_public_day_is_public(self) -> None:
        self.publish(5)
        self.report(EARLY, 10)
        self.report(SECOND, 30)
        self.report(FIRST, 20, at=40)
        self.assertEqual(self.shown(25, 35), EARLY)
        self.assertEqual(self.shown(25, 45), FIRST)

    def test_what_is_known_late_of_days_before_publication_alone_is_not(self) -> None:
        self.report(EARLY, 10)
        self.report(SECOND, 20)
        self.publish(30)
        self.report(FIRST, 15, at=40)
        self.assertIsNone(self.shown(17, 50))

    def test_what_was_superseded_while_it_was_withdrawn_was_never_public(self) -> None:
        self.report(EARLY, 5)
        self.publish(10)
        self.unpublish(20)
        self.report(FIRST, 25)
        self.report(SECOND, 35)
        self.publish(40)
        self.assertEqual(self.shown(15, 50), EARLY)
        self.assertIsNone(self.shown(30, 50))
        self.assertEqual(self.shown(38, 50), SECOND)

    def test_an_undone_withdrawal_makes_public_from_the_undo_on(self) -> None:
        """``published_at`` is that of before by then, as if it had never been withdrawn."""
        self.report(EARLY, 5)
        self.publish(10)
        value = BulkValue(BulkChange.UNPUBLISH)
        with clock_at(on(20)):
            bulk_changes.change_many(
                value=value,
                shown=plan_change([self.recommendation.pk], value).shown,
                by=self.manager,
                reason="Early.",
            )
        self.report(FIRST, 25)
        self.report(SECOND, 35)
        event: AuditEvent = bulk_events().get()
        with clock_at(on(40)):
            bulk_changes.undo_many(
                event=event, shown=plan_undo(event).shown, by=self.manager, reason="In error."
            )
        self.assertEqual(self.shown(15, 50), EARLY)
        self.assertIsNone(self.shown(30, 50))
        self.assertEqual(self.shown(38, 50), SECOND)

    def test_what_is_in_force_again_is_public_from_then_on(self) -> None:
        self.report(FIRST, 10)
        wrong = self.report(SECOND, 20)
        self.publish(30)
        self.retract(wrong, 40)
        self.assertIsNone(self.shown(15, 35))
        self.assertEqual(self.shown(15, 45), FIRST)

    def test_what_was_retracted_before_publication_was_never_public(self) -> None:
        self.report(EARLY, 5)
        wrong = self.report(SECOND, 10)
        self.retract(wrong, 20)
        self.publish(30)
        self.assertIsNone(self.shown(15, 19))
        self.assertEqual(self.shown(15, 40), EARLY)


class PastSourceTests(EverPublicTestCase):
    def test_a_source_that_showed_nothing_outside_is_not_named_as_of_then(self) -> None:
        self.report(FIRST, 10)
        self.publish(30)
        for person, known, n in ((PUBLIC, 20, 0), (PUBLIC, 40, 1), (self.viewer, 20, 1)):
            with self.subTest(known=known, person=person):
                then = days(15, known)
                overview = overview_then(sources_then([self.source], then), then, person)
                self.assertEqual(len(overview.sources), n)
