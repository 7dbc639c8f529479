"""Ranges by region: whiskers, boxes, medians and coverage."""

from django.test import SimpleTestCase

from recommendations.charts import RangesData, range_chart
from tests.charts.examples import REGIONS, frame, spread
from tests.charts.reading import every, read, runs, words


def drawn(*found, **more):
    return read(range_chart(RangesData(ranges=found), frame(**more)))


class RangesTests(SimpleTestCase):
    def test_each_region_has_a_chart_of_its_own_with_its_name(self):
        shown = words(read(range_chart(REGIONS, frame())))
        self.assertIn("South Asia", shown)
        self.assertIn("Central Asia", shown)

    def test_the_box_is_drawn_from_quartile_to_quartile(self):
        root = drawn(spread("A", 2020, 0, 25, 50, 75, 100))
        box, _in_the_key = every(root, "rect", "chart-band")
        levels = [float(line.get("y1")) for line in every(root, "line", "chart-grid")][:5]
        whole = max(levels) - min(levels)
        self.assertAlmostEqual(float(box.get("height")), whole / 2, delta=0.1)

    def test_unknown_quartiles_leave_the_box_out(self):
        root = drawn(spread("A", 2020, 10, None, 20, None, 30))
        self.assertEqual(len(every(root, "rect", "chart-band")), 1)  # the one in the key
        self.assertEqual(len(runs(root)), 2)  # the median here, and the one in the key

    def test_one_area_is_a_point(self):
        root = drawn(spread("A", 2020, 7, None, 7, None, 7, count=1))
        self.assertEqual(len(every(root, "circle")), 1)

    def test_the_line_of_medians_has_a_gap_where_a_year_is_missing(self):
        five = (1, 2, 3, 4, 5)
        known = [spread("A", year, *five) for year in (2018, 2019, 2021, 2022)]
        joined = [run for run in runs(drawn(*known)) if run[0][0] != run[-1][0]]
        missing = spread("A", 2020, None, None, None, None, None, count=0)
        apart = [run for run in runs(drawn(*known, missing)) if run[0][0] != run[-1][0]]
        wide = 30.0
        self.assertEqual(len([run for run in joined if run[-1][0] - run[0][0] > wide]), 1)
        self.assertEqual(len([run for run in apart if run[-1][0] - run[0][0] > wide]), 2)

    def test_a_year_that_only_other_regions_have_is_a_gap(self):
        five = (1, 2, 3, 4, 5)
        found = [spread("A", year, *five) for year in (2018, 2020)]
        root = drawn(*found, *(spread("B", year, *five) for year in (2018, 2019, 2020)))
        lines = [run for run in runs(root) if len(run) > 2]
        self.assertEqual(len(lines), 1)

    def test_coverage_stands_below_each(self):
        shown = words(read(range_chart(REGIONS, frame(width=900))))
        for expected in ("8/9", "0/9", "9/9", "1/5", "2/5", "5/5"):
            with self.subTest(expected):
                self.assertIn(expected, shown)

    def test_the_last_median_is_written(self):
        shown = words(read(range_chart(REGIONS, frame())))
        self.assertIn("40", shown)
        self.assertIn("61", shown)

    def test_a_region_without_figures_says_so(self):
        root = drawn(
            spread("A", 2020, 1, 2, 3, 4, 5), spread("B", 2020, None, None, None, None, None)
        )
        self.assertIn("No data", words(root))
        self.assertIn("B: no data", root[1].text)

    def test_the_description_gives_the_last_medians_with_their_coverage(self):
        self.assertEqual(
            read(range_chart(REGIONS, frame()))[1].text,
            "South Asia: median 40 in 2024, 9 of 9 areas; "
            "Central Asia: median 61 in 2024, 5 of 5 areas.",
        )
