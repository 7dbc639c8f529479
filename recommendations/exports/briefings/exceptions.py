"""The exception report as a PDF: each rule with its sentence, its counts and its trend."""

from collections.abc import Sequence
from datetime import date

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
from recommendations.exports.briefings.wording import audience, demonstration, status_of
from recommendations.queries.exceptions.report import Group, Line
from recommendations.queries.exceptions.rules import TREND_DAYS


def exceptions_briefing(
    groups: Sequence[Group], today: date, address: str, root: str, *, is_demonstration: bool
) -> Document:
    """The report of a day; ``root`` stands before the addresses of lists."""
    lines = [line for group in groups for line in group.lines]
    n = sum(line.count > 0 for line in lines)
    words = ngettext(
        "%(n)d of %(total)d rules finds exceptions.", "%(n)d of %(total)d rules find exceptions.", n
    )
    blocks: list[object] = [
        Lead((words % {"n": n, "total": len(lines)},)),
        Small((_("An exception is a reason to look, not a finding."),)),
    ]
    for group in groups:
        blocks += [Heading(group.title), _table(group, root)]
    return Document(
        kind=_("Exception report"),
        reference=_("Exception report"),
        mark="",
        heading=_("Exception report"),
        address=address,
        day=status_of(today),
        demonstration=demonstration(is_shown=is_demonstration),
        audience=audience(is_internal=True),
        blocks=tuple(blocks),
    )


def _table(group: Group, root: str) -> Table:
    n = TREND_DAYS
    ago = ngettext("%(n)d day ago", "%(n)d days ago", n) % {"n": n}
    columns = (
        Column(_("Rule"), 6),
        Column(_("Now"), is_number=True),
        Column(ago, is_number=True),
        Column(_("Change")),
    )
    return Table(columns, tuple(_row(line, root) for line in group.lines))


def _row(line: Line, root: str) -> tuple[Cell, ...]:
    before = _("No data") if line.before is None else str(line.before)
    address = root + line.url if line.count else ""
    return (
        Cell(line.title, (line.sentence,), is_strong=line.count > 0, address=address),
        Cell(str(line.count), is_strong=line.count > 0),
        Cell(before),
        Cell(line.trend),
    )
