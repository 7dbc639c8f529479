"""Lines over time: where they run, where they stop, and what is written beside them."""

from decimal import Decimal
from itertools import pairwise

from django.test import SimpleTestCase

from recommendations.charts import line_chart, sparkline
from recommendations.charts.sparkline import HEIGHT, WIDTH
from tests.charts.examples import SEVERAL, TOWARDS_TARGET, frame, goal, lines, point, series, years
from tests.charts.reading import every, read, runs, size, words


def drawn(data, **more):
    return read(line_chart(data, frame(**more)))


def lengths(root) -> list[int]:
    return [len(run) for run in runs(root)]


class GapTests(SimpleTestCase):
    def test_figures_that_follow_each_other_are_joined(self):
        self.assertEqual(lengths(drawn(lines(years(3, 4, 5)))), [3])

    def test_a_missing_figure_is_a_gap_and_is_hatched_never_0(self):
        root = drawn(lines(years(30, 40, None, 50, 45)))
        self.assertEqual(lengths(root), [2, 2])
        self.assertEqual(len(every(root, "rect", "chart-missing")), 1)
        self.assertIn("no data", words(root))
        self.assertNotIn("0", words(root))
        self.assertIn("axis does not start at 0", words(root))

    def test_a_figure_that_is_marked_missing_is_missing_whatever_it_holds(self):
        data = lines(series(point("2018", 3), point("2019", 0, status="M"), point("2020", 5)))
        root = drawn(data)
        self.assertEqual(lengths(root), [])
        self.assertEqual(len(every(root, "circle")), 2)

    def test_without_a_step_years_apart_are_joined(self):
        points = point("2018", 3), point("2021", 5)
        self.assertEqual(lengths(drawn(lines(series(*points)))), [2])

    def test_with_a_step_a_period_without_a_row_is_a_gap(self):
        points = point("2018", 3), point("2019", 4), point("2021", 5), point("2022", 6)
        root = drawn(lines(series(*points, step_months=12)))
        self.assertEqual(lengths(root), [2, 2])
        self.assertEqual(len(every(root, "rect", "chart-missing")), 1)

    def test_a_figure_that_is_somewhat_late_is_not_a_gap(self):
        points = point("2018-01", 3), point("2018-04", 4), point("2018-08", 5)
        self.assertEqual(lengths(drawn(lines(series(*points, step_months=3)))), [3])

    def test_a_series_break_ends_the_line_and_is_marked(self):
        points = point("2018", 3), point("2019", 4), point("2020", 9, status="B"), point("2021", 8)
        root = drawn(lines(series(*points)))
        self.assertEqual(lengths(root), [2, 2])
        self.assertIn("series break", words(root))

    def test_one_figure_is_a_point_and_no_line(self):
        root = drawn(lines(years(150)))
        self.assertEqual(every(root, "polyline"), [])
        self.assertEqual(len(every(root, "circle")), 1)
        self.assertIn("150", words(root))

    def test_a_figure_between_two_gaps_is_a_point(self):
        root = drawn(lines(years(3, 4, None, 9, None)))
        self.assertEqual(lengths(root), [2])
        self.assertEqual(len(every(root, "circle")), 3)

    def test_points_come_in_order_of_time(self):
        self.assertEqual(
            drawn(lines(series(point("2020", 5), point("2018", 3)))).attrib,
            drawn(lines(series(point("2018", 3), point("2020", 5)))).attrib,
        )


class PlaceTests(SimpleTestCase):
    def test_figures_stand_in_the_middle_of_their_period(self):
        data = lines(series(point("2018", 1), point("2018-07-02", 2)))
        (run,) = runs(drawn(data))
        self.assertAlmostEqual(run[0][0], run[1][0], delta=1)

    def test_time_is_to_scale(self):
        (run,) = runs(drawn(lines(series(point("2018", 1), point("2019", 1), point("2023", 1)))))
        self.assertAlmostEqual((run[2][0] - run[1][0]) / (run[1][0] - run[0][0]), 4, delta=0.02)

    def test_a_higher_figure_is_higher(self):
        (run,) = runs(drawn(lines(years("-5", "1e-9", "1e15"))))
        heights = [y for _x, y in run]
        self.assertEqual(heights, sorted(heights, reverse=True))

    def test_equal_figures_are_level_and_inside(self):
        (run,) = runs(drawn(lines(years(7, 7, 7))))
        self.assertEqual(len({y for _x, y in run}), 1)

    def test_the_axis_does_not_begin_at_0_for_its_own_sake(self):
        self.assertNotIn("0", words(drawn(lines(years(91, 95)))))

    def test_missing_figures_have_their_place_on_the_axis(self):
        shown = words(drawn(lines(years(3, 4, None, None))))
        self.assertIn("2021", shown)


class WordTests(SimpleTestCase):
    def test_last_figure_target_and_baseline_are_written_beside_them(self):
        shown = words(drawn(TOWARDS_TARGET))
        for expected in ("52, provisional", "target 70", "baseline 31"):
            with self.subTest(expected):
                self.assertIn(expected, shown)

    def test_what_a_figure_is_worth_is_a_shape_with_its_word(self):
        root = drawn(TOWARDS_TARGET)
        shown = words(root)
        for expected in ("provisional", "estimated", "imputed"):
            with self.subTest(expected):
                self.assertIn(expected, shown)
        group = every(root, "g", "series-1")[-1]
        shapes = [(item.tag, item.get("d"), item.get("class")) for item in group]
        marks = [shape for shape in shapes if not shape[0].endswith("polyline")]
        # Normal, imputed, estimated, provisional, and the first after a break as a normal one.
        self.assertEqual(len(set(marks)), 4)

    def test_a_key_names_only_what_is_there(self):
        self.assertEqual(words(drawn(lines(years(1, 4))))[-1], "4")

    def test_at_least_and_about_are_signs_with_a_word(self):
        data = lines(
            series(point("2018", 120, is_approximate=True), point("2019", 150, is_lower_bound=True))
        )
        shown = words(drawn(data))
        self.assertIn("≥ 150", shown)
        self.assertIn("≈", shown)
        self.assertTrue({"at least", "approximate"} <= set(shown))

    def test_names_stand_beside_the_lines_or_on_a_phone_above_them(self):
        for width in (680, 316):
            with self.subTest(width):
                shown = words(drawn(SEVERAL, width=width))
                self.assertIn("35 South Asia", shown)
                self.assertIn("58 中亚", shown)
                self.assertIn(f"65 \u2068{SEVERAL.series[2].name}\u2069", shown)
                self.assertTrue(any(text.startswith("no data A region") for text in shown))

    def test_each_series_has_a_dash_of_its_own(self):
        root = drawn(lines(*(years(n, n + 1, name=str(n)) for n in range(6))))
        dashes = [
            item.get("stroke-dasharray")
            for item in every(root, "polyline")
            if item.get("stroke-width") == "2.4"
        ]
        self.assertEqual(len(dashes), 6)
        self.assertEqual(len(set(dashes)), 6)

    def test_names_beside_each_other_do_not_overlap(self):
        root = drawn(lines(*(years(50, 50, name=f"Series {n}") for n in range(10))))
        heights = sorted(float(t.get("y")) for t in every(root, "text") if every(t, "tspan"))
        self.assertEqual(len(heights), 10)
        self.assertTrue(all(b - a >= 14 for a, b in pairwise(heights)))

    def test_the_description_says_it_in_one_sentence(self):
        self.assertEqual(
            drawn(TOWARDS_TARGET)[1].text,
            "South Asia: 31 in 2017, then 52 in 2023 (provisional); target 70 in 2027.",
        )

    def test_the_caller_says_how_a_figure_is_written(self):
        data = lines(years(3, "4.25"), number=lambda value: f"{value:.1f} %")
        self.assertIn("4.2 %", words(drawn(data)))

    def test_no_number_is_refused(self):
        for value in ("NaN", "Infinity"):
            with self.subTest(value), self.assertRaisesMessage(ValueError, "give None"):
                point("2018", value)
            with self.subTest(value), self.assertRaisesMessage(ValueError, "give None"):
                goal("2018", value)


class SparklineTests(SimpleTestCase):
    def test_same_gaps_and_its_last_figure_as_what_it_is_worth(self):
        root = read(sparkline(TOWARDS_TARGET, frame()))
        self.assertEqual(lengths(root), [3, 3])
        self.assertEqual(every(root, "circle")[-1].get("class"), "chart-open")
        self.assertEqual(words(root), [])

    def test_it_has_one_size(self):
        for width in (316, 680):
            root = read(sparkline(TOWARDS_TARGET, frame(width=width)))
            self.assertEqual(size(root), (WIDTH, HEIGHT))

    def test_one_figure_is_a_point(self):
        root = read(sparkline(lines(years(Decimal(3))), frame()))
        self.assertEqual(every(root, "polyline"), [])
        self.assertTrue(every(root, "circle"))
