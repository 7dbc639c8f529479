"""What changed on record as a PDF: a table for each recommendation, the weightiest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.exports.briefings.blocks import (
    Cell,
    Column,
    Document,
    Heading,
    Lead,
    Small,
    Table,
)
from recommendations.exports.briefings.wording import (
    audience,
    demonstration,
    short_day,
    status_of,
)
from recommendations.queries.changes.report import ChangedRecommendation
from recommendations.queries.changes.statuses import OneChange
from recommendations.queries.log.rows import Change

MOST_CHANGED = 100
"""Recommendations in one file; the export has all of them."""

LONGEST = 600
"""Characters of a text before or after a change; the page shows all of it."""


@dataclass(frozen=True, slots=True)
class FoundChanges:
    """What a page of changes found: the first recommendations of ``total``, and since when."""

    title: str
    reference: str
    period: str
    rows: Sequence[ChangedRecommendation]
    total: int
    is_demonstration: bool


def changes_briefing(found: FoundChanges, today: date, address: str, root: str) -> Document:
    """The file of a page of changes at ``address``; ``root`` stands before addresses."""
    return Document(
        kind=_("What changed"),
        reference=found.reference,
        mark="",
        heading=_("What changed: %(title)s") % {"title": found.title},
        address=address,
        day=status_of(today),
        demonstration=demonstration(is_shown=found.is_demonstration),
        audience=audience(is_internal=True),
        blocks=tuple(_blocks(found, root)),
    )


def _blocks(found: FoundChanges, root: str) -> Iterator[Any]:
    yield Lead((found.period,))
    if not found.total:
        yield Small((_("Nothing changed"),))
        return
    n = found.total
    yield Small(
        (ngettext("%(n)d recommendation changed.", "%(n)d recommendations changed.", n) % {"n": n},)
    )
    for each in found.rows:
        about = each.recommendation
        yield Heading(f"{about.reference} {about.title}")
        yield Table(_columns(), tuple(_row(change, root) for change in each.changes))
    if more := n - len(found.rows):
        words = ngettext(
            "%(n)d recommendation more changed. The export has all changes.",
            "%(n)d recommendations more changed. The export has all changes.",
            more,
        )
        yield Small((words % {"n": more},))


def _columns() -> tuple[Column, ...]:
    return (
        Column(_("About"), 2),
        Column(_("Change"), 6),
        Column(_("By"), 2),
        Column(_("Recorded on")),
    )


def _row(change: OneChange, root: str) -> tuple[Cell, ...]:
    notes = [change.title, *map(_sides, change.changes), change.reason, change.note]
    return (
        Cell(str(change.kind.label), is_strong=True),
        Cell(
            change.what,
            tuple(note for note in notes if note),
            address=root + change.url if change.url else "",
        ),
        Cell(change.by or _("the system")),
        Cell(short_day(timezone.localdate(change.at))),
    )


def _sides(change: Change) -> str:
    """From which value to which; what was not there before stands alone."""
    words = {
        "label": change.label,
        "before": _short(change.before),
        "after": _short(change.after) or _("No data"),
    }
    if not change.before:
        return _("%(label)s: %(after)s") % words
    return _("%(label)s: %(before)s → %(after)s") % words


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()}…"
