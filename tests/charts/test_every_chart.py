"""What holds for every chart: it is XML, it is named, and the security policy finds no fault."""

import re
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
from tests.charts.examples import (
    DEGENERATE,
    EVERY,
    KNOWN,
    frame,
    lines,
    point,
    series,
    years,
)
from tests.charts.reading import every, read, size, table_rows, words
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


class ChartTestCase(SimpleTestCase):
    def assert_right(self, chart: str) -> None:
        self.assertIsInstance(chart, SafeString)
        root = read(chart)
        self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
        # Named and described, in one direction also in a page from the right.
        named = {item.get("id"): item.text for item in root[:2]}
        self.assertIn(root.get("aria-labelledby"), named)
        self.assertTrue(named[root.get("aria-describedby")])
        has_links = bool(every(root, "a"))
        self.assertEqual(root.get("role"), "group" if has_links else "img")
        self.assertEqual(root.get("direction"), "ltr")
        # The security policy finds no fault.
        tags = {item.tag.rpartition("}")[2] for item in root.iter()}
        self.assertEqual(tags & {"style", "script", "foreignObject"}, set())
        attributes = {name for item in root.iter() for name in item.attrib}
        self.assertEqual({n for n in attributes if n == "style" or n.startswith("on")}, set())
        # Ids begin with the prefix, stand once, and those that are used are there.
        ids = re.findall(r' id="([^"]+)"', chart)
        self.assertEqual(len(ids), len(set(ids)))
        self.assertTrue(all(found.startswith(("use-", "made-")) for found in ids), ids)
        self.assertLessEqual(set(re.findall(r"url\(#([^)]+)\)", chart)), set(ids))
        # No text is too small, no coordinate lost.
        sizes = map(float, re.findall(r'font-size="([^"]+)"', chart))
        self.assertGreaterEqual(min(sizes, default=11), 11)
        self.assertNotRegex(chart, r'"[^"]*\b(nan|inf|None|Decimal)\b[^"]*"')
        width, height = size(root)
        for circle in every(root, "circle"):
            for place, most in (("cx", width), ("cy", height)):
                self.assertTrue(-20 <= float(circle.get(place, "nan")) <= most + 1)
        for box in every(root, "rect"):
            self.assertGreaterEqual(float(box.get("width", "nan")), 0)
            self.assertGreaterEqual(float(box.get("height", "nan")), 0)


class EveryChartTests(ChartTestCase):
    def test_it_is_safe_named_and_whole_in_every_width(self):
        for name, (draw, data) in EVERY.items():
            for found in (frame(), frame().narrow(), frame(is_standalone=True, note="By us.")):
                with self.subTest(f"{name}, {found.width} px wide"):
                    self.assert_right(draw(data, found))

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

    def test_its_table_has_every_digit_and_nothing_for_what_is_missing(self):
        for name, (_draw, data) in EVERY.items():
            with self.subTest(name):
                self.assertEqual(len({len(row) for row in table_rows(data)}), 1)
        digits = "12345678901234567.123456"
        rows = list(table_rows(lines(years(digits, "1e15", "1e-9"))))
        self.assertEqual([row[2] for row in rows[1:]], [digits, "1000000000000000", "0.000000001"])
        told = "provisional, at least, approximate"
        for of_point, cells in (
            ({"status": "P", "is_lower_bound": True, "is_approximate": True}, ["1", told]),
            ({"status": "M"}, ["", "missing"]),
        ):
            (_header, row) = table_rows(lines(series(point("2018", 1, **of_point))))
            self.assertEqual(row[2:], cells)
        self.assertEqual([row[2] for row in lines(years(3, None)).table().rows], [3, None])

    def test_numbers_are_written_as_the_reader_writes_them(self):
        draw, data = KNOWN["ranked"]
        with override("de"):
            self.assertIn("≥ 44,5", words(read(draw(data, frame()))))


class AnyDataTests(ChartTestCase):
    @settings(deadline=None, max_examples=times(30, 500))
    @given(LINES, FRAMES)
    def test_lines(self, data: LineData, found: Frame):
        self.assert_right(line_chart(data, found))
        self.assert_right(sparkline(data, found))

    @settings(deadline=None, max_examples=times(30, 500))
    @given(RANGES, FRAMES)
    def test_ranges(self, data: RangesData, found: Frame):
        self.assert_right(range_chart(data, found))

    @settings(deadline=None, max_examples=times(30, 500))
    @given(RANKINGS, FRAMES)
    def test_rankings(self, data: RankedData, found: Frame):
        self.assert_right(ranking_chart(data, found))
