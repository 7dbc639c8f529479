"""What the database itself asks of stored files and of the files of an item.

The guards close these rows to changes, so each case is a new row.
"""

from typing import Any

from django.db import IntegrityError, models, transaction

from recommendations.models import Evidence, EvidenceRevision, StoredFile
from tests.files import received
from tests.models.constraints import NOW, ConstraintTestCase, Values

DIGEST = "0123456789abcdef" * 4


class FileConstraintTests(ConstraintTestCase):
    item: Evidence
    stored: StoredFile

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.item = cls.make_evidence(file=received())
        cls.stored = StoredFile.objects.get()

    def insert(self, model: type[models.Model], values: Values) -> None:
        """Straight to the table: no ``save()``, no validation."""
        model._base_manager.bulk_create([model(**values)])

    def assert_rows(
        self, name: str, model: type[models.Model], holds: list[Values], breaks: list[Values]
    ) -> None:
        for values in holds:
            with self.subTest(name, holds=values), self.undone():
                self.insert(model, values)
        for values in breaks:
            with (
                self.subTest(name, breaks=values),
                self.assertRaises(IntegrityError) as refusal,
                transaction.atomic(),
            ):
                self.insert(model, values)
            said = str(refusal.exception)
            # SQLite names the columns of a key in place of the key.
            self.assertTrue(name in said or "UNIQUE" in said, said)

    def file(self, **values: Any) -> Values:
        shared = {"sha256": DIGEST, "size": 1, "media_type": "text/plain", "stored_at": NOW}
        return {**shared, **values}

    def revision(self, **values: Any) -> Values:
        shared = {"evidence": self.item, "number": 2, "file": self.stored, "added_at": NOW}
        return {**shared, "original_name": "paper.pdf", "added_by": self.staff, **values}

    def test_a_file_is_known_by_a_sha256(self) -> None:
        self.assert_rows(
            "file_digest_is_sha256",
            StoredFile,
            [self.file()],
            [
                self.file(sha256=digest)
                for digest in ("", DIGEST[:-1], DIGEST.upper(), f"{DIGEST[:-1]}g")
            ],
        )

    def test_an_empty_file_is_none(self) -> None:
        self.assert_rows("file_is_not_empty", StoredFile, [self.file()], [self.file(size=0)])

    def test_a_scanner_that_answered_did_so_at_some_time(self) -> None:
        self.assert_rows(
            "file_scan_together",
            StoredFile,
            [
                self.file(scan="not_asked"),
                self.file(scan="waiting"),
                self.file(scan="clean", scanned_at=NOW),
                self.file(scan="refused", scanned_at=NOW),
            ],
            [
                self.file(scan="clean"),
                self.file(scan="refused"),
                self.file(scan="waiting", scanned_at=NOW),
                self.file(scan="not_asked", scanned_at=NOW),
            ],
        )

    def test_who_took_a_file_out_and_when_stand_together(self) -> None:
        self.assert_rows(
            "file_redacted_together",
            StoredFile,
            [self.file(), self.file(redacted_at=NOW, redacted_by=self.administrator)],
            [self.file(redacted_at=NOW), self.file(redacted_by=self.administrator)],
        )

    def test_the_files_of_an_item_are_numbered_from_one_and_each_once(self) -> None:
        self.assert_rows(
            "revision_counts_from_one",
            EvidenceRevision,
            [self.revision()],
            [self.revision(number=0)],
        )
        self.assert_rows("revision_number_once", EvidenceRevision, [], [self.revision(number=1)])

    def test_a_file_was_called_something(self) -> None:
        self.assert_rows(
            "revision_has_a_name",
            EvidenceRevision,
            [self.revision()],
            [self.revision(original_name="")],
        )

    def test_a_file_alone_is_enough_to_look_an_item_up(self) -> None:
        bare = Evidence.objects.create(
            slug="bare", title="Bare", kind="document", url="", citation="",
            last_revision=1, recorded_at=NOW,
        )  # fmt: skip
        with self.assertRaises(IntegrityError) as refusal, transaction.atomic():
            Evidence.objects.filter(pk=bare.pk).update(last_revision=0)
        self.assertIn("evidence_can_be_looked_up", str(refusal.exception))
