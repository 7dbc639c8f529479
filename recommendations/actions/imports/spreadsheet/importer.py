"""Planning an import of recommendations, which only reads, and running it."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import require
from recommendations.actions.imports.pipeline import Upload
from recommendations.actions.imports.spreadsheet.existing import ExistingRecords
from recommendations.actions.imports.spreadsheet.matching import ImportContext, match_records
from recommendations.actions.imports.spreadsheet.plans import SpreadsheetOptions, SpreadsheetPlan
from recommendations.actions.imports.spreadsheet.rows import read_records
from recommendations.actions.imports.spreadsheet.writing import counts, write
from recommendations.actions.recommendations import remember_columns
from recommendations.models import Source, User
from recommendations.readers import Table, open_table
from recommendations.readers.columns import ColumnMap, Field, check_map

MOST_STATUSES = 100
"""Different words for a status that one file may use."""


def plan_spreadsheet(
    *, upload: Upload, source: Source, by: User | None, options: SpreadsheetOptions
) -> SpreadsheetPlan:
    """What importing a file would do. Reads only; ``TableError`` and ``MapError`` say why not.

    Without ``by``, as a manager would see it.
    """
    return _plan(upload, source, by, options, timezone.now(), timezone.localdate())


def import_spreadsheet(
    *,
    upload: Upload,
    source: Source,
    by: User,
    options: SpreadsheetOptions,
    expected: str = "",
    at: datetime | None = None,
) -> SpreadsheetPlan:
    """Import a file: all that the plan says in one transaction, with one event for the file.

    ``expected`` is the digest of the plan that was shown; where the import would do something else
    by now, nothing is written and ``PlanChanged`` carries the new one. Where nothing changes,
    nothing is written at all. Remembers the map of columns with the source.
    """
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_import(by), _("import recommendations"))
        source = Source.objects.get(pk=source.pk)
        plan = _plan(upload, source, by, options, entry.at, entry.today)
        plan.require_confirmed(expected)
        if not plan.changes_anything:
            return plan
        act = audit.BulkAct(entry)
        if plan.is_map_new:
            remember_columns(act, source, options.column_map.as_json())
        write(act, plan)
        act.record("import", plan.sha256[:16], counts(plan, source))
        return plan


def statuses_in(table: Table, columns: ColumnMap) -> list[tuple[str, bool]]:
    """The different words for statuses and responses in a file; ``True`` marks a response."""
    found: dict[str, bool] = {}
    mapped = [
        (column, field == Field.RESPONSE)
        for field in (Field.REPORTED_STATUS, Field.RESPONSE)
        if (column := columns.column_of(table.header, field)) is not None
    ]
    for row in table.rows:
        for column, is_response in mapped:
            cell = row.cells[column]
            words = " ".join(str(cell).split()) if cell is not None else ""
            if words and (words in found or len(found) < MOST_STATUSES):
                found.setdefault(words, is_response)
    return sorted(found.items())


def _plan(
    upload: Upload,
    source: Source,
    by: User | None,
    options: SpreadsheetOptions,
    at: datetime,
    today: date,
) -> SpreadsheetPlan:
    check_map(options.column_map)
    sha256 = upload.sha256()
    table = open_table(upload.file, upload.name, upload.options)
    existing = ExistingRecords(source, create_organisations=options.create_organisations)
    context = ImportContext(existing, options, by, at, today, upload.name, sha256)
    rows = match_records(read_records(table, options.column_map, today), context)
    return SpreadsheetPlan(
        file_name=upload.name,
        sha256=sha256,
        options=options,
        kind=table.kind,
        header=table.header,
        notes=table.notes,
        rows=rows,
        is_map_new=source.column_map != options.column_map.as_json(),
    )
