"""Files that are meant to do harm, sent through the real forms: refused with the reason, or kept
and given out so that they can do none. Never our fault, and nothing is left half written."""

import io
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.test import override_settings
from django.urls import reverse

from recommendations.actions.responses import record_responses
from recommendations.models import (
    Addressee,
    Evidence,
    EvidenceRevision,
    StatusUpdate,
    StoredFile,
)
from recommendations.readers.opening import type_named
from recommendations.storage import evidence as store
from tests.base import days_ago
from tests.depth import times
from tests.files import GIF, PNG, archive, pdf
from tests.readers.test_media_types import one_part
from tests.views.test_evidence_files import SANDBOX, of
from tests.views.writing import Browser, WritingTestCase

SCRIPT = b"<script>alert(document.domain)</script>"
# The test file of the European Institute for Computer Antivirus Research, in two halves: whole, it
# would keep scanners from letting this source file through.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
HEAD = b'Content-Disposition: form-data; name="evidence-uploads"; '
TYPE = "Save the file as PDF, or enter its web address. Accepted types"
UNKNOWN = "is not of an accepted file type. Accepted types"


def scan(file: Any) -> str:
    """A scanner that knows one thing."""
    return "Eicar-Test-Signature" if EICAR in file.read() else ""


def broken_scan(file: Any) -> str:
    raise TimeoutError("no scanner there")


@dataclass(frozen=True)
class Sent:
    """A file as it is sent, what is said of it if it is refused, else what it is kept as."""

    name: str
    content: bytes
    refused: str = ""
    kept: str = ""
    saved: str = ""
    """The name under which it is saved, if that is to be looked at."""


def script_pdf() -> bytes:
    action = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
    return b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /OpenAction " + action + b" >>\nendobj\n%%EOF\n"


def swollen(name: str) -> bytes:
    """An archive of some kilobytes that unpacks to 30 MB."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr(name, bytes(30 * 1024 * 1024))
    return held.getvalue()


HOSTILE = (
    Sent("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", TYPE),
    Sent("drawing.png", b'<?xml version="1.0"?><svg onload="alert(1)"/>', TYPE),
    Sent("page.html", b"<!doctype html>" + SCRIPT, TYPE),
    Sent("photograph.png", b"<html>" + SCRIPT, TYPE),
    Sent("words.txt", b"\xef\xbb\xbf \n" + SCRIPT, TYPE),
    Sent("program.pdf", b"MZ\x90\x00\x03" + bytes(60), UNKNOWN),
    Sent("macros.docx", archive(word__document_xml="x", word__vbaProject_bin="x"), TYPE),
    Sent("macros.docm", archive(word__document_xml="x", word__vbaProject_bin="x"), TYPE),
    Sent("packed.zip", archive(run_exe="MZ"), TYPE),
    Sent("bomb.zip", swollen("zeros"), TYPE),
    Sent("bomb.odt", one_part(swollen("x"), size=50), TYPE),
    Sent("broken.odt", one_part(b"\xff" * 40), TYPE),
    Sent("cut.docx", archive(word__document_xml="x" * 900)[:-40], UNKNOWN),
    Sent("nothing.pdf", b"", "is empty"),
    Sent("eicar.com", EICAR, "Eicar-Test-Signature"),
    Sent("eicar.pdf", pdf("x") + EICAR, "Eicar-Test-Signature"),
    Sent("bomb.docx", swollen("word/document.xml"), kept="docx"),
    Sent("script.js", b"GIF89a/*" + GIF[8:] + b"*/=1;alert(1)", kept="gif", saved="script.js.gif"),
    Sent("page.html", PNG + SCRIPT, kept="png", saved="page.html.png"),
    Sent("script.pdf", script_pdf(), kept="pdf", saved="script.pdf"),
    Sent("run.bat", b"@echo off\r\ndel *.*\r\n", kept="txt", saved="run.bat.txt"),
    Sent("page.txt", b"Words, then " + SCRIPT, kept="txt", saved="page.txt"),
)

NAMES = (
    ("../../../etc/passwd", "passwd.pdf"),
    ("..\\..\\boot.ini", "boot.ini.pdf"),
    ("/etc/cron.d/x", "x.pdf"),
    ("a\x00.exe", "a.exe.pdf"),
    ("report\u202efdp.exe", "reportfdp.exe.pdf"),
    ("x" * 300 + ".pdf", "x" * 139 + "….pdf"),
    ("é" * 300, "é" * 150 + "….pdf"),
    ("CON", "file-CON.pdf"),
    ("LPT1.pdf", "file-LPT1.pdf"),
    ("-rf.pdf", "rf.pdf"),
    ("...pdf", "pdf.pdf"),
    ("<img src=x onerror=alert(1)>.pdf", "_img src=x onerror=alert(1)_.pdf"),
    ("%2e%2e%2fx.pdf", "_2e_2e_2fx.pdf"),
    ("\ud800".encode("utf-8", "surrogatepass"), None),
    (".", None),
    ("..", None),
    ("", None),
)
"""As sent, and as saved; none where there is no name, or none that is known beforehand."""


@override_settings(EVIDENCE_SCANNER="tests.views.test_hostile_files.scan")
class HostileTests(WritingTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        body = Addressee.objects.create(recommendation=cls.recommendation, organisation=cls.agency)
        values = {"position": "accepted", "since": days_ago(3)}
        [said] = record_responses(addressees=[body], by=cls.staff, values=values)
        cls.response = reverse("response-evidence", args=[said.pk])

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.temporary = Path(folder.name)
        self.enterContext(self.settings(FILE_UPLOAD_TEMP_DIR=folder.name))
        self.client = Browser(self.staff).client

    def post(self, path: str, body: bytes) -> Any:
        """Bytes over the wire, so that no client mends them; nothing is left half written."""
        kind = "multipart/form-data; boundary=edge"
        answer = self.client.post(path, data=body, content_type=kind)
        self.assertLess(answer.status_code, 500)
        self.assertEqual(list(self.temporary.iterdir()), [])
        incoming = settings.EVIDENCE_ROOT / store.INCOMING
        self.assertEqual(list(incoming.iterdir()) if incoming.exists() else [], [])
        return answer

    def send(self, door: str, name: str | bytes, content: bytes) -> Any:
        path, fields = self.response, {}
        if door == "update":
            draft = StatusUpdate.objects.first() or self.drafted()
            path = reverse("update-evidence", args=[draft.pk])
            fields = self.at("update-detail", draft.pk).form
        parts = [
            f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in {**fields, "evidence-stance": "supports"}.items()
        ]
        raw = name if isinstance(name, bytes) else name.encode()
        head = HEAD + b'filename="' + raw + b'"\r\nContent-Type: image/png\r\n\r\n'
        sent = b"--edge\r\n" + b"--edge\r\n".join([*parts, head + content + b"\r\n"])
        return self.post(path, sent + b"--edge--\r\n")

    def counted(self) -> tuple[int, ...]:
        rows = (
            model._default_manager.count() for model in (Evidence, EvidenceRevision, StoredFile)
        )
        return (*rows, len(list(store.list_stored())))

    def kept(self, answer: Any) -> EvidenceRevision:
        self.assertEqual(answer.status_code, 302, answer.content[:300])
        return EvidenceRevision.objects.latest("pk")

    def saved_as(self, revision: EvidenceRevision, content: bytes) -> str:
        """The name of the download; it is checked for being safe in every other way."""
        answer = self.client.get(of(revision.evidence, revision.number))
        self.assertEqual((answer.status_code, answer.getvalue()), (200, content))
        self.assertEqual(answer["Content-Security-Policy"], SANDBOX)
        self.assertEqual(answer["X-Content-Type-Options"], "nosniff")
        said = answer["Content-Disposition"]
        self.assertTrue(said.startswith("attachment; filename"), said)
        page = self.client.get(revision.evidence.get_absolute_url())
        self.assertEqual(page.status_code, 200)
        self.assertNotContains(page, "<img src=x")
        name = said.partition("=")[2].strip('"')
        return unquote(name.removeprefix("utf-8''")) if name.startswith("utf-8''") else name

    def test_refused_with_the_reason_or_kept_as_what_it_is(self) -> None:
        """By one door or the other, in memory or on disk; in a deep run by both."""
        doors = (("response", 0), ("update", 10**7))
        for number, sent in enumerate(HOSTILE):
            for door, most in doors if times(1, 2) == 2 else (doors[number % 2],):
                memory = self.settings(FILE_UPLOAD_MAX_MEMORY_SIZE=most)
                with self.subTest(name=sent.name, door=door), memory:
                    before = self.counted()
                    answer = self.send(door, sent.name, sent.content)
                    if sent.refused:
                        form = answer.context["form" if door == "response" else "evidence_form"]
                        self.assertEqual(answer.status_code, 400)
                        self.assertIn(sent.refused, " ".join(form.errors["uploads"]))
                        self.assertEqual(self.counted(), before)
                        continue
                    revision = self.kept(answer)
                    kind = type_named(revision.file.media_type)
                    self.assertEqual(kind.code if kind else "", sent.kept)
                    name = self.saved_as(revision, sent.content)
                    self.assertIn(sent.saved, ("", name))

    def test_a_scanner_that_fails_lets_nothing_through(self) -> None:
        broken = "tests.views.test_hostile_files.broken_scan"
        content = pdf("not scanned yet")
        log = self.assertLogs("recommendations.actions.evidence.files", "ERROR")
        with self.settings(EVIDENCE_SCANNER=broken), log:
            revision = self.kept(self.send("response", "a.pdf", content))
        answer = self.client.get(of(revision.evidence))
        told = "This file awaits the virus scan and cannot be downloaded yet."
        self.assertContains(answer, told, status_code=409)
        self.assertNotIn(content, answer.content)

    def test_a_body_that_ends_early_keeps_nothing(self) -> None:
        before, head = self.counted(), b"--edge\r\n" + HEAD + b'filename="a.pdf"'
        for body in (head, head + b"\r\n\r\n%PDF-1.4 and then nothing", b"--edge", b""):
            for most in (0, 10**7):
                with self.settings(FILE_UPLOAD_MAX_MEMORY_SIZE=most):
                    self.assertIn(self.post(self.response, body).status_code, (302, 400))
        self.assertLessEqual(self.counted()[0] - before[0], 1)

    def test_a_name_is_a_line_of_text_and_never_a_path(self) -> None:
        for number, (name, saved) in enumerate(NAMES):
            with self.subTest(name=name[:30]):
                content = pdf(f"named {number}")
                answer = self.send("response", name, content)
                self.assertIn(answer.status_code, (302, 400))
                if saved is not None:
                    revision = self.kept(answer)
                    self.assertNotRegex(revision.original_name, "[/\\\\\x00\u202e]")
                    self.assertEqual(self.saved_as(revision, content), saved)
                    self.assertEqual(store.stored_size(revision.file_id), len(content))
        around = set(settings.EVIDENCE_ROOT.parent.iterdir())
        self.send("response", "../../outside.pdf", pdf("outside"))
        self.assertEqual(set(settings.EVIDENCE_ROOT.parent.iterdir()), around)
