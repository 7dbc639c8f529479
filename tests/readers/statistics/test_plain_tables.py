"""Plain tables, as offices keep their own figures. All figures are made up."""

import csv
import io
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from recommendations.readers import ReadOptions
from recommendations.readers.statistics import FigureRow, OpenColumn, SeveralColumns
from tests.depth import times
from tests.imports.files import saved, xlsx_bytes
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
from tests.readers.workbooks import packed, parts_of

NAMES = ("area", "period", "value", "status", "comment", "sex")
EXACT = "12345678901234567.123456"
AMBIGUOUS = "is ambiguous. State if the decimal mark is a point or a comma"
MARKS = "area;year;value\nA;2018;200.000.000\nA;2019;1,7\nA;2020;1,234\nA;2021;1.234\n"
SIGNS = "area,year,Jobless,Jobless %\nA,2018,500,5.5\n"
TWO = "country,year,sex,gdp,people\nNA,2018,F,5,7\nKE,2018,F,,8\n"

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
    parts, sheet = parts_of(workbook), "xl/worksheets/sheet1.xml"
    for before, after in texts.items():
        values = (f"<v>{value}</v>".encode() for value in (before, after))
        parts[sheet] = parts[sheet].replace(*values)
    return packed(parts)


class TextTests(ReadingTestCase):
    def test_rows_and_their_columns(self) -> None:
        self.assert_cases("""
## a row is a figure with its dimensions in one order
Sex,Age group,Area,Year,Value,Status,Comment
F,Y15T24,KEN,2018,1.7,e,a guess
-> area | period | value | status | comment | dimensions
KEN | 2018 | 1.7 | E | a guess | AGE_GROUP=Y15T24|SEX=F
## NA as a code is Namibia, and as a figure none
iso2,period,value
NA,2018,1
NA,2019,NA
NA,2020,
-> area | period | value | status
NA::iso2 | 2018 | 1 | -
NA::iso2 | 2019 | None | O
## indicator, unit, source and words are no dimensions; more than is kept in words
area,year,value,in words,indicator,unit,source
KEN,2018,,some,I,%,S
KEN,2018,> 150,,I,%,S
-> value | text | status | dimensions | indicator | unit | source
None | some | - | - | I | % | S
None | > 150 | - | - | I | % | S
## the label of a status and of a unit stands beside its code, and another status may too
iso3,year,value,obs_status,Observation status,unit measure,Unit of measure,status
KEN,2018,5,E,Estimated,PT,Percent,
KEN,2019,5,,,PT,Percent,final
-> status | unit | unit_words | dimensions
E | PT | Percent | -
- | PT | Percent | STATUS=final
## two notes are one comment
area,year,value,note,footnote
KEN,2018,5,one,two
-> comment
one; two
## a missing figure is never 0
area,year,value,status
KEN,2018,,
KEN,2019,,M
KEN,2020,..,
KEN,2021,0,
KEN,2022,5,M
-> period | value | status
2019 | None | M
2020 | None | O
2021 | 0 | -
! The row has a value and the status of a missing value.
## a letter behind numbers alone is a comment, whatever it means
area,2018,2019
KEN,45.5 F,..
NAM,7,0 N
-> value | status | comment
45.5 | - | F
None | O | -
7 | - | -
0 | - | N
## but none that stands for thousands or millions
area,2018,2019
KEN,45.5 M,6
NAM,7,0
-> value
! “45.5 M” contains more than a number
6
7
0
## neither beside another word
area,year,value
KEN,2018,45.5 F
KEN,2019,few
KEN,2020,5
-> value
! “45.5 F” contains more than a number
! “few” is not a number
5
## bounds in brackets are a comment
area,2018,2018*
KEN,3.1 [1.0-7.1],..
-> value | comment
3.1 | [1.0-7.1]
None | *
## a percent sign behind all numbers is their unit
area,2018,2019
KEN,"12,5 %",..
NAM,<1%,0 %
-> value | text | unit
12.5 | - | %
None | - | %
None | <1 | %
0 | - | %
## a table of years
area;sex;2018;2019-Q1
KEN;F;1,5;
NA;;2,25;3
-> code | period | value | dimensions
KEN | 2018 | 1.5 | SEX=F
NA | 2018 | 2.25 | -
NA | 2019-Q1 | 3 | -
## two columns of one meaning
area,country,year,value
KEN,Kenya,2018,5
!! Line 1: Which column is “Area”? Choose one: “area”, “country”.
## two columns of values that are named so
area,year,value,obs value
KEN,2018,5,6
!! Which column is “Value”? Choose one: “value”, “obs value”.
""")

    def test_headers_of_areas(self) -> None:
        for header, line, place in (
            ("country,year,value", "KEN", "KEN"),
            ("iso3,time,obs_value", "KEN", "KEN::iso3"),
            ("REF_AREA,TIME_PERIOD,OBS_VALUE", "KEN", "KEN"),
            ("geo,date,Value", "KEN", "KEN"),
            ("Country code,Period,VALUE", "KEN", "KEN"),
            ("country,iso3,year,value", "Kenya,KEN", "KEN:Kenya:iso3"),
            ("name,iso2,year,value", "Namibia,NA", "NA:Namibia:iso2"),
            ("m49,name,year,value", "4,Afghanistan", "004:Afghanistan:m49"),
            ("country name,iso3,year,value", "All,", ":All"),
        ):
            with self.subTest(header):
                found = rows(f"{header}\n{line},2018,5\n")
                self.assert_rows(found, ["area", "period", "value"], [f"{place} | 2018 | 5"])

    def test_numbers_by_the_mark_that_is_said_or_certain(self) -> None:
        self.assert_cases(f"""
## nothing is said: one cell that is certain decides for all
{MARKS}-> value
200000000
1.7
1.234
1234
## where no cell is, or cells contradict each other, none is guessed
area;year;value;numerator
A;2018;1,234;1,7
A;2019;1.234;1.7
A;2020;5;<2.5
-> value
! Line 2: value: “1,234” {AMBIGUOUS}
! Line 3: value: “1.234” {AMBIGUOUS}
! Line 4: “<2.5” contains more than a number
## a comma
{MARKS}-> value where decimal=,
200000000
1.7
1.234
1234
## a point
{MARKS}-> value where decimal=.
! Line 2:
! Line 3:
1234
1.234
## a bar separates where the header has nothing else that could
area|year|value
KEN|2018|1,5
-> value
1.5
## else it is part of a name
area,year,value,a|b
KEN,2018,1,x
-> dimensions
A_B=x
""")
        for mark in ",;\t|":
            data = f"area{mark}year{mark}value\nKEN{mark}2018{mark}1.5\n"
            self.assertEqual(figure(data).value, Decimal("1.5"), mark)
        utf16 = "area\tyear\tvalue\nCôte d'Ivoire\t2018\t1,5\n".encode("utf-16")
        self.assertEqual(figure(utf16).area.code, "Côte d'Ivoire")

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
            ("KEN,2018,5", "The row has 3 cells, the header has 6"),
            ("KEN,2018,5,,,,x", "The row has 7 cells, the header has 6"),
            ("KEN,2018,5,," + "c" * 120_000 + ",", "longer than 100000 characters"),
            # What is no flag behind a value stays an error.
            ("KEN,2018,12.3 c,,,", "confidential"),
            ("KEN,2018,12.3 m,,,", "contains more than a number"),
            ("KEN,2018,12.3 bn,,,", "contains more than a number"),
            ("KEN,2018,.ab,,,", "is not a number"),
            ("KEN,2018,12.3 e,P,,", "The status and the flags behind the value differ."),
        ):
            with self.subTest(line[:40]):
                found = rows(f"{','.join(NAMES)}\n{line}\nKEN,2019,6,,,\n")
                self.assertRegex(str(found[0]), f"Line 2: .*{words}")
                self.assertEqual(found[1].value, 6)

    def test_of_a_file_of_this_tracker_too(self) -> None:
        for cells, words in ((",women,5,", "is not a dimension"), (",,5,sure", "not a valid qual")):
            found = rows(f"area_code,period,dimensions,value,marks\nTCD,2018{cells}\n")
            self.assertIn(words, str(found[0]))

    def test_marks_of_absence_and_flags_behind_a_value(self) -> None:
        # R: write.csv; SAS and Stata: PROC EXPORT, export delimited; pandas: to_csv(na_rep=…).
        absent = ("NA", "NaN", ".", ".a", "._", ":", "..", "#N/A", "<NA>", "n/a", "[x]", "–")
        for cell, value, code, comment in (
            *((mark, None, "O", "") for mark in absent),
            # As the tables of Eurostat have them.
            ("12.3 e", "12.3", "E", ""),
            ("12.3bp", "12.3", "B", "Provisional"),
            ("1 234.5 p", "1234.5", "P", ""),
            (": c", None, "Q", ""),
            (":z", None, "M", "Not applicable"),
            (": u", None, "O", "Low reliability"),
        ):
            with self.subTest(cell):
                found = figure(f"geo\tyear\tvalue\nNA\t2018\t{cell}\n")
                self.assertEqual((found.area.code, found.obs_status), ("NA", code))
                self.assertEqual(found.value, value and Decimal(value))
                self.assertEqual(found.comment, comment)

    @settings(max_examples=times(40, 500))
    @given(lines=st.lists(FIGURES, min_size=1, max_size=8))
    def test_what_is_written_is_read_back(self, lines: list[dict[str, object]]) -> None:
        data = written(lines)
        for encoded in (data.encode(), *spelt(data), written(lines, ";").encode()):
            found = figures(encoded, decimal=".")
            self.assertEqual(len(found), len(lines))
            for row, line in zip(found, lines, strict=True):
                self.assertEqual(row.value, line["value"])
                self.assertEqual(
                    (row.area.code, row.period, row.obs_status, row.comment),
                    (line["area"], line["period"], line["status"], line["comment"]),
                )
                self.assertEqual(row.dimensions, f"SEX={line['sex']}" if line["sex"] else "")


class ValueColumnTests(ReadingTestCase):
    def test_the_only_column_of_numbers_holds_the_values(self) -> None:
        data = "country,year,sex,share online\nNA,2018,F,1.5\nKE,2018,M,NA\n"
        file = opened(data)
        self.assertEqual(file.format, "long")
        self.assertEqual(file.why, "“share online” is the column of the values.")
        self.assert_cases(f"""
## the only column of numbers
{data}-> code | value | dimensions | indicator
NA | 1.5 | SEX=F | share online
KE | None | SEX=M | share online
## one that is named as values are
country,year,value
NA,2018,5
-> indicator where value_column=value
-
## of which one says nothing of what is measured
Comunidades y Ciudades;Sexo;Periodo;Total
Aragón;Mujeres;2018;5
-> area.name | value | dimensions | indicator where has_area=1; has_codes=1
Aragón | 5 | SEXO=Mujeres | -
## of several the one that is chosen: the others are no dimensions
{TWO}-> value | dimensions | indicator where value_column=people
7 | SEX=F | people
8 | SEX=F | people
## in a plain table by any spelling
{TWO}-> value | dimensions where format=long; value_column=People
7 | SEX=F
8 | SEX=F
## or none such
{TWO}!! “none such” where format=long; value_column=none such
## headers that signs tell apart
{SIGNS}!! Choose one: “Jobless”, “Jobless %”
## of which one is stated with them
{SIGNS}-> value | dimensions | comment where value_column=Jobless %
5.5 | - | -
## a header that is a sign
area,period,number,%
A,2018,500,5.5
-> value where value_column=%
5.5
## one period of all rows is stated
area,people
A,5
-> period | value where period=2018
2018 | 5
## which a column of periods has itself
area,year,people
A,2017,5
-> period | value where period=2018
2017 | 5
## or none at all
{TWO}!! Choose one: “gdp”, “people” where format=long
## without a number it is no table of values
country,year,sex
NA,2018,F
!! The format is not recognised
## nor without a row
country,year,sex
!! The format is not recognised
## where no column has areas, all others have numbers
DATE,UNRATE
2018-01-01,5.3
-> code | period | value
- | 2018-01-01 | 5.3
## so that countries in a column that no reader knows are no parts of one area
Land,Art,year,share
Tschad,a,2018,5
!! Which column is “Area”? Choose one: “Land”, “Art”. Or choose the area that the file is about.
## nor where it is said to be one
area,year,sex
KEN,2018,F
!! Which column is “Value”? Choose one: “sex”. where format=long
""")
        with self.assertRaises(SeveralColumns) as refused:
            figures(TWO)
        self.assertEqual(refused.exception.columns, ("gdp", "people"))

    def test_all_cells_decide_what_a_column_is_and_its_decimal_mark(self) -> None:
        """One of three decimals, one that is no number, or very many empty ones hide no column."""
        empty = "".join(f"A{n},2018,\n" for n in range(300))
        for cells, values in (
            ("A,2018,32.81673\nB,2018,8.125\n", ["32.81673", "8.125"]),
            (f"{empty}A,2019,1.234\nB,2019,1.25\n", ["1.234", "1.25"]),
            ("A,2018,about 5\nB,2018,1.5\nC,2018,2.5\n", ["1.5", "2.5"]),
            ('A,2018,"1,5"\nB,2018,"1.234,5"\nC,2018,"2,125"\n', ["1.5", "1234.5", "2.125"]),
        ):
            with self.subTest(values):
                file = opened(f"country,year,rate\n{cells}")
                found = [row for row in file.rows if isinstance(row, FigureRow)]
                self.assertEqual([str(row.value) for row in found], values)
                mark = "Comma: 1,7" if '"' in cells else "Point: 1.7"
                self.assertIn(f"Decimal mark: {mark}", file.notes)
        stated = figures('country,year,rate\nA,2018,"1.234"\n', decimal=",")
        self.assertEqual([row.value for row in stated], [1234])
        # A column of years is one column of values: what one of them shows holds for all.
        wide = figures("country;2018;2019\nA;1.234;1.5\nB;2.345;3\n")
        self.assertEqual([str(row.value) for row in wide], ["1.234", "1.5", "2.345", "3"])

    def test_what_comes_after_the_sample_is_told_by_its_line(self) -> None:
        lines = "".join(f"A{n},2018,{n}\n" for n in range(250))
        [told] = rejections(f"country,year,share\n{lines}B,2018,about 5\n")
        self.assertIn("Line 252: ", told)

    def test_a_file_of_datapoints_is_named_for_what_it_holds(self) -> None:
        """DDF-CSV, by the rules of open-numbers.github.io."""
        self.assert_cases("""
## one column
geo,time,income_per_person
nam,2018,5
ken,2019,6.5
-> code | period | indicator where name=ddf--datapoints--income_per_person--by--geo--time.csv
nam | 2018 | income_per_person
ken | 2019 | income_per_person
## the name tells it among several
geo,time,rank,income_per_person
nam,2018,1,5
-> value where name=ddf--datapoints--income_per_person--by--geo--time.csv
5
## another name does not
geo,time,rank,income_per_person
nam,2018,1,5
!! Choose one: “rank”, “income_per_person” where name=datapoints.csv
""")


FLOWS = "Year,Country of origin,Country of asylum,Country of asylum (ISO),n\n" + "".join(
    f"2018,{of},{to},{iso},{n}\n"
    for n, (of, to, iso) in enumerate(
        [("Chad", "Kenya", "KEN"), ("Mali", "Kenya", "KEN"), ("Chad", "Namibia", "NAM")]
    )
)
CODED = """Nr;Beroep;Perioden;Loon
0;10;2018MM01;7,5
1;20;2018MM01;8,5
2;10;2018JJ00;9
3;20;2018JJ00;8
"""
DAYS = "data;valor\n01/02/2018;5\n"


class StatedColumnTests(ReadingTestCase):
    def test_a_stated_column_is_that_of_its_role_whatever_headers_say(self) -> None:
        self.assert_cases(f"""
## the code or the name that begins alike is read beside it; other areas are parts
{FLOWS}-> area | value | dimensions where area_column=Country of asylum
KEN:Kenya:iso3 | 0 | COUNTRY_OF_ORIGIN=Chad
KEN:Kenya:iso3 | 1 | COUNTRY_OF_ORIGIN=Mali
NAM:Namibia:iso3 | 2 | COUNTRY_OF_ORIGIN=Chad
## from either of them
{FLOWS}-> area where area_column=Country of asylum (ISO)
KEN:Kenya:iso3
KEN:Kenya:iso3
NAM:Namibia:iso3
## without one it is asked, and which there are
{FLOWS}!! Which column is “Area”? Choose one: “Country of origin”, “Country of asylum”
## a header that there is not
{FLOWS}!! The column “Country” is missing. where area_column=Country
## of two areas one
area,country,year,value
Chad,Kenya,2018,5
-> area | dimensions where area_column=country
Kenya | AREA=Chad
## which is no question where they name the same
country,economy,year,value
A,AA,2018,1
B,BB,2018,2
C,CC,2018,3
D,DD,2018,4
-> area.name | value
AA | 1
BB | 2
CC | 3
DD | 4
## nor are columns with the same periods
area,Year,Time,value
Chad,2018,2018,5
-> period | dimensions
2018 | -
## of other periods one
area,Year,Time,value
Chad,2018,2019,5
-> period | dimensions where period_column=Time
2019 | YEAR=2018
## an area for all rows; numbers that tell rows apart are codes, others are not read
{CODED}-> period | value | dimensions where has_area=1; period_column=Perioden; value_column=Loon
2018-01 | 7.5 | BEROEP=10
2018-01 | 8.5 | BEROEP=20
2018 | 9 | BEROEP=10
2018 | 8 | BEROEP=20
## what is no area is a part of the stated one
Goods,2018,2019
All,1,2
-> area | value | dimensions where has_area=1
- | 1 | GOODS=All
- | 2 | GOODS=All
## a day in figures needs its order
{DAYS}-> period where has_area=1; period_column=data
! Line 2: data: “01/02/2018” is ambiguous: numeric dates: state if the day or the month
## which is that of the file
{DAYS}-> period where has_area=1; period_column=data; date_order=day_first
2018-02-01
## and with the frequency of a month
{DAYS}-> period where has_area=1; period_column=data; date_order=day_first; frequency=M
2018-02
## whose months or quarters need no mark
area,period,value
A,201806,1
A,2018/07,1
A,2018.10,1
A,2018.1,1
A,2018T2,2
-> period where frequency=M
2018-06
2018-07
2018-10
! “2018.1” is ambiguous
! “2018T2” is ambiguous
## years whose second one could be a month are none, unless that is stated
area,period,value
A,2008-09,1
A,2009–10,2
-> period
! “2008-09” is ambiguous. State the frequency.
! “2009–10” is ambiguous. State the frequency.
## as months
area,2008-09,2009-10
A,1,2
-> period where frequency=M
2008-09
2009-10
## one other month shows that all are
area,period,value
A,2008-09,1
A,2008-10,2
-> period
2008-09
2008-10
## which is asked for
area,period,value
A,201806,1
A,2018T2,2
-> period
! “201806” is ambiguous. State the frequency.
! “2018T2” is ambiguous. State the frequency.
""")
        # A column of codes of which one is chosen is none of values.
        parts = {"kept": frozenset({"AGE"}), "has_area": True}
        [young] = figures("age,year,Total,Men\n10,2018,5,2\n", value_column="Total", **parts)
        self.assertEqual(young.dimensions, "AGE=10")
        # Codes of two columns tell rows apart together, the first ones where a value is chosen.
        codes = [f"KEN,2018,{sex},{age},{age * sex},7" for sex in (1, 2) for age in (0, 1, 2)]
        coded = "\n".join(("country,year,sex,age,people,share", *codes, ""))
        found = figures(coded, value_column="people")
        self.assertEqual(
            [(str(row.value), row.dimensions) for row in found[3:]],
            [("0", "AGE=0|SEX=2"), ("2", "AGE=1|SEX=2"), ("4", "AGE=2|SEX=2")],
        )
        [left] = figures(SIGNS, unread=("Jobless %",))
        self.assertEqual(left.value, 500)
        unread = figures("area,year,value,status\nA,2018,5,RA\n", unread=("Status",))
        self.assertEqual([(row.value, row.obs_status) for row in unread], [(5, "")])
        with self.assertRaises(OpenColumn) as asked:
            figures(FLOWS)
        self.assertEqual(asked.exception.headers[1], "Country of origin")


class HeaderTests(ReadingTestCase):
    def test_a_header_says_more_than_a_role_or_says_it_twice(self) -> None:
        self.assert_cases("""
## a series before the year
iso3,le_f_2018,le_f_2019,mmr_2018,mmr_2019
TCD,1,,3,4
-> code | period | value | indicator
TCD | 2018 | 1 | le_f
TCD | 2018 | 3 | mmr
TCD | 2019 | 4 | mmr
## a year that a program made a name
iso3,X2018,X2019
TCD,1,2
-> period | value | indicator
2018 | 1 | -
2019 | 2 | -
## one year is part of a name
iso3,rank_2018
TCD,1
!! The format is not recognised
## two columns of units
area,period,units,unit measure,value
A,2018,of women,%,1
A,2019,%,%,2
-> value | unit | dimensions
1 | % | UNITS=of women
2 | % | -
## a header twice that no role needs
area,period,value,Rural access,Rural access
A,2018,1,2,3
-> value | dimensions
1 | RURAL_ACCESS=2|RURAL_ACCESS_5=3
## of columns of values one is chosen by its place
Entity,Code,Year,Rural access,Rural access
Chad,TCD,2018,2,3
-> value | indicator where value_column=Rural access (5)
3 | Rural access (5)
## or by its name, the first
Entity,Code,Year,Rural access,Rural access
Chad,TCD,2018,2,3
-> value where value_column=Rural access
2
## a header twice that is needed
area,period,period,value
A,2018,2019,1
!! Line 1: Which column is “Period”? Choose one: “period”, “period (3)”.
""")


class PeriodTests(ReadingTestCase):
    def test_the_year_in_the_name_of_the_file(self) -> None:
        for name in ("internet-2019.csv", "2019.csv", "Use of 2019 (final).csv", "x_2019_v2.csv"):
            file = opened("country,value\nNA,5\n", name=name)
            self.assertEqual([found.period for found in file.rows], ["2019"], name)
            self.assertIn("The period 2019 is that of the name of the file.", file.why)
        for name in ("", "data.csv", "2019-2020.csv", "export-2024-05-01.csv", "20190501.csv"):
            told = fault("country,value\nNA,5\n", name=name)
            self.assertIn("The format is not recognised", told, name)
        told = fault("country,seen,sex,value\nNA,May 2018,F,5\n", name="x-2019.csv")
        self.assertIn("Which column is “Period”? Choose one: “seen”.", told)
        stated = figure("country,year,value\nNA,2018,5\n", name="x-2019.csv")
        self.assertEqual(stated.period, "2018")

    def test_the_name_of_the_sheet_comes_first(self) -> None:
        file = opened(
            xlsx_bytes({"2018": [["country", "share"], ["NA", 5]]}), name="book 2024.xlsx"
        )
        [found] = file.rows
        self.assertEqual((found.period, found.value, found.indicator), ("2018", 5, "share"))
        self.assertIn("that of the name of the sheet", file.why)


class WorkbookTests(ReadingTestCase):
    """Workbooks and tables as offices save them, with a page of notes or a title."""

    NOTES = (("Source", "Office"), ("Updated", "2024"))
    TABLE = (("area", "period", "value"), ("KEN", "2018", 5))

    def test_a_title_above_the_headings_is_told(self) -> None:
        file = opened("Internet users\n\narea,period,value\nKEN,2018,5\n")
        self.assertEqual([row.value for row in file.rows], [5])
        told = "Row 1 above the column headings is not read: “Internet users”."
        self.assertEqual(file.notes, [told])
        self.assertIn("The format is not recognised", fault("a title\nalone\n"))

    def test_the_one_sheet_with_values_is_read_or_one_is_chosen(self) -> None:
        file = opened(xlsx_bytes({"Notes": self.NOTES, "Values": self.TABLE}))
        self.assertEqual([row.sheet for row in file.rows], ["Sheet “Values”"])
        self.assertIn("Sheet “Notes” is not read.", file.notes)
        two = xlsx_bytes({"Notes": self.NOTES, "Values": self.TABLE, "Shares": self.TABLE})
        told = "Several sheets have values. Choose one: “Values”, “Shares”."
        self.assertEqual(fault(two), told)
        self.assertEqual(figure(two, options=ReadOptions(sheet="Shares")).sheet, "Sheet “Shares”")
        self.assertIn("Sheet “Notes”", fault(xlsx_bytes({"Notes": self.NOTES, "More": self.NOTES})))

    def test_cells_are_read_as_they_are_stored(self) -> None:
        book = Workbook()
        sheet = book.active
        sheet.append(["area", "period", "value"])
        for period, value in (
            *((2018, 0.1), ("2018-Q3", 12.3456), (date(2018, 6, 30), 1e-7)),
            *((2019, 19.5), (2020, 20.5), (2021, 21.5)),
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
        refused = (
            (("KEN", 2018, 0.57, None), "“57.00%” has a percent"),
            (("KEN", 2018, "=C2*100", None), "a formula"),
            (("KEN", 2018, 5, "=A1"), "a formula"),
            (("KEN", "=B2", 5, None), "a formula"),
            (("KEN", 2018, date(2018, 1, 1), None), "not a number"),
            (("KEN", 2018, True, None), "True"),
        )
        for line, _words in refused:
            sheet.append(line)
        sheet["C2"].number_format = '#,##0.0" of all"\\ %'
        sheet.append(["KEN", date(2018, 1, 1), 5, "F"])
        told = [f"! Sheet “Data”: Line {n}: " for n in range(2, 8)]
        found = rows(saved(book))
        self.assert_rows(found, ["period"], [*told, "2018-01-01"])
        for row, (_line, words) in zip(found, refused, strict=False):
            self.assertIn(words, str(row))
