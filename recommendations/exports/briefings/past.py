"""The briefing on a recommendation of a past day: what its page of that day says."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from recommendations.choices import Stance
from recommendations.exports.briefings.blocks import (
    Document,
    Fact,
    Facts,
    Lead,
    Point,
    Points,
    Prose,
    Small,
    State,
    Term,
    Terms,
    paragraphs,
    status_label,
)
from recommendations.exports.briefings.wording import (
    audience,
    confidence_of,
    demonstration,
    long_day,
    note_on_status,
    origins,
    section,
    status_of,
)
from recommendations.queries.days import Days
from recommendations.queries.recommendations.cited import CitedPage
from recommendations.queries.recommendations.past.shown import PastEvidence


def past_briefing(page: CitedPage, days: Days, root: str) -> Document:
    """What the page of a past day says; ``root`` stands before addresses."""
    return Document(
        kind=_("Briefing"),
        reference=page.reference,
        mark=page.reference,
        heading=page.title,
        address=root + page.citation.path,
        day=status_of(days.as_of, days.known_on),
        demonstration=demonstration(is_shown=page.row.is_demonstration),
        audience=audience(is_internal=page.is_internal),
        blocks=tuple(_blocks(page)),
    )


def _blocks(page: CitedPage) -> Iterator[Any]:
    row = page.row
    yield Lead(paragraphs(page.summary))
    yield State(
        status_label(row.status, is_continuous=row.is_continuous),
        confidence_of(row),
        note_on_status(page.as_of, page.approved_at),
    )
    if origin := origins(row):
        yield Small(tuple(origin))
    yield Facts(tuple(_facts(page)))
    reasons = tuple(Point(text) for text in page.warnings)
    yield from section(_("Needs attention"), *([Points(reasons)] if reasons else []))
    yield from section(_("Current update"), *_update(page))
    linked = tuple(
        Point(f"{Stance(each.stance).label}: {each.title}", _answer(each)) for each in page.evidence
    )
    yield from section(_("Evidence on the update"), *([Points(linked)] if linked else []))
    redacted = tuple(Point(text) for text in page.redactions)
    yield from section(_("Redacted since"), *([Points(redacted)] if redacted else []))
    yield from section(_("Cite this status"), Prose((page.citation.sentence,)))


def _answer(item: PastEvidence) -> str:
    """Whether what contradicts the update was answered; nothing of other evidence."""
    if item.stance != Stance.UNDERMINES:
        return ""
    return _("Answered") if item.is_answered else _("Unanswered")


def _facts(page: CitedPage) -> Iterator[Fact]:
    dated = long_day(page.target_date) if page.target_date else _("No date set")
    yield Fact(_("Target date"), page.finished or dated, ())
    if page.parts_complete:
        yield Fact(_("Parts"), page.parts_complete, ())
    yield Fact(_("Audit log entry"), str(page.number), ())


def _update(page: CitedPage) -> Iterator[Any]:
    if not page.status:
        yield Prose((_("No update had been approved. This is not the same as “Not started”."),))
        return
    said = tuple(Term(str(each.label), paragraphs(each.text)) for each in page.said)
    if said:
        yield Terms(said)
    yield Prose(paragraphs(page.public_statement))
    if page.origin:
        yield Prose((page.origin,))
