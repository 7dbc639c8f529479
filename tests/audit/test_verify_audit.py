"""``verify_audit``: whole after a whole journey, and after any tampering the first event and why.

Tampering needs the guards out of the way: it is what somebody who owns the database could do.
"""

import json
import random
from collections.abc import Callable, Iterable
from datetime import timedelta
from io import StringIO
from typing import Any
from unittest import mock

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, models, transaction

from recommendations import audit
from recommendations.actions.personal import create_token
from recommendations.audit import chain
from recommendations.audit.snapshots import columns_of, hash_of, payload_of
from recommendations.models import AuditEvent, AuditRow, AuditText, ChainHead, Organisation
from tests.audit.chains import IS_SQLITE, ChainTestCase
from tests.base import TrackerTestCase
from tests.depth import times

Damages = Iterable[tuple[Callable[[], object], str]]
"""What is done, and the words of the fault that is told."""


def altered(text: str, place: int = 0) -> str:
    """The text with one character changed: a digit into a digit."""
    was = text[place]
    new = str((int(was) + 1) % 10) if was.isdigit() else "b" if was == "a" else "a"
    return text[:place] + new + text[place + 1 :]


class TamperingTestCase(ChainTestCase):
    def assert_named(self, damages: Damages) -> None:
        for damage, words in damages:
            with self.subTest(words), self.tampering():
                damage()
                self.assertIn(words, "\n".join(audit.verify_chain().faults))

    def assert_each_column(
        self, row: models.Model, columns: dict[str, tuple[Any, str]], *, but: str = ""
    ) -> None:
        """Another value of each column in turn, and the words by which it is told."""
        known = {field.name for field in row._meta.fields}
        self.assertEqual({*columns, but} - {""}, known)
        self.assert_named(
            (lambda given={name: value}: self.change(row, **given), words)
            for name, (value, words) in columns.items()
        )

    def rewrite_head(self, event: AuditEvent) -> None:
        ChainHead.objects.update(
            last_sequence=event.sequence, last_at=event.at, last_hash=event.hash
        )

    def rewrite(self, event: AuditEvent, payload: str, **values: Any) -> None:
        """Another payload with the hash that belongs to it."""
        self.change(event, payload=payload, hash=hash_of(event.previous_hash, payload), **values)


class EmptyChainTests(TrackerTestCase):
    @classmethod
    def setUpTestData(cls):
        cls.make_world()

    def test_no_events_are_a_whole_chain_unless_some_are_expected(self):
        self.assertEqual(audit.verify_chain().head, f"0:{'0' * 64}")
        self.assertIn("Event 1 is missing", audit.verify_chain((5, "0" * 64)).fault)


class ChainTests(TamperingTestCase):
    def test_a_whole_journey_passes_in_batches_of_any_size_and_its_head_later_too(self):
        out = StringIO()
        call_command("verify_audit", stdout=out)
        self.assertIn(f"{self.last.sequence}:{self.last.hash}", out.getvalue())
        for size in (1, 7, self.last.sequence, self.last.sequence + 1):
            with self.subTest(size=size), mock.patch.object(chain, "BATCH", size):
                self.assertTrue(audit.verify_chain().is_whole)
        self.make_submitted(self.recommendation)
        call_command("verify_audit", f"--expect={self.head}", stdout=StringIO())

    def test_a_change_of_a_field_called_text_is_no_reference_to_a_text(self):
        with audit.entry(by=self.manager) as entry:
            entry.record("try", self.recommendation, before={"text": 1}, after={"text": 2})
        self.assertTrue(audit.verify_chain().is_whole)

    def test_a_head_that_is_written_badly_is_no_head(self):
        for text in ("", "5", "x:y", f"1:{'g' * 64}", f"-1:{'0' * 64}"):
            with self.subTest(text), self.assertRaises(CommandError) as failure:
                call_command("verify_audit", f"--expect={text}")
            self.assertIn("64 hex digits", str(failure.exception))

    # One character changed, in each column of each table of the record in turn.

    def test_in_each_column_of_an_event(self):
        event = AuditEvent.objects.get(verb="return")
        # Its digest differs in one character from that of the reason.
        other = AuditText.objects.create(digest=altered(event.reason_id or ""), text="x")
        token, _secret = create_token(of=self.manager, by=self.manager, values={"name": "x"})
        number = f"vent {event.sequence}"
        self.assert_each_column(
            event,
            {
                "sequence": (event.sequence + 1000, f"{number} is missing"),
                "at": (event.at + timedelta(microseconds=1), f"{number}: at differs"),
                "actor": (self.viewer, f"{number}: actor differs"),
                "recommendation": (self.another, f"{number}: recommendation differs"),
                "request_id": ("a", f"{number}: request_id differs"),
                "token": (token, f"{number}: token differs"),
                "reason": (other, f"{number}: reason differs"),
                "payload": (altered(event.payload), f"{number} does not match its hash"),
                "previous_hash": (altered(event.previous_hash), f"{number} does not continue"),
                "hash": (altered(event.hash), f"{number} does not match its hash"),
                **{
                    name: (altered(getattr(event, name)), f"{number}: {name} differs")
                    for name in ("verb", "object_type", "object_id")
                },
            },
        )

    def test_in_each_column_of_a_text_and_in_a_reason(self):
        event = AuditEvent.objects.filter(verb="save").latest("sequence")
        digest = json.loads(event.payload)["changes"]["what_happened"][1]["text"]
        text = AuditText.objects.get(digest=digest)
        changed = f"A text of event {event.sequence} was changed"
        self.assert_each_column(
            text,
            {
                "digest": (
                    altered(text.digest),
                    f"Event {event.sequence} refers to a missing text",
                ),
                "salt": (altered(text.salt), changed),
                "text": (altered(text.text), changed),
                "redacted_at": (event.at, changed),
            },
        )
        event = AuditEvent.objects.get(verb="return")
        with self.tampering():
            AuditText.objects.filter(digest=event.reason_id).update(text="Name the dax.")
            self.assert_fault(f"A text of event {event.sequence} was changed")

    def test_in_each_column_of_the_head(self):
        head = ChainHead.objects.get()
        assert head.last_at
        differs = "The latest hash does not match event"
        self.assert_each_column(
            head,
            {
                "last_sequence": (
                    head.last_sequence + 1,
                    f"Event {head.last_sequence + 1} is missing",
                ),
                "last_at": (head.last_at + timedelta(microseconds=1), differs),
                "last_hash": (altered(head.last_hash), differs),
            },
            but="id",
        )
        with self.tampering(), self.assertRaises(IntegrityError), transaction.atomic():
            self.change(head, id=2)

    def test_at_any_place_of_a_payload(self):
        """At the first, the last, and some between."""
        last = len(self.middle.payload) - 1
        drawn = random.Random(1).sample(range(1, last), times(8, min(120, last - 1)))
        with self.tampering():
            for place in (0, *drawn, last):
                self.change(self.middle, payload=altered(self.middle.payload, place))
                fault = audit.verify_chain().fault
                self.assertIn(f"payload of event {self.middle.sequence} ", fault)

    # Events taken out, put in, exchanged or rewritten, with whatever hashes that takes.

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

    def insert(self, sequence: int, previous: AuditEvent) -> AuditEvent:
        [made] = AuditEvent.objects.bulk_create([self.copy_of(self.middle, sequence, previous)])
        return made

    def delete(self, number: int) -> None:
        AuditEvent.objects.filter(sequence=number).delete()

    def renumber(self, *moves: tuple[int, int]) -> None:
        for old, new in moves:
            AuditEvent.objects.filter(sequence=old).update(sequence=new)

    def exchange_all_but_numbers(self, second: AuditEvent) -> None:
        for row, source in ((self.middle, second), (second, self.middle)):
            self.change(row, payload=source.payload, verb=source.verb, at=source.at)

    def put_in(self, number: int) -> None:
        for event in AuditEvent.objects.filter(sequence__gte=number).order_by("-sequence"):
            self.change(event, sequence=event.sequence + 1)
        self.insert(number, self.middle)

    def put_out_of_time(self, previous: AuditEvent) -> None:
        last = AuditEvent.objects.get(pk=self.last.pk)
        last.at = previous.at
        last.payload = payload_of(last, {})
        last.hash = hash_of(last.previous_hash, last.payload)
        last.save()
        self.rewrite_head(last)

    def test_each_is_named(self):
        first, end, middle = AuditEvent.objects.get(sequence=1), self.last.sequence, self.middle
        number = middle.sequence
        before, second = (AuditEvent.objects.get(sequence=n) for n in (end - 1, number + 1))
        renamed = middle.payload.replace('"verb":"', '"verb":"x')
        swap = ((number, -1), (number + 1, number), (-1, number + 1))
        missing = f"Event {end} is missing. The audit log ends at event {end - 1}"
        self.assert_named(
            [
                (lambda: self.delete(number), f"Event {number} is missing"),
                (lambda: self.delete(1), "Event 1 is missing"),
                (lambda: self.delete(end), missing),
                (lambda: self.renumber(*swap), f"Event {number} does not continue"),
                (lambda: self.exchange_all_but_numbers(second), f"payload of event {number} "),
                # With numbers, times and hashes that fit.
                (lambda: self.insert(end + 1, self.last), f"Event {end + 1} was added after"),
                (lambda: self.put_in(number + 1), f"Event {number + 2} does not continue"),
                (lambda: self.insert(0, first), "Event 1 is missing. Event 0 follows instead."),
                (lambda: self.put_out_of_time(before), f"Event {end} is not later"),
                (
                    lambda: self.rewrite(middle, renamed, verb=f"x{middle.verb}"),
                    f"Event {number + 1} does not continue",
                ),
                *(
                    (
                        lambda event=event: self.change(event, payload=altered(event.payload, 5)),
                        f"payload of event {event.sequence} ",
                    )
                    for event in (first, self.last)
                ),
                *(
                    (lambda payload=payload: self.rewrite(self.last, payload), "vent ")
                    for payload in ("", "[]", "null", '{"changes":{}}', "[" * 100_000)
                ),
                (
                    lambda: ChainHead.objects.update(last_sequence=end - 1),
                    f"Event {end} was added after the latest hash",
                ),
                (ChainHead.objects.all().delete, "Event 1 was added after the latest hash"),
            ]
        )

    def test_what_fits_in_itself_is_found_by_the_head_that_was_noted_down(self):
        end = self.last.sequence
        before = AuditEvent.objects.get(sequence=end - 1)
        for what, words in (
            ("gone", f"Event {end} is missing"),
            ("exchanged", f"Event {end} does not have the expected hash"),
        ):
            with self.subTest(what), self.tampering():
                self.delete(end)
                self.rewrite_head(self.insert(end, before) if what == "exchanged" else before)
                self.assertTrue(audit.verify_chain().is_whole)
                self.assert_fault(words, expect=self.head)

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


class BulkTestCase(TamperingTestCase):
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


class BulkTests(BulkTestCase):
    """Rows of bulk events changed, taken out, put in, or exchanged."""

    def test_it_passes_as_it_is_in_batches_of_any_size(self):
        for size in (1, 3, 4, 5, 100):
            with self.subTest(size), mock.patch.object(chain, "BATCH", size):
                self.assertEqual(audit.verify_chain().fault, "")

    def test_each_column_of_a_row(self):
        row, number = self.rows()[1], self.bulk.sequence
        self.assertIn("other", row.changes)
        differs = f"The rows of event {number} do not match its digest"
        self.assert_each_column(
            row,
            {
                "id": (row.pk + 1_000_000, differs),
                "event": (self.later, f"Event {number} records 4 rows but has 3"),
                "object_type": ("recommendations.area", differs),
                "object_id": ("999999", differs),
                "recommendation": (self.recommendation, differs),
                "changes": (row.changes.replace("other", "state"), differs),
            },
        )

    def put_in(self, event: AuditEvent, **values: Any) -> None:
        values |= {"object_type": "x", "object_id": "1", "changes": '{"a":[null,1]}'}
        AuditRow.objects.create(event=event, **values)

    def exchange(self, one: AuditRow, two: AuditRow) -> None:
        for row, key in ((one, "-"), (two, one.object_id), (one, two.object_id)):
            self.change(row, object_id=key)

    def test_each_damage_is_named(self):
        plain, rows = AuditEvent.objects.get(verb="return"), self.rows()
        number, later = self.bulk.sequence, self.later
        text, last = AuditText.objects.get(text="Body 3"), rows[-1]
        counted = '"rows":[null,3],'
        self.assertIn(counted, later.payload)
        self.assert_named(
            [
                *(
                    (
                        AuditRow.objects.filter(pk=row.pk).delete,
                        f"Event {number} records 4 rows but has 3",
                    )
                    for row in rows
                ),
                (self.bulk.rows.all().delete, f"Event {number} records 4 rows but has 0"),
                (lambda: self.put_in(self.bulk), f"Event {number} records 4 rows"),
                (lambda: self.put_in(later), f"Event {later.pk} records 3 rows"),
                (lambda: self.put_in(plain), f"A row was added to event {plain.pk}."),
                (lambda: self.put_in(plain, pk=-1), f"A row was added to event {plain.pk}."),
                (
                    lambda: self.change(last, id=last.pk + 1_000_000),
                    f"The rows of event {later.pk} were numbered again.",
                ),
                (
                    lambda: self.exchange(*rows[:2]),
                    f"The rows of event {number} do not match its digest",
                ),
                (lambda: self.change(text, text="x"), f"A text of event {number} was changed"),
                (
                    AuditText.objects.filter(pk=text.pk).delete,
                    f"Event {number} refers to a missing text",
                ),
                # With a hash that fits.
                *(
                    (
                        lambda written=written: self.rewrite(
                            later, later.payload.replace(counted, written)
                        ),
                        f"Event {later.sequence} records",
                    )
                    for written in ('"rows":[null,4],', '"rows":null,', "")
                ),
            ]
        )


if IS_SQLITE:

    class UnreadableTests(BulkTestCase):
        """SQLite keeps any text in any column, so a column may hold what cannot be read."""

        def sql(self, statement: str, *values: Any) -> Callable[[], None]:
            def run() -> None:
                with connection.cursor() as cursor:
                    cursor.execute("PRAGMA defer_foreign_keys = ON")
                    cursor.execute(statement, values)

            return run

        def test_each_damage_is_named(self):
            event, key = "UPDATE recommendations_auditevent SET", self.middle.pk
            head, row = "UPDATE recommendations_chainhead SET", self.rows()[0]
            no_time = f"{event} at = 'x' || substr(at, 2) WHERE sequence = %s"
            no_number = f"{event} sequence = 'x' WHERE sequence = %s"
            no_event = "UPDATE recommendations_auditrow SET event_id = 'x' WHERE id = %s"
            self.assert_named(
                [
                    (self.sql(no_time, key), f"Event {key}: at differs from the payload."),
                    (self.sql(no_number, self.last.pk), "Event x could not be compared: Value"),
                    (self.sql(no_event, row.pk), "A row was added to event x."),
                    *(
                        (self.sql(f"{head} {name} = 'x'"), "The latest hash")
                        for name in ("last_at", "last_sequence")
                    ),
                    *(
                        (lambda text=text: self.change(row, changes=text), "vent ")
                        for text in ("", "x", "[" * 100_000)
                    ),
                ]
            )
