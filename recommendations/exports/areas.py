"""Areas as a sheet."""

from collections.abc import Iterable
from typing import Any

from recommendations.columns import attribute_columns, public
from recommendations.exports.sheets import Sheet

AREA_COLUMNS = public(
    *attribute_columns("code", "name", "kind", "iso2", "iso3", "m49", "addressed", "answered"),
    *attribute_columns("is_demonstration"),
)


def area_sheet(rows: Iterable[Any]) -> Sheet:
    """Areas that a filter found, made with ``area_rows``: for everybody the same columns."""
    return Sheet("areas", AREA_COLUMNS, rows)
