"""Lists with anything changed in them: refused with a reason, or a record for each row."""

import io
import random
from datetime import date
from unittest import TestCase

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from recommendations.actions.imports.pipeline import Upload
from recommendations.actions.imports.spreadsheet.plans import ColumnMap, propose
from recommendations.actions.imports.spreadsheet.rows import open_list, read_records
from recommendations.readers import TableError
from tests.depth import times
from tests.imports.files import saved
from tests.imports.openings import HEAD, ROWS

TODAY = date(2026, 11, 29)
CELLS = (
    *(None, "", "x", "111.10", 111.1, 45019, True, "31/31/2024", "=1+1", "a\nb", "\u202e"),
    *("é" * 400, date(2024, 3, 3), "https://example.org/a, b", "'=1", "N/A", -1, 1e300, " ", "7.1"),
)


def changed_rows(chance: random.Random) -> list[list[object]]:
    rows: list[list[object]] = [["Follow-up of audits"], list(HEAD)]
    rows += [list(row) for row in ROWS * 3]
    for _time in range(chance.randint(1, 6)):
        row = chance.choice(rows)
        match chance.randrange(5):
            case 0:
                row[chance.randrange(len(row))] = chance.choice(CELLS)
            case 1:
                rows.insert(chance.randrange(len(rows) + 1), [chance.choice(CELLS)])
            case 2:
                del rows[chance.randrange(1, len(rows))]
            case 3:
                row.append(chance.choice(CELLS))
            case _:
                rows.insert(chance.randrange(len(rows) + 1), [None] * 8)
    return rows


def as_workbook(chance: random.Random, rows: list[list[object]]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    for line in rows:
        sheet.append([cell if cell != "\u202e" else "x" for cell in line])
    for _time in range(chance.randint(0, 2)):
        top, left = chance.randint(1, len(rows)), chance.randint(1, 7)
        sheet.merge_cells(
            start_row=top,
            start_column=left,
            end_row=top + chance.randint(0, 2),
            end_column=left + chance.randint(0, 3),
        )
    return saved(book)


def as_csv(chance: random.Random, rows: list[list[object]]) -> bytes:
    mark = chance.choice(",;\t|")
    lines = (mark.join("" if cell is None else str(cell) for cell in line) for line in rows)
    text = chance.choice(["\n", "\r\n"]).join(lines)
    if chance.random() < 0.3:
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(['"', "\n", "\0", mark, "\ufeff"]) + text[at:]
    return text.encode(chance.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252"]), "replace")


class MutatedListTests(TestCase):
    @settings(max_examples=times(25, 500), deadline=None)
    @given(seed=st.integers(0, 2**32))
    def test_a_list_is_refused_or_every_row_is_a_record(self, seed: int) -> None:
        chance = random.Random(seed)
        rows = changed_rows(chance)
        is_book = chance.random() < 0.5
        data = as_workbook(chance, rows) if is_book else as_csv(chance, rows)
        name = "list.xlsx" if is_book else "list.csv"
        try:
            table = open_list(Upload(io.BytesIO(data), name))
            found = list(table.rows)
        except TableError as error:
            self.assertTrue(str(error))
            return
        again = open_list(Upload(io.BytesIO(data), name))
        chosen = ColumnMap(propose(again.header), date_order="day_first")
        records = list(read_records(again, chosen, TODAY))
        self.assertEqual([record.line for record in records], [row.number for row in found])
        if is_book:
            self.assert_all_told(rows, [row.number for row in found], table.notes)

    def assert_all_told(self, rows: list[list[object]], read: list[int], notes: list[str]) -> None:
        """Each row that holds something is read, named in a note, or is the headings."""
        filled = [
            number
            for number, row in enumerate(rows, start=1)
            if any(cell is not None and str(cell).strip() for cell in row)
        ]
        told = " ".join(notes).replace(",", " ").replace(".", " ").split()
        left = [number for number in filled if number not in read and str(number) not in told]
        self.assertLessEqual(len(left), 2, (left, notes))
