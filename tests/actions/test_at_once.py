"""Two people act at the same moment: one is told of the other, and what they leave is whole.

On SQLite one waits for the other; on PostgreSQL they really meet.
"""

from functools import partial
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from recommendations import audit
from recommendations.actions import dates, indicators
from recommendations.actions.base import ActionRefused, BasisChanged, StaleWrite, TransitionConflict
from recommendations.actions.bulk_changes import PublicationNotAsSeen, change_many
from recommendations.actions.rounds import close_round, extend_round
from recommendations.choices import BulkChange, Role
from recommendations.models import (
    AuditEvent,
    RecommendationRelation,
    StatusUpdate,
    TargetDateChange,
)
from recommendations.queries.bulk_changes import BulkValue, plan_change
from tests.actions.acts import Acts, fresh
from tests.actions.test_commitments import FIRST, LATER, Dates
from tests.actions.test_recommendations import depend
from tests.base import RaceTestCase, days_ago, make_person
from tests.rounds import sent_round
from tests.threads import at_once, failures

IS_POSTGRESQL = connection.vendor == "postgresql"


class UpdateTests(Acts, RaceTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.recommendation = self.make_recommendation()

    def test_many_managers_approve_one_update_and_all_but_one_are_told_who_and_when(self):
        update = self.make_submitted(self.recommendation)
        managers = [
            make_person(f"m{n}", Role.MANAGER, self.agency)
            for n in range(20 if IS_POSTGRESQL else 6)
        ]
        outcomes = at_once([partial(self.approve, update, by) for by in managers])
        conflicts = failures(outcomes)
        self.assertEqual(
            [type(each) for each in conflicts], [TransitionConflict] * len(managers[1:])
        )
        decided = fresh(update)
        [winner] = [each for each in outcomes if isinstance(each, StatusUpdate)]
        self.assertEqual(winner.decided_by, decided.decided_by)
        for conflict in conflicts:
            self.assertIn(f"approved by {decided.decided_by}", str(conflict))
            self.assertIn(f"{timezone.localtime(decided.decided_at):%H:%M:%S}", str(conflict))
        self.assertEqual(AuditEvent.objects.filter(verb="approve").count(), 1)

    def test_one_approves_while_another_returns_or_the_author_withdraws(self):
        for other in (self.give_back, self.withdraw):
            update = self.make_submitted(self.recommendation)
            update.refresh_from_db()
            by = self.staff if other == self.withdraw else self.other_manager
            outcomes = at_once([partial(self.approve, update), partial(other, update, by)])
            [conflict] = failures(outcomes)
            self.assertIsInstance(conflict, TransitionConflict, other)

    def test_two_updates_with_one_basis_do_not_both_come_into_force_unseen(self):
        waiting = [self.make_submitted(self.recommendation) for _ in range(2)]
        outcomes = at_once([partial(self.approve, each) for each in waiting])
        [refusal] = failures(outcomes)
        self.assertIsInstance(refusal, BasisChanged)
        self.assertIn(fresh(self.recommendation).current_update, outcomes)

    def test_a_form_that_is_sent_several_times_at_the_same_moment_begins_one(self):
        key = uuid4()
        outcomes = at_once([partial(self.draft, about=self.recommendation, key=key)] * 4)
        self.assertEqual(failures(outcomes), [])
        self.assertEqual(StatusUpdate.objects.get(key=key).version, 1)

    def test_two_windows_that_save_at_the_same_moment_keep_one_text_and_show_both(self):
        draft = self.draft(about=self.recommendation)
        outcomes = at_once(
            [
                partial(self.save, draft, version=1, values={"what_happened": text})
                for text in ("One", "Two")
            ]
        )
        [stale] = failures(outcomes)
        self.assertIsInstance(stale, StaleWrite)
        [difference] = stale.differences
        self.assertEqual(difference.before, fresh(draft).what_happened)
        self.assertEqual({difference.before, difference.after}, {"One", "Two"})


class DateTests(Dates, RaceTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.recommendation = self.make_recommendation()
        self.set_first()

    def tearDown(self) -> None:
        self.assertEqual(audit.verify_chain().fault, "")

    def test_of_two_approvals_or_of_withdrawal_and_approval_one_wins(self):
        for other, by in (
            (dates.approve_date_change, self.other_manager),
            (dates.withdraw_date_change, self.staff),
        ):
            row, held = self.ask(new_date=days_ago(-400 - by.pk)), self.target()
            jobs = [(dates.approve_date_change, self.manager), (other, by)]
            outcomes = at_once([partial(job, date_change=row, by=who) for job, who in jobs])
            [lost] = failures(outcomes)
            self.assertIsInstance(lost, ActionRefused, lost)
            self.assertIn("already decided", str(lost))
            is_moved = fresh(row).state == "approved"
            self.assertEqual(self.target(), row.new_date if is_moved else held)
            verbs = AuditEvent.objects.filter(object_id=str(row.pk)).values_list("verb", flat=True)
            self.assertEqual(len(verbs), 2)

    def test_two_requests_one_is_taken(self):
        people = (self.staff, self.manager, self.other_manager)
        lost = failures(at_once([partial(self.ask, by=by) for by in people]))
        self.assertEqual([type(each) for each in lost], [ActionRefused] * 2)
        self.assertEqual(TargetDateChange.objects.filter(state="requested").count(), 1)
        self.assertEqual((FIRST, LATER), (self.target(), TargetDateChange.objects.last().new_date))


class NumberTests(Acts, RaceTestCase):
    """What is added by many at once has numbers, addresses and revisions of its own."""

    def each_of(self, count: int, job: Any) -> list[Any]:
        outcomes = at_once([job] * count)
        self.assertEqual(failures(outcomes), [])
        return outcomes

    def test_recommendations_items_and_figures(self):
        many = 20 if IS_POSTGRESQL else 6
        added = self.each_of(many, self.make_recommendation)
        self.assertEqual(sorted(each.number for each in added), list(range(1, many + 1)))
        items = self.each_of(many, self.make_evidence)
        self.assertEqual(len({item.slug for item in items}), many)
        about = {"indicator": self.make_indicator(), "area": self.make_area(), "period": "2018"}
        observe = partial(indicators.observe, **about, by=self.manager, values={"value": "1"})
        figures = self.each_of(many, observe)
        self.assertEqual(sorted(each.revision for each in figures), list(range(1, many + 1)))

    def test_of_dependencies_that_together_make_a_circle_one_is_refused(self):
        count = 8 if IS_POSTGRESQL else 4
        nodes = [self.make_recommendation(f"Number {n}") for n in range(count)]
        ends = [(nodes[n], nodes[(n + 1) % count]) for n in range(count)]
        refused = failures(at_once([partial(depend, *pair, self.manager) for pair in ends]))
        self.assertEqual([type(each) for each in refused], [ValidationError])
        self.assertEqual(RecommendationRelation.objects.count(), count - 1)


class DecidedTogetherTests(Acts, RaceTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.recommendation = self.make_recommendation()

    def test_of_two_who_close_or_extend_a_round_one_is_told(self):
        said = {"reason": "So.", "new_day": days_ago(-20), "organisation": self.ministry}
        for act, about in ((close_round, {"shown_in": 0}), (extend_round, said)):
            round = sent_round([self.recommendation], self.manager)
            about = {"shown_day": round.reply_by, **about} if act == extend_round else about
            people = (self.manager, self.other_manager)
            refused = failures(
                at_once([partial(act, round=round, by=by, **about) for by in people])
            )
            self.assertEqual([type(each) for each in refused], [ActionRefused])

    def test_one_publishes_many_while_another_changes_a_title(self):
        publish, other = BulkValue(BulkChange.PUBLISH), self.make_recommendation("Another")
        shown = plan_change([self.recommendation.pk, other.pk], publish).shown
        about = {"value": publish, "shown": shown, "by": self.manager, "reason": "So."}
        late = {"by": self.other_manager, "version": other.version, "title": "Sell it"}
        outcomes = at_once([partial(change_many, **about), partial(self.revise, other, **late)])
        [refusal] = failures(outcomes)
        events = AuditEvent.objects.filter(verb__in=["publish_many", "revise"])
        [verb] = events.values_list("verb", flat=True)
        is_published = verb == "publish_many"
        self.assertIsInstance(refusal, StaleWrite if is_published else PublicationNotAsSeen)
