"""A file of the World Bank about something else is refused by the page and by the command."""

import io
import json
import tempfile
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from recommendations.models import Area, Indicator, Observation
from tests.figures.files import long_csv, world_bank
from tests.views.pages import PageTestCase, words_of

PLACES = [("NAM", "Namibia"), ("KEN", "Kenya")]
USERS = "Individuals using the Internet (% of population)"
CODE = "IT.NET.USER.ZS"
REFUSED = "The file contradicts the indicator."


def bank(title: str = USERS, code: str = CODE) -> bytes:
    """The bulk file of two countries, of whatever it says."""
    figures = {("NAM", 2018): "12.5", ("KEN", 2018): "19.5"}
    return world_bank(PLACES, [2017, 2018], figures, code=code, title=title)


def api_answer(unit: str) -> bytes:
    row: Any = {
        "indicator": {"id": CODE, "value": USERS},
        "country": {"id": "NA", "value": "Namibia"},
    }
    row |= {"countryiso3code": "NAM", "date": "2018", "value": 12.5, "unit": unit}
    return json.dumps([{"page": 1, "pages": 1}, [row]]).encode()


FILES: dict[str, tuple[bytes, str]] = {
    "patents": (bank("Patent applications, residents", "IP.PAT.RESD"), "the code in the file is"),
    "only the unit, behind the name": (
        bank("Individuals using the Internet (number)"),
        "the unit in the file is “number”, that of the indicator “% of population”.",
    ),
    "only the unit, per so many": (
        bank("Individuals using the Internet (per 100 people)"),
        "the unit in the file is “per 100 people”, that of the indicator “% of population”.",
    ),
    "only the unit, of the API": (api_answer("persons"), "the unit in the file is “persons”"),
    "only the unit, in a column": (
        long_csv("NAM,2018,12.5,persons", header="iso3,period,value,unit"),
        "the unit in the file is “persons”",
    ),
}


class WrongFileTests(PageTestCase):
    indicator: Indicator

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.indicator = cls.make_indicator("NET", title="Individuals using the Internet")
        Indicator.objects.filter(pk=cls.indicator.pk).update(
            vocabulary_code=CODE, unit="% of population", measure="2"
        )
        for code, name in PLACES:
            cls.make_area(code, name=name, kind="country", iso3=code, iso2=code[:2])

    def test_the_page_refuses_it(self) -> None:
        path = reverse("figure-import", args=["NET"])
        for name, (content, words) in FILES.items():
            with self.subTest(name):
                file = SimpleUploadedFile("file.csv", content)
                shown = self.post(path, self.manager, file=file, move="look")
                self.assert_words(words_of(shown), REFUSED, words)
                self.assertNotContains(shown, 'value="import"')
        self.assertFalse(Observation.objects.exists())

    def test_the_command_refuses_it(self) -> None:
        for name, (content, words) in FILES.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "file.csv"
                path.write_bytes(content)
                said = io.StringIO()
                with self.assertRaises(CommandError) as refusal:
                    call_command(
                        *("import_observations", str(path), "--indicator=NET", "--by=manager"),
                        stdout=said,
                    )
                self.assertIn(words, f"{said.getvalue()} {refusal.exception}")
        self.assertFalse(Observation.objects.exists())

    def test_the_right_one_is_taken(self) -> None:
        for content in (bank(), bank(f"{USERS} (modeled estimate)"), api_answer("")):
            file = SimpleUploadedFile("file.csv", content)
            shown = self.post(reverse("figure-import", args=["NET"]), self.manager, file=file)
            self.assertNotContains(shown, REFUSED)
            self.assertContains(shown, 'value="import"')
        self.assertTrue(Area.objects.filter(code="NAM").exists())
