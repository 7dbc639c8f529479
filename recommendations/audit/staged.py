"""Rows of a bulk act that are made ready before the chain is open, and written by one statement.

Whoever holds the chain keeps all others from writing. So what takes long is done before: payloads
and texts are made and lie in staged tables. Only the time of the entry is not known by then; a
mark stands in its place, and gives way to it in the payloads and in what is hashed alike.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connections, models, router
from django.db.models import F, Value
from django.db.models.functions import Cast, Replace

from recommendations.audit.payload import changes_of, json_text, line_for, written
from recommendations.audit.record import TABLES
from recommendations.audit.snapshots import snapshots
from recommendations.audit.texts import SharedTexts
from recommendations.models import AuditRow, AuditText, StagedFigure, StagedImport, StagedText

NOT_YET = datetime.min.replace(tzinfo=UTC)
"""Stands for the time of the entry until it is known."""

PIECE = 1024 * 1024
"""Bytes of lines that are hashed at once."""


class StagedRows:
    """What the record will say of new rows of ``model``, as staged under an import, in their order.

    ``field`` is the one that holds the time of the entry. The lines that are hashed wait in a file
    of their own, so that hashing them takes no query.
    """

    def __init__(self, staged: StagedImport, model: type[models.Model], field: str) -> None:
        self.figures = StagedFigure.objects.filter(staged=staged.pk)
        self._staged_texts = StagedText.objects.filter(staged=staged.pk)
        self._model = model
        self._field = field
        self._texts = SharedTexts(TABLES)
        self._lines = tempfile.TemporaryFile()  # noqa: SIM115  (closed by close)

    def close(self) -> None:
        self._lines.close()

    def payloads(self, things: Sequence[models.Model]) -> list[str]:
        """The changes of each thing, as they are to be staged; their keys are known already.

        The things were checked: their values are of the kinds that the database gives back.
        """
        made = []
        label = self._model._meta.label_lower
        for thing, after in zip(things, snapshots(things, as_stored=True), strict=True):
            changes = json_text(
                changes_of({}, {**after, self._field: NOT_YET}, self._texts.reference)
            )
            self._lines.write(line_for(label, str(thing.pk), None, changes))
            made.append(changes)
        return made

    def take_texts(self) -> list[AuditText]:
        """The texts that the last payloads refer to and no earlier ones did, to be staged too."""
        return self._texts.take()

    def lines(self, at: datetime) -> Iterator[bytes]:
        """What the digest of the act is over, under the time of its entry."""
        mark, known = (self._change(moment).encode() for moment in (NOT_YET, at))
        self._lines.seek(0)
        while lines := self._lines.readlines(PIECE):
            yield b"".join(lines).replace(mark, known)

    def write(self, sequence: int, at: datetime) -> int:
        """Write the staged texts and rows under the event of this number; how many rows."""
        kept = {name: F(name) for name in ("digest", "salt", "text")}
        insert_from(self._staged_texts, AuditText, kept)
        mark, known = (Value(self._change(moment)) for moment in (NOT_YET, at))
        columns = {
            "event": Value(sequence),
            "object_type": Value(self._model._meta.label_lower),
            "object_id": Cast(F("observation"), models.CharField(max_length=64)),
            "changes": Replace(F("changes"), mark, known, output_field=models.TextField()),
        }
        return insert_from(self.figures, AuditRow, columns)

    def _change(self, moment: datetime) -> str:
        """How the field stands in a payload. Inside a string its quotes would be escaped."""
        return f'"{self._field}":[null,"{written(moment)}"]'


def insert_from(
    rows: models.QuerySet[Any], model: type[models.Model], columns: Mapping[str, Any]
) -> int:
    """Insert into a table what these rows hold, in the order of their keys; how many there are.

    ``columns`` are fields of ``model``, each with what its column is taken from.
    """
    connection = connections[router.db_for_write(model)]
    selected = rows.order_by("pk").values_list(*columns.values())
    select, parameters = selected.query.get_compiler(connection=connection).as_sql()
    quote = connection.ops.quote_name
    fields: list[Any] = [model._meta.get_field(name) for name in columns]
    names = ", ".join(quote(field.column) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(model._meta.db_table)} ({names}) {select}",  # names of models
            parameters,
        )
        return int(cursor.rowcount)
