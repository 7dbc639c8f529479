"""The pages on which a spreadsheet is brought in."""

import io
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from recommendations.models import AuditEvent, Recommendation, ReportedStatus
from recommendations.readers import open_table
from recommendations.readers.columns import propose
from recommendations.views import uploaded_files
from tests.imports.files import csv_bytes, xlsx_bytes
from tests.views.pages import PageTestCase, words_of

PATH = "/recommendations/import/"
HEAD = ("No.", "Recommendation", "Due date", "Status", "Status date")
ROWS = (
    ("111.1", "Do <b>one</b>.", "3/4/2031", "Closed acceptable", "3/2/2025"),
    ("111.10", "Do two.", "", "", ""),
)


class ImportPageTests(PageTestCase):
    def upload(self, data: bytes, name: str = "list.csv", person: Any = None, **more: str) -> Any:
        file = SimpleUploadedFile(name, data)
        return self.post(PATH, person or self.manager, file=file, source="report", **more)

    def waiting(self, data: bytes, name: str = "list.csv") -> str:
        response = self.upload(data, name)
        self.assertEqual(response.status_code, 302, words_of(response))
        address: str = response["Location"]
        self.addCleanup(self._forget, address)
        return address

    def _forget(self, address: str) -> None:
        if waiting := uploaded_files.find(address.split("/")[-2], self.manager):
            uploaded_files.forget(waiting)

    def given(self, data: bytes, name: str = "list.csv", **more: str) -> dict[str, str]:
        header = open_table(io.BytesIO(data), name).header
        columns = {f"column_{header.index(name)}": c.value for name, c in propose(header).items()}
        return {
            **columns,
            "date_order": "day_first",
            "modality": "should",
            "nature": "time_bound",
            "status_0": "implemented",
            "response_0": "",
            **more,
        }

    def test_who_may_open_it(self) -> None:
        self.assert_turned_away(PATH)
        for person in (self.staff, self.viewer, self.auditor):
            self.assertEqual(self.get(PATH, person).status_code, 403)
        for person in (self.manager, self.administrator):
            self.assertEqual(self.get(PATH, person).status_code, 200)
        self.assertIn("Import a spreadsheet", self.read("/recommendations/", self.manager))
        self.assertNotIn("Import a spreadsheet", self.read("/recommendations/", self.staff))

    def test_upload_map_preview_import(self) -> None:
        data, events = csv_bytes(ROWS, HEAD), AuditEvent.objects.count()
        address = self.waiting(data)
        page = self.get(address, self.manager)
        self.assertContains(page, '<option value="external_id" selected>')
        self.assertContains(page, "“Closed acceptable”: status")
        self.assertNotContains(page, '<h2 id="preview">')

        preview = self.post(address, self.manager, move="preview", **self.given(data))
        self.assertEqual(preview.status_code, 200)
        self.assertContains(preview, '<h2 id="preview">Preview</h2>')
        self.assertContains(preview, "&lt;b&gt;one")
        self.assertContains(preview, "No target date")
        self.assertEqual(AuditEvent.objects.count(), events)

        seen = preview.context["plan"].digest
        done = self.post(address, self.manager, move="import", seen=seen, **self.given(data))
        self.assertRedirects(done, "/recommendations/?source=report")
        self.assertEqual(Recommendation.objects.count(), 3)
        self.assertEqual(AuditEvent.objects.count(), events + 1)
        self.assertEqual(self.get(address, self.manager).status_code, 404)

        words = self.read("/recommendations/REP-2/", self.viewer)
        self.assert_words(words, "“Closed acceptable”, as of 3 February 2025", "No report yet")
        words = self.read("/recommendations/REP-2/reported/", self.viewer)
        self.assert_words(words, "Closed acceptable", "Implemented", "list.csv")
        self.assertEqual(self.get("/recommendations/REP-2/reported/").status_code, 302)

    def test_nothing_is_imported_that_was_not_shown(self) -> None:
        data = csv_bytes(ROWS, HEAD)
        address = self.waiting(data)
        given = self.given(data)
        unseen = self.post(address, self.manager, move="import", **given)
        self.assertEqual(unseen.status_code, 200)
        stale = self.post(address, self.manager, move="import", seen="0" * 64, **given)
        self.assertEqual(stale.status_code, 409)
        self.assertContains(
            stale, "Records changed since the preview. Check the preview again.", status_code=409
        )
        self.assertEqual(Recommendation.objects.count(), 1)

    def test_rejected_rows_hold_the_import_until_they_are_left_out(self) -> None:
        data = csv_bytes((*ROWS, ROWS[0]), HEAD)
        address = self.waiting(data)
        preview = self.post(address, self.manager, move="preview", **self.given(data))
        self.assertContains(
            preview, "Some rows are rejected. Correct the file, or choose to skip rejected rows."
        )
        self.assertNotContains(preview, 'name="seen"')
        seen = preview.context["plan"].digest
        refused = self.post(address, self.manager, move="import", seen=seen, **self.given(data))
        self.assertEqual(refused.status_code, 409)
        given = self.given(data, is_leaving_out="on")
        seen = self.post(address, self.manager, **given).context["plan"].digest
        done = self.post(address, self.manager, move="import", seen=seen, **given)
        self.assertEqual(done.status_code, 302)
        self.assertEqual(Recommendation.objects.count(), 3)

    def test_a_remembered_map_is_offered_again(self) -> None:
        data = csv_bytes(ROWS, HEAD)
        self.source.column_map = {
            "columns": {"No.": "external_id", "Recommendation": "title"},
            "statuses": {},
            "date_order": "month_first",
        }
        self.source.save()
        page = self.get(self.waiting(data), self.manager)
        self.assertContains(page, '<option value="title" selected>')
        self.assertContains(page, 'value="month_first" id="id_date_order_2" checked', html=False)

    def test_a_map_that_makes_no_sense_is_an_error_of_the_form(self) -> None:
        data = csv_bytes(ROWS, HEAD)
        address = self.waiting(data)
        for wrong, words in (
            ({"column_0": "title"}, "Two columns"),
            ({"column_0": ""}, "Choose the column with the number that identifies a row."),
            ({"column_0": "colour"}, "Select a valid choice"),
            ({"date_order": "guess"}, "Select a valid choice"),
        ):
            given = {**self.given(data, **wrong), "column_1": "title", "move": "preview"}
            response = self.post(address, self.manager, **given)
            self.assertContains(response, words, status_code=400)

    def test_a_file_that_cannot_be_read_is_told_and_thrown_away(self) -> None:
        before = set(uploaded_files.upload_folder().iterdir())
        for data, name, words in (
            (b"", "list.csv", "empty"),
            (b"No.,Text\n", "list.csv", "The file has a header but no rows."),
            (b"\xff\xd8\xff\xe0JFIF", "list.csv", "JPEG"),
            (b"PK\x03\x04nothing", "list.xlsx", "damaged"),
            (xlsx_bytes({"List": [["a", "A"], [1, 2]]}), "list.xlsx", "Sheet “List”: Line 1"),
            (b"x" * (10 * 1024 * 1024 + 1), "list.csv", "more than 10 MB"),
        ):
            response = self.upload(data, name)
            self.assertContains(response, words, status_code=400)
        self.assertEqual(set(uploaded_files.upload_folder().iterdir()), before)
        self.assertContains(self.post(PATH, self.manager), "required", status_code=400)

    def test_a_token_is_for_its_person_and_cannot_be_made_up(self) -> None:
        address = self.waiting(csv_bytes(ROWS, HEAD))
        self.assertEqual(self.get(address, self.other_manager).status_code, 404)
        token = address.split("/")[-2]
        for wrong in ("x", token[:-1] + ("A" if token[-1] != "A" else "B")):
            self.assertEqual(self.get(f"{PATH}{wrong}/", self.manager).status_code, 404)
        self.assertEqual(self.post(f"{PATH}x/", self.manager).status_code, 302)
        held = uploaded_files.find(token, self.manager)
        assert held is not None
        self.assertEqual(held.path.stat().st_mode & 0o777, 0o600)
        held.path.write_bytes(b"No.,Text\n1,other\n")
        self.assertEqual(self.get(address, self.manager).status_code, 404)

    def test_a_get_writes_nothing(self) -> None:
        address = self.waiting(csv_bytes(ROWS, HEAD))
        events = AuditEvent.objects.count()
        self.get(address, self.manager)
        self.get(PATH, self.manager)
        self.assertEqual(AuditEvent.objects.count(), events)
        self.assertFalse(ReportedStatus.objects.exists())

    def test_without_a_setting_each_database_has_a_private_folder_of_its_own(self) -> None:
        found = []
        with tempfile.TemporaryDirectory() as folder, mock.patch("tempfile.tempdir", folder):
            for name in ("one", "two", "one"):
                database = mock.patch.dict(settings.DATABASES["default"], NAME=name)
                with database, override_settings(IMPORT_FOLDER=""):
                    found.append(uploaded_files.upload_folder())
            one, two, again = found
            self.assertEqual((one, one == two), (again, False))
            self.assertEqual(one.stat().st_mode & 0o777, 0o700)
            link = Path(folder) / "link"
            link.symlink_to(one)
            with override_settings(IMPORT_FOLDER=str(link)), self.assertRaises(PermissionError):
                uploaded_files.upload_folder()

    def test_a_folder_that_others_can_open_is_refused(self) -> None:
        path = uploaded_files.upload_folder() / "open"
        path.mkdir(mode=0o755)
        self.addCleanup(path.rmdir)
        with override_settings(IMPORT_FOLDER=str(path)), self.assertRaises(PermissionError):
            uploaded_files.upload_folder()
