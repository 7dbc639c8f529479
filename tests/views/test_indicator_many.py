"""An indicator of many areas: no total is made up; pictures by choice; files of pictures."""

from typing import Any
from xml.etree import ElementTree

from django.core.cache import cache
from django.test import override_settings

from recommendations.actions import indicators
from recommendations.models import Area
from tests.views.pages import PageTestCase

PAGE = "/indicators/USE/"
CHART = "/indicators/USE/chart.svg"
DATA = "/indicators/USE/chart.csv"
FIGURES = {
    "KEN": {"2019": "10", "2020": "20", "2021": None},
    "NAM": {"2019": "30", "2020": "40"},
    "BRA": {"2019": "50", "2020": "130"},
    "IND": {"2019": "70"},
}


class ManyTestCase(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.use = cls.make_indicator("USE", is_published=True)
        for code, figures in FIGURES.items():
            area = cls.make_area(code, kind="country", name=f"Land {code}", iso3=code)
            for period, value in figures.items():
                cls.observe(area, period, value)

    @classmethod
    def observe(cls, area: Area, period: str, value: str | None, **values: Any) -> None:
        status = "M" if value is None else "A"
        indicators.observe(
            indicator=cls.use,
            area=area,
            period=period,
            by=cls.manager,
            values={"value": value, "obs_status": status, **values},
        )

    def svg(self, person: Any = None, **query: Any) -> str:
        response = self.get(CHART, person or self.viewer, **query)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response["Content-Type"], "image/svg+xml; charset=utf-8")
        self.assertIn("attachment", response["Content-Disposition"])
        content = response.content.decode()
        ElementTree.fromstring(content)
        return content


class ManyAreasTests(ManyTestCase):
    def test_the_areas_of_the_newest_period_and_no_total(self):
        text = self.read(PAGE, self.viewer)
        self.assert_words(
            text,
            "40 persons Median of 3 of 4 areas, 2020",
            "From 20 (Land KEN) to 130 (Land BRA).",
            "All areas shown 2019 4 4 10 25 40 55 70 All areas shown 2020 3 4 20 30 40 85 130",
            "No total for all areas is available, and none is computed.",
            "8 values for 4 areas, from 2019 to 2021.",
            "Map, 2020",
            "Ranked, 2020",
        )
        self.assert_no_words(text, "avourable", "190", "63.3")

    def test_a_region_is_not_counted_beside_its_countries(self):
        region = self.make_area("M49-002", kind="region", name="Africa")
        self.observe(region, "2020", "9999")
        self.assert_words(
            self.read(PAGE, self.viewer), "Median of 3 of 4 areas", "to 130 (Land BRA)"
        )

    def test_a_headline_leads_as_soon_as_there_is_one(self):
        self.observe(self.make_area(), "2018", "5")
        text = self.read(PAGE, self.viewer)
        self.assert_words(text, "5 persons Latest value: All areas, 2018", "Trend: All areas")
        self.assert_no_words(text, "Median of")

    def test_chosen_areas_are_drawn_and_listed(self):
        text = self.read(PAGE, self.viewer, area=["KEN", "BRA"])
        self.assert_words(text, "Trend: chosen areas", "2021 Land KEN value No data missing")
        self.assert_words(text, "2020 Land BRA 130")
        self.assert_no_words(text, "2020 Land NAM 40")
        self.assert_words(text, "Median of 3 of 4 areas, 2020")

    def test_the_map_and_the_order_go_back_with_the_filter(self):
        text = self.read(PAGE, self.viewer, last="2019")
        self.assert_words(text, "Map, 2019", "Ranked, 2019", "Land IND IND 2019 70")
        self.assert_words(text, "Median of 3 of 4 areas, 2020")

    def test_more_than_five_areas_are_too_many_to_draw(self):
        codes = ["KEN", "NAM", "BRA", "IND", "AAA", "BBB", "CCC"]
        for code in codes[4:]:
            self.observe(self.make_area(code, kind="country", name=code), "2020", "1")
        self.assert_words(
            self.read(PAGE, self.viewer, area=codes), "2 more selected areas are not shown."
        )

    def test_an_area_without_a_figure_is_no_data_and_not_0(self):
        text = self.read(PAGE, self.viewer)
        self.assert_words(text, "Land IND IND No data", "Land IND: no data")


class PictureTests(ManyTestCase):
    def test_a_picture_is_a_file_with_title_source_and_day(self):
        self.use.source = "The office."
        self.use.save()
        self.assertIn("The office. As recorded on", self.svg())
        self.assertIn("Land KEN", self.svg(picture="ranking"))
        self.assertIn("Land KEN", self.svg(picture="lines", area="KEN"))

    def test_its_data_are_a_file_with_every_digit(self):
        self.observe(self.make_area("DDD", kind="country", name="Land D"), "2020", "0.123456789")
        for query in ({"picture": "ranking"}, {"picture": "ranking", "last": "2020"}):
            content = self.get(DATA, self.viewer, **query).getvalue().decode("utf-8-sig")
            self.assertIn("Land D,0.123456789,", content)
            self.assertIn("Land IND,,", content)

    def test_the_last_line_ends_where_a_figure_is_missing(self):
        self.assertIn("chart-missing", self.svg(area="KEN"))

    def test_what_there_is_not(self):
        for path in (CHART, DATA):
            self.assertEqual(self.get(path, self.viewer, picture="pie").status_code, 404)
            self.assertEqual(self.get(path, self.viewer, area="ZZZ").status_code, 400)
        self.assertEqual(self.get("/indicators/NO/chart.svg", self.viewer).status_code, 404)

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_gets_pictures_and_files_of_what_is_published_alone(self):
        for path in (PAGE, CHART, DATA, "/indicators/USE/export/"):
            self.assertEqual(self.get(path).status_code, 200, path)
        self.use.is_published = False
        self.use.save()
        cache.clear()  # What is written past the record is not looked for anew.
        for path in (PAGE, CHART, DATA, "/indicators/USE/export/", "/indicators/USE/figures/new/"):
            status = 302 if path.endswith("new/") else 404
            self.assertEqual(self.get(path).status_code, status, path)
