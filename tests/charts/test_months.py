"""Charts by month: what is not known is a hatched gap; another stated date is a step."""

from django.test import SimpleTestCase

from recommendations.charts import columns_chart, slippage_chart, strips_chart
from tests.charts.examples import DONE, STARTED, columns, frame, slippage, strips
from tests.charts.reading import SVG, every, places, read, runs, table_rows


def fields(month) -> list[str]:
    """How the fields of one month are filled."""
    return [box.get("fill", "") for box in month.iter(f"{SVG}rect")]


class MonthsTests(SimpleTestCase):
    def test_a_month_that_is_not_known_is_a_hatched_gap(self):
        data = columns((0, 1, 0), None, (0, 3, 0))
        first, unknown, last = every(read(columns_chart(data, frame())), "g", "chart-month")
        self.assertEqual([fields(first), fields(last)], [["url(#use-some)"]] * 2)
        self.assertEqual(fields(unknown), ["url(#use-hatch)"])
        self.assertEqual(unknown[0].text, "February 2024: no data.")
        heights = [float(month[1].get("height")) for month in (first, last)]
        self.assertAlmostEqual(heights[1], 3 * heights[0], 1)

    def test_counts_stand_in_the_table_and_an_unknown_one_is_no_0(self):
        rows = list(table_rows(columns((1, 0, 2), None)))
        self.assertEqual(
            rows[1:], [["January 2024", "1", "0", "2", "3"], ["February 2024", *[""] * 4]]
        )

    def test_a_strip_has_a_field_for_each_month_and_a_name_for_each_run(self):
        data = strips(None, STARTED, STARTED, STARTED, STARTED, STARTED, DONE)
        chart = read(strips_chart(data, frame()))
        found = [fields(month)[0] for month in every(chart, "g", "chart-month")]
        self.assertEqual(found, ["url(#use-hatch)", *["url(#use-some)"] * 5, "url(#use-full)"])
        self.assertIn(
            "In progress from February 2024, Implemented from July 2024", data.description()
        )


class SlippageTests(SimpleTestCase):
    def test_a_date_is_level_until_another_is_stated(self):
        data = slippage(("2024-02-01", "2025-06-30"), ("2025-05-20", "2026-06-30"))
        (line,) = runs(read(slippage_chart(data, frame())))
        self.assertEqual([line[0][1], line[2][1]], [line[1][1], line[3][1]])
        self.assertEqual(line[1][0], line[2][0])
        self.assertGreater(line[0][1], line[2][1])  # y grows downwards
        self.assertEqual([row[2] for row in table_rows(data)][1:], ["0", "365"])

    def test_without_a_date_there_is_no_line(self):
        data = slippage(
            ("2024-02-01", "2025-06-30"), ("2025-05-20", None), ("2026-01-01", "2027-01-01")
        )
        chart = read(slippage_chart(data, frame()))
        first, second = runs(chart)
        self.assertLess(first[-1][0], second[0][0])
        self.assertEqual(list(table_rows(data))[2][1:], ["No target date", ""])

    def test_dashes_show_where_the_day_of_stating_is_the_stated_date(self):
        data = slippage(("2024-01-01", "2024-01-01"), until="2026-01-01")
        chart = read(slippage_chart(data, frame()))
        (dashes,) = [places(item) for item in every(every(chart, "g", "chart-path")[0], "polyline")]
        (level,) = runs(chart)
        self.assertAlmostEqual(dashes[0][1], level[0][1], 1)
