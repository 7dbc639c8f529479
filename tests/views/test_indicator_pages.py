"""Indicators: the list with the newest figures, and the page of one with all of them."""

from typing import Any

from django.core.cache import cache
from django.test import override_settings
from django.utils import timezone

from recommendations.actions import indicators, recommendations
from recommendations.filters.indicators import IndicatorFilter
from recommendations.models import Indicator, IndicatorLink
from recommendations.templatetags.dates import short_day
from tests import factories, indicator_factories
from tests.views.pages import PageTestCase

LIST = "/indicators/"
PAGE = "/indicators/USE/"


class IndicatorTestCase(PageTestCase):
    """USE is published and an outcome of REP-1; COST is not, and is context of it."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.area = cls.make_area()
        cls.use = cls.make_indicator("USE", is_published=True, decimals=1, method="Counted.")
        cls.cost = cls.make_indicator("COST", title="Cost of the thing", direction="decrease")
        for indicator, relation in ((cls.use, "outcome"), (cls.cost, "context")):
            IndicatorLink.objects.create(
                recommendation=cls.recommendation,
                indicator=indicator,
                relation=relation,
                why="It counts what is wanted.",
            )
        cls.observe("2019", "9")
        cls.observe("2020", "10")
        cls.observe("2020", "1234.5", comment="Counted again.", source="The office")
        cls.aim("target", "2030", "5000")
        cls.aim("baseline", "2018", "8", mark="derived")

    @classmethod
    def observe(cls, period: str, value: Any, **values: Any) -> None:
        indicators.observe(
            indicator=values.pop("indicator", cls.use),
            area=values.pop("area", cls.area),
            period=period,
            by=cls.manager,
            dimensions=values.pop("dimensions", ""),
            values={"value": value, **values},
        )

    @classmethod
    def aim(cls, kind: str, period: str, value: str, **values: Any) -> Any:
        return indicators.set_target(
            indicator=cls.use,
            by=cls.manager,
            values={"kind": kind, "area": cls.area, "period": period, "value": value, **values},
        )

    def codes(self, person: Any, **query: Any) -> list[str]:
        response = self.get(LIST, person, **query)
        self.assertEqual(response.status_code, 200)
        return [row.code for row in response.context["rows"]]


class ListTests(IndicatorTestCase):
    def test_of_many_recommendations_the_first_are_named_and_the_others_counted(self):
        indicator_factories.link_indicators(factories.recommendations(type(self), 30), [self.use])
        response = self.get(LIST, self.viewer)
        [row] = [row for row in response.context["rows"] if row.code == "USE"]
        self.assertEqual([link.reference for link in row.links[:2]], ["REP-1", "REP-2"])
        self.assertEqual((len(row.links), row.more_links), (3, 28))
        self.assert_words(response.content.decode(), "28 more")
        self.assertContains(self.get(PAGE, self.viewer), "REP-31")

    def test_each_has_its_newest_figure_with_unit_period_and_area(self):
        self.assert_words(
            self.read(LIST, self.viewer),
            "2 results",
            (
                "USE Use of the thing 1,234.5 persons 2020 All areas "
                "25% of the way to 5,000.0, due in 2030 REP-1"
            ),
            "COST Cost of the thing not published No data yet No target REP-1",
        )

    def test_a_target_that_was_due_is_met_or_missed(self):
        old = self.use.targets.get(kind="target")
        self.aim("target", "2020", "5000", replaces=old, reason="Sooner.")
        self.assert_words(self.read(LIST, self.viewer), "to 5,000.0, due in 2020 Missed")
        self.observe("2021", "5000")
        self.assert_words(self.read(LIST, self.viewer), "100% of the way", "Met")

    def test_of_several_areas_the_median_stands_for_all(self):
        for number, value in enumerate(("30", "10", "20", None)):
            area = self.make_area(f"A{number}", kind="country", name=f"Land {number}")
            of_area = {"indicator": self.cost, "area": area}
            self.observe("2021", value, obs_status="M" if value is None else "A", **of_area)
        self.observe("2021", "99", dimensions="SEX=F", **of_area)
        self.assert_words(self.read(LIST, self.viewer), "20 persons 2021 median of 3 areas")
        self.observe("2021", "25", **of_area)
        self.assert_words(self.read(LIST, self.viewer), "22.5 persons 2021 median of 4 areas")

    def test_a_missing_figure_is_never_0(self):
        self.observe("2021", None, obs_status="M")
        text = self.read(LIST, self.viewer)
        self.assert_words(text, "No data 2021 All areas missing")

    def test_each_filter_finds_what_it_should(self):
        cases: dict[str, list[tuple[Any, list[str]]]] = {
            "text": [("cost", ["COST"]), ("how many", ["COST", "USE"]), ("zzz", [])],
            "direction": [("decrease", ["COST"]), ("maintain", [])],
            "relation": [("outcome", ["USE"]), ("context", ["COST"]), ("delivery", [])],
        }
        self.assertEqual(set(cases), set(IndicatorFilter.base_filters))
        for name, expectations in cases.items():
            for value, expected in expectations:
                with self.subTest(filter=name, value=value):
                    self.assertEqual(self.codes(self.viewer, **{name: value}), expected)

    def test_a_link_taken_out_of_use_relates_nothing(self):
        link = IndicatorLink.objects.get(indicator=self.use)
        link.removed_at, link.removed_by = timezone.now(), self.manager
        link.save()
        self.assertEqual(self.codes(self.viewer, relation="outcome"), [])
        self.assert_no_words(self.read(PAGE, self.viewer), "REP-1")

    def test_a_wrong_filter_answers_400_with_the_page(self):
        for query in ({"direction": "up"}, {"relation": "a\0b"}, {"text": "x" * 201}):
            with self.subTest(query=str(query)[:30]):
                text = self.read(LIST, self.viewer, status=400, **query)
                self.assert_words(text, "No results: one of the filters is invalid.")

    def test_a_page_that_is_not_there(self):
        for page in (2, 10**9, "abc"):
            self.read(LIST, self.viewer, status=404, page=page)

    def test_none_at_all_says_what_to_do(self):
        self.assert_words(self.read(LIST, self.viewer, text="zzz"), "No matching indicators")


class PageTests(IndicatorTestCase):
    def test_the_newest_figure_comes_first_with_unit_period_and_area(self):
        self.assert_words(
            self.read(PAGE, self.viewer),
            "1,234.5 persons Latest value: All areas, 2020 "
            "25% of the way from 8.0 (2018, derived) to 5,000.0 (2030). Due in 2030.",
            "Counted again. 2 values for 1 area, from 2019 to 2020.",
        )

    def test_which_way_it_moves_is_said_with_both_figures(self):
        text = self.read(PAGE, self.viewer)
        self.assert_words(text, "Favourable trend: from 9.0 in 2019 to 1,234.5 in 2020.")
        self.observe("2021", "1000")
        text = self.read(PAGE, self.viewer)
        self.assert_words(text, "Unfavourable trend: from 1,234.5 in 2020 to 1,000.0 in 2021.")
        self.observe("2022", "1000")
        text = self.read(PAGE, self.viewer)
        self.assert_words(text, "Unchanged: 1,000.0 in 2021, 1,000.0 in 2022.")
        self.observe("2023-Q1", "8", obs_status="B")
        self.assert_words(self.read(PAGE, self.viewer), "No trend: no two comparable values.")

    def test_without_a_wanted_direction_nothing_is_for_or_against(self):
        for direction, words in (
            ("none_stated", "No desired direction stated"),
            ("maintain", "The tracker does not judge the difference"),
        ):
            Indicator.objects.filter(pk=self.use.pk).update(direction=direction)
            cache.clear()  # What is written past the record is not looked for anew.
            self.assert_words(self.read(PAGE, self.viewer), words)

    def test_a_newer_missing_figure_is_said_and_takes_nothing_away(self):
        self.observe("2021", None, obs_status="M")
        text = self.read(PAGE, self.viewer)
        self.assert_words(text, "1,234.5 persons Latest value: All areas", "No data for 2021.")

    def test_aims_stand_under_the_chart(self):
        self.assert_words(
            self.read(PAGE, self.viewer),
            "Baseline 2018 All areas 8.0 persons derived Target 2030 All areas 5,000.0 persons",
        )

    def test_all_figures_newest_first_with_their_record(self):
        self.assert_words(
            self.read(PAGE, self.viewer),
            "Show 2 values In persons, latest period first",
            f"2020 All areas 1,234.5 Counted again. {short_day(timezone.now())} "
            f"1 previous revision: All areas, 2020 by {self.manager} "
            "Confirmation not required Source: The office 10.0",
            "2019 All areas 9.0",
        )

    def test_earlier_figures_are_folded_beside_the_one_that_stands(self):
        self.observe("2020", "1300", is_assumed=True)
        text = self.read(PAGE, self.viewer)
        self.assert_words(text, "2 previous revisions", "2020 All areas 1,300.0 assumed")
        self.assertLess(text.index(f"1,234.5 {short_day(timezone.now())}"), text.index(" 10.0 "))
        self.assert_words(text, "2 values for 1 area")

    def test_a_replaced_target_is_not_shown(self):
        old = self.use.targets.get(kind="target")
        self.aim("target", "2030", "6000", replaces=old, reason="More is possible.")
        text = self.read(PAGE, self.viewer)
        self.assert_words(text, "6,000.0 persons")
        self.assert_no_words(text, "5,000.0 persons", "More is possible.")

    def test_figures_that_differ_in_a_dimension_can_be_told_apart_and_lead_nothing(self):
        self.observe("2021", "3", dimensions="SEX=F")
        self.observe("2021", "4", dimensions="SEX=M")
        self.assert_words(
            self.read(PAGE, self.viewer),
            "1,234.5 persons Latest value: All areas, 2020",
            "2021 All areas SEX=F 3.0",
            "2021 All areas SEX=M 4.0",
        )

    def test_marks_and_words_stand_beside_the_figure(self):
        self.observe("2022", "150", is_lower_bound=True, is_derived=True, obs_status="E")
        self.observe("2023", None, text="many")
        self.observe("2024", None, obs_status="M", source_status="Q")
        text = self.read(PAGE, self.viewer)
        self.assert_words(text, "2022 All areas more than 150.0 derived estimated")
        self.assert_words(text, "2023 All areas many")
        self.assert_words(text, "2024 All areas No data missing value; suppressed")
        self.assert_words(text, "many Latest value: All areas, 2023")

    def test_the_picture_has_its_aims_and_the_same_as_a_table(self):
        text = self.read(PAGE, self.viewer)
        self.assert_words(
            text,
            "Trend: All areas",
            "target 5,000.0",
            "baseline 8.0",
            "Period Field Value Note 2018 baseline 8.0 2019 value 9.0 2020 value 1,234.5 "
            "2030 target 5,000.0",
        )

    def test_a_decreasing_one_and_what_lies_beyond_its_target_are_shown_as_they_are(self):
        indicator = self.make_indicator("GAP", direction="decrease", is_published=True)
        for kind, period, value in (("baseline", "2018", "40"), ("target", "2030", "10")):
            indicators.set_target(
                indicator=indicator,
                by=self.manager,
                values={"kind": kind, "area": self.area, "period": period, "value": value},
            )
        for period, value in (("2019", "25"), ("2020", "3")):
            self.observe(period, value, indicator=indicator)
        self.assert_words(
            self.read("/indicators/GAP/", self.viewer),
            "3 persons Latest value",
            "123% of the way from 40 (2018) to 10 (2030). Due in 2030: met.",
            "Favourable trend: from 25 in 2019 to 3 in 2020.",
            "2018 baseline 40 2019 value 25 2020 value 3 2030 target 10",
        )

    def test_more_than_150_without_baseline_and_target_is_shown_as_such(self):
        indicator = self.make_indicator("MORE", is_published=True)
        self.observe("2019", "150", indicator=indicator, is_lower_bound=True)
        text = self.read("/indicators/MORE/", self.viewer)
        self.assert_words(
            text,
            "more than 150 persons Latest value: All areas, 2019 No target is recorded.",
            "2019 value 150 at least",
            "≥ 150",
        )
        self.assert_no_words(text, "0%", "Baseline")

    def test_a_filter_bounds_the_picture_and_the_table(self):
        text = self.read(PAGE, self.viewer, first="2020")
        self.assert_words(text, "2020 value 1,234.5", "1,234.5 persons Latest value")
        self.assert_no_words(text, "2019 value 9.0", "2019 All areas 9.0")
        self.assert_words(self.read(PAGE, self.viewer, last="2018"), "No matching data")

    def test_a_wrong_filter_answers_400_with_the_page(self):
        for query in ({"first": "soon"}, {"area": "NOWHERE"}, {"last": "2018-13"}):
            with self.subTest(query=query):
                text = self.read(PAGE, self.viewer, status=400, **query)
                self.assert_words(text, "1,234.5 persons Latest value")

    def test_the_definition_sheet_and_what_it_is_for(self):
        self.assert_words(
            self.read(PAGE, self.viewer),
            "Code USE Unit persons",
            "Direction Desired direction: increase",
            "Method Counted.",
            "Linked recommendations REP-1 Do the thing Outcome indicator It counts what is wanted.",
        )

    def test_many_figures_are_paged(self):
        indicator_factories.observe(self.use, [(str(year), 1) for year in range(1900, 1990)])
        self.assert_words(self.read(PAGE, self.viewer), "2020 All areas", "1942 Area A0 7.0")
        second = self.read(PAGE, self.viewer, page=2)
        self.assert_words(second, "1941 Area A0 7.0", "1900 Area A0 7.0", "Target 2030")
        for page in (3, 10**9, "abc", 0):
            self.read(PAGE, self.viewer, status=404, page=page)

    def test_what_is_not_there(self):
        for code in ("NONE", "use", "x" * 41, "%00"):
            with self.subTest(code=code):
                self.read(f"/indicators/{code}/", self.viewer, status=404)


class VisibilityTests(IndicatorTestCase):
    def test_without_public_pages_one_must_be_signed_in_with_a_role(self):
        self.assert_turned_away(LIST)
        self.assert_turned_away(PAGE)

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_sees_published_ones_and_no_reason(self):
        for reader in (None, self.stranger):
            with self.subTest(reader=reader):
                self.assertEqual(self.codes(reader), ["USE"])
                self.read("/indicators/COST/", reader, status=404)
                text = self.read(PAGE, reader)
                self.assert_words(text, "1,234.5 persons", "No linked recommendations.")
                self.assert_no_words(text, "REP-1", "It counts what is wanted.")

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_sees_links_to_what_is_published(self):
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        text = self.read(PAGE)
        self.assert_words(text, "REP-1 Do the thing Outcome")
        self.assert_no_words(text, "It counts what is wanted.")
        self.assert_words(self.read(LIST), "due in 2030 REP-1")

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_cannot_tell_a_relation_to_something_unpublished(self):
        self.assertEqual(self.codes(None, relation="outcome"), [])
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        self.assertEqual(self.codes(None, relation="outcome"), ["USE"])

    def test_published_or_not_is_said_inside_only(self):
        self.assert_words(self.read(LIST, self.viewer), "COST Cost of the thing not published")
        Indicator.objects.update(is_published=True)
        cache.clear()  # what is written past the record is not looked for anew
        self.assert_no_words(self.read(LIST, self.viewer), "not published")
