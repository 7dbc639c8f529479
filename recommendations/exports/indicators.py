""""""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from recommendations.exports.sheets import Column, Sheet, batches, of
from recommendations.models import Indicator
from recommendations.readers.statistics.plain_tables import FIGURE_MARKS


def _marks(row: Any) -> str:
    return " ".join(mark for mark in FIGURE_MARKS if getattr(row, f"is_{mark}"))


def sheet(indicator: Indicator, found: QuerySet[Any]) -> Sheet:
    """Figures that a filter found, with their areas; every digit of each is kept."""
    columns = (
        Column("indicator", lambda row: indicator.code),
        Column("unit", lambda row: indicator.unit),
        Column("area_code", lambda row: row.area.code),
        Column("area_name", lambda row: row.area.name),
        of("period"),
        of("dimensions"),
        of("value"),
        of("text"),
        Column("status", lambda row: row.obs_status),
        Column("marks", _marks),
        of("source"),
        of("comment"),
        of("revision"),
        of("recorded_at"),
    )
    return Sheet(
        f"figures-{indicator.code}", columns, (row for batch in batches(found) for row in batch)
    )
