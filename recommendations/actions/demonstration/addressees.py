"""What the made-up areas say, report of themselves and do, and how a date moved."""

from datetime import timedelta
from typing import Any

from recommendations.actions.demonstration.gap import Chapter
from recommendations.actions.demonstration.stage import Stage
from recommendations.choices import (
    ActionState,
    Confidence,
    EvidenceKind,
    ImplementationStatus,
    ResponsePosition,
)
from recommendations.models import User

AWAITING = ResponsePosition.AWAITING


def asked(stage: Stage) -> Chapter:
    """All are asked; one and the same answer of many is recorded at once."""
    cast = stage.cast
    yield 408
    stage.respond("DSR-1", "ABCDEFGHIJKL", cast.staff, AWAITING, due=200)
    yield 407
    stage.respond("DSR-2", "ABCDEF", cast.staff, AWAITING, due=-40)
    yield 376
    stage.respond("DSR-1", "ABCD", cast.staff, ResponsePosition.ACCEPTED, since=377)
    yield 362
    stage.respond(
        "DSR-1",
        "EF",
        cast.staff,
        ResponsePosition.ACCEPTED_IN_PART,
        since=364,
        part_accepted="the common platform, but no system of support.",
        reason="there is no budget for support.",
    )
    yield 340
    stage.respond("DSR-2", "AB", cast.staff, ResponsePosition.ACCEPTED, since=342)


def answered(stage: Stage) -> Chapter:
    """The other positions, and one area that changes its mind."""
    cast = stage.cast
    yield 326
    stage.respond("DSR-1", "G", cast.staff, ResponsePosition.ACCEPTED_IN_PRINCIPLE, since=327)
    yield 320
    stage.respond(
        "DSR-1",
        "H",
        cast.staff,
        ResponsePosition.REJECTED,
        since=322,
        reason="it goes its own way in this.",
    )
    yield 316
    stage.respond(
        "DSR-1",
        "I",
        cast.staff,
        ResponsePosition.NOT_FOR_US,
        since=318,
        reason="it says that this is for its regions.",
    )
    yield 285
    stage.respond(
        "DSR-2", "C", cast.staff, ResponsePosition.REJECTED, since=286, reason="too costly."
    )
    yield 230
    stage.respond(
        "DSR-2",
        "C",
        cast.staff,
        ResponsePosition.ACCEPTED_IN_PART,
        since=232,
        part_accepted="for routers alone.",
    )
    yield 160
    stage.respond("DSR-1", "D", cast.staff, ResponsePosition.WITHDRAWN, since=161)


def own_states(stage: Stage) -> Chapter:
    """One area has it all in effect, with evidence that was checked; others are on the way."""
    cast = stage.cast
    yield 268
    update = stage.draft(
        "DSR-2",
        cast.staff,
        as_of=270,
        area="A",
        implementation_status=ImplementationStatus.IMPLEMENTED,
        completed_on=stage.day(272),
        what_happened=f"on {stage.on(272)} its law on certified products came into force.",
        public_text="the law is in force.",
    )
    link = stage.attach(
        update,
        cast.staff,
        "it is the law itself.",
        title="Law on certified products",
        kind=EvidenceKind.DOCUMENT,
        citation="Demonstration A, law on certified products, section 1.",
    )
    update = stage.submit(update)
    yield 266
    stage.check(link.evidence, cast.other_manager, "read the law.")
    yield 265
    stage.approve(update, cast.manager)
    yield from _reported(
        stage,
        "DSR-2",
        (262, 260),
        cast.manager,
        as_of=263,
        area="B",
        implementation_status=ImplementationStatus.IN_PROGRESS,
        confidence=Confidence.GREEN,
        what_happened=f"on {stage.on(264)} a bill was put to its parliament.",
    )


def own_states_of_the_gap(stage: Stage) -> Chapter:
    cast = stage.cast
    yield from _reported(
        stage,
        "DSR-1",
        (226, 224),
        cast.manager,
        as_of=228,
        area="A",
        implementation_status=ImplementationStatus.IN_PROGRESS,
        confidence=Confidence.AMBER,
        what_happened=f"on {stage.on(229)} a first district was put on line.",
        issue="the second district waits for poles.",
        response_action="poles are being ordered.",
        response_owner="Ministry A",
    )
    yield from _reported(
        stage,
        "DSR-1",
        (222, 220),
        cast.other_manager,
        as_of=223,
        area="B",
        implementation_status=ImplementationStatus.NOT_STARTED,
        what_happened="it says that nothing has been done yet.",
    )


def _reported(
    stage: Stage, reference: str, days: tuple[int, int], approver: User, **said: Any
) -> Chapter:
    """Handed in by staff on the first of two days, approved on the second."""
    yield days[0]
    update = stage.submit(stage.draft(reference, stage.cast.staff, **said))
    yield days[1]
    stage.approve(update, approver)


def steps(stage: Stage) -> Chapter:
    """Made-up ones beside those of the article: late, done, dropped."""
    cast = stage.cast
    yield 386
    scope = stage.add_step(
        "DSR-2",
        cast.staff,
        "agree on the first group of products",
        state=ActionState.IN_PROGRESS,
        started_on=stage.day(387),
        due_on=stage.day(180),
        owner="Demonstration Ministry A",
    )
    stage.add_step(
        "DSR-1",
        cast.staff,
        "bring twelve test schools on line",
        owner="Demonstration Ministry A",
        state=ActionState.IN_PROGRESS,
        started_on=stage.day(386),
        due_on=stage.day(25),
    )
    yield 332
    late = stage.add_step(
        "DSR-2",
        cast.staff,
        "a list of laboratories that may test",
        owner="Demonstration Standards Body B",
        due_on=stage.day(300),
    )
    yield 194
    stage.change_step(scope, cast.staff, state=ActionState.DONE, done_on=stage.day(195))
    yield 150
    stage.change_step(
        late,
        cast.staff,
        state=ActionState.DROPPED,
        dropped_reason="the standards body keeps such a list already.",
    )


def dates(stage: Stage) -> Chapter:
    """DSR-2: a first date, two moves that were approved, and one that was not."""
    cast = stage.cast
    first = stage.day(0) + timedelta(days=30)
    yield 398
    stage.set_date("DSR-2", cast.manager, first, "the proposal of Standards Body B says so.")
    yield 300
    later = first + timedelta(days=92)
    change = stage.ask_for_date("DSR-2", cast.staff, later, "the tests take a quarter longer.")
    yield 296
    stage.approve_date(change, cast.other_manager)
    yield 250
    change = stage.ask_for_date(
        "DSR-2", cast.staff, later + timedelta(days=365), "let us be on the safe side."
    )
    yield 246
    stage.reject_date(change, cast.manager, "a year more needs a reason.")
    yield 188
    latest = later + timedelta(days=92)
    change = stage.ask_for_date("DSR-2", cast.staff, latest, "two laboratories joined late.")
    yield 184
    stage.approve_date(change, cast.manager)


CHAPTERS = (
    asked,
    answered,
    own_states,
    own_states_of_the_gap,
    steps,
    dates,
)
