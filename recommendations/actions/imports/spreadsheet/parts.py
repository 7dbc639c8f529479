"""Parts that a row names: new ones are added, the texts of others change, the rest stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from recommendations.actions.imports.spreadsheet.plans import FindingCode, RowPlan
from recommendations.actions.parts import MOST_PARTS
from recommendations.columns import Field
from recommendations.models import Part
from recommendations.queries.publicity import was_public

if TYPE_CHECKING:
    from recommendations.actions.imports.spreadsheet.matching import ImportContext


def plan_parts(row: RowPlan, context: ImportContext) -> None:
    """Compare the parts of a row with those that exist, by their labels.

    What the public read before changes only by hand, with a reason.
    """
    if not row.record.parts:
        return
    current = [] if row.is_new else context.existing.parts[row.recommendation.pk]
    there = {part.label: part for part in current}
    stated = [
        (label, text)
        for label, text in row.record.parts
        if label not in there or there[label].text != text
    ]
    if stated and not row.is_new and was_public(row.recommendation):
        labels = ", ".join(f"({label})" for label, _text in stated)
        row.record.add_finding(FindingCode.WORDING_PUBLIC, _("parts %s") % labels)
        return
    column = context.column(Field.PARTS)
    if len(there.keys() | {label for label, _text in stated}) > MOST_PARTS:
        most = _("A recommendation has at most %d parts.") % MOST_PARTS
        row.record.add_finding(FindingCode.WRONG_CELL, f"{column}: {most}")
        return
    last = max((part.position for part in current), default=0)
    for label, text in stated:
        part = there.get(label) or Part(label=label, position=last + 1 + len(row.parts))
        _plan_part(row, part, text, column)


def _plan_part(row: RowPlan, part: Part, text: str, column: str) -> None:
    if not row.record.check(Part(label=part.label, text=text), ("label", "text"), column):
        return
    name = _("part (%s)") % part.label
    row.add_change(name, part.text, text)
    if part._state.adding:
        part.text = text
        row.parts.append(part)
    else:
        row.revised_parts.append((part, text))
