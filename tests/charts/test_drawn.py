"""What charts draw of data that no snapshot shows, and that each snapshot is as somebody saw it."""

import json
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.test import SimpleTestCase

from recommendations.charts import (
    RangesData,
    line_chart,
    range_chart,
    ranking_chart,
    slippage_chart,
    strips_chart,
    tile_chart,
)
from recommendations.charts.tiles import GRID, ONLY_WHEN_GIVEN, WORLD_REGIONS, classes_of
from tests.charts.examples import (
    DONE,
    MAP,
    STARTED,
    areas,
    country_tiles,
    frame,
    goal,
    lines,
    point,
    series,
    slippage,
    spread,
    strips,
    tile,
    years,
)
from tests.charts.reading import SVG, every, read, runs, words
from tests.charts.snapshots import FOLDER, drawn

FIVE, NONE = (1, 2, 3, 4, 5), [None] * 5
OF_A = [spread("A", year, *FIVE) for year in (2018, 2019, 2021, 2022)]
SEEN: dict[str, Callable[[Any], Any]] = {
    "runs": lambda root: [len(run) for run in runs(root)],
    "dots": lambda root: len(every(root, "circle")),
    "hatched": lambda root: len(every(root, "rect", "chart-missing")),
    "boxes": lambda root: len(every(root, "rect", "chart-band")) - 1,  # one is in the key
    # Lines of medians: those that go from year to year.
    "medians": lambda root: len([run for run in runs(root) if run[-1][0] - run[0][0] > 30]),
    "last": lambda root: words(root)[-1],
}
"""What a row may say of a chart; ``shown`` are words in it, ``unseen`` words that are not."""


def marked(*figures: tuple[str, int, str], **more: Any) -> Any:
    """One line of periods with their figures and marks."""
    return lines(series(*(point(p, value, status=mark) for p, value, mark in figures), **more))


def ranges(*found: Any) -> RangesData:
    return RangesData(ranges=found)


LINES: tuple[tuple[Any, dict[str, Any]], ...] = (
    # A missing figure is a hatched gap and never 0, also where it is marked so and holds something.
    (lines(years(30, 40, None, 50, 45)), {"runs": [2, 2], "hatched": 1, "unseen": ["0"]}),
    (lines(years(3, 4, None, 9, None)), {"runs": [2], "dots": 3, "shown": ["2022"]}),
    (marked(("2018", 3, "A"), ("2019", 0, "M"), ("2020", 5, "A")), {"runs": [], "dots": 2}),
    # So is, where there is a step, a period without a row; not one that is somewhat late.
    (marked(("2018", 3, "A"), ("2021", 5, "A")), {"runs": [2]}),
    (
        marked(*((str(y), y, "A") for y in (2018, 2019, 2021, 2022)), step_months=12),
        {"runs": [2, 2], "hatched": 1},
    ),
    (marked(*((f"2018-0{m}", m, "A") for m in (1, 4, 8)), step_months=3), {"runs": [3]}),
    (
        marked(("2018", 3, "A"), ("2019", 4, "A"), ("2020", 9, "B"), ("2021", 8, "A")),
        {"runs": [2, 2], "shown": ["series break"]},
    ),
    (lines(years(150)), {"runs": [], "dots": 1, "shown": ["150"]}),
    (lines(years(91, 95)), {"unseen": ["0"], "shown": ["axis does not start at 0"]}),
    (lines(years(1, 4)), {"last": "4"}),  # and no key
    (
        lines(
            series(point("2018", 12, is_approximate=True), point("2019", 15, is_lower_bound=True))
        ),
        {"shown": ["≥ 15", "≈", "at least", "approximate"]},
    ),
    (lines(years("4.25"), number=lambda value: f"{value:.1f} %"), {"shown": ["4.2 %"]}),
)
RANGES: tuple[tuple[Any, dict[str, Any]], ...] = (
    (ranges(spread("A", 2020, 10, None, 20, None, 30)), {"boxes": 0}),
    (ranges(spread("A", 2020, 7, None, 7, None, 7, count=1)), {"dots": 1}),
    # The line of medians has a gap where a year is missing, or is another region's alone.
    (ranges(*OF_A), {"medians": 1}),
    (ranges(*OF_A, spread("A", 2020, *NONE, count=0)), {"medians": 2}),
    (ranges(*OF_A, spread("B", 2020, *FIVE)), {"medians": 2}),
    (ranges(*OF_A, spread("B", 2020, *NONE)), {"shown": ["No data"]}),
    (ranges(spread("A region " * 20, 2020, 91, 92, 93, 94, 95)), {"unseen": ["0"]}),
)
RANKED: tuple[tuple[Any, dict[str, Any]], ...] = (
    (
        areas(("A", 1), ("B", 5), ("Chad", None), ("Benin", None)),
        {"dots": 2, "shown": ["median 3", "No data (2): Benin, Chad"]},
    ),
    (areas(("A", 91), ("B", 95)), {"dots": 2, "unseen": ["0"]}),
)


class SnapshotTests(SimpleTestCase):
    def test_each_chart_is_the_kept_one(self) -> None:
        kept = {path: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
        now = dict(drawn())
        self.assertEqual(sorted(kept), sorted(now))
        for path, chart in now.items():
            with self.subTest(path.name):
                self.assertEqual(chart, kept[path], "renew with: python -m tests.charts.snapshots")


class SeenTests(SimpleTestCase):
    def test_what_is_seen(self) -> None:
        for draw, table in ((line_chart, LINES), (range_chart, RANGES), (ranking_chart, RANKED)):
            for number, (data, expected) in enumerate(table):
                root = read(draw(data, frame()))
                found = words(root)
                with self.subTest(draw.__name__, number=number):
                    self.assertLessEqual(set(expected.get("shown", ())), set(found))
                    self.assertEqual(set(expected.get("unseen", ())) & set(found), set())
                    for name in expected.keys() & SEEN.keys():
                        self.assertEqual(SEEN[name](root), expected[name], name)

    def run_of(self, data: Any) -> list[tuple[float, float]]:
        (run,) = runs(read(line_chart(data, frame())))
        return run

    def test_points_stand_in_the_middle_of_their_period_to_scale_and_in_order(self) -> None:
        run = self.run_of(lines(series(point("2018", 1), point("2018-07-02", 2))))
        self.assertAlmostEqual(run[0][0], run[1][0], delta=1)
        run = self.run_of(lines(series(point("2023", 1), point("2018", 1), point("2019", 1))))
        self.assertAlmostEqual((run[2][0] - run[1][0]) / (run[1][0] - run[0][0]), 4, delta=0.02)

    def test_a_higher_figure_is_higher_and_equal_ones_are_level(self) -> None:
        heights = [y for _x, y in self.run_of(lines(years("-5", "1e-9", "1e15")))]
        self.assertEqual(heights, sorted(heights, reverse=True))
        self.assertEqual(len({y for _x, y in self.run_of(lines(years(7, 7, 7)))}), 1)

    def test_series_have_dashes_of_their_own_and_names_that_do_not_overlap(self) -> None:
        chart = line_chart(lines(*(years(50, 50, name=f"Series {n}") for n in range(10))), frame())
        root = read(chart)
        heights = sorted(float(t.get("y") or 0) for t in every(root, "text") if every(t, "tspan"))
        self.assertEqual(len(heights), 10)
        self.assertTrue(all(b - a >= 14 for a, b in pairwise(heights)))
        drawn_lines = [p for p in every(root, "polyline") if p.get("stroke-width") == "2.4"]
        self.assertEqual(len({p.get("stroke-dasharray") for p in drawn_lines[:6]}), 6)

    def test_what_is_no_number_is_refused(self) -> None:
        for value in ("NaN", "Infinity"):
            for make in (point, goal):
                with self.subTest(value), self.assertRaisesMessage(ValueError, "give None"):
                    make("2018", value)

    def test_the_box_is_drawn_from_quartile_to_quartile(self) -> None:
        root = read(range_chart(ranges(spread("A", 2020, 0, 25, 50, 75, 100)), frame()))
        box, _in_the_key = every(root, "rect", "chart-band")
        levels = [float(line.get("y1") or 0) for line in every(root, "line", "chart-grid")][:5]
        whole = max(levels) - min(levels)
        self.assertAlmostEqual(float(box.get("height") or 0), whole / 2, delta=0.1)

    def test_the_highest_is_first_equal_ones_go_by_name_and_dots_are_to_scale(self) -> None:
        root = read(ranking_chart(areas(("Low", 0), ("B", 50), ("High", 100), ("A", 50)), frame()))
        names = [text for text in words(root) if text in ("Low", "A", "B", "High")]
        self.assertEqual(names, ["High", "A", "B", "Low"])
        high, middle, _same, low = (float(dot.get("cx") or 0) for dot in every(root, "circle"))
        self.assertAlmostEqual(middle, (low + high) / 2, delta=0.1)

    def test_200_areas_have_rows_that_do_not_overlap_and_a_long_name_is_cut(self) -> None:
        named = ((f"Area {number}", number) for number in range(200))
        dots = every(read(ranking_chart(areas(*named), frame())), "circle")
        heights = [float(dot.get("cy") or 0) for dot in dots]
        self.assertEqual(len(heights), 200)
        self.assertTrue(all(b - a >= 14 for a, b in pairwise(heights)))
        name = "The Republic of a very long name that takes in the whole of its history " * 3
        root = read(ranking_chart(areas((name, 4)), frame(width=316)))
        [cut] = [text for text in every(root, "text") if (text.text or "").endswith("…")]
        self.assertEqual(cut[0].text, name)

    def test_a_strip_has_a_field_for_each_month_and_a_name_for_each_run(self) -> None:
        data = strips(None, *[STARTED] * 5, DONE)
        months = every(read(strips_chart(data, frame())), "g", "chart-month")
        found = [next(month.iter(f"{SVG}rect")).get("fill") for month in months]
        self.assertEqual(found, ["url(#use-hatch)", *["#a9c1e8"] * 5, "#1d3a73"])
        told = "In progress from February 2024, Implemented from July 2024"
        self.assertIn(told, data.description())

    def test_without_a_date_there_is_no_line(self) -> None:
        stated = ("2024-02-01", "2025-06-30"), ("2025-05-20", None), ("2026-01-01", "2027-01-01")
        first, second = runs(read(slippage_chart(slippage(*stated), frame())))
        self.assertLess(first[-1][0], second[0][0])


# ISO's list without what is neither a member nor an observer of the United Nations, but for the
# three that the list has under names of their own.
DEPENDENT = (
    "ABW AIA ALA ASM ATA ATF BES BLM BMU BVT CCK COK CUW CXR CYM ESH FLK FRO GGY GIB GLP GRL GUF"
    " GUM HMD IMN IOT JEY MAF MNP MSR MTQ MYT NCL NFK NIU PCN PRI PYF REU SGS SHN SJM SPM SXM TCA"
    " TKL UMI VGB VIR WLF"
).split()
NEIGHBOURS = ("FRA DEU", "IND NPL", "KEN UGA", "PER BRA", "EGY LBY", "AUS NZL", "DJI YEM")


class TileTests(SimpleTestCase):
    def test_every_country_has_one_place_of_its_own_near_its_neighbours(self) -> None:
        rows = json.loads((settings.BASE_DIR / "fixtures" / "10_areas.json").read_text())
        fields = [row["fields"] for row in rows if row["fields"]["kind"] == "country"]
        codes = {each["iso3"] for each in fields if each.get("iso3")}
        self.assertEqual(set(GRID), codes - set(DEPENDENT) | ONLY_WHEN_GIVEN)
        # 193 members, 2 observers, 3 more of ISO's list, 1 code for users of the list.
        self.assertEqual(len(GRID), 199)
        parts = Counter(code for region in WORLD_REGIONS for code in region.cells)
        self.assertEqual([code for code, times in parts.items() if times > 1], [])
        self.assertEqual([at for at, times in Counter(GRID.values()).items() if times > 1], [])
        for pair in NEIGHBOURS:
            one, other = (GRID[code] for code in pair.split())
            with self.subTest(pair):
                self.assertLessEqual(abs(one.column - other.column), 3)
                self.assertLessEqual(abs(one.row - other.row), 3)

    def test_links_are_24_pixels_at_least_and_named_as_their_title(self) -> None:
        for link in every(read(tile_chart(MAP, frame())), "a"):
            (box,) = every(link, "rect")
            self.assertEqual(link.get("aria-label"), link.findtext("{*}title"))
            self.assertGreaterEqual(min(float(box.get(s) or 0) for s in ("width", "height")), 24)

    def test_countries_not_given_are_empty_places(self) -> None:
        empty = every(read(tile_chart(MAP, frame())), "rect", "chart-elsewhere")
        given = {"NPL", "IND", "LKA", "BTN"} | ONLY_WHEN_GIVEN
        self.assertEqual(len(empty), len(GRID.keys() - given) + 1)  # and the one in the key

    def test_the_same_country_twice_is_refused(self) -> None:
        with self.assertRaisesMessage(ValueError, "Given twice: NPL."):
            country_tiles(tile("NPL", 1), tile("NPL", 2))

    def test_classes_hold_as_many_each_share_equal_figures_and_leave_none_out(self) -> None:
        for values, expected in (
            (range(10), [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]),
            ([7] * 9 + [8], [1] * 9 + [2]),
            ([1, None, 2], [1, None, 2]),
        ):
            data = country_tiles(*(tile(f"X{n}", value) for n, value in enumerate(values)))
            found = classes_of(data)
            with self.subTest(values):
                self.assertEqual([found.get(f"X{n}") for n in range(len(values))], expected)
