"""How far an indicator has come: exact, undefined where a term is missing, never cut off."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st

from recommendations import periods
from recommendations.actions import indicators
from recommendations.queries.indicators import status
from recommendations.queries.indicators.detail import ChartQuery, areas_with_values, charts_of
from recommendations.queries.indicators.status import (
    Progress,
    Term,
    is_met,
    progress_from_terms,
    progress_share,
    projected_value,
)
from tests.base import TrackerTestCase

exact = st.fractions(min_value=-1000, max_value=1000, max_denominator=1000)
numbers = st.decimals(min_value=-(10**6), max_value=10**6, places=3)
terms = st.one_of(st.none(), exact)
OPPOSITE = {"increase": "decrease", "decrease": "increase", "maintain": "maintain"}


def term(period: str, value: Any, **marks: Any) -> Term:
    number = None if value is None else Decimal(value)
    return Term(period=periods.parse(period), value=number, **marks)


def found(
    baseline: Any, target: Any, *figures: Term, direction: str = "increase", **marks: Any
) -> Progress:
    return progress_from_terms(
        direction,
        [] if baseline is None else [term("2019", baseline)],
        [] if target is None else [term("2025", target, **marks)],
        figures,
    )


class ShareTests(TestCase):
    def test_the_part_of_the_way_that_is_gone(self) -> None:
        for baseline, target, actual, expected in (
            # A decrease from 40 to 10 that has come to 25; a target of 0 is a target.
            (40, 10, 25, Fraction(1, 2)),
            (30, 0, 3, Fraction(9, 10)),
            # Beyond the target, and away from it.
            (0, 10, 12, Fraction(6, 5)),
            (10, 20, 5, Fraction(-1, 2)),
            # Exact: 20 digits are told apart.
            (0, 3, 1, Fraction(1, 3)),
            ("0", "1", "0.00000000000000000001", Fraction(1, 10**20)),
        ):
            with self.subTest(baseline=baseline, target=target, actual=actual):
                self.assertEqual(found(baseline, target, term("2022", actual)).share, expected)

    def test_a_missing_term_leaves_it_undefined_and_is_not_0(self) -> None:
        figure, missing = term("2022", 5), term("2022", None, status="M")
        bound = term("2019", 150, is_lower_bound=True)
        for one in (
            *(found(None, 10, figure), found(1, None, figure), found(1, 10)),
            *(found(1, 10, missing), found(None, None, bound)),
        ):
            self.assertIsNone(one.share)
            self.assertNotIn("of the way", status.progress_text(one, 0))
        one = found(None, None, bound)
        self.assertIsNone(one.is_met)
        self.assertEqual(status.progress_text(one, 0), "No target is recorded.")

    @given(terms, terms, terms, exact, exact.filter(bool))
    def test_neither_shift_nor_scale_nor_sign_moves_it(
        self, baseline: Any, target: Any, actual: Any, shift: Any, scale: Any
    ) -> None:
        one = progress_share(baseline, target, actual)
        three = (baseline, target, actual)
        self.assertEqual(progress_share(*(x if x is None else x + shift for x in three)), one)
        # A scale below 0 turns the direction round: that is the same way, mirrored.
        self.assertEqual(progress_share(*(x if x is None else x * scale for x in three)), one)


class MetTests(TestCase):
    def test_by_direction_and_of_a_lower_bound_only_what_more_would_not_change(self) -> None:
        """A target of 10, and values of 9, 10 and 11."""
        for direction, expected, of_bounds in (
            ("increase", (False, True, True), (None, True, True)),
            ("decrease", (True, True, False), (None, None, False)),
            ("maintain", (False, True, False), (None, None, False)),
            ("none_stated", (None, None, None), (None, None, None)),
        ):
            for value, is_so, of_bound in zip((9, 10, 11), expected, of_bounds, strict=True):
                with self.subTest(direction=direction, value=value):
                    one = found(10, 10, term("2022", value), direction=direction)
                    self.assertIsNone(one.share, "there is no way to go")
                    self.assertEqual(one.is_met, is_so)
                    bound = term("2022", value, is_lower_bound=True)
                    self.assertEqual(is_met(direction, term("2025", 10), bound), of_bound)

    @given(numbers, numbers, st.sampled_from(sorted(OPPOSITE)))
    def test_mirrored_values_meet_the_mirrored_target(
        self, target: Decimal, actual: Decimal, direction: str
    ) -> None:
        mirrored = is_met(OPPOSITE[direction], term("2025", -target), term("2022", -actual))
        self.assertEqual(is_met(direction, term("2025", target), term("2022", actual)), mirrored)


class ChoiceTests(TestCase):
    def test_which_terms_are_compared(self) -> None:
        targets = [term("2020", 1), term("2030", 3), term("2025", 2)]
        baselines = [term("2015", 1), term("2019", 2)]
        for period, target, baseline in (
            # The next target that falls due, then the last; the latest baseline that is no later.
            ("2014", 1, None),
            ("2015", 1, 1),
            ("2018", 1, 1),
            ("2020", 1, 2),
            ("2021", 2, 2),
            ("2030", 3, 2),
            ("2031", 3, 2),
        ):
            one = progress_from_terms("increase", baselines, targets, [term(period, 0)])
            self.assertEqual(one.target.value, target, period)
            self.assertEqual(one.baseline and one.baseline.value, baseline, period)
        # The newest figure that has a number.
        figures = [term("2020", 5), term("2022", None, status="M"), term("2021", 7)]
        self.assertEqual(found(0, 10, *figures).share, Fraction(7, 10))


class PaceTests(TestCase):
    def test_what_is_achieved_and_what_is_needed_a_year(self) -> None:
        one = found(40, 10, term("2022", 25), direction="decrease")
        year = Fraction(3652425, 10000)
        self.assertEqual(one.pace, Fraction(-15) * year / 1096)
        self.assertEqual(one.required_pace, Fraction(-15) * year / 1096)
        self.assertEqual(
            status.pace_text(one, "persons", 0),
            "−5.0 persons a year since 2019; −5.0 persons a year are needed until the end of 2025",
        )
        # None once the period of the target is over, or without a term.
        self.assertIsNone(found(40, 10, term("2025", 25)).required_pace)
        self.assertIsNone(found(40, 10, term("2026", 25)).required_pace)
        self.assertIsNone(found(40, None, term("2022", 25)).required_pace)
        self.assertIsNone(found(None, 10, term("2022", 25)).pace)

    @given(numbers, numbers, numbers, numbers)
    def test_a_shift_moves_no_pace_and_the_sign_turns_it(
        self, baseline: Decimal, target: Decimal, actual: Decimal, shift: Decimal
    ) -> None:
        one = found(baseline, target, term("2022", actual))
        moved = found(baseline + shift, target + shift, term("2022", actual + shift))
        turned = found(-baseline, -target, term("2022", -actual))
        self.assertEqual((one.pace, one.required_pace), (moved.pace, moved.required_pace))
        self.assertEqual(turned.pace, -(one.pace or 0))
        self.assertEqual(turned.required_pace, -(one.required_pace or 0))


def days(*values: Any, **last: Any) -> list[Term]:
    """A figure a day, so that all are equally far apart."""
    made = [term(f"2020-01-{day:02}", value) for day, value in enumerate(values, 1)]
    return [*made[:-1], replace(made[-1], **last)]


class ProjectionTests(TestCase):
    def test_least_squares_through_what_can_be_compared(self) -> None:
        broken = days(9, 9, 1, 2, 3)
        broken[2] = replace(broken[2], status="B")
        for figures, to, expected in (
            (days(1, 2, 3), "2020-01-11", 11),
            # Slope 3/2 through (2, 7/3).
            (days(1, 2, 4), "2020-01-10", Fraction(7, 3) + Fraction(3, 2) * 8),
            # Only what follows the last break.
            (broken, "2020-01-06", 4),
            # None into the past, and none where fewer than three can be compared.
            (days(1, 2, 3), "2020-01-03", None),
            (days(1, 2), "2021", None),
            (days(1, None, 3), "2021", None),
            ([*days(1, 2), term("2020-01", 3)], "2021", None),
            (days(1, 2, 3, status="B"), "2021", None),
            (days(1, 2, 3, status="F"), "2021", None),
            (days(1, 2, 3, is_lower_bound=True), "2021", None),
        ):
            with self.subTest(figures=figures, to=to):
                self.assertEqual(projected_value(figures, periods.parse(to)), expected)

    def test_it_says_what_it_is(self) -> None:
        one = found(0, 10, *(term(str(year), year - 2019) for year in range(2020, 2023)))
        told = status.projection_text(one, 0)
        self.assertEqual(told, "6.0 in 2025 (a projection, not a forecast)")
        self.assertEqual(status.projection_text(found(0, 10), 0), "")

    @given(st.lists(numbers, min_size=3, max_size=8), numbers, st.integers(0, 7))
    def test_a_missing_figure_changes_nothing_and_a_shift_moves_it_alike(
        self, values: list[Decimal], shift: Decimal, place: int
    ) -> None:
        figures, to = days(*values), periods.parse("2021")
        one = projected_value(figures, to)
        missing = term("2020-02-01", None, status="M")
        self.assertEqual(projected_value([*figures[:place], missing, *figures[place:]], to), one)
        moved = projected_value(days(*(value + shift for value in values)), to)
        self.assertEqual(moved, (one or 0) + Fraction(shift))


class WordsTests(TestCase):
    def test_the_way_its_ends_and_their_marks(self) -> None:
        bound = term("2022", 25, is_lower_bound=True)
        further = "further from the target of 100 (2025) than the baseline of 0 (2019)"
        for one, words in (
            (
                found(40, 10, term("2022", 25), is_assumed=True),
                "50% of the way from 40 (2019) to 10 (2025, assumed).",
            ),
            (found(0, 100, term("2022", 125)), "125% of the way"),
            (found(0, 100, term("2022", -20)), f"−20% of the way: {further}"),
            (found(0, 100, term("2022", "99.9")), "Just under 100% of the way"),
            (found(0, 100, term("2022", "100.1")), "Just over 100% of the way"),
            (found(0, 100, term("2022", "0.1")), "Just over 0% of the way"),
            (found(0, 100, term("2022", "-0.1")), "Just under 0% of the way"),
            (found(0, 100, term("2022", 100)), "100% of the way"),
            # Of a lower bound the share is a bound.
            (found(0, 100, bound), "At least 25%"),
            (found(40, 10, bound), "At most 50%"),
        ):
            with self.subTest(words):
                said = status.progress_text(one, 0)
                self.assertEqual(said[: len(words)], words)
        marked = term("2022", "1234.5", is_approximate=True, is_derived=True, status="E")
        self.assertEqual(status.term_text(marked, 0), "about 1,234.5 (2022, derived, estimated)")

    def test_a_target_that_lies_where_it_began(self) -> None:
        for direction, words in (
            ("maintain", "is met."),
            ("increase", "is met."),
            ("none_stated", "No data to compare."),
        ):
            one = found(10, 10, term("2022", 10), direction=direction)
            self.assertTrue(status.progress_text(one, 0).endswith(words))

    def test_without_a_baseline_the_share_of_the_target_and_whether_it_was_met(self) -> None:
        reached, unknown = "of the target of 100 persons reached.", "no data show whether the "
        unknown += "target was met."
        lower = term("2025", 62, is_lower_bound=True)
        for actual, direction, is_assumed, words in (
            (term("2025", 62), "increase", False, f"62% {reached} Due in 2025: missed."),
            (term("2025", 120), "increase", False, f"120% {reached} Due in 2025: met."),
            (term("2024", 62), "increase", True, f"62% {reached} Due in 2025 (assumed): {unknown}"),
            (lower, "increase", False, f"At least 62% {reached} Due in 2025: {unknown}"),
            (term("2025", 62), "decrease", False, "Target: 100 persons. Due in 2025: met."),
            (term("2025", None), "increase", False, f"Target: 100 persons. Due in 2025: {unknown}"),
        ):
            one = found(None, 100, actual, direction=direction, is_assumed=is_assumed)
            due = status.due_text(one, date(2026, 11, 26))
            with self.subTest(words):
                self.assertEqual(f"{status.progress_text(one, 0, 'persons')} {due}", words)
        open_until = status.due_text(found(None, 100, term("2025", 62)), date(2025, 12, 31))
        self.assertEqual(open_until, "Due in 2025.")
        short = status.short_progress(found(None, 100, term("2025", 62)), 0, date(2026, 11, 26))
        self.assertEqual((short.text, short.is_missed), ("62% of 100, due in 2025", True))
        unmeasured = status.short_progress(
            found(None, 100, term("2025", None)), 0, date(2026, 11, 26), "persons"
        )
        self.assertEqual(unmeasured.text, "Target 100 persons, due in 2025")
        none = found(None, None, term("2025", 62))
        self.assertEqual(status.due_text(none, date(2026, 11, 26)), "")


class RowsTests(TrackerTestCase):
    """Which rows of the database are meant."""

    def test_the_last_revisions_of_the_area_itself_and_targets_in_use(self) -> None:
        everywhere, indicator = self.make_area(), self.make_indicator("USE")
        kenya = self.make_area("KEN", name="Kenya", kind="country")

        def aim(kind: str, period: str, value: int, **more: Any) -> Any:
            values = {"kind": kind, "area": everywhere, "period": period, "value": value, **more}
            return indicators.set_target(indicator=indicator, by=self.manager, values=values)

        def observe(area: Any, period: str, value: int, **more: Any) -> None:
            said = {"indicator": indicator, "period": period, "by": self.manager, **more}
            indicators.observe(area=area, values={"value": value}, **said)

        def shown() -> tuple[str, ...]:
            """What the page of the indicator says of its progress."""
            areas = areas_with_values(indicator)
            with self.assertNumQueries(2):
                return charts_of(indicator, areas, ChartQuery()).standing.progress

        aim("baseline", "2018", 0)
        old = aim("target", "2030", 50)
        aim("target", "2030", 100, replaces=old, reason="More is possible.")
        observe(kenya, "2020", 10)
        self.assertEqual(shown(), (), "a country is not measured by the target of all")
        observe(everywhere, "2020", 10)
        observe(everywhere, "2020", 20)
        observe(everywhere, "2021", 99, dimensions="SEX=F")
        told = ("20% of the way from 0 (2018) to 100 (2030).", "Due in 2030.")
        self.assertEqual(shown(), told)
