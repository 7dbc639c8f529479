"""The audit log as a sheet."""

from collections.abc import Iterable
from typing import Any

from recommendations.columns import Column, attribute_columns, demonstration_column
from recommendations.exports.sheets import Sheet, in_batches
from recommendations.queries.log.rows import log_rows

EVENT_COLUMNS = (
    *attribute_columns(number="event.sequence", at="event.at"),
    *attribute_columns(event="sentence"),
    Column("by", lambda row: str(row.event.actor or "")),
    *attribute_columns(
        verb="event.verb", object_type="event.object_type", object_id="event.object_id"
    ),
    Column(
        "recommendation",
        lambda row: row.event.recommendation.reference if row.event.recommendation else None,
    ),
    *attribute_columns("reason"),
    demonstration_column("event.actor"),
    Column(
        "changes",
        lambda row: "\n".join(f"{c.label}: {c.before} → {c.after}" for c in row.changes),
    ),
    *attribute_columns(
        request_id="event.request_id", previous_hash="event.previous_hash", hash="event.hash"
    ),
)


def event_sheet(found: Iterable[Any]) -> Sheet:
    """Events that a filter found, with their people and reasons; two more queries a batch."""
    rows = (row for batch in in_batches(found) for row in log_rows(batch))
    return Sheet("events", EVENT_COLUMNS, rows)
