"""Lists other than that of recommendations as files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from recommendations import permissions
from recommendations.exports.sheets import Column, Sheet, batches, of
from recommendations.permissions import Person
from recommendations.queries import dates
from recommendations.queries.indicators.rows import newest_observations
from recommendations.queries.log import LogRow, log_rows
from recommendations.queries.responses import AddresseeRow, addressee_row

EVIDENCE_PUBLIC = (
    of("title"),
    of("kind"),
    of("publisher"),
    of("url"),
    of("citation"),
    of("effective_on"),
    of("effective_precision"),
    of("retrieved_on"),
    of("expires_on"),
    of("reliability"),
    Column("file_type", lambda item: item.files_now[0].file.media_type if item.files_now else ""),
    Column("file_size", lambda item: item.files_now[0].file.size if item.files_now else None),
    Column("file_sha256", lambda item: item.files_now[0].file_id if item.files_now else ""),
)
EVIDENCE_INTERNAL = (
    of("slug"),
    *EVIDENCE_PUBLIC,
    of("description"),
    of("visibility"),
    Column("checks", lambda item: item.live_checks),
    of("recorded_at"),
    Column("recorded_by", lambda item: str(item.recorded_by or "")),
)


def evidence(found: QuerySet[Any], person: Person) -> Sheet:
    """Evidence items that a filter found, made with ``with_uses``."""
    is_internal = permissions.can_read_internally(person)
    columns = EVIDENCE_INTERNAL if is_internal else EVIDENCE_PUBLIC
    return Sheet("evidence", columns, (item for batch in batches(found) for item in batch))


@dataclass(frozen=True, slots=True)
class Measured:
    """One indicator with its newest figure, or none."""

    indicator: Any
    newest: Any


def _indicator(name: str) -> Column:
    return Column(name, lambda line: getattr(line.indicator, name))


def _newest(name: str, attribute: str) -> Column:
    def value(line: Measured) -> Any:
        return getattr(line.newest, attribute) if line.newest else None

    return Column(name, value)


INDICATORS = (
    _indicator("code"),
    _indicator("title"),
    _indicator("definition"),
    _indicator("unit"),
    _indicator("measure"),
    _indicator("direction"),
    _newest("newest_period", "period"),
    Column("newest_area", lambda line: str(line.newest.area) if line.newest else None),
    _newest("newest_value", "value"),
    _newest("newest_text", "text"),
    _newest("newest_is_more_than", "is_lower_bound"),
    _newest("newest_is_about", "is_approximate"),
)


def indicators(found: QuerySet[Any], person: Person) -> Sheet:
    """Indicators that a filter found, each with its newest figure: one more query a batch."""
    return Sheet("indicators", INDICATORS, _measured(found))


def _measured(found: QuerySet[Any]) -> Iterator[Measured]:
    for batch in batches(found):
        newest: dict[int, Any] = {}
        for observation in newest_observations([indicator.pk for indicator in batch]):
            newest.setdefault(observation.indicator_id, observation)
        for indicator in batch:
            yield Measured(indicator, newest.get(indicator.pk))


EVENTS = (
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


def events(found: QuerySet[Any], person: Person) -> Sheet:
    """Events that a filter found, with their people and reasons; one more query a batch."""
    return Sheet("events", EVENTS, _told(found))


def _told(found: QuerySet[Any]) -> Iterator[LogRow]:
    for batch in batches(found):
        yield from log_rows(batch)


AREAS = (
    of("code"),
    of("name"),
    of("kind"),
    of("iso2"),
    of("iso3"),
    of("m49"),
    of("addressed"),
    of("answered"),
)


def areas(found: QuerySet[Any]) -> Sheet:
    """Areas that a filter found, made with ``with_addressed``: for everybody the same columns."""
    return Sheet("areas", AREAS, (area for batch in batches(found) for area in batch))


DATES = (
    of("reference"),
    of("title"),
    of("first_date"),
    of("target_date"),
    Column("changes", lambda row: row.moves),
    Column("days_moved", lambda row: row.days),
    Column("asked_for", lambda row: row.asked.new_date if row.asked else None),
    Column("asked_by", lambda row: row.asked.by if row.asked else None),
    of("is_continuous"),
    of("is_archived"),
)


def source_dates(found: QuerySet[Any]) -> Sheet:
    """How the dates of a source moved, from ``dates_of``; only for people with a role."""
    rows = (row for batch in batches(found) for row in dates.source_rows(batch))
    return Sheet("dates", DATES, rows)


RESPONSES_PUBLIC = (
    Column("addressee", lambda row: row.name),
    Column("response", lambda row: row.label),
    Column("response_code", lambda row: row.position),
    of("since"),
    Column("part_accepted", lambda row: row.part),
)
RESPONSES_INTERNAL = (
    *RESPONSES_PUBLIC,
    of("reason"),
    of("due_on"),
    of("is_overdue"),
    Column("own_status_code", lambda row: row.own.status if row.own else None),
    Column("own_status_as_of", lambda row: row.own.as_of if row.own else None),
)


def responses(found: QuerySet[Any], person: Person, today: date) -> Sheet:
    """What addressees say, as the page tells it to this reader."""
    is_internal = permissions.can_read_internally(person)
    columns = RESPONSES_INTERNAL if is_internal else RESPONSES_PUBLIC
    return Sheet("responses", columns, _said(found, person, today))


def _said(found: QuerySet[Any], person: Person, today: date) -> Iterator[AddresseeRow]:
    for batch in batches(found):
        for addressee in batch:
            yield addressee_row(addressee, person, today)
