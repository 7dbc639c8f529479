"""Stored files are what was uploaded, or it is said of which evidence they are not."""

import os
from datetime import timedelta
from io import StringIO
from typing import Any
from unittest import mock

from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from recommendations import audit
from recommendations.actions.base import ActionRefused
from recommendations.actions.evidence import files
from recommendations.actions.evidence.files import FileFinding, Outcome, Problem, check_files
from recommendations.actions.redaction import redact_file
from recommendations.models import EvidenceRevision, StoredFile
from recommendations.storage import evidence as store
from tests.actions.acts import ActTestCase
from tests.base import RaceTestCase
from tests.depth import times
from tests.files import pdf, received, upload
from tests.storage.backends import InFolder
from tests.threads import at_once, failures

TOMORROW = timedelta(days=1, minutes=1)
NOBODYS = pdf("Nobody's.")


class CheckTestCase(ActTestCase):
    def setUp(self) -> None:
        self.item = self.make_evidence("A paper", file=received("paper.pdf", pdf("One.")))
        self.file = StoredFile.objects.get()
        super().setUp()
        self.told: list[FileFinding] = []

    def look(self, day: timedelta = timedelta(), **options: Any) -> Outcome:
        self.told = []
        given = {"at": timezone.now() + day, "progress": lambda count: None, **options}
        return check_files(report=self.told.append, **given)

    def assert_found(self, *found: tuple[Problem, str]) -> None:
        self.assertEqual({(each.kind, each.name) for each in self.told}, set(found))

    def assert_fault(self, fault: str) -> None:
        self.assertEqual(self.held(self.file, "fault"), fault)

    def alter_it(self, content: bytes = b"x" + pdf("One.")[1:]) -> None:
        self.alter(store.storage_name(self.file.pk), content)


class FolderTests(InFolder, CheckTestCase):
    """A bucket keeps the same promises: tests/storage/test_evidence_store.py."""

    def test_whole_altered_missing_and_whole_again(self) -> None:
        outcome, run = self.look(), "check_files"
        self.assertEqual((outcome.files, outcome.compared, outcome.faults), (1, 1, 0))
        self.assertIsNotNone(self.held(self.file, "compared_at"))
        for break_it, problem, fault in (
            (self.alter_it, Problem.ALTERED, "altered"),
            (lambda: store.delete_file(self.file.pk), Problem.MISSING, "missing"),
        ):
            break_it()
            for _told_again in range(2):
                self.assertEqual(self.look().faults, 1)
                self.assert_found((problem, self.file.pk))
                self.assert_fault(fault)
        store.save_file(self.file.pk, upload(content=pdf("One.")))
        self.assertEqual(self.look().faults, 0)
        self.assert_fault("")
        found = ["find_fault", run, run]
        self.assertEqual(self.verbs(), [run, *found, *found, "clear_fault", run])
        self.assertEqual(audit.verify_chain().fault, "")

    def test_what_belongs_to_nothing_goes_after_a_day(self) -> None:
        orphan = received("orphan.pdf", NOBODYS)
        self.alter("incoming/tmp1", b"half a f")
        self.alter("notes.txt", b"Not ours.")
        alien = (Problem.ALIEN, "notes.txt")
        strays = ((Problem.ORPHAN, orphan.sha256), (Problem.LEFT_OVER, "incoming/tmp1"), alien)
        for day, is_pruning, counts, found in (
            (timedelta(), True, (2, 0, 0), [alien]),
            (TOMORROW, False, (0, 0, 0), strays),
            (TOMORROW, True, (0, 2, 0), strays),
        ):
            self.assertTrue(store.file_exists(orphan.sha256))
            outcome = self.look(day, is_pruning=is_pruning)
            self.assertEqual((outcome.waiting, outcome.pruned, outcome.faults), counts)
            self.assert_found(*found)
        left = {name for name, _since in store.list_stored()}
        self.assertEqual(left, {"notes.txt", store.storage_name(self.file.pk)})

    def test_bytes_that_were_taken_out_and_are_still_there(self) -> None:
        # The process ended between the commit and the deletion.
        with self.captureOnCommitCallbacks():
            redact_file(file=self.file, by=self.administrator, reason="Of somebody else.")
        outcome = self.look()
        self.assert_found((Problem.NOT_GONE, self.file.pk))
        self.assertEqual((outcome.files, outcome.faults), (0, 1))
        outcome = self.look(is_pruning=True)
        self.assertEqual((outcome.pruned, outcome.faults), (1, 0))
        self.assertFalse(store.file_exists(self.file.pk))
        self.assertEqual(self.look().found, {})

    def test_a_quick_run_reads_nothing_whole_but_what_was_faulty(self) -> None:
        self.alter_it()
        for is_quick, counts in ((True, (0, 0)), (False, (1, 1)), (True, (1, 1))):
            outcome = self.look(is_quick=is_quick)
            self.assertEqual((outcome.compared, outcome.faults), counts)
            self.assertEqual(bool(self.held(self.file, "compared_at")), bool(self.verbs()))
        self.alter_it(pdf("One."))
        self.assertEqual(self.look(is_quick=True).faults, 0)
        self.assert_fault("")
        self.alter_it(b"shorter")
        self.look(is_quick=True)
        self.assert_found((Problem.ALTERED, self.file.pk))

    def test_what_comes_in_meanwhile_or_cannot_be_read_is_not_called_missing(self) -> None:
        store.delete_file(self.file.pk)
        looks = iter([Problem.MISSING, None])
        with mock.patch.object(files, "_look", side_effect=lambda *a, **k: next(looks)):
            self.assertEqual(self.look().faults, 0)
        self.assertEqual(self.verbs(), ["check_files"])
        self.alter_it(pdf("One."))
        StoredFile.objects.update(compared_at=None)
        broken = mock.patch.object(store, "stored_digest", side_effect=OSError("input/output"))
        with broken, self.assertLogs("recommendations.actions.evidence.files", "ERROR"):
            self.assertEqual(self.look().faults, 1)
        self.assert_found((Problem.UNREADABLE, self.file.pk))
        self.assertIsNone(self.held(self.file, "compared_at"))
        self.assert_fault("")
        self.break_it()
        self.refused(OSError, self.look)
        self.assert_fault("")

    def test_an_upload_under_way_keeps_its_bytes_and_a_ticket_outlives_no_pruning(self) -> None:
        orphan = received("orphan.pdf", NOBODYS)
        path = self.folder / store.storage_name(orphan.sha256)
        old = timezone.now().timestamp() - 2 * 24 * 60 * 60
        os.utime(path, (old, old))
        found = list(store.list_stored())
        # The listing is old when the same file comes in, and is attached, in the meantime.
        received("again.pdf", NOBODYS)
        for _when in ("received", "attached"):
            with mock.patch.object(store, "list_stored", return_value=iter(found)):
                self.assertEqual(self.look(is_pruning=True).pruned, 0)
            self.make_evidence("An item", file=received("again.pdf", NOBODYS))
            os.utime(path, (old, old))
        self.assertTrue(store.file_exists(orphan.sha256))
        late = received("late.pdf", pdf("Late."))
        self.look(TOMORROW, is_pruning=True)
        words = "has expired. Choose the file again"
        self.refused(ActionRefused, self.make_evidence, "Too late", file=late, words=words)
        self.assertFalse(EvidenceRevision.objects.filter(file=late.sha256).exists())


class CommandTests(InFolder, CheckTestCase):
    def run_it(self, *options: str) -> tuple[str, str, int]:
        out, err = StringIO(), StringIO()
        try:
            call_command("check_evidence", *options, stdout=out, stderr=err)
        except CommandError as error:
            return out.getvalue(), str(error), error.returncode
        return out.getvalue(), err.getvalue(), 0

    def test_what_it_says(self) -> None:
        whole = "1 files on record, 1 of them compared with their digests. No fault found.\n"
        with mock.patch("recommendations.management.commands.check_evidence.EVERY", 1):
            self.assertEqual(self.run_it(), (whole, "1 of 1 files …\n", 0))
        self.alter_it()
        out, err, code = self.run_it()
        name = f"“paper.pdf” of evidence {self.item.pk}, “A paper”"
        self.assertEqual(out, f"{self.file.pk} is altered: {name}\n")
        self.assertIn("altered: 1", err)
        self.assertEqual(code, 1)
        self.break_it()
        _out, err, code = self.run_it()
        self.assertIn("The storage cannot be read: ", err)
        self.assertEqual(code, 1)


class RaceTests(InFolder, RaceTestCase):
    """Pruning while the same bytes come in again: they stay, or whoever sent them is told."""

    def test_no_row_is_left_without_bytes(self) -> None:
        at, nothing = timezone.now(), mock.Mock()
        for number in range(times(4, 8)):
            content = pdf(f"Number {number}.")
            digest = received("paper.pdf", content).sha256
            os.utime(self.folder / store.storage_name(digest), (0, 0))

            def prune() -> None:
                check_files(at=at, is_pruning=True, report=nothing, progress=nothing)

            def attach(content: bytes = content) -> None:
                self.make_evidence("A paper", file=received("paper.pdf", content))

            outcomes = at_once([prune, attach, prune])
            with self.subTest(number=number):
                for error in failures(outcomes):
                    self.assertIsInstance(error, ActionRefused)
                is_on_record = StoredFile.objects.filter(pk=digest).exists()
                self.assertEqual(is_on_record, not failures(outcomes))
                if is_on_record:
                    self.assertEqual(store.stored_digest(digest), digest)
