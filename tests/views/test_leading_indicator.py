"""The indicator on the row of a recommendation: outcome before delivery, newest figure, its way."""

from typing import Any

from django.test import override_settings

from recommendations.actions import indicators, recommendations
from recommendations.models import Indicator, IndicatorLink
from tests.views.pages import PageTestCase

LISTS = ("/recommendations/",)


class LeadingTests(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.area = cls.make_area()

    def link(self, code: str, relation: str, **values: Any) -> Indicator:
        indicator = self.make_indicator(code, title=f"Title of {code}", **values)
        IndicatorLink.objects.create(
            recommendation=self.recommendation, indicator=indicator, relation=relation
        )
        return indicator

    def observe(self, indicator: Indicator, *figures: tuple[str, str], area: Any = None) -> None:
        for period, value in figures:
            indicators.observe(
                indicator=indicator,
                area=area or self.area,
                period=period,
                by=self.manager,
                values={"value": value},
            )

    def assert_on_rows(self, *words: str) -> None:
        for path in LISTS:
            with self.subTest(path):
                self.assert_words(self.read(path, self.viewer), *words)

    def test_none_and_context_alone_measure_nothing(self):
        self.assert_on_rows("No outcome or delivery indicator linked")
        self.observe(self.link("A", "context"), ("2020", "1"))
        self.assert_on_rows("No outcome or delivery indicator linked")

    def test_outcome_leads_delivery_with_value_unit_and_period(self):
        self.observe(self.link("A", "delivery"), ("2020", "1"))
        self.observe(self.link("B", "outcome"), ("2019", "1"), ("2020", "2"))
        self.assert_on_rows("2 persons Title of B 2020 1 more indicator", "Title of B over time")

    def test_one_figure_is_no_line(self):
        self.observe(self.link("B", "outcome"), ("2020", "2"))
        self.assert_on_rows("2 persons Title of B 2020")
        self.assertNotIn("chart-spark", self.get("/recommendations/", self.viewer).content.decode())

    def test_of_two_outcomes_the_one_with_figures_leads(self):
        self.link("A", "outcome")
        self.observe(self.link("B", "outcome"), ("2020", "2"))
        self.assert_on_rows("2 persons Title of B 2020 1 more indicator")

    def test_figures_of_several_areas_make_no_headline(self):
        indicator = self.link("A", "outcome")
        for code in ("KEN", "NAM"):
            area = self.make_area(code, kind="country", name=code)
            self.observe(indicator, ("2020", "77"), area=area)
        self.assert_on_rows("No data for all areas yet", "Title of A")
        self.assert_no_words(self.read("/recommendations/", self.viewer), "77 persons")

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_sees_published_ones_only(self):
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        self.observe(self.link("A", "outcome"), ("2020", "77"))
        self.observe(self.link("B", "delivery", is_published=True), ("2020", "5"))
        for path in LISTS:
            text = self.read(path)
            self.assert_words(text, "5 persons Title of B 2020")
            self.assert_no_words(text, "77", "Title of A", "1 more indicator")

    def test_what_moves_against_a_claim_is_named_on_the_row(self):
        self.make_approved(self.recommendation, confidence="green")
        self.observe(self.link("B", "outcome"), ("2019", "2"), ("2020", "1"))
        self.assert_on_rows("Indicator “Title of B” contradicts the claim")

    def test_the_page_of_the_recommendation_has_headline_and_picture(self):
        indicator = self.link("B", "outcome")
        self.observe(indicator, ("2019", "1"), ("2020", "2"))
        indicators.set_target(
            indicator=indicator,
            by=self.manager,
            values={"kind": "target", "area": self.area, "period": "2030", "value": "9"},
        )
        text = self.read("/recommendations/REP-1/indicators/", self.viewer)
        self.assert_words(text, "2 persons All areas, 2020", "target 9", "Target, 2030, All areas")


class AreaTests(LeadingTests):
    """On the page of an area."""

    def test_an_area_shows_its_own_figures_of_what_the_reader_may_see(self):
        kenya = self.make_area("KEN", kind="country", name="Kenya", iso2="KE", iso3="KEN")
        use = self.link("A", "outcome", is_published=True)
        self.observe(use, ("2019", "1"), ("2020", "2"), area=kenya)
        self.observe(use, ("2021", "99"))
        self.observe(self.link("B", "outcome"), ("2020", "77"), area=kenya)
        text = self.read("/areas/KEN/", self.viewer)
        self.assert_words(text, "A Title of A 2 persons 2020", "B Title of B 77 persons 2020")
        self.assert_no_words(text, "99")
