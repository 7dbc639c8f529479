"""What changed on record as a sheet: a row for each field that a change is of."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from recommendations.columns import Column, attribute_columns
from recommendations.exports.formats import Sheet
from recommendations.models import Recommendation
from recommendations.queries.changes import OneChange
from recommendations.queries.log.words import Change


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
