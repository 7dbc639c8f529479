"""Ticks, numbers, and positions of labels."""

from decimal import Decimal
from itertools import pairwise

from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from recommendations.charts.canvas import (
    Box,
    LabelLayout,
    LinearScale,
    cut_text,
    format_number,
    isolate,
    nice_ticks,
    spread_labels,
    text_width,
    tick_labels,
    time_ticks,
    wrap_text,
)
from recommendations.periods import parse
from tests.charts.examples import STRANGE

NUMBERS = st.decimals("-1e20", "1e20", allow_nan=False, places=9)


def labels(*values: str, most: int = 4) -> list[str]:
    return tick_labels(nice_ticks(map(Decimal, values), most))


def times(*codes: str, most: int = 5) -> list[str]:
    return [label for _day, label in time_ticks([parse(code) for code in codes], most)]


class TickTests(SimpleTestCase):
    def test_they_are_round_and_few(self):
        for values, expected in (
            (("31", "70"), ["0", "20", "40", "60", "80"]),
            (("41", "70"), ["40", "50", "60", "70"]),
            (("0", "100"), ["0", "50", "100"]),
            (("91", "95"), ["91", "92", "93", "94", "95"]),
            (("0.1", "0.42"), ["0", "0.2", "0.4", "0.6"]),
            (("7", "7"), ["0", "2", "4", "6", "8"]),
            (("0", "0"), ["0", "0.5", "1.0"]),
            (("-8", "-1"), ["−8", "−6", "−4", "−2", "0"]),
            (("-3", "5"), ["−4", "−2", "0", "2", "4", "6"]),
            (("1e7", "3e7"), ["0", "10 million", "20 million", "30 million"]),
            (("1e9", "4e9"), ["0", "1 billion", "2 billion", "3 billion", "4 billion"]),
            (("1e15", "4e15"), ["0", "1×10¹⁵", "2×10¹⁵", "3×10¹⁵", "4×10¹⁵"]),
            (("1e-9", "4e-9"), ["0", "1×10⁻⁹", "2×10⁻⁹", "3×10⁻⁹", "4×10⁻⁹"]),
        ):
            with self.subTest(values):
                self.assertEqual(labels(*values), expected)

    @given(st.lists(NUMBERS, min_size=1, max_size=6), st.integers(2, 6))
    def test_they_hold_every_value_at_even_steps(self, values: list[Decimal], most: int):
        ticks = nice_ticks(values, most)
        self.assertLessEqual(ticks[0], min(values))
        self.assertGreaterEqual(ticks[-1], max(values))
        self.assertTrue(2 <= len(ticks) <= most + 3)
        self.assertEqual(len({after - before for before, after in pairwise(ticks)}), 1)

    def test_a_scale_keeps_a_small_difference_between_huge_figures(self):
        low, high = Decimal("1e15"), Decimal("1000000000000000.000000001")
        scale = LinearScale(low, high, 0, 100)
        self.assertEqual((scale(low), scale(high)), (0, 100))

    def test_an_axis_does_not_show_a_difference_that_its_labels_cannot(self):
        shown = labels("1e15", "1000000000000000.000000001")
        self.assertEqual(shown, ["0", "0.5×10¹⁵", "1×10¹⁵", "1.5×10¹⁵"])


class TextTests(SimpleTestCase):
    def test_ticks_of_time(self):
        for codes, most, expected in (
            (("2018", "2020"), 5, ["2018", "2019", "2020"]),
            (("2010", "2024"), 5, ["2014", "2019", "2024"]),  # counted back from the last
            (("2024-01", "2024-12"), 6, ["Jan 2024", "Apr 2024", "Jul 2024", "Oct 2024"]),
        ):
            self.assertEqual(times(*codes, most=most), expected)

    def test_a_year_stands_under_its_figure_where_all_are_years_else_at_its_first_day(self):
        first = parse("2018").first_day.toordinal()
        for codes, day in ((["2018"], first + 182), (["2018-Q1", "2021-Q4"], first)):
            self.assertEqual(time_ticks([parse(code) for code in codes], 5)[0], (day, "2018"))

    def test_a_figure_is_written_so_that_it_can_be_read(self):
        for value, expected in (
            ("0", "0"),
            ("52.0", "52"),
            ("-1234567.5", "−1,234,567.5"),
            ("0.00012", "0.0001"),
            ("1e-9", "1×10⁻⁹"),
            ("-2.5e15", "−2.5×10¹⁵"),
            ("130", "130"),
        ):
            with self.subTest(value):
                self.assertEqual(format_number(Decimal(value)), expected)

    def test_texts_fit_or_are_cut_with_a_sign_and_those_from_the_right_are_isolated(self):
        self.assertGreater(text_width("中亚"), text_width("ab"))
        self.assertEqual(cut_text("short", 100), "short")
        found = cut_text("a name that is much too long", 60)
        self.assertTrue(found.endswith("…"))
        for line in (*wrap_text("The Democratic Republic of the Congo and others", 90), found):
            self.assertLessEqual(text_width(line), 60 if line == found else 90)
        self.assertEqual(isolate("Nepal"), "Nepal")
        self.assertEqual(isolate(STRANGE[1]), f"\u2068{STRANGE[1]}\u2069")


class LabelTests(SimpleTestCase):
    def test_two_labels_of_one_point_do_not_overlap(self):
        layout = LabelLayout(Box(0, 0, 400, 200))
        layout.reserve_point((200, 100))
        one, other = (layout.position(60, (200, 100)) for _ in range(2))
        self.assertNotEqual(one, other)
        self.assertEqual(layout.taken[-1].overlap(layout.taken[-2]), 0)

    def test_a_label_at_the_edge_turns_inwards(self):
        layout = LabelLayout(Box(0, 0, 400, 200))
        layout.position(80, (395, 100))
        self.assertLessEqual(layout.taken[-1].right, 400)

    @given(st.lists(st.floats(0, 200), max_size=12))
    def test_spread_keeps_order_distance_and_bounds(self, wanted: list[float]):
        found = spread_labels(wanted, 16, 0, 200)
        ordered = [height for _want, height in sorted(zip(wanted, found, strict=True))]
        self.assertTrue(all(-0.001 <= height <= 200.001 for height in found))
        self.assertTrue(all(b - a >= 15.999 for a, b in pairwise(ordered)))
