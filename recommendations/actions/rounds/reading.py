"""A spreadsheet of a round that came back: its rows, and what is wrong with each of their cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import translation
from django.utils.translation import gettext as _

from recommendations.actions.imports.pipeline import Upload
from recommendations.choices import FINISHED_STATUSES, Confidence, ImplementationStatus
from recommendations.queries.rounds.sheet import (
    CONFIDENCES,
    DAYS,
    EVIDENCE,
    FIXED,
    GIVEN,
    STATUSES,
    TEXTS,
    Column,
    Values,
    cell_text,
    seal,
)
from recommendations.readers import TableError, open_table
from recommendations.readers.dates import DateError, DateOrder, read_date
from recommendations.readers.tables import Cell, Formula, fold_text

MOST_ROWS = 500
"""Rows of one file."""


@dataclass(frozen=True, slots=True)
class CellError:
    """What is wrong with one cell, and what to do; ``column`` is ``None`` of the whole row."""

    column: Column | None
    text: str

    @property
    def label(self) -> str:
        return str(self.column.label) if self.column else ""


@dataclass(slots=True)
class ReturnedRow:
    """One row of the file: its number there, what it says, and what is wrong with it."""

    number: int
    reference: str
    values: dict[str, Any] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    evidence: tuple[tuple[str, str], ...] = ()
    new_date: date | None = None
    date_reason: str = ""
    reporter: str = ""
    is_empty: bool = False
    errors: list[CellError] = field(default_factory=list)

    def refuse(self, column: Column | None, text: str) -> None:
        self.errors.append(CellError(column, text))


def read_returned(upload: Upload, round_id: int, organisation_id: int) -> list[ReturnedRow]:
    """The rows of a file; ``TableError`` where it is not the spreadsheet of a round."""
    table = open_table(upload.file, upload.name, upload.options)
    places = _places(table.header)
    found: list[ReturnedRow] = []
    for row in table.rows:
        if len(found) >= MOST_ROWS:
            raise TableError(_("The file has more than %d rows.") % MOST_ROWS)
        cells = {column: row.cells[place] for column, place in places.items()}
        found.append(_row(row.number, cells, round_id, organisation_id))
    return found


def _places(header: Sequence[str]) -> dict[Column, int]:
    """Where each column is, by its name in any language of the site."""
    names: dict[str, Column] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            names |= {fold_text(str(column.label)): column for column in Column}
    places = {
        names[fold]: place
        for place, name in enumerate(header)
        if (fold := fold_text(name)) in names
    }
    if missing := [str(column.label) for column in Column if column not in places]:
        told = _("Column “%s” is missing. Use the spreadsheet of the round as it was sent.")
        raise TableError(told % missing[0])
    return places


def _row(
    number: int, cells: Mapping[Column, Cell], round_id: int, organisation_id: int
) -> ReturnedRow:
    texts = {column: _text(cell) for column, cell in cells.items()}
    row = ReturnedRow(number, texts[Column.REFERENCE][:60])
    for column, cell in cells.items():
        if isinstance(cell, Formula):
            row.refuse(column, _("A formula is not read. Enter the value itself."))
    is_given = _check_seal(row, cells, texts, round_id, organisation_id)
    own = [
        column
        for column in Column
        if column not in (*FIXED, Column.CHECK) and not (is_given and column in GIVEN)
    ]
    said = [column for column in own if texts[column]]
    who = (Column.REPORTED_BY, Column.REPORTED_EMAIL)
    row.is_empty = not any(column not in who for column in said)
    if not row.is_empty:
        _read(row, cells, texts)
    return row


def _check_seal(
    row: ReturnedRow,
    cells: Mapping[Column, Cell],
    texts: Mapping[Column, str],
    round_id: int,
    organisation_id: int,
) -> bool:
    """Whether the wording is as it was given; refuses what is fixed and was changed."""
    held: Values = {column: texts[column] for column in (*FIXED, *GIVEN)}
    try:
        held[Column.NOW_AS_OF] = read_date(cells[Column.NOW_AS_OF], DateOrder.ISO)
    except DateError:
        held[Column.NOW_AS_OF] = texts[Column.NOW_AS_OF]
    fixed, _dash, given = texts[Column.CHECK].partition("-")
    now_fixed, _dash, now_given = seal(round_id, organisation_id, held).partition("-")
    if fixed != now_fixed:
        told = _(
            "A fixed cell was changed, or the row is from another round or organisation. "
            "Copy the row from the spreadsheet as it was sent."
        )
        row.refuse(Column.REFERENCE, told)
    return given == now_given


def _text(cell: Cell) -> str:
    return "" if cell is None else cell_text(str(cell))


def _read(row: ReturnedRow, cells: Mapping[Column, Cell], texts: Mapping[Column, str]) -> None:
    """Fill in what a row says."""
    row.values = {str(column): texts[column] for column in TEXTS}
    days = {column: _day(row, column, cells[column]) for column in DAYS}
    _read_status(row, texts, days)
    row.parts = tuple(
        part.strip(" ().") for part in texts[Column.PARTS].replace(";", ",").split(",")
    )
    row.parts = tuple(part for part in row.parts if part)
    pairs = [
        (texts[Column(f"evidence_{n}")], texts[Column(f"address_{n}")])
        for n in range(1, EVIDENCE + 1)
    ]
    for n, (title, address) in enumerate(pairs, 1):
        if bool(title) != bool(address):
            column = Column(f"address_{n}" if title else f"evidence_{n}")
            row.refuse(column, _("Enter the title and the web address, or neither."))
    row.evidence = tuple(pair for pair in pairs if pair[0] and pair[1])
    row.new_date, row.date_reason = days[Column.NEW_DATE], texts[Column.DATE_REASON]
    if bool(row.new_date) != bool(row.date_reason):
        column = Column.DATE_REASON if row.new_date else Column.NEW_DATE
        row.refuse(column, _("Enter the revised target date and its reason, or neither."))
    _read_reporter(row, texts)


def _read_reporter(row: ReturnedRow, texts: Mapping[Column, str]) -> None:
    name, email = texts[Column.REPORTED_BY], texts[Column.REPORTED_EMAIL]
    if email:
        try:
            validate_email(email)
        except ValidationError:
            row.refuse(Column.REPORTED_EMAIL, _("Enter a valid email address."))
    row.reporter = " ".join(part for part in (name, f"<{email}>" if email else "") if part)


def _read_status(
    row: ReturnedRow, texts: Mapping[Column, str], days: Mapping[Column, date | None]
) -> None:
    status = _code(row, Column.STATUS, texts[Column.STATUS], STATUSES)
    confidence = _code(row, Column.CONFIDENCE, texts[Column.CONFIDENCE], CONFIDENCES)
    if not texts[Column.STATUS]:
        row.refuse(Column.STATUS, _("Choose a status of the list."))
    if days[Column.AS_OF] is None and not any(e.column == Column.AS_OF for e in row.errors):
        row.refuse(Column.AS_OF, _("Enter the date of the status."))
    rated = confidence not in ("", Confidence.NOT_RATED)
    if status in FINISHED_STATUSES and rated:
        row.refuse(Column.CONFIDENCE, _("Leave this cell empty: nothing is left to be delivered."))
    if status == ImplementationStatus.IMPLEMENTED and days[Column.COMPLETED_ON] is None:
        row.refuse(Column.COMPLETED_ON, _("Enter the day on which all was complete."))
    row.values |= {
        "implementation_status": status,
        "confidence": confidence or Confidence.NOT_RATED,
        "as_of": days[Column.AS_OF],
        "completed_on": days[Column.COMPLETED_ON],
    }


def _code(row: ReturnedRow, column: Column, text: str, choices: Sequence[Any]) -> str:
    """The code of a label, in any language of the site, or of a code itself."""
    if not text:
        return ""
    wanted = fold_text(text)
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for choice in choices:
                if wanted in (fold_text(str(choice.label)), fold_text(choice.value)):
                    return str(choice.value)
    row.refuse(column, _("“%s” is not in the list. Choose a value of the list.") % text[:60])
    return ""


def _day(row: ReturnedRow, column: Column, cell: Cell) -> date | None:
    try:
        return read_date(cell, DateOrder.ISO)
    except DateError as error:
        row.refuse(column, _("%(why)s. Enter a date such as 2026-12-31.") % {"why": error})
        return None
