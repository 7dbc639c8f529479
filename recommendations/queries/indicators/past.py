"""Indicators and their values on a past day, as the record had them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from recommendations import permissions
from recommendations.audit.rewind import Past
from recommendations.charts import Chart
from recommendations.choices import AreaKind
from recommendations.models import Area, Indicator, Observation
from recommendations.permissions import Person
from recommendations.queries.days import Days
from recommendations.queries.indicators.detail import MOST_SERIES
from recommendations.queries.indicators.series import line_charts
from recommendations.queries.indicators.values import NEWEST_FIRST, ValueRow, observation_row


def indicators_then(rows: Iterable[Any], days: Days, person: Person) -> list[Any]:
    """Those of these indicators that a person could read then, as they were.

    ``rows`` must be such as they may read today.
    """
    then = Past(days.known).back(list(rows))
    is_internal = permissions.can_read_internally(person)
    return [row for row in then if is_internal or row.is_published]


def values_then(indicator: Indicator, days: Days) -> QuerySet[Observation]:
    """The values of periods that were over on the day, the revision of each that stood then.

    Newest period first.
    """
    figures = Observation.objects.filter(indicator=indicator.pk, last_day__lte=days.as_of)
    return figures.latest_revisions(days.known).order_by(*NEWEST_FIRST)


@dataclass(frozen=True, slots=True)
class PastValue:
    """One value as it stood, and when it was recorded."""

    pk: int
    figure: ValueRow
    at: datetime
    has_record: bool = False
    may_confirm: bool = False
    evidence: int = 0


def value_rows(indicator: Indicator, ids: Sequence[int], days: Days) -> list[PastValue]:
    """These values in this order; one that was confirmed later was unconfirmed."""
    found = Observation.objects.select_related("area", "recorded_by", "confirmation").in_bulk(ids)
    rows = [_unconfirmed_until(found[pk], days) for pk in ids if pk in found]
    return [
        PastValue(row.pk, observation_row(row, indicator.decimals), row.recorded_at) for row in rows
    ]


def _unconfirmed_until(row: Observation, days: Days) -> Observation:
    confirmation = getattr(row, "confirmation", None)
    if confirmation is not None and confirmation.confirmed_at > days.known:
        row._state.fields_cache["confirmation"] = None
    return row


def chart_then(indicator: Indicator, days: Days) -> list[Chart[Any]]:
    """Lines of all areas together, or of the few that there are; else no picture."""
    values = values_then(indicator, days).filter(dimensions="")
    areas = Area.objects.localised().filter(pk__in=values.order_by().values("area"))
    shown = [area for area in areas if area.kind == AreaKind.ALL] or list(areas)
    if not shown or len(shown) > MOST_SERIES:
        return []
    rows = values.filter(area__in=shown).select_related("area", "confirmation")
    observations = [_unconfirmed_until(row, days) for row in rows]
    return list(line_charts(indicator, shown, observations, ()))
