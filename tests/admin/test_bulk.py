"""Organisations and places in bulk: looked at first, one event a file, nothing inline."""

import io
import json
import re
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from recommendations.models import Area, AuditEvent, AuditText, Organisation
from recommendations.storage import uploads
from tests.admin.base import AdminTestCase
from tests.audit.rows import changes_in
from tests.imports.files import csv_bytes, xlsx_bytes

HEAD = ("slug", "name", "kind", "valid_from", "valid_to", "successor")
ROWS = (
    ("ministry", "Ministry of A", "other", "", "", ""),
    ("agency", "Agency B", "other", "", "", ""),
    ("council", "=Council", "academic", "2001-02-03", "", "agency"),
)
INLINE = re.compile(r"""<script(?![^>]*\bsrc=)[^>]*>|\sstyle\s*=|\son[a-z]+\s*=""")


def page(name: str, model: str = "organisation") -> str:
    return reverse(f"admin:recommendations_{model}_{name}")


class BulkTests(AdminTestCase):
    def upload(
        self, data: bytes, name: str = "list.csv", kind: str = "0", model: str = "organisation"
    ) -> Any:
        file = SimpleUploadedFile(name, data)
        sent = {"import_file": file, "format": kind, "resource": ""}
        return self.window.client.post(page("import", model), sent)

    def confirm(self, shown: Any, model: str = "organisation", **changed: str) -> Any:
        initial = {**shown.context["confirm_form"].initial, **changed}
        return self.window.client.post(page("process_import", model), initial)

    def test_a_file_is_looked_at_and_then_brought_in_with_one_event(self) -> None:
        before = set(uploads.upload_folder().iterdir())
        shown = self.upload(csv_bytes(ROWS, HEAD))
        self.assertContains(shown, "<del>Ministry A</del> <ins>Ministry of A</ins>")
        self.assertEqual(self.events(), [])
        self.assertEqual(Organisation.objects.count(), 2)
        self.confirm(shown)
        council = Organisation.objects.get(slug="council")
        self.assertEqual((council.name, str(council.successor)), ("=Council", "Agency B"))
        self.assertEqual(Organisation.objects.get(slug="ministry").version, 2)
        event = AuditEvent.objects.latest("sequence")
        self.assertEqual([(e.verb, e.object_type) for e in self.events()], [("import", "file")])
        told = json.loads(event.payload)["changes"]
        self.assertEqual(event.object_id, told["sha256"][1][:16])
        self.assertEqual(AuditText.objects.get(digest=told["file"][1]["text"]).text, "list.csv")
        self.assertEqual(
            (told["new"], told["changed"], told["unchanged"]), ([None, 1], [None, 1], [None, 1])
        )
        self.assertEqual(
            changes_in(event, self.ministry), {"name": ["Ministry A", "Ministry of A"]}
        )
        self.assertEqual(changes_in(event, council)["slug"], [None, "council"])
        self.assert_whole()
        self.assertEqual(set(uploads.upload_folder().iterdir()), before)

        self.confirm(self.upload(csv_bytes(ROWS, HEAD)))
        self.assertEqual(len(self.events()), 1)

    def test_whether_one_is_fictional_is_said_as_it_is_added_and_stays(self) -> None:
        head = ("slug", "name", "is_demonstration")
        told = {"ministry": "1", "office": "1", "bank": "0", "fund": ""}
        rows = [(slug, slug, marked) for slug, marked in told.items()]
        self.confirm(self.upload(csv_bytes(rows, head)))
        found = dict(Organisation.objects.values_list("slug", "is_demonstration"))
        others = {"agency": False, "bank": False, "fund": False}
        self.assertEqual(found, {"ministry": False, "office": True, **others})
        self.assert_whole()
        sent = {"format": "0", "resource": ""}
        file = self.window.client.post(page("export"), sent).content.decode()
        self.assertIn("office,office,other,,,,1", file)

    def test_places_come_from_a_workbook_and_from_json(self) -> None:
        rows = [["code", "kind", "name", "iso2"], ["NAM", "country", "Namibia", "NA"]]
        self.confirm(self.upload(xlsx_bytes({"a": rows}), "a.xlsx", "1", "area"), "area")
        self.assertEqual(Area.objects.get(code="NAM").iso2, "NA")
        data = b'[{"code": "EUR", "kind": "region", "name": "Europe"}]'
        self.confirm(self.upload(data, "a.json", "2", "area"), "area")
        self.assertEqual(Area.objects.get(code="EUR").name, "Europe")

    def test_a_file_that_cannot_be_read_is_told_and_thrown_away(self) -> None:
        before = set(uploads.upload_folder().iterdir())
        for data, words in (
            (b"slug,name\nx\n", "Line 2 has 1 cell"),
            (b"\xff\xd8\xff\xe0", "JPEG"),
            (b"x" * (10 * 1024 * 1024 + 1), "more than 10 MB"),
        ):
            self.assertContains(self.upload(data), words)
        self.assertEqual(set(uploads.upload_folder().iterdir()), before)

    def test_what_is_wrong_is_told_and_nothing_written(self) -> None:
        for data, words in (
            (csv_bytes([("a b", "X", "other", "", "", "")], HEAD), "valid “slug”"),
            (csv_bytes([("x", "X", "cloud", "", "", "")], HEAD), "not a valid choice"),
            (csv_bytes([("x", "X", "other", "", "", "gone")], HEAD), "does not exist"),
            (csv_bytes([("x", "a\u202eb", "other", "", "", "")], HEAD), "cannot be shown safely"),
            (csv_bytes([("X",)], ("name",)), "slug"),
            (b"\xff\xd8\xff\xe0", "JPEG"),
            (csv_bytes([(f"x{n}", "X") for n in range(2_001)], ("slug", "name")), "more than 2000"),
        ):
            shown = self.upload(data)
            self.assertContains(shown, words)
            self.assertNotIn("confirm_form", shown.context)
            self.assertNotContains(shown, "Traceback")
        self.assertEqual(Organisation.objects.count(), 2)
        self.assertEqual(self.events(), [])

    def test_only_the_file_that_was_looked_at_is_brought_in(self) -> None:
        shown = self.upload(csv_bytes(ROWS, HEAD))
        for name in ("../etc/passwd", "passwd", "0" * 32, ""):
            self.confirm(shown, import_file_name=name)
        self.confirm(shown, format="99")
        self.confirm(shown, format="x")
        self.assertEqual(Organisation.objects.count(), 2)

    def test_exports_hold_no_formula(self) -> None:
        Organisation.objects.create(slug="x", name="=1+1")
        sent = {"format": "1", "resource": "", "export_items": []}
        response = self.window.client.post(page("export"), sent)
        sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
        cells = {row[1].value: row[1].data_type for row in sheet.iter_rows(min_row=2)}
        self.assertEqual(cells["=1+1"], "s")
        response = self.window.client.post(page("export"), {**sent, "format": "0"})
        self.assertIn("'=1+1", response.content.decode())

    def test_no_page_of_it_has_anything_inline(self) -> None:
        client = self.window.client
        pages = [
            client.get(page(name, model))
            for name in ("changelist", "import", "export")
            for model in ("organisation", "area")
        ]
        pages.append(self.upload(csv_bytes(ROWS, HEAD)))
        pages.append(self.upload(csv_bytes([("a b", "X", "other", "", "", "")], HEAD)))
        for shown in pages:
            self.assertEqual(shown.status_code, 200)
            self.assertIsNone(INLINE.search(shown.content.decode()), shown.request["PATH_INFO"])

    def test_who_may_not(self) -> None:
        self.auditor.is_staff = True
        self.auditor.save()
        self.window.client.force_login(self.auditor)
        for name in ("import", "process_import"):
            response = self.window.client.post(page(name))
            self.assertEqual(response.status_code, 403, name)
        self.window.client.force_login(self.manager)
        self.assertEqual(self.window.client.get(page("import")).status_code, 302)
