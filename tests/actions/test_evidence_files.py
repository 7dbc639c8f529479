"""Files of evidence: received, scanned, checked with their item, and taken out for good."""

import importlib.util
import re
import sys
import tempfile
from functools import partial
from io import BytesIO, StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.test import SimpleTestCase, override_settings
from django.utils import timezone

from recommendations import audit
from recommendations.actions.base import ActionRefused, NotAllowed, StaleWrite
from recommendations.actions.evidence.files import receive
from recommendations.actions.redaction import redact_file
from recommendations.models import (
    Evidence,
    EvidenceLink,
    EvidenceRevision,
    Redaction,
    StatusUpdate,
    StoredFile,
)
from recommendations.storage import evidence as store
from tests.actions.acts import ActTestCase, fresh, last_entry, told
from tests.checked import checked
from tests.files import pdf, received, upload

WORDS = "Maria Müller"
FILES = "recommendations.actions.evidence.files"


def strict(file: Any) -> str:
    """Refuses what holds the word."""
    return "Win.Test\nEICAR" if b"EICAR" in file.read() else ""


def silent(file: Any) -> None:
    return None


def broken(file: Any) -> str:
    raise ConnectionRefusedError("no scanner there")


def scanner(scan: Any) -> override_settings:
    return override_settings(EVIDENCE_SCANNER=f"{__name__}.{scan.__name__}")


class FileTestCase(ActTestCase):
    def filed(self, title: str = "A paper", content: str = "1", **given: Any) -> StoredFile:
        """The file of a new item, which has this content."""
        item = self.make_evidence(title, file=received(f"{title}.pdf", pdf(content)), **given)
        return item.revisions.get().file


class ReceivingTests(FileTestCase):
    def test_the_same_bytes_are_one_file_whoever_brings_them(self) -> None:
        files = {self.filed("a"), self.filed("b", by=self.other_staff)}
        self.assertEqual(files, {StoredFile.objects.get()})
        names = EvidenceRevision.objects.order_by("pk").values_list("original_name", flat=True)
        self.assertEqual(list(names), ["a.pdf", "b.pdf"])

    def test_type_size_and_digest_are_those_of_the_bytes_and_in_the_record(self) -> None:
        file = self.make_evidence(file=received("paper.png")).revisions.get().file
        self.assertEqual((file.media_type, file.size), ("application/pdf", len(pdf())))
        self.assertEqual(file.pk, store.sha256_of(upload()))
        self.assertEqual(self.verbs(), ["create", "store", "add_file"])
        self.assertEqual(told(self.events()[-1])["file"], [None, file.pk])

    def test_no_row_without_bytes_and_no_bytes_that_cannot_be_read_whole(self) -> None:
        taken = received()
        store.delete_file(taken.sha256)
        words = "has expired. Choose the file again"
        self.refused(ActionRefused, self.make_evidence, "Gone", file=taken, words=words)
        before = dict(store.list_stored())
        with mock.patch.object(store, "sha256_of", side_effect=OSError):
            self.refused(OSError, receive, upload("unreadable.pdf", pdf("unreadable")))
        self.assertEqual(dict(store.list_stored()), before)

    def test_size_and_types_are_set_by_the_site(self) -> None:
        for setting, words in (
            ({"EVIDENCE_MAX_BYTES": 10}, "larger than 10"),
            ({"EVIDENCE_TYPES": ["png"]}, "Accepted types: png"),
        ):
            with override_settings(**setting), self.assertRaisesMessage(ValidationError, words):
                receive(upload())


class RevisionTests(FileTestCase):
    item: Evidence
    update: StatusUpdate
    link: EvidenceLink

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.update = cls.make_submitted(cls.recommendation)
        cls.item = cls.make_evidence(by=cls.staff, file=received("first.pdf", pdf("first")))
        cls.link = cls.attach(cls.update, cls.item)

    def newer(self, by: Any = None, content: str = "second", **given: Any) -> EvidenceRevision:
        file = received(f"{content}.pdf", pdf(content))
        made: EvidenceRevision = self.revise_file(self.item, file, by, **given)
        return made

    def is_checked(self) -> bool:
        return checked(EvidenceLink.objects.filter(pk=self.link.pk)).exists()

    def test_a_newer_file_is_the_next_revision_and_the_earlier_one_stays(self) -> None:
        seen = fresh(self.item).version
        self.refused(ActionRefused, self.newer, None, "first", words="already the current file")
        self.newer(self.manager, note="page 3 was missing")
        rows = self.item.revisions.order_by("number").values_list("number", "original_name", "note")
        expected = [(1, "first.pdf", ""), (2, "second.pdf", "page 3 was missing")]
        self.assertEqual(list(rows), expected)
        self.assertEqual(self.held(self.item, "last_revision"), 2)
        self.refused(StaleWrite, partial(self.newer, content="third", version=seen))

    def test_a_check_of_an_earlier_file_counts_no_more_and_is_made_again_by_another(self) -> None:
        self.check(self.item)
        self.assertTrue(self.is_checked())
        self.newer()
        self.assertFalse(self.is_checked())
        self.assertEqual(self.check(self.item).revision, 2)
        self.assertTrue(self.is_checked())
        words = "You have already verified this evidence."
        self.refused(ActionRefused, self.check, self.item, words=words)
        self.newer(self.manager, "third")
        self.refused(NotAllowed, self.check, self.item)
        self.check(self.item, self.other_manager)
        self.assertTrue(self.is_checked())

    def test_a_check_does_not_count_while_the_bytes_are_not_what_they_were_or_refused(self) -> None:
        self.check(self.item)
        for fault in ("missing", "altered"):
            StoredFile.objects.update(fault=fault)
            self.assertFalse(self.is_checked(), fault)
        self.filed("The same bytes again", "first")
        self.assertTrue(self.is_checked())
        StoredFile.objects.update(scan="refused", scanned_at=timezone.now())
        self.assertFalse(self.is_checked())


class ScanTests(FileTestCase):
    """A file that the scanner could not judge is asked about again by a command."""

    def waiting(self) -> tuple[StoredFile, StoredFile]:
        with scanner(silent):
            good, bad = self.filed("Good"), self.filed("Bad", "EICAR")
        self.assertEqual({good.is_given, bad.is_given}, {False})
        return good, bad

    def scan(self, scan: Any, *options: str) -> tuple[str, str, int]:
        out, using = StringIO(), scanner(scan) if scan else override_settings()
        try:
            with using:
                call_command("scan_evidence", *options, stdout=out)
        except CommandError as error:
            return out.getvalue(), str(error), error.returncode
        return out.getvalue(), "", 0

    def assert_states(self, *states: str) -> None:
        found = StoredFile.objects.order_by("revisions__pk").values_list("scan", flat=True)
        self.assertEqual(tuple(found), states)

    def test_on_receipt_it_is_let_through_refused_or_waits(self) -> None:
        with scanner(strict):
            self.assertTrue(self.filed("Clean", "c").is_given)
            with self.assertRaisesMessage(ValidationError, "EICAR"):
                received("r.pdf", pdf("EICAR"))
            self.assertFalse(store.file_exists(store.sha256_of(upload(content=pdf("EICAR")))))
        with scanner(broken), self.assertLogs(FILES, "ERROR"):
            file = self.filed("Broken", "b")
        words = "The file is not available, so this evidence cannot be verified."
        item = Evidence.objects.get(title="Broken")
        self.refused(ActionRefused, self.check, item, words=words)
        self.assertEqual((file.scan, file.is_given), ("waiting", False))
        with scanner(strict):
            self.filed("Again", "b")
        self.assertTrue(fresh(file).is_given, "an answer counts for all who brought the bytes")

    def test_those_that_wait_are_let_through_or_refused(self) -> None:
        good, bad = self.waiting()
        self.before = last_entry()
        out, err, code = self.scan(strict)
        self.assertEqual(out, f"{bad.pk} is refused: Win.Test EICAR\n")
        self.assertEqual((err, code), ("Clean: 1; refused: 1; not scanned: 0.", 1))
        self.assert_states("clean", "refused")
        self.assertEqual(self.held(bad, "scan_note", "is_given"), ("Win.Test EICAR", False))
        self.assertTrue(fresh(good).is_given)
        self.assertEqual(self.scan(strict)[2], 0)
        self.assertEqual(self.scan(strict, "--all")[2], 1)
        self.assertEqual(self.verbs(), ["scan", "scan"], "what is no news leaves no event")
        self.assertEqual(audit.verify_chain().fault, "")
        redact_file(file=bad, by=self.administrator, reason="Not ours.")
        out, _err, code = self.scan(strict, "--all")
        self.assertEqual((out, code), ("Clean: 1; refused: 0; not scanned: 0.\n", 0))

    def test_without_an_answer_all_stays_as_it_is(self) -> None:
        good, _bad = self.waiting()
        none = ("", "Clean: 0; refused: 0; not scanned: 2.", 1)
        self.assertEqual(self.scan(silent), none)
        with self.assertLogs(FILES, "ERROR"):
            self.assertEqual(self.scan(broken), none)
        words = "EVIDENCE_SCANNER is not set. No virus scanner is available."
        self.assertEqual(self.scan(None), ("", words, 1))
        self.assert_states("waiting", "waiting")
        store.delete_file(good.pk)
        with self.assertLogs("recommendations.actions.evidence.files", "ERROR"):
            err = self.scan(strict)[1]
        self.assertEqual(err, "Clean: 0; refused: 1; not scanned: 1.", "one is gone")
        self.scan(silent, "--all")
        self.assert_states("waiting", "refused")


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
            daemon = SimpleNamespace(instream=mock.Mock(return_value={"stream": said}))
            clamd = SimpleNamespace(ClamdUnixSocket=lambda found=daemon: found)
            with self.subTest(said), mock.patch.dict(sys.modules, {"clamd": clamd}):
                self.assertEqual(self.example().scan(BytesIO(b"bytes")), expected)


class TakenOutTests(FileTestCase):
    """A file that is redacted: its bytes are gone, and that they were there stays on record."""

    def setUp(self) -> None:
        super().setUp()
        self.file = self.filed(WORDS)
        self.assertEqual(self.filed("copy"), self.file)
        self.redact_it = partial(redact_file, file=self.file, by=self.administrator)

    def take_out(self, reason: str = "Sent by mistake.") -> Redaction:
        with self.captureOnCommitCallbacks(execute=True):
            return self.redact_it(reason=reason)

    def test_the_bytes_go_and_who_when_and_why_stay(self) -> None:
        self.refused("reason", self.redact_it, reason="  ")
        self.before = last_entry()
        made = self.take_out()
        self.assertFalse(store.file_exists(self.file.pk))
        file = fresh(self.file)
        self.assertEqual((file.redacted_by, file.is_given), (self.administrator, False))
        said = (made.at, made.file, made.digest, made.places, made.reason)
        self.assertEqual(said, (file.redacted_at, file, file.pk, 2, "Sent by mistake."))
        self.assertEqual(self.verbs(), ["redact_file"] * 2)
        self.assertEqual({each.reason.text for each in self.events()}, {"Sent by mistake."})
        self.assertEqual(audit.verify_chain().fault, "")
        words = "This file was already redacted."
        self.refused(ActionRefused, self.redact_it, reason="Twice.", words=words)

    def test_the_bytes_stay_until_it_is_on_record_which_no_storage_takes_back(self) -> None:
        gone = mock.patch.object(store, "delete_by_name", side_effect=OSError("gone"))
        with self.captureOnCommitCallbacks() as after:
            self.redact_it(reason="Sent by mistake.")
            self.assertTrue(store.file_exists(self.file.pk))
        self.assertEqual(len(after), 1)
        with gone, self.assertRaises(OSError):
            after[0]()
        self.assertIsNotNone(fresh(self.file).redacted_at)

    def test_it_stays_out(self) -> None:
        words = "was redacted and cannot be uploaded again"
        came_in_before = received("again.pdf", pdf("1"))
        self.take_out()
        with self.assertRaisesMessage(ValidationError, words):
            received("again.pdf", pdf("1"))
        self.assertFalse(store.file_exists(self.file.pk))
        with transaction.atomic(), self.assertRaises(IntegrityError):
            StoredFile.objects.update(redacted_at=None, redacted_by=None)
        # An upload that came in just before.
        with mock.patch(f"{FILES}._refuse_redacted"):
            received("again.pdf", pdf("1"))
        late = partial(self.make_evidence, "Once more", file=came_in_before)
        self.refused(ActionRefused, late, words=words)
        self.assertFalse(store.file_exists(self.file.pk))
