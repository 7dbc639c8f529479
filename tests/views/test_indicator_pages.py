"""Indicators: the list with the newest figures, the page of one, pictures, and who reads what."""

from typing import Any
from xml.etree import ElementTree

from django.core.cache import cache
from django.test import override_settings
from django.utils import timezone

from recommendations.actions import indicators, recommendations
from recommendations.filters.lists import IndicatorFilter
from recommendations.models import Area, Indicator, IndicatorLink
from recommendations.templatetags.texts import short_day
from tests import indicator_factories
from tests.edits import observe
from tests.views.pages import PageTestCase

LIST = "/indicators/"
PAGE = "/indicators/USE/"
CHART = f"{PAGE}chart.svg"
DATA = f"{PAGE}chart.csv"


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
        of, area = values.pop("indicator", cls.use), values.pop("area", cls.area)
        observe(of, area, period, value, cls.manager, **values)

    @classmethod
    def aim(cls, kind: str, period: str, value: str, **values: Any) -> Any:
        return indicators.set_target(
            indicator=values.pop("indicator", cls.use),
            by=cls.manager,
            values={"kind": kind, "area": cls.area, "period": period, "value": value, **values},
        )

    def codes(self, person: Any, **query: Any) -> list[str]:
        response = self.get(LIST, person, **query)
        self.assertEqual(response.status_code, 200)
        return [row.code for row in response.context["rows"]]


class ListTests(IndicatorTestCase):
    def test_each_has_its_newest_figure_with_unit_period_area_and_target(self):
        self.assert_words(
            self.read(LIST, self.viewer),
            "Indicators 2",
            "USE Use of the thing 1,234.5 persons 2020 All areas "
            "25% of the way to 5,000.0, due in 2030 REP-1",
            "COST Cost of the thing not published No data yet No target REP-1",
        )
        old = self.use.targets.get(kind="target")
        self.aim("target", "2020", "5000", replaces=old, reason="Sooner.")
        self.assert_words(self.read(LIST, self.viewer), "to 5,000.0, due in 2020 Missed")
        self.observe("2021", "5000")
        self.assert_words(self.read(LIST, self.viewer), "100% of the way", "Met")
        self.observe("2022", None, obs_status="M")  # which is never 0
        self.assert_words(self.read(LIST, self.viewer), "No data 2022 All areas missing")

    def test_of_several_areas_the_median_stands_for_all(self):
        for number, value in enumerate(("30", "10", "20", None)):
            area = self.make_area(f"A{number}", kind="country", name=f"Land {number}")
            of_area = {"indicator": self.cost, "area": area}
            self.observe("2021", value, obs_status="M" if value is None else "A", **of_area)
        self.observe("2021", "99", dimensions="SEX=F", **of_area)
        self.assert_words(self.read(LIST, self.viewer), "20 persons 2021 median of 3 areas")
        self.observe("2021", "25", **of_area)
        self.assert_words(self.read(LIST, self.viewer), "22.5 persons 2021 median of 4 areas")

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
        self.assert_words(self.read(LIST, self.viewer, text="zzz"), "No matching indicators")
        removed = {"removed_at": timezone.now(), "removed_by": self.manager}
        IndicatorLink.objects.filter(indicator=self.use).update(**removed)
        cache.clear()
        self.assertEqual(self.codes(self.viewer, relation="outcome"), [])
        self.assert_no_words(self.read(PAGE, self.viewer), "REP-1")


class PageTests(IndicatorTestCase):
    def test_figures_aims_and_record(self):
        self.assert_words(
            self.read(PAGE, self.viewer),
            "1,234.5 persons Latest value: All areas, 2020 "
            "25% of the way from 8.0 (2018, derived) to 5,000.0 (2030). Due in 2030.",
            "Counted again. 2 values for 1 area, from 2019 to 2020.",
            "Baseline 2018 All areas 8.0 persons Derived Target 2030 All areas 5,000.0 persons",
            "Show 2 values In persons, latest period first",
            f"2020 All areas 1,234.5 Counted again. {short_day(timezone.now())} "
            f"1 previous revision: All areas, 2020 by {self.manager} "
            "Confirmation not required Source: The office 10.0",
            "2019 All areas 9.0",
            *("Trend: All areas", "target 5,000.0", "baseline 8.0"),
            "Period Field Value Note 2018 baseline 8.0 2019 value 9.0 2020 value 1,234.5 "
            "2030 target 5,000.0",
            *("Code USE Unit persons", "Direction Desired direction: increase", "Method Counted."),
            "Linked recommendations REP-1 Do the thing Outcome indicator It counts what is wanted.",
        )

    def test_which_way_it_moves_is_said_with_both_figures(self):
        for period, value, values, words in (
            (None, None, {}, "Favourable trend: from 9.0 in 2019 to 1,234.5 in 2020."),
            ("2021", "1000", {}, "Unfavourable trend: from 1,234.5 in 2020 to 1,000.0 in 2021."),
            ("2023-Q1", "8", {"obs_status": "B"}, "No trend: no two comparable values."),
        ):
            if period:
                self.observe(period, value, **values)
            with self.subTest(words):
                self.assert_words(self.read(PAGE, self.viewer), words)

    def test_what_is_to_be_maintained_is_not_judged(self):
        Indicator.objects.filter(code="USE").update(direction="maintain")
        words = "To be maintained: 9.0 in 2019, 1,234.5 in 2020. The tracker does not judge"
        self.assert_words(self.read(PAGE, self.viewer), words)

    def test_marks_words_dimensions_and_missing_values_stand_beside_the_figure(self):
        self.observe("2021", None, obs_status="M")
        self.observe("2021", "3", dimensions="SEX=F")
        text = self.read(PAGE, self.viewer)
        self.assert_words(text, "1,234.5 persons Latest value: All areas, 2020", "2021 All areas")
        self.assert_words(text, "No data for 2021.", "2021 All areas SEX=F 3.0")
        self.observe("2022", "150", is_lower_bound=True, is_derived=True, obs_status="E")
        self.observe("2023", None, text="many")
        self.observe("2024", None, obs_status="M", source_status="Q")
        self.assert_words(
            self.read(PAGE, self.viewer),
            "2022 All areas more than 150.0 Derived Estimated",
            "2023 All areas many",
            "2024 All areas No data Missing value; suppressed",
            "many Latest value: All areas, 2023",
        )

    def test_what_was_replaced_is_folded_or_gone(self):
        self.observe("2020", "1300", is_assumed=True)
        old = self.use.targets.get(kind="target")
        self.aim("target", "2030", "6000", replaces=old, reason="More is possible.")
        text = self.read(PAGE, self.viewer)
        self.assert_words(text, "2 previous revisions", "2020 All areas 1,300.0 Assumed")
        self.assertLess(text.index(f"1,234.5 {short_day(timezone.now())}"), text.index(" 10.0 "))
        self.assert_words(text, "2 values for 1 area", "6,000.0 persons")
        self.assert_no_words(text, "5,000.0 persons", "More is possible.")

    def test_a_filter_bounds_the_picture_and_the_table(self):
        text = self.read(PAGE, self.viewer, first="2020")
        self.assert_words(text, "2020 value 1,234.5", "1,234.5 persons Latest value")
        self.assert_no_words(text, "2019 value 9.0", "2019 All areas 9.0")
        self.assert_words(self.read(PAGE, self.viewer, last="2018"), "No matching data")
        kept = "1,234.5 persons Latest value"
        for query in ({"first": "soon"}, {"area": "NOWHERE"}, {"last": "2018-13"}):
            self.assert_words(self.read(PAGE, self.viewer, status=400, **query), kept)
        for path in (CHART, DATA):
            self.read(path, self.viewer, status=400, area="ZZZ")
        indicator_factories.observe(self.use, [(str(year), 1) for year in range(1900, 1990)])
        self.assert_words(self.read(PAGE, self.viewer, page=2), "1941 Area A0", "Target 2030")
        self.read(PAGE, self.viewer, status=404, page=3)


class ManyAreasTests(PageTestCase):
    """No total is made up; pictures by choice; files of pictures."""

    FIGURES = {
        "KEN": {"2019": "10", "2020": "20", "2021": None},
        "NAM": {"2019": "30", "2020": "40"},
        "BRA": {"2019": "50", "2020": "130"},
        "IND": {"2019": "70"},
    }

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.use = cls.make_indicator("USE", is_published=True, source="The office.")
        for code, figures in cls.FIGURES.items():
            area = cls.make_area(code, kind="country", name=f"Land {code}", iso3=code)
            for period, value in figures.items():
                cls.observe(area, period, value)

    @classmethod
    def observe(cls, area: Area, period: str, value: str | None) -> None:
        status = "M" if value is None else "A"
        observe(cls.use, area, period, value, cls.manager, obs_status=status)

    def test_the_areas_of_the_newest_period_and_no_total(self):
        # A region is not counted beside its countries.
        self.observe(self.make_area("M49-002", kind="region", name="Africa"), "2020", "9999")
        self.assert_words(
            self.read(PAGE, self.viewer),
            "40 persons Median of 3 of 4 areas, 2020",
            "From 20 (Land KEN) to 130 (Land BRA).",
            "All areas shown 2019 4 4 10 25 40 55 70 All areas shown 2020 3 4 20 30 40 85 130",
            "No total for all areas is available, and none is computed.",
            but_not=["avourable", "190", "63.3", "Ranked", "Map"],
        )
        self.assert_words(
            self.read(PAGE, self.viewer, last="2020"),
            *("Map, 2020", "Ranked, 2020", "Land IND IND No data", "Land IND: no data"),
        )
        self.observe(self.make_area(), "2018", "5")
        text = self.read(PAGE, self.viewer)
        self.assert_words(text, "5 persons Latest value: All areas, 2018", "Trend: All areas")
        self.assert_no_words(text, "Median of")

    def test_chosen_areas_are_drawn_and_listed(self):
        self.assert_words(
            self.read(PAGE, self.viewer, area=["KEN", "BRA"]),
            "8 values for 4 areas, from 2019 to 2021.",
            *("Trend: chosen areas", "2021 Land KEN value No data missing", "2020 Land BRA 130"),
            "Median of 3 of 4 areas, 2020",
            but_not=["2020 Land NAM 40"],
        )
        self.assert_words(
            self.read(PAGE, self.viewer, last="2019"),
            *("Map, 2019", "Ranked, 2019", "Land IND IND 2019 70"),
            "Median of 3 of 4 areas, 2020",
        )
        for code in ("AAA", "BBB", "CCC"):
            self.observe(self.make_area(code, kind="country", name=code), "2020", "1")
        codes = [*self.FIGURES, "AAA", "BBB", "CCC"]
        text = self.read(PAGE, self.viewer, area=codes)
        self.assert_words(text, "2 more selected areas are not shown.")

    def test_a_picture_is_a_file_with_title_source_and_day(self):
        for query, words in (
            ({}, "The office. As recorded on"),
            ({"picture": "ranking"}, "Land KEN"),
            ({"picture": "lines", "area": "KEN"}, "Land KEN"),
            ({"area": "KEN"}, "chart-missing"),  # where the last figure is missing
        ):
            response = self.get(CHART, self.viewer, **query)
            self.assertEqual(response["Content-Type"], "image/svg+xml; charset=utf-8")
            self.assertIn("attachment", response["Content-Disposition"])
            ElementTree.fromstring(response.content)
            self.assertContains(response, words)

    def test_its_data_are_a_file_with_every_digit(self):
        self.observe(self.make_area("DDD", kind="country", name="Land D"), "2020", "0.123456789")
        for query in ({"picture": "ranking"}, {"picture": "ranking", "last": "2020"}):
            content = self.get(DATA, self.viewer, **query).getvalue().decode("utf-8-sig")
            self.assertIn("Land D,0.123456789,", content)
            self.assertIn("Land IND,,", content)


class ReaderTests(IndicatorTestCase):
    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_sees_published_ones_with_links_to_what_is_published(self):
        paths = (LIST, PAGE, CHART, DATA, f"{PAGE}export/")
        reason = "It counts what is wanted."
        for is_published, linked in ((False, []), (True, ["USE"])):
            if is_published:
                given = {"recommendation": self.recommendation, "by": self.manager}
                recommendations.publish_recommendation(**given)
            for reader in (None, self.stranger):
                with self.subTest(reader=reader, is_published=is_published):
                    self.assertEqual(self.codes(reader), ["USE"])
                    self.assertEqual(self.codes(reader, relation="outcome"), linked)
                    for path in paths:
                        self.assertEqual(self.get(path, reader).status_code, 200)
                        hidden = path.replace("USE", "COST")
                        status = 200 if path == LIST else 404
                        self.assertEqual(self.get(hidden, reader).status_code, status)
                    text = self.read(PAGE, reader)
                    self.assert_words(text, "1,234.5 persons")
                    self.assert_no_words(text, reason)
                    self.assertEqual("REP-1 Do the thing Outcome" in text, is_published)
                    self.assertEqual("No linked recommendations." in text, not is_published)
                    listed = self.read(LIST, reader)
                    self.assertEqual("due in 2030 REP-1" in listed, is_published)
                    self.assert_no_words(listed, "not published")
