"""Spreadsheets as people have them, made up for the tests."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from openpyxl import Workbook

from recommendations.actions.imports.pipeline import Upload
from recommendations.actions.imports.spreadsheet import (
    SpreadsheetOptions,
    SpreadsheetPlan,
    open_list,
    proposed_map,
)
from recommendations.actions.imports.spreadsheet.plans import ColumnMap
from recommendations.models import AuditEvent, Source, User
from recommendations.queries.bulk_changes import list_imports
from recommendations.readers import ReadOptions
from tests.imports.run import import_spreadsheet, plan_spreadsheet

HEADER = ("No.", "Recommendation", "Lead ministry", "Status", "Status date", "Due date")

FOREIGN = (
    "Closed acceptable",
    "Accepted and implemented",
    "supported in part",
    "Open—acceptable response",
    "Under implementation",
    "Overtaken by events",
)


def csv_bytes(
    rows: Iterable[Sequence[Any]], header: Sequence[str] = HEADER, encoding: str = "utf-8"
) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_bytes(sheets: Mapping[str, Iterable[Sequence[Any]]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(data: bytes, name: str = "list.csv", **asked: Any) -> Upload:
    return Upload(io.BytesIO(data), name, ReadOptions(**asked))


def map_for(data: bytes, name: str = "list.csv", **values: Any) -> ColumnMap:
    """The proposal, confirmed as it is."""
    table = open_list(upload(data, name))
    table.rows = list(table.rows)
    return replace(proposed_map(table), **{"date_order": "day_first", **values})


def plan_of(
    data: bytes, source: Source, by: User | None = None, name: str = "list.csv", **options: Any
) -> SpreadsheetPlan:
    chosen = options.pop("column_map", None) or map_for(data, name)
    chosen = replace(chosen, takes_over=options.pop("takes_over", chosen.takes_over))
    return plan_spreadsheet(
        upload=upload(data, name),
        source=source,
        by=by,
        options=SpreadsheetOptions(chosen, **options),
    )


def imported(
    data: bytes, source: Source, by: User, column_map: ColumnMap | None = None
) -> AuditEvent:
    """Import a list by the map that is proposed for it, or by this one; the event of that."""
    options = SpreadsheetOptions(column_map or map_for(data))
    import_spreadsheet(upload=upload(data), source=source, by=by, options=options)
    return list_imports().order_by("-sequence")[0]


def two_thousand(count: int = 2_000) -> bytes:
    """So many rows: 7 numbers twice, 100 without a date, 111.1 and 111.10, six foreign statuses."""
    rows = []
    for n in range(count):
        number = {110: "111.1", 111: "111.10"}.get(n, str(n + 1))
        if n >= count - 7:
            number = str(n - count + 8)
        due = "" if 500 <= n < 600 else f"{n % 28 + 1}/{n % 12 + 1}/2031"
        text = f"Recommendation {n}: the ministry should\nwrite it down, “as it is”; and say so."
        rows.append((number, text, "Ministry A", FOREIGN[n % 6], "03/02/2025", due))
    return csv_bytes(rows)
