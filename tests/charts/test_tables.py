"""The table beside every chart: the same data, exact, with empty cells for what is missing."""

from decimal import Decimal

from django.test import SimpleTestCase

from tests.charts.examples import (
    EVERY,
    RANKING,
    REGIONS,
    SEVERAL,
    TOWARDS_TARGET,
    lines,
    point,
    series,
    years,
)
from tests.charts.reading import table_rows


class TableTests(SimpleTestCase):
    def test_every_row_is_as_long_as_the_header(self):
        for name, (_draw, data) in EVERY.items():
            with self.subTest(name):
                table = data.table()
                self.assertTrue(all(len(row) == len(table.header) for row in table.rows))

    def test_a_line_has_its_target_in_the_table_and_an_empty_cell_for_what_is_missing(self):
        self.assertEqual(
            list(table_rows(TOWARDS_TARGET)),
            [
                ["Period", "Field", "Value", "Note"],
                ["2017", "baseline", "31", ""],
                ["2017", "value", "31", ""],
                ["2018", "value", "34", ""],
                ["2019", "value", "38", "imputed"],
                ["2020", "value", "", ""],
                ["2021", "value", "47", "series break"],
                ["2022", "value", "50", "estimated"],
                ["2023", "value", "52", "provisional"],
                ["2027", "target", "70", ""],
            ],
        )

    def test_several_series_are_named(self):
        rows = list(table_rows(SEVERAL))
        self.assertEqual(rows[0], ["Period", "Series", "Field", "Value", "Note"])
        self.assertIn(["2019", "中亚", "value", "", ""], rows)

    def test_a_page_gets_numbers_and_none(self):
        table = lines(years(3, None)).table()
        self.assertEqual([row[2] for row in table.rows], [Decimal(3), None])

    def test_no_digit_is_lost(self):
        digits = "12345678901234567.123456"
        rows = list(table_rows(lines(years(digits, "1e15", "1e-9"))))
        self.assertEqual([row[2] for row in rows[1:]], [digits, "1000000000000000", "0.000000001"])

    def test_marks_are_words(self):
        marked = point("2018", 1, status="P", is_lower_bound=True, is_approximate=True)
        (_header, row) = table_rows(lines(series(marked)))
        self.assertEqual(row[3], "provisional, at least, approximate")

    def test_a_value_under_a_missing_mark_is_not_given(self):
        (_header, row) = table_rows(lines(series(point("2018", 0, status="M"))))
        self.assertEqual(row, ["2018", "value", "", "missing"])

    def test_ranges(self):
        rows = list(table_rows(REGIONS))
        self.assertEqual(
            rows[0],
            [
                *("Region", "Period", "Areas with data", "Countries and regions", "Lowest"),
                *("Lower quartile", "Median", "Upper quartile", "Highest"),
            ],
        )
        self.assertEqual(rows[1], ["South Asia", "2022", "8", "9", "10", "22", "35", "51", "80"])
        self.assertEqual(rows[2], ["South Asia", "2023", "0", "9", "", "", "", "", ""])

    def test_rankings(self):
        rows = list(table_rows(RANKING))
        self.assertEqual(rows[1], ["Bhutan", "86", "approximate"])
        self.assertEqual(rows[-1], ["Maldives", "", ""])
