"""Rows of the list of recommendations in the administration: one statement a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import F, Max, Min, QuerySet

from recommendations.choices import Nature
from recommendations.models import RecommendationState


class _Kept(NamedTuple):
    """What is read of one; columns of its kept state first, then of what it points to."""

    pk: int
    nature: str
    status: str
    confidence: str
    target_date: date | None
    date_overdue_after: date | None
    rating_out_of_date_after: date | None
    update_due_on: date | None
    submitted: int
    has_date_request: bool
    is_published: bool
    is_archived: bool
    reference: str
    title: str
    source_name: str
    lead_name: str | None


_ELSEWHERE = {
    "reference": F("recommendation__reference"),
    "title": F("recommendation__title"),
    "source_name": F("recommendation__source__short_title"),
    "lead_name": F("recommendation__lead__name"),
}


@dataclass(frozen=True, slots=True)
class AdministeredRow:
    """One recommendation in the list; ``waiting`` counts updates and a date change to decide on."""

    pk: int
    reference: str
    title: str
    source: str
    status: str
    is_continuous: bool
    confidence: str
    is_out_of_date: bool
    target_date: date | None
    is_late: bool
    next_due_on: date | None
    is_update_late: bool
    lead: str
    waiting: int
    is_published: bool
    is_archived: bool


def administered_rows(ids: Sequence[int], today: date) -> dict[int, AdministeredRow]:
    """These recommendations by their ids, as of ``today``."""
    return {kept[0]: _row(_Kept(*kept), today) for kept in _kept(ids)}


def _kept(ids: Sequence[int]) -> QuerySet[Any, Any]:
    rows = RecommendationState.objects.filter(pk__in=ids).annotate(**_ELSEWHERE)
    return rows.values_list(*_Kept._fields)


def _row(kept: _Kept, today: date) -> AdministeredRow:
    return AdministeredRow(
        pk=kept.pk,
        reference=kept.reference,
        title=kept.title,
        source=kept.source_name,
        status=kept.status,
        is_continuous=kept.nature == Nature.CONTINUOUS,
        confidence=kept.confidence,
        is_out_of_date=_is_past(kept.rating_out_of_date_after, today),
        target_date=kept.target_date,
        is_late=_is_past(kept.date_overdue_after, today),
        next_due_on=kept.update_due_on,
        is_update_late=_is_past(kept.update_due_on, today),
        lead=kept.lead_name or "",
        waiting=kept.submitted + kept.has_date_request,
        is_published=kept.is_published,
        is_archived=kept.is_archived,
    )


def _is_past(day: date | None, today: date) -> bool:
    return day is not None and day < today


def years_of_dates() -> tuple[int, ...]:
    """Every year from that of the first target date to that of the last; none without dates."""
    days = RecommendationState.objects.order_by().aggregate(
        first=Min("target_date"), last=Max("target_date")
    )
    first, last = days["first"], days["last"]
    return () if first is None else tuple(range(first.year, last.year + 1))
