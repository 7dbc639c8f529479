"""Indicators, and the values of one, as sheets."""

from collections.abc import Iterable, Iterator
from typing import Any

from recommendations.choices import SourceStatus
from recommendations.columns import (
    Column,
    attribute_columns,
    demonstration_column,
    is_fictional,
    public,
)
from recommendations.exports.sheets import Sheet, in_batches
from recommendations.models import Indicator, Observation
from recommendations.queries.indicators.list_rows import (
    areas_of,
    middle_of,
    representative_values,
)
from recommendations.readers.statistics.plain_tables import FIGURE_MARKS


def _marks(row: Observation) -> str:
    return " ".join(mark for mark in FIGURE_MARKS if getattr(row, f"is_{mark}"))


def observation_sheet(indicator: Indicator, found: Iterable[Any]) -> Sheet:
    """Figures that a filter found, with their areas; every digit of each is kept."""
    columns = public(
        Column("indicator", lambda row: indicator.code),
        Column("unit", lambda row: indicator.unit),
        Column("area_code", lambda row: row.area.code),
        Column("area_name", lambda row: row.area.name),
        *attribute_columns("period", "dimensions", "value", "text", "numerator", "denominator"),
        Column("status", lambda row: row.stated_code or SourceStatus.MISSING.value),
        Column("marks", _marks),
        Column("confirmation", lambda row: row.confirmation_state.value),
        *attribute_columns("source", "comment", "revision", "recorded_at"),
        demonstration_column("recorded_by"),
    )
    return Sheet(f"figures-{indicator.code}", columns, found)


def _newest_column(name: str, attribute: str) -> Column:
    """What is said of one value; nothing of a median, which is of several."""
    return Column(
        name,
        lambda row: (
            getattr(row.newest[0], attribute) if row.newest and row.newest[0].known < 2 else None
        ),
    )


INDICATOR_COLUMNS = public(
    *attribute_columns("code", "title", "definition", "unit", "measure", "direction"),
    Column("newest_period", lambda row: row.newest[0].period if row.newest else None),
    Column("newest_area", lambda row: areas_of(row.newest) if row.newest else None),
    Column("newest_dimensions", lambda row: row.newest[0].dimensions if row.newest else None),
    Column("newest_value", lambda row: middle_of(row.newest)),
    _newest_column("newest_text", "text"),
    _newest_column("newest_is_more_than", "is_lower_bound"),
    _newest_column("newest_is_about", "is_approximate"),
    _newest_column("newest_confirmation", "confirmation_state"),
    Column(
        "is_demonstration",
        lambda row: bool(row.newest) and is_fictional(row.newest[0].recorded_by),
    ),
)


def indicator_sheet(found: Iterable[Any]) -> Sheet:
    """Indicators that a filter found, each with the value of its list: one more query a batch."""
    return Sheet("indicators", INDICATOR_COLUMNS, _measured_indicators(found))


def _measured_indicators(found: Iterable[Any]) -> Iterator[Any]:
    """``newest`` are the rows that the newest value rests on: one, or those in the middle."""
    for batch in in_batches(found):
        newest = representative_values([indicator.pk for indicator in batch])
        for indicator in batch:
            indicator.newest = newest.get(indicator.pk, [])
            yield indicator
