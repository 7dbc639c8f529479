"""Recommendations as a file: what the reader's list shows, and for people inside what can be
brought in again.

The names of columns that an import knows are its codes, so that an export imports as it is. The
others begin with ``latest_`` or are computed, and an import leaves them out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from recommendations import permissions
from recommendations.choices import Confidence, label_of_status
from recommendations.exports.sheets import Column, Sheet, demonstration_column, in_batches
from recommendations.models import Addressee, Recommendation, ReportedStatus, Response
from recommendations.permissions import Person
from recommendations.queries.recommendations.rows import RecommendationRow, rows_by_id
from recommendations.readers.columns import Field, join_names


@dataclass(frozen=True, slots=True)
class RecommendationLine:
    """One recommendation: as the list shows it to this reader, and with all its columns."""

    row: RecommendationRow
    found: Any
    reported: ReportedStatus | None


def recommendations_for_file() -> QuerySet[Recommendation]:
    """The query that a file reads its recommendations by."""
    return Recommendation.objects.select_related("source", "lead", "lead_officer")


def recommendation_sheet(found: Iterable[Any], person: Person, today: date) -> Sheet:
    """The list that a filter found, read by ``recommendations_for_file``."""
    is_internal = permissions.can_read_internally(person)
    columns = INTERNAL if is_internal else PUBLIC
    return Sheet("recommendations", columns, _lines(found, person, today, is_internal))


def _lines(
    found: Iterable[Any], person: Person, today: date, is_internal: bool
) -> Iterator[RecommendationLine]:
    living = Addressee.objects.filter(removed_at__isnull=True).select_related(
        "area", "organisation"
    )
    said = Prefetch("responses", Response.objects.current(), to_attr="said_now")
    more: list[Any] = [Prefetch("addressees", living.prefetch_related(said), to_attr="living")]
    if is_internal:
        newest = ReportedStatus.objects.order_by("-recorded_at", "-pk")
        more += [
            "contributors",
            Prefetch("reported_statuses", newest, to_attr="reported_newest"),
        ]
    for batch in in_batches(found):
        prefetch_related_objects(batch, *more)
        rows = rows_by_id(person, [one.pk for one in batch], today)
        for one in batch:
            newest_first = one.reported_newest if is_internal else []
            yield RecommendationLine(rows[one.pk], one, newest_first[0] if newest_first else None)


def _plain(code: Field) -> Column:
    return Column(code.value, lambda line: getattr(line.found, code.value))


def _status(line: RecommendationLine) -> str:
    return label_of_status(line.row.status, is_continuous=line.row.is_continuous)


def _confidence(line: RecommendationLine) -> str:
    return str(Confidence(line.row.confidence).label) if line.row.confidence else ""


def _addressees(line: RecommendationLine) -> str:
    return join_names([str(addressee) for addressee in line.found.living])


def _responses(line: RecommendationLine) -> str:
    return join_names(
        [
            f"{addressee}: {response.get_position_display()}"
            for addressee in line.found.living
            for response in addressee.said_now
        ]
    )


def _contributors(line: RecommendationLine) -> str:
    return join_names([str(body) for body in line.found.contributors.all()])


def _reported(code: Field, name: str) -> Column:
    return Column(code.value, lambda line: getattr(line.reported, name) if line.reported else None)


_LATEST = (
    Column("latest_status", _status),
    Column("latest_status_code", lambda line: line.row.status),
    Column("latest_confidence", _confidence),
    Column("latest_confidence_code", lambda line: line.row.confidence),
    Column("latest_as_of", lambda line: line.row.as_of),
    Column("latest_public_text", lambda line: line.row.public_text),
    Column("latest_responses", _responses),
    demonstration_column("row"),
)

PUBLIC: tuple[Column, ...] = (
    Column("source", lambda line: line.found.source.slug),
    Column(Field.REFERENCE.value, lambda line: line.found.reference),
    _plain(Field.TITLE),
    _plain(Field.SUMMARY),
    Column(Field.ADDRESSEES.value, _addressees),
    _plain(Field.TARGET_DATE),
    *_LATEST,
)
"""What everybody may read; a new column is internal until it is written here."""

INTERNAL: tuple[Column, ...] = (
    Column("source", lambda line: line.found.source.slug),
    _plain(Field.REFERENCE),
    _plain(Field.EXTERNAL_ID),
    _plain(Field.TITLE),
    _plain(Field.SUMMARY),
    _plain(Field.QUOTED_TEXT),
    _plain(Field.LOCATOR),
    _plain(Field.MODALITY),
    _plain(Field.NATURE),
    _plain(Field.RATIONALE),
    _plain(Field.PRIORITY),
    Column(Field.LEAD.value, lambda line: str(line.found.lead or "")),
    Column(
        Field.LEAD_OFFICER.value,
        lambda line: line.found.lead_officer.username if line.found.lead_officer else None,
    ),
    Column(Field.CONTRIBUTORS.value, _contributors),
    Column(Field.ADDRESSEES.value, _addressees),
    _plain(Field.OPENED_ON),
    _plain(Field.TARGET_DATE),
    _plain(Field.REVIEW_ON),
    _plain(Field.INTERVAL_MONTHS),
    _reported(Field.REPORTED_STATUS, "words"),
    _reported(Field.REPORTED_ON, "as_of"),
    _reported(Field.REPORTED_NOTE, "note"),
    *_LATEST,
    Column("assurance", lambda line: line.row.assurance),
    Column("approved_through_import", lambda line: line.row.is_approved_by_import),
    Column("evidence_for", lambda line: line.row.evidence_for),
    Column("evidence_against", lambda line: line.row.evidence_against),
    Column("first_date", lambda line: line.row.first_date),
    Column("date_changes", lambda line: line.row.date_moves),
    Column("days_moved", lambda line: line.row.days_moved),
    Column("next_update_due_on", lambda line: line.row.next_due_on),
    Column("public_since", lambda line: line.found.published_at),
    Column("archived_at", lambda line: line.found.archived_at),
)
"""What people with a role may read."""
