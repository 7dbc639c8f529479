"""Files that are too much for a page: it checks them, and gives the line that imports them."""

import io
import re
import shlex
from html import unescape
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import override_settings

from recommendations.models import (
    AuditEvent,
    ImportRun,
    Observation,
    Recommendation,
    Source,
    StagedImport,
)
from tests.figures.files import long_csv
from tests.figures.staged import left_behind
from tests.imports.files import csv_bytes
from tests.views.pages import PageTestCase, words_of
from tests.views.test_imports import HEAD

FIGURES = "/indicators/USE/import/"
GOOD = long_csv("NAM,2019,12.5", "KEN,2019,20")


def line_in(answer: Any) -> list[str]:
    """The words of the command that a page gives."""
    found = re.search(r'<code class="hash">([^<]+)</code>', answer.content.decode())
    assert found, "no command"
    return shlex.split(unescape(found[1]))


def run(words: list[str]) -> str:
    out = io.StringIO()
    call_command(*words[1:], stdout=out)
    return out.getvalue()


@override_settings(IMPORT_PAGE_MAX_VALUES=1)
class FigureLimitTests(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.indicator = cls.make_indicator("USE")
        for code, name in (("NAM", "Namibia"), ("KEN", "Kenya")):
            cls.make_area(code, name=name, kind="country", iso3=code)

    def send(self, content: bytes | None, **values: str) -> Any:
        sent: dict[str, Any] = {"move": "look", **values}
        if content is not None:
            sent["file"] = SimpleUploadedFile("our figures.csv", content)
        return self.client_for(self.manager).post(FIGURES, sent)

    def test_the_line_imports_the_kept_file_as_the_page_was_told(self) -> None:
        shown = self.send(
            GOOD, source="An office; “ours”", vintage="2020-01-31", decimal=".", is_leaving_out="on"
        )
        self.assertEqual(shown.status_code, 200)
        self.assert_words(words_of(shown), "Import too large for this page", "New 2")
        self.assertNotContains(shown, 'value="import"')
        words = line_in(shown)
        self.assertEqual(words[:2], ["manage.py", "import_observations"])
        self.assertIn("Imported.", run(words))
        imported = ImportRun.objects.get()
        self.assertEqual((imported.file_name, imported.by), ("our figures.csv", self.manager))
        self.assertEqual(
            (imported.source, str(imported.vintage)), ("An office; “ours”", "2020-01-31")
        )
        self.assertEqual(imported.new, 2)

    def test_no_more_is_written_where_the_page_is_asked_all_the_same(self) -> None:
        shown = self.send(GOOD)
        found = re.search(r'name="token" value="([^"]+)"', shown.content.decode())
        token = found[1] if found else ""
        refused = self.send(None, move="import", token=token, seen=shown.context["plan"].digest)
        self.assertEqual(refused.status_code, 409)
        self.assert_words(
            words_of(refused), "The file is too large for this page. Use the import command."
        )
        self.assertFalse(Observation.objects.exists() or StagedImport.objects.exists())

    def test_as_much_as_a_page_takes_is_imported_there(self) -> None:
        shown = self.send(long_csv("NAM,2019,12.5"))
        self.assertNotIn("command", shown.context)
        self.assertContains(shown, 'value="import"')

    def test_the_next_import_on_a_page_tells_of_one_that_was_interrupted(self) -> None:
        left_behind(self.indicator, self.staff)
        shown = self.send(long_csv("NAM,2019,12.5"))
        found = re.search(r'name="token" value="([^"]+)"', shown.content.decode())
        seen = shown.context["plan"].digest
        done = self.send(None, move="import", token=found[1] if found else "", seen=seen)
        page = self.client_for(self.manager).get(done["Location"])
        self.assert_words(words_of(page), "An import of old.csv into USE by Staff was interrupted")
        self.assertFalse(StagedImport.objects.exists())


@override_settings(IMPORT_PAGE_MAX_ROWS=1)
class SpreadsheetLimitTests(PageTestCase):
    ROWS = (("1", "Do one.", "3/4/2031", "", ""), ("2", "Do two.", "4/4/2031", "", ""))

    def preview(self, rows: Any) -> Any:
        file = SimpleUploadedFile("a list.csv", csv_bytes(rows, HEAD))
        sent = self.post("/recommendations/import/", self.manager, file=file, source="report")
        given = {"column_0": "external_id", "column_1": "summary", "column_2": "target_date"}
        said = {"date_order": "day_first", "modality": "should", "nature": "time_bound"}
        return self.post(sent["Location"], self.manager, move="preview", **given, **said)

    def test_the_line_imports_the_kept_file_by_the_map_that_was_confirmed(self) -> None:
        shown = self.preview(self.ROWS)
        self.assert_words(words_of(shown), "Import too large for this page")
        self.assertNotContains(shown, 'value="import"')
        before = Recommendation.objects.count()
        self.assertIn("Imported.", run(line_in(shown)))
        self.assertEqual(Recommendation.objects.count(), before + 2)
        event = AuditEvent.objects.get(verb="import")
        self.assertEqual(event.actor, self.manager)
        kept = Source.objects.get(slug="report").column_map
        self.assertEqual(kept["date_order"], "day_first")

    def test_as_much_as_a_page_takes_is_imported_there(self) -> None:
        shown = self.preview(self.ROWS[:1])
        self.assertNotIn("command", shown.context)
        self.assertContains(shown, 'value="import"')
