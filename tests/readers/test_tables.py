"""Files as they come: what can be read is read, what is broken is named with its line or sheet."""

import codecs
import gzip
import io
import re
import tracemalloc
from collections.abc import Callable
from datetime import date
from typing import Any
from unittest import TestCase

from openpyxl import Workbook

from recommendations.readers import Formula, Number, ReadOptions, TableError, open_table
from recommendations.readers.text_tables import readings, saved_twice
from tests.depth import times
from tests.imports.files import csv_bytes, saved, xlsx_bytes
from tests.readers.workbooks import packed, parts_of

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(range(256)) * 4
HEAD = b"No.,Recommendation\n"
ROW = (2, "1", "a", None)
LIST: list[list[object]] = [["No", "Text"], ["1", "a"]]
SOUND = xlsx_bytes({"List": LIST})


def read(data: bytes, name: str = "list.csv", **asked: str) -> tuple[tuple[str, ...], list]:
    table = open_table(io.BytesIO(data), name, ReadOptions(**asked))
    return table.header, [(row.line, *row.cells) for row in table.rows]


def fault(data: bytes, name: str = "list.csv", **asked: str) -> str:
    try:
        read(data, name, **asked)
    except TableError as error:
        return str(error)
    raise AssertionError("it was read")


def peak_of(read: Callable[[], Any]) -> tuple[Any, int]:
    """What it returned, and how many bytes were held at most."""
    tracemalloc.start()
    try:
        found = read()
        return found, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def flat(test: TestCase, data: bytes) -> str:
    """What is wrong with a workbook, and that finding it out holds next to nothing."""
    told, peak = peak_of(lambda: fault(data, "list.xlsx"))
    test.assertLess(peak, times(6_000_000, 10_000_000), told)
    return told


def drain(data: bytes, name: str) -> None:
    for _row in open_table(io.BytesIO(data), name).rows:
        pass


class CsvTests(TestCase):
    def test_what_is_read(self) -> None:
        for data, header, rows in (
            *(
                (f"No.{mark}Text{mark}To\n1{mark}a{mark}\n".encode(), ("No.", "Text", "To"), [ROW])
                for mark in ",;\t"
            ),
            # Separators inside quotes do not count.
            (b'"No;x;y","Text"\n1,2\n', ("No;x;y", "Text"), [(2, "1", "2")]),
            # Cells of several lines keep the line they begin on.
            (
                b'No,"Te\nxt"\r\n1,"a\nb"\r\n\r\n2,c\r\n',
                ("No", "Te xt"),
                [(3, "1", "a\nb"), (6, "2", "c")],
            ),
            # Numbers are text.
            (b"No,n\n111.10,a\n007,c\n", ("No", "n"), [(2, "111.10", "a"), (3, "007", "c")]),
            # Empty columns on the right are nothing.
            (b"No,Text,,\n1,a,,\n", ("No", "Text"), [(2, "1", "a")]),
            # An apostrophe that an export put there is taken away.
            (
                b"No,Text\n'=1+1,'tis\n''=x,'-5.2\n",
                ("No", "Text"),
                [(2, "=1+1", "'tis"), (3, "'=x", "-5.2")],
            ),
            # A blank before each quote; numbers of notes behind a title in quotes.
            (b'No, "Text"\n1, "a, b"\n', ("No", "Text"), [(2, "1", "a, b")]),
            (b'"A title, long" 1 2\n"No","Text"\n1,a\n', ("No", "Text"), [(3, "1", "a")]),
            (gzip.compress(b"No,Text\n1,a\n"), ("No", "Text"), [(2, "1", "a")]),
            # Encodings that are certain.
            *(
                (mark + "No,Täxt\n1,é\n".encode(code), ("No", "Täxt"), [(2, "1", "é")])
                for mark, code in (
                    *((b"", "utf-8"), (codecs.BOM_UTF8, "utf-8")),
                    *((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")),
                )
            ),
        ):
            with self.subTest(data):
                self.assertEqual(read(data), (header, rows))

    def test_rows_are_numbered_as_a_spreadsheet_program_counts(self) -> None:
        data = b'No,"Te\nxt"\r\n1,"a\nb"\r\n\r\n2,c\r\n'
        numbers = [row.number for row in open_table(io.BytesIO(data), "list.csv").rows]
        self.assertEqual(numbers, [2, 4])

    def test_other_encodings_are_stated_never_guessed(self) -> None:
        data = "No,Text\n1,a\n2,é\n".encode("cp1252")
        self.assertIn("Line 3 is not UTF-8", fault(data))
        self.assertEqual(read(data, encoding="windows-1252")[1][1], (3, "2", "é"))
        for text, encoding in (
            ("Das Vermögen für Prüfungen", "mac-roman"),
            ("Das Vermögen für Prüfungen", "cp1252"),
            ("“It’s done” – évalué", "mac-roman"),
            ("“It’s done” – évalué", "cp1252"),
            ("Реестр публикуется", "cp1251"),
            ("审计建议已落实", "gb18030"),
        ):
            data = text.encode(encoding)
            with self.subTest(text, encoding=encoding):
                self.assertEqual(readings(io.BytesIO(data))[0], (encoding, text))
                self.assertIn(f"Text read as {encoding}: “{text}”", fault(data))
        for base, text in (("utf-8", "“It’s done” – évalué à"), ("mac-roman", "It’s so dôt")):
            saved = text.encode(base).decode("cp1252", "backslashreplace")
            saved = re.sub(r"\\x(..)", lambda each: chr(int(each[1], 16)), saved)
            data = f"No,Text\n1,{saved}\n".encode(base)
            with self.subTest(text, base=base):
                [best, *_others] = readings(io.BytesIO(data))
                self.assertEqual(best, (f"{base}-twice", f"1,{text}"))
                self.assertEqual(read(data, encoding=f"{base}-twice")[1], [(2, "1", text)])
                self.assertEqual(bool(saved_twice(io.BytesIO(data))), base == "utf-8")
        mixed = "No,Text\n1,Ã©\n2,é\n".encode()
        for once in (mixed, codecs.BOM_UTF8 + b"No,Text\n1,a\n"):
            self.assertEqual(saved_twice(io.BytesIO(once)), "")
        self.assertIn("Line 3 is not utf-8-twice text", fault(mixed, encoding="utf-8-twice"))
        for other in ("rot13", "no such thing"):
            told = fault(data, encoding=other)
            self.assertIn("is not a supported encoding. Choose one of", told)
        unmarked = "No,Text\n1,é\n".encode("utf-16-le")
        for stated in ("", "utf-16-le"):
            self.assertEqual(read(unmarked, encoding=stated)[1], [(2, "1", "é")])
        self.assertEqual(read("No,Text\n1,é\n".encode("utf-16-be"))[1], [(2, "1", "é")])
        self.assertIn("NUL", fault("Жo,Text\n1,é\n".encode("utf-16-le")))
        cut = fault(unmarked[:-1], encoding="utf-16-le")
        self.assertIn("Line 2 is not utf-16-le text", cut)

    def test_what_is_broken_is_named(self) -> None:
        for data, words in (
            (b"a,b;c\n1,2;3\n", "Line 1"),
            (b"No,Text,,\n1,a,b,\n", "Line 2"),
            (HEAD + b"1,a\n" * 20_001, "more than 20000 rows"),
            (b"", "empty"),
            (b"\n\n  \n", "The file is empty"),
            (b"\n" * 9_000_000, "Line 20001: too many blank cells or lines follow"),
            (HEAD + b"1,a\n" + b"\n" * 30_000, "Line 20003"),
            (b'No,"Text\n' + b"3,c\n" * 50_000, "Line 1 cannot be read"),
            (HEAD, "The file has a header but no rows."),
            (HEAD + b"1,a\n2\n", "Line 3 has 1 cell, the header has 2"),
            (HEAD + b"1,a,x\n", "Line 2 has 3 cells, the header has 2"),
            (b"No.,text,TEXT\n1,a,b\n", "columns 2 and 3 are both"),
            (b"No.,,Text\n1,a,b\n", "column 2 has no header"),
            (HEAD + b"1,a\x00b\n", "Line 2 contains NUL"),
            (HEAD + b"1," + b"a" * 70_000 + b"\n2,a\x00b\n", "Line 3 holds a NUL"),
            (JPEG, "JPEG"),
            (b"\xd0\xcf\x11\xe0" + b"x" * 100, "no XLS workbook or has a password"),
            (b"%PDF-1.7", "PDF"),
            (gzip.compress(HEAD)[:12], "cannot be read"),
            (HEAD + b'"x" 1,a\n', "Line 2"),
            (HEAD + b'1,"never closed\n' + b"x\n" * 100, "Line 2"),
            (HEAD + b"1," + b"x" * 200_000, "Line 2"),
            (HEAD + b"x" * 1_000_001, "Line 2 is longer"),
        ):
            self.assertIn(words, fault(data))

    def test_memory_does_not_grow_with_the_file(self) -> None:
        lines = ((str(n), "text " * 100) for n in range(times(6_000, 15_000)))
        data = csv_bytes(lines, ("a", "b"))
        self.assertGreater(len(data), 3_000_000)
        self.assertLess(peak_of(lambda: drain(data, "list.csv"))[1], 2_000_000)


class XlsxTests(TestCase):
    def test_dates_numbers_and_texts_come_as_what_they_are(self) -> None:
        book = Workbook()
        sheet = book.active
        sheet.append(["No", "Due", "Count", "Text"])
        sheet.append([111.1, date(2031, 3, 4), 5, "a\r\nb"])
        sheet.append([111.1, None, -5.2, True])
        sheet["A3"].number_format = "0.00"
        _header, rows = read(saved(book), "list.xlsx")
        self.assertEqual(
            rows,
            [
                (2, Number("111.1"), date(2031, 3, 4), Number("5"), "a\nb"),
                (3, Number("111.10"), None, Number("-5.2"), True),
            ],
        )

    def test_a_date_of_which_a_year_or_a_month_is_shown_is_a_day_with_that_text(self) -> None:
        book, day = Workbook(), date(2031, 3, 4)
        sheet = book.active
        formats = ("yyyy", r"[$-409]mmm\-yy;@", 'd "y"', "dd/mm/yyyy")
        sheet.append([f"c{n}" for n, _form in enumerate(formats)])
        sheet.append([day] * len(formats))
        for column, form in enumerate(formats, start=1):
            sheet.cell(2, column).number_format = form
        _header, [row] = read(saved(book), "list.xlsx")
        self.assertEqual(row[1:], (day,) * len(formats))
        shown = ["2031", "2031-03", "2031-03-04", "2031-03-04"]
        self.assertEqual([*map(str, row[1:])], shown)

    def test_hidden_and_other_sheets_are_told(self) -> None:
        book = Workbook()
        book.active.title = "List"
        book.active.append(["No", "Text"])
        book.active.append(["1", "a"])
        book.create_sheet("Secret").sheet_state = "hidden"
        other = book.create_sheet("Other")
        other.append(["No", "Text"])
        other.append(["2", "b"])
        data = saved(book)
        table = open_table(io.BytesIO(data), "list.xlsx")
        self.assertEqual([row.cells for row in table.rows], [("1", "a")])
        self.assertEqual(
            table.notes, ["Hidden sheet “Secret” is not read.", "Sheet “Other” is not read."]
        )
        self.assertEqual(read(data, "list.xlsx", sheet="Other")[1], [(2, "2", "b")])
        self.assertIn("is hidden", fault(data, "list.xlsx", sheet="Secret"))
        self.assertIn("no sheet “Gone”", fault(data, "list.xlsx", sheet="Gone"))

    def test_what_cells_hold_and_a_sheet_of_charts_is_passed_over(self) -> None:
        """Formulas are never worked out; a carriage return that is written out is a line break."""
        book = Workbook()
        for line in (["No", "Text"], ["1", "a_x000D_\nb_x000D_c"], ["2", "=1+1"]):
            book.active.append(line)
        book.create_chartsheet("Picture", 0)
        rows = [(2, "1", "a\nb\nc"), (3, "2", Formula("=1+1"))]
        self.assertEqual(read(saved(book), "list.xlsx")[1], rows)

    def test_what_is_broken_is_named(self) -> None:
        parts, sheet = parts_of(SOUND), "xl/worksheets/sheet1.xml"
        unclosed = {**parts, sheet: parts[sheet].replace(b"</sheetData>", b"</sheetDate>")}
        sheets: tuple[tuple[list[list[object]], str], ...] = (
            (LIST[:1], "Sheet “List”: The file has a header but no rows"),
            ([], "Sheet “List”: The file is empty"),
            ([["a", "A"], [1, 2]], "Sheet “List”: Line 1: columns 1 and 2"),
            ([["a", "b"], [1, 2, 3]], "Line 2 has 3 cells"),
            ([["No", "=1+1"], ["1", "a"]], "header of column 2 is a formula"),
        )
        for data, words in (
            (b"PK\x03\x04 and then nothing", "damaged"),
            (SOUND[:-200], "damaged"),
            (packed({"a.bin": b"x"}), "not an XLSX"),
            (packed({"[Content_Types].xml": b"<Types/>"}), "cannot be read"),
            (packed({"[Content_Types].xml": b"<!DOCTYPE x>"}), "entities"),
            (packed(unclosed), "Sheet “List”"),
            (b"No,Text\n1,a\n", "not an XLSX workbook"),
            (b"\xd0\xcf\x11\xe0" + b"x" * 99, "no XLS workbook or has a password"),
            *((xlsx_bytes({"List": rows}), words) for rows, words in sheets),
        ):
            self.assertIn(words, fault(data, "list.xlsx"))

    def test_an_archive_that_swells_is_not_unpacked(self) -> None:
        """More than 64 MB of whatever: told from the directory."""
        zeros = {f"xl/{n}.xml": b"0" * 40_000_000 for n in range(2)}
        bomb = packed({**parts_of(SOUND), **zeros})
        self.assertLess(len(bomb), 200_000)
        self.assertIn("too large", flat(self, bomb))

    def test_what_swells_in_any_part_is_not_held(self) -> None:
        sound = parts_of(SOUND)
        sheet, types = "xl/worksheets/sheet1.xml", "[Content_Types].xml"
        swell = times(3_000_000, 6_000_000)
        strings = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
        named = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % strings
        for part, before, more in (
            (sheet, b"<sheetData>", b" " * swell),
            (sheet, b"</sheetData>", b'<row r="5"><c t="inlineStr"><is><t>' + b"x" * swell),
            (sheet, b"</sheetData>", b'<row r="5">' + b"<c/>" * (swell // 4)),
            (sheet, b"<sheetData>", b"<cols>" + b"<col/>" * (swell // 6)),
            (sheet, b"</worksheet>", b'<mergeCell ref="A1:B1"/>' * (swell // 24)),
            (sheet, b"<sheetData>", b"<a>" * (swell // 3)),
            (sheet, b"<sheetData>", b'<a b="' + b"x" * swell + b'"/>'),
            ("xl/styles.xml", b"</styleSheet>", b"<x/>" * (swell // 4)),
            ("xl/workbook.xml", b"</workbook>", b"<x/>" * (swell // 4)),
            (types, b"</Types>", b"<x/>" * (swell // 4)),
            ("xl/theme/theme1.xml", b"</a:theme>", b" " * 6_000_000),
        ):
            swollen = sound[part].replace(before, before + more if before[1:2] != b"/" else more)
            self.assertGreater(len(swollen), swell)
            bomb = packed({**sound, part: swollen})
            self.assertRegex(
                flat(self, bomb), "longer than|contains too much content", (part, more[:20])
            )
        texts = packed(
            {
                **sound,
                types: sound[types].replace(b"</Types>", named),
                "xl/sharedStrings.xml": b"<sst>" + b"<si><t>a</t></si>" * 110_000 + b"</sst>",
            }
        )
        self.assertIn(
            "contains too much content. Save the sheet alone, or as CSV", flat(self, texts)
        )

    def test_a_directory_that_lies_about_sizes_gains_nothing(self) -> None:
        sound = parts_of(SOUND)
        sheet = sound["xl/worksheets/sheet1.xml"]
        swollen = sheet.replace(b"<sheetData>", b"<sheetData>" + b" " * 40_000_000)
        data = packed({**sound, "xl/worksheets/sheet1.xml": swollen})
        size = len(swollen).to_bytes(4, "little")
        self.assertIn(size, data)
        lying = data.replace(size, (2_000).to_bytes(4, "little"))
        told, peak = peak_of(lambda: fault(lying, "list.xlsx"))
        self.assertTrue(told)
        self.assertLess(peak, 5_000_000)

    def test_memory_does_not_grow_with_the_rows(self) -> None:
        lines = [[str(n), "text " * 20] for n in range(times(1_500, 3_000))]
        data = xlsx_bytes({"List": [["No", "Text"], *lines]})
        drain(SOUND, "list.xlsx")  # the first time loads what openpyxl needs
        self.assertLess(peak_of(lambda: drain(data, "list.xlsx"))[1], times(3_000_000, 5_000_000))


class JsonTests(TestCase):
    def test_a_list_of_objects(self) -> None:
        data = b'[\n{"No": "111.10", "n": 111.10, "t": null},\n{"No": "2", "n": -5, "t": "a"}\n]'
        self.assertEqual(
            read(data, "list.json"),
            (
                ("No", "n", "t"),
                [(1, "111.10", Number("111.10"), None), (2, "2", Number("-5"), "a")],
            ),
        )

    def test_objects_in_lists_within_others(self) -> None:
        """Names that one lacks are empty cells; of several lists that of texts is read."""
        data = (
            b'{"name": "All", "log": [{"at": 1}, {"at": 2}, {"at": 3}], "groups": [{"name": "A", '
            b'"list": [{"id": 1, "text": "Do.", "by": ["x", "y"]}, {"text": "Go.", "m": {"n": '
            b"true}}]}]}"
        )
        rows = [(1, "A", Number("1"), "Do.", "x; y", None), (2, "A", None, "Go.", None, True)]
        header = ("groups/name", "id", "text", "by", "m/n")
        self.assertEqual(read(data, "list.json"), (header, rows))
        table = open_table(io.BytesIO(data), "list.json")
        self.assertEqual(table.notes, ["Not imported: log"])

    def test_what_is_broken_is_named(self) -> None:
        for data, words in (
            (b"{}", "list of objects"),
            (b"[]", "The file is empty"),
            (b'[\n{"a": [[1]]}]', "Line 2"),
            (b'[\n{"a": 1, "a": 2}]', "Line 2"),
            (b'[{"a": 1}', "Line 1"),
            (b'[{"a": 1}] x', "Line 1"),
            (b"[1]", "Line 1"),
            (b'[{"a": "\xff"}]', "UTF-8"),
            (b'[{"a": "\\u0000"}]', "Row 1: Column “a” holds an invalid character (U+0000)"),
            (b'[{"a": "\\ud800"}]', "Row 1: Column “a” holds an invalid character (U+D800)"),
            (b'[{"a\\u0000": 1}]', "Line 1: the header of column 1 holds"),
            (b'[{"a": 1, "b": [' + b"[]," * 1_400_000 + b"1]}]", "Line 1"),
            (b'[{"a": "' + b"x" * 5_000_000 + b'"}]', "longer than 1000000"),
            (b'[{"a": "' + b"x" * 100_001 + b'"}]', "Row 1: a cell is longer than 100000"),
            (b'[\n{"a": "b}{[]\\"" ]', "Line 2"),
            (b"[" * 100_000, "Line 1"),
            (b'[{"a": ' + b"[" * 100_000, "Line 1"),
        ):
            self.assertIn(words, fault(data, "list.json"))
