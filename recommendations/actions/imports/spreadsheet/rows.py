"""From cells to values: one ``Record`` a row, with what is wrong in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from recommendations.actions.imports.findings import FindingCode
from recommendations.actions.imports.pipeline import Upload
from recommendations.actions.imports.spreadsheet.plans import (
    CODES,
    DATE_FIELDS,
    LINES,
    TEXTS,
    ColumnMap,
    KnownBy,
    Record,
    split_names,
)
from recommendations.characters import parse_int, replace_invalid
from recommendations.choices import Nature, chosen_code
from recommendations.columns import WRITTEN, Field
from recommendations.readers import Cell, Formula, Number, Table, TableRow, open_table
from recommendations.readers.meanings import (
    DateError,
    PartsError,
    read_date,
    split_number,
    split_parts,
)
from recommendations.readers.tables import RowNumber, fold_text, invalid_words
from recommendations.readers.text_tables import saved_twice

LISTS = frozenset(
    {
        *(Field.CONTRIBUTORS, Field.ADDRESSEES, Field.THEMES),
        *(Field.DEPENDS_ON, Field.RELATED_TO),
    }
)

PAST = (
    *(Field.OPENED_ON, Field.REPORTED_ON, Field.RESPONDED_ON),
    *(Field.CURRENT_AS_OF, Field.COMPLETED_ON),
)
"""Days that have been."""

TICKS, NO_TICKS = frozenset({"x", "yes", "y", "1"}), frozenset({"", "no", "n", "0"})
TICK_SIGNS = frozenset("✓✔☑●")
"""What a cell holds of a column that has one name for its header."""

LONGEST_TITLE = 150
"""Characters of a title that is made of a text."""


class CellError(ValueError):
    """A cell does not hold what its field takes; ``str`` of it says why."""


def open_list(upload: Upload) -> Table:
    """A file as a list whose rows are taken or refused one by one; ``TableError`` where it is none.

    A footnote below a list has fewer cells than its header: that row is refused, and no other.
    """
    read = replace(upload.options, keeps_broken=True, names_columns=True)
    twice = "" if upload.options.encoding else saved_twice(upload.file)
    table = open_table(upload.file, upload.name, read)
    if twice and table.kind == "csv":
        words = _("The text was saved in a wrong encoding. With the encoding %(name)s: “%(text)s”.")
        table.notes.append(words % {"name": "utf-8-twice", "text": twice})
        table.is_saved_twice = True
    return table


def read_records(
    table: Table, column_map: ColumnMap, today: date, *, replaces_invalid: bool = False
) -> Iterator[Record]:
    """The rows of a table as values, one after the other.

    A row with an invalid character in a column that is read is refused, unless they are replaced.
    """
    columns = {
        field: found for field in Field if (found := column_map.columns_of(table.header, field))
    }
    read = sorted({at for found in columns.values() for at in found})
    for place, row in enumerate(table.rows, start=1):
        record = Record(RowNumber(row.number))
        if row.fault:
            record.add_finding(FindingCode.WRONG_CELL, row.fault)
        elif replaces_invalid:
            row = replace(row, cells=tuple(map(_replaced, row.cells)))
        else:
            for at in read:
                if words := invalid_words(table.header[at], row.cells[at]):
                    record.add_finding(FindingCode.INVALID_CHARACTER, words)
        if record.findings:
            yield record
            continue
        if column_map.known_by == KnownBy.ORDER:
            record.cells[Field.EXTERNAL_ID] = str(place)
        yield _record(record, row, columns, table.header, column_map, today)


def _replaced(cell: Cell) -> Cell:
    """A cell without invalid characters: each is replaced."""
    return replace_invalid(cell) if isinstance(cell, str) else cell


def _record(
    record: Record,
    row: TableRow,
    columns: Mapping[Field, Sequence[int]],
    header: tuple[str, ...],
    column_map: ColumnMap,
    today: date,
) -> Record:
    for field, found in columns.items():
        cells = [(header[at], row.cells[at]) for at in found]
        try:
            value = _value_of(cells, field, column_map)
        except (CellError, DateError) as error:
            _add_cell_error(record, cells[0][0], str(error))
        else:
            if value not in (None, "", []):
                record.cells[field] = value
            elif field == Field.TARGET_DATE:
                record.add_finding(FindingCode.UNDATED)
        if field == Field.EXTERNAL_ID and isinstance(cells[0][1], Number):
            record.add_finding(FindingCode.NUMBER_AS_ID)
    if column_map.known_by == KnownBy.TEXT:
        _split_number(record)
    if Field.CLOSED_ON in record.cells:
        record.cells.setdefault(Field.REPORTED_ON, record.cells[Field.CLOSED_ON])
    record.values = {field.value: record.cells[field] for field in WRITTEN if field in record.cells}
    _check_record(record, today, is_numbered=column_map.known_by != KnownBy.TITLE)
    return record


def _split_number(record: Record) -> None:
    """Take the number from the beginning of the text; that in a column is of the report."""
    report = record.cells.pop(Field.EXTERNAL_ID, "")
    for field in TEXTS:
        number, text = split_number(record.text(field))
        whole = "/".join(filter(None, (report, number)))
        if number and record.cells.setdefault(Field.EXTERNAL_ID, whole) == whole:
            record.cells[field] = text


def _check_record(record: Record, today: date, *, is_numbered: bool) -> None:
    if is_numbered and not record.name:
        record.add_finding(FindingCode.NO_KEY)
    # A number alone is none: that is what rows of totals have.
    texts = [text for text in map(record.text, TEXTS) if text]
    if len(texts) < 2 and not any(map(str.isalpha, "".join(texts))):
        record.add_finding(FindingCode.NO_TEXT)
    for field in PAST:
        day = record.day(field)
        if day is not None and day > today:
            _add_cell_error(record, str(field.label), _("%s is in the future") % day.isoformat())


def complete(record: Record, column_map: ColumnMap) -> dict[str, Any]:
    """The values of a new recommendation: what a row leaves out follows from the rest of it.

    Without a title the text begins one; without a summary the text is the summary.
    """
    values = dict(record.values)
    text = values.get("quoted_text") or values.get("summary") or values.get("title", "")
    if text and not values.get("title"):
        values["title"] = title_in(values)
        record.add_finding(FindingCode.TITLE_MADE)
    values.setdefault("summary", text)
    values.setdefault("modality", column_map.modality)
    values.setdefault("nature", column_map.nature)
    return values


def give_defaults(record: Record, column_map: ColumnMap) -> None:
    """Give a new row what was stated for those that leave a field empty.

    A target date is only for what comes to an end.
    """
    nature = record.values.get("nature") or column_map.nature
    for field, text in column_map.defaults.items():
        is_endless = field == Field.TARGET_DATE and nature == Nature.CONTINUOUS
        if field in record.cells or is_endless:
            continue
        try:
            value = _value(text, field, column_map)
        except (CellError, DateError) as error:
            _add_cell_error(record, str(field.label), str(error))
            continue
        record.cells[field] = value
        if field in WRITTEN:
            record.values[field.value] = value
    if Field.TARGET_DATE in record.cells:
        record.findings = [each for each in record.findings if each.code != FindingCode.UNDATED]


def title_in(values: Mapping[str, Any]) -> str:
    """The title of a row, else the beginning of its text, cut between words."""
    if title := values.get("title"):
        return str(title)
    first = " ".join((values.get("quoted_text") or values.get("summary") or "").split())
    if len(first) <= LONGEST_TITLE:
        return first
    cut = first[:LONGEST_TITLE].rsplit(" ", 1)[0]
    return f"{cut}…"


def _value_of(cells: Sequence[tuple[str, Cell]], field: Field, column_map: ColumnMap) -> Any:
    """What the columns of a field hold: of several one number, or all names."""
    if len(cells) > 1 and field != Field.EXTERNAL_ID:
        return _named(cells)
    # One number of several, such as that of a report and that within it: OIG-22-15/1.
    values = [_value(cell, field, column_map) for _header, cell in cells]
    if len(values) == 1:
        return values[0]
    return "/".join(values) if all(values) else ""


def _value(cell: Cell, field: Field, column_map: ColumnMap) -> Any:
    """What a cell holds, as its field takes it; empty where it holds nothing."""
    if isinstance(cell, Formula):
        raise CellError(_("the cell holds a formula: paste the value"))
    if field in DATE_FIELDS:
        return read_date(cell, column_map.date_order)
    text = cell.isoformat() if isinstance(cell, date) else "" if cell is None else str(cell)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if field in LISTS:
        return split_names(text)  # A line break at the end says that there is one name a line.
    if field == Field.PARTS:
        return _parts(text)
    if field == Field.EVIDENCE:
        return _addresses(text)
    text = text.strip()
    if field in LINES and "\n" in text:
        text = " ".join(text.split())
    return _coded(text, field) if text else text


def _coded(text: str, field: Field) -> Any:
    """A text as its field takes it: one of a few codes, a number of months, or as it is."""
    if field in CODES:
        try:
            return chosen_code(text, CODES[field])
        except ValueError as error:
            raise CellError(str(error)) from error
    if field == Field.INTERVAL_MONTHS:
        if (months := parse_int(text)) is None:
            raise CellError(_("a number from 1 to 60"))
        return months
    return text


def _addresses(text: str) -> list[str]:
    """The web addresses in a cell; what else it says is one text, which is no address."""
    words = [word.strip(",") for word in text.replace(";", " ").split()]
    found = [word for word in words if "://" in word]
    other = " ".join(word for word in words if "://" not in word)
    return list(dict.fromkeys(filter(None, (*found, other))))


def _named(cells: Sequence[tuple[str, Cell]]) -> list[str]:
    """The names in several columns: those in cells, or the header of a column that is ticked.

    Of columns below one heading it is the header without that heading.
    """
    found: list[str] = []
    above = {header.partition(": ")[0] if ": " in header else header for header, _cell in cells}
    is_grouped = len(above) == 1
    for header, cell in cells:
        text = "" if cell is None else str(cell).strip()
        if cell is True or fold_text(text) in TICKS or text in TICK_SIGNS:
            found.append(header.partition(": ")[2] if is_grouped else header)
        elif cell is not False and fold_text(text) not in NO_TICKS:
            found += split_names(text)
    return list(dict.fromkeys(found))


def _parts(text: str) -> list[tuple[str, str]]:
    try:
        parts = split_parts(text)
    except PartsError as error:
        words = _("“%s” has no label: begin each part with its label in brackets, such as (a)")
        raise CellError(words % error.line.strip()[:40]) from error
    labels = [label for label, _text in parts]
    if len(set(labels)) < len(labels):
        raise CellError(_("two parts have the same label"))
    return parts


def _add_cell_error(record: Record, column: str, reason: str) -> None:
    record.add_finding(FindingCode.WRONG_CELL, f"{column}: {reason}")
