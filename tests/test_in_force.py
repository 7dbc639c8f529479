"""Which update is in force: on a day, as known at a time. Two clocks, checked case by case and
then over random histories against a second, plain reading of the rule.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from recommendations.actions.updates import decisions, drafts, replacements
from recommendations.choices import UpdateKind, UpdateState
from recommendations.models import Addressee, Recommendation, StatusUpdate
from tests.base import LONG_AGO, TrackerTestCase, World
from tests.updates import begin_draft, submit


def on(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2024, month, day, hour, tzinfo=UTC)


EARLIER = timedelta(hours=1)
"""Between handing in and decision: what happens in one moment is told apart by microseconds."""


class InForceTests(TrackerTestCase):
    def report(self, as_of: date, decided: datetime, **values: Any) -> StatusUpdate:
        update = self.make_submitted(
            self.recommendation, as_of=as_of, at=decided - EARLIER, **values
        )
        return self.approve(update, decided)

    def approve(self, update: StatusUpdate, decided: datetime) -> StatusUpdate:
        return decisions.approve_update(update=update, by=self.manager, at=decided)

    def correct(self, update: StatusUpdate, decided: datetime) -> StatusUpdate:
        handed_in = decided - EARLIER
        begun = replacements.correct(update=update, by=self.staff, at=handed_in)
        begun = submit(update=begun, by=self.staff, expected_version=begun.version, at=handed_in)
        return self.approve(begun, decided)

    def retract(self, update: StatusUpdate, decided: datetime) -> StatusUpdate:
        begun = replacements.retract(
            update=update, by=self.staff, reason="Wrong.", at=decided - EARLIER
        )
        return self.approve(begun, decided)

    def at(
        self, effective: date, known: datetime, addressee: Addressee | None = None
    ) -> StatusUpdate | None:
        scope = StatusUpdate.objects.of_scope(
            self.recommendation.pk, addressee.pk if addressee else None
        )
        return scope.in_force(effective, known).first()

    def test_without_an_update_nothing_is_in_force(self):
        self.assertIsNone(self.at(date(2024, 12, 31), on(12, 31)))

    def test_what_is_not_approved_is_never_in_force(self):
        self.make_submitted(self.recommendation, at=on(3, 1))
        begin_draft(recommendation=self.recommendation, by=self.staff, at=on(3, 2))
        returned = self.make_submitted(self.recommendation, at=on(3, 3))
        decisions.return_update(
            update=returned,
            by=self.manager,
            note="More.",
            at=on(3, 4),
        )
        self.assertIsNone(self.at(date(2024, 12, 31), on(12, 31)))

    def test_the_latest_day_of_which_is_spoken_wins(self):
        march = self.report(date(2024, 3, 1), on(3, 5))
        may = self.report(date(2024, 5, 1), on(5, 5))
        self.assertEqual(self.at(date(2024, 12, 31), on(12, 31)), may)
        self.assertEqual(self.at(date(2024, 4, 30), on(12, 31)), march)
        self.assertEqual(self.at(date(2024, 5, 1), on(12, 31)), may, "from that day on")
        self.assertIsNone(self.at(date(2024, 2, 29), on(12, 31)))

    def test_what_was_decided_later_was_not_known_before(self):
        self.report(date(2024, 3, 1), on(3, 5))
        self.assertIsNone(self.at(date(2024, 3, 4), on(3, 5, hour=8)))
        self.assertIsNotNone(self.at(date(2024, 3, 4), on(3, 5, hour=9)), "from that moment on")

    def test_an_older_day_approved_later_is_history(self):
        may = self.report(date(2024, 5, 1), on(5, 5))
        late = self.report(date(2024, 3, 1), on(6, 1))
        self.assertEqual(self.at(date(2024, 12, 31), on(12, 31)), may)
        self.assertEqual(self.at(date(2024, 4, 1), on(12, 31)), late, "now known of April")
        self.assertIsNone(self.at(date(2024, 4, 1), on(5, 31)), "not known then")

    def test_of_two_on_one_day_the_one_decided_later_wins(self):
        first = self.report(date(2024, 3, 1), on(3, 5))
        second = self.report(date(2024, 3, 1), on(3, 6))
        self.assertEqual(self.at(date(2024, 3, 31), on(3, 5)), first)
        self.assertEqual(self.at(date(2024, 3, 31), on(3, 6)), second)

    def test_the_order_of_decisions_counts_and_not_that_of_writing(self):
        written_first = self.make_submitted(
            self.recommendation, as_of=date(2024, 3, 1), at=on(3, 2)
        )
        written_second = self.make_submitted(
            self.recommendation, as_of=date(2024, 3, 1), at=on(3, 3)
        )
        second = decisions.approve_update(
            update=written_second,
            by=self.manager,
            at=on(3, 4),
        )
        returned = decisions.return_update(
            update=written_first,
            by=self.manager,
            note="See the other.",
            at=on(3, 5),
        )
        again = submit(
            update=returned,
            by=self.staff,
            expected_version=returned.version,
            basis=second.pk,
            at=on(3, 6),
        )
        first = decisions.approve_update(update=again, by=self.manager, at=on(3, 7))
        self.assertLess(first.pk, second.pk)
        self.assertEqual(self.at(date(2024, 3, 31), on(12, 31)), first)

    def test_a_correction_takes_the_place_of_what_it_corrects_from_its_decision_on(self):
        wrong = self.report(date(2024, 3, 1), on(3, 5))
        right = self.correct(wrong, on(4, 1))
        self.assertEqual(self.at(date(2024, 3, 31), on(3, 31)), wrong)
        self.assertEqual(self.at(date(2024, 3, 31), on(4, 1)), right)
        self.assertEqual(self.at(date(2024, 3, 1), on(4, 1)), right, "of the same day")

    def test_a_correction_of_a_correction_takes_the_place_of_both(self):
        first = self.report(date(2024, 3, 1), on(3, 5))
        second = self.correct(first, on(4, 1))
        third = self.correct(second, on(5, 1))
        known = {on(3, 31): first, on(4, 30): second, on(5, 31): third}
        for moment, update in known.items():
            self.assertEqual(self.at(date(2024, 12, 31), moment), update)

    def test_a_retraction_brings_back_what_was_in_force_before(self):
        march = self.report(date(2024, 3, 1), on(3, 5))
        may = self.report(date(2024, 5, 1), on(5, 5))
        self.retract(may, on(6, 1))
        self.assertEqual(self.at(date(2024, 12, 31), on(5, 31)), may)
        self.assertEqual(self.at(date(2024, 12, 31), on(6, 1)), march)

    def test_a_retraction_is_itself_never_in_force(self):
        self.retract(self.report(date(2024, 3, 1), on(3, 5)), on(4, 1))
        self.assertIsNone(self.at(date(2024, 12, 31), on(12, 31)))

    def test_a_retraction_that_waits_or_was_withdrawn_takes_nothing_away(self):
        update = self.report(date(2024, 3, 1), on(3, 5))
        waiting = replacements.retract(update=update, by=self.staff, reason="Wrong.", at=on(4, 1))
        self.assertEqual(self.at(date(2024, 12, 31), on(12, 31)), update)
        drafts.withdraw_update(
            update=waiting, by=self.staff, expected_version=waiting.version, at=on(4, 2)
        )
        self.assertEqual(self.at(date(2024, 12, 31), on(12, 31)), update)

    def test_a_retracted_correction_does_not_bring_back_what_it_corrected(self):
        before = self.report(date(2024, 2, 1), on(2, 5))
        wrong = self.report(date(2024, 3, 1), on(3, 5))
        self.retract(self.correct(wrong, on(4, 1)), on(5, 1))
        self.assertEqual(self.at(date(2024, 12, 31), on(12, 31)), before)

    def test_a_retracted_older_update_leaves_what_is_in_force(self):
        march = self.report(date(2024, 3, 1), on(3, 5))
        may = self.report(date(2024, 5, 1), on(5, 5))
        self.retract(march, on(6, 1))
        self.assertEqual(self.at(date(2024, 12, 31), on(12, 31)), may)
        self.assertIsNone(self.at(date(2024, 4, 1), on(12, 31)))

    def test_each_addressee_and_the_whole_have_their_own(self):
        addressees = [
            Addressee.objects.create(recommendation=self.recommendation, organisation=each)
            for each in (self.ministry, self.agency)
        ]
        overall = self.report(date(2024, 3, 1), on(3, 5))
        one = self.report(date(2024, 4, 1), on(4, 5), addressee=addressees[0])
        everywhere = (date(2024, 12, 31), on(12, 31))
        self.assertEqual(self.at(*everywhere), overall)
        self.assertEqual(self.at(*everywhere, addressees[0]), one)
        self.assertIsNone(self.at(*everywhere, addressees[1]))

    def test_another_recommendation_has_its_own(self):
        self.report(date(2024, 3, 1), on(3, 5))
        other = self.make_recommendation("Do another thing")
        self.assertFalse(StatusUpdate.objects.of_scope(other.pk, None).exists())


@dataclass(frozen=True)
class Decided:
    """An approved update as the plain reading of the rule sees it."""

    id: int
    scope: int
    as_of: date
    decided_at: datetime
    is_retraction: bool
    replaces: int | None


def plain_in_force(
    history: list[Decided], scope: int, effective: date, known: datetime
) -> int | None:
    """The rule again, said without a database: loops over a list and nothing clever."""
    best: Decided | None = None
    for update in history:
        if update.scope != scope or update.is_retraction:
            continue
        if update.as_of > effective or update.decided_at > known:
            continue
        if any(each.replaces == update.id and each.decided_at <= known for each in history):
            continue
        if best is None:
            best = update
        elif update.as_of != best.as_of:
            best = update if update.as_of > best.as_of else best
        elif update.decided_at != best.decided_at:
            best = update if update.decided_at > best.decided_at else best
        elif update.id > best.id:
            best = update
    return best.id if best else None


@dataclass(frozen=True)
class Step:
    """One step of a history: what is handed in, of which day, and how soon it is decided."""

    kind: str
    days_back: int
    scope: int
    pick: int
    is_decided_at_once: bool


STEPS = st.lists(
    st.builds(
        Step,
        kind=st.sampled_from(["regular", "regular", "correction", "retraction", "decide"]),
        days_back=st.integers(0, 4),
        scope=st.sampled_from([0, 0, 0, 1]),
        pick=st.integers(0, 7),
        is_decided_at_once=st.booleans(),
    ),
    min_size=1,
    max_size=9,
)
QUESTIONS = st.lists(
    st.tuples(st.integers(-2, 12), st.integers(-2, 12), st.sampled_from([0, 1])),
    min_size=4,
    max_size=4,
)


class HistoryTests(World, HypothesisTestCase):
    """``current_update`` and ``in_force`` against the plain reading, over random histories."""

    recommendation: Recommendation
    addressee: Addressee

    @classmethod
    def setUpTestData(cls):
        cls.make_world()
        cls.recommendation = cls.make_recommendation()
        cls.addressee = Addressee.objects.create(
            recommendation=cls.recommendation, organisation=cls.agency
        )

    @given(steps=STEPS, questions=QUESTIONS)
    def test_the_pointer_and_the_query_say_what_the_rule_says(self, steps, questions):
        self.waiting: list[StatusUpdate] = []
        self.history: list[Decided] = []
        for number, step in enumerate(steps, start=1):
            self.take(step, LONG_AGO + timedelta(days=number))
        for effective, known, scope in questions:
            self.compare(
                scope,
                (LONG_AGO + timedelta(days=effective)).date(),
                LONG_AGO + timedelta(days=known),
            )

    def take(self, step: Step, now: datetime) -> None:
        if step.kind != "decide":
            self.waiting.append(self.hand_in(step, now))
        if not self.waiting or not (step.is_decided_at_once or step.kind == "decide"):
            return
        chosen = step.pick if step.kind == "decide" else -1
        self.decide(self.waiting.pop(chosen % len(self.waiting)), now)

    def hand_in(self, step: Step, now: datetime) -> StatusUpdate:
        """A submitted update, written without an action: only its decision is on trial."""
        values: dict[str, Any] = {
            "kind": step.kind,
            "as_of": (now - timedelta(days=step.days_back)).date(),
            "addressee": self.addressee if step.scope else None,
        }
        targets = self.in_place()
        if step.kind != "regular" and not targets:
            values["kind"] = "regular"
        elif step.kind != "regular":
            target = StatusUpdate.objects.get(pk=targets[step.pick % len(targets)])
            name = "corrects" if step.kind == "correction" else "retracts"
            values |= {name: target, "as_of": target.as_of, "addressee": target.addressee}
        return StatusUpdate.objects.create(
            recommendation=self.recommendation,
            implementation_status="in_progress",
            what_happened="Something.",
            state=UpdateState.SUBMITTED,
            author=self.staff,
            last_editor=self.staff,
            created_at=now,
            submitted_at=now,
            **values,
        )

    def in_place(self) -> list[int]:
        """Ids of what can be corrected or retracted: decided, no retraction, not replaced."""
        replaced = {each.replaces for each in self.history}
        return [
            each.id for each in self.history if not each.is_retraction and each.id not in replaced
        ]

    def decide(self, update: StatusUpdate, now: datetime) -> None:
        scope = 1 if update.addressee_id else 0
        replaced = update.corrects_id or update.retracts_id
        if replaced and replaced not in self.in_place():
            return
        # As after a glance at what came into force since.
        basis = plain_in_force(self.history, scope, now.date(), now)
        StatusUpdate.objects.filter(pk=update.pk).update(based_on=basis)
        approved = decisions.approve_update(update=update, by=self.manager, at=now)
        assert approved.decided_at
        self.history.append(
            Decided(
                approved.pk,
                scope,
                approved.as_of,
                approved.decided_at,
                approved.kind == UpdateKind.RETRACTION,
                replaced,
            )
        )
        pointer = Recommendation.objects.values_list("current_update", flat=True).get(
            pk=self.recommendation.pk
        )
        self.assertEqual(pointer, plain_in_force(self.history, 0, now.date(), approved.decided_at))

    def compare(self, scope: int, effective: date, known: datetime) -> None:
        rows = StatusUpdate.objects.of_scope(
            self.recommendation.pk, self.addressee.pk if scope else None
        )
        found = rows.in_force(effective, known).values_list("pk", flat=True).first()
        self.assertEqual(found, plain_in_force(self.history, scope, effective, known))
