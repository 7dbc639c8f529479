"""How a recommendation relates to others, told from its own end."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, IntegerField, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from recommendations.choices import (
    CLOSED_STATUSES,
    ArchiveReason,
    ImplementationStatus,
    Nature,
    RelationKind,
    label_of_status,
)
from recommendations.models import Recommendation, RecommendationRelation

DEPENDS, REQUIRED, RELATED, SUPERSEDES, SUPERSEDED = range(5)
"""How another is related, in the order in which pages tell it."""

HERE, THERE, DERIVED = range(3)
"""From which end a relation was recorded, or that it follows from something else."""


@dataclass(frozen=True, slots=True)
class RelationRow:
    """Another recommendation, and how this one relates to it.

    ``pk`` is 0 where the relation follows from something else. ``is_blocked``: this one depends on
    it, and it is closed without being implemented.
    """

    pk: int
    label: str
    reference: str
    title: str
    url: str
    status_label: str
    why: str
    is_blocked: bool


def relation_rows(recommendation_id: int, successor_id: int | None) -> list[RelationRow]:
    """All relations of a recommendation, what blocks it first; one query.

    ``successor_id`` is that of its current update.
    """
    rows = [
        _row(_how(place, kind, successor == recommendation_id), *values)
        for place, kind, successor, *values in _all(recommendation_id, successor_id or 0)
    ]
    return [row for _how_it_is, row in sorted(rows, key=lambda row: (row[0], row[1].reference))]


def _all(this: int, successor: int) -> QuerySet[Any, Any]:
    live = RecommendationRelation.objects.live()
    every = Recommendation.objects.all()
    replaced = every.filter(
        current_update__implementation_status=ImplementationStatus.SUPERSEDED,
        current_update__successor=this,
    )
    # One by one, so that each has an index; together without what two of them find.
    here, *others = (
        _told(live.filter(recommendation=this), "other__"),
        _told(live.filter(other=this), "recommendation__"),
        _told(replaced),
        _told(every.filter(pk=successor)),
    )
    return here.union(*others)


def _told(rows: QuerySet[Any], path: str = "") -> QuerySet[Any, Any]:
    """From which end, of which kind, what the other is replaced by, and what is told of it."""
    ends = {"other__": HERE, "recommendation__": THERE}
    texts = {
        "archived": f"{path}archive_reason",
        "status": f"{path}current_update__implementation_status",
    }
    told: QuerySet[Any, Any] = (
        rows.order_by()
        .annotate(
            place=Value(ends.get(path, DERIVED), IntegerField()),
            of_kind=Cast("kind" if path else Value(""), TextField()),
            relation_pk=F("pk") if path else Value(0, IntegerField()),
            explained=Cast("why" if path else Value(""), TextField()),
            **{name: Coalesce(F(column), Value("")) for name, column in texts.items()},
        )
        .values_list(
            *("place", "of_kind", f"{path}current_update__successor", f"{path}reference"),
            *(f"{path}title", f"{path}nature", "status", "archived", "relation_pk", "explained"),
        )
    )
    return told


def _how(place: int, kind: str, is_replaced_by_this: bool) -> int:
    if place == DERIVED:
        return SUPERSEDES if is_replaced_by_this else SUPERSEDED
    if kind == RelationKind.RELATED:
        return RELATED
    return DEPENDS if place == HERE else REQUIRED


def _row(
    how: int,
    reference: str,
    title: str,
    nature: str,
    status: str,
    archived: str,
    pk: int,
    why: str,
) -> tuple[tuple[bool, int], RelationRow]:
    """The row, and what it is sorted by."""
    labels = [
        _("Depends on"),
        _("Required by"),
        _("Related to"),
        _("Supersedes"),
        _("Superseded by"),
    ]
    told = label_of_status(status, is_continuous=nature == Nature.CONTINUOUS)
    if archived:
        told = _("Archived: %(reason)s") % {"reason": ArchiveReason(archived).label}
    is_blocked = how == DEPENDS and (bool(archived) or status in CLOSED_STATUSES)
    address = reverse("recommendation-detail", args=[reference])
    row = RelationRow(pk, labels[how], reference, title, address, told, why, is_blocked)
    return (not is_blocked, how), row
