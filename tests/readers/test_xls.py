"""Workbooks of Excel before 2007: as those of today, and damaged ones. All figures are made up."""

import io
from datetime import date
from unittest import TestCase, mock

from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations.readers import ReadOptions, TableError
from recommendations.readers.opening import open_table
from tests.depth import times
from tests.readers.statistics.files import fault, figure, figures, opened, rejections
from tests.readers.xls_files import Error, Percent, TwoPlaces, xls_bytes

LINES: list[list[object]] = [["area", "period", "value"], ["NA", 2018, 5.25], ["KE", 2019, 7]]
BOOK = xls_bytes({"Data": LINES})
OTHER_NAME = ("Workbook".encode("utf-16-le"), "Encrypte".encode("utf-16-le"))


class XlsTests(TestCase):
    def test_a_table(self) -> None:
        file = opened(BOOK)
        found = list(file.rows)
        self.assertEqual(
            [(row.line, row.sheet, row.area.code, row.period, str(row.value)) for row in found],
            [(2, "Sheet “Data”", "NA", "2018", "5.25"), (3, "Sheet “Data”", "KE", "2019", "7")],
        )
        told = "Formulas of an XLS workbook are read by their stored results."
        self.assertIn(told, file.notes)

    def test_cells_as_they_are_shown(self) -> None:
        shown = (TwoPlaces(111.1), Percent(0.5), date(2018, 6, 30), True, Error())
        row = ["é", 111, *shown, None, "x"]
        data = xls_bytes({"S": [[f"c{n}" for n in range(9)], row]})
        [line] = open_table(io.BytesIO(data), "a.xls").rows
        self.assertEqual(
            [str(cell) for cell in line.cells],
            ["é", "111", "111.10", "50%", "2018-06-30", "True", "#N/A", "None", "x"],
        )
        data = xls_bytes({"S": [*LINES, ["X", 2018, Percent(0.5)]]})
        self.assertIn("Line 4: value: “50%” has a percent sign", rejections(data)[0])
        half = figure(xls_bytes({"S": [LINES[0], ["X", 2018, Percent(0.5)]]}))
        self.assertEqual((str(half.value), half.unit), ("50", "%"))
        found = figures(xls_bytes({"S": [*LINES, ["X", 2019, Error()]]}))
        self.assertEqual((found[2].value, found[2].obs_status), (None, "O"))

    def test_one_visible_sheet_is_read_and_its_name_may_be_the_year(self) -> None:
        year: list[list[object]] = [["area", "value"], ["NA", 5]]
        data = xls_bytes({"Notes": [["x"]], "2018": year}, hidden=["Notes"])
        file = opened(data)
        self.assertEqual([row.period for row in file.rows], ["2018"])
        self.assertIn("Hidden sheet “Notes” is not read.", file.notes)
        self.assertIn("is hidden", fault(data, options=ReadOptions(sheet="Notes")))
        self.assertIn("has no sheet", fault(data, options=ReadOptions(sheet="2019")))
        two = xls_bytes({"A": LINES, "2018": year})
        self.assertEqual(len(figures(two, options=ReadOptions(sheet="2018"))), 1)

    def test_what_is_no_such_workbook_merged_or_too_large_is_refused(self) -> None:
        for data, words in (
            (xls_bytes({"Data": LINES}, merged=[(0, 0, 0, 1)]), "the header is merged at A1:B1"),
            (
                xls_bytes({"Data": LINES}, merged=[(1, 2, 0, 0)]),
                "cells are merged at A2:A3",
            ),
            (b"\xd0\xcf\x11\xe0" + b"x" * 100, "no XLS workbook or has a password"),
            (BOOK.replace(*OTHER_NAME), "no XLS"),
            (xls_bytes({"Data": LINES[:1]}), "Sheet “Data”: The file has a header but no rows"),
            (xls_bytes({"Data": []}), "Sheet “Data”: The file is empty"),
        ):
            with self.subTest(words):
                self.assertIn(words, fault(data))
        with mock.patch("recommendations.readers.workbook.LARGEST_XLS", 1024):
            self.assertIn("Save it as XLSX or CSV", fault(BOOK))

    @settings(max_examples=times(30, 500))
    @given(
        changes=st.lists(
            st.tuples(st.integers(0, len(BOOK) - 1), st.integers(0, 255)), min_size=1, max_size=12
        ),
        cut=st.integers(0, len(BOOK) - 4),
    )
    def test_a_damaged_one_is_read_or_refused(
        self, changes: list[tuple[int, int]], cut: int
    ) -> None:
        data = bytearray(BOOK)
        for at, byte in changes:
            data[at] = byte
        whole = bytes(data[: len(data) - cut // 8])
        try:
            found = list(opened(b"\xd0\xcf\x11\xe0" + whole[4:]).rows)
        except TableError as error:
            self.assertTrue(str(error))
            return
        self.assertTrue(found)
