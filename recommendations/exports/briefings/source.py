"""The briefing on one source: its headline, its counts, and one line a recommendation."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import permissions
from recommendations.choices import (
    IN_EFFECT,
    STATUS_ORDER,
    Confidence,
    ImplementationStatus,
    Only,
    label_of_status,
)
from recommendations.exports.briefings.blocks import (
    Cell,
    Column,
    Document,
    Heading,
    Lead,
    Number,
    Numbers,
    Points,
    Prose,
    Small,
    Table,
    confidence_label,
)
from recommendations.exports.briefings.wording import (
    MOST_ROWS,
    audience,
    demonstration,
    first_of,
    long_day,
    needing_attention,
    recommendation_table,
    section,
    status_of,
)
from recommendations.models import Source
from recommendations.permissions import Person
from recommendations.queries.listed import ids_of
from recommendations.queries.recommendations.by_lead import LeadCounts
from recommendations.queries.recommendations.by_theme import ThemeRow
from recommendations.queries.recommendations.narrowed import followed_in
from recommendations.queries.recommendations.overview import Overview, build_overview
from recommendations.queries.recommendations.portfolio import LeadRow, lead_rows, portfolio_of
from recommendations.queries.recommendations.tally import Tally

MOST_LEADS = 40
"""Rows by lead organisation, and by theme."""
MOST_URGENT = 6


def source_briefing(source: Source, person: Person, today: date, root: str) -> Document:
    """Read one source for one person; ``root`` stands before addresses."""
    found = ids_of(followed_in([source.pk], person).order_by("number", "pk"))
    ids = list(found[:MOST_ROWS])
    portfolio = portfolio_of([source], person, today)
    overview = build_overview(portfolio, person, today, MOST_URGENT, ids)
    shown = (*overview.rows, *overview.attention)
    is_internal = permissions.can_read_internally(person)
    return Document(
        kind=_("Briefing"),
        reference=source.short_title,
        mark="",
        heading=source.short_title,
        address=root + source.get_absolute_url(),
        day=status_of(today),
        demonstration=demonstration(is_shown=any(row.is_demonstration for row in shown)),
        audience=audience(is_internal=is_internal),
        blocks=tuple(_blocks(source, overview, root, is_internal=is_internal)),
    )


def _blocks(source: Source, overview: Overview, root: str, *, is_internal: bool) -> Iterator[Any]:
    if not overview.tally.total:
        yield Prose((_("No recommendations yet"),))
        return
    yield Lead((f"{overview.summary} {overview.worst}".strip(),))
    yield Small((_basis(overview), _named(source)))
    yield from _counts(overview.tally)
    yield from section(_("By lead organisation"), *_by_lead(overview))
    yield from section(_("By theme"), *_by_theme(overview))
    yield from section(_("Needs attention"), *_attention(overview))
    yield Heading(_("Recommendations"))
    yield recommendation_table(overview.rows, root, is_internal=is_internal)
    if n := overview.tally.total - len(overview.rows):
        yield Small((rows_left_out(n),))


def rows_left_out(number: int) -> str:
    """That a table is not complete, and where all rows are."""
    return ngettext(
        "%(n)d recommendation more is not listed here. The export of the list has all of them.",
        "%(n)d recommendations more are not listed here. The export of the list has all of them.",
        number,
    ) % {"n": number}


def _basis(overview: Overview) -> str:
    first, last = overview.tally.first, overview.tally.last
    if first is None or last is None:
        basis = _("No update has been approved yet")
    elif first == last:
        basis = _("Based on approved updates as of %(day)s") % {"day": long_day(first)}
    else:
        basis = _("Based on approved updates as of %(first)s to %(last)s") % {
            "first": long_day(first),
            "last": long_day(last),
        }
    return " · ".join([basis, *(capfirst(part) for part in overview.rests_on)])


def _counts(tally: Tally) -> Iterator[Numbers]:
    statuses = tuple(number for number in _statuses(tally) if number.number)
    yield Numbers(_("Implementation status"), statuses, is_status=True)
    confidences = tuple(number for number in _confidences(tally) if number.number)
    yield Numbers(_("Delivery confidence (open)"), confidences, is_status=False)


def _statuses(tally: Tally) -> Iterator[Number]:
    for code in STATUS_ORDER:
        number = tally.statuses[code]
        if code == ImplementationStatus.IMPLEMENTED:
            number -= tally.continuous_in_effect
            yield Number(tally.continuous_in_effect, code, str(IN_EFFECT))
        yield Number(number, code, label_of_status(code))


def _confidences(tally: Tally) -> Iterator[Number]:
    for code in Confidence.values:
        known = confidence_label(code, has_date=True)
        yield Number(tally.confidences[code], code, known.label, known.tone)


def _by_lead(overview: Overview) -> Iterator[Any]:
    leads = overview.portfolio.leads()
    if not leads:
        return
    shown, more = first_of(leads, MOST_LEADS)
    rows = [_counts_row(lead) for lead in lead_rows(shown)]
    if len(leads) > 1:
        rows.append(_counts_row(LeadRow(_("All"), "", overview.all_leads), is_strong=True))
    yield Table(_count_columns(_("Lead organisation")), tuple(rows))
    yield from more


def _by_theme(overview: Overview) -> Iterator[Any]:
    """A recommendation counts under each of its themes, so there is no total."""
    if overview.themes:
        rows = tuple(_counts_row(theme) for theme in overview.themes)
        yield Table(_count_columns(_("Theme")), rows)
    if n := overview.n_themes - len(overview.themes):
        words = ngettext(
            "The page of themes has %(n)d further theme.",
            "The page of themes has %(n)d further themes.",
            n,
        )
        yield Small((words % {"n": n},))


def _count_columns(first: str) -> tuple[Column, ...]:
    return (
        Column(first, 1),
        *(
            Column(label, is_number=True)
            for label in (
                *(_("Open"), _("Overdue"), _("Off track"), _("No report")),
                *(_("Implemented"), _("Recommendations")),
            )
        ),
    )


def _counts_row(row: LeadRow | ThemeRow, *, is_strong: bool = False) -> tuple[Cell, ...]:
    counts = row.counts
    late = "red" if counts.overdue else ""
    off = "red" if counts.off_track else ""
    return (
        Cell(row.name, is_strong=is_strong),
        Cell(str(counts.open), is_strong=is_strong),
        Cell(str(counts.overdue), tone=late, is_strong=is_strong),
        Cell(str(counts.off_track), tone=off, is_strong=is_strong),
        Cell(str(counts.no_report), is_strong=is_strong),
        Cell(counts.share, _openings(counts), is_strong=is_strong),
        Cell(str(counts.total), is_strong=is_strong),
    )


def _openings(counts: LeadCounts) -> tuple[str, ...]:
    """How much of what is implemented was taken over from lists."""
    if not (n := counts.opening):
        return ()
    return (
        ngettext("of which %(n)d opening status", "of which %(n)d opening statuses", n) % {"n": n},
    )


def _attention(overview: Overview) -> Iterator[Any]:
    if points := needing_attention(overview.attention):
        yield Points(points)
    if overview.tally.only[Only.ATTENTION] > len(overview.attention):
        yield Small((_("Further recommendations that need attention are in the table below."),))


def _named(source: Source) -> str:
    parts = (source.author, source.title, source.publisher, source.url)
    return ", ".join(part for part in parts if part)
