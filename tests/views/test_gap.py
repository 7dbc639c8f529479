"""The page of the gap: its answer first, who sees what, wrong questions, pictures as files.

What the figures are is tested in ``tests/queries/test_gap.py``.
"""

import csv
import io
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode
from xml.etree import ElementTree

from django.core.cache import cache
from django.test import override_settings

from recommendations.actions import recommendations
from recommendations.models import Area, GroupMembership, Indicator, IndicatorLink
from recommendations.queries.indicators import gap_page
from recommendations.queries.indicators.gap_page import NAMES
from tests import indicator_factories
from tests.edits import observe
from tests.views.pages import PageTestCase
from tests.views.test_budgets import BudgetTestCase

GAP = "/gap/"
MEASURES = "/recommendations/REP-1/indicators/"


class GapTestCase(PageTestCase):
    """NET is published: 6 countries in two regions, 3 years."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.net = cls.make_indicator(
            "NET", title="Share on line", unit="% of people", measure="2", is_published=True
        )
        world = cls.make_area("M49-001", name="World", kind="region", m49="001")
        regions = [
            cls.make_area(name.upper(), name=name, kind="region", parent=world)
            for name in ("East", "West")
        ]
        cls.areas = {
            letter: cls.make_area(
                f"{letter * 3}", name=f"Land {letter}", kind="country", parent=regions[n // 3]
            )
            for n, letter in enumerate("ABCDEF")
        }
        cls.observe_all("2018", (10, 20, 30, 50, 60, 70))
        cls.observe_all("2019", (20, 28, 36, 52, 60, 68))
        cls.observe_all("2020", (30, 36, 42, 54, "60.25", 66))

    @classmethod
    def observe_all(cls, year: str, values: Any) -> None:
        for letter, value in zip("ABCDEF", values, strict=False):
            cls.observe(letter, year, value)

    @classmethod
    def observe(cls, letter: str, period: str, value: Any, **values: Any) -> None:
        of = values.pop("indicator", cls.net)
        observe(of, cls.areas[letter], period, value, cls.manager, **values)

    def link(self, relation: str = "outcome", indicator: Any = None) -> None:
        IndicatorLink.objects.create(
            recommendation=self.recommendation, indicator=indicator or self.net, relation=relation
        )
        cache.clear()  # What is written past the record is not looked for anew.

    def make_club(self, members: str) -> None:
        club = self.make_area("club", name="The club", kind="group")
        for letter in members:
            GroupMembership.objects.create(group=club, member=self.areas[letter])

    def rows(self, picture: str, **query: Any) -> list[dict[str, str]]:
        """The CSV of a picture."""
        response = self.get(f"/gap/{picture}.csv", self.viewer, **query)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response["Content-Type"], "text/csv; charset=utf-8")
        return list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


class PageTests(GapTestCase):
    def test_the_answer_comes_first_with_what_it_rests_on(self) -> None:
        self.assert_words(
            self.read(GAP, self.viewer),
            "Share on line The gap narrowed from 35 to 21.2 percentage points "
            "between 2018 and 2020. Interquartile range of the 6 of 6 areas with data in all 3 "
            "periods. In 2020, values range from 30 (Land A) to 66 (Land F).",
            "Interquartile range, 2020 21.2 percentage points 35 in 2018",
            "Median of 6 areas, 2020 48 % of people 40 in 2018; +4 a year",
            "Range of regional medians, 2020 24.2 percentage points 40 in 2018",
            but_not=["are missing", "However", "has a break"],
        )

    def test_fictional_areas_are_marked_and_a_median_says_of_which_areas_it_is(self) -> None:
        self.assert_no_words(self.read(GAP, self.viewer), "Demonstration")
        Area.objects.filter(name="Land A").update(code="demonstration-a")
        self.observe("F", "2018", None, obs_status="M")
        with patch.object(gap_page, "MANY", 5):
            text = self.read(GAP, self.viewer)
        self.assert_words(text, "Median of 5 areas, 2020", "Land A Demonstration 30")

    def test_what_is_missing_or_breaks_is_told(self) -> None:
        self.observe("F", "2020", None, obs_status="M")
        self.observe("A", "2019", 20, obs_status="B")
        ends = "Highest Land E 60.2 Land D 54 Lowest Land A 30 Land B 36 % of people"
        self.assert_words(
            self.read(GAP, self.viewer),
            "Areas ranked, 2020 5 of 6 areas have data for 2020.",
            "area has a break: its data before and after are not comparable",
            but_not=[ends],
        )
        with patch.object(gap_page, "MANY", 4):  # Too many to be ranked in sight.
            self.assert_words(self.read(GAP, self.viewer), ends)

    def test_what_is_asked_for_is_shown(self) -> None:
        self.make_club("AD")
        of_all = "The gap has no trend: too few areas have data in every period from 2018 to 2019."
        club = {"group": "club"}
        one = {**club, "country": "AAA"}
        for query, words in (
            ({**club, "level": "sub_region", "to_year": 2019}, of_all),
            ({**club, "to_year": 2019}, "Only 2 of 2 areas have data"),
            ({"country": ["AAA", "BBB", "CCC", "EEE"]}, "of the 4 of 4 areas with data in all 3"),
            ({"from_year": 2020}, "data exist for 2020 only."),
        ):
            with self.subTest(query=query):
                self.assert_words(self.read(GAP, self.viewer, **query), words)
        for asked, names in ((club, ["Land D", "Land A"]), (one, ["Land A"])):
            self.assertEqual([row["Area"] for row in self.rows("ranking", **asked)], names)

    def test_what_the_recommendation_is_for_comes_first(self) -> None:
        other = self.make_indicator("AAA", title="Another")
        for letter in "AB":
            self.observe(letter, "2020", 1, indicator=other)
        self.assert_words(self.read(GAP, self.viewer), "Gap between countries Another The gap")
        self.link()
        self.assert_words(
            self.read(GAP, self.viewer), "Gap between countries Share on line The gap"
        )
        text = self.read(GAP, self.viewer, indicator="AAA")
        self.assert_words(text, "Gap between countries Another The gap")

    def test_a_wrong_question_answers_400_with_the_page_and_its_error(self) -> None:
        for query, words in (
            ({"indicator": "NONE"}, "Indicator: Choose an option from the list."),
            ({"country": "M49-001"}, "Only these countries: Choose an option from the list."),
            ({"to_year": "99999"}, "To year: Ensure this value is less than or equal to 9999."),
            ({"from_year": "2020", "to_year": "2019"}, "The last year is before the first."),
        ):
            with self.subTest(query=query):
                text = self.read(GAP, self.viewer, status=400, **query)
                self.assert_words(text, "Correct the errors below", words)
                for kind in ("svg", "csv"):
                    self.read(f"/gap/trend.{kind}", self.viewer, status=400, **query)

    def test_nothing_yet_says_what_to_do(self) -> None:
        self.make_club("")
        self.assert_words(
            self.read(GAP, self.viewer, group="club"),
            "None of these areas has data in these years.",
            "No data for this selection",
        )
        Indicator.objects.update(measure="5")
        cache.clear()  # What is written past the record is not looked for anew.
        self.assert_words(
            self.read(GAP, self.staff),
            "No indicator has data for several countries",
            "fetch_world_bank IT.NET.USER.ZS IT.NET.BBND.P2 IT.CEL.SETS.P2",
        )
        self.assert_no_words(self.read(GAP, self.viewer), "fetch_world_bank")
        self.read("/gap/trend.csv", self.viewer, status=404)


class FileTests(GapTestCase):
    def test_each_picture_has_a_table_and_both_as_files(self) -> None:
        page = self.get(GAP, self.viewer, level="region", from_year=2019).content.decode()
        self.assertEqual(page.count("Data table"), len(NAMES))
        self.assertIn('href="/areas/AAA/"', page)
        for name in NAMES:
            with self.subTest(name):
                for kind in ("svg", "csv"):
                    path = f"/gap/{name}.{kind}?level=region&amp;from_year=2019"
                    self.assertIn(f'href="{path}"', page)
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
        self.observe("C", "2020", -3)
        ranking = self.rows("ranking")
        self.assertEqual(ranking[0], {"Area": "Land A", "Value": exact, "Note": ""})
        self.assertEqual(ranking[-1], {"Area": "Land B", "Value": "", "Note": "missing"})
        self.assertEqual(ranking[-2]["Value"], "-3")
        rows = {(row["Region"], row["Period"]): row for row in self.rows("regions")}
        row = rows["East", "2020"]
        self.assertEqual((row["Areas with data"], row["Countries and regions"]), ("2", "3"))
        self.assertEqual(row["Highest"], exact)
        self.assertEqual(Decimal(row["Median"]), Decimal("6172839450617282.061728"))


class ReaderTests(GapTestCase):
    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_sees_published_indicators_alone(self) -> None:
        hidden = self.make_indicator("HIDDEN", title="A secret")
        for letter in "AB":
            self.observe(letter, "2020", 1, indicator=hidden)
        for reader in (None, self.stranger):
            text = self.read(GAP, reader)
            self.assert_words(text, "Gap between countries Share on line The gap")
            self.assert_no_words(text, "secret")
            for path in (GAP, "/gap/trend.svg", "/gap/trend.csv"):
                self.read(path, reader, status=400, indicator="HIDDEN")
        self.read(GAP, self.viewer, indicator="HIDDEN")

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_is_sent_only_to_pages_that_it_may_open(self) -> None:
        self.assertNotIn(b"/areas/AAA/", self.get(GAP).content)
        self.make_club("")
        self.assert_no_words(self.read(GAP), "The club")
        self.read(GAP, status=400, group="club")
        self.recommendation.addressees.create(area=self.areas["A"])
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        page = self.get(GAP).content
        self.assertIn(b"/areas/AAA/", page)
        self.assertNotIn(b"/areas/BBB/", page)

    def test_what_leads_there(self) -> None:
        """A recommendation by what it is for, not by context."""
        asked = "/gap/?indicator"
        self.assertContains(self.get("/indicators/NET/", self.viewer), f"{asked}=NET")
        self.link("context")
        self.assertNotContains(self.get(MEASURES, self.viewer), asked)
        IndicatorLink.objects.filter(indicator=self.net).update(relation="outcome")
        cache.clear()
        self.assertContains(self.get(MEASURES, self.viewer), f'href="{asked}=NET"')
        middle = "48 % of people median of 6 areas 2020"
        self.assert_words(self.read(MEASURES, self.viewer), middle, but_not=["No data yet", "66 %"])


class BudgetTests(BudgetTestCase):
    def test_it_does_not_grow(self) -> None:
        """The same of 3 countries in 2 years as of 60 in 30, each revised.

        Asked are who reads (two), which indicators, areas and periods there are, and figures.
        """
        self.make_world()
        little, much = (self.make_indicator(code, is_published=True) for code in ("FEW", "MANY"))
        indicator_factories.measure_areas(little, 3, 2)
        indicator_factories.measure_areas(much, 60, 30, vintages=2)
        of_a_group = {"group": "M", "level": "sub_region", "constant": "on"}
        for indicator in (little, much):
            asked = f"{GAP}?indicator={indicator.code}&"
            for path, person, number in (
                (asked, self.manager, 6),
                (f"{asked}{urlencode(of_a_group)}", self.manager, 7),
                (f"{asked}from_year=1990", self.viewer, 6),
                (asked, None, 5),
                (f"/gap/regions.svg?indicator={indicator.code}", self.viewer, 6),
                (f"/gap/regions.csv?indicator={indicator.code}", self.viewer, 6),
                (indicator.get_absolute_url(), None, 11),  # with the trend of its areas together
            ):
                with self.subTest(path=path, reader=str(person)):
                    self.assert_asks(self.queries_of(path, person), number)
