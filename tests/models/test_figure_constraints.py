"""What the database itself asks of indicators, their targets and their figures."""

from django.db import IntegrityError, transaction

from recommendations.actions import indicators
from recommendations.models import (
    Area,
    Indicator,
    Observation,
    ObservationConfirmation,
    Target,
)
from tests.models.constraints import BEFORE, NOW, TODAY, ConstraintTestCase, Rule


class FigureConstraintTests(ConstraintTestCase):
    indicator: Indicator
    area: Area
    target: Target
    observation: Observation

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.indicator = cls.make_indicator()
        cls.area = cls.make_area()
        cls.target = indicators.set_target(
            indicator=cls.indicator,
            by=cls.manager,
            values={"kind": "target", "area": cls.area, "period": "2030", "value": "10"},
        )
        cls.observation = indicators.observe(
            indicator=cls.indicator,
            area=cls.area,
            period="2024",
            by=cls.manager,
            values={"value": "1"},
        )

    def test_an_indicator_has_a_code_that_fits_an_address(self) -> None:
        self.assert_rule(
            Rule(
                "indicator_code_is_slug",
                self.indicator,
                holds=[{"code": value} for value in ("IT.NET.USER.ZS", "5-b-1", "x_y")],
                breaks=[{"code": value} for value in ("", ".x", "a b", "a/b", "é")],
            )
        )

    def test_who_recorded_a_value_does_not_confirm_it(self) -> None:
        made = ObservationConfirmation.objects.create(
            observation=self.observation,
            confirmed_at=NOW,
            confirmed_by=self.staff,
            recorded_by=self.manager,
        )
        self.assert_rule(
            Rule(
                "confirmation_by_second_person",
                made,
                holds=[{"confirmed_by": self.other_manager}, {"recorded_by": None}],
                breaks=[{"confirmed_by": self.manager}, {"recorded_by": self.staff}],
            )
        )

    def test_a_target_has_a_value_or_words(self) -> None:
        self.assert_rule(
            Rule(
                "target_says_something",
                self.target,
                holds=[
                    {"value": "0", "text": ""},
                    {"value": None, "text": "more than 150"},
                    {"value": "150", "text": "more than 150"},
                ],
                breaks=[{"value": None, "text": ""}],
            )
        )

    def test_a_target_that_replaces_another_says_why(self) -> None:
        earlier = indicators.set_target(
            indicator=self.indicator,
            by=self.manager,
            values={"kind": "baseline", "area": self.area, "period": "2020", "value": "5"},
        )
        self.assert_rule(
            Rule(
                "target_change_has_reason",
                self.target,
                holds=[{}, {"replaces": earlier, "reason": "A slip."}],
                breaks=[{"replaces": earlier, "reason": ""}],
            )
        )

    def test_a_figure_has_a_value_words_or_is_missing(self) -> None:
        self.assert_rule(
            Rule(
                "observation_says_something",
                self.observation,
                holds=[
                    {"value": "0", "text": ""},
                    {"value": None, "text": "more than 150"},
                    {"value": None, "text": "", "obs_status": "M"},
                ],
                breaks=[{"value": None, "text": ""}],
            )
        )
        self.assert_rule(
            Rule(
                "observation_missing_has_no_value",
                self.observation,
                holds=[{"value": None, "text": ""}],
                breaks=[{"value": "0"}, {"value": None, "text": "none"}],
                base={"obs_status": "M"},
            )
        )

    def test_the_code_of_the_source_fits_the_observation_status(self) -> None:
        missing = {"value": None, "obs_status": "M"}
        self.assert_rule(
            Rule(
                "observation_source_status_fits",
                self.observation,
                holds=[
                    {},
                    {"source_status": "D"},
                    missing,
                    *({**missing, "source_status": code} for code in "HLMOQ"),
                ],
                breaks=[
                    *({"source_status": code} for code in "HLMOQ"),
                    {**missing, "source_status": "D"},
                    {"obs_status": "E", "source_status": "D"},
                ],
            )
        )

    def test_the_days_of_a_figure_are_in_order(self) -> None:
        self.assert_rule(
            Rule(
                "observation_days_in_order",
                self.observation,
                holds=[
                    {"first_day": BEFORE, "last_day": TODAY},
                    {"first_day": TODAY, "last_day": TODAY},
                ],
                breaks=[{"first_day": TODAY, "last_day": BEFORE}],
            )
        )

    def test_a_figure_is_there_once_for_each_of_its_revisions(self) -> None:
        again = Observation.objects.get(pk=self.observation.pk)
        again.pk = None
        with self.assertRaises(IntegrityError), transaction.atomic():
            Observation.objects.bulk_create([again])
        again.pk, again.revision = None, 2
        Observation.objects.bulk_create([again])
