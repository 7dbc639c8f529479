"""What happens in the demonstration, so that each thing the site can show is there.

Only made-up bodies act. Whoever tries the site writes on DSR-2, so nothing waits there; DSR-4 is
left at "No report yet".

A chapter yields the day of its next move, counted back from now, and makes that move when it is
resumed. Chapters are told side by side, because the record keeps the order of time.
"""

from recommendations.actions.demonstration import addressees, figures, gap
from recommendations.actions.demonstration.gap import Chapter
from recommendations.actions.demonstration.stage import Stage
from recommendations.choices import (
    Confidence,
    EvidenceKind,
    ImplementationStatus,
    Stance,
    Visibility,
)

NOT_STARTED = ImplementationStatus.NOT_STARTED
IN_PROGRESS = ImplementationStatus.IN_PROGRESS


def tell(stage: Stage) -> None:
    """Tell all chapters: always the move that lies furthest back."""
    begun = [chapter(stage) for chapter in CHAPTERS]
    waiting = {chapter: next(chapter) for chapter in begun}
    while waiting:
        chapter = max(waiting, key=waiting.__getitem__)
        stage.days = waiting.pop(chapter)
        following = next(chapter, None)
        if following is not None:
            waiting[chapter] = following


# DSR-2: in progress and on track; the next update is due -----------------------------------------


def certification(stage: Stage) -> Chapter:
    """Three updates, one after the other; the last is verified by an independent body."""
    cast = stage.cast
    yield 390
    first = stage.submit(
        stage.draft(
            "DSR-2",
            cast.staff,
            as_of=391,
            implementation_status=NOT_STARTED,
            what_happened="nobody has begun; Ministry A asked Standards Body B for a proposal.",
            public_text="work has not begun.",
        )
    )
    yield 388
    stage.approve(first, cast.manager)
    yield 310
    second = stage.submit(
        stage.draft(
            "DSR-2",
            cast.staff,
            as_of=312,
            implementation_status=IN_PROGRESS,
            confidence=Confidence.GREEN,
            what_happened=f"on {stage.on(312)} Standards Body B sent its proposal.",
            next_steps="agree on the first group of products.",
            public_text="a proposal for a test scheme is on the table.",
        )
    )
    yield 308
    stage.approve(second, cast.other_manager)


def certification_today(stage: Stage) -> Chapter:
    cast = stage.cast
    yield 193
    update = stage.draft(
        "DSR-2",
        cast.staff,
        as_of=195,
        implementation_status=IN_PROGRESS,
        confidence=Confidence.GREEN,
        what_happened=(
            f"on {stage.on(195)} Ministry A and Standards Body B agreed on a test scheme for one "
            "group of products, routers."
        ),
        remaining="the scheme itself, and its recognition by others.",
        next_steps="certify a first product.",
        public_text="a test scheme for one group of products was agreed.",
        internal_note="Agency C is asked to join.",
    )
    link = stage.attach(
        update,
        cast.staff,
        "it is the agreement, signed.",
        title="Agreement on a test scheme for routers",
        citation="Ministry A and Standards Body B, agreement on a test scheme, section 2.",
        publisher="Standards Body B",
    )
    update = stage.submit(update)
    yield 190
    stage.approve(update, cast.manager, "a good step.")
    yield 186
    stage.check(link.evidence, cast.other_manager, "saw the signed copy.")


# DSR-3: off track, rated long ago, contradicted --------------------------------------------------


def integration(stage: Stage) -> Chapter:
    """From not started to at risk."""
    cast = stage.cast
    yield 405
    first = stage.submit(
        stage.draft(
            "DSR-3",
            cast.other_staff,
            as_of=406,
            implementation_status=NOT_STARTED,
            what_happened="Standards Body B looked into it; the four strands are worked on apart.",
            public_text="the four strands are worked on apart so far.",
        )
    )
    yield 403
    stage.approve(first, cast.manager)
    yield 330
    second = stage.submit(
        stage.draft(
            "DSR-3",
            cast.other_staff,
            as_of=331,
            implementation_status=IN_PROGRESS,
            confidence=Confidence.AMBER,
            what_happened=f"on {stage.on(333)} a joint group for the four strands met first.",
            issue="nobody speaks for patents in the group.",
            response_action="Ministry A looks for somebody.",
            response_owner="Ministry A",
            public_text="a joint group has met; one seat in it is empty.",
        )
    )
    yield 328
    stage.approve(second, cast.other_manager)


def integration_stuck(stage: Stage) -> Chapter:
    """The last rating: red, with evidence for it and, unanswered, against it; no public wording.

    A confirmation later keeps the rating of then, so that it is out of date.
    """
    cast = stage.cast
    yield 255
    update = stage.draft(
        "DSR-3",
        cast.other_staff,
        as_of=256,
        implementation_status=IN_PROGRESS,
        confidence=Confidence.RED,
        what_happened=f"on {stage.on(260)} the joint group met for the second time.",
        remaining="a common plan for the four strands.",
        asked_for="a mandate for the joint group, and somebody who speaks for patents.",
        internal_note="two members think of leaving.",
    )
    stage.attach(
        update,
        cast.other_staff,
        "it shows that the group met, and who was absent.",
        title="Minutes of the second meeting of the joint group",
        citation="Standards Body B, minutes of the joint group, meeting 2.",
        visibility=Visibility.INTERNAL,
    )
    update = stage.submit(update)
    yield 252
    update = stage.approve(update, cast.manager, "the mandate is being asked for.")
    yield 200
    stage.attach(
        update,
        cast.staff,
        "it says that the second meeting was called off.",
        Stance.UNDERMINES,
        title="Notice that a meeting was called off",
        kind=EvidenceKind.WEB_PAGE,
        url="https://example.org/demonstration/meeting-called-off",
    )
    yield 100
    confirmed = stage.no_change("DSR-3", cast.other_staff, "the group still waits for its mandate.")
    yield 97
    stage.approve(confirmed, cast.other_manager)


def integration_returned(stage: Stage) -> Chapter:
    """An update that was returned and lies with its author."""
    cast = stage.cast
    yield 20
    update = stage.draft(
        "DSR-3",
        cast.other_staff,
        as_of=21,
        implementation_status=IN_PROGRESS,
        confidence=Confidence.AMBER,
        what_happened="the mandate is as good as given.",
        issue="the mandate is not signed.",
        response_action="Agency C reminds those who sign.",
        response_owner="Agency C",
    )
    update = stage.submit(update)
    yield 12
    stage.send_back(
        update, cast.manager, "say what was signed and when, and answer what speaks against it."
    )


# DSR-4: no report yet ----------------------------------------------------------------------------


def initiative(stage: Stage) -> Chapter:
    """A draft that nobody but its author has gone on with."""
    yield 15
    stage.draft(
        "DSR-4",
        stage.cast.other_staff,
        as_of=16,
        implementation_status=IN_PROGRESS,
        what_happened="first talks; more to be written here.",
    )


CHAPTERS = (
    gap.plan,
    gap.offers,
    gap.count,
    gap.today,
    gap.waiting,
    figures.share_on_line,
    certification,
    certification_today,
    integration,
    integration_stuck,
    integration_returned,
    initiative,
    *addressees.CHAPTERS,
)
