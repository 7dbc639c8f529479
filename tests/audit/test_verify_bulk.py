"""``verify_audit`` when rows of a bulk event were changed, taken out, put in, or exchanged."""

from unittest import mock

from django.db import connection

from recommendations import audit
from recommendations.audit import chain
from recommendations.audit.payload import hash_of
from recommendations.models import AuditEvent, AuditRow, AuditText, Organisation
from tests.audit.chains import IS_SQLITE, ChainTestCase


class BulkChainTestCase(ChainTestCase):
    bulk: AuditEvent
    later: AuditEvent

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.bulk, cls.later = cls.load(4), cls.load(3)

    @classmethod
    def load(cls, n: int) -> AuditEvent:
        with audit.entry(by=cls.manager) as entry:
            act = audit.BulkAct(entry)
            first = Organisation.objects.count()
            made = [
                Organisation.objects.create(slug=f"body-{number}", name=f"Body {number}")
                for number in range(first, first + n)
            ]
            act.add_new(made)
            return act.record("load", "bodies.json", {"new": n})

    def rows(self) -> list[AuditRow]:
        return list(self.bulk.rows.order_by("pk"))


class RowTests(BulkChainTestCase):
    def test_it_passes_as_it_is_in_batches_of_any_size(self):
        for size in (1, 3, 4, 5, 100):
            with self.subTest(size), mock.patch.object(chain, "BATCH", size):
                self.assertEqual(audit.verify_chain().fault, "")

    def test_each_column_of_a_row(self):
        row = self.rows()[1]
        columns = {
            "id": (lambda: self.change(row, id=row.pk + 1_000_000), "digest"),
            "event": (lambda: self.change(row, event=self.later), "has 3"),
            "object_type": (lambda: self.change(row, object_type="recommendations.area"), "digest"),
            "object_id": (lambda: self.change(row, object_id="999999"), "digest"),
            "recommendation": (
                lambda: self.change(row, recommendation=self.recommendation),
                "digest",
            ),
            "changes": (
                lambda: self.change(row, changes=row.changes.replace("other", "state")),
                "digest",
            ),
        }
        self.assertEqual(set(columns), {field.name for field in AuditRow._meta.fields})
        self.assertIn("other", row.changes)
        for name, (tamper, why) in columns.items():
            with self.subTest(name), self.tampering():
                tamper()
                self.assert_fault(f"vent {self.bulk.sequence}", why)

    def test_a_row_deleted_from_each_place(self):
        for row in self.rows():
            with self.subTest(row), self.tampering():
                row.delete()
                self.assert_fault(f"Event {self.bulk.sequence} records 4 rows but has 3")

    def test_all_rows_deleted(self):
        with self.tampering():
            self.bulk.rows.all().delete()
            self.assert_fault(f"Event {self.bulk.sequence} records 4 rows but has 0")

    def test_rows_put_in(self):
        plain = AuditEvent.objects.get(verb="return")
        for event in (self.bulk, self.later, plain):
            with self.subTest(event), self.tampering():
                AuditRow.objects.create(
                    event=event, object_type="x", object_id="1", changes='{"a":[null,1]}'
                )
                self.assert_fault("vent", event.sequence)

    def test_a_row_put_in_before_the_others(self):
        plain = AuditEvent.objects.get(verb="return")
        with self.tampering():
            AuditRow.objects.create(
                pk=-1, event=plain, object_type="x", object_id="1", changes='{"a":[null,1]}'
            )
            self.assert_fault(f"A row was added to event {plain.pk}.")

    def test_the_last_row_with_another_id(self):
        with self.tampering():
            self.change(self.rows()[-1], id=self.rows()[-1].pk + 1_000_000)
            self.assert_fault(f"The rows of event {self.later.pk} were numbered again.")

    def test_two_rows_exchanged(self):
        one, two = self.rows()[:2]
        with self.tampering():
            self.change(one, object_id="-")
            self.change(two, object_id=one.object_id)
            self.change(one, object_id=two.object_id)
            self.assert_fault(f"The rows of event {self.bulk.sequence} do not match its digest")

    def test_a_text_of_a_row_changed_or_gone(self):
        text = AuditText.objects.get(text="Body 3")
        with self.tampering():
            self.change(text, text="Body 4")
            self.assert_fault(f"A text of event {self.bulk.sequence} was changed")
        with self.tampering():
            text.delete()
            self.assert_fault(f"Event {self.bulk.sequence} refers to a missing text")

    def test_a_count_that_was_rewritten_with_its_hash(self):
        for payload in (
            self.later.payload.replace('"rows":[null,3]', '"rows":[null,4]'),
            self.later.payload.replace('"rows":[null,3]', '"rows":null'),
            self.later.payload.replace('"rows":[null,3],', ""),
        ):
            with self.subTest(payload), self.tampering():
                self.assertNotEqual(payload, self.later.payload)
                self.change(
                    self.later, payload=payload, hash=hash_of(self.later.previous_hash, payload)
                )
                self.assert_fault(f"Event {self.later.sequence} records")


if IS_SQLITE:

    class UnreadableTests(BulkChainTestCase):
        def test_changes_that_are_none(self):
            for text in ("", "x", "[" * 100_000):
                with self.subTest(text[:9]), self.tampering():
                    self.change(self.rows()[0], changes=text)
                    self.assert_fault("vent ")

        def test_an_event_that_is_none(self):
            with self.tampering(), connection.cursor() as cursor:
                cursor.execute("PRAGMA defer_foreign_keys = ON")
                cursor.execute(
                    "UPDATE recommendations_auditrow SET event_id = 'x' WHERE id = %s",
                    [self.rows()[0].pk],
                )
                self.assert_fault("records 4 rows but has 3", "A row was added to event x.")
