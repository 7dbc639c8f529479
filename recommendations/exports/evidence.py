"""Evidence as a sheet."""

from collections.abc import Iterable
from typing import Any

from recommendations.columns import (
    Column,
    attribute_columns,
    demonstration_column,
    public,
)
from recommendations.exports.sheets import Sheet

COLUMNS = (
    *attribute_columns("slug"),
    *public(
        *attribute_columns("title", "kind", "publisher", "url", "citation", "effective_on"),
        *attribute_columns("effective_precision", "retrieved_on", "expires_on", "reliability"),
        Column(
            "file_type", lambda item: item.files_now[0].file.media_type if item.files_now else ""
        ),
        Column("file_size", lambda item: item.files_now[0].file.size if item.files_now else None),
        Column("file_sha256", lambda item: item.files_now[0].file_id if item.files_now else ""),
        demonstration_column("recorded_by"),
    ),
    *attribute_columns("description", "visibility", "changes_awaiting", "changes_decided"),
    *attribute_columns(checks="live_checks", recorded_at="recorded_at"),
    Column("recorded_by", lambda item: str(item.recorded_by or "")),
)


def evidence_sheet(rows: Iterable[Any]) -> Sheet:
    """Evidence items that a filter found, made with ``evidence_rows``."""
    return Sheet("evidence", COLUMNS, rows)
