"""A file of the World Bank about something else is refused by the page and by the command."""

import io
import json
from typing import Any

from django.core.management import CommandError
from django.urls import reverse

from recommendations.models import Observation
from tests.figures.base import PLACES, FigurePagesTestCase
from tests.figures.files import long_csv, upload, world_bank
from tests.views.pages import words_of

USERS = "Individuals using the Internet (% of population)"
CODE = "IT.NET.USER.ZS"
REFUSED = "The file contradicts the indicator."


def bank(title: str = USERS, code: str = CODE) -> bytes:
    """The bulk file of two countries, of whatever it says."""
    figures = {("NAM", 2018): "12.5", ("KEN", 2018): "19.5"}
    return world_bank(PLACES[:2], [2017, 2018], figures, code=code, title=title)


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


class WrongFileTests(FigurePagesTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.make_indicator(
            "NET",
            title="Individuals using the Internet",
            vocabulary_code=CODE,
            unit="% of population",
            measure="2",
        )

    def look(self, content: bytes) -> Any:
        path = reverse("figure-import", args=["NET"])
        return self.post(path, self.manager, file=upload(content).file, move="look")

    def test_page_and_command_refuse_it(self) -> None:
        for name, (content, words) in FILES.items():
            with self.subTest(name):
                shown = self.look(content)
                self.assert_words(words_of(shown), REFUSED, words)
                self.assertNotContains(shown, 'value="import"')
                said = io.StringIO()
                with self.assertRaises(CommandError):
                    self.command(content, "--by=manager", code="NET", out=said)
                self.assertIn(words, said.getvalue())
        self.assertFalse(Observation.objects.exists())

    def test_the_right_one_is_taken(self) -> None:
        for content in (bank(), bank(f"{USERS} (modeled estimate)"), api_answer("")):
            shown = self.look(content)
            self.assertNotContains(shown, REFUSED)
            self.assertContains(shown, 'value="import"')
