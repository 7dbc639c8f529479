"""Stored files are what was uploaded, or it is said of which evidence they are not."""

import os
import tracemalloc
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from unittest import mock

from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from recommendations import audit
from recommendations.actions.evidence import file_checks
from recommendations.actions.evidence import files as evidence_files
from recommendations.actions.evidence.file_checks import FileFinding, Outcome, Problem, check_files
from recommendations.actions.redaction import redact_file
from recommendations.models import AuditEvent, EvidenceRevision, StoredFile
from recommendations.storage import evidence as store
from tests.base import RaceTestCase, TrackerTestCase
from tests.files import pdf, received, upload
from tests.storage.backends import InBucket, InFolder
from tests.threads import at_once, failures

TOMORROW = timedelta(days=1, minutes=1)


class CheckTestCase(TrackerTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.item = self.make_evidence("A paper", file=received("paper.pdf", pdf("One.")))
        self.file = StoredFile.objects.get()
        self.first_event = AuditEvent.objects.count()
        self.told: list[FileFinding] = []

    def check(self, **options: Any) -> Outcome:
        self.told = []
        given = {"at": timezone.now(), **options}
        return check_files(report=self.told.append, progress=lambda count: None, **given)

    def found(self) -> list[tuple[Problem, str]]:
        return [(found.kind, found.name) for found in self.told]

    def verbs(self) -> list[str]:
        events = AuditEvent.objects.order_by("sequence")[self.first_event :]
        return [event.verb for event in events]

    def fault(self) -> str:
        self.file.refresh_from_db()
        return self.file.fault

    def alter_it(self) -> None:
        same_size = b"x" + pdf("One.")[1:]
        self.alter(store.storage_name(self.file.pk), same_size)


class OnBothPlaces:
    """What holds on a folder and on a bucket alike."""

    def test_files_that_are_whole(self) -> None:
        outcome = self.check()
        self.assertEqual((outcome.files, outcome.compared, outcome.faults), (1, 1, 0))
        self.assertEqual((self.told, self.fault()), ([], ""))
        self.assertIsNotNone(self.file.compared_at)
        self.assertEqual(self.verbs(), ["check_files"])

    def test_altered_then_missing_then_whole_again(self) -> None:
        self.alter_it()
        self.check()
        self.assertEqual(self.found(), [(Problem.ALTERED, self.file.pk)])
        self.assertEqual(self.fault(), "altered")
        store.delete_file(self.file.pk)
        self.check()
        self.assertEqual(self.found(), [(Problem.MISSING, self.file.pk)])
        self.assertEqual(self.fault(), "missing")
        store.save_file(self.file.pk, upload(content=pdf("One.")))
        self.assertEqual(self.check().faults, 0)
        self.assertEqual(self.fault(), "")
        run = "check_files"
        self.assertEqual(self.verbs(), ["find_fault", run, "find_fault", run, "clear_fault", run])
        self.assertEqual(audit.verify_chain().fault, "")

    def test_what_belongs_to_nothing_goes_after_a_day(self) -> None:
        orphan = received("orphan.pdf", pdf("Nobody's."))
        self.alter("incoming/tmp1", b"half a f")
        self.alter("notes.txt", b"Not ours.")
        outcome = self.check(is_pruning=True)
        self.assertEqual((outcome.waiting, outcome.pruned, outcome.faults), (2, 0, 0))
        self.assertEqual(self.found(), [(Problem.ALIEN, "notes.txt")])
        outcome = self.check(at=timezone.now() + TOMORROW)
        strays = {
            (Problem.ORPHAN, orphan.sha256),
            (Problem.LEFT_OVER, "incoming/tmp1"),
            (Problem.ALIEN, "notes.txt"),
        }
        self.assertEqual(set(self.found()), strays)
        self.assertEqual((outcome.waiting, outcome.pruned, outcome.faults), (0, 0, 0))
        self.assertTrue(store.file_exists(orphan.sha256))
        outcome = self.check(at=timezone.now() + TOMORROW, is_pruning=True)
        self.assertEqual(outcome.pruned, 2)
        left = {name for name, _since in store.list_stored()}
        self.assertEqual(left, {"notes.txt", store.storage_name(self.file.pk)})

    def test_bytes_that_were_taken_out_and_are_still_there(self) -> None:
        # The process ended between the commit and the deletion.
        with self.captureOnCommitCallbacks():
            redact_file(file=self.file, by=self.administrator, reason="Of somebody else.")
        outcome = self.check()
        self.assertEqual(self.found(), [(Problem.NOT_GONE, self.file.pk)])
        self.assertEqual((outcome.files, outcome.faults), (0, 1))
        outcome = self.check(is_pruning=True)
        self.assertEqual((outcome.pruned, outcome.faults), (1, 0))
        self.assertFalse(store.file_exists(self.file.pk))
        self.assertEqual(self.check().found, {})


class FolderTests(OnBothPlaces, InFolder, CheckTestCase):
    def test_a_quick_run_reads_nothing_whole_but_what_was_faulty(self) -> None:
        self.alter_it()
        outcome = self.check(is_quick=True)
        self.assertEqual((outcome.compared, outcome.faults, self.verbs()), (0, 0, []))
        self.assertIsNone(self.file.compared_at)
        self.check()
        outcome = self.check(is_quick=True)
        self.assertEqual((outcome.compared, outcome.faults), (1, 1))
        self.alter(store.storage_name(self.file.pk), pdf("One."))
        self.assertEqual((self.check(is_quick=True).faults, self.fault()), (0, ""))
        self.alter(store.storage_name(self.file.pk), b"shorter")
        self.check(is_quick=True)
        self.assertEqual(self.found(), [(Problem.ALTERED, self.file.pk)])

    def test_a_fault_that_stands_is_told_again_and_recorded_once(self) -> None:
        store.delete_file(self.file.pk)
        for _time in range(2):
            self.check()
            self.assertEqual(self.found(), [(Problem.MISSING, self.file.pk)])
        self.assertEqual(self.verbs(), ["find_fault", "check_files", "check_files"])

    def test_every_item_that_has_the_file_is_named(self) -> None:
        self.make_evidence("Another paper", file=received("copy.pdf", pdf("One.")))
        store.delete_file(self.file.pk)
        self.check()
        [found] = self.told
        pk = self.item.pk
        self.assertEqual(
            found.items,
            (
                f"“paper.pdf” of evidence {pk}, “A paper”",
                f"“copy.pdf” of evidence {pk + 1}, “Another paper”",
            ),
        )

    def test_a_file_that_comes_in_while_it_is_looked_for_is_not_missing(self) -> None:
        store.delete_file(self.file.pk)
        looks = iter([Problem.MISSING, None])
        with mock.patch.object(file_checks, "_look", side_effect=lambda *a, **k: next(looks)):
            self.assertEqual(self.check().faults, 0)
        self.assertEqual((self.fault(), self.verbs()), ("", ["check_files"]))

    def test_a_file_that_cannot_be_read_says_nothing_of_its_bytes(self) -> None:
        broken = mock.patch.object(
            store, "stored_digest", side_effect=OSError("input/output error")
        )
        with broken, self.assertLogs("recommendations.actions.evidence.file_checks", "ERROR"):
            outcome = self.check()
        self.assertEqual(self.found(), [(Problem.UNREADABLE, self.file.pk)])
        self.assertEqual((outcome.faults, self.fault()), (1, ""))
        self.assertIsNone(self.file.compared_at)

    def test_where_the_storage_does_not_answer_nothing_is_called_missing(self) -> None:
        self.break_it()
        with self.assertRaises(OSError):
            self.check()
        self.assertEqual((self.fault(), self.verbs()), ("", []))

    def test_an_upload_under_way_keeps_its_bytes(self) -> None:
        orphan = received("orphan.pdf", pdf("Nobody's."))
        path = self.folder / store.storage_name(orphan.sha256)
        old = timezone.now().timestamp() - 2 * 24 * 60 * 60
        os.utime(path, (old, old))
        found = list(store.list_stored())
        # The listing is old when the same file comes in, and is attached, in the meantime.
        received("again.pdf", pdf("Nobody's."))
        with mock.patch.object(store, "list_stored", return_value=iter(found)):
            self.assertEqual(self.check(is_pruning=True).pruned, 0)
        self.make_evidence("Now an item", file=received("again.pdf", pdf("Nobody's.")))
        os.utime(path, (old, old))
        with mock.patch.object(store, "list_stored", return_value=iter(found)):
            self.assertEqual(self.check(is_pruning=True).pruned, 0)
        self.assertTrue(store.file_exists(orphan.sha256))

    def test_a_ticket_outlives_no_pruning(self) -> None:
        orphan = received("orphan.pdf", pdf("Nobody's."))
        self.check(at=timezone.now() + TOMORROW, is_pruning=True)
        with self.assertRaisesMessage(
            evidence_files.ActionRefused, "has expired. Choose the file again"
        ):
            self.make_evidence("Too late", file=orphan)
        self.assertFalse(EvidenceRevision.objects.filter(file=orphan.sha256).exists())

    def test_memory_does_not_grow_with_what_is_stored(self) -> None:
        def many(count: int) -> Iterator[tuple[str, datetime]]:
            now = timezone.now()
            return ((store.storage_name(f"{number:064x}"), now) for number in range(count))

        def peak(count: int) -> int:
            with mock.patch.object(store, "list_stored", return_value=many(count)):
                tracemalloc.start()
                try:
                    self.assertEqual(self.check().waiting, count)
                    return tracemalloc.get_traced_memory()[1]
                finally:
                    tracemalloc.stop()

        peak(400)  # what is kept from then on is no part of it
        self.assertLess(peak(4_000), 2 * peak(400))


class BucketTests(OnBothPlaces, InBucket, CheckTestCase):
    pass


class CommandTests(InFolder, CheckTestCase):
    def run_it(self, *options: str) -> tuple[str, str, int]:
        out, err = StringIO(), StringIO()
        try:
            call_command("check_evidence", *options, stdout=out, stderr=err)
        except CommandError as error:
            return out.getvalue(), str(error), error.returncode
        return out.getvalue(), err.getvalue(), 0

    def test_all_is_well(self) -> None:
        out, err, code = self.run_it()
        self.assertEqual((err, code), ("", 0))
        self.assertEqual(
            out,
            "1 files on record, 1 of them compared with their digests. No fault found.\n",
        )

    def test_a_fault_is_one_line_and_the_exit_code(self) -> None:
        self.alter_it()
        out, err, code = self.run_it()
        self.assertEqual(
            out,
            f"{self.file.pk} is altered: “paper.pdf” of evidence {self.item.pk}, “A paper”\n",
        )
        self.assertIn("altered: 1", err)
        self.assertEqual(code, 1)

    def test_orphans_are_no_fault(self) -> None:
        orphan = received("orphan.pdf", pdf("Nobody's."))
        out, _err, code = self.run_it("--prune")
        self.assertIn("Younger than a day, not deleted: 1.", out)
        path = self.folder / store.storage_name(orphan.sha256)
        os.utime(path, (0, 0))
        out, _err, code = self.run_it("--quick", "--prune")
        self.assertEqual(code, 0)
        self.assertIn(f"{orphan.sha256} is not linked to any evidence (deleted)\n", out)
        self.assertIn("Deleted: 1.", out)

    def test_long_work_says_how_far_it_is(self) -> None:
        with mock.patch("recommendations.management.commands.check_evidence.EVERY", 1):
            _out, err, _code = self.run_it()
        self.assertEqual(err, "1 of 1 files …\n")

    def test_a_storage_that_cannot_be_read(self) -> None:
        self.break_it()
        _out, err, code = self.run_it()
        self.assertIn("The storage cannot be read: ", err)
        self.assertEqual(code, 1)


class RaceTests(InFolder, RaceTestCase):
    """Pruning while the same bytes come in again: they stay, or whoever sent them is told."""

    def test_no_row_is_left_without_bytes(self) -> None:
        at = timezone.now()
        for number in range(8):
            content = pdf(f"Number {number}.")
            digest = received("paper.pdf", content).sha256
            os.utime(self.folder / store.storage_name(digest), (0, 0))

            def prune() -> None:
                nothing: Any = mock.Mock()
                check_files(at=at, is_pruning=True, report=nothing, progress=nothing)

            def attach(content: bytes = content) -> None:
                self.make_evidence("A paper", file=received("paper.pdf", content))

            outcomes = at_once([prune, attach, prune])
            with self.subTest(number=number):
                for error in failures(outcomes):
                    self.assertIsInstance(error, evidence_files.ActionRefused)
                is_on_record = StoredFile.objects.filter(pk=digest).exists()
                self.assertEqual(is_on_record, not failures(outcomes))
                if is_on_record:
                    self.assertEqual(store.stored_digest(digest), digest)
