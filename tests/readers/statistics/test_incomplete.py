"""Plain tables that leave the column of values or the period to be found. All is made up."""

from unittest import TestCase

from recommendations.readers.statistics import SeveralColumns
from tests.imports.files import xlsx_bytes
from tests.readers.statistics.files import fault, figure, figures, opened, rejections


class ValueColumnTests(TestCase):
    def test_the_only_column_of_numbers_holds_the_values(self) -> None:
        data = "country,year,sex,share online\nNA,2018,F,1.5\nKE,2018,M,NA\n"
        file = opened(data)
        found = list(file.rows)
        named = figure("country,year,value\nNA,2018,5\n", value_column="value")
        self.assertEqual(named.indicator, "")
        self.assertEqual(
            (file.format, file.why), ("long", "“share online” is the column of the values.")
        )
        self.assertEqual(
            [(row.area.code, row.value, row.dimensions, row.indicator) for row in found],
            [
                ("NA", found[0].value, "SEX=F", "share online"),
                ("KE", None, "SEX=M", "share online"),
            ],
        )
        self.assertEqual(str(found[0].value), "1.5")

    def test_of_several_one_is_chosen_and_the_others_are_no_dimensions(self) -> None:
        data = "country,year,sex,gdp,people\nNA,2018,F,5,7\nKE,2018,F,,8\n"
        with self.assertRaises(SeveralColumns) as refused:
            figures(data)
        self.assertEqual(refused.exception.columns, ("gdp", "people"))
        found = figures(data, value_column="people")
        self.assertEqual(
            [(row.value, row.dimensions) for row in found], [(7, "SEX=F"), (8, "SEX=F")]
        )
        self.assertEqual({row.indicator for row in found}, {"people"})

    def test_without_a_number_it_is_no_table_of_values(self) -> None:
        for data in ("country,year,sex\nNA,2018,F\n", "country,year,sex\n"):
            self.assertIn("The format is not recognised", fault(data))

    def test_what_comes_after_the_sample_is_told_by_its_line(self) -> None:
        rows = "".join(f"A{n},2018,{n}\n" for n in range(250))
        told = rejections(f"country,year,share\n{rows}B,2018,about 5\n")
        self.assertEqual(len(told), 1)
        self.assertIn("Line 252: ", told[0])


class DdfTests(TestCase):
    """DDF-CSV, by the rules of open-numbers.github.io: the file is named for what it holds."""

    NAME = "ddf--datapoints--income_per_person--by--geo--time.csv"

    def test_a_file_of_datapoints(self) -> None:
        data = "geo,time,income_per_person\nnam,2018,5\nken,2019,6.5\n"
        found = figures(data, name=self.NAME)
        self.assertEqual([row.area.code for row in found], ["nam", "ken"])
        self.assertEqual([row.period for row in found], ["2018", "2019"])
        self.assertEqual({row.indicator for row in found}, {"income_per_person"})

    def test_the_name_tells_the_column_among_several(self) -> None:
        data = "geo,time,rank,income_per_person\nnam,2018,1,5\n"
        self.assertEqual(figure(data, name=self.NAME).value, 5)
        with self.assertRaises(SeveralColumns):
            figure(data, name="datapoints.csv")


class PeriodTests(TestCase):
    def test_the_year_in_the_name_of_the_file(self) -> None:
        data = "country,value\nNA,5\n"
        for name in ("internet-2019.csv", "2019.csv", "Use of 2019 (final).csv", "x_2019_v2.csv"):
            with self.subTest(name):
                file = opened(data, name=name)
                [found] = file.rows
                self.assertEqual(found.period, "2019")
                self.assertIn("The period 2019 is that of the name of the file.", file.why)

    def test_what_is_no_year_or_not_one_is_none(self) -> None:
        for name in ("", "data.csv", "2019-2020.csv", "export-2024-05-01.csv", "20190501.csv"):
            with self.subTest(name):
                self.assertIn(
                    "The format is not recognised", fault("country,value\nNA,5\n", name=name)
                )

    def test_the_name_of_the_sheet_comes_first(self) -> None:
        data = xlsx_bytes({"2018": [["country", "share"], ["NA", 5]]})
        file = opened(data, name="book 2024.xlsx")
        [found] = file.rows
        self.assertEqual((found.period, found.value, found.indicator), ("2018", 5, "share"))
        self.assertIn("that of the name of the sheet", file.why)

    def test_a_column_of_periods_counts(self) -> None:
        self.assertEqual(
            figure("country,year,value\nNA,2018,5\n", name="x-2019.csv").period, "2018"
        )
