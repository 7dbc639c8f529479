"""Lists of organisations and areas as files, and the way to their import."""

from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile

from recommendations.models import Area, Organisation
from tests.admin.base import AdminTestCase, address


class ReferenceListTests(AdminTestCase):
    def file(self, model: type, code: str = "csv", **asked: str) -> bytes:
        answer = self.window.client.get(address(model, "export"), {"format": code, **asked})
        self.assertEqual(answer.status_code, 200)
        return b"".join(answer.streaming_content)

    def test_a_file_goes_out_and_comes_in_again_unchanged(self) -> None:
        told = {"kind": "academic", "successor": self.ministry, "valid_from": date(2001, 2, 3)}
        Organisation.objects.create(slug="x", name="X", **told)
        area = self.make_area("FRA", name="France", kind="country", notes="a\nb")
        self.make_area("FRA-B", name="Brittany", kind="part", parent=area)
        for model in (Organisation, Area):
            for code in ("csv", "xlsx", "json"):
                with self.subTest(model=model.__name__, code=code):
                    file = SimpleUploadedFile(f"list.{code}", self.file(model, code))
                    shown = self.window.client.post("/areas/import/", {"file": file})
                    plan = shown.context["plan"]
                    self.assertEqual((plan.rejected, plan.changes), ([], []))
                    self.assertEqual(plan.unchanged, model.objects.count())

    def test_the_file_has_what_the_list_shows(self) -> None:
        Organisation.objects.create(slug="x", name="Academy", kind="academic")
        text = self.file(Organisation, kind__exact="academic").decode()
        self.assertEqual(("Academy" in text, "Ministry" in text), (True, False))

    def test_who_finds_the_ways(self) -> None:
        self.manager.is_staff = True
        self.manager.save()
        for model in (Organisation, Area):
            for person, is_way_in in ((self.administrator, True), (self.manager, False)):
                self.window.client.force_login(person)
                shown = self.window.client.get(address(model, "changelist"), {"q": "a"})
                self.assertContains(shown, 'export/?q=a&amp;format=xlsx">Export as XLSX')
                self.assertEqual("/areas/import/" in shown.content.decode(), is_way_in, person)
                self.assertEqual(self.window.client.get(address(model, "export")).status_code, 200)
