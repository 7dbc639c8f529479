"""Relations that rows name, planned when all rows are: a row may name one that comes later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from recommendations.actions.base import BATCH
from recommendations.actions.imports.spreadsheet.circles import circles
from recommendations.actions.imports.spreadsheet.plans import FindingCode, RowPlan
from recommendations.audit.snapshots import batches
from recommendations.choices import RelationKind
from recommendations.columns import Field
from recommendations.models import Recommendation

if TYPE_CHECKING:
    from recommendations.actions.imports.spreadsheet.matching import ImportContext

KINDS = {Field.DEPENDS_ON: RelationKind.DEPENDS_ON, Field.RELATED_TO: RelationKind.RELATED}

Node = int | str
"""A recommendation: its key, or what tells a new one from the others."""


@dataclass(frozen=True, slots=True)
class NamedRelation:
    """A relation that a row names, and the recommendation at its other end."""

    row: RowPlan
    field: Field
    name: str
    other: Recommendation

    @property
    def kind(self) -> RelationKind:
        return KINDS[self.field]

    @property
    def ends(self) -> tuple[Node, Node]:
        return _node(self.row.recommendation), _node(self.other)

    @property
    def key(self) -> tuple[Node, ...]:
        return _key(self.kind, *self.ends)


def plan_relations(rows: Sequence[RowPlan], context: ImportContext) -> None:
    """Relations that a file names are added; those that it leaves out stay.

    A dependency that would lead in a circle, of any length, rejects its row.
    """
    named = list(_named(rows, context))
    if not named:
        return
    _reject_circles(named, context)
    is_kept_out = {_node(row.recommendation) for row in rows if row.is_new and row.is_rejected}
    there = {_key(kind, here, other) for here, kind, other in context.existing.relations}
    for one in named:
        if one.row.is_rejected or one.key in there:
            continue
        if _node(one.other) in is_kept_out:
            _tell_unknown(one.row, one.field, one.name, context)
            continue
        there.add(one.key)
        one.row.relations.append((one.kind, one.other))
        one.row.add_change(str(one.field.label), "", one.name)


def _named(rows: Sequence[RowPlan], context: ImportContext) -> Iterator[NamedRelation]:
    """What rows name and can be related; findings on the rest."""
    asked = [
        (row, field, name)
        for row in rows
        if not row.is_rejected and row.recommendation.archived_at is None
        for field in KINDS
        for name in row.record.names(field)
    ]
    known = _known(rows, context, {name for _row, _field, name in asked})
    for row, field, name in asked:
        other = known.get(name)
        if other is None or other.archived_at is not None:
            _tell_unknown(row, field, name, context)
        elif _node(other) == _node(row.recommendation):
            message = _("%(column)s: Choose another recommendation.") % {
                "column": context.column(field)
            }
            row.record.add_finding(FindingCode.WRONG_CELL, message)
        else:
            yield NamedRelation(row, field, name, other)


def _known(
    rows: Sequence[RowPlan], context: ImportContext, names: set[str]
) -> dict[str, Recommendation]:
    """The recommendations of these references, of all sources, and numbers, of this source."""
    new = [row.recommendation for row in rows if row.is_new and not row.is_rejected]
    known = {row.external_id: row for row in new} | context.existing.by_external_id
    known |= {row.reference: row for row in new} | context.existing.by_reference
    known.pop("", None)
    for some in batches(sorted(names - known.keys()), BATCH):
        elsewhere = Recommendation.objects.filter(reference__in=some)
        known |= {row.reference: row for row in elsewhere.only("reference", "archived_at")}
    return known


def _reject_circles(named: Sequence[NamedRelation], context: ImportContext) -> None:
    depends = [one for one in named if one.kind == RelationKind.DEPENDS_ON]
    there = context.existing.relations if depends else set()
    edges: list[tuple[Node, Node]] = [one.ends for one in depends]
    edges += [(here, other) for here, kind, other in there if kind == RelationKind.DEPENDS_ON]
    in_circle = circles(edges)
    for one in depends:
        here, other = (in_circle.get(end) for end in one.ends)
        if here is not None and here == other:
            words = _("%(other)s depends on %(name)s, directly or through others")
            message = words % {"other": one.name, "name": one.row.record.name}
            message = f"{context.column(one.field)}: {message}"
            one.row.record.add_finding(FindingCode.WRONG_CELL, message)


def _tell_unknown(row: RowPlan, field: Field, name: str, context: ImportContext) -> None:
    message = f"{context.column(field)}: {name[:80]}"
    row.record.add_finding(FindingCode.UNKNOWN_RELATION, message)


def _node(recommendation: Recommendation) -> Node:
    return recommendation.pk or f"new {id(recommendation)}"


def _key(kind: str, here: Node, other: Node) -> tuple[Node, ...]:
    """What tells a relation from others; one between equals has no direction."""
    ends = sorted((here, other), key=str) if kind == RelationKind.RELATED else (here, other)
    return (str(kind), *ends)
