"""What an event holds, and that events stand in one unbroken row."""

import itertools
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from unittest import mock
from uuid import UUID

from django.utils import timezone

from recommendations import audit
from recommendations.audit.snapshots import DERIVED, GENESIS, FreeText, text_digest
from recommendations.models import AuditEvent, AuditText, ChainHead, Recommendation
from tests.base import LONG_AGO, TrackerTestCase, link_evidence


def last() -> AuditEvent:
    return AuditEvent.objects.latest("sequence")


def changes_of(event: AuditEvent) -> dict[str, list]:
    found: dict[str, list] = json.loads(event.payload)["changes"]
    return found


class RecordTestCase(TrackerTestCase):
    def record(self, before: dict, after: dict, **values) -> AuditEvent:
        """One event on the recommendation of every test."""
        with audit.entry(by=self.manager, at=values.pop("at", None)) as entry:
            return entry.record(
                values.pop("verb", "try"), self.recommendation, before=before, after=after, **values
            )


class PayloadTests(RecordTestCase):
    def test_the_payload_is_canonical_json_with_every_column_that_says_what_happened(self):
        event = self.record({"b": 1, "a": None}, {"b": 1, "a": "ü"}, reason="Because")
        self.assertTrue(event.payload.isascii())
        told = json.loads(event.payload)
        self.assertEqual(event.payload, json.dumps(told, sort_keys=True, separators=(",", ":")))
        self.assertEqual(
            told,
            {
                "sequence": event.sequence,
                "at": event.at.isoformat(timespec="microseconds"),
                "actor": self.manager.pk,
                "verb": "try",
                "object_type": "recommendations.recommendation",
                "object_id": str(self.recommendation.pk),
                "recommendation": self.recommendation.pk,
                "request_id": event.request_id,
                "reason": event.reason_id,
                "changes": {"a": [None, "ü"]},
            },
        )

    def test_only_what_changed_is_recorded(self):
        event = self.record({"kept": 1, "moved": 1, "gone": 1}, {"kept": 1, "moved": 2, "new": 3})
        self.assertEqual(changes_of(event), {"moved": [1, 2], "gone": [1, None], "new": [None, 3]})

    def test_values_are_written_without_loss_and_times_in_one_zone(self):
        moment = datetime(2024, 2, 29, 14, 0, 0, 123456, UTC)
        for value, written in (
            (date(2024, 2, 29), "2024-02-29"),
            (moment, "2024-02-29T14:00:00.123456+00:00"),
            (
                moment.astimezone(timezone.get_fixed_timezone(330)),
                "2024-02-29T14:00:00.123456+00:00",
            ),
            (Decimal("12345678901234567.123456"), "12345678901234567.123456"),
            (Decimal("1E+3"), "1000"),
            (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
            ([1, 2], [1, 2]),
            (True, True),
            ("", ""),
        ):
            with self.subTest(written):
                event = self.record({}, {"value": value, "nothing": None})
                self.assertEqual(changes_of(event), {"value": [None, written]})

    def test_what_cannot_be_written_without_loss_is_refused(self):
        for value in (1.5, {1}, object(), b"bytes"):
            with self.subTest(value=value), self.assertRaises(TypeError):
                self.record({}, {"value": value})

    def test_the_hash_covers_the_payload_and_the_hash_before_it(self):
        first, begin = last(), AuditEvent.objects.earliest("sequence")
        second = self.record({}, {"a": 1})
        self.assertEqual((begin.sequence, begin.previous_hash), (1, GENESIS))
        self.assertEqual(second.previous_hash, first.hash)
        covered = f"{first.hash}\n{second.payload}".encode("ascii")
        self.assertEqual(second.hash, sha256(covered).hexdigest())

    def test_what_happens_to_a_part_is_found_under_its_recommendation(self):
        update = self.make_submitted(self.recommendation)
        link_evidence(to=update, by=self.staff, stance="supports", evidence=self.make_evidence())
        self.assertEqual(last().object_type, "recommendations.evidencelink")
        self.assertEqual(last().recommendation, self.recommendation)
        self.make_evidence("Elsewhere")
        self.assertIsNone(last().recommendation)

    def test_a_file_is_recorded_once_with_its_digest_and_counts(self):
        with audit.entry(by=None) as entry:
            entry.record_counts("load", "areas.json", {"sha256": "ab", "created": 3})
        self.assertEqual(last().object_type, "file")
        self.assertEqual(last().object_id, "areas.json")
        self.assertEqual(changes_of(last()), {"sha256": [None, "ab"], "created": [None, 3]})
        self.assertIsNone(last().actor)


class TextTests(RecordTestCase):
    def test_a_text_is_in_the_payload_as_a_digest_and_beside_it_in_words(self):
        """A structure too: its keys may be what people wrote. An empty one needs no digest."""
        for value, words in (
            (FreeText("New words"), "New words"),
            ({"Überschrift": "New words"}, '{"Überschrift": "New words"}'),
        ):
            with self.subTest(words):
                event = self.record({"of": type(value)()}, {"of": value}, reason="Because of rain")
                before, after = changes_of(event)["of"]
                self.assertEqual(before, "")
                for word in ("words", "berschrift", "rain"):
                    self.assertNotIn(word, event.payload)
                stored = AuditText.objects.get(digest=after["text"])
                self.assertEqual(stored.text, words)
                self.assertEqual(stored.digest, text_digest(stored.salt, words))
                self.assertEqual(AuditText.objects.get(pk=event.reason_id).text, "Because of rain")

    def test_the_same_text_never_has_the_same_digest(self):
        """Otherwise a text that was taken out could be found again by trying."""
        events = [self.record({}, {"title": FreeText("Yes")}) for _ in range(2)]
        digests = {changes_of(event)["title"][1]["text"] for event in events}
        self.assertEqual(len(digests), 2)
        salts = AuditText.objects.filter(digest__in=digests).values_list("salt", flat=True)
        self.assertEqual(len(set(salts)), 2)
        self.assertEqual({len(salt) for salt in salts}, {32})

    def test_codes_are_readable_and_no_event_of_any_action_holds_what_somebody_wrote(self):
        words = {"what_happened": "Xylophone", "internal_note": "Xylophone"}
        update = self.make_approved(self.recommendation, **words)
        self.make_evidence("Xylophone")
        begun = AuditEvent.objects.filter(
            object_type="recommendations.statusupdate", object_id=str(update.pk)
        ).earliest("sequence")
        self.assertEqual(changes_of(begun)["implementation_status"], [None, "in_progress"])
        self.assertFalse(AuditEvent.objects.filter(payload__contains="Xylophone").exists())
        self.assertTrue(AuditText.objects.filter(text="Xylophone").exists())


class SecretTests(RecordTestCase):
    def test_of_a_password_the_digest_of_what_is_stored_is_recorded_and_nothing_else(self):
        person = self.staff
        before, stored = audit.snapshot(person), person.password
        person.set_password("correct horse")
        digests = [sha256(text.encode()).hexdigest() for text in (stored, person.password)]
        for told, expected in ((before, digests), ({}, [None, digests[1]])):
            with audit.entry(by=self.administrator) as entry:
                event = entry.record("change", person, before=told, after=audit.snapshot(person))
            self.assertEqual(changes_of(event)["password"], expected)
            self.assertNotIn(person.password, event.payload)
        self.assertFalse(AuditText.objects.filter(text__contains=person.password).exists())

    def test_what_the_machinery_keeps_for_itself_is_not_recorded(self):
        before = audit.snapshot(self.recommendation)
        self.recommendation.version += 1
        self.recommendation.updated_at = timezone.now()
        self.assertEqual(audit.snapshot(self.recommendation), before)


class SnapshotTests(RecordTestCase):
    def test_it_holds_every_recorded_column_and_the_ids_or_roles_of_many_to_many(self):
        self.recommendation.contributors.set([self.agency, self.ministry])
        taken = audit.snapshot(self.recommendation)
        self.assertEqual(taken["contributors"], sorted([self.agency.pk, self.ministry.pk]))
        columns = {field.name for field in Recommendation._meta.concrete_fields}
        left_out = {"id", "version", "updated_at", *DERIVED[Recommendation._meta.label_lower]}
        self.assertEqual(set(taken), columns - left_out | {"contributors", "themes"})
        self.assertEqual(taken["lead"], self.ministry.pk)
        self.assertEqual(audit.snapshot(self.staff)["groups"], ["Policy staff"])


class ClockTests(RecordTestCase):
    """Times strictly rise, whatever the clock of the machine does."""

    def assert_in_order(self) -> None:
        events = AuditEvent.objects.order_by("sequence")
        sequences = [event.sequence for event in events]
        times = [event.at for event in events]
        self.assertEqual(sequences, list(range(1, len(sequences) + 1)))
        self.assertTrue(all(a < b for a, b in itertools.pairwise(times)))
        head = ChainHead.objects.get()
        self.assertEqual(head.last_sequence, sequences[-1])
        self.assertEqual(head.last_at, times[-1])
        self.assertEqual(head.last_hash, events[len(events) - 1].hash)

    def test_an_entry_reads_the_clock_itself_and_goes_on_where_that_stands_still(self):
        before = timezone.now()
        self.assertLessEqual(before, self.record({}, {"a": 1}).at)
        with mock.patch.object(timezone, "now", return_value=timezone.now()):
            for n in range(3):
                self.record({}, {"a": n})
        self.assert_in_order()

    def test_events_gathered_in_an_entry_are_written_together_in_their_order(self):
        with audit.entry(by=self.manager) as entry, entry.gathered():
            self.record({}, {"a": FreeText("First")}, reason="Because")
            with self.assertRaises(LookupError), audit.entry(by=self.manager) as inner:
                inner.record("try", self.recommendation, before={}, after={"a": FreeText("Lost")})
                raise LookupError
            with self.assertNumQueries(0):
                entry.record("try", self.recommendation, before={}, after={"a": FreeText("Last")})
        self.assertEqual(audit.verify_chain().fault, "")
        self.assert_in_order()
        texts = set(AuditText.objects.values_list("text", flat=True))
        self.assertLessEqual({"First", "Because", "Last"}, texts)
        self.assertNotIn("Lost", texts)

    def test_history_is_loaded_under_its_own_time_and_never_before_what_stands(self):
        """An action works with the later time: its decision is not before its event."""
        loaded = self.record({}, {"a": 1}, at=LONG_AGO + timedelta(days=1))
        self.assertEqual(loaded.at, LONG_AGO + timedelta(days=1))
        with audit.entry(by=self.manager, at=LONG_AGO) as entry:
            self.assertEqual(entry.at, loaded.at + timedelta(microseconds=1))
            earlier = entry.record("try", self.recommendation, before={}, after={"a": 2})
        self.assertEqual(earlier.at, entry.at)
        self.assert_in_order()

    def test_the_day_is_that_of_the_site(self):
        late = datetime(2024, 6, 1, 23, 30, tzinfo=UTC)
        with self.settings(TIME_ZONE="Asia/Tokyo"), audit.entry(by=None, at=late) as entry:
            self.assertEqual(entry.today, date(2024, 6, 2))

    def test_what_is_rolled_back_leaves_no_gap(self):
        before = AuditEvent.objects.count()
        texts = AuditText.objects.count()
        with self.assertRaises(ZeroDivisionError), audit.entry(by=self.manager) as entry:
            entry.record(
                "try",
                self.recommendation,
                before={},
                after={"title": FreeText("Lost")},
                reason="Lost too",
            )
            raise ZeroDivisionError
        self.assertEqual(AuditEvent.objects.count(), before)
        self.assertEqual(AuditText.objects.count(), texts)
        self.record({}, {"a": 1})
        self.assert_in_order()
