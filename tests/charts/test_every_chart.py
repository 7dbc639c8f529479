"""What holds for every chart: it is XML, it is named, and the security policy finds no fault."""

import re
from collections.abc import Iterator
from decimal import Decimal

from django.test import SimpleTestCase
from django.utils.safestring import SafeString
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations.charts import (
    Frame,
    Goal,
    LineData,
    Range,
    RangesData,
    RankedArea,
    RankedData,
    Series,
    SeriesPoint,
    in_both_widths,
    line_chart,
    range_chart,
    ranking_chart,
    sparkline,
)
from recommendations.choices import ObsStatus
from recommendations.periods import Period, parse
from tests.charts.examples import DEGENERATE, EVERY, KNOWN, frame
from tests.charts.reading import every, read, size, words
from tests.depth import times

TEXTS = st.text(max_size=40)
NUMBERS = st.decimals("-1e20", "1e20", allow_nan=False, places=9) | st.integers(0, 100).map(Decimal)
CODES = st.builds(
    lambda year, rest: f"{year:04}{rest}",
    st.integers(1990, 2040) | st.integers(1, 9999),
    st.sampled_from(["", "", "-S1", "-S2", "-Q1", "-Q4", "-02", "-12", "-06-30"]),
)
PERIODS: st.SearchStrategy[Period] = CODES.map(parse)
FIGURES = {
    "value": st.none() | NUMBERS,
    "status": st.sampled_from(ObsStatus.values),
    "is_lower_bound": st.booleans(),
    "is_approximate": st.booleans(),
}
POINTS = st.lists(st.builds(SeriesPoint, period=PERIODS, **FIGURES), max_size=8).map(tuple)
SERIES = st.builds(Series, name=TEXTS, points=POINTS, step_months=st.sampled_from([None, 1, 12]))
GOALS = st.none() | st.builds(Goal, period=PERIODS, value=NUMBERS)
LINES = st.builds(
    LineData, series=st.lists(SERIES, max_size=4).map(tuple), baseline=GOALS, target=GOALS
)


@st.composite
def some_ranges(draw: st.DrawFn) -> Range:
    five = sorted(draw(st.lists(NUMBERS, min_size=5, max_size=5)))
    known = [value if draw(st.booleans()) else None for value in five]
    names = ("minimum", "lower_quartile", "median", "upper_quartile", "maximum")
    return Range(
        region=draw(st.sampled_from(["A", "B"]) | TEXTS),
        period=draw(PERIODS),
        count=draw(st.integers(0, 200)),
        among=200,
        **dict(zip(names, known, strict=True)),
    )


RANGES = st.builds(RangesData, ranges=st.lists(some_ranges(), max_size=8).map(tuple))
RANKINGS = st.builds(
    RankedData, areas=st.lists(st.builds(RankedArea, name=TEXTS, **FIGURES), max_size=12).map(tuple)
)
FRAMES = st.builds(
    Frame,
    title=TEXTS,
    prefix=st.just("made"),
    unit=TEXTS,
    note=TEXTS,
    width=st.integers(280, 1100),
    is_standalone=st.booleans(),
)


class EveryChartTests(SimpleTestCase):
    def charts(self) -> Iterator[tuple[str, SafeString]]:
        for name, (draw, data) in EVERY.items():
            for found in (frame(), frame().narrow(), frame(is_standalone=True, note="By us.")):
                yield f"{name}, {found.width} px wide", draw(data, found)

    def test_it_is_xml_and_is_safe_in_a_page(self):
        for name, chart in self.charts():
            with self.subTest(name):
                self.assertIsInstance(chart, SafeString)
                self.assertEqual(read(chart).tag, "{http://www.w3.org/2000/svg}svg")

    def test_it_is_named_and_described(self):
        for name, chart in self.charts():
            with self.subTest(name):
                root = read(chart)
                named = {item.get("id"): item.text for item in root[:2]}
                self.assertEqual(named[root.get("aria-labelledby")], "Internet use")
                self.assertTrue(named[root.get("aria-describedby")])
                has_links = bool(every(root, "a"))
                self.assertEqual(root.get("role"), "group" if has_links else "img")

    def test_it_keeps_its_direction_in_a_page_from_the_right(self):
        for name, chart in self.charts():
            with self.subTest(name):
                self.assertEqual(read(chart).get("direction"), "ltr")

    def test_the_security_policy_finds_no_fault(self):
        for name, chart in self.charts():
            with self.subTest(name):
                for item in read(chart).iter():
                    self.assertNotIn(
                        item.tag.rpartition("}")[2], {"style", "script", "foreignObject"}
                    )
                    for attribute in item.attrib:
                        self.assertNotEqual(attribute, "style")
                        self.assertFalse(attribute.startswith("on"), attribute)

    def test_ids_begin_with_the_prefix_and_stand_once(self):
        for name, chart in self.charts():
            with self.subTest(name):
                ids = re.findall(r' id="([^"]+)"', chart)
                self.assertEqual(len(ids), len(set(ids)))
                self.assertTrue(all(found.startswith("use-") for found in ids), ids)
                for used in re.findall(r"url\(#([^)]+)\)", chart):
                    self.assertIn(used, ids)

    def test_no_text_is_smaller_than_eleven_pixels(self):
        for name, chart in self.charts():
            with self.subTest(name):
                for size_of in re.findall(r'font-size="([^"]+)"', chart):
                    self.assertGreaterEqual(float(size_of), 11)

    def test_no_coordinate_is_lost(self):
        for name, chart in self.charts():
            with self.subTest(name):
                self.assertNotRegex(chart, r'"[^"]*\b(nan|inf|None|Decimal)\b[^"]*"')

    def test_nothing_known_is_the_same_words_everywhere(self):
        for name in ("no points", "all missing", "no ranges", "nothing ranked", "no tiles"):
            draw, data = DEGENERATE[name]
            with self.subTest(name):
                root = read(draw(data, frame()))
                self.assertEqual(words(root), ["No data"])
                self.assertEqual(root[1].text, "No data")
                self.assertEqual(len(every(root, "pattern")), 1)

    def test_both_widths_share_no_id(self):
        for name, (draw, data) in KNOWN.items():
            with self.subTest(name):
                pair = in_both_widths(draw, data, frame())
                ids = re.findall(r' id="([^"]+)"', pair)
                self.assertEqual(len(ids), len(set(ids)))
                kinds = [root.get("class", "").split()[-1] for root in read(pair)]
                expected = (
                    ["chart-narrow"] * 2 if name == "sparkline" else ["chart-wide", "chart-narrow"]
                )
                self.assertEqual(kinds, expected)

    def test_a_prefix_that_cannot_begin_an_id_is_refused(self):
        for prefix in ("", "1st", "a b", 'a"b', "é"):
            with self.subTest(prefix), self.assertRaisesMessage(ValueError, "cannot begin an id"):
                frame(prefix=prefix)

    def test_numbers_are_written_as_the_reader_writes_them(self):
        draw, data = KNOWN["ranked"]
        with override("de"):
            self.assertIn("≥ 44,5", words(read(draw(data, frame()))))


class AnyDataTests(SimpleTestCase):
    def check(self, chart: str) -> None:
        root = read(chart)
        width, height = size(root)
        self.assertNotRegex(chart, r'="[^"]*\b(nan|inf)\b')
        for circle in every(root, "circle"):
            self.assertLessEqual(-20, float(circle.get("cx")))
            self.assertLessEqual(float(circle.get("cx")), width + 1)
            self.assertLessEqual(-20, float(circle.get("cy")))
            self.assertLessEqual(float(circle.get("cy")), height + 1)
        for box in every(root, "rect"):
            self.assertGreaterEqual(float(box.get("width")), 0)
            self.assertGreaterEqual(float(box.get("height")), 0)

    @settings(deadline=None, max_examples=times(60, 500))
    @given(LINES, FRAMES)
    def test_lines(self, data: LineData, found: Frame):
        self.check(line_chart(data, found))
        self.check(sparkline(data, found))

    @settings(deadline=None, max_examples=times(60, 500))
    @given(RANGES, FRAMES)
    def test_ranges(self, data: RangesData, found: Frame):
        self.check(range_chart(data, found))

    @settings(deadline=None, max_examples=times(60, 500))
    @given(RANKINGS, FRAMES)
    def test_rankings(self, data: RankedData, found: Frame):
        self.check(ranking_chart(data, found))
