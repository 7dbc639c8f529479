"""Lists as offices have them: titles above the headings, headings of two rows, hidden rows."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

from django.test import SimpleTestCase
from openpyxl import Workbook

from recommendations.readers import ReadOptions, Table, TableError, open_table
from recommendations.readers.xlsx_table import visible_sheets
from tests.imports.files import csv_bytes, saved

HEAD = ("No", "Recommendation", "Status", "Date")
ROW = ("7.10", "Do it", "Ongoing", "2024-01-01")


def workbook(*rows: Any, change: Callable[[Any], None] = lambda sheet: None) -> bytes:
    book = Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(list(row))
    change(sheet)
    return saved(book)


def opened(data: bytes, **options: Any) -> Table:
    return open_table(io.BytesIO(data), "list.csv", ReadOptions(**options))


class TitleTests(SimpleTestCase):
    def test_rows_of_one_cell_above_a_wider_row_are_titles_and_told(self) -> None:
        above = (("Follow-up of audits",), (), ("As of March 2024",))
        for data in (workbook(*above, HEAD, ROW), csv_bytes([*above[1:], HEAD, ROW], above[0])):
            table = opened(data)
            self.assertEqual(table.header, HEAD)
            self.assertEqual([row.cells for row in table.rows], [ROW])
            self.assertIn("“Follow-up of audits”", table.notes[0])

    def test_rows_keep_their_numbers_in_the_file(self) -> None:
        [row] = opened(workbook(("Title",), HEAD, ROW)).rows
        self.assertEqual(row.number, 3)

    def test_the_row_of_the_headings_may_be_stated(self) -> None:
        data = workbook(("Prepared by", "Office"), HEAD, ROW)
        self.assertEqual(opened(data, header_row=2).header, HEAD)
        with self.assertRaisesRegex(TableError, "Row 9 has no column headings"):
            opened(data, header_row=9)

    def test_a_merged_title_is_a_title(self) -> None:
        data = workbook(("Title",), HEAD, ROW, change=lambda sheet: sheet.merge_cells("A1:D1"))
        self.assertEqual(opened(data).header, HEAD)


class MergedHeadingTests(SimpleTestCase):
    TOP = ("No", "Text", "Response", None)
    SUB = (None, None, "Status", "Date")

    def merged(self, *addresses: str, sub: Any = SUB) -> bytes:
        def change(sheet: Any) -> None:
            for address in addresses:
                sheet.merge_cells(address)

        return workbook(self.TOP, sub, ROW, change=change)

    def test_headings_of_two_rows_are_joined(self) -> None:
        for addresses in (("C1:D1",), ("C1:D1", "A1:A2", "B1:B2")):
            table = opened(self.merged(*addresses))
            self.assertEqual(table.header, ("No", "Text", "Response: Status", "Response: Date"))
            self.assertEqual([row.cells for row in table.rows], [ROW])

    def test_a_heading_merged_over_values_is_refused(self) -> None:
        for data in (
            self.merged("C1:D1", sub=ROW),
            self.merged("C1:D1", sub=(None, None, "Status", None)),
            self.merged("A1:A3"),
        ):
            with self.assertRaisesRegex(TableError, "the header is merged"):
                opened(data)

    def test_merged_cells_below_hold_for_each_of_their_rows(self) -> None:
        """As reports are merged over their recommendations."""
        rows = (ROW, (None, *ROW[1:]), ("8", *ROW[1:]))
        data = workbook(HEAD, *rows, change=lambda sheet: sheet.merge_cells("A2:A3"))
        self.assertEqual([row.cells[0] for row in opened(data).rows], [ROW[0], ROW[0], "8"])

    def test_a_merged_row_is_a_heading_within_the_list(self) -> None:
        """As thematic lists of recommendations of the United Nations have them."""
        rows = (("Theme: Rights", None, None, None), ROW, ("Theme: Funds", None, None, None), ROW)

        def merge(sheet: Any) -> None:
            sheet.merge_cells("A2:D2")
            sheet.merge_cells("A4:D4")

        table = opened(workbook(HEAD, *rows, change=merge))
        self.assertEqual([row.number for row in table.rows], [3, 5])
        self.assertIn("2 headings within the list are not read: rows 2, 4.", table.notes)

    def test_other_merged_cells_below_are_refused_with_their_line(self) -> None:
        for address in ("A2:B3", "A2:B2"):
            data = workbook(HEAD, ROW, ROW, change=lambda sheet, at=address: sheet.merge_cells(at))
            with self.assertRaisesRegex(TableError, f"line 2: cells are merged at {address}"):
                list(opened(data).rows)


class HiddenTests(SimpleTestCase):
    def test_hidden_rows_are_read_and_told(self) -> None:
        def hide(sheet: Any) -> None:
            sheet.row_dimensions[3].hidden = True

        table = opened(workbook(HEAD, ROW, ("8", *ROW[1:]), change=hide))
        self.assertEqual(len(list(table.rows)), 2)
        self.assertIn("1 hidden row is read as well: 3.", table.notes)

    def test_sheets_that_can_be_chosen(self) -> None:
        book = Workbook()
        book.create_sheet("Old").sheet_state = "hidden"
        book.create_sheet("2024")
        self.assertEqual(visible_sheets(io.BytesIO(saved(book))), ["Sheet", "2024"])
        self.assertEqual(visible_sheets(io.BytesIO(b"a,b\n1,2\n")), [])


class OtherFilesTests(SimpleTestCase):
    def test_what_is_no_list_is_told_with_what_to_do(self) -> None:
        word = io.BytesIO()
        with zipfile.ZipFile(word, "w") as archive:
            archive.writestr("[Content_Types].xml", "<Types/>")
            archive.writestr("word/document.xml", "<w/>")
        for data, told in (
            (word.getvalue(), "Word document"),
            (b"%PDF-1.7\n", "PDF"),
            (b"<!DOCTYPE html><html><table></table></html>", "web page"),
            (b"\n  <html><body></body></html>", "web page"),
        ):
            with self.assertRaises(TableError) as refusal:
                opened(data)
            self.assertIn(told, str(refusal.exception))
            self.assertIn("XLSX or CSV", str(refusal.exception))
