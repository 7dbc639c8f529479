"""Rows of the list of indicators: a representative value against the target."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import Count, F, Window
from django.db.models.functions import DenseRank, RowNumber
from django.utils import timezone
from django.utils.translation import ngettext

from recommendations.models import Indicator, Observation
from recommendations.permissions import Person
from recommendations.queries.indicators.progress import (
    ShortProgress,
    progress_between,
    short_progress,
)
from recommendations.queries.indicators.rows import first_links
from recommendations.queries.indicators.values import (
    FIGURE_COLUMNS,
    ValueRow,
    observation_row,
    value_text,
)
from recommendations.queries.listed import named_only


@dataclass(frozen=True, slots=True)
class Aim:
    """A baseline or target in use, of one area."""

    kind: str
    period: str
    value: Decimal | None
    mark: str
    area_id: int


_SHOWN = (
    *("code", "title", "definition", "unit", "measure", "direction", "decimals", "is_published"),
)
"""Columns that the list and its file show to everybody, and what its figures are written with."""


def _with_aims(ids: Sequence[int]) -> dict[int, Any]:
    """Indicators by id, each with the ``aims`` in use; one query."""
    columns = ("kind", "period", "value", "mark", "area")
    of_targets: dict[str, Any] = {f"aim_{name}": F(f"targets__{name}") for name in columns}
    rows = named_only(Indicator.objects.filter(pk__in=ids), *_SHOWN).annotate(
        replaced_by=F("targets__replaced_by"), **of_targets
    )
    found: dict[int, Any] = {}
    for row in rows.order_by("pk"):
        indicator = found.setdefault(row.pk, row)
        aims = indicator.__dict__.setdefault("aims", [])
        if row.aim_kind and row.replaced_by is None:
            aims.append(Aim(*(getattr(row, f"aim_{name}") for name in columns)))
    return found


def indicator_rows(ids: Sequence[int], person: Person) -> dict[int, Any]:
    """Indicators of the list by id: three queries.

    Each with ``newest``, the rows that its newest value rests on: one, or those in the middle;
    ``figure``, that value, of several areas their median, or none; its ``progress``; and the first
    ``first_links`` with how many ``more_links`` there are.
    """
    found = _with_aims(ids)
    newest = representative_values(ids)
    links, totals = first_links(ids, person)
    for pk, row in found.items():
        row.newest = newest.get(pk, [])
        row.figure = _value(row, row.newest)
        row.progress = _progress(row, row.newest)
        row.first_links = links[pk]
        row.more_links = totals.get(pk, 0) - len(links[pk])
    return found


def representative_values(indicator_ids: Sequence[int]) -> Mapping[int, list[Any]]:
    """The newest value for all areas; else, of countries before others, the middle of the newest.

    Two rows where an even number of areas has a value; ``known`` is that number. What is told
    apart by a dimension comes last. One query.
    """
    # The codes of kinds sort as they lead: all, country, group, region.
    together = ["indicator", "dimensions", "area__kind", "last_day", "first_day"]
    first = ["dimensions", "area__kind", "-last_day", "first_day"]
    in_order: list[Any] = [F("value").asc(nulls_last=True), "area__name", "pk"]
    known = Window(Count("value"), partition_by=together)
    rows = (
        Observation.objects.filter(indicator__in=indicator_ids)
        .latest_revisions()
        .annotate(
            age=Window(DenseRank(), partition_by="indicator", order_by=first),
            known=known,
            # Of n values that with the number (n + 1) / 2, or the two beside it.
            middle=2 * Window(RowNumber(), partition_by=together, order_by=in_order) - known,
        )
        .filter(age=1, middle__range=(0, 2))
        .select_related("area", "recorded_by", "confirmation")
        .only(*FIGURE_COLUMNS)
        .order_by("middle")
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.indicator_id].append(row)
    return found


def middle_of(rows: Sequence[Any]) -> Decimal | None:
    """The value of an indicator by its ``representative_values``, exact; none without a number."""
    if not rows or rows[0].known == 0:
        return None
    values: list[Decimal] = [row.value for row in rows]
    return median(values)


def areas_of(rows: Sequence[Any]) -> str:
    """Which area it is of, or of how many the median."""
    known = rows[0].known
    if known < 2:
        return str(rows[0].area)
    return ngettext("median of %(n)d area", "median of %(n)d areas", known) % {"n": known}


def _value(indicator: Indicator, rows: Sequence[Any]) -> ValueRow | None:
    if not rows:
        return None
    first = observation_row(rows[0], indicator.decimals)
    if rows[0].known < 2:
        return first
    value = value_text(middle_of(rows), "", indicator.decimals)
    return replace(first, value=value, area=areas_of(rows), marks=())


def _progress(indicator: Any, rows: Sequence[Any]) -> ShortProgress | None:
    """Against the target of the same area; a median is measured by none."""
    is_several = bool(rows) and (rows[0].known > 1 or bool(rows[0].dimensions))
    areas = {row.area_id for row in rows} or {aim.area_id for aim in indicator.aims}
    if is_several or len(areas) > 1:
        return None
    own = [aim for aim in indicator.aims if aim.area_id in areas]
    found = progress_between(indicator.direction, own, rows)
    return short_progress(found, indicator.decimals, timezone.localdate())
