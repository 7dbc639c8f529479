"""The scanner is asked again about files that it could not judge when they came in."""

import importlib.util
import re
import sys
import tempfile
from io import BytesIO, StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import SimpleTestCase, override_settings

from recommendations import audit
from recommendations.actions.redaction import redact_file
from recommendations.choices import ScanState
from recommendations.models import AuditEvent, StoredFile
from recommendations.storage import evidence as store
from tests.base import TrackerTestCase
from tests.files import pdf, received


def silent(file: Any) -> None:
    return None


def broken(file: Any) -> str:
    raise ConnectionRefusedError("no scanner there")


def strict(file: Any) -> str:
    """Refuses what holds the word."""
    return "Win.Test\nEICAR" if b"EICAR" in file.read() else ""


def using(scan: Any) -> Any:
    return override_settings(EVIDENCE_SCANNER=f"{__name__}.{scan.__name__}")


class ScanTests(TrackerTestCase):
    def setUp(self) -> None:
        with using(silent):
            self.make_evidence("Good", file=received("good.pdf", pdf("Good.")))
            self.make_evidence("Bad", file=received("bad.pdf", pdf("EICAR")))
        self.good, self.bad = (
            StoredFile.objects.get(revisions__evidence__title=title) for title in ("Good", "Bad")
        )
        self.first_event = AuditEvent.objects.count()

    def scan(self, *options: str) -> tuple[str, str, int]:
        out = StringIO()
        try:
            call_command("scan_evidence", *options, stdout=out)
        except CommandError as error:
            return out.getvalue(), str(error), error.returncode
        return out.getvalue(), "", 0

    def states(self) -> tuple[str, str]:
        self.good.refresh_from_db()
        self.bad.refresh_from_db()
        return self.good.scan, self.bad.scan

    def verbs(self) -> list[str]:
        events = AuditEvent.objects.order_by("sequence")[self.first_event :]
        return [event.verb for event in events]

    def test_those_that_wait_are_let_through_or_refused(self) -> None:
        self.assertEqual(self.states(), (ScanState.WAITING, ScanState.WAITING))
        with using(strict):
            out, err, code = self.scan()
        self.assertEqual(out, f"{self.bad.pk} is refused: Win.Test EICAR\n")
        self.assertEqual((err, code), ("Clean: 1; refused: 1; not scanned: 0.", 1))
        self.assertEqual(self.states(), (ScanState.CLEAN, ScanState.REFUSED))
        self.assertEqual(self.bad.scan_note, "Win.Test EICAR")
        self.assertEqual((self.good.is_given, self.bad.is_given), (True, False))
        self.assertEqual(self.verbs(), ["scan", "scan"])
        self.assertEqual(audit.verify_chain().fault, "")
        with using(strict):
            self.assertEqual(self.scan()[2], 0)
            # What is no news leaves no event.
            self.assertEqual(self.scan("--all")[2], 1)
        self.assertEqual(self.verbs(), ["scan", "scan"])

    def test_without_an_answer_all_stays_as_it_is(self) -> None:
        for scan in (silent, broken):
            with self.subTest(scan.__name__), using(scan):
                if scan is broken:
                    with self.assertLogs("recommendations.actions.evidence.files", "ERROR"):
                        _out, err, code = self.scan()
                else:
                    _out, err, code = self.scan()
                self.assertEqual((err, code), ("Clean: 0; refused: 0; not scanned: 2.", 1))
        self.assertEqual(self.states(), (ScanState.WAITING, ScanState.WAITING))
        with using(strict):
            self.scan()
        with using(silent):
            self.scan("--all")
        self.assertEqual(self.states(), (ScanState.CLEAN, ScanState.REFUSED))

    def test_a_file_that_is_gone_waits_on(self) -> None:
        store.delete_file(self.good.pk)
        with (
            using(strict),
            self.assertLogs("recommendations.actions.evidence.file_checks", "ERROR"),
        ):
            _out, err, _code = self.scan()
        self.assertEqual(err, "Clean: 0; refused: 1; not scanned: 1.")

    def test_what_was_taken_out_is_not_asked_about(self) -> None:
        redact_file(file=self.bad, by=self.administrator, reason="Not ours.")
        with using(strict):
            out, _err, code = self.scan("--all")
        self.assertEqual(out, "Clean: 1; refused: 0; not scanned: 0.\n")
        self.assertEqual(code, 0)

    def test_a_site_without_a_scanner_says_so(self) -> None:
        _out, err, code = self.scan()
        self.assertEqual(err, "EVIDENCE_SCANNER is not set. No virus scanner is available.")
        self.assertEqual(code, 1)


class ExampleTests(SimpleTestCase):
    """The scanner that docs/deployment.md shows keeps the contract, whatever clamd answers."""

    def example(self) -> Any:
        """The code of that page as a module."""
        page = (settings.BASE_DIR / "docs" / "deployment.md").read_text()
        [code] = re.findall(r"```python\n(import clamd.*?)```", page, re.DOTALL)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "our_scanner.py"
            path.write_text(code)
            spec: Any = importlib.util.spec_from_file_location("our_scanner", path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        return module

    def test_clean_refused_and_no_answer(self) -> None:
        for said, expected in (
            (("OK", None), ""),
            (("FOUND", "Eicar-Signature"), "Eicar-Signature"),
            (("ERROR", "no room"), None),
        ):

            def instream(file: Any, said: Any = said) -> dict[str, Any]:
                return {"stream": said}

            clamd = SimpleNamespace(ClamdUnixSocket=lambda i=instream: SimpleNamespace(instream=i))
            with self.subTest(said), mock.patch.dict(sys.modules, {"clamd": clamd}):
                self.assertEqual(self.example().scan(BytesIO(b"bytes")), expected)
