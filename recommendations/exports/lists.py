"""Columns of lists as files, each with whom it is for; ``views/lists.py`` says what their rows are.

Recommendations, and what changed, have modules of their own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from recommendations import permissions
from recommendations.actions.updates.drafts import TEXT_FIELDS
from recommendations.choices import SourceStatus
from recommendations.columns import (
    Column,
    attribute_columns,
    demonstration_column,
    is_fictional,
    public,
    typed,
)
from recommendations.exports.formats import Sheet
from recommendations.models import Indicator, Observation, Recommendation
from recommendations.permissions import Person
from recommendations.queries.changes import OneChange
from recommendations.queries.fields import INTERNAL
from recommendations.queries.indicators.rows import areas_of, middle_of
from recommendations.queries.log.words import Change
from recommendations.readers.statistics.plain_tables import FIGURE_MARKS


def _person(name: str) -> Column:
    """Who is in this column of a row, by name."""
    return Column(name, lambda row: str(getattr(row, name)) if getattr(row, name) else None)


AREAS = public(
    *attribute_columns("code", "name", "kind", "iso2", "iso3", "m49"),
    *typed(int, *attribute_columns("addressed", "answered")),
    *attribute_columns("is_demonstration"),
)

EVIDENCE = (
    *attribute_columns("slug"),
    *public(
        *attribute_columns("title", "kind", "publisher", "url", "citation", "effective_on"),
        *attribute_columns("effective_precision", "retrieved_on", "expires_on", "reliability"),
        Column(
            "file_type", lambda item: item.files_now[0].file.media_type if item.files_now else ""
        ),
        *typed(
            int,
            Column(
                "file_size", lambda item: item.files_now[0].file.size if item.files_now else None
            ),
        ),
        Column("file_sha256", lambda item: item.files_now[0].file_id if item.files_now else ""),
        demonstration_column("recorded_by"),
        *typed(int, *attribute_columns(number="pk")),
    ),
    *attribute_columns("description", "visibility"),
    *typed(int, *attribute_columns("changes_awaiting", "changes_decided", checks="live_checks")),
    *attribute_columns("recorded_at"),
    Column("recorded_by", lambda item: str(item.recorded_by or "")),
)


def _newest(name: str, attribute: str) -> Column:
    """What is said of one value; nothing of a median, which is of several."""
    return Column(
        name,
        lambda row: (
            getattr(row.newest[0], attribute) if row.newest and row.newest[0].known < 2 else None
        ),
    )


INDICATORS = public(
    *attribute_columns("code", "title", "definition", "unit", "measure", "direction", "level"),
    Column("newest_period", lambda row: row.newest[0].period if row.newest else None),
    Column("newest_area", lambda row: areas_of(row.newest) if row.newest else None),
    Column("newest_dimensions", lambda row: row.newest[0].dimensions if row.newest else None),
    *typed(Decimal, Column("newest_value", lambda row: middle_of(row.newest))),
    _newest("newest_text", "text"),
    _newest("newest_is_more_than", "is_lower_bound"),
    _newest("newest_is_about", "is_approximate"),
    _newest("newest_confirmation", "confirmation_state"),
    Column(
        "is_demonstration",
        lambda row: bool(row.newest) and is_fictional(row.newest[0].recorded_by),
    ),
)


def figure_sheet(indicator: Indicator, rows: Iterable[Any]) -> Sheet:
    """Figures of one indicator, with their areas; every digit of each is kept."""
    columns = public(
        Column("indicator", lambda row: indicator.code),
        Column("unit", lambda row: indicator.unit),
        *attribute_columns(area_code="area.code", area_name="area.name"),
        *attribute_columns("period", "dimensions", "value", "text", "numerator", "denominator"),
        Column("status", lambda row: row.stated_code or SourceStatus.MISSING.value),
        Column("marks", _marks),
        Column("confirmation", lambda row: row.confirmation_state.value),
        *attribute_columns("source", "comment", "revision", "recorded_at"),
        demonstration_column("recorded_by"),
    )
    return Sheet(f"figures-{indicator.code}", columns, rows)


def _marks(row: Observation) -> str:
    return " ".join(mark for mark in FIGURE_MARKS if getattr(row, f"is_{mark}"))


RESPONSES = (
    *typed(int, *attribute_columns(number="pk")),
    *public(
        *attribute_columns(recommendation="reference"),
        *attribute_columns(addressee="name", response="label", response_code="position"),
        *attribute_columns("since", "is_demonstration", part_accepted="part"),
    ),
    *attribute_columns("reason", "due_on", "is_overdue"),
    Column("own_status_code", lambda row: row.own.status if row.own else None),
    Column("own_status_as_of", lambda row: row.own.as_of if row.own else None),
)

SOURCES = (
    *public(
        *attribute_columns("slug", "title", "short_title", "author", "publisher", "published_on"),
        *attribute_columns("date_precision", "language", "url", "notes", "is_demonstration"),
    ),
    *attribute_columns("reference_prefix", "date_mark", "date_reason", "text_sha256"),
)

PARTS = (
    *public(
        *attribute_columns(recommendation="reference"),
        *attribute_columns("label", "text", "position", "amended_at"),
    ),
    *attribute_columns("amendment_reason"),
)

# ---- for people inside alone

ORGANISATIONS = (
    *attribute_columns("slug", "name", "kind", "valid_from", "valid_to"),
    Column("successor", lambda row: row.successor.slug if row.successor else None),
    *attribute_columns("is_demonstration"),
)

RELATIONS = attribute_columns("kind", "why", "added_at", other="other.reference")

ACTIONS = (
    *typed(int, *attribute_columns(number="pk")),
    *attribute_columns("title", "state", "owner", "started_on", "due_on", "done_on"),
    *attribute_columns("dropped_reason", "is_named_in_source", "is_overdue", "is_demonstration"),
)

DATE_CHANGES = (
    *typed(int, *attribute_columns(number="pk", row="number")),
    *attribute_columns("old_date", "new_date", "reason", "requested_at", "state", "decided_at"),
    *attribute_columns("decision_note", recommendation="recommendation.reference"),
    *(_person(name) for name in ("requested_by", "decided_by")),
)

IMPORTS = (
    *typed(int, *attribute_columns(number="pk")),
    *attribute_columns("at", "file_name", "file_sha256", "format", "series", "source", "vintage"),
    *attribute_columns("new", "revised", "unchanged", "left_out", "undone_at"),
    *(_person(name) for name in ("by", "undone_by")),
)

THEMES = attribute_columns("slug", "name", "description", "is_demonstration")

FILES = (
    *typed(int, *attribute_columns("number", size="file.size")),
    *attribute_columns(sha256="file_id", media_type="file.media_type", name="original_name"),
    *attribute_columns("added_at", "note", scan="file.scan"),
    _person("added_by"),
)

ROUNDS = (
    *typed(int, *attribute_columns(number="pk")),
    *attribute_columns("name", "as_of", "reply_by", "sent_at", "closed_at"),
    *(_person(name) for name in ("sent_by", "closed_by")),
)

PROPOSALS = (
    *typed(int, *attribute_columns(number="pk")),
    *attribute_columns("reference", "title", "scope", "what", "submitted_at"),
    *attribute_columns("is_for_me", "is_date", "date_change", address="url"),
)

LINKS = (
    *typed(int, *attribute_columns(number="pk", evidence="evidence_id")),
    *attribute_columns(title="evidence.title", kind="evidence.kind", url="evidence.url"),
    *attribute_columns("stance", "why", "added_at", "answer", "answered_at"),
    _person("added_by"),
)


DECISIONS = (
    *typed(int, *attribute_columns(number="pk", update="update_id")),
    *attribute_columns("body", "decided_on", "decision", "is_published", "recorded_at"),
    *attribute_columns("removed_at", "removal_reason"),
    *attribute_columns(recommendation="update.recommendation.reference"),
    *(_person(name) for name in ("recorded_by", "removed_by")),
    *attribute_columns("note"),
)


def decision_sheet(rows: Iterable[Any], person: Person) -> Sheet:
    """What bodies decided; the note, which comes last, is for who reads drafts."""
    return Sheet(
        "decisions", DECISIONS[: None if permissions.can_read_drafts(person) else -1], rows
    )


UPDATES = (
    *typed(int, *attribute_columns(number="pk")),
    *attribute_columns("kind", "state", recommendation="recommendation.reference"),
    Column("addressee", lambda row: str(row.addressee) if row.addressee_id else None),
    *attribute_columns("as_of", "implementation_status", "confidence", "rated_on"),
    *attribute_columns("completed_on", "review_on"),
    Column("successor", lambda row: row.successor.reference if row.successor else None),
    *attribute_columns(*(name for name in TEXT_FIELDS if name not in INTERNAL)),
    *typed(int, *attribute_columns("based_on_id", "corrects_id", "retracts_id")),
    *attribute_columns("created_at", "submitted_at", "decided_at", "is_approved_by_import"),
    *(_person(name) for name in ("author", "last_editor", "decided_by")),
    demonstration_column("author"),
)
OF_DRAFTS = attribute_columns(*INTERNAL, "decision_note")


def update_sheet(rows: Iterable[Any], person: Person) -> Sheet:
    """Updates, with the notes that who reads drafts may read."""
    notes = OF_DRAFTS if permissions.can_read_drafts(person) else ()
    return Sheet("updates", (*UPDATES, *notes), rows)


EVENTS = (
    *typed(int, *attribute_columns(number="event.sequence")),
    *attribute_columns(at="event.at"),
    *attribute_columns(event="sentence", by="by"),
    *attribute_columns(
        verb="event.verb", object_type="event.object_type", object_id="event.object_id"
    ),
    Column(
        "recommendation",
        lambda row: row.event.recommendation.reference if row.event.recommendation else None,
    ),
    Column("token", lambda row: row.event.token.prefix if row.event.token else None),
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

DATES = (
    *attribute_columns("reference", "title", "first_date", "target_date", changes="date_moves"),
    *attribute_columns("days_moved"),
    # From then on its target date is no longer awaited.
    Column(
        "finished_on", lambda row: row.current_update.finished_on if row.current_update else None
    ),
    Column("asked_for", lambda row: row.asked.new_date if row.asked else None),
    Column("asked_by", lambda row: row.asked.by if row.asked else None),
    *attribute_columns("is_continuous"),
    Column("is_archived", lambda row: row.archived_at is not None),
    *attribute_columns("is_demonstration"),
)

REQUESTS = (
    *attribute_columns("reference", "title", "organisation"),
    Column("state", lambda row: str(row.state.label)),
    Column("state_code", lambda row: str(row.state)),
    *typed(date, *attribute_columns(reply_by="standing.reply_by")),
    *attribute_columns(is_extended="standing.extended"),
    # Empty where nothing came and the day to reply by is still to come.
    *attribute_columns("replied_on"),
    *typed(int, *attribute_columns("days_late")),
    *typed(date, *attribute_columns(last_reminder="standing.last_reminder")),
    *attribute_columns("is_demonstration"),
)

SIGN_OFFS = (
    *typed(int, *attribute_columns(number="pk")),
    *attribute_columns("title"),
    Column("kind", lambda row: "source" if row.source_id else "recommendation"),
    *attribute_columns("as_of"),
    Column("signed_on", lambda row: timezone.localdate(row.signed_at)),
    Column("signed_by", lambda row: str(row.signed_by)),
    *attribute_columns("remark"),
    *typed(int, *attribute_columns(recommendations="covered")),
    *attribute_columns(sha256="digest"),
    *typed(int, *attribute_columns(audit_log_entry="sequence")),
    *attribute_columns(entry_hash="record_hash"),
    demonstration_column("signed_by"),
)

RULES = (
    Column("rule", lambda line: str(line.rule)),
    # The count of earlier is empty where the record does not tell it.
    *attribute_columns("title", condition="sentence", count="count", count_90_days_ago="before"),
    *attribute_columns("trend", address="url"),
)

CASES = (
    *attribute_columns("title", detail="text", day="day", address="url"),
    *attribute_columns("is_demonstration"),
)


# ---- What changed on record: a row for each field that a change is of


@dataclass(frozen=True, slots=True)
class _Row:
    recommendation: Recommendation
    change: OneChange
    field: Change


CHANGE_COLUMNS = (
    *attribute_columns(reference="recommendation.reference", title="recommendation.title"),
    Column("kind", lambda row: str(row.change.kind.label)),
    Column("kind_code", lambda row: row.change.kind.value),
    *attribute_columns(change="change.what", about="change.title"),
    *attribute_columns(field="field.label", before="field.before", after="field.after"),
    *attribute_columns(by="change.by"),
    Column("recorded_on", lambda row: timezone.localdate(row.change.at)),
    *attribute_columns(reason="change.reason", later="change.note"),
    *attribute_columns(audit_log_entry="change.number"),
    *attribute_columns(is_demonstration="change.is_demonstration"),
)


def change_sheet(found: Iterable[tuple[Recommendation, OneChange]]) -> Sheet:
    """Changes in the order of the page; only for who may read them."""
    return Sheet("changes", CHANGE_COLUMNS, _rows(found))


def _rows(found: Iterable[tuple[Recommendation, OneChange]]) -> Iterator[Any]:
    for recommendation, change in found:
        for field in change.changes or (Change("", "", ""),):
            yield _Row(recommendation, change, field)
