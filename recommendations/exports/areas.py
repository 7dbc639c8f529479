"""Areas as a sheet."""

from typing import Any

from django.db.models import QuerySet

from recommendations.exports.sheets import Sheet, attribute_columns, read_rows

AREA_COLUMNS = (
    *attribute_columns("code", "name", "kind", "iso2", "iso3", "m49", "addressed", "answered"),
)


def area_sheet(found: QuerySet[Any]) -> Sheet:
    """Areas that a filter found, made with ``with_addressed``: for everybody the same columns."""
    return Sheet("areas", AREA_COLUMNS, read_rows(found))
