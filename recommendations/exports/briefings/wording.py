"""Words and cells that several briefings share."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypeVar

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from recommendations.choices import FINISHED_STATUSES, Confidence, DatePrecision
from recommendations.exports.briefings.blocks import (
    Cell,
    Column,
    Heading,
    Label,
    Point,
    Small,
    Table,
    confidence_label,
    status_label,
)
from recommendations.queries.dates import day_text
from recommendations.queries.recommendations.rows import RecommendationRow

T = TypeVar("T")

MOST_ROWS = 200
"""Recommendations in the table of one briefing; the export has all of them."""


def short_day(value: date | None) -> str:
    """``30 Sep 2026``; a missing day says so."""
    if value is None:
        return _("No date")
    return unbroken(date_format(value, pgettext("date, short", "j M Y")))


def long_day(value: date | None) -> str:
    """``30 September 2026``; a missing day says so."""
    return _("No date") if value is None else unbroken(day_text(value))


def unbroken(text: str) -> str:
    """A text that stays on one line."""
    return text.replace(" ", "\u00a0")


def day_of_evidence(value: date | None, precision: str) -> str:
    """The day of an item, no more exact than it is known."""
    if value is None:
        return _("No date")
    match precision:
        case DatePrecision.YEAR:
            return str(value.year)
        case DatePrecision.MONTH:
            return date_format(value, "F Y")
    return short_day(value)


def status_of(today: date, known_on: date | None = None) -> str:
    """For which day a briefing is true, and by what was known until when if that is another."""
    if known_on is not None:
        return _("Current on %(day)s, as known on %(known)s") % {
            "day": long_day(today),
            "known": long_day(known_on),
        }
    return _("Current on %(day)s") % {"day": long_day(today)}


def note_on_status(as_of: date | None, decided_at: datetime | None) -> str:
    """Of which day a status is, and when it was approved, as far as there is either."""
    if as_of is None:
        return ""
    if decided_at is None:
        return _("as of %(day)s") % {"day": long_day(as_of)}
    return _("as of %(day)s, approved %(approved)s") % {
        "day": long_day(as_of),
        "approved": long_day(localtime(decided_at).date()),
    }


def audience(*, is_internal: bool) -> str:
    """The mark of what is not for the public."""
    return _("Internal") if is_internal else ""


def demonstration(*, is_shown: bool) -> str:
    """The mark of fictional data."""
    return _("Demonstration: people, progress and marked sources are fictional") if is_shown else ""


def first_of(rows: Sequence[T], most: int) -> tuple[Sequence[T], tuple[Small, ...]]:
    """The first rows, and how many more the page has."""
    n = len(rows) - most
    if n <= 0:
        return rows, ()
    more = ngettext("%(n)d more is shown online.", "%(n)d more are shown online.", n)
    return rows[:most], (Small((more % {"n": n},)),)


def status_cell(row: RecommendationRow) -> Cell:
    """Status, and confidence while a recommendation is open, with what awaits review."""
    notes = [waiting_text(row)] if waiting_text(row) else []
    notes += origins(row)
    if row.is_out_of_date and row.rated_on:
        notes.append(_("Confidence rated on %(day)s") % {"day": short_day(row.rated_on)})
    return Cell(
        status=status_label(row.status, is_continuous=row.is_continuous),
        confidence=confidence_of(row),
        notes=tuple(notes),
    )


def origins(row: RecommendationRow) -> list[str]:
    """That a status was taken over from a list, or approved through an import."""
    texts = [_("Opening status")] if row.is_opening else []
    return texts + ([_("Approved through an import")] if row.is_approved_by_import else [])


def confidence_of(row: RecommendationRow) -> Label | None:
    """The delivery confidence; none of what is finished or was never reported."""
    if not row.status or row.status in FINISHED_STATUSES:
        return None
    return confidence_label(row.confidence, has_date=row.has_date)


def waiting_text(row: RecommendationRow) -> str:
    """The status that an update reports which awaits review; empty where none differs."""
    if not row.reported_status or row.reported_status == row.status:
        return ""
    label = status_label(row.reported_status, is_continuous=row.is_continuous).label
    return _("“%(status)s” was reported and awaits review.") % {"status": label}


def target_cell(row: RecommendationRow) -> Cell:
    """The target date, or since when it is finished, with postponement."""
    undated = _("Continuous") if row.is_continuous else _("No target date")
    text = row.finished or (short_day(row.target_date) if row.target_date else undated)
    return Cell(text, notes=(capfirst(row.moved),) if row.moved else ())


def updated_cell(row: RecommendationRow) -> Cell:
    """The day that the current update speaks of."""
    return Cell(short_day(row.as_of) if row.as_of else _("No report yet"))


def title_cell(row: RecommendationRow, root: str, *, is_marked: bool) -> Cell:
    """Reference and title, linked; why it needs attention, and whether it is archived.

    ``is_marked``: and whether it is demonstration data, which the page does not say of all rows.
    """
    notes = [capfirst(reason) for reason in row.reasons]
    if row.is_archived:
        notes.insert(0, _("Archived"))
    if row.is_demonstration and is_marked:
        notes.append(_("Demonstration"))
    return Cell(
        f"{row.reference} {row.title}", tuple(notes), is_strong=True, address=root + row.url
    )


def lead_cell(row: RecommendationRow) -> Cell:
    """Lead organisation and lead officer."""
    return Cell(row.lead or _("No lead organisation"), (row.officer,) if row.officer else ())


def recommendation_table(
    rows: Sequence[RecommendationRow], root: str, *, is_internal: bool
) -> Table:
    """One line a recommendation."""
    is_marked = not all(row.is_demonstration for row in rows)
    columns = [
        Column(_("Recommendation"), 5),
        Column(_("Status"), 3),
        *([Column(_("Lead organisation"), 3)] if is_internal else []),
        Column(_("Target date"), 2),
        Column(_("Last update")),
    ]
    lines = [
        (
            title_cell(row, root, is_marked=is_marked),
            status_cell(row),
            *((lead_cell(row),) if is_internal else ()),
            target_cell(row),
            updated_cell(row),
        )
        for row in rows
    ]
    return Table(tuple(columns), tuple(lines))


def needing_attention(rows: Sequence[RecommendationRow]) -> tuple[Point, ...]:
    """Each recommendation that is off track or has another reason, with all of its reasons."""
    told = ((row, _reasons(row)) for row in rows)
    return tuple(
        Point(f"{row.reference} {row.title}", " · ".join(reasons))
        for row, reasons in told
        if reasons
    )


def _reasons(row: RecommendationRow) -> list[str]:
    off_track = [str(Confidence.RED.label)] * (row.confidence == Confidence.RED)
    return off_track + [capfirst(reason) for reason in row.reasons]


def section(title: str, *blocks: object) -> tuple[object, ...]:
    """Blocks under a heading; nothing where there are none."""
    return (Heading(title), *blocks) if blocks else ()
