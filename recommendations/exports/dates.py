"""Target dates of a source as a sheet."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from recommendations.columns import Column, attribute_columns
from recommendations.exports.sheets import BATCH, Sheet
from recommendations.queries.dates import date_rows
from recommendations.queries.listed import read_rows


def _finished_on(row: Any) -> date | None:
    """The day on which it was completed or closed: its target date is no longer awaited."""
    return row.current_update.finished_on if row.current_update else None


DATE_COLUMNS = (
    *attribute_columns("reference", "title", "first_date", "target_date", changes="date_moves"),
    *attribute_columns("days_moved"),
    Column("finished_on", _finished_on),
    Column("asked_for", lambda row: row.asked.new_date if row.asked else None),
    Column("asked_by", lambda row: row.asked.by if row.asked else None),
    *attribute_columns("is_continuous"),
    Column("is_archived", lambda row: row.archived_at is not None),
    *attribute_columns("is_demonstration"),
)


def source_dates_sheet(found: QuerySet[Any]) -> Sheet:
    """How the dates of a source moved, from ``dates_of``; only for people with a role."""
    return Sheet("dates", DATE_COLUMNS, read_rows(found, date_rows, BATCH))
