"""``verify_audit``: whole after a whole journey, and after any tampering the first event and why.

Tampering needs the guards out of the way: it is what somebody who owns the database could do.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from unittest import mock

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction

from recommendations import audit
from recommendations.audit import chain
from recommendations.audit.payload import hash_of
from recommendations.models import AuditEvent, AuditText, ChainHead
from tests.audit.chains import ChainTestCase
from tests.base import TrackerTestCase


def other(character: str) -> str:
    """Another character of the same kind: a digit for a digit."""
    if character.isdigit():
        return str((int(character) + 1) % 10)
    return "b" if character == "a" else "a"


def altered(text: str, place: int = 0) -> str:
    """The text with one character changed."""
    return text[:place] + other(text[place]) + text[place + 1 :]


class WholeChainTests(ChainTestCase):
    def test_it_passes_after_a_whole_journey_and_prints_the_head(self):
        out = StringIO()
        call_command("verify_audit", stdout=out)
        self.assertIn(f"{self.last.sequence}:{self.last.hash}", out.getvalue())

    def test_it_passes_when_the_head_that_it_printed_is_expected_later(self):
        call_command("verify_audit", f"--expect={self.head}", stdout=StringIO())
        self.make_submitted(self.recommendation)
        call_command("verify_audit", f"--expect={self.head}", stdout=StringIO())

    def test_it_passes_over_several_batches(self):
        for size in (1, 7, self.last.sequence, self.last.sequence + 1):
            with self.subTest(size=size), mock.patch.object(chain, "BATCH", size):
                self.assertEqual(audit.verify_chain().head, self.head)

    def test_a_change_of_a_field_called_text_is_no_reference_to_a_text(self):
        with audit.entry(by=self.manager) as entry:
            entry.record("try", self.recommendation, before={"text": 1}, after={"text": 2})
        self.assertTrue(audit.verify_chain().is_whole)

    def test_a_head_that_is_written_badly_is_no_head(self):
        for text in ("", "5", "x:y", f"1:{'g' * 64}", f"-1:{'0' * 64}"):
            with self.subTest(text), self.assertRaises(CommandError) as failure:
                call_command("verify_audit", f"--expect={text}")
            self.assertIn("64 hex digits", str(failure.exception))


class EmptyChainTests(TrackerTestCase):
    @classmethod
    def setUpTestData(cls):
        cls.make_world()

    def test_no_events_are_a_whole_chain(self):
        self.assertEqual(audit.verify_chain().head, f"0:{'0' * 64}")

    def test_no_events_are_a_fault_when_some_are_expected(self):
        self.assertIn("Event 1 is missing", audit.verify_chain((5, "0" * 64)).fault)


class OneCharacterTests(ChainTestCase):
    """One character changed, in each column of each table of the record in turn."""

    def event_columns(self) -> dict[str, tuple[Callable[[AuditEvent], None], str]]:
        """For each column the change, and what the message says of it."""

        def stands_in(event: AuditEvent) -> AuditText:
            """A text whose digest differs in one character from that of the reason."""
            return AuditText.objects.create(digest=altered(event.reason_id or ""), text="x")

        def set_to(name: str) -> Callable[[AuditEvent], None]:
            return lambda event: self.change(event, **{name: altered(getattr(event, name))})

        return {
            "sequence": (
                lambda event: self.change(event, sequence=event.sequence + 1000),
                "is missing",
            ),
            "at": (
                lambda event: self.change(event, at=event.at + timedelta(microseconds=1)),
                "at differs",
            ),
            "actor": (
                lambda event: self.change(event, actor=self.viewer),
                "actor differs",
            ),
            "verb": (set_to("verb"), "verb differs"),
            "object_type": (set_to("object_type"), "object_type differs"),
            "object_id": (set_to("object_id"), "object_id differs"),
            "recommendation": (
                lambda event: self.change(event, recommendation=self.another),
                "recommendation differs",
            ),
            "request_id": (lambda event: self.change(event, request_id="a"), "request_id differs"),
            "reason": (
                lambda event: self.change(event, reason=stands_in(event)),
                "reason differs",
            ),
            "payload": (set_to("payload"), "does not match its hash"),
            "previous_hash": (set_to("previous_hash"), "does not continue"),
            "hash": (set_to("hash"), "does not match its hash"),
        }

    def test_in_each_column_of_an_event(self):
        columns = self.event_columns()
        self.assertEqual(set(columns), {field.name for field in AuditEvent._meta.fields})
        event = AuditEvent.objects.get(verb="return")
        for name, (tamper, why) in columns.items():
            with self.subTest(name), self.tampering():
                tamper(event)
                self.assert_fault(event.sequence, why)

    def test_at_each_place_of_a_payload(self):
        with self.tampering():
            for place in range(len(self.middle.payload)):
                self.change(self.middle, payload=altered(self.middle.payload, place))
                fault = audit.verify_chain().fault
                self.assertIn(f"payload of event {self.middle.sequence} ", fault)

    def test_in_the_first_and_in_the_last_event(self):
        for event in (AuditEvent.objects.earliest("sequence"), self.last):
            with self.subTest(event.sequence), self.tampering():
                self.change(event, payload=altered(event.payload, 5))
                self.assert_fault(f"payload of event {event.sequence} ")

    def test_a_payload_whose_hash_was_recomputed_breaks_the_next_event(self):
        with self.tampering():
            payload = self.middle.payload.replace('"verb":"', '"verb":"x')
            self.change(
                self.middle,
                payload=payload,
                verb=f"x{self.middle.verb}",
                hash=hash_of(self.middle.previous_hash, payload),
            )
            self.assert_fault(f"Event {self.middle.sequence + 1} does not continue")

    def test_in_each_column_of_a_text(self):
        event = AuditEvent.objects.filter(verb="save").latest("sequence")
        digest = json.loads(event.payload)["changes"]["what_happened"][1]["text"]
        text = AuditText.objects.get(digest=digest)
        columns: dict[str, tuple[object, str]] = {
            "digest": (altered(text.digest), "refers to a missing text"),
            "salt": (altered(text.salt), "A text of event"),
            "text": (altered(text.text), "A text of event"),
            "redacted_at": (event.at, "A text of event"),
        }
        self.assertEqual(set(columns), {field.name for field in AuditText._meta.fields})
        for name, (value, why) in columns.items():
            with self.subTest(name), self.tampering():
                self.change(text, **{name: value})
                self.assert_fault(f"vent {event.sequence}", why)

    def test_in_the_reason_of_an_event(self):
        event = AuditEvent.objects.get(verb="return")
        with self.tampering():
            AuditText.objects.filter(digest=event.reason_id).update(text="Name the dax.")
            self.assert_fault(f"A text of event {event.sequence} was changed")

    def test_in_each_column_of_the_head(self):
        head = ChainHead.objects.get()
        assert head.last_at
        columns: dict[str, tuple[object, str]] = {
            "last_sequence": (head.last_sequence + 1, f"Event {head.last_sequence + 1} is missing"),
            "last_at": (
                head.last_at + timedelta(microseconds=1),
                "The latest hash does not match event",
            ),
            "last_hash": (altered(head.last_hash), "The latest hash does not match event"),
        }
        self.assertEqual({*columns, "id"}, {field.name for field in ChainHead._meta.fields})
        for name, (value, why) in columns.items():
            with self.subTest(name), self.tampering():
                self.change(head, **{name: value})
                self.assert_fault(why)
        with self.tampering(), self.assertRaises(IntegrityError), transaction.atomic():
            self.change(head, id=2)

    def test_a_head_that_points_back_or_is_gone(self):
        with self.tampering():
            ChainHead.objects.update(last_sequence=self.last.sequence - 1)
            self.assert_fault(f"Event {self.last.sequence} was added after the latest hash")
        with self.tampering():
            ChainHead.objects.all().delete()
            self.assert_fault("Event 1 was added after the latest hash")
