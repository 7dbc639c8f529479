"""``verify_audit`` when whole rows of the record were taken out, put in, or exchanged."""

import json
from datetime import timedelta

from django.db import connection

from recommendations import audit
from recommendations.audit.payload import columns_of, hash_of, payload_of
from recommendations.models import AuditEvent, AuditRow, AuditText, ChainHead, Organisation
from tests.audit.chains import IS_SQLITE, ChainTestCase


class RowTests(ChainTestCase):
    def rewrite_head(self, event: AuditEvent) -> None:
        ChainHead.objects.update(
            last_sequence=event.sequence, last_at=event.at, last_hash=event.hash
        )

    def copy_of(self, event: AuditEvent, sequence: int, previous: AuditEvent) -> AuditEvent:
        """An event that fits behind ``previous`` in every way: number, time and both hashes."""
        made = AuditEvent(
            **{field.attname: getattr(event, field.attname) for field in event._meta.fields}
        )
        made.sequence = sequence
        made.at = previous.at + timedelta(microseconds=1)
        made.previous_hash = previous.hash
        made.payload = payload_of(made, {"title": [None, "invented"]})
        made.hash = hash_of(made.previous_hash, made.payload)
        self.assertEqual(json.loads(made.payload).keys() - columns_of(made), {"changes"})
        return made

    def test_a_row_deleted_from_the_middle(self):
        with self.tampering():
            self.middle.delete()
            number = self.last.sequence // 2
            self.assert_fault(f"Event {number} is missing")

    def test_the_first_row_deleted(self):
        with self.tampering():
            AuditEvent.objects.filter(sequence=1).delete()
            self.assert_fault("Event 1 is missing")

    def test_the_last_row_deleted(self):
        with self.tampering():
            number = self.last.sequence
            AuditEvent.objects.filter(pk=number).delete()
            self.assert_fault(
                f"Event {number} is missing. The audit log ends at event {number - 1}"
            )

    def test_the_last_row_deleted_and_the_head_rewritten_is_found_by_the_head_noted_down(self):
        with self.tampering():
            number = self.last.sequence
            AuditEvent.objects.filter(pk=number).delete()
            self.rewrite_head(AuditEvent.objects.latest("sequence"))
            self.assertTrue(audit.verify_chain().is_whole)
            self.assert_fault(f"Event {number} is missing", expect=self.head)

    def test_the_last_row_exchanged_for_another_is_found_by_the_head_noted_down(self):
        with self.tampering():
            previous = AuditEvent.objects.get(sequence=self.last.sequence - 1)
            AuditEvent.objects.filter(pk=self.last.sequence).delete()
            made = self.copy_of(self.last, self.last.sequence, previous)
            AuditEvent.objects.bulk_create([made])
            self.rewrite_head(made)
            self.assertTrue(audit.verify_chain().is_whole)
            self.assert_fault(
                f"Event {self.last.sequence} does not have the expected hash", expect=self.head
            )

    def test_two_rows_swapped(self):
        a, b = self.middle.sequence, self.middle.sequence + 1
        with self.tampering():
            for old, new in ((a, -1), (b, a), (-1, b)):
                AuditEvent.objects.filter(sequence=old).update(sequence=new)
            self.assert_fault(f"Event {a} does not continue")

    def test_two_rows_swapped_in_all_but_their_numbers_and_links(self):
        second = AuditEvent.objects.get(sequence=self.middle.sequence + 1)
        with self.tampering():
            for row, source in ((self.middle, second), (second, self.middle)):
                self.change(row, payload=source.payload, verb=source.verb, at=source.at)
            self.assert_fault(f"payload of event {self.middle.sequence} ")

    def test_a_row_added_at_the_end_with_a_hash_that_fits(self):
        with self.tampering():
            made = self.copy_of(self.middle, self.last.sequence + 1, self.last)
            AuditEvent.objects.bulk_create([made])
            self.assert_fault(f"Event {made.sequence} was added after the latest hash")

    def test_a_row_put_in_the_middle_with_a_hash_that_fits(self):
        with self.tampering():
            number = self.middle.sequence + 1
            for event in AuditEvent.objects.filter(sequence__gte=number).order_by("-sequence"):
                self.change(event, sequence=event.sequence + 1)
            made = self.copy_of(self.middle, number, self.middle)
            AuditEvent.objects.bulk_create([made])
            self.assert_fault(f"Event {number + 1} does not continue")

    def test_a_row_put_before_the_first(self):
        with self.tampering():
            first = AuditEvent.objects.get(sequence=1)
            AuditEvent.objects.bulk_create([self.copy_of(first, 0, first)])
            self.assert_fault("Event 1 is missing. Event 0 follows instead.")

    def test_a_row_that_is_out_of_time(self):
        previous = AuditEvent.objects.get(sequence=self.last.sequence - 1)
        with self.tampering():
            self.last.at = previous.at
            self.last.payload = payload_of(self.last, {})
            self.last.hash = hash_of(self.last.previous_hash, self.last.payload)
            self.last.save()
            self.rewrite_head(self.last)
            self.assert_fault(f"Event {self.last.sequence} is not later")

    def test_a_payload_that_is_not_what_an_event_says(self):
        for payload in ("", "[]", "null", '{"changes":{}}', "[" * 100_000):
            with self.subTest(payload[:20]), self.tampering():
                self.change(
                    self.last, payload=payload, hash=hash_of(self.last.previous_hash, payload)
                )
                self.assert_fault("vent ")

    def test_every_one_of_several_faults_is_told(self):
        """The walk goes on behind each, to the head and on to the tables."""
        events = {n: AuditEvent.objects.get(sequence=n) for n in range(2, 14, 2)}
        text = AuditText.objects.get(digest=AuditEvent.objects.get(verb="return").reason_id)
        with self.tampering():
            AuditRow.objects.filter(event=2).delete()
            events[2].delete()
            self.change(events[4], payload="{")
            self.change(events[6], verb="invented", object_type="recommendations.invented")
            self.change(events[8], hash="0" * 64)
            self.change(events[10], previous_hash="0" * 64)
            self.change(text, text="Because.")
            ChainHead.objects.update(last_hash="0" * 64)
            Organisation.objects.filter(pk=self.ministry.pk).update(name="Ministry Z")
            self.assert_fault(
                "Event 2 is missing. Event 3 follows instead.",
                "The payload of event 4 does not match its hash.",
                "Event 6: verb, object_type differs from the payload.",
                "The payload of event 8 does not match its hash.",
                "Event 9 does not continue the previous event.",
                "Event 10 does not continue the previous event.",
                "A text of event",
                f"The latest hash does not match event {self.last.sequence}.",
                "the table has “Ministry Z”",
            )


if IS_SQLITE:

    class UnreadableTests(ChainTestCase):
        """SQLite keeps any text in any column, so a column may hold what cannot be read."""

        def test_a_time_that_is_none(self):
            with self.tampering(), connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE recommendations_auditevent SET at = 'x' || substr(at, 2) "
                    "WHERE sequence = %s",
                    [self.middle.sequence],
                )
                self.assert_fault(f"Event {self.middle.sequence}: at differs from the payload.")

        def test_a_number_that_is_none(self):
            with self.tampering(), connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE recommendations_auditevent SET sequence = 'x' WHERE sequence = %s",
                    [self.last.sequence],
                )
                self.assert_fault("Event x could not be compared: ValueError")

        def test_a_head_that_is_none(self):
            for assignment in ("last_at = 'x'", "last_sequence = 'x'"):
                with self.subTest(assignment), self.tampering(), connection.cursor() as cursor:
                    cursor.execute(f"UPDATE recommendations_chainhead SET {assignment}")
                    self.assert_fault("The latest hash")
