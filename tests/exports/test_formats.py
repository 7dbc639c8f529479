"""Every format: formulas are text, numbers are numbers, what is missing is empty."""

import csv
import io
import json
import re
import string
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from unittest import TestCase
from unittest.mock import patch

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from recommendations.exports import FORMATS, Column, Sheet
from recommendations.exports.formats import csv_bytes, json_bytes, xlsx_bytes
from recommendations.readers import open_table

SIGNS = tuple("=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b")
BLANKS = ("\t", "\r", "\n", " ", "\u00a0", "\u3000", " \t ")
UNSEEN = ("\ufeff", "\u200b", "\u200e", "\u2060", "\u00ad", " \ufeff\u200b")
RISKY = (
    *("=1+1", "+1", "-1+1", "@x", "\tx", "\rx", "\nx", "'=x", "''\uff1dx", "\uff0d5"),
    *("' -7", " -7", *SIGNS),
    *(f"{blank}{sign}1" for blank in BLANKS + UNSEEN for sign in SIGNS),
)
HARMLESS = (
    *("-5.2", "-7", "a=1", "'tis", "5", "111.10", "#N/A", "1e5", " x", "\u3000x", "\ufeffx"),
    *("' x", "a\uff1d1"),
)

BEGINNINGS = st.text([*SIGNS, *"'\t\r\n \u3000\ufeff\u200ba5.;,\""], min_size=1, max_size=6)


def sheet(*rows: Any) -> Sheet:
    columns = [Column("a", lambda row: row[0]), Column("b", lambda row: row[1])]
    return Sheet("things", columns, rows)


def by_csv(*rows: Any) -> list[list[str]]:
    text = b"".join(csv_bytes(sheet(*rows))).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def by_xlsx(*rows: Any) -> Any:
    data = b"".join(xlsx_bytes(sheet(*rows)))
    return openpyxl.load_workbook(io.BytesIO(data)).active


def by_json(*rows: Any) -> bytes:
    return b"".join(json_bytes(sheet(*rows)))


class FormatTests(TestCase):
    def test_an_empty_list_has_its_header_or_is_an_empty_list(self) -> None:
        self.assertEqual(b"".join(csv_bytes(sheet())), b"\xef\xbb\xbfa,b\r\n")
        self.assertEqual(json.loads(by_json()), [])
        self.assertEqual(by_xlsx()["A1"].value, "a")

    def test_what_a_program_may_take_for_a_formula_is_text(self) -> None:
        for text in RISKY:
            self.assertEqual(by_csv((text, "x")), [["'" + text, "x"]])
        for text in HARMLESS:
            self.assertEqual(by_csv((text, "x")), [[text, "x"]])
        page = by_xlsx(*((text, "x") for text in RISKY + HARMLESS))
        cells = {str(row[0].value): row[0] for row in page.iter_rows(min_row=2)}
        for cell in cells.values():
            self.assertIn(cell.data_type, ("s", "inlineStr"), cell.value)
        self.assertTrue(cells["=1+1"].quotePrefix)
        self.assertFalse(cells["-5.2"].quotePrefix)

    def test_each_value_is_written_as_what_it_is(self) -> None:
        exact, day = Decimal("12345678901234567.123456"), date(2031, 3, 4)
        moment = datetime(2031, 3, 4, 5, 6, tzinfo=UTC)
        for row, in_csv, in_json in (
            ((Decimal("-5.2"), -7), ["-5.2", "-7"], '"a": -5.2, "b": -7'),
            ((None, ""), ["", ""], '"a": null, "b": null'),  # missing is empty and never zero
            ((exact, "x"), [str(exact), "x"], f'"a": {exact}, "b": "x"'),
            (
                (day, moment),
                ["2031-03-04", "2031-03-04T05:06:00+00:00"],
                '"a": "2031-03-04", "b": "2031-03-04T05:06:00+00:00"',
            ),
        ):
            self.assertEqual(by_csv(row), [in_csv])
            self.assertEqual(by_json(row).decode(), f"[\n{{{in_json}}}\n]\n")
        page = by_xlsx((Decimal("-5.2"), -7), (None, ""), ("x", 0), (day, moment))
        numbers = [(page[cell].data_type, page[cell].value) for cell in ("A2", "B2")]
        self.assertEqual(numbers, [("n", -5.2), ("n", -7)])
        self.assertEqual([page[cell].value for cell in ("A3", "B3", "B4")], [None, None, 0])
        self.assertTrue(page["A5"].is_date)
        self.assertEqual(page["B5"].value, "2031-03-04T05:06:00+00:00")

    @given(BEGINNINGS)
    def test_any_text_comes_back_and_none_begins_like_a_formula(self, text: str) -> None:
        data = b"".join(csv_bytes(sheet((text, "x"))))
        [[written, _x]] = by_csv((text, "x"))
        begins = written.lstrip(f"{string.whitespace}{''.join(BLANKS + UNSEEN)}")[:1]
        self.assertTrue(begins not in SIGNS or re.fullmatch(r"-\d+(\.\d+)?", written), written)
        [row] = open_table(io.BytesIO(data), "x.csv").rows
        self.assertEqual(row.cells[0], text)


class FaultMidwayError(Exception):
    pass


class StreamTests(TestCase):
    """Rows are read while they are sent, and a file that was cut off does not look whole."""

    def test_the_beginning_is_sent_before_any_row_is_read_in_pieces_worth_sending(self) -> None:
        for code, chosen in FORMATS.items():
            numbers = iter(range(20_000))
            rows = ((str(number), "x") for number in numbers)
            pieces = chosen.chunks(Sheet("things", sheet().columns, rows))
            self.assertTrue(next(pieces), code)
            self.assertEqual(next(numbers), 0, code)
            self.assertTrue(next(pieces), code)
            self.assertLess(next(numbers), 19_999, code)
            some = [("some words", number) for number in range(5_000)]
            made = list(chosen.chunks(sheet(*some)))
            self.assertLess(len(made), 50, code)
            self.assertEqual(b"".join(made), b"".join(chosen.write(sheet(*some))), code)

    def test_what_was_cut_off_does_not_look_whole(self) -> None:
        def rows() -> Iterator[tuple[str, str]]:
            yield "first", "row"
            raise FaultMidwayError

        cut: dict[str, bytes] = {}
        for code, chosen in FORMATS.items():
            sent: list[bytes] = []
            with self.assertRaises(FaultMidwayError):
                sent.extend(chosen.write(Sheet("things", sheet().columns, rows())))
            cut[code] = b"".join(sent)
        self.assertFalse(cut["csv"].endswith(b"\n"))
        self.assertIn(b"first,row", cut["csv"])
        with self.assertRaises(json.JSONDecodeError):
            json.loads(cut["json"])
        with self.assertRaises(zipfile.BadZipFile):
            openpyxl.load_workbook(io.BytesIO(cut["xlsx"]))

    def test_more_rows_than_a_page_of_a_workbook_has_go_on_another(self) -> None:
        rows = [(str(number), None) for number in range(7)]
        with patch("recommendations.exports.formats.MOST_LINES", 3):
            data = b"".join(xlsx_bytes(sheet(*rows)))
        book = openpyxl.load_workbook(io.BytesIO(data))
        self.assertEqual(book.sheetnames, ["things", "things 2", "things 3"])
        found = [row[0].value for page in book for row in page.iter_rows()]
        self.assertEqual(found, ["a", *(row[0] for row in rows)])

    def test_a_page_of_a_workbook_stays_below_what_every_program_opens(self) -> None:
        with patch("recommendations.exports.formats.MOST_BYTES", 200):
            data = b"".join(xlsx_bytes(sheet(("word" * 20, "x"), ("y", "z"))))
        book = openpyxl.load_workbook(io.BytesIO(data))
        self.assertEqual([page.max_row for page in book], [2, 1])

    def test_a_text_longer_than_a_cell_holds_is_cut_and_says_so(self) -> None:
        found = by_xlsx(("x" * 40_000, "y"))["A2"].value
        self.assertEqual((len(found), found[-1]), (32_767, "…"))
