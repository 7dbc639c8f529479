"""The page of the gap: its answer first, who sees what, wrong questions, pictures as files."""

import csv
import io
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from django.core.cache import cache
from django.test import override_settings

from recommendations.actions import indicators, recommendations
from recommendations.models import GroupMembership, IndicatorLink
from recommendations.queries.indicators.gap_charts import NAMES
from tests import indicator_factories
from tests.views.pages import PageTestCase
from tests.views.test_budgets import (
    INDICATOR_OUTSIDE,
    BudgetTestCase,
    Reasons,
    inside,
    outside,
)

GAP = "/gap/"


class GapTestCase(PageTestCase):
    """NET is published and an outcome of REP-1: 6 countries in two regions, 3 years."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.net = cls.make_indicator(
            "NET", title="Share on line", unit="% of people", measure="2", is_published=True
        )
        cls.world = cls.make_area("M49-001", name="World", kind="region", m49="001")
        regions = [
            cls.make_area(name.upper(), name=name, kind="region", parent=cls.world)
            for name in ("East", "West")
        ]
        cls.areas = {
            letter: cls.make_area(
                f"{letter * 3}", name=f"Land {letter}", kind="country", parent=regions[n // 3]
            )
            for n, letter in enumerate("ABCDEF")
        }
        for year, values in (
            ("2018", (10, 20, 30, 50, 60, 70)),
            ("2019", (20, 28, 36, 52, 60, 68)),
            ("2020", (30, 36, 42, 54, "60.25", 66)),
        ):
            for letter, value in zip("ABCDEF", values, strict=True):
                cls.observe(letter, year, value)

    @classmethod
    def observe(cls, letter: str, period: str, value: Any, **values: Any) -> None:
        indicators.observe(
            indicator=values.pop("indicator", cls.net),
            area=cls.areas[letter],
            period=period,
            by=cls.manager,
            values={"value": value, **values},
        )

    @classmethod
    def link(cls, **values: Any) -> None:
        IndicatorLink.objects.create(
            recommendation=cls.recommendation,
            indicator=cls.net,
            **{"relation": "outcome", **values},
        )

    def rows(self, picture: str, person: Any = None, **query: Any) -> list[dict[str, str]]:
        """The CSV of a picture."""
        response = self.get(f"/gap/{picture}.csv", person or self.viewer, **query)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response["Content-Type"], "text/csv; charset=utf-8")
        return list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


class PageTests(GapTestCase):
    def test_the_answer_comes_first_with_what_it_rests_on(self) -> None:
        self.assert_words(
            self.read(GAP, self.viewer),
            "Gap between countries: Share on line The gap narrowed from 35 to 21 percentage points "
            "between 2018 and 2020. Interquartile range of the 6 of 6 areas with data in all 3 "
            "periods. In 2020, values range from 30 (Land A) to 66 (Land F).",
            "Interquartile range, 2020 21.2 percentage points 35 in 2018",
            "Median, 2020 48 % of people 40 in 2018; +4 a year",
            "Range of regional medians, 2020 24.2 percentage points 40 in 2018",
        )

    def test_who_is_ahead_and_who_behind_with_coverage(self) -> None:
        self.observe("F", "2020", None, obs_status="M")
        text = self.read(GAP, self.viewer)
        self.assert_words(
            text,
            "Highest and lowest, 2020 5 of 6 areas have data for 2020.",
            "Highest Land E 60.2 Land D 54 Lowest Land A 30 Land B 36 % of people",
            "5 of 6 areas with data in all",
        )

    def test_a_decrease_puts_the_lowest_ahead_and_no_direction_nobody(self) -> None:
        for direction, words in (
            ("decrease", "Lowest Land A 30 Land B 36 Land C 42 Highest Land F 66"),
            ("none_stated", "Highest Land F 66 Land E 60.2 Land D 54 Lowest Land A 30"),
        ):
            type(self.net).objects.filter(pk=self.net.pk).update(direction=direction)
            cache.clear()  # What is written past the record is not looked for anew.
            self.assert_words(self.read(GAP, self.viewer), words)

    def test_each_picture_has_a_table_and_both_as_files(self) -> None:
        page = self.get(GAP, self.viewer, level="region", from_year=2019).content.decode()
        for name in NAMES:
            for kind in ("svg", "csv"):
                self.assertIn(f'href="/gap/{name}.{kind}?level=region&amp;from_year=2019"', page)
        self.assertEqual(page.count("Data table"), len(NAMES))
        self.assertIn('href="/areas/AAA/"', page)

    def test_what_is_asked_for_is_shown(self) -> None:
        club = self.make_area("club", name="The club", kind="group")
        for letter in "AD":
            GroupMembership.objects.create(group=club, member=self.areas[letter])
        text = self.read(GAP, self.viewer, group="club", level="sub_region", to_year=2019)
        self.assert_words(
            text,
            "The gap has no trend: too few areas have data in every period from 2018 to 2019.",
            "Only 2 of 2 areas have data",
        )
        self.assertEqual(
            [row["Area"] for row in self.rows("ranking", group="club")], ["Land D", "Land A"]
        )

    def test_countries_are_chosen_by_name(self) -> None:
        text = self.read(GAP, self.viewer, country=["AAA", "BBB", "CCC", "EEE"])
        self.assert_words(text, "of the 4 of 4 areas with data in all 3 periods")
        club = self.make_area("club", name="The club", kind="group")
        for letter in "AD":
            GroupMembership.objects.create(group=club, member=self.areas[letter])
        chosen = {"group": "club", "country": ["AAA", "BBB"]}
        self.assertEqual([row["Area"] for row in self.rows("ranking", **chosen)], ["Land A"])

    def test_a_group_of_nobody_says_what_to_do(self) -> None:
        self.make_area("club", name="The club", kind="group")
        text = self.read(GAP, self.viewer, group="club")
        self.assert_words(
            text, "None of these areas has data in these years.", "No data for this selection"
        )

    def test_what_the_recommendation_is_for_comes_first(self) -> None:
        other = self.make_indicator("AAA", title="Another")
        for letter in "AB":
            self.observe(letter, "2020", 1, indicator=other)
        self.assert_words(self.read(GAP, self.viewer), "Gap between countries: Another")
        self.link()
        cache.clear()  # What is written past the record is not looked for anew.
        self.assert_words(self.read(GAP, self.viewer), "Gap between countries: Share on line")
        self.assert_words(
            self.read(GAP, self.viewer, indicator="AAA"), "Gap between countries: Another"
        )

    def test_a_last_year_of_which_few_figures_are_there_is_told(self) -> None:
        self.assert_no_words(self.read(GAP, self.viewer), "are missing")
        for letter in "AB":
            self.observe(letter, "2021", 50)
        text = self.read(GAP, self.viewer)
        self.assert_words(
            text,
            "The gap has no trend: too few areas have data in every period from",
            "as the last year to compare more areas",
        )

    def test_the_answer_does_not_hide_that_regions_moved_the_other_way(self) -> None:
        self.assert_no_words(
            self.read(GAP, self.viewer), "However, the regional medians moved closer together."
        )
        for letter, value in zip("ABCDEF", (30, 40, 60, 60, 82, 84), strict=True):
            self.observe(letter, "2020", value)
        self.assert_words(
            self.read(GAP, self.viewer),
            "The gap narrowed from",
            "However, the regional medians moved further apart.",
        )

    def test_series_that_break_in_between_are_counted(self) -> None:
        self.observe("A", "2019", 20, obs_status="B")
        self.assert_words(
            self.read(GAP, self.viewer),
            "area has a break: its data before and after are not comparable",
        )

    def test_one_period_is_no_trend(self) -> None:
        text = self.read(GAP, self.viewer, from_year=2020)
        self.assert_words(text, "data exist for 2020 only.")
        self.assert_no_words(text, "in 2018")

    def test_a_wrong_question_answers_400_with_the_page_and_its_error(self) -> None:
        for query, words in (
            ({"indicator": "NONE"}, "Indicator: Choose an option from the list."),
            ({"group": "AAA"}, "Scope: Choose an option from the list."),
            ({"country": "M49-001"}, "Only these countries: Choose an option from the list."),
            ({"level": "planet"}, "By: Choose an option from the list."),
            ({"from_year": "x"}, "From year: Enter a whole number."),
            ({"to_year": "99999"}, "To year: Ensure this value is less than or equal to 9999."),
            ({"from_year": "2020", "to_year": "2019"}, "The last year is before the first."),
            ({"indicator": "a\0b"}, "Indicator:"),
        ):
            with self.subTest(query=query):
                text = self.read(GAP, self.viewer, status=400, **query)
                self.assert_words(text, "Correct the errors below", words)
                for kind in ("svg", "csv"):
                    self.read(f"/gap/trend.{kind}", self.viewer, status=400, **query)

    def test_nothing_yet_says_what_to_load(self) -> None:
        type(self.net).objects.update(measure="5")
        self.assert_words(
            self.read(GAP, self.staff),
            "No indicator has data for several countries",
            "IT.NET.USER.ZS",
            "fetch_world_bank IT.NET.USER.ZS IT.NET.BBND.P2 IT.CEL.SETS.P2",
        )
        self.assert_no_words(self.read(GAP, self.viewer), "fetch_world_bank")
        self.read("/gap/trend.csv", self.viewer, status=404)


class FileTests(GapTestCase):
    def test_each_picture_is_an_svg_that_stands_alone(self) -> None:
        for name in NAMES:
            with self.subTest(name):
                response = self.get(f"/gap/{name}.svg", self.viewer)
                self.assertEqual(response["Content-Type"], "image/svg+xml; charset=utf-8")
                self.assertIn(f'"gap-{name}-NET.svg"', response["Content-Disposition"])
                root = ElementTree.fromstring(response.content)
                self.assertTrue(root.tag.endswith("svg"))
                self.assertIn("Share on line: ", "".join(root.itertext()))

    def test_figures_are_exact_and_missing_ones_empty(self) -> None:
        exact = "12345678901234567.123456"
        self.observe("A", "2020", exact)
        self.observe("B", "2020", None, obs_status="M")
        ranking = self.rows("ranking")
        self.assertEqual(ranking[0], {"Area": "Land A", "Value": exact, "Note": ""})
        self.assertEqual(ranking[-1], {"Area": "Land B", "Value": "", "Note": "missing"})
        [row] = [
            row
            for row in self.rows("regions")
            if (row["Region"], row["Period"]) == ("East", "2020")
        ]
        self.assertEqual((row["Areas with data"], row["Countries and regions"]), ("2", "3"))
        self.assertEqual(row["Highest"], exact)
        self.assertEqual(Decimal(row["Median"]), Decimal("6172839450617304.561728") + Decimal("0"))

    def test_the_line_is_that_of_the_same_areas(self) -> None:
        self.observe("F", "2019", None, obs_status="M")
        rows = self.rows("trend")
        self.assertEqual([row["Areas with data"] for row in rows], ["5", "5", "5"])
        self.assertEqual([row["Median"] for row in rows], ["30", "36", "42"])
        self.assertEqual(rows[0]["Range of regional medians"], "35")

    def test_a_name_that_looks_like_a_formula_is_text(self) -> None:
        type(self.areas["A"]).objects.filter(code="AAA").update(name="=1+1")
        self.assertEqual(self.rows("ranking")[-1]["Area"], "'=1+1")
        self.assertEqual(self.rows("map")[-1]["Country"], "Land F")

    def test_a_negative_figure_stays_a_number(self) -> None:
        self.observe("A", "2020", -3)
        self.assertEqual(self.rows("ranking")[-1]["Value"], "-3")

    def test_what_is_no_picture(self) -> None:
        for path in ("/gap/none.svg", "/gap/none.csv", "/gap/trend.png", "/gap/trend.svg/"):
            self.read(path, self.viewer, status=404)


class VisibilityTests(GapTestCase):
    def test_without_public_pages_one_must_be_signed_in_with_a_role(self) -> None:
        for path in (GAP, "/gap/trend.svg", "/gap/trend.csv"):
            self.assert_turned_away(path)

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_sees_published_indicators_alone(self) -> None:
        hidden = self.make_indicator("HIDDEN", title="A secret")
        for letter in "AB":
            self.observe(letter, "2020", 1, indicator=hidden)
        for reader in (None, self.stranger):
            text = self.read(GAP, reader)
            self.assert_words(text, "Gap between countries: Share on line")
            self.assert_no_words(text, "secret")
            for path in (GAP, "/gap/trend.svg", "/gap/trend.csv"):
                self.read(path, reader, status=400, indicator="HIDDEN")
        self.read(GAP, self.viewer, indicator="HIDDEN")

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_is_sent_only_to_pages_that_it_may_open(self) -> None:
        self.assertNotIn(b"/areas/AAA/", self.get(GAP).content)
        self.make_area("club", name="The club", kind="group")
        self.assert_no_words(self.read(GAP), "The club")
        self.read(GAP, status=400, group="club")
        self.recommendation.addressees.create(area=self.areas["A"])
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        page = self.get(GAP).content
        self.assertIn(b"/areas/AAA/", page)
        self.assertNotIn(b"/areas/BBB/", page)


MEASURES = "/recommendations/REP-1/indicators/"


class WayInTests(GapTestCase):
    def test_from_a_recommendation_by_what_it_is_for(self) -> None:
        self.assertNotContains(self.get(MEASURES, self.viewer), "/gap/?indicator")
        self.link()
        cache.clear()  # What is written past the record is not looked for anew.
        page = self.get(MEASURES, self.viewer)
        self.assertContains(page, 'href="/gap/?indicator=NET"')

    def test_not_by_context_nor_by_the_figures_of_one_country(self) -> None:
        self.link(relation="context")
        self.assertNotContains(self.get(MEASURES, self.viewer), "/gap/?indicator")
        single = self.make_indicator("ONE")
        self.observe("A", "2020", 1, indicator=single)
        IndicatorLink.objects.create(
            recommendation=self.recommendation, indicator=single, relation="outcome"
        )
        cache.clear()  # What is written past the record is not looked for anew.
        self.assertNotContains(self.get(MEASURES, self.viewer), "/gap/?indicator")
        self.assertNotContains(self.get("/indicators/ONE/", self.viewer), "/gap/?indicator")

    def test_from_the_indicators(self) -> None:
        self.assertContains(self.get("/indicators/", self.viewer), 'href="/gap/"')
        page = self.get("/indicators/NET/", self.viewer)
        self.assertContains(page, 'href="/gap/?indicator=NET"')


GAP_REASONS: Reasons = [
    ("recommendations_indicator", "the indicators that can be asked for"),
    ("recommendations_area", "countries, regions and groups"),
    ("recommendations_observation", "which periods there are"),
    ("recommendations_observation", "the figures of those shown"),
]
OF_A_GROUP: Reasons = [*GAP_REASONS, ("recommendations_groupmembership", "who belongs to it when")]


class BudgetTests(BudgetTestCase):
    """The same of 3 countries in 2 years as of 60 in 30, each revised."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()
        cls.little = cls.make_indicator("LITTLE", is_published=True)
        cls.much = cls.make_indicator("MUCH", is_published=True)
        indicator_factories.measure_areas(cls.little, 3, 2)
        indicator_factories.measure_areas(cls.much, 60, 30, vintages=2)

    def test_it_does_not_grow(self) -> None:
        for indicator in (self.little, self.much):
            for query, reasons in (
                ({}, GAP_REASONS),
                ({"group": "M", "level": "sub_region", "constant": "on"}, OF_A_GROUP),
                ({"from_year": 1990}, GAP_REASONS),
            ):
                asked = urlencode({"indicator": indicator.code, **query})
                for name in ("manager", "viewer"):
                    with self.subTest(indicator=indicator.code, query=query, reader=name):
                        queries = self.queries_of(f"{GAP}?{asked}", getattr(self, name))
                        self.assert_explained(queries, inside(reasons))
            with self.subTest(indicator=indicator.code, reader="public"):
                queries = self.queries_of(f"{GAP}?indicator={indicator.code}", None)
                self.assert_explained(queries, outside(GAP_REASONS))

    def test_the_page_of_the_indicator_reads_their_trend_at_once(self) -> None:
        trend = ("recommendations_observation", "the trend of the areas together")
        for indicator in (self.little, self.much):
            with self.subTest(indicator=indicator.code):
                queries = self.queries_of(indicator.get_absolute_url(), None)
                self.assert_explained(queries, outside([*INDICATOR_OUTSIDE, trend]))

    def test_files_ask_no_more_than_the_page(self) -> None:
        for kind in ("svg", "csv"):
            queries = self.queries_of(f"/gap/regions.{kind}?indicator=MUCH", self.viewer)
            self.assert_explained(queries, inside(GAP_REASONS))
