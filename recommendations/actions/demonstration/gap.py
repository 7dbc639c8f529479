"""DSR-1 in the demonstration: at risk; an update that says more waits for review."""

from collections.abc import Iterator

from recommendations.actions.demonstration.stage import Stage, text_file
from recommendations.choices import Confidence, EvidenceKind, ImplementationStatus, Stance

IN_PROGRESS = ImplementationStatus.IN_PROGRESS
PARTLY = ImplementationStatus.PARTLY_IMPLEMENTED

Chapter = Iterator[int]


def plan(stage: Stage) -> Chapter:
    """A first update, and a correction of its wording."""
    cast = stage.cast
    words = "on {day} Ministry A and Agency C agreed to bring {number} test schools on line."
    yield 400
    first = stage.submit(
        stage.draft(
            "DSR-1",
            cast.staff,
            as_of=402,
            implementation_status=IN_PROGRESS,
            confidence=Confidence.GREEN,
            what_happened=words.format(day=stage.on(402), number="ten"),
            next_steps="choose the schools and ask for offers.",
            public_text="a plan to bring test schools on line was agreed.",
            internal_note="what the plan will cost is not known yet.",
        )
    )
    yield 397
    first = stage.approve(first, cast.manager)
    yield 372
    right = words.format(day=stage.on(402), number="twelve")
    correction = stage.submit(stage.correct(first, cast.staff, what_happened=right))
    yield 370
    stage.approve(correction, cast.other_manager, "twelve is what the plan says.")


def offers(stage: Stage) -> Chapter:
    """An update that is returned, written again and approved."""
    cast = stage.cast
    yield 300
    update = stage.submit(
        stage.draft(
            "DSR-1",
            cast.staff,
            as_of=301,
            implementation_status=IN_PROGRESS,
            confidence=Confidence.AMBER,
            what_happened="the schools were chosen.",
            issue="the offers are dearer than was planned.",
            response_action="the order is split in two.",
            response_owner="Ministry A",
        )
    )
    yield 297
    update = stage.send_back(
        update, cast.manager, "say when the schools were chosen, and add a public wording."
    )
    yield 291
    update = stage.amend(
        update,
        what_happened=f"on {stage.on(305)} the twelve schools were chosen.",
        public_text="the test schools were chosen; the offers are dearer than was planned.",
    )
    update = stage.submit(update)
    yield 289
    stage.approve(update, cast.manager)


def count(stage: Stage) -> Chapter:
    """An update that turns out wrong and is retracted; another that its author takes back."""
    cast = stage.cast
    yield 240
    update = stage.submit(
        stage.draft(
            "DSR-1",
            cast.staff,
            as_of=241,
            implementation_status=IN_PROGRESS,
            confidence=Confidence.GREEN,
            what_happened=f"on {stage.on(242)} all twelve schools were on line.",
            public_text="all test schools are on line.",
        )
    )
    yield 238
    update = stage.approve(update, cast.manager)
    yield 214
    retraction = stage.retract(
        update, cast.staff, "two schools had been counted twice: ten of twelve were on line."
    )
    yield 211
    stage.approve(retraction, cast.other_manager)
    yield 170
    recount = stage.draft(
        "DSR-1",
        cast.staff,
        as_of=171,
        implementation_status=IN_PROGRESS,
        what_happened="the schools are being counted again.",
    )
    recount = stage.submit(recount)
    yield 169
    stage.withdraw(recount)


def today(stage: Stage) -> Chapter:
    """The update in force: evidence for it, checked, and against it, answered."""
    cast = stage.cast
    yield 96
    update = stage.draft(
        "DSR-1",
        cast.staff,
        as_of=98,
        implementation_status=IN_PROGRESS,
        confidence=Confidence.AMBER,
        what_happened=f"on {stage.on(98)} eleven of the twelve test schools were on line.",
        remaining="one school, and a report on what the others make of it.",
        next_steps="lay the last line, then ask the schools.",
        issue="the last school lies beyond the end of the cable.",
        response_action="a link by radio is being tried.",
        response_owner="Ministry A",
        public_text="eleven of twelve test schools are on line; the last is hard to reach.",
        internal_note="Agency C would pay for the radio link.",
    )
    link = stage.attach(
        update,
        cast.staff,
        "it counts the schools that are on line, by name.",
        file=text_file("test-schools", *_schools(10)),
        title="List of test schools with their lines",
        citation="Ministry A, list of test schools, second edition.",
        publisher="Ministry A",
    )
    update = stage.submit(update)
    yield 94
    newer = text_file("test-schools-second-edition", *_schools(11))
    stage.revise(link.evidence, cast.staff, newer, "school 11 is in it.")
    yield 93
    update = stage.approve(update, cast.manager)
    yield 92
    stage.check(link.evidence, cast.manager, "called three of the schools; all are on line.")
    yield 80
    against = stage.attach(
        update,
        cast.other_staff,
        "it says that one school on the list had no line for a week.",
        Stance.UNDERMINES,
        title="Note on a school without a line",
        kind=EvidenceKind.WEB_PAGE,
        url="https://example.org/demonstration/school-without-a-line",
    )
    yield 72
    stage.answer(against, cast.manager, "the line was cut by road works and is back.")


def waiting(stage: Stage) -> Chapter:
    """An update that waits for a manager and has all that approval needs."""
    cast = stage.cast
    yield 9
    update = stage.draft(
        "DSR-1",
        cast.other_staff,
        as_of=10,
        implementation_status=PARTLY,
        confidence=Confidence.GREEN,
        what_happened=f"on {stage.on(11)} the last of the twelve test schools went on line.",
        remaining="the report on what the schools make of it.",
        next_steps="ask the schools, and publish what they say.",
        public_text="all twelve test schools are on line; a report will follow.",
    )
    stage.attach(
        update,
        cast.other_staff,
        "it records the last line as working.",
        file=text_file("test-of-the-last-line", "the line to school 12 works."),
        title="Record of the test of the last line",
        citation="Standards Body B, record of a test of lines, sheet 12.",
        publisher="Standards Body B",
    )
    stage.submit(update)


def _schools(number: int) -> list[str]:
    """The lines of the made-up list of schools, as many as are on line."""
    return [f"school {school} is on line." for school in range(1, number + 1)]
