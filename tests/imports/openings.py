"""A list of an earlier tracker, and its import with opening statuses."""

import hashlib
from dataclasses import replace
from typing import Any

from recommendations.actions.base import ActionRefused
from recommendations.actions.imports.spreadsheet import SpreadsheetOptions
from recommendations.models import OpeningBatch, OpeningRow, Recommendation, Source, User
from recommendations.queries.openings import digest_of, review_of, shown_batch
from recommendations.queries.shown import Shown
from tests.imports.files import csv_bytes, map_for, upload
from tests.imports.run import import_spreadsheet

HEAD = ("Ref no", "Title", "Ministry", "Status", "Status date", "RAG", "Comment", "Evidence link")
ROWS = (
    ("7.1", "Keep a register", "Ministry A", "Ongoing", "3/3/2024", "Amber", "Half of it.", ""),
    (
        *("7.10", "Publish it", "Agency B", "Fully implemented", "5/3/2024", ""),
        *("It is online.", "https://example.org/a; https://example.org/b"),
    ),
    ("7.2", "Pay for it", "", "Closed - no longer applicable", "6/3/2024", "", "", ""),
)
RATINGS = {"amber": "amber", "green": "green", "red": "red"}


def brought(data: bytes, source: Source, by: User, **options: Any) -> OpeningBatch:
    """Import a list with its statuses: the batch that awaits approval."""
    chosen = options.pop("column_map", None) or map_for(data, confidences=RATINGS)
    chosen = replace(chosen, takes_over=options.pop("takes_over", True))
    plan = import_spreadsheet(
        upload=upload(data),
        source=source,
        by=by,
        options=SpreadsheetOptions(chosen, create_organisations=True, **options),
    )
    if plan.batch is None:
        raise ActionRefused("The list gives no opening status.")
    return plan.batch


def list_of(rows: Any = ROWS) -> bytes:
    return csv_bytes(rows, HEAD)


def seen(batch: OpeningBatch, since: int = 0) -> Shown:
    """What the page of a batch shows now, after the event of this number."""
    return shown_batch(review_of(batch), since)


def planted(source: Source, of: Recommendation, by: User, **values: Any) -> OpeningRow:
    """A batch of one row, written without an action."""
    from django.utils import timezone

    batch = OpeningBatch.objects.create(
        source=source,
        file_name="old list.xlsx",
        file_sha256=hashlib.sha256(b"").hexdigest(),
        digest="0" * 64,
        submitted_at=timezone.now(),
        submitted_by=by,
    )
    given = {"number": 212, "as_of": timezone.localdate(), "implementation_status": "in_progress"}
    row = OpeningRow.objects.create(
        batch=batch, recommendation=of, words="Ongoing", **{**given, **values}
    )
    OpeningBatch._base_manager.filter(pk=batch.pk)
    batch.digest = digest_of([row])
    return row
