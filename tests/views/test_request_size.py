"""What is too large is refused by the length it states, before anything of it is read."""

import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadhandler import SkipFile
from django.http import HttpRequest
from django.test import Client, SimpleTestCase, override_settings

from recommendations.forms.imports import FiguresForm, UploadForm
from recommendations.models import User
from recommendations.storage import uploads
from recommendations.storage.uploads import BoundedUploadHandler, largest_file
from tests.base import TrackerTestCase
from tests.files import pdf, upload
from tests.updates import begin_draft

MIB = 1024 * 1024
FILES = "multipart/form-data; boundary=x"
WORDS = "application/x-www-form-urlencoded"


class NeverRead:
    """A body from which nobody may take a byte."""

    def read(self, *sizes: int) -> bytes:
        raise AssertionError("read")

    readline = read


def send(stated: str, content_type: str = FILES, path: str = "/accounts/login/") -> Any:
    """A request that states the length of a body, of which nothing comes."""
    environment: Any = {
        "CONTENT_LENGTH": stated,
        "CONTENT_TYPE": content_type,
        "wsgi.input": NeverRead(),
    }
    return Client().generic("POST", path, **environment)


class LimitTests(SimpleTestCase):
    # No database is open to this test: the refusal asks nothing of one.
    def test_what_is_larger_than_all_files_of_a_form_and_its_words_or_states_no_length(
        self,
    ) -> None:
        most = settings.EVIDENCE_MAX_FILES * settings.EVIDENCE_MAX_BYTES + MIB
        everywhere = ("/", "/recommendations/import/", "/admin/", "/nothing/", "/healthz")
        large, none = "at most 10 files of 25.0", "The request is invalid"
        for status, told, stated, content_type, paths in (
            *((413, large, n, FILES, ("/accounts/login/",)) for n in (most + 1, 10**400)),
            (413, large, 10**12, FILES, everywhere),
            *((413, "", MIB + 1, t, ("/",)) for t in (WORDS, "application/json", "text/plain", "")),
            *(
                (400, none, n, FILES, ("/",))
                for n in ("-1", "1e3", "0x10", "١٢", "1 2", "+5", "ten")
            ),
        ):
            for path in paths:
                with self.subTest(path, stated=str(stated)[:15], content_type=content_type):
                    response = send(str(stated), content_type, path)
                    self.assertContains(response, told, status_code=status)
                    if told == large:
                        self.assertContains(response, "Nothing was saved.", status_code=413)
                        self.assertTrue(response["X-Request-ID"])
                        policy = response["Content-Security-Policy"]
                        self.assertIn("default-src 'none'", policy)

    @override_settings(EVIDENCE_MAX_FILES=1, EVIDENCE_MAX_BYTES=MIB)
    def test_a_file_of_values_comes_in_where_evidence_is_to_be_small(self) -> None:
        self.assertEqual(send(str(51 * MIB + 1)).status_code, 413)
        with self.assertRaisesMessage(AssertionError, "read"):
            send(str(51 * MIB))


class HandlerTests(SimpleTestCase):
    """One file within a request that is not too large."""

    def handler(self, person: Any) -> BoundedUploadHandler:
        request = HttpRequest()
        request.user = person
        return BoundedUploadHandler(request)

    def test_no_more_of_a_file_is_written_than_any_form_takes(self) -> None:
        handler = self.handler(User())
        piece = bytes(64 * 1024)
        with mock.patch.object(uploads, "largest_file", return_value=5 * len(piece)):
            handler.new_file("uploads", "a.pdf", "application/pdf", None)
            for number in range(20):
                handler.receive_data_chunk(piece, number * len(piece))
            file = handler.file_complete(20 * len(piece))
        self.addCleanup(file.close)
        self.assertEqual(file.size, 20 * len(piece))
        self.assertEqual(len(file.read()), 5 * len(piece))

    def test_nothing_is_written_for_who_is_not_signed_in(self) -> None:
        for person in (AnonymousUser(), None):
            handler = self.handler(person)
            with self.assertRaises(SkipFile):
                handler.new_file("uploads", "a.pdf", "application/pdf", None)
            self.assertFalse(hasattr(handler, "file"))

    def test_nothing_that_a_form_takes_is_cut_off(self) -> None:
        with self.settings(EVIDENCE_MAX_BYTES=MIB):
            for form in (UploadForm, FiguresForm):
                self.assertLessEqual(form.base_fields["file"].largest, largest_file())


@override_settings(FILE_UPLOAD_MAX_MEMORY_SIZE=0)
class FormTests(TrackerTestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.enterContext(self.settings(FILE_UPLOAD_TEMP_DIR=folder.name))
        self.folder = folder.name

    def post(self, client: Client, **data: Any) -> Any:
        response = client.post(f"/updates/{self.update.pk}/evidence/", data)
        self.assertEqual(list(Path(self.folder).iterdir()), [])
        return response

    @property
    def update(self) -> Any:
        return self.recommendation.updates.first() or begin_draft(
            recommendation=self.recommendation, by=self.staff, values={}
        )

    def test_a_file_that_is_too_large_is_an_error_of_its_field(self) -> None:
        client = Client()
        client.force_login(self.staff)
        small = {"EVIDENCE_MAX_BYTES": 100_000}
        with (
            self.settings(**small),
            mock.patch.object(uploads, "LARGEST_STATISTICS_FILE", 100_000),
        ):
            for size, said in ((100_001, True), (1_000_000, True), (99_000, False)):
                file = upload(content=pdf("x" * size))
                response = self.post(client, **{"evidence-uploads": file})
                if said:
                    errors = response.context["evidence_form"].errors["uploads"]
                    self.assertIn("is larger than", errors[0])
                self.assertEqual(response.status_code, 400 if said else 302)
