"""From cells to values: one ``Record`` a row, with what is wrong in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from recommendations.actions.imports.spreadsheet.plans import Code, Record
from recommendations.choices import Modality, Nature, Priority
from recommendations.readers import Cell, Formula, Number, Table, TableRow
from recommendations.readers.columns import DATE_FIELDS, ColumnMap, Field, split_names
from recommendations.readers.dates import DateError, read_date
from recommendations.readers.tables import fold_text

LINES = frozenset(
    {
        *(Field.REFERENCE, Field.EXTERNAL_ID, Field.TITLE, Field.LOCATOR, Field.LEAD),
        *(Field.LEAD_OFFICER, Field.REPORTED_STATUS, Field.RESPONSE, Field.ACTION),
        *(Field.ACTION_OWNER, Field.MODALITY, Field.NATURE, Field.PRIORITY),
    }
)
"""What is one line here: line breaks inside such a cell become spaces."""

LISTS = frozenset({Field.CONTRIBUTORS, Field.ADDRESSEES})

CODED: Mapping[Field, type[TextChoices]] = {
    Field.MODALITY: Modality,
    Field.NATURE: Nature,
    Field.PRIORITY: Priority,
}
TEXTS = (Field.TITLE, Field.SUMMARY, Field.QUOTED_TEXT, Field.LOCATOR, Field.RATIONALE)
LONGEST_TITLE = 150
"""Characters of a title that is made of a text."""


def records(table: Table, chosen: ColumnMap, today: date) -> Iterator[Record]:
    """The rows of a table as values, one after the other."""
    places = {
        code: place for code in Field if (place := chosen.column_of(table.header, code)) is not None
    }
    for row in table.rows:
        yield _record(row, places, table.header, chosen, today)


def _record(
    row: TableRow,
    places: Mapping[Field, int],
    header: Sequence[str],
    chosen: ColumnMap,
    today: date,
) -> Record:
    record = Record(row.number)
    found: dict[Field, Any] = {}
    for code, place in places.items():
        cell = row.cells[place]
        if isinstance(cell, Formula):
            _wrong(record, header[place], _("it holds a formula: paste its value"))
        elif code in DATE_FIELDS:
            try:
                found[code] = read_date(cell, chosen.date_order)
            except DateError as error:
                _wrong(record, header[place], str(error))
        else:
            found[code] = _text(cell, code)
    if Field.EXTERNAL_ID in places and isinstance(row.cells[places[Field.EXTERNAL_ID]], Number):
        record.tell(Code.NUMBER_AS_ID)
    _take(record, found)
    _take_values(record, found)
    _check_days(record, today)
    if Field.TARGET_DATE in places and found.get(Field.TARGET_DATE, "") is None:
        record.tell(Code.UNDATED)
    return record


def _take(record: Record, found: Mapping[Field, Any]) -> None:
    def text(code: Field) -> str:
        return str(found.get(code) or "")

    record.external_id = text(Field.EXTERNAL_ID)
    record.reference = text(Field.REFERENCE)
    record.lead, record.lead_officer = text(Field.LEAD), text(Field.LEAD_OFFICER)
    record.contributors = split_names(text(Field.CONTRIBUTORS))
    record.addressees = split_names(text(Field.ADDRESSEES))
    record.opened_on = found.get(Field.OPENED_ON)
    record.target_date = found.get(Field.TARGET_DATE)
    record.status, record.status_note = text(Field.REPORTED_STATUS), text(Field.REPORTED_NOTE)
    record.status_on = found.get(Field.REPORTED_ON) or found.get(Field.CLOSED_ON)
    record.response = text(Field.RESPONSE)
    record.response_on = found.get(Field.RESPONDED_ON)
    record.response_part = text(Field.RESPONSE_PART)
    record.response_reason = text(Field.RESPONSE_REASON)
    record.action, record.action_owner = text(Field.ACTION), text(Field.ACTION_OWNER)
    record.action_due = found.get(Field.ACTION_DUE)


def _take_values(record: Record, found: Mapping[Field, Any]) -> None:
    """What goes into the columns of a recommendation as it is."""
    record.values = {code.value: found[code] for code in TEXTS if found.get(code)}
    if found.get(Field.REVIEW_ON):
        record.values["review_on"] = found[Field.REVIEW_ON]
    for code, words in CODED.items():
        if text := found.get(code):
            known = _coded(words)
            if fold_text(text) in known:
                record.values[code.value] = known[fold_text(text)]
            else:
                _wrong(record, str(code.label), _("“%s” is none of ours") % text[:40])
    if text := found.get(Field.INTERVAL_MONTHS):
        if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 60:
            record.values["interval_months"] = int(text)
        else:
            _wrong(record, str(Field.INTERVAL_MONTHS.label), _("a number from 1 to 60"))
    if not record.name:
        record.tell(Code.NO_KEY)
    if not any(record.values.get(name) for name in ("title", "summary", "quoted_text")):
        record.tell(Code.NO_TEXT)


def _check_days(record: Record, today: date) -> None:
    said = {
        Field.OPENED_ON: record.opened_on,
        Field.REPORTED_ON: record.status_on,
        Field.RESPONDED_ON: record.response_on,
    }
    for code, day in said.items():
        if day is not None and day > today:
            _wrong(record, str(code.label), _("%s is yet to come") % day.isoformat())


def complete(record: Record, chosen: ColumnMap) -> dict[str, Any]:
    """The values of a new recommendation: what the row leaves out is made of what it says.

    Without a title the text begins one; without a summary the text stands in its place.
    """
    values = dict(record.values)
    text = values.get("quoted_text") or values.get("summary") or values.get("title", "")
    if text and not values.get("title"):
        values["title"] = title_of(text)
        if values["title"] != text:
            record.tell(Code.TITLE_MADE)
    values.setdefault("summary", text)
    values.setdefault("modality", chosen.modality)
    values.setdefault("nature", chosen.nature)
    return values


def title_of(text: str) -> str:
    """The beginning of a text as a title, cut between words."""
    first = " ".join(text.split())
    if len(first) <= LONGEST_TITLE:
        return first
    cut = first[:LONGEST_TITLE].rsplit(" ", 1)[0]
    return f"{cut}…"


def _text(cell: Cell, code: Field) -> str:
    text = cell.isoformat() if isinstance(cell, date) else "" if cell is None else str(cell)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if code in LISTS:
        return text  # a line break at the end says that there is one name a line
    text = text.strip()
    return " ".join(text.split()) if code in LINES and "\n" in text else text


def _coded(words: type[TextChoices]) -> dict[str, str]:
    return {
        fold_text(text): str(member.value)
        for member in words
        for text in (str(member.value), str(member.label))
    }


def _wrong(record: Record, column: str, why: str) -> None:
    record.tell(Code.WRONG_CELL, f"{column}: {why}")
