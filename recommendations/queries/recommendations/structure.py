"""The parts of a recommendation, and how it relates to others."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.choices import (
    CLOSED_STATUSES,
    ArchiveReason,
    ImplementationStatus,
    Nature,
    RelationKind,
    UpdateState,
    label_of_status,
)
from recommendations.models import (
    Part,
    PartCompletion,
    Recommendation,
    RecommendationRelation,
    StatusUpdate,
)

# ---- The parts of a recommendation, and which updates completed them


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part as everybody reads it. ``pk`` and ``update_id`` are 0 for the public.

    ``completed_on`` is the day of which the update speaks that completed it first.
    """

    pk: int
    label: str
    text: str
    completed_on: date | None
    update_id: int
    amended_on: date | None
    amendment_reason: str

    @property
    def words(self) -> str:
        return labelled_text(self.label, self.text)

    @property
    def is_complete(self) -> bool:
        return self.completed_on is not None


@dataclass(frozen=True, slots=True)
class UpdatePart:
    """A part beside an update: whether this one completes it, and whether one that stands does.

    ``is_removed``: the update completes it, and the recommendation has it no longer.
    """

    pk: int
    label: str
    text: str
    is_own: bool
    is_done: bool
    is_removed: bool = False

    @property
    def words(self) -> str:
        return labelled_text(self.label, self.text)


def labelled_text(label: str, text: str) -> str:
    """A part in one line."""
    return _("(%(label)s) %(text)s") % {"label": label, "text": text}


def parts_text(done: int, count: int) -> str:
    """How many parts are complete, in words; empty where there are none."""
    if not count:
        return ""
    return ngettext(
        "%(done)d of %(count)d part complete", "%(done)d of %(count)d parts complete", count
    ) % {"done": done, "count": count}


def part_rows_of(
    recommendation_ids: Collection[int], *, is_internal: bool
) -> dict[int, list[PartRow]]:
    """The parts of these in their order, by the ids of the recommendations; two queries."""
    done = PartCompletion.objects.standing().filter(part__recommendation__in=recommendation_ids)
    completed = done.order_by("update__as_of", "pk").values_list("part", "update__as_of", "update")
    parts = list(Part.objects.living().filter(recommendation__in=recommendation_ids))
    found: dict[int, list[PartRow]] = {pk: [] for pk in recommendation_ids}
    rows = part_rows(parts, completed, is_internal=is_internal)
    for part, row in zip(parts, rows, strict=True):
        found[part.recommendation_id].append(row)
    return found


def part_rows(
    parts: Iterable[Part], completed: Iterable[tuple[int, date, int]], *, is_internal: bool
) -> Iterator[PartRow]:
    """Rows of these parts.

    ``completed`` are keys of parts, each with the day and the key of an update that completes it,
    the earliest first.
    """
    first: dict[int, tuple[date, int]] = {}
    for part, as_of, update in completed:
        first.setdefault(part, (as_of, update))
    for row in parts:
        completed_on, update = first.get(row.pk, (None, 0))
        yield PartRow(
            row.pk if is_internal else 0,
            row.label,
            row.text,
            completed_on,
            update if is_internal else 0,
            timezone.localdate(row.amended_at) if row.amended_at else None,
            row.amendment_reason if row.amended_at else "",
        )


def update_parts(update: StatusUpdate) -> list[UpdatePart]:
    """The parts of the recommendation beside one update, and those removed that it completes.

    An update on one addressee has none. No query for one that is not approved where it is kept
    that the recommendation has none.
    """
    kept = update.recommendation._state.fields_cache.get("kept")  # if it was read as well
    has_none = kept is not None and not kept.parts and update.state != UpdateState.APPROVED
    if update.addressee_id is not None or has_none:
        return []
    own = Exists(PartCompletion.objects.live().filter(update=update.pk, part=OuterRef("pk")))
    done = Exists(PartCompletion.objects.standing().filter(part=OuterRef("pk")))
    rows = Part.objects.filter(
        Q(removed_at__isnull=True) | own, recommendation=update.recommendation_id
    ).order_by("position", "pk")
    return [
        UpdatePart(pk, label, text, bool(is_own), bool(is_done), removed_at is not None)
        for pk, label, text, is_own, is_done, removed_at in rows.values_list(
            "pk", "label", "text", own, done, "removed_at"
        )
    ]


def parts_beside(updates: Sequence[StatusUpdate]) -> dict[int, list[UpdatePart]]:
    """The same for several updates that complete no part themselves, by their ids; one query."""
    beside: dict[int, list[UpdatePart]] = {update.pk: [] for update in updates}
    overall = [update for update in updates if update.addressee_id is None]
    done = PartCompletion.objects.standing().filter(part=OuterRef("pk"))
    rows = Part.objects.living().filter(
        recommendation__in={update.recommendation_id for update in overall}
    )
    of: dict[int, list[UpdatePart]] = {}
    for key, part, label, text, is_done in rows.values_list(
        "recommendation", "pk", "label", "text", Exists(done)
    ):
        of.setdefault(key, []).append(UpdatePart(part, label, text, False, bool(is_done)))
    return beside | {update.pk: of.get(update.recommendation_id, []) for update in overall}


def part_choices(
    parts: Iterable[UpdatePart], sent: Collection[int] | None
) -> list[tuple[UpdatePart, bool]]:
    """The open parts for the form of an update, each with whether it is ticked.

    ``sent`` are those that were ticked on a form that is shown again.
    """
    ticked = [(part, part.is_own if sent is None else part.pk in sent) for part in parts]
    return [
        (part, is_chosen)
        for part, is_chosen in ticked
        if not part.is_removed and (is_chosen or not part.is_done)
    ]


def completed_labels(parts: Sequence[UpdatePart]) -> str:
    """The labels of the parts that an update completes, as one text; empty where none."""
    labels = (
        _("(%(label)s, removed)") % {"label": part.label} if part.is_removed else f"({part.label})"
        for part in parts
        if part.is_own
    )
    return _(", ").join(labels)


# ---- How a recommendation relates to others, told from its own end

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
