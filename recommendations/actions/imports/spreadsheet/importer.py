"""The two ways in: plan an import, which only reads, and run it."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import require
from recommendations.actions.imports.spreadsheet.existing import ExistingRecords
from recommendations.actions.imports.spreadsheet.matching import ImportContext, match
from recommendations.actions.imports.spreadsheet.plans import (
    Choices,
    ImportRefused,
    Plan,
    PlanChanged,
    Upload,
)
from recommendations.actions.imports.spreadsheet.rows import records
from recommendations.actions.imports.spreadsheet.writing import bodies_of, counts, write
from recommendations.models import Source, User
from recommendations.readers import Table, open_table
from recommendations.readers.columns import ColumnMap, Field, check_map

MOST_STATUSES = 100
"""Different words for a status that one file may use."""


def plan(*, upload: Upload, source: Source, by: User | None, choices: Choices) -> Plan:
    """What importing a file would do. Reads only; ``TableError`` and ``MapError`` say why not.

    Without ``by``, as a manager would see it.
    """
    return _plan(upload, source, by, choices, timezone.localdate())


def run(
    *,
    upload: Upload,
    source: Source,
    by: User,
    choices: Choices,
    expected: str = "",
    at: datetime | None = None,
) -> Plan:
    """Import a file: all that the plan says in one entry, with one event for the file.

    ``expected`` is the digest of the plan that was shown; where things would go otherwise by now,
    nothing is written and ``PlanChanged`` carries the new one. Where nothing changes, nothing is
    written at all. Remembers the map of columns with the source.
    """
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_import(by), _("import recommendations"))
        source = Source.objects.get(pk=source.pk)
        planned = _plan(upload, source, by, choices, entry.today)
        if planned.is_refused:
            raise ImportRefused(planned)
        if expected and planned.digest != expected:
            raise PlanChanged(planned)
        if not planned.changes_anything:
            return planned
        act = write(entry, planned, source)
        if planned.is_map_new:
            Source.objects.filter(pk=source.pk).update(
                column_map=choices.column_map.as_json(),
                version=source.version + 1,
                updated_at=entry.at,
            )
        act.record("import", planned.sha256[:16], counts(planned, source))
        return planned


def words_of_statuses(table: Table, columns: ColumnMap) -> list[tuple[str, bool]]:
    """The different words for statuses and responses in a file; ``True`` marks a response."""
    places = [
        (place, code == Field.RESPONSE)
        for code in (Field.REPORTED_STATUS, Field.RESPONSE)
        if (place := columns.column_of(table.header, code)) is not None
    ]
    found: dict[str, bool] = {}
    for row in table.rows:
        for place, is_response in places:
            cell = row.cells[place]
            words = " ".join(str(cell).split()) if cell is not None else ""
            if words and (words in found or len(found) < MOST_STATUSES):
                found.setdefault(words, is_response)
    return sorted(found.items())


def _plan(upload: Upload, source: Source, by: User | None, choices: Choices, today: date) -> Plan:
    check_map(choices.column_map)
    sha256 = upload.sha256()
    table = open_table(upload.file, upload.name, upload.asked)
    planned = Plan(
        file_name=upload.name,
        sha256=sha256,
        choices=choices,
        kind=table.kind,
        header=table.header,
        notes=table.notes,
        is_map_new=source.column_map != choices.column_map.as_json(),
    )
    known = ExistingRecords(source, is_creating_bodies=choices.is_creating_bodies)
    setting = ImportContext(known, choices, by, today, upload.name, sha256)
    planned.rows = match(records(table, choices.column_map, today), setting)
    planned.bodies = bodies_of(row for row in planned.rows if not row.is_rejected)
    return planned
