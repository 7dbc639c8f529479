"""Items with files: what a new file changes, what a check speaks of, what counts as checked."""

import json
from typing import Any
from unittest import mock

from django.core.exceptions import PermissionDenied, ValidationError
from django.test import override_settings
from django.utils import timezone

from recommendations.actions.errors import ActionRefused, StaleWrite
from recommendations.actions.evidence import changes as evidence_changes
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.evidence.files import receive
from recommendations.models import (
    AuditEvent,
    Evidence,
    EvidenceLink,
    EvidenceRevision,
    StatusUpdate,
    StoredFile,
)
from recommendations.storage import evidence as store
from tests.base import TrackerTestCase, link_evidence
from tests.files import pdf, received, upload


def clean(file: Any) -> str:
    return ""


def refusing(file: Any) -> str:
    return "Eicar-Test-Signature"


def silent(file: Any) -> None:
    return None


def broken(file: Any) -> str:
    raise ConnectionRefusedError


def scanner(name: str) -> override_settings:
    return override_settings(EVIDENCE_SCANNER=f"{__name__}.{name}")


class ReceivingTests(TrackerTestCase):
    def test_the_same_bytes_are_one_file_whoever_brings_them(self) -> None:
        one = self.make_evidence("One", file=received("a.pdf"))
        two = self.make_evidence("Two", by=self.other_staff, file=received("b.pdf"))
        files = {each.revisions.get().file for each in (one, two)}
        self.assertEqual(files, {StoredFile.objects.get()})
        names = EvidenceRevision.objects.order_by("pk").values_list("original_name", flat=True)
        self.assertEqual(list(names), ["a.pdf", "b.pdf"])

    def test_type_and_size_are_those_of_the_bytes_not_of_the_name(self) -> None:
        file = self.make_evidence(file=received("paper.png")).revisions.get().file
        self.assertEqual((file.media_type, file.size), ("application/pdf", len(pdf())))
        self.assertEqual(file.pk, store.sha256_of(upload()))

    def test_no_row_without_bytes(self) -> None:
        taken = received()
        store.delete_file(taken.sha256)
        with self.assertRaisesMessage(ActionRefused, "has expired. Choose the file again"):
            self.make_evidence("Gone", file=taken)
        self.assertFalse(Evidence.objects.filter(title="Gone").exists())

    def test_what_cannot_be_read_whole_is_not_taken(self) -> None:
        before = dict(store.list_stored())
        with (
            mock.patch.object(store, "sha256_of", side_effect=OSError),
            self.assertRaises(OSError),
        ):
            receive(upload("unreadable.pdf", pdf("unreadable")))
        self.assertEqual(dict(store.list_stored()), before)

    def test_size_and_types_are_set_by_the_site(self) -> None:
        with (
            override_settings(EVIDENCE_MAX_BYTES=10),
            self.assertRaisesMessage(ValidationError, "larger than 10"),
        ):
            receive(upload())
        with (
            override_settings(EVIDENCE_TYPES=["png"]),
            self.assertRaisesMessage(ValidationError, "Accepted types: png"),
        ):
            receive(upload())

    def test_every_file_leaves_what_it_is_in_the_record(self) -> None:
        item = self.make_evidence(file=received())
        revision = item.revisions.get()
        told = AuditEvent.objects.filter(verb__in=("store", "create", "add_file"))
        self.assertEqual(
            list(told.order_by("-sequence").values_list("object_type", flat=True)[:3]),
            [
                "recommendations.evidencerevision",
                "recommendations.storedfile",
                "recommendations.evidence",
            ],
        )
        payload = json.loads(told.get(verb="add_file").payload)
        self.assertEqual(payload["changes"]["file"], [None, revision.file.pk])


class ScannerTests(TrackerTestCase):
    def test_clean_refused_and_no_answer(self) -> None:
        with scanner("clean"):
            file = (
                self.make_evidence("Clean", file=received("c.pdf", pdf("c"))).revisions.get().file
            )
            self.assertEqual((file.scan, file.is_given), ("clean", True))
        with (
            scanner("refusing"),
            self.assertRaisesMessage(ValidationError, "Eicar-Test-Signature"),
        ):
            received("r.pdf", pdf("refused"))
        self.assertFalse(store.file_exists(store.sha256_of(upload(content=pdf("refused")))))
        for name in ("silent", "broken"):
            with self.subTest(name), scanner(name):
                taken = self.taken_without_answer(name)
                file = self.make_evidence(name, file=taken).revisions.get().file
                self.assertEqual((file.scan, file.is_given), ("waiting", False))

    def taken_without_answer(self, name: str) -> Any:
        if name == "silent":
            return received(content=pdf(name))
        with self.assertLogs("recommendations.actions.evidence.files", "ERROR"):
            return received(content=pdf(name))

    def test_what_waits_for_the_scanner_is_not_checked(self) -> None:
        with scanner("silent"):
            item = self.make_evidence(file=received())
        with self.assertRaisesMessage(
            ActionRefused, "The file is not available, so this evidence cannot be verified."
        ):
            evidence_items.check_evidence(evidence=item, by=self.manager)

    def test_an_answer_that_comes_with_the_same_bytes_counts_for_all(self) -> None:
        with scanner("silent"):
            item = self.make_evidence(file=received())
        with scanner("clean"):
            self.make_evidence("Again", file=received())
        self.assertTrue(item.revisions.get().file.is_given)


class RevisionTests(TrackerTestCase):
    item: Evidence
    update: StatusUpdate
    link: EvidenceLink

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.update = cls.make_submitted(cls.recommendation)
        cls.item = cls.make_evidence(by=cls.staff, file=received("first.pdf", pdf("first")))
        cls.link = link_evidence(to=cls.update, by=cls.staff, stance="supports", evidence=cls.item)

    def revise(self, by: Any = None, **values: Any) -> EvidenceRevision:
        self.item.refresh_from_db()
        file = values.pop("file", None) or received("second.pdf", pdf("second"))
        made = evidence_changes.revise_file(
            evidence=self.item,
            by=by or self.staff,
            expected_version=self.item.version,
            file=file,
            **values,
        )
        assert isinstance(made, EvidenceRevision)
        return made

    def is_checked(self) -> bool:
        return EvidenceLink.objects.filter(pk=self.link.pk).checked().exists()

    def test_a_newer_file_is_the_next_revision_and_the_earlier_one_stays(self) -> None:
        self.revise(note="page 3 was missing")
        rows = self.item.revisions.order_by("number").values_list("number", "original_name", "note")
        expected = [(1, "first.pdf", ""), (2, "second.pdf", "page 3 was missing")]
        self.assertEqual(list(rows), expected)
        self.item.refresh_from_db()
        self.assertEqual(self.item.last_revision, 2)

    def test_the_same_file_again_is_no_revision(self) -> None:
        with self.assertRaisesMessage(ActionRefused, "already the current file"):
            self.revise(file=received("first-again.pdf", pdf("first")))

    def test_by_its_recorder_or_a_manager_alone(self) -> None:
        for person in (self.other_staff, self.viewer, self.auditor, self.administrator):
            with self.subTest(person.username), self.assertRaises(PermissionDenied):
                self.revise(by=person)
        self.assertEqual(self.revise(by=self.manager).number, 2)

    def test_two_at_once_the_second_is_told(self) -> None:
        seen = self.item.version
        self.revise()
        with self.assertRaises(StaleWrite):
            evidence_changes.revise_file(
                evidence=self.item,
                by=self.staff,
                expected_version=seen,
                file=received(content=pdf("third")),
            )
        self.assertEqual(self.item.revisions.count(), 2)

    def test_a_check_of_an_earlier_file_counts_no_more_and_can_be_made_again(self) -> None:
        evidence_items.check_evidence(evidence=self.item, by=self.manager)
        self.assertTrue(self.is_checked())
        self.revise()
        self.assertFalse(self.is_checked())
        again = evidence_items.check_evidence(evidence=self.item, by=self.manager)
        self.assertEqual(again.revision, 2)
        self.assertTrue(self.is_checked())
        with self.assertRaisesMessage(ActionRefused, "You have already verified this evidence."):
            evidence_items.check_evidence(evidence=self.item, by=self.manager)

    def test_who_brought_the_file_does_not_check_it(self) -> None:
        self.revise(by=self.manager)
        with self.assertRaises(PermissionDenied):
            evidence_items.check_evidence(evidence=self.item, by=self.manager)
        evidence_items.check_evidence(evidence=self.item, by=self.other_manager)
        self.assertTrue(self.is_checked())

    def test_a_check_does_not_count_while_the_bytes_are_not_what_they_were(self) -> None:
        evidence_items.check_evidence(evidence=self.item, by=self.manager)
        for fault in ("missing", "altered"):
            StoredFile.objects.update(fault=fault)
            with self.subTest(fault):
                self.assertFalse(self.is_checked())
        self.make_evidence("The same bytes again", file=received("x.pdf", pdf("first")))
        self.assertTrue(self.is_checked())

    def test_a_check_does_not_count_once_the_scanner_refuses_the_file(self) -> None:
        evidence_items.check_evidence(evidence=self.item, by=self.manager)
        StoredFile.objects.update(scan="refused", scanned_at=timezone.now())
        self.assertFalse(self.is_checked())

    def test_a_checker_may_judge_how_reliable_it_is(self) -> None:
        evidence_items.check_evidence(
            evidence=self.item, by=self.manager, reliability="usually_reliable"
        )
        self.item.refresh_from_db()
        self.assertEqual(self.item.reliability, "usually_reliable")
        with self.assertRaises(ValidationError):
            evidence_items.check_evidence(
                evidence=self.item, by=self.other_manager, reliability="splendid"
            )
        self.assertEqual(self.item.checks.count(), 1)


class MendingTests(TrackerTestCase):
    def change(self, item: Evidence, by: Any = None, **values: Any) -> Evidence:
        return evidence_changes.change_item(
            evidence=item, by=by or self.staff, expected_version=item.version, values=values
        )

    def test_words_are_mended_by_the_recorder_or_a_manager(self) -> None:
        item = self.make_evidence()
        self.change(item, title="A better title")
        item.refresh_from_db()
        self.assertEqual(item.title, "A better title")
        self.change(item, by=self.administrator, title="The best title")
        item.refresh_from_db()
        for person in (self.other_staff, self.viewer, self.auditor):
            with self.subTest(person.username), self.assertRaises(PermissionDenied):
                self.change(item, by=person, title="Mine")

    def test_what_the_source_offers_is_kept_by_the_administration(self) -> None:
        item = self.make_evidence()
        Evidence.objects.update(recorded_by=None)
        with self.assertRaises(PermissionDenied):
            self.change(item, by=self.manager, title="Mine")

    def test_a_stale_change_shows_what_stands_and_writes_nothing(self) -> None:
        item = self.make_evidence()
        seen = Evidence.objects.get(pk=item.pk)
        self.change(item, title="First")
        with self.assertRaises(StaleWrite) as refusal:
            self.change(seen, title="Second")
        [difference] = refusal.exception.differences
        self.assertEqual((difference.before, difference.after), ("First", "Second"))

    def test_an_item_that_nothing_leads_to_is_refused(self) -> None:
        item = self.make_evidence()
        with self.assertRaises(ValidationError):
            self.change(item, citation="")
        filed = self.make_evidence("Filed", file=received())
        self.assertEqual(self.change(filed, citation="").citation, "")
