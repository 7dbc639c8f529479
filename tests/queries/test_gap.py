"""The gap: medians, quartiles and ranges of four regions, worked out twice; who counts when."""

import statistics
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from unittest import TestCase

from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from recommendations.charts import Datum
from recommendations.models import Area, GroupMembership, Indicator, Observation
from recommendations.periods import PeriodKind, parse
from recommendations.queries.indicators import gap_page
from recommendations.queries.indicators.gap import (
    AreaIndex,
    Gap,
    GapArea,
    GapQuery,
    GapVerdict,
    find_gap,
    gap_of,
    indicators_with_gap,
    measured_in_several,
)
from recommendations.queries.indicators.values import Spread
from tests.base import TrackerTestCase

numbers = st.decimals(min_value=-(10**9), max_value=10**9, places=6)
several = st.lists(st.one_of(st.none(), numbers), max_size=12)


def exactly(value: Decimal | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def quartile(values: list[Decimal], quarter: int) -> Fraction:
    """R's type 7, written out: the point (n − 1)p of the way along the sorted values."""
    ordered = sorted(map(Fraction, values))
    way = Fraction(quarter * (len(ordered) - 1), 4)
    low = ordered[int(way)]
    return low + (way - int(way)) * (ordered[min(int(way) + 1, len(ordered) - 1)] - low)


class SpreadTests(TestCase):
    @given(several)
    def test_it_is_what_the_standard_library_says(self, values: list[Decimal | None]) -> None:
        known = [value for value in values if value is not None]
        found = Spread.of(values, len(values))
        self.assertEqual((found.count, found.among), (len(known), len(values)))
        if not known:
            self.assertEqual({found.minimum, found.median, found.maximum, found.variation}, {None})
            return
        self.assertEqual((found.minimum, found.maximum), (min(known), max(known)))
        self.assertEqual(exactly(found.median), statistics.median(map(Fraction, known)))
        for quarter, value in enumerate(
            (found.lower_quartile, found.median, found.upper_quartile), start=1
        ):
            self.assertEqual(exactly(value), quartile(known, quarter))

    @given(st.lists(st.decimals(min_value=1, max_value=1000, places=2), min_size=2, max_size=9))
    def test_the_variation_is_the_deviation_by_the_mean(self, values: list[Decimal]) -> None:
        exact = list(map(Fraction, values))
        squared = statistics.pvariance(exact) / statistics.mean(exact) ** 2
        found = Spread.of(values, len(values)).variation
        self.assertAlmostEqual(Fraction(found) ** 2, squared, delta=Fraction(1, 10**24))

    def test_the_variation_by_hand_and_where_it_has_no_meaning(self) -> None:
        for values, expected in (
            ([2, 4], 1 / Decimal(3)),
            ([5, 5], 0),
            *(([], None), ([7], None), ([-1, 1], None), ([0, 0], None)),
        ):
            self.assertEqual(Spread.of(map(Decimal, values), 9).variation, expected, values)

    def test_every_digit_is_kept_also_at_both_ends_of_what_can_be_stored(self) -> None:
        values = [Decimal("12345678901234567.123456"), Decimal("12345678901234567.123457")]
        found = Spread.of(values, 2)
        self.assertEqual(found.median, Decimal("12345678901234567.1234565"))
        self.assertEqual(found.lower_quartile, Decimal("12345678901234567.12345625"))
        self.assertEqual(found.interquartile_range, Decimal("0.0000005"))
        values = [Decimal("1E-59"), Decimal("9" * 60), Decimal("1E59")]
        found = Spread.of(values, 3)
        self.assertEqual(Fraction(found.upper_quartile), quartile(values, 3))
        self.assertGreater(found.variation, 0)

    @given(several, st.integers(0, 12))
    def test_a_missing_value_moves_nothing(self, values: Any, place: int) -> None:
        found = Spread.of(values, 12)
        self.assertEqual(Spread.of([*values[:place], None, *values[place:]], 12), found)


def gap(
    years: dict[str, dict[str, Any]],
    regions: dict[str, str] | None = None,
    members: Any = None,
    **more: Any,
) -> Gap:
    """The gap of areas called by single letters; a figure is a number, None or a Datum."""
    names = sorted({name for figures in years.values() for name in figures})
    keys = {name: number for number, name in enumerate(names)}
    places = {
        key: GapArea(key=key, code=name, iso3="", name=name, region=(regions or {}).get(name, ""))
        for name, key in keys.items()
    }
    figures = {
        parse(year): {
            keys[name]: value
            if isinstance(value, Datum)
            else Datum(value=None if value is None else Decimal(value))
            for name, value in found.items()
        }
        for year, found in years.items()
    }

    def on(period: Any) -> frozenset[int]:
        chosen = members(period) if members else names
        return frozenset(keys[name] for name in chosen)

    return gap_of([parse(year) for year in years], places, on, figures, **more)


def row(*values: Any) -> dict[str, Any]:
    return dict(zip("ABCDEFGHIJKLMNOP", values, strict=False))


class OnePeriodTests(TestCase):
    def test_the_spread_between_regions_is_that_of_their_medians(self) -> None:
        regions = {"A": "North", "B": "North", "C": "South", "D": "South", "E": ""}
        found = gap({"2020": row(10, 20, 50, 70, 999)}, regions).last
        self.assertEqual(list(found.regions), ["North", "South", ""])
        self.assertEqual(found.between_regions, 45, "where it lies is not known of the last")
        self.assertEqual(found.whole.count, 5)
        one = gap({"2020": row(1, 2)}, {"A": "North"})
        self.assertIsNone(one.last.between_regions, "one lies apart from nothing")

    def test_five_at_each_end_equal_ones_by_name_none_twice(self) -> None:
        many, few = row(*[3] * 6, 1, 1, 9, 9, 5, None, 4), row(1, 2, 3, None)
        for figures, highest, lowest in ((many, "IJKMA", "GHBCD"), (few, "C", "A")):
            found = gap({"2020": figures})
            self.assertEqual("".join(one.place.name for one in found.highest), highest)
            self.assertEqual("".join(one.place.name for one in found.lowest), lowest)
        self.assertEqual("".join(one.place.name for one in found.standings), "CBAD")


class WordsTests(TestCase):
    def test_regions_that_moved_the_other_way_are_told(self) -> None:
        regions = {"A": "North", "B": "North", "C": "South", "D": "South"}
        apart, close = row(0, 60, 1, 61), row(28, 30, 34, 36)
        for years, words in (
            ({"2010": apart, "2020": close}, "the regional medians moved further apart."),
            ({"2010": close, "2020": apart}, "the regional medians moved closer together."),
        ):
            self.assertIn(f"However, {words}", gap_page.basis_text(gap(years, regions), str))

    def test_a_last_year_of_which_much_is_still_to_come_is_told(self) -> None:
        told = gap_page.thin_end_text(gap({"2010": row(1, 2, 3), "2020": row(1, None, None)}))
        self.assertIn("Many values for 2020 are missing: 1 areas have data", told)
        self.assertIn("Choose 2010 as the last year", told)


class TrendTests(TestCase):
    def test_the_verdicts(self) -> None:
        wide, close = row(10, 20, 30, 40), row(40, 42, 44, 46)
        cases = [
            ({"2010": wide, "2020": close}, GapVerdict.NARROWED),
            ({"2010": close, "2020": wide}, GapVerdict.WIDENED),
            ({"2010": wide, "2020": wide}, GapVerdict.UNCHANGED),
            # All doubled: further apart, and as far as before for their mean.
            ({"2010": wide, "2020": row(20, 40, 60, 80)}, GapVerdict.WIDENED),
            # Further apart, and closer for their mean.
            ({"2010": row(1, 2, 3, 4), "2020": row(100, 102, 104, 106)}, GapVerdict.MIXED),
            ({"2020": wide}, GapVerdict.ONE_PERIOD),
            ({"2010": row(1, 2, 3), "2020": row(1, 2, 3)}, GapVerdict.TOO_FEW),
            ({"2010": row(1, 2, 3, 4), "2020": row(1, 2, 3, None)}, GapVerdict.TOO_FEW),
        ]
        for years, expected in cases:
            with self.subTest(expected=expected, years=years):
                self.assertEqual(gap(years).trend.verdict, expected)

    def test_only_areas_with_a_figure_in_every_period_make_a_trend(self) -> None:
        years = {
            "2010": row(10, 20, 30, 40, None),
            "2011": row(10, 20, 30, 40, 99, 90),
            "2012": row(10, 20, 30, 40, 99, Datum(value=Decimal(1), status="M")),
        }
        found = gap(years)
        self.assertEqual((found.trend.count, found.trend.among), (4, 6))
        self.assertEqual(found.trend.verdict, GapVerdict.UNCHANGED)
        self.assertEqual(found.last.whole.count, 5)
        self.assertEqual(found.trend.last.whole.median, 25)
        constant = gap(years, is_constant=True)
        self.assertEqual(constant.moments, constant.trend.moments)
        self.assertEqual(len(constant.standings), 4)

    def test_membership_is_as_of_the_last_day_of_the_period(self) -> None:
        joined = {"A": date(2000, 1, 1), "B": date(2011, 12, 31), "C": date(2012, 1, 1)}

        def members(period: Any) -> list[str]:
            return [name for name, day in joined.items() if day <= period.last_day]

        found = gap({str(year): row(1, 2, 3) for year in (2010, 2011, 2012)}, members=members)
        self.assertEqual([moment.whole.among for moment in found.moments], [1, 2, 3])
        self.assertEqual(found.trend.count, 1)

    def test_the_pace_of_median_and_spread_and_breaks(self) -> None:
        pace = gap({"2010": row(10, 20, 30, 40), "2011": row(20, 25, 30, 35)}).trend
        year = Fraction(3652425, 10000) / 365
        self.assertEqual(pace.median_pace, Fraction("2.5") * year)
        self.assertEqual(pace.spread_pace, (Fraction("7.5") - 15) * year)
        # Breaks after the first period are counted.
        broken = Datum(value=Decimal(5), status="B")
        found = gap({"2010": row(broken, 1, 2, 3), "2011": row(1, broken, 2, 3)})
        self.assertEqual(found.trend.broken, 1)

    @given(st.lists(several, min_size=2, max_size=4))
    def test_an_area_without_figures_changes_only_how_many_there_are(self, table: Any) -> None:
        years = {str(2010 + n): row(*values) for n, values in enumerate(table)}
        if not any(years.values()):
            return
        silent = {year: {**found, "Z": None} for year, found in years.items()}
        before, after = gap(years), gap(silent)
        for one, other in zip(before.moments, after.moments, strict=True):
            self.assertEqual(other.whole.among, one.whole.among + 1)
            for name in ("count", "minimum", "lower_quartile", "median", "upper_quartile"):
                self.assertEqual(getattr(one.whole, name), getattr(other.whole, name))
            self.assertEqual(one.whole.variation, other.whole.variation)
        self.assertEqual(before.trend.verdict, after.trend.verdict)
        self.assertEqual(before.highest, after.highest)


class RowsTests(TrackerTestCase):
    """Four regions with 3 areas each, 3 years, and all that a table of figures can hold."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.indicator = cls.make_indicator("NET", is_published=True)
        world = cls.make_area("M49-001", name="World", kind="region", m49="001")
        cls.group = cls.make_area("club", name="The club", kind="group")
        cls.areas: dict[str, list[Area]] = {}
        for n, region in enumerate(("East", "North", "South", "West")):
            big = cls.make_area(f"R{n}", name=region, kind="region", parent=world)
            small = cls.make_area(f"S{n}", name=f"{region} proper", kind="region", parent=big)
            cls.areas[region] = [
                cls.make_area(
                    f"C{n}{m}",
                    name=f"{region} {m}",
                    kind="country",
                    # The last of each lies in the region itself.
                    parent=big if m == 2 else small,
                )
                for m in range(3)
            ]
        cls.lost = cls.make_area("LOST", name="Lost", kind="country")
        cls.rows = {
            (area, year): Decimal(7 * n + 3 * m + (year - 2018) ** 2) / 4
            for n, found in enumerate(cls.areas.values())
            for m, area in enumerate(found)
            for year in (2018, 2019, 2020)
            if (n, m, year) != (1, 1, 2020)
        }
        cls.add(cls.figure(area, str(year), value) for (area, year), value in cls.rows.items())

    @classmethod
    def add(cls, figures: Iterable[Observation]) -> None:
        Observation.objects.bulk_create(figures)

    @classmethod
    def figure(cls, area: Area, period: str, value: Any, **more: Any) -> Observation:
        days = parse(period)
        values = {"indicator": cls.indicator, "recorded_at": timezone.now(), "revision": 1, **more}
        return Observation(
            area=area,
            period=period,
            first_day=days.first_day,
            last_day=days.last_day,
            value=value,
            **values,
        )

    def find(self, **asked: Any) -> Any:
        return find_gap(self.indicator.pk, AreaIndex(self.viewer), GapQuery(**asked))

    def codes(self, **asked: Any) -> list[str]:
        return [moment.period.code for moment in self.find(**asked).gap.moments]

    def test_medians_and_ranges_of_four_regions_worked_out_apart(self) -> None:
        gap = self.find().gap
        self.assertEqual(self.codes(), ["2018", "2019", "2020"])
        for moment in gap.moments:
            year = int(moment.period.code)
            for region, areas in self.areas.items():
                values = [self.rows[area, year] for area in areas if (area, year) in self.rows]
                found = moment.regions[region]
                self.assertEqual((found.count, found.among), (len(values), 3))
                self.assertEqual(exactly(found.median), statistics.median(map(Fraction, values)))
                self.assertEqual((found.minimum, found.maximum), (min(values), max(values)))
        self.assertEqual(gap.last.whole.count, 11)
        self.assertIsNone(self.find(known=timezone.now() - timedelta(days=1)).gap)

    def test_all_else_that_a_table_of_figures_holds_is_left_out(self) -> None:
        before = self.find().gap
        here = self.areas["North"][0]
        self.add(
            [
                self.figure(here, "2018", 999, dimensions="SEX=F"),
                self.figure(here, "2018-S1", 999),
                self.figure(Area.objects.get(code="R0"), "2018", 999),
                self.figure(self.group, "2018", 999),
                self.figure(self.lost, "2018", None, text="much"),
                self.figure(self.lost, "2019", None, obs_status="M"),
                self.figure(self.lost, "2020", 999, indicator=self.make_indicator("OTHER")),
            ]
        )
        self.assertEqual(self.find().gap, before)

    def test_the_last_revision_counts_and_the_earlier_one_for_its_day(self) -> None:
        area = self.areas["West"][2]
        now = timezone.now()
        self.add(
            [
                self.figure(area, "2020", 500, revision=2, recorded_at=now + timedelta(days=1)),
                self.figure(area, "2019", None, obs_status="M", revision=2),
            ]
        )
        found = self.find().gap
        self.assertEqual(found.last.whole.maximum, 500)
        self.assertEqual(found.moments[1].whole.count, 11, "taken back, and not 0")
        known = self.find(known=now).gap
        self.assertEqual(known.last.whole.maximum, self.rows[area, 2020])

    def test_sub_regions_where_there_are_and_no_region(self) -> None:
        self.add([self.figure(self.lost, "2020", 5)])
        found = self.find(level="sub_region").gap.last.regions
        self.assertEqual(list(found)[-2:], ["West proper", ""])
        self.assertEqual((found["West"].count, found["West proper"].count), (1, 2))
        self.assertEqual(found[""].median, 5)
        # Regions that lie in each other.
        big, small = Area.objects.get(code="R0"), Area.objects.get(code="S0")
        Area.objects.filter(pk=big.pk).update(parent=small)
        self.assertEqual(self.find().gap.last.whole.count, 12)

    def test_members_of_a_group_as_of_the_year(self) -> None:
        north = self.areas["North"]
        spans = [(None, None), (date(2019, 12, 31), None), (None, date(2018, 12, 31))]
        for area, (first, last) in zip(north, spans, strict=True):
            GroupMembership.objects.create(
                group=self.group, member=area, valid_from=first, valid_to=last
            )
        GroupMembership.objects.create(group=self.group, member=self.lost)
        found = self.find(group=self.group.pk).gap
        self.assertEqual(
            [(moment.whole.count, moment.whole.among) for moment in found.moments],
            [(2, 3), (2, 3), (1, 3)],
        )
        GroupMembership.objects.update(removed_at=timezone.now(), removed_by=self.manager)
        self.assertIsNone(self.find(group=self.group.pk).gap)

    def test_years_are_chosen_and_frequencies_never_mixed(self) -> None:
        codes = self.codes
        self.assertEqual(codes(from_year=2019), ["2019", "2020"])
        self.assertEqual(codes(to_year=2018), ["2018"])
        self.assertIsNone(self.find(from_year=2021).gap)
        here = self.areas["North"]
        self.add(self.figure(area, f"{year}-S1", 1) for area in here for year in range(1990, 2021))
        self.assertEqual(codes(), ["2018", "2019", "2020"])
        self.add(self.figure(here[0], str(year), 1) for year in range(1900, 2018))
        self.assertEqual(len(codes()), 20)
        self.assertEqual(len(codes(from_year=1900)), 60)
        self.assertEqual(self.find(from_year=1900).left_out, 61)

    def test_without_years_the_frequency_that_there_is_most_of(self) -> None:
        self.indicator = self.make_indicator("HALF")
        self.add(
            self.figure(area, period, 1, indicator=self.indicator)
            for area in self.areas["North"]
            for period in ("2018-S1", "2018-S2", "2018-Q1")
        )
        found = self.find()
        kinds = [moment.period.kind for moment in found.gap.moments]
        self.assertEqual(kinds, [PeriodKind.HALF_YEAR] * 2)

    def test_which_indicators_have_a_gap(self) -> None:
        one, none = self.make_indicator("ONE"), self.make_indicator("NONE")
        kinds = self.make_indicator("KINDS", measure="5")
        north = self.areas["North"]
        self.add(
            [
                self.figure(north[0], "2018", 1, indicator=one),
                self.figure(north[0], "2019", 1, indicator=one),
                self.figure(Area.objects.get(code="R0"), "2018", 1, indicator=none),
                *(self.figure(area, "2018", 1, indicator=kinds) for area in north),
            ]
        )
        self.assertEqual([row.code for row in indicators_with_gap(self.viewer)], ["NET"])
        has = Indicator.objects.filter(measured_in_several()).values_list("code", flat=True)
        self.assertEqual(sorted(has), ["NET"])
