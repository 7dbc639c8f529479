"""The audit log as a sheet."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from recommendations.exports.sheets import Column, Sheet, read_batches
from recommendations.permissions import Person
from recommendations.queries.log import LogRow, log_rows

EVENT_COLUMNS = (
    Column("number", lambda row: row.event.sequence),
    Column("at", lambda row: row.event.at),
    Column("by", lambda row: str(row.event.actor or "")),
    Column("verb", lambda row: row.event.verb),
    Column("object_type", lambda row: row.event.object_type),
    Column("object_id", lambda row: row.event.object_id),
    Column(
        "recommendation",
        lambda row: row.event.recommendation.reference if row.event.recommendation else None,
    ),
    Column("reason", lambda row: row.reason),
    Column(
        "changes",
        lambda row: "\n".join(f"{c.label}: {c.before} → {c.after}" for c in row.changes),
    ),
    Column("request_id", lambda row: row.event.request_id),
    Column("previous_hash", lambda row: row.event.previous_hash),
    Column("hash", lambda row: row.event.hash),
)


def event_sheet(found: QuerySet[Any], person: Person) -> Sheet:
    """Events that a filter found, with their people and reasons; one more query a batch."""
    return Sheet("events", EVENT_COLUMNS, _log_rows(found))


def _log_rows(found: QuerySet[Any]) -> Iterator[LogRow]:
    for batch in read_batches(found):
        yield from log_rows(batch)
