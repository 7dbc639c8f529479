"""The two layouts for the Sustainable Development Goals. All figures are made up."""

from decimal import Decimal
from unittest import TestCase

from recommendations.readers.statistics import AreaCodeList, AreaReference
from tests.readers.statistics.files import fault, figure, figures, opened, rejections, spelt

UN = (
    "Goal,Target,Indicator,SeriesCode,SeriesDescription,GeoAreaCode,GeoAreaName,TimePeriod,Value,"
    "Time_Detail,TimeCoverage,UpperBound,LowerBound,BasePeriod,Source,GeoInfoUrl,FootNote,"
    "[Age],[Nature],[Observation Status],[Reporting Type],[Sex],[Units]\n"
)


def un(value: str, nature: str = "C", status: str = "A", note: str = "", code: str = "516") -> str:
    return (
        f"9,9.c,9.c.1,MA_DE_UP,Made up,{code},Namibia,2018,{value},2018,,,,,Office,,{note},"
        f"15+,{nature},{status},G,FEMALE,PERCENT\n"
    )


class GlobalDatabaseTests(TestCase):
    def test_a_row(self) -> None:
        data = UN + un("1.234", note="a note")
        found = figure(data)
        self.assertEqual(opened(data).format, "un_sdg")
        self.assertEqual(found.area, AreaReference("516", "Namibia", AreaCodeList.M49))
        self.assertEqual((found.period, found.value), ("2018", Decimal("1.234")))
        self.assertEqual((found.obs_status, found.comment), ("A", "a note"))
        self.assertEqual(found.dimensions, "AGE=15+|REPORTING_TYPE=G|SEX=FEMALE")
        self.assertEqual((found.indicator, found.unit), ("MA_DE_UP", "PERCENT"))
        self.assertEqual(found.source, "Office")

    def test_ends_of_lines_and_marks_of_encodings_change_nothing(self) -> None:
        for data in spelt(UN + un("5")):
            self.assertEqual(figures(data), figures(UN + un("5")))

    def test_codes_of_places_get_their_zeros_back(self) -> None:
        self.assertEqual(figure(UN + un("5", code="4")).area.code, "004")

    def test_the_nature_of_a_figure(self) -> None:
        for nature, status, expected in (
            ("E", "", ("E", "")),
            ("E", "A", ("E", "")),
            ("E", "Normal value", ("E", "")),
            ("M", "A", ("E", "Modelled")),
            ("CA", "", ("", "Country data, adjusted")),
            ("E", "P", ("P", "")),
            ("NA", "A", ("A", "")),
            ("X", "", ("", "Nature: X")),
        ):
            with self.subTest(nature, status=status):
                found = figure(UN + un("5", nature, status))
                self.assertEqual((found.obs_status, found.comment), expected)

    def test_marks_that_stand_for_no_figure(self) -> None:
        for value in ("NaN", "N", "nan"):
            found = figure(UN + un(value))
            self.assertEqual((found.value, found.obs_status), (None, "O"))
        self.assertEqual(figures(UN + un("") + un("5"))[0].value, 5)

    def test_less_than_is_kept_in_words(self) -> None:
        found = figure(UN + un("<2.5"))
        self.assertEqual((found.value, found.text), (None, "<2.5"))

    def test_what_cannot_be_read_is_told(self) -> None:
        told = rejections(UN + un("about 5") + un("5", code="").replace("Namibia", "") + "9,9.c\n")
        for line, (row, words) in enumerate(
            zip(
                told,
                ("more than a number", "The row does not state an area.", "cells"),
                strict=False,
            ),
            start=2,
        ):
            self.assertIn(f"Line {line}: ", row)
            self.assertIn(words, row)
        self.assertEqual(len(told), 3)
        self.assertIn("The file has a header but no rows.", fault(UN))


class OpenSdgTests(TestCase):
    def test_a_blank_is_the_total_and_the_file_is_about_one_place(self) -> None:
        data = "Year,Sex,Age,Units,Value\n2018,,,Percent,1.234\n2018,Female,15 to 24,Percent,5\n"
        file = opened(data)
        found = list(file.rows)
        self.assertEqual(file.format, "open_sdg")
        self.assertEqual(
            [(row.area, row.period, str(row.value), row.dimensions, row.unit) for row in found],
            [
                (AreaReference(), "2018", "1.234", "", "Percent"),
                (AreaReference(), "2018", "5", "AGE=15 to 24|SEX=Female", "Percent"),
            ],
        )

    def test_parts_of_the_country_have_codes_of_their_own(self) -> None:
        data = "Year,Country,Series,Observation status,GeoCode,Value\n2018,North,S1,E,X001,5\n"
        found = figure(data)
        self.assertEqual(
            found.area, AreaReference("X001", "North", AreaCodeList.OWN, described_by=("COUNTRY",))
        )
        self.assertEqual((found.indicator, found.obs_status), ("S1", "E"))
        self.assertEqual(found.dimensions, "COUNTRY=North")

    def test_statuses_by_their_full_names(self) -> None:
        data = "Year,Observation status,Value\n2018,Normal value,5\n2019,Estimated value,6\n"
        found = figures(data + "2020,Undefined,7\n")
        self.assertEqual([row.obs_status for row in found], ["A", "E", ""])
        self.assertEqual(found[2].comment, "Observation status undefined in the source")

    def test_an_empty_value_claims_nothing(self) -> None:
        file = opened("Year,Sex,Value\n2018,,\n2019,,0\n")
        self.assertEqual([(row.period, row.value) for row in file.rows], [("2019", 0)])
        self.assertEqual(file.counts.empty, 1)

    def test_what_cannot_be_read_is_told(self) -> None:
        told = rejections("Year,Sex,Value\n2018,,5 %\nall,,5\n2018\n")
        self.assertEqual([row[:7] for row in told], ["Line 2:", "Line 3:", "Line 4:"])
        self.assertIn("The file has a header but no rows.", fault("Year,Sex,Value\n"))


class WideTests(TestCase):
    """Tables with years, or with parts, as columns."""

    def test_years_of_the_global_database(self) -> None:
        # As the data portal of the UN writes them when years are chosen as columns.
        head = (
            "Goal,Target,Indicator,SeriesCode,SeriesDescription,GeoAreaCode,GeoAreaName,Sex,Units"
        )
        data = f"{head},2018,2019\n9,9.c,9.c.1,MA_DE,Made up,516,Namibia,FEMALE,PERCENT,5,\n"
        file = opened(data)
        [found] = file.rows
        self.assertEqual(file.format, "un_sdg")
        self.assertEqual((found.period, found.value, found.column), ("2018", 5, "2018"))
        self.assertEqual((found.area.code, found.dimensions), ("516", "SEX=FEMALE"))
        self.assertEqual((found.indicator, found.unit), ("MA_DE", "PERCENT"))

    def test_parts_of_open_sdg(self) -> None:
        # The naming of columns of Open SDG's wide data: “all”, category:value, bars between pairs.
        data = "year,all|unit:percent,sex:female|unit:percent,age:15-24|sex:female\n2018,1.5,2,\n"
        file = opened(data)
        found = list(file.rows)
        self.assertEqual(file.format, "open_sdg_wide")
        self.assertEqual(
            [(row.period, row.value, row.dimensions, row.unit) for row in found],
            [("2018", Decimal("1.5"), "", "percent"), ("2018", 2, "SEX=female", "percent")],
        )
        self.assertEqual(file.counts.empty, 1)

    def test_what_is_no_part_is_another_format_or_told(self) -> None:
        self.assertEqual(opened("Year,Sex,Value\n2018,,5\n").format, "open_sdg")
        told = fault("year,all,sex:female:x\n2018,1,2\n", format="open_sdg_wide")
        self.assertIn("is not a part such as sex:female", told)
        self.assertIn("Line 2: sex:f: ", rejections("year,all,sex:f\n2018,1,x\n")[0])
