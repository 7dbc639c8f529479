"""Telling a format by the content, and files that are broken in each way: a message, always."""

import io
from unittest import TestCase, mock

from hypothesis import given
from hypothesis import strategies as st

from recommendations.readers import ReadOptions, TableError
from recommendations.readers.statistics import FigureRow, Rejected, open_figures, statistics_formats
from recommendations.readers.statistics.opening import detect_format
from tests.imports.files import xlsx_bytes
from tests.readers.statistics.files import (
    ReadingTestCase,
    fault,
    figure,
    figures,
    opened,
    rejections,
    rows,
    spelt,
)
from tests.readers.workbooks import packed

LONG = "area,period,value\n"
STATISTICS_FORMATS = statistics_formats()
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
    "who_mncah": "Country ISO 3 code,Year,Value Numeric,Value String\nTCD,2018,5,5\n",
    "who_afro": "Country,Indicator Code,Period,DisaggregationId,Value\nChad,I,2018,1,5\n",
    "who_gho_codes": "GHO,PUBLISHSTATE,YEAR,COUNTRY,Numeric\nI,PUBLISHED,2018,TCD,5\n",
    "itu": "seriesCode,entityIso,entityName,dataValue,dataYear\nI,TCD,Chad,5,2018\n",
    "faostat": "Area Code (M49),Area,Element,Item,Year,Value,Flag\n148,Chad,E,I,2018,5,A\n",
    "uis": "INDICATOR_ID,COUNTRY_ID,YEAR,VALUE,MAGNITUDE,QUALIFIER\nI,TCD,2018,5,,\n",
    "unctad": "Year,Economy,Economy Label,Exports,Exports Footnote\n2018,148,Chad,5,\n",
    "undata": "Country or Area,Year,Value,Value Footnotes\nChad,2018,5,\n",
    "uis_stat": (
        "SDG_IND,Indicator,LOCATION,Country,TIME,Value,Flag Codes\nI,In words,TCD,Chad,2018,5,\n"
    ),
    "aquastat": (
        "Area,Variable Name,Variable Id,Year,Value,Symbol,Md\nTCD|Chad,In words,I,2018,5,E,,9\n"
    ),
    "eurostat_view": "TIME,GEO,GEO_LABEL,Value,Flag and Footnotes\n2018,TCD,Chad,5,\n",
    "oecd_stat": "LOCATION,INDICATOR,TIME,Value,Flag Codes\nTCD,I,2018,5,\n",
    "oecd_stat_labels": (
        "COU,Country,IND,Indicator,YEAR,Year,Unit Code,Unit,PowerCode Code,Reference Period Code,"
        "Value,Flag Codes\nTCD,Chad,I,In words,2018,2018,IDX,Index,0,,5,\n"
    ),
    "imf_weo": "WEO Subject Code,ISO,Country,Units,2018\nI,TCD,Chad,P,5\n",
    "imf_portal": "SERIES_CODE,OBS_MEASURE,COUNTRY.ID,COUNTRY,UNIT,2018\nTCD.I.A,V,TCD,Chad,P,5\n",
    "imf_weo_report": "Country,Subject Descriptor,Units,2018\nChad,I,P,5\n",
    "undp_hdr": "iso3,country,hdicode,region,le_2018,le_2019\nTCD,Chad,Low,SSA,5,\n",
    "undp_hdr_index": "HDI Rank,Country,2018\n187,Chad,5\n",
    "open_sdg_wide": "year,all,sex:female\n2018,5,\n",
    "owid": "Entity,Code,Year,share\nChad,TCD,2018,5\n",
    "open_sdg": "Year,Sex,Value\n2018,,5\n",
    "long": "area,period,value\nTCD,2018,5\n",
    "world_bank_api": ANSWER
    % '{"indicator":{"id":"I"},"country":{"id":"TD"},"date":"2018","value":5}',
}


def header_of(data: str) -> list[str]:
    first = data.splitlines()[0]
    return first.split("\t" if "\t" in first else ",")


TABLES = {code: data for code, data in SAMPLES.items() if code != "world_bank_api"}


class EveryFormatTests(ReadingTestCase):
    def test_it_is_told_by_its_content_or_its_header_alone(self) -> None:
        self.assertEqual(SAMPLES.keys(), STATISTICS_FORMATS.keys())
        for code, data in SAMPLES.items():
            with self.subTest(code):
                file = io.BytesIO(data.encode())
                read = open_figures(file)
                self.assertEqual((read.format, [row.value for row in read.rows]), (code, [5]))
                self.assertFalse(file.closed)
                self.assertEqual(figure(data, format=code), figure(data))
                other = SAMPLES["owid" if code == "un_sdg" else "un_sdg"]
                self.assertIn("Line 1: ", fault(other, format=code))
        for code, data in TABLES.items():
            with self.subTest(code):
                found, why = detect_format(header_of(data))
                self.assertEqual(found, code)
                self.assertTrue(any(f"“{name}”" in why for name in header_of(data)), why)
                self.assertIn("value", {column.use.value for column in opened(data).columns})

    def test_ends_of_lines_and_marks_of_encodings_change_nothing(self) -> None:
        for code, data in TABLES.items():
            with self.subTest(code):
                for spelling in spelt(data):
                    self.assertEqual(figures(spelling), figures(data))

    def test_a_header_without_rows_and_a_row_without_cells_are_told(self) -> None:
        for code, data in TABLES.items():
            with self.subTest(code):
                head = data.splitlines()[0]
                told = fault(f"{head}\n", format=code)
                self.assertIn("The file has a header but no rows.", told)
                [told] = rejections(f"{data}x\n", format=code)
                self.assertIn("Line 3: The row has 1 cell", told)
                self.assertIn(f"the header has {len(header_of(data))}", told)


class RecognisedTests(ReadingTestCase):
    def test_several_words_for_what_is_measured_are_no_fault(self) -> None:
        """A reader that is not concerned never refuses a file while its format is guessed."""
        for header, expected in (
            ("Indicator Name,Series Name", "Second | First"),
            ("Series Name,Indicator Name", "First | Second"),
            ("Indicator,Indicator Code", "Second | First"),
            ("Series Code,Series Name,Indicator Name,Indicator Code", "First | Second"),
            ("Indicator Name,Indicator Title", "- | First"),
            ("Series Name,Indicator", "Second | First"),
        ):
            names = ["First", "Second", "Third", "Fourth"][: header.count(",") + 1]
            self.assert_cases(f"""
## {header}
{header},area,year,value
{",".join(names)},KEN,2018,5
-> indicator | title | dimensions
{expected} | -
""")
        wide = "Country Name,Country Code,Indicator Name,Series Name,2018\nChad,TCD,I,S,5\n"
        self.assertEqual((opened(wide).format, figure(wide).title), ("world_bank", "I"))

    def test_what_each_column_is_taken_for_with_examples(self) -> None:
        lines = "".join(f"KEN,{year},F,{year}.5,I,S,A\n" for year in range(2010, 2020))
        file = opened(f"area,year,sex,value,indicator name,series name,freq\n{lines}")
        self.assertEqual(
            [(column.header, column.use.value, column.examples) for column in file.columns],
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

    def test_what_no_format_fits_or_is_stated_wrongly(self) -> None:
        self.assert_cases("""
## no format fits

a,b
c,d
!! Line 2: The format is not recognised
## a format that there is not
area,period,value
A,2018,5
!! is not a supported format where format=gdx
## a mark that is none
area,period,value
A,2018,5
!! decimal mark where decimal='
## a header in brackets is no JSON
[Sex],area,period,value
F,TCD,2018,5
-> dimensions
SEX=F
""")

    def test_a_sheet_of_any_name_is_named_as_it_stands(self) -> None:
        data = xlsx_bytes({"5 % {x}": [["area", "period", "value"], ["TCD", 2018, "y"]]})
        self.assertIn("Sheet “5 % {x}”: Line 2: ", rejections(data)[0])
        self.assertIn("Sheet “5 % {x}”: Line 1: ", fault(xlsx_bytes({"5 % {x}": [["a", "A"]]})))

    def test_of_an_archive_the_one_table_that_has_values_is_read(self) -> None:
        files = {"Metadata.csv": b"Country Code,Region\nTCD,Africa\n", "note.pdf": b"%PDF"}
        files["A.csv"] = (LONG + "TCD,2018,5\n").encode()
        self.assertEqual(figure(packed(files)).value, 5)
        files["B.csv"] = (LONG + "TCD,2018,6\n").encode()
        self.assertIn("Choose one: “A.csv”, “B.csv”.", fault(packed(files)))
        chosen = ReadOptions(sheet="B.csv")
        self.assertEqual(figure(packed(files), options=chosen).value, 6)
        self.assertIn("no sheet “C.csv”", fault(packed(files), options=ReadOptions(sheet="C.csv")))
        with mock.patch("recommendations.readers.statistics.opening.LARGEST_STATISTICS_FILE", 500):
            self.assertIn("more than 0 MB", fault(packed({"A.csv": files["A.csv"] * 50})))

    def test_what_stands_behind_the_last_header_in_each_row_is_not_read(self) -> None:
        file = opened(LONG + "TCD|Chad,2018,5,x\nTCD,2019,6,y\n")
        self.assertEqual([row.value for row in file.rows if isinstance(row, FigureRow)], [5, 6])
        self.assertEqual([each.examples for each in file.columns][-1], ("x", "y"))
        self.assertEqual(figure(LONG + "TCD|Chad,2018,5\n").area.name, "Chad")
        for data in (LONG + "TCD,2018,5,x\nTCD,2019,6\n", "area,2018\nTCD,5,6\n"):
            self.assertIn("the header has", rejections(data)[0])


class BrokenTests(TestCase):
    def test_rows_before_a_break_are_read_and_the_encoding_may_be_stated(self) -> None:
        file = opened(LONG + 'A,2018,5\nA,2019,"6\n')
        self.assertEqual(next(file.rows).line, 2)
        with self.assertRaises(TableError):
            next(file.rows)
        data = (LONG + "Bénin,2018,5\n").encode("cp1252")
        self.assertEqual(figure(data, options=ReadOptions(encoding="cp1252")).area.code, "Bénin")

    def test_more_rows_than_are_read(self) -> None:
        with mock.patch("recommendations.readers.statistics.figures.MOST_FIGURE_ROWS", 3):
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
