"""Figures as files: every digit, nothing for what is missing, and in again without a change."""

import csv
import io
import json
from decimal import Decimal
from typing import Any

import openpyxl

from recommendations.actions import indicators
from recommendations.actions.imports.figures import (
    FigureOptions,
    FigurePlan,
    import_figures,
    plan_figures,
)
from recommendations.actions.imports.pipeline import Upload
from recommendations.models import Area, Indicator, Observation
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
        rows = Observation.objects.filter(indicator=indicator).latest_revisions()
        return [
            (
                row.area_id,
                row.period,
                row.dimensions,
                row.value,
                row.text,
                row.stated_code,
                tuple(row.marks),
                row.comment,
                row.source,
            )
            for row in rows.order_by("area", "period", "dimensions")
        ]

    def test_it_comes_in_again_and_all_is_unchanged(self):
        for format in FORMATS:
            with self.subTest(format):
                done = self.again(format, self.use)
                self.assertEqual((done.format, done.unchanged), ("tracker", 32))
                self.assertEqual((done.new, done.revised, done.left_out, done.empty), (0,) * 4)

    def test_elsewhere_it_comes_in_whole_with_every_digit_and_mark(self):
        wanted = self.told(self.use)
        for format in FORMATS:
            with self.subTest(format):
                other = self.make_indicator(f"IN-{format}")
                done = self.again(format, other)
                self.assertEqual((done.new, done.left_out), (32, 0))
                self.assertEqual(self.told(other), wanted)

    def test_a_mark_that_differs_is_a_revision(self):
        self.observe(self.areas[0], "2005", value="130", is_assumed=True)
        content = self.export("csv").replace(b",A,assumed,", b",A,,", 1)
        done = plan_figures(
            upload=Upload(io.BytesIO(content), "f.csv"), indicator=self.use, options=FigureOptions()
        )
        self.assertEqual((done.revised, done.unchanged), (1, 31))

    def test_every_digit_is_written(self):
        self.assertIn(f",{EXACT},".encode(), self.export("csv"))
        self.assertIn(f'"value": {EXACT},'.encode(), self.export("json"))
        page = openpyxl.load_workbook(io.BytesIO(self.export("xlsx"))).active
        cells = {str(cell.value) for row in page.iter_rows() for cell in row}
        self.assertIn(EXACT, cells)
        self.assertIn("9.3", cells)

    def test_missing_is_an_empty_cell_and_null(self):
        rows = list(csv.DictReader(io.StringIO(self.export("csv").decode("utf-8-sig"))))
        [missing] = [r for r in rows if r["period"] == "2008" and r["area_code"] == "all"]
        self.assertEqual((missing["value"], missing["text"], missing["status"]), ("", "", "Q"))
        found = json.loads(self.export("json"), parse_float=Decimal)
        [missing] = [r for r in found if r["period"] == "2008" and r["area_code"] == "all"]
        self.assertEqual((missing["value"], missing["text"]), (None, None))
        page = openpyxl.load_workbook(io.BytesIO(self.export("xlsx"))).active
        header = [cell.value for cell in page[1]]
        at = {name: header.index(name) for name in header}
        [missing] = [
            row
            for row in page.iter_rows(min_row=2, values_only=True)
            if (row[at["period"]], row[at["area_code"]]) == ("2008", "all")
        ]
        self.assertIsNone(missing[at["value"]])

    def test_the_filter_of_the_page_is_that_of_the_file(self):
        rows = list(
            csv.DictReader(
                io.StringIO(
                    self.export("csv", area="NAM", first="2001", last="2002").decode("utf-8-sig")
                )
            )
        )
        self.assertEqual([row["period"] for row in rows], ["2002", "2001"])
        self.assertEqual(rows[1]["value"], "9.4")
        self.assertEqual(rows[1]["revision"], "2")
        wrong = self.get("/indicators/USE/export/", self.viewer, first="soon")
        self.assertEqual(wrong.status_code, 400)
