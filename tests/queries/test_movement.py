"""Which way an indicator moved, and the flag that it moves against what is claimed."""

from decimal import Decimal
from typing import Any
from unittest import TestCase

from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from recommendations import periods
from recommendations.charts import SeriesPoint
from recommendations.choices import Movement
from recommendations.models import Indicator, IndicatorLink
from recommendations.queries.indicators.status import movement_between, movement_of
from recommendations.queries.recommendations.rows import rows_for
from tests.base import TrackerTestCase
from tests.edits import observe

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
        towards, against, unknown = Movement.TOWARDS, Movement.AGAINST, Movement.NOT_KNOWN
        rising, falling = (("2020", 2), ("2019", 1)), (("2020", 1), ("2019", 2))
        for direction, figures, expected in (
            ("increase", rising, towards),
            ("increase", falling, against),
            ("decrease", falling, towards),
            ("decrease", rising, against),
            ("decrease", (("2020", 2), ("2019", "2.0")), Movement.STILL),
            ("none_stated", rising, unknown),
            ("maintain", rising, unknown),
            # Nothing to compare: one figure, none, another frequency, a break between.
            ("increase", rising[:1], unknown),
            ("increase", (), unknown),
            ("increase", (("2020", 2), ("2019-S1", 1)), unknown),
            ("increase", (("2020", 2, "B"), ("2019", 1)), unknown),
            # What is missing is passed over: it is not 0.
            ("increase", (("2021", None, "M"), *rising), towards),
            ("increase", (("2020", 2), ("2019", None, "M"), ("2018", 1)), towards),
            ("increase", (("2020", 2), ("2019-S2", 9), ("2019", 1)), towards),
        ):
            with self.subTest(direction=direction, figures=figures):
                self.assertEqual(movement_between(direction, series(*figures)), expected)

    @given(numbers, numbers)
    def test_the_other_direction_is_the_other_way(self, newest: Decimal, before: Decimal) -> None:
        points = series(("2020", newest), ("2019", before))
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
        observe(self.indicator, area or self.everywhere, period, value, self.manager)  # fmt: skip
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
