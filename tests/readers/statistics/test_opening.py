"""Telling a format by the content, and files that are broken in each way: a message, always."""

import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from unittest import TestCase, mock

from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from recommendations.readers import ReadOptions, TableError
from recommendations.readers.statistics import STATISTICS_FORMATS, FigureRow, Rejected, open_figures
from recommendations.readers.statistics.opening import detect_format
from tests.imports.files import saved, xlsx_bytes
from tests.readers.statistics.files import fault, figure, opened, rejections, rows
from tests.readers.test_tables import JPEG

LONG = "area,period,value\n"
ANSWER = '[{"page":1,"pages":1},[%s]]'

SAMPLES = {
    "tracker": "area_code,period,dimensions,value,marks\nTCD,2018,,5,\n",
    "world_bank": "Country Name,Country Code,Indicator Name,Indicator Code,2018\nChad,TCD,I,I,5\n",
    "sdmx_csv": "DATAFLOW,REF_AREA,TIME_PERIOD,OBS_VALUE\nM,TCD,2018,5\n",
    "un_sdg": "Goal,SeriesCode,GeoAreaCode,GeoAreaName,TimePeriod,Value\n1,S,148,Chad,2018,5\n",
    "eurostat_tsv": "freq,unit,geo\\TIME_PERIOD\t2018 \nA,PC,TCD\t5 \n",
    "ilostat": "ref_area,indicator,sex,time,obs_value,obs_status\nTCD,I,,2018,5,\n",
    "who_gho": (
        "IndicatorCode,SpatialDimValueCode,Period,Dim1 type,Dim1ValueCode,FactValueNumeric,Value\n"
        "I,TCD,2018,,,5,5\n"
    ),
    "itu": "seriesCode,entityIso,entityName,dataValue,dataYear\nI,TCD,Chad,5,2018\n",
    "faostat": "Area Code (M49),Area,Element,Item,Year,Value,Flag\n148,Chad,E,I,2018,5,A\n",
    "uis": "INDICATOR_ID,COUNTRY_ID,YEAR,VALUE,MAGNITUDE,QUALIFIER\nI,TCD,2018,5,,\n",
    "unctad": "Year,Economy,Economy Label,Exports,Exports Footnote\n2018,148,Chad,5,\n",
    "undata": "Country or Area,Year,Value,Value Footnotes\nChad,2018,5,\n",
    "oecd_stat": "LOCATION,INDICATOR,TIME,Value,Flag Codes\nTCD,I,2018,5,\n",
    "imf_weo": "WEO Subject Code,ISO,Country,Units,2018\nI,TCD,Chad,P,5\n",
    "open_sdg_wide": "year,all,sex:female\n2018,5,\n",
    "owid": "Entity,Code,Year,share\nChad,TCD,2018,5\n",
    "open_sdg": "Year,Sex,Value\n2018,,5\n",
    "long": "area,period,value\nTCD,2018,5\n",
    "world_bank_api": ANSWER
    % '{"indicator":{"id":"I"},"country":{"id":"TD"},"date":"2018","value":5}',
}


class RecognisedTests(TestCase):
    def test_every_format_is_told_by_its_content(self) -> None:
        self.assertEqual(SAMPLES.keys(), STATISTICS_FORMATS.keys())
        for code, data in SAMPLES.items():
            with self.subTest(code):
                self.assertEqual(opened(data).format, code)
                self.assertEqual(figure(data).value, 5)
                self.assertEqual(figure(data, format=code), figure(data))

    def test_a_header_alone_tells_it(self) -> None:
        for code, data in SAMPLES.items():
            if code != "world_bank_api":
                first = data.splitlines()[0]
                header = first.split("\t" if "\t" in first else ",")
                found, why = detect_format(header)
                self.assertEqual(found, code)
                self.assertTrue(any(f"“{name}”" in why for name in header), why)

    def test_several_words_for_what_is_measured_are_no_fault(self) -> None:
        """A reader that is not concerned never refuses a file while its format is guessed."""
        for header, expected in (
            ("Indicator Name,Series Name", ("Second", "First")),
            ("Series Name,Indicator Name", ("First", "Second")),
            ("Indicator,Indicator Code", ("Second", "First")),
            ("Series Code,Series Name,Indicator Name,Indicator Code", ("First", "Second")),
            ("Indicator Name,Indicator Title", ("", "First")),
            ("Series Name,Indicator", ("Second", "First")),
        ):
            names = ["First", "Second", "Third", "Fourth"][: header.count(",") + 1]
            data = f"{header},area,year,value\n{','.join(names)},KEN,2018,5\n"
            with self.subTest(header):
                found = figure(data)
                self.assertEqual((found.indicator, found.title), expected)
                self.assertEqual(found.dimensions, "")
        wide = "Country Name,Country Code,Indicator Name,Series Name,2018\nChad,TCD,I,S,5\n"
        self.assertEqual((opened(wide).format, figure(wide).title), ("world_bank", "I"))

    def test_what_each_column_is_taken_for_with_examples(self) -> None:
        data = "area,year,sex,value,indicator name,series name,freq\n" + "".join(
            f"KEN,{year},F,{year}.5,I,S,A\n" for year in range(2010, 2020)
        )
        told = [
            (column.header, column.use.value, column.examples) for column in opened(data).columns
        ]
        self.assertEqual(
            told,
            [
                ("area", "area", ("KEN",)),
                ("year", "period", ("2010", "2011", "2012")),
                ("sex", "dimension", ("F",)),
                ("value", "value", ("2010.5", "2011.5", "2012.5")),
                ("indicator name", "series", ("I",)),
                ("series name", "series", ("S",)),
                ("freq", "not read", ("A",)),
            ],
        )
        for code, sample in SAMPLES.items():
            if code != "world_bank_api":
                uses = {column.use.value for column in opened(sample).columns}
                self.assertLessEqual({"value"}, uses, code)

    def test_two_columns_of_one_role_are_named_where_nothing_else_fits(self) -> None:
        told = fault("area,year,value,obs value\nKEN,2018,5,6\n")
        self.assertIn("Columns “value” and “obs value” have the same role.", told)
        found = figure("area,year,value,note,footnote\nKEN,2018,5,one,two\n")
        self.assertEqual(found.comment, "one; two")

    def test_a_named_format_that_does_not_fit_is_refused(self) -> None:
        for code in STATISTICS_FORMATS:
            data = SAMPLES["owid" if code == "un_sdg" else "un_sdg"]
            with self.subTest(code):
                self.assertIn("Line 1: ", fault(data, format=code))

    def test_what_no_format_fits_is_refused(self) -> None:
        self.assertIn("Line 2: The format is not recognised", fault("\na,b\n1,2\n"))
        self.assertIn("is not a supported format", fault(LONG, format="gdx"))
        self.assertIn("decimal mark", fault(LONG, decimal="'"))

    def test_a_sheet_of_any_name_is_named_as_it_stands(self) -> None:
        data = xlsx_bytes({"5 % {x}": [["area", "period", "value"], ["TCD", 2018, "x"]]})
        self.assertIn("Sheet “5 % {x}”: Line 2: ", rejections(data)[0])
        self.assertIn("Sheet “5 % {x}”: Line 1: ", fault(xlsx_bytes({"5 % {x}": [["a", "A"]]})))

    def test_a_header_in_brackets_is_no_json(self) -> None:
        self.assertEqual(figure("[Sex],area,period,value\nF,TCD,2018,5\n").dimensions, "SEX=F")

    def test_the_file_stays_open(self) -> None:
        for data in SAMPLES.values():
            file = io.BytesIO(data.encode())
            list(open_figures(file).rows)
            self.assertFalse(file.closed)


class BrokenTests(TestCase):
    def test_files_that_are_no_table(self) -> None:
        for data, words in (
            (b"", "empty"),
            (b"\n\n \n", "The file is empty"),
            (JPEG, "JPEG"),
            (b"%PDF-1.7", "PDF"),
            (b"\xd0\xcf\x11\xe0" + b"x" * 100, "no XLS workbook or has a password"),
            (LONG.encode(), "The file has a header but no rows."),
            (b"area,period,AREA,value\nA,2018,B,5\n", "Line 1: columns 1 and 3 are both"),
            (b"area,,value\nA,2018,5\n", "Line 1: column 2 has no header"),
            (LONG.encode() + b"A,2018,5\x00\n", "Line 2 contains NUL"),
            (LONG.encode() + b"A,2018,5\nB\xe9nin,2018,5\n", "Line 3 is not UTF-8"),
            (LONG.encode("utf-16-le"), "NUL"),
            (LONG.encode() + b'A,2018,"5\n' + b"B,2019,6\n" * 9, "Line 2 cannot be read"),
            (LONG.encode() + b"A,2018," + b"x" * 10_000_000, "Line 2 is longer"),
            (LONG.encode() + b"A,2018,5\n" + b"\n" * 30_000, "Line 20003: too many blank cells"),
        ):
            with self.subTest(words, data=data[:40]):
                self.assertIn(words, fault(data))

    def test_the_encoding_may_be_stated(self) -> None:
        data = (LONG + "Bénin,2018,5\n").encode("cp1252")
        self.assertEqual(figure(data, options=ReadOptions(encoding="cp1252")).area.code, "Bénin")

    def test_rows_before_a_break_are_read(self) -> None:
        file = opened(LONG + 'A,2018,5\nA,2019,"6\n')
        self.assertEqual(next(file.rows).line, 2)
        with self.assertRaises(TableError):
            next(file.rows)

    def test_workbooks(self) -> None:
        lines: list[list[object]] = [["area", "period", "value"], ["TCD", 2018, 5]]
        merged, hidden, formula = Workbook(), Workbook(), Workbook()
        for book in (merged, hidden, formula):
            book.active.title = "Data"
            for line in lines:
                book.active.append(line)
        merged.active.merge_cells("A1:B1")
        hidden.create_sheet("Other")
        hidden["Data"].sheet_state = "hidden"
        formula.active["C1"] = "=A1"
        bomb = io.BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("[Content_Types].xml", b" " * 100_000_000)
        long_cell = [*lines, ["TCD", 2019, "x" * 32_767]]
        for data, words in (
            (saved(merged), "Sheet “Data”: the header is merged at A1:B1"),
            (saved(hidden), "Sheet “Other”: The file is empty"),
            (saved(formula), "the header of column 3 is a formula"),
            (bomb.getvalue(), "The workbook is too large"),
            (b"PK\x03\x04" + b"x" * 100, "damaged"),
            (b"PK\x05\x06" + b"\0" * 18, "empty archive"),
            (xlsx_bytes({"Data": lines[:1]}), "Sheet “Data”: The file has a header but no rows"),
        ):
            with self.subTest(words):
                self.assertIn(words, fault(data))
        self.assertIn("is hidden", fault(saved(hidden), options=ReadOptions(sheet="Data")))
        self.assertIn("Sheet “Data”: Line 3", rejections(xlsx_bytes({"Data": long_cell}))[0])

    def test_a_cell_of_ten_million_characters_in_a_workbook(self) -> None:
        out = io.BytesIO()
        plain = xlsx_bytes({"Data": [["area", "period", "value"], ["TCD", 2018, 5]]})
        with zipfile.ZipFile(io.BytesIO(plain)) as old:
            parts = {name: old.read(name) for name in old.namelist()}
        sheet = "xl/worksheets/sheet1.xml"
        parts[sheet] = parts[sheet].replace(b"<v>5</v>", b"<v>" + b"5" * 10_000_000 + b"</v>")
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for name, data in parts.items():
                new.writestr(name, data)
        self.assertIn("longer than 100000 characters", fault(out.getvalue()))

    def test_more_rows_than_are_read(self) -> None:
        with mock.patch("recommendations.readers.statistics.reading.MOST_FIGURE_ROWS", 3):
            self.assertEqual(len(rows(LONG + "A,2018,5\n" * 3)), 3)
            self.assertIn("more than 3 rows", fault(LONG + "A,2018,5\n" * 4))

    @given(data=st.binary(max_size=200), code=st.sampled_from(["", *STATISTICS_FORMATS]))
    def test_any_bytes_are_read_or_refused(self, data: bytes, code: str) -> None:
        for start in (b"", b"PK\x03\x04", b"[", b'[{"page":1,"pages":1},[', LONG.encode()):
            try:
                for row in open_figures(io.BytesIO(start + data), format=code).rows:
                    self.assertIsInstance(row, FigureRow | Rejected)
            except TableError as error:
                self.assertTrue(str(error))

    @given(
        sample=st.sampled_from(sorted(SAMPLES)),
        cells=st.lists(st.text(max_size=8), min_size=1, max_size=8),
        mark=st.sampled_from(["", ".", ","]),
    )
    def test_any_cells_are_read_or_refused(self, sample: str, cells: list[str], mark: str) -> None:
        row = ",".join('"{}"'.format(cell.replace('"', '""')) for cell in cells)
        data = (SAMPLES[sample] + row + "\n").encode("utf-8", "surrogatepass")
        try:
            found = rows(data, format=sample, decimal=mark)
        except TableError as error:
            self.assertTrue(str(error))
            return
        self.assertEqual(found[0].line, 1 if sample == "world_bank_api" else 2)


class MemoryTests(TestCase):
    """Memory is that of one row, however many there are."""

    def peak(self, data: bytes, expected: int) -> int:
        file = io.BytesIO(data)
        tracemalloc.start()
        found = open_figures(file)
        count = sum(isinstance(row, FigureRow) for row in found.rows)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        self.assertEqual(count, expected)
        self.assertEqual(found.counts.figures, expected)
        return peak

    def test_ten_times_the_areas_take_no_more(self) -> None:
        for lines in (wide, long, sdmx, answer):
            with self.subTest(lines.__name__):
                small = self.peak("".join(lines(10)).encode(), 10 * 60)
                large = self.peak("".join(lines(100)).encode(), 100 * 60)
                self.assertLess(large, small + 500_000)

    def test_all_countries_and_groups_and_ten_times_as_many(self) -> None:
        for areas in (266, 2_660):
            self.assertLess(self.peak("".join(wide(areas)).encode(), areas * 60), 2_000_000)

    def test_a_workbook(self) -> None:
        book = Workbook(write_only=True)
        sheet = book.create_sheet("Data")
        for line in long(30):
            sheet.append(line.strip().split(","))
        self.assertLess(self.peak(saved(book), 30 * 60), 3_000_000)


def wide(areas: int) -> Iterator[str]:
    years = range(1960, 2020)
    yield "Country Name,Country Code,Indicator Name,Indicator Code,"
    yield ",".join(map(str, years)) + ",\n"
    for area in range(areas):
        yield f"Area {area},A{area},Made up,MA.DE.UP,"
        yield ",".join(f"{area}.{year}" for year in years) + ",\n"


def long(areas: int) -> Iterator[str]:
    yield "area,period,value,sex\n"
    for area in range(areas):
        for year in range(1960, 2020):
            yield f"A{area},{year},{area}.{year},F\n"


def sdmx(areas: int) -> Iterator[str]:
    yield "DATAFLOW,REF_AREA,SEX,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MULT\n"
    for area in range(areas):
        for year in range(1960, 2020):
            yield f"MA:DE(1.0),A{area},F,{year},{area}.{year},E,3\n"


def answer(areas: int) -> Iterator[str]:
    yield '[{"page":1,"pages":1},['
    for area in range(areas):
        for year in range(1960, 2020):
            yield "," if area or year > 1960 else ""
            yield '{"indicator":{"id":"I","value":"Made up"},"country":{"id":"A","value":"A"},'
            yield f'"countryiso3code":"A{area}","date":"{year}","value":{area}.{year}}}\n'
    yield "]]"
