"""A file that is taken out: its bytes are gone, and that they were there stays on record."""

from unittest import mock

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from recommendations import audit
from recommendations.actions import redaction
from recommendations.actions.errors import ActionRefused
from recommendations.actions.redaction import redact_file
from recommendations.audit.text_search import preview_digest, text_occurrences
from recommendations.choices import Role
from recommendations.models import (
    AuditEvent,
    EvidenceRevision,
    Redaction,
    StoredFile,
    User,
)
from recommendations.storage import evidence as store
from tests.base import TrackerTestCase, make_person
from tests.files import pdf, received

WORDS = "Maria Müller"


class FileRedactionTestCase(TrackerTestCase):
    file: StoredFile

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.content = pdf("What nobody should have sent.")
        cls.make_evidence("A paper", file=received(f"{WORDS}.pdf", cls.content))
        cls.make_evidence("A copy", file=received("copy.pdf", cls.content))
        cls.file = StoredFile.objects.get()

    def take_out(self, by: User | None = None, reason: str = "Sent by mistake.") -> Redaction:
        with self.captureOnCommitCallbacks(execute=True):
            return redact_file(file=self.file, by=by or self.administrator, reason=reason)


class TakenOutTests(FileRedactionTestCase):
    def setUp(self) -> None:
        received("again.pdf", self.content)

    def test_the_bytes_go_and_who_when_and_why_stay(self) -> None:
        made = self.take_out()
        self.assertFalse(store.file_exists(self.file.pk))
        self.file.refresh_from_db()
        self.assertEqual(self.file.redacted_by, self.administrator)
        self.assertEqual((made.at, made.file), (self.file.redacted_at, self.file))
        self.assertEqual((made.digest, made.places), (self.file.pk, 2))
        self.assertEqual(made.reason, "Sent by mistake.")
        self.assertFalse(self.file.is_given)
        events = AuditEvent.objects.order_by("-sequence")[:2]
        self.assertEqual({event.verb for event in events}, {"redact_file"})
        self.assertEqual({event.reason.text for event in events}, {"Sent by mistake."})
        self.assertEqual(audit.verify_chain().fault, "")

    def test_the_bytes_stay_until_it_is_on_record(self) -> None:
        with self.captureOnCommitCallbacks():
            redact_file(file=self.file, by=self.administrator, reason="Sent by mistake.")
            self.assertTrue(store.file_exists(self.file.pk))

    def test_a_storage_that_does_not_answer_takes_nothing_back(self) -> None:
        broken = mock.patch.object(store, "delete_by_name", side_effect=OSError("gone"))
        with self.captureOnCommitCallbacks() as after:
            redact_file(file=self.file, by=self.administrator, reason="Sent by mistake.")
        self.assertEqual(len(after), 1)
        with broken, self.assertRaises(OSError):
            after[0]()
        self.file.refresh_from_db()
        self.assertIsNotNone(self.file.redacted_at)

    def test_an_administrator_alone_superusers_included(self) -> None:
        root = make_person("root", Role.MANAGER, is_staff=True, is_superuser=True)
        for person in (self.manager, self.staff, self.auditor, root):
            with self.subTest(person), self.assertRaises(PermissionDenied):
                self.take_out(by=person)
        self.assertTrue(store.file_exists(self.file.pk))
        self.assertFalse(Redaction.objects.exists())

    def test_with_a_reason_and_once(self) -> None:
        with self.assertRaises(ValidationError):
            self.take_out(reason="  ")
        self.take_out()
        with self.assertRaisesMessage(ActionRefused, "This file was already redacted."):
            self.take_out()

    def test_it_stays_out(self) -> None:
        came_in_before = received("again.pdf", self.content)
        self.take_out()
        with self.assertRaisesMessage(ValidationError, "was redacted and cannot be uploaded again"):
            received("again.pdf", self.content)
        self.assertFalse(store.file_exists(self.file.pk))
        with transaction.atomic(), self.assertRaises(IntegrityError):
            StoredFile.objects.update(redacted_at=None, redacted_by=None)
        # An upload that came in just before.
        receive_late = mock.patch("recommendations.actions.evidence.files._refuse_redacted")
        with receive_late:
            received("again.pdf", self.content)
        with self.assertRaisesMessage(ActionRefused, "was redacted and cannot be uploaded again"):
            self.make_evidence("Once more", file=came_in_before)
        self.assertFalse(store.file_exists(self.file.pk))


class WordsOfFilesTests(FileRedactionTestCase):
    def test_words_go_from_what_a_file_is_called_its_note_and_the_scanner(self) -> None:
        self.take_out()
        from django.db import connection

        from recommendations import guards

        tables = {"recommendations_storedfile", "recommendations_evidencerevision"}
        with transaction.atomic(), guards.lifted(connection, tables):
            StoredFile.objects.update(scan_note=f"Names {WORDS}")
            EvidenceRevision.objects.update(note=f"As {WORDS} asked")
        found = text_occurrences(WORDS)
        fields = {place.field for place in found}
        self.assertLessEqual({"original_name", "note", "scan_note"}, fields)
        redaction.redact(
            words=WORDS,
            by=self.administrator,
            reason="Asked for.",
            expected=preview_digest(WORDS, found),
        )
        self.file.refresh_from_db()
        self.assertRegex(self.file.scan_note, r"^Names \[redacted")
        for revision in EvidenceRevision.objects.all():
            self.assertNotIn("Maria", revision.original_name + revision.note)
        self.assertEqual(guards.faults(connection), {})
        self.assertEqual(audit.verify_chain().fault, "")
