"""Plain tables, as offices keep their own figures. All figures are made up."""

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal
from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from recommendations.exports import FORMATS
from recommendations.exports.sheets import Column, Sheet
from recommendations.readers.statistics import AreaCodeList, AreaReference
from tests.imports.files import saved
from tests.readers.statistics.files import fault, figure, figures, opened, rejections, rows, spelt

NAMES = ("area", "period", "value", "status", "comment", "sex")
EXACT = "12345678901234567.123456"

FIGURES = st.fixed_dictionaries(
    {
        "area": st.sampled_from(["NA", "NAM", "Côte d'Ivoire", "516"]),
        "period": st.sampled_from(["2018", "2018-S1", "2018-Q3", "2018-06", "2018-06-30"]),
        "value": st.decimals(allow_nan=False, allow_infinity=False, places=9, max_value=10**18),
        "status": st.sampled_from(["", "A", "E", "P"]),
        "comment": st.sampled_from(["", "of two kinds; “so”", "=1+1", "a, b"]),
        "sex": st.sampled_from(["", "F", "M"]),
    }
)


def written(lines: list[dict[str, object]], delimiter: str = ",") -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, NAMES, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def rewritten(workbook: bytes, texts: dict[str, str]) -> bytes:
    """A workbook with other texts for some numbers, as programs other than openpyxl write them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            for before, after in texts.items():
                data = data.replace(f"<v>{before}</v>".encode(), f"<v>{after}</v>".encode())
            new.writestr(name, data)
    return out.getvalue()


class LongTests(TestCase):
    def test_a_row_is_a_figure_with_its_dimensions_in_one_order(self) -> None:
        data = "Sex,Age group,Area,Year,Value,Status,Comment\nF,Y15T24,KEN,2018,1.7,e,a guess\n"
        file = opened(data)
        (found,) = file.rows
        self.assertEqual((file.format, file.vintage, file.source), ("long", None, ""))
        self.assertEqual((found.area, found.period), (AreaReference("KEN"), "2018"))
        self.assertEqual((found.value, found.obs_status), (Decimal("1.7"), "E"))
        self.assertEqual((found.comment, found.dimensions), ("a guess", "AGE_GROUP=Y15T24|SEX=F"))

    def test_na_as_a_code_is_namibia_and_as_a_figure_none(self) -> None:
        found = figures("iso2,period,value\nNA,2018,1\nNA,2019,NA\nNA,2020,\n")
        self.assertEqual({row.area for row in found}, {AreaReference("NA", "", AreaCodeList.ISO2)})
        self.assertEqual(
            [(row.period, row.value, row.obs_status) for row in found],
            [("2018", 1, ""), ("2019", None, "O")],
        )

    def test_headers_of_the_same_meaning(self) -> None:
        for header, place in (
            ("country,year,value", AreaReference("KEN")),
            ("iso3,time,obs_value", AreaReference("KEN", "", AreaCodeList.ISO3)),
            ("REF_AREA,TIME_PERIOD,OBS_VALUE", AreaReference("KEN")),
            ("geo,date,Value", AreaReference("KEN")),
            ("Country code,Period,VALUE", AreaReference("KEN")),
        ):
            with self.subTest(header):
                found = figure(f"{header}\nKEN,2018,5\n")
                self.assertEqual((found.area, found.period, found.value), (place, "2018", 5))

    def test_names_and_codes_side_by_side(self) -> None:
        for header, line, place in (
            ("country,iso3", "Kenya,KEN", AreaReference("KEN", "Kenya", AreaCodeList.ISO3)),
            ("name,iso2", "Namibia,NA", AreaReference("NA", "Namibia", AreaCodeList.ISO2)),
            ("m49,name", "4,Afghanistan", AreaReference("004", "Afghanistan", AreaCodeList.M49)),
            ("country name,iso3", "All,", AreaReference("", "All")),
        ):
            with self.subTest(header):
                self.assertEqual(figure(f"{header},year,value\n{line},2018,5\n").area, place)

    def test_indicator_unit_source_and_words_are_no_dimensions(self) -> None:
        found = figure("area,year,value,in words,indicator,unit,source\nKEN,2018,,some,I,%,S\n")
        self.assertEqual((found.value, found.text, found.dimensions), (None, "some", ""))
        self.assertEqual((found.indicator, found.unit, found.source), ("I", "%", "S"))

    def test_more_than_is_kept_in_words(self) -> None:
        found = figure("area,year,value\nKEN,2018,> 150\n")
        self.assertEqual((found.value, found.text, found.obs_status), (None, "> 150", ""))

    def test_a_missing_figure_is_never_0(self) -> None:
        data = "area,year,value,status\nKEN,2018,,\nKEN,2019,,M\nKEN,2020,..,\nKEN,2021,0,\n"
        file = opened(data)
        found = [(row.period, row.value, row.obs_status) for row in file.rows]
        self.assertEqual(
            found, [("2019", None, "M"), ("2020", None, "O"), ("2021", Decimal(0), "")]
        )
        self.assertEqual(file.counts.empty, 1)
        self.assertIn(
            "The row has a value and the status of a missing value.",
            rejections("area,year,value,status\nK,1,5,M\n")[0],
        )

    def test_a_table_of_years(self) -> None:
        found = figures("area;sex;2018;2019-Q1\nKEN;F;1,5;\nNA;;2,25;3\n")
        self.assertEqual(
            [(row.area.code, row.period, row.value, row.dimensions) for row in found],
            [
                ("KEN", "2018", Decimal("1.5"), "SEX=F"),
                ("NA", "2018", Decimal("2.25"), ""),
                ("NA", "2019-Q1", 3, ""),
            ],
        )

    def test_numbers_by_the_mark_that_is_said_or_certain(self) -> None:
        data = "area;year;value\nA;2018;200.000.000\nA;2019;1,7\nA;2020;1,234\nA;2021;1.234\n"
        found = rows(data)
        self.assertEqual([row.value for row in found[:2]], [200_000_000, Decimal("1.7")])
        for line, row in enumerate(found[2:], start=4):
            self.assertIn(f"Line {line}: “1", str(row))
            self.assertIn("is ambiguous. State if the decimal mark is a point or a comma", str(row))
        said = [row.value for row in figures(data, decimal=",")]
        self.assertEqual(said, [200_000_000, Decimal("1.7"), Decimal("1.234"), 1234])
        points = [str(row) for row in rejections(data, decimal=".")]
        self.assertEqual([row[:7] for row in points], ["Line 2:", "Line 3:"])

    def test_the_column_of_figures_may_be_named(self) -> None:
        data = "area,year,rural,urban\nKEN,2018,1,2\n"
        self.assertIn("several value columns", fault(data, format="long"))
        self.assertIn("is missing", fault("area,year,sex\nKEN,2018,F\n", format="long"))
        found = figure(data, format="long", value_column="Urban")
        self.assertEqual((found.value, found.dimensions), (2, ""))
        self.assertIn("“none such”", fault(data, format="long", value_column="none such"))

    def test_rows_that_cannot_be_read_are_told_with_what_to_do(self) -> None:
        for line, words in (
            (",2018,5,,,", "The row does not state an area."),
            ("KEN,,5,,,", "The period is missing."),
            ("KEN,2018-13,5,,,", "is ambiguous"),
            ("KEN,30.6.2018,5,,,", "is ambiguous"),
            ("KEN,soon,5,,,", "“soon” is not a period"),
            ("KEN,2018,5 %,,,", "percent sign"),
            ("KEN,2018,5 kg,,,", "contains more than a number. Enter the number only"),
            ("KEN,2018,five,,,", "not a number"),
            ("KEN,2018,5,quite,,", "not a status"),
            ("KEN,2018,5,,,a|b", "vertical bar"),
            ("KEN,2018,5,,," + "f" * 300, "more than 200 characters"),
            ("KEN,2018,5", "The row has 3 cells, the header has 6"),
            ("KEN,2018,5,,,,x", "The row has 7 cells, the header has 6"),
            ("KEN,2018,5,," + "c" * 120_000 + ",", "longer than 100000 characters"),
        ):
            with self.subTest(line[:40]):
                found = rows(f"{','.join(NAMES)}\n{line}\nKEN,2019,6,,,\n")
                self.assertIn("Line 2: ", str(found[0]))
                self.assertIn(words, str(found[0]))
                self.assertEqual(found[1].value, 6)

    def test_two_columns_of_one_meaning_are_refused(self) -> None:
        self.assertIn(
            "Line 1: Columns “area” and “country” have the same role. Remove one",
            fault("area,country,year,value\nKEN,Kenya,2018,5\n"),
        )

    @given(lines=st.lists(FIGURES, min_size=1, max_size=8))
    def test_what_is_written_is_read_back(self, lines: list[dict[str, object]]) -> None:
        data = written(lines)
        for delimiter, encoded in (
            (",", data.encode()),
            *((",", each) for each in spelt(data)),
            (";", written(lines, ";").encode()),
        ):
            found = figures(encoded, decimal=".")
            self.assertEqual(len(found), len(lines), delimiter)
            for row, line in zip(found, lines, strict=True):
                self.assertEqual(row.value, line["value"])
                self.assertEqual(
                    (row.area.code, row.period, row.obs_status, row.comment),
                    (line["area"], line["period"], line["status"], line["comment"]),
                )
                self.assertEqual(row.dimensions, f"SEX={line['sex']}" if line["sex"] else "")


class WorkbookTests(TestCase):
    def test_cells_are_read_as_they_are_stored(self) -> None:
        book = Workbook()
        sheet = book.active
        sheet.title = "Data"
        sheet.append(["area", "period", "value"])
        for period, value in (
            (2018, 0.1),
            ("2018-Q3", 12.3456),
            (date(2018, 6, 30), 1e-7),
            (2019, 19.5),
            (2020, 20.5),
            (2021, 21.5),
        ):
            sheet.append(["NA", period, value])
        sheet["C3"].number_format = "0.00"  # shown as 12.35
        data = rewritten(
            saved(book), {"19.5": EXACT, "20.5": "1.1000000000000001", "21.5": "12345678901234567"}
        )
        self.assertEqual(
            [(row.line, row.period, str(row.value)) for row in figures(data)],
            [
                (2, "2018", "0.1"),
                (3, "2018-Q3", "12.3456"),
                (4, "2018-06-30", "1E-7"),
                (5, "2019", EXACT),
                (6, "2020", "1.1"),
                (7, "2021", "12345678901234567"),
            ],
        )

    def test_cells_that_show_something_else_than_they_store_are_refused(self) -> None:
        book = Workbook()
        sheet = book.active
        sheet.title = "Data"
        sheet.append(["area", "period", "value", "sex"])
        sheet.append(["KEN", 2018, 0.57, None])
        sheet["C2"].number_format = '#,##0.0" of all"\\ %'
        sheet.append(["KEN", 2018, "=C2*100", None])
        sheet.append(["KEN", 2018, 5, "=A1"])
        sheet.append(["KEN", "=B2", 5, None])
        sheet.append(["KEN", 2018, date(2018, 1, 1), None])
        sheet.append(["KEN", 2018, True, None])
        sheet.append(["KEN", date(2018, 1, 1), 5, "F"])
        found = [str(row) for row in rows(saved(book))]
        for line, words in enumerate(
            (
                "“57.00%” has a percent",
                "a formula",
                "a formula",
                "a formula",
                "not a number",
                "True",
            ),
            start=2,
        ):
            self.assertIn(f"Sheet “Data”: Line {line}: ", found[line - 2])
            self.assertIn(words, found[line - 2])
        self.assertEqual(len(found), 7)

    def test_a_list_as_it_is_exported_is_read_back_exactly(self) -> None:
        lines = [
            {"area": "NA", "period": "2018", "value": Decimal("1234567.12345678"), "sex": "F"},
            {"area": "NA", "period": "2018-06-30", "value": Decimal("-0.50"), "sex": None},
            {"area": "NA", "period": "2019", "value": None, "sex": None},
        ]
        columns = [Column(name, lambda line, name=name: line[name]) for name in lines[0]]
        for chosen in FORMATS.values():
            data = b"".join(chosen.write(Sheet("figures", columns, iter(lines))))
            found = figures(data, decimal=".")
            self.assertEqual(
                [(row.area.code, row.period, row.value, row.dimensions) for row in found],
                [
                    ("NA", "2018", Decimal("1234567.12345678"), "SEX=F"),
                    ("NA", "2018-06-30", Decimal("-0.5"), ""),
                ],
            )


class AbsenceTests(TestCase):
    """How programs and offices write that there is no value; as a code of an area NA is Namibia."""

    def test_marks_of_programs(self) -> None:
        # R: write.csv; SAS and Stata: PROC EXPORT, export delimited; pandas: to_csv(na_rep=…).
        for mark in ("NA", "NaN", ".", ".a", "._", ":", "..", "#N/A", "<NA>", "n/a", "[x]", "–"):
            with self.subTest(mark):
                found = figure(f"geo,year,value\nNA,2018,{mark}\n")
                self.assertEqual((found.area.code, found.value), ("NA", None))
                self.assertEqual(found.obs_status, "O")

    def test_flags_behind_a_value(self) -> None:
        # As the tables of Eurostat have them: "12.3 bp", ": c".
        for cell, value, code, comment in (
            ("12.3 e", "12.3", "E", ""),
            ("12.3bp", "12.3", "B", "Provisional"),
            ("1 234.5 p", "1234.5", "P", ""),
            (": c", None, "Q", ""),
            (":z", None, "M", "Not applicable"),
            (": u", None, "O", "Low reliability"),
            (":", None, "O", ""),
        ):
            with self.subTest(cell):
                found = figure(f"geo\tyear\tvalue\nDE\t2018\t{cell}\n")
                self.assertEqual(found.value, None if value is None else Decimal(value))
                self.assertEqual((found.obs_status, found.comment), (code, comment))

    def test_what_is_no_flag_stays_an_error(self) -> None:
        for cell, words in (
            ("12.3 c", "confidential"),
            ("12.3 m", "contains more than a number"),
            ("12.3 %", "percent sign"),
            (".ab", "is not a number"),
        ):
            with self.subTest(cell):
                self.assertIn(words, rejections(f"geo,year,value\nDE,2018,{cell}\n")[0])
        told = rejections("geo,year,value,status\nDE,2018,12.3 e,P\n")[0]
        self.assertIn("The status and the flags behind the value differ.", told)

    def test_separators(self) -> None:
        # A bar separates where the header has nothing else that could.
        for mark in (",", ";", "\t", "|"):
            with self.subTest(mark):
                line = mark.join
                data = f"{line(['area', 'year', 'value'])}\n{line(['KEN', '2018', '1.5'])}\n"
                self.assertEqual(figure(data).value, Decimal("1.5"))
        self.assertEqual(figure("area|year|value\nKEN|2018|1,5\n").value, Decimal("1.5"))
        self.assertEqual(figure("area,year,value,a|b\nKEN,2018,1,x\n").dimensions, "A_B=x")
        utf16 = "area\tyear\tvalue\nCôte d'Ivoire\t2018\t1,5\n".encode("utf-16")
        self.assertEqual(figure(utf16).area.code, "Côte d'Ivoire")
