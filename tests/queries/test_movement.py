"""Which way an indicator moved, and the flag that it moves against what is claimed."""

from decimal import Decimal
from typing import Any
from unittest import TestCase

from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from recommendations import periods
from recommendations.actions import indicators
from recommendations.charts import SeriesPoint
from recommendations.choices import Movement
from recommendations.models import Indicator, IndicatorLink
from recommendations.queries.indicators.status import movement_between, movement_of
from recommendations.queries.recommendations.rows import rows_for
from tests.base import TrackerTestCase

numbers = st.decimals(allow_nan=False, allow_infinity=False, places=3)


def series(*figures: tuple[str, Any] | tuple[str, Any, str]) -> list[SeriesPoint]:
    """Points, newest first."""
    return [
        SeriesPoint(
            period=periods.parse(figure[0]),
            value=None if figure[1] is None else Decimal(figure[1]),
            status=figure[2] if len(figure) > 2 else "A",
        )
        for figure in figures
    ]


class BetweenTests(TestCase):
    def test_two_figures_of_one_frequency(self) -> None:
        cases = [
            ("increase", series(("2020", 2), ("2019", 1)), Movement.TOWARDS),
            ("increase", series(("2020", 1), ("2019", 2)), Movement.AGAINST),
            ("decrease", series(("2020", 1), ("2019", 2)), Movement.TOWARDS),
            ("decrease", series(("2020", 2), ("2019", 1)), Movement.AGAINST),
            ("decrease", series(("2020", 2), ("2019", "2.0")), Movement.STILL),
            ("none_stated", series(("2020", 2), ("2019", 1)), Movement.NOT_KNOWN),
            ("maintain", series(("2020", 2), ("2019", 1)), Movement.NOT_KNOWN),
            # Nothing to compare: one figure, none, another frequency, a break between.
            ("increase", series(("2020", 2)), Movement.NOT_KNOWN),
            ("increase", series(), Movement.NOT_KNOWN),
            ("increase", series(("2020", 2), ("2019-S1", 1)), Movement.NOT_KNOWN),
            ("increase", series(("2020", 2, "B"), ("2019", 1)), Movement.NOT_KNOWN),
            # What is missing is passed over: it is not 0.
            ("increase", series(("2021", None, "M"), ("2020", 2), ("2019", 1)), Movement.TOWARDS),
            ("increase", series(("2020", 2), ("2019", None, "M"), ("2018", 1)), Movement.TOWARDS),
            ("increase", series(("2020", 2), ("2019-S2", 9), ("2019", 1)), Movement.TOWARDS),
        ]
        for direction, points, expected in cases:
            with self.subTest(direction=direction, points=points):
                self.assertEqual(movement_between(direction, points), expected)

    @given(numbers, numbers)
    def test_the_other_direction_is_the_other_way(self, newest: Decimal, before: Decimal) -> None:
        points = [
            SeriesPoint(period=periods.parse("2020"), value=newest),
            SeriesPoint(period=periods.parse("2019"), value=before),
        ]
        turned = {Movement.TOWARDS: Movement.AGAINST, Movement.AGAINST: Movement.TOWARDS}
        up, down = movement_between("increase", points), movement_between("decrease", points)
        self.assertEqual(down, turned.get(up, up))


class FlagTests(TrackerTestCase):
    indicator: Indicator

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.indicator = cls.make_indicator("GAP", direction="decrease")
        IndicatorLink.objects.create(
            recommendation=cls.recommendation, indicator=cls.indicator, relation="outcome"
        )
        cls.everywhere = cls.make_area()
        cls.kenya = cls.make_area("KEN", name="Kenya", kind="country")

    def observe(self, period: str, value: str, area: Any = None) -> None:
        indicators.observe(
            indicator=self.indicator, area=area or self.everywhere, period=period,
            by=self.manager, values={"value": value},
        )  # fmt: skip
        self.indicator.refresh_from_db()
        self.assertEqual(self.indicator.movement, movement_of(self.indicator))

    def claim(self, confidence: str, **values: Any) -> None:
        self.make_approved(self.recommendation, confidence=confidence, **values)

    def assert_raised(self, expected: bool) -> None:
        [row] = rows_for(self.viewer, [self.recommendation.pk], timezone.localdate())
        self.assertEqual("indicator_against" in row.flags, expected)

    def test_raised_while_the_claim_is_green_and_the_figures_go_the_other_way(self) -> None:
        for happens, expected in (
            (lambda: self.observe("2019", "10"), False),
            (lambda: self.observe("2020", "11"), False),  # no report yet
            (lambda: self.claim("red", asked_for="Help."), False),
            (lambda: self.claim("green"), True),
            (lambda: self.observe("2020", "9"), False),
            (lambda: self.observe("2020", "12"), True),
            (lambda: IndicatorLink.objects.update(relation="context"), False),
        ):
            happens()
            self.assert_raised(expected)

    def test_of_several_countries_none_stands_for_all(self) -> None:
        self.observe("2019", "10", self.kenya)
        self.observe("2020", "11", self.kenya)
        self.assertEqual(self.indicator.movement, Movement.AGAINST)  # the one area there is
        other = self.make_area("NAM", name="Namibia", kind="country")
        self.observe("2020", "4", other)
        self.assertEqual(self.indicator.movement, Movement.NOT_KNOWN)
        self.observe("2020", "4")
        self.observe("2019", "5")
        self.assertEqual(self.indicator.movement, Movement.TOWARDS)
