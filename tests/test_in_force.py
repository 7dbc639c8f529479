"""Which update is in force: on a day, as known at a time. Two clocks, checked case by case and
then over random histories against a second, plain reading of the rule.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from recommendations.actions.updates import decisions
from recommendations.choices import UpdateKind, UpdateState
from recommendations.models import Addressee, Recommendation, StatusUpdate
from tests.base import LONG_AGO, TrackerTestCase, World
from tests.depth import times
from tests.updates import submit


def on(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2024, month, day, hour, tzinfo=UTC)


EARLIER = timedelta(hours=1)
"""Between submission and decision: what happens in one moment is told apart by microseconds."""

END = "12-31"

CASES: dict[str, tuple[str, str]] = {
    # What is done, step by step: a name, what it is, its day, the day of its decision at nine; and
    # what is in force: of a day, as known at the end of another (or then at that hour).
    "without an update nothing is in force": ("", f"{END} {END}: -"),
    "the latest day of which a report speaks wins": (
        "march report 03-01 03-05; may report 05-01 05-05",
        f"{END} {END}: may; 04-30 {END}: march; 05-01 {END}: may; 02-29 {END}: -",
    ),
    "what was decided later was not known before": (
        "march report 03-01 03-05",
        "03-04 03-05@8: -; 03-04 03-05@9: march",
    ),
    "an older day that is approved later is history": (
        "may report 05-01 05-05; late report 03-01 06-01",
        f"{END} {END}: may; 04-01 {END}: late; 04-01 05-31: -",
    ),
    "of two on one day the one decided later wins": (
        "first report 03-01 03-05; second report 03-01 03-06",
        "03-31 03-05: first; 03-31 03-06: second",
    ),
    "a correction takes the place of what it corrects from its decision on": (
        "wrong report 03-01 03-05; right correct wrong 04-01",
        "03-31 03-31: wrong; 03-31 04-01: right; 03-01 04-01: right",
    ),
    "a correction of a correction takes the place of both": (
        "first report 03-01 03-05; second correct first 04-01; third correct second 05-01",
        f"{END} 03-31: first; {END} 04-30: second; {END} 05-31: third",
    ),
    "a retraction brings back what was in force before": (
        "march report 03-01 03-05; may report 05-01 05-05; gone retract may 06-01",
        f"{END} 05-31: may; {END} 06-01: march",
    ),
    "a retraction is itself never in force": (
        "march report 03-01 03-05; gone retract march 04-01",
        f"{END} {END}: -",
    ),
    "a retracted correction does not bring back what it corrected": (
        "before report 02-01 02-05; wrong report 03-01 03-05; right correct wrong 04-01;"
        "gone retract right 05-01",
        f"{END} {END}: before",
    ),
    "a retracted older update leaves what is in force": (
        "march report 03-01 03-05; may report 05-01 05-05; gone retract march 06-01",
        f"{END} {END}: may; 04-01 {END}: -",
    ),
}


class InForceTests(TrackerTestCase):
    def approve(self, update: StatusUpdate, decided: datetime) -> StatusUpdate:
        return decisions.approve_update(update=update, by=self.manager, at=decided)

    def act(self, done: dict[str, StatusUpdate], name: str, kind: str, of: str, day: str) -> None:
        """One step of a case: a report of a day, or what replaces an earlier step."""
        decided = on(*map(int, day.split("-")))
        begun: Any = {"by": self.staff, "at": decided - EARLIER}
        if kind == "report":
            as_of = date.fromisoformat(f"2024-{of}")
            update = self.make_submitted(self.recommendation, as_of=as_of, at=begun["at"])
        elif kind == "retract":
            update = decisions.retract(update=done[of], reason="Wrong.", **begun)
        else:
            update = decisions.correct(update=done[of], values={"remaining": name}, **begun)
            update = submit(update=update, expected_version=update.version, **begun)
        done[name] = self.approve(update, decided)

    def at(self, effective: date, known: datetime) -> StatusUpdate | None:
        scope = StatusUpdate.objects.of_scope(self.recommendation.pk, None)
        return scope.in_force(effective, known).first()

    def test_cases(self) -> None:
        for case, (steps, asked) in CASES.items():
            with self.subTest(case), transaction.atomic():
                done: dict[str, StatusUpdate] = {}
                for step in filter(None, steps.split(";")):
                    self.act(done, *step.split())
                for question in asked.split("; "):
                    of, known, answer = question.replace(":", "").split()
                    day, _at, hour = known.partition("@")
                    moment = on(*map(int, day.split("-")), hour=int(hour or 9))
                    found = self.at(date.fromisoformat(f"2024-{of}"), moment)
                    self.assertEqual(found, done.get(answer), question)
                transaction.set_rollback(True)


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
    """The rule again, said without a database: one list and nothing clever."""
    told = [each for each in history if each.decided_at <= known]
    replaced = {each.replaces for each in told}
    there = [
        (each.as_of, each.decided_at, each.id)
        for each in told
        if each.scope == scope
        and not each.is_retraction
        and each.id not in replaced
        and each.as_of <= effective
    ]
    return max(there)[-1] if there else None


@dataclass(frozen=True)
class Step:
    """One step of a history: what is submitted, of which day, and how soon it is decided."""

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

    @settings(max_examples=times(25, 500))
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
            self.waiting.append(self.submitted(step, now))
        if not self.waiting or not (step.is_decided_at_once or step.kind == "decide"):
            return
        chosen = step.pick if step.kind == "decide" else -1
        self.decide(self.waiting.pop(chosen % len(self.waiting)), now)

    def submitted(self, step: Step, now: datetime) -> StatusUpdate:
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
