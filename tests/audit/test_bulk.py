"""A bulk act: one event for many rows, each with its payload, from which it can be replayed."""

import json
import time
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from recommendations import audit
from recommendations.audit.rewind import replay
from recommendations.audit.snapshots import plain
from recommendations.models import (
    AuditEvent,
    AuditRow,
    AuditText,
    Observation,
    Organisation,
    Response,
)
from tests.audit.rows import changes_in, kinds_in, last_event
from tests.base import LONG_AGO, TrackerTestCase


class BulkTestCase(TrackerTestCase):
    def assert_replayed(self, *things: Any) -> None:
        """The chain says of these things what the database holds, in every field."""
        for thing in things:
            thing.refresh_from_db()
            key, label = str(thing.pk), thing._meta.label_lower
            present = {name: plain(value) for name, value in audit.snapshot(thing).items()}
            told = replay(label, [key])[key]
            self.assertEqual({name: told.get(name) for name in present}, present)


class EventTests(BulkTestCase):
    def test_one_event_with_the_number_of_its_rows_and_their_digest(self):
        """What did not change has no row."""
        before = AuditEvent.objects.count()
        with audit.entry(by=self.manager) as entry:
            act = audit.BulkAct(entry)
            act.follow([self.ministry, self.agency])
            Organisation.objects.filter(pk=self.ministry.pk).update(name="Ministry of A")
            made = Organisation.objects.create(slug="council", name="Council")
            act.follow_new([made])
            event = act.record("import", "0" * 16, {"file": audit.FreeText("list.csv")})
        self.assertEqual(AuditEvent.objects.count(), before + 1)
        told = json.loads(event.payload)["changes"]
        self.assertEqual(told["rows"], [None, 2])
        self.assertEqual(kinds_in(event), {"organisation": 2})
        self.assertEqual(len(told["rows_sha256"][1]), 64)
        self.assertEqual((event.object_type, event.object_id), ("file", "0" * 16))
        self.assertEqual(
            changes_in(event, self.ministry), {"name": ["Ministry A", "Ministry of A"]}
        )
        self.assertEqual(changes_in(event, made)["slug"], [None, "council"])
        self.assertEqual(audit.verify_chain().fault, "")
        self.assert_replayed(made)

    def test_the_payload_of_a_row_is_canonical_and_holds_no_words(self):
        """Of a password a digest of what is stored."""
        with audit.entry(by=self.manager) as entry:
            act = audit.BulkAct(entry)
            act.follow_new([self.recommendation, self.staff])
            event = act.record("load", "file.json", {})
        row = event.rows.get(recommendation=self.recommendation)
        again = json.dumps(json.loads(row.changes), sort_keys=True, separators=(",", ":"))
        self.assertEqual(row.changes, again)
        self.assertTrue(row.changes.isascii())
        self.assertNotIn("thing", row.changes)
        self.assertIn('"contributors":[null,[]]', row.changes)
        self.staff.refresh_from_db()
        digest = sha256(self.staff.password.encode()).hexdigest()
        self.assertEqual(changes_in(event, self.staff)["password"], [None, digest])

    def test_a_row_is_found_under_its_recommendation(self):
        addressee = self.recommendation.addressees.create(organisation=self.agency)
        made = Response.objects.create(
            addressee=addressee,
            position="accepted",
            since=LONG_AGO.date(),
            recorded_at=LONG_AGO,
            recorded_by=self.staff,
        )
        with audit.entry(by=self.manager) as entry:
            act = audit.BulkAct(entry)
            act.follow_new([addressee, made])
            event = act.record("import", "0" * 16, {})
        found = set(event.rows.values_list("recommendation", flat=True))
        self.assertEqual(found, {self.recommendation.pk})
        self.assert_replayed(addressee, made)

    def test_no_event_comes_between_the_rows_and_their_own(self):
        with self.assertRaises(RuntimeError), audit.entry(by=None) as entry:
            act = audit.BulkAct(entry)
            act.add(self.agency, {}, audit.snapshot(self.agency))
            entry.record("try", self.agency, before={}, after={"a": 1})
            act.record("import", "0" * 16, {})
        self.assertFalse(AuditRow.objects.exists())
        self.assertEqual(audit.verify_chain().fault, "")

    def test_a_row_is_once_in_an_event(self):
        values = audit.snapshot(self.agency)
        with self.assertRaises(IntegrityError), audit.entry(by=None) as entry:
            act = audit.BulkAct(entry)
            act.add(self.agency, {}, values)
            act.add(self.agency, {}, values)
            act.record("import", "0" * 16, {})

    def test_what_fails_leaves_nothing(self):
        texts = AuditText.objects.count()
        with self.assertRaises(ZeroDivisionError), audit.entry(by=None) as entry:
            act = audit.BulkAct(entry)
            act.follow_new([self.agency])
            act.record("import", "0" * 16, {})
            raise ZeroDivisionError
        self.assertEqual((AuditRow.objects.count(), AuditText.objects.count()), (0, texts))


class ManyTests(BulkTestCase):
    def test_very_many_rows_in_few_statements(self):
        """Texts that rows share are stored once; time is for the rows, not for their texts."""
        indicator, area = self.make_indicator(), self.make_area()
        made = Observation.objects.bulk_create(
            Observation(
                indicator=indicator,
                area=area,
                period="2020",
                first_day=LONG_AGO.date(),
                last_day=LONG_AGO.date(),
                dimensions=f"N={n}",
                value=n,
                source="A made-up source",
                recorded_at=LONG_AGO,
                revision=1,
            )
            for n in range(3_000)
        )
        texts = AuditText.objects.count()
        begun = time.monotonic()
        with CaptureQueriesContext(connection) as asked, audit.entry(by=self.manager) as entry:
            act = audit.BulkAct(entry)
            act.add_new(made)
            event = act.record("import_figures", "0" * 16, {})
        self.assertLess(time.monotonic() - begun, 20)
        self.assertLess(len(asked), 60)
        self.assertEqual(kinds_in(event), {"observation": 3_000})
        # Of each its dimensions; one period and one source for all.
        self.assertEqual(AuditText.objects.count() - texts, 3_002)
        self.assertEqual(audit.verify_chain().fault, "")
        self.assert_replayed(made[0], made[-1])


class ActTests(BulkTestCase):
    """What is recorded together has one id, whoever calls."""

    def record(self) -> AuditEvent:
        with audit.entry(by=self.manager) as entry:
            return entry.record("try", self.agency, before={}, after={"a": 1})

    def test_it_is_that_of_the_request_of_the_act_or_of_the_outermost_entry(self):
        ids = [self.record().request_id for _ in range(2)]
        self.assertEqual(len({*ids, ""}), 3)
        self.assertEqual(audit.request_id.get(), "")
        with audit.act() as one:
            self.assertEqual({self.record().request_id, self.record().request_id}, {one})
        token = audit.request_id.set("abc123")
        try:
            with audit.act():
                self.assertEqual(self.record().request_id, "abc123")
        finally:
            audit.request_id.reset(token)

    def test_an_entry_inside_another_goes_on_with_the_same_chain(self):
        """What fails in it is taken back alone."""
        with audit.entry(by=self.manager) as outer:
            first = outer.record("try", self.agency, before={}, after={"a": 1})
            second = self.record()
            with self.assertRaises(ZeroDivisionError), audit.entry(by=self.manager) as inner:
                inner.record("try", self.agency, before={}, after={"a": 2})
                raise ZeroDivisionError
            third = outer.record("try", self.agency, before={}, after={"a": 3})
        begun = first.sequence
        self.assertEqual([second.sequence, third.sequence], [begun + 1, begun + 2])
        self.assertEqual(last_event(), third)
        self.assertEqual(len({event.request_id for event in (first, second, third)}), 1)
        self.assertEqual(audit.verify_chain().fault, "")

    def test_an_entry_after_one_that_failed_reads_the_head_again(self):
        with self.assertRaises(ZeroDivisionError), transaction.atomic():
            self.record()
            raise ZeroDivisionError
        self.record()
        self.assertEqual(audit.verify_chain().fault, "")
