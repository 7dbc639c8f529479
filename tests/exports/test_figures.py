"""Figures as files: every digit, nothing for what is missing, and in again without a change."""

import csv
import io
from typing import Any

from recommendations.actions import indicators
from recommendations.actions.imports.figures import FigureOptions, FigurePlan
from recommendations.actions.imports.pipeline import Upload
from recommendations.models import Area, Indicator, Observation
from tests.imports.run import import_figures, plan_figures
from tests.views.pages import PageTestCase

EXACT = "12345678901234567.123456"
FORMATS = ("csv", "xlsx", "json")
WORTHS: list[dict[str, Any]] = [
    {"value": EXACT},
    {"value": "9.3"},
    {"value": "1.234"},
    {"value": "-0.0000001"},
    {"value": "0"},
    {"value": "130"},
    {"value": "12.50", "is_approximate": True, "is_derived": True, "obs_status": "E"},
    {"value": "150", "is_lower_bound": True},
    {
        "value": None,
        "obs_status": "M",
        "source_status": "Q",
        "comment": "Not asked; =not a formula",
    },
    {"text": "=fewer  than ten", "comment": "two\nlines", "is_assumed": True},
]


class FigureExportTests(PageTestCase):
    use: Indicator
    areas: list[Area]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.use = cls.make_indicator("USE")
        cls.areas = [
            cls.make_area(),
            cls.make_area("NAM", kind="country", name="Namibia", iso2="NA", iso3="NAM", m49="516"),
            cls.make_area("group-b", kind="group", name="Group: b, c"),
        ]
        for number, values in enumerate(WORTHS):
            for area in cls.areas:
                cls.observe(area, str(2000 + number), **values)
        cls.observe(cls.areas[1], "2000", value="1", dimensions="AGE=Y15T24|SEX=F")
        cls.observe(cls.areas[1], "2000-Q3", value="2", source="An office")
        cls.observe(cls.areas[1], "2001", value="9.4")

    @classmethod
    def observe(cls, area: Area, period: str, *, dimensions: str = "", **values: Any) -> None:
        indicators.observe(
            indicator=cls.use,
            area=area,
            period=period,
            by=cls.manager,
            dimensions=dimensions,
            values=values,
        )

    def export(self, format: str, **query: Any) -> bytes:
        response = self.get("/indicators/USE/export/", self.viewer, format=format, **query)
        self.assertEqual(response.status_code, 200)
        return b"".join(response.streaming_content)

    def again(self, format: str, indicator: Indicator) -> FigurePlan:
        upload = Upload(io.BytesIO(self.export(format)), f"figures.{format}")
        is_copy = indicator != self.use
        options = FigureOptions(reason="A copy" if is_copy else "", accept_doubts=is_copy)
        return import_figures(upload=upload, indicator=indicator, by=self.manager, options=options)

    def told(self, indicator: Indicator) -> list[tuple[Any, ...]]:
        names = ("area_id", "period", "dimensions", "value", "text", "stated_code", "marks")
        rows = Observation.objects.filter(indicator=indicator).latest_revisions()
        return [
            tuple(getattr(row, name) for name in (*names, "comment", "source"))
            for row in rows.order_by("area", "period", "dimensions")
        ]

    def rows(self, **query: Any) -> list[dict[str, str]]:
        text = self.export("csv", **query).decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    def test_it_comes_in_again_unchanged_and_elsewhere_whole_with_every_digit_and_mark(self):
        wanted = self.told(self.use)
        for format in FORMATS:
            with self.subTest(format):
                done = self.again(format, self.use)
                self.assertEqual((done.format, done.unchanged), ("tracker", 32))
                self.assertEqual((done.new, done.revised, done.left_out, done.empty), (0,) * 4)
                other = self.make_indicator(f"IN-{format}")
                done = self.again(format, other)
                self.assertEqual((done.new, done.left_out), (32, 0))
                self.assertEqual(self.told(other), wanted)
        self.assertIn(f",{EXACT},".encode(), self.export("csv"))
        self.assertIn(f'"value": {EXACT},'.encode(), self.export("json"))

    def test_a_mark_that_differs_is_a_revision(self):
        self.observe(self.areas[0], "2005", value="130", is_assumed=True)
        content = self.export("csv").replace(b",A,assumed,", b",A,,", 1)
        done = plan_figures(
            upload=Upload(io.BytesIO(content), "f.csv"), indicator=self.use, options=FigureOptions()
        )
        self.assertEqual((done.revised, done.unchanged), (1, 31))

    def test_the_filter_of_the_page_is_that_of_the_file(self):
        rows = self.rows(area="NAM", first="2001", last="2002")
        self.assertEqual([row["period"] for row in rows], ["2002", "2001"])
        self.assertEqual((rows[1]["value"], rows[1]["revision"]), ("9.4", "2"))
        wrong = self.get("/indicators/USE/export/", self.viewer, first="soon")
        self.assertEqual(wrong.status_code, 400)
