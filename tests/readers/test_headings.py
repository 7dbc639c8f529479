"""Lists as offices have them: titles above the headings, headings of two rows, hidden rows."""

import io
from collections.abc import Callable
from typing import Any

from django.test import SimpleTestCase
from openpyxl import Workbook

from recommendations.readers import ReadOptions, Table, TableError, open_table
from recommendations.readers.workbook import visible_sheets
from tests.imports.files import csv_bytes, saved
from tests.readers.workbooks import packed

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


def merging(*addresses: str) -> Callable[[Any], None]:
    def merge(sheet: Any) -> None:
        for address in addresses:
            sheet.merge_cells(address)

    return merge


class TitleTests(SimpleTestCase):
    def test_rows_of_one_cell_above_a_wider_row_are_titles_and_told(self) -> None:
        above = (("Follow-up of audits",), (), ("As of March 2024",))
        for data, number in (
            (workbook(*above, HEAD, ROW), 5),
            (workbook(above[0], HEAD, ROW, change=merging("A1:D1")), 3),
            (csv_bytes([*above[1:], HEAD, ROW], above[0]), 5),
        ):
            table = opened(data)
            self.assertEqual(table.header, HEAD)
            self.assertEqual([(row.number, row.cells) for row in table.rows], [(number, ROW)])
            self.assertIn("“Follow-up of audits”", table.notes[0])

    def test_columns_without_a_name_or_with_one_twice_are_known_by_their_place(self) -> None:
        data = csv_bytes([("", *ROW, "")], ("", "No", "Text", "Date", "date", "x"))
        header = opened(data, names_columns=True).header
        self.assertEqual(header, ("Column 1", "No", "Text", "Date", "date (5)", "x"))

    def test_the_row_of_the_headings_may_be_stated(self) -> None:
        data = workbook(("Prepared by", "Office"), HEAD, ROW)
        self.assertEqual(opened(data, header_row=2).header, HEAD)
        with self.assertRaisesRegex(TableError, "Row 9 has no column headings"):
            opened(data, header_row=9)


class MergedHeadingTests(SimpleTestCase):
    TOP = ("No", "Text", "Response", None)
    SUB = (None, None, "Status", "Date")

    def test_headings_of_two_rows_are_joined(self) -> None:
        for addresses in (("C1:D1",), ("C1:D1", "A1:A2", "B1:B2")):
            table = opened(workbook(self.TOP, self.SUB, ROW, change=merging(*addresses)))
            self.assertEqual(table.header, ("No", "Text", "Response: Status", "Response: Date"))
            self.assertEqual([row.cells for row in table.rows], [ROW])

    def test_a_heading_over_one_column_is_joined_with_a_name_below_it(self) -> None:
        """But not with a value, though it be a text."""
        over = ("No", "Response", None, "Evidence")
        table = opened(
            workbook(over, ("Ref", "Status", "Date", "Links"), ROW, change=merging("B1:C1"))
        )
        joined = ("No: Ref", "Response: Status", "Response: Date", "Evidence: Links")
        self.assertEqual(table.header, joined)
        for below in (("one", "Done", "soon", "none"), ("1", "Status", "Date", "Links")):
            with self.assertRaisesRegex(TableError, "the header is merged"):
                opened(workbook(over, below, ROW, change=merging("B1:C1")))

    def test_other_merged_cells_are_refused_with_their_place(self) -> None:
        """But for what holds for each of several rows, or for a heading within the list."""
        header, half = "Sheet “Sheet”: the header is merged at ", (None, None, "Status", None)
        for rows, address, words in (
            ((self.TOP, ROW, ROW), "C1:D1", header + "C1:D1: one cell for each column."),
            ((self.TOP, half, ROW), "C1:D1", header),
            ((self.TOP, self.SUB, ROW), "A1:A3", header),
            ((HEAD, ROW, ROW), "A2:B3", "line 2: cells are merged at A2:B3"),
            ((HEAD, ROW, ROW), "A2:B2", "line 2: cells are merged at A2:B2"),
        ):
            with self.subTest(address, rows=rows), self.assertRaisesRegex(TableError, words):
                list(opened(workbook(*rows, change=merging(address))).rows)

    def test_merged_cells_below_hold_for_each_of_their_rows(self) -> None:
        """As reports are merged over their recommendations."""
        rows = (ROW, (None, *ROW[1:]), ("8", *ROW[1:]))
        table = opened(workbook(HEAD, *rows, change=merging("A2:A3")))
        self.assertEqual([row.cells[0] for row in table.rows], [ROW[0], ROW[0], "8"])

    def test_a_merged_row_is_a_heading_within_the_list(self) -> None:
        """As thematic lists of recommendations of the United Nations have them."""
        rows = (("Theme: Rights", None, None, None), ROW, ("Theme: Funds", None, None, None), ROW)
        table = opened(workbook(HEAD, *rows, change=merging("A2:D2", "A4:D4")))
        self.assertEqual([row.number for row in table.rows], [3, 5])
        self.assertIn("2 headings within the list are not read: rows 2, 4.", table.notes)


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
        word = packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})
        for data, told in (
            (word, "Word document"),
            (b"%PDF-1.7\n", "PDF"),
            (b"<!DOCTYPE html><html><table></table></html>", "web page"),
            (b"\n  <html><body></body></html>", "web page"),
        ):
            with self.assertRaisesRegex(TableError, f"{told}(.|\n)*XLSX or CSV"):
                opened(data)
