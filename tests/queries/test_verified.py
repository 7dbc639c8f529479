"""What the audit log tells of its last verification, and what is no proof of one."""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.test import override_settings

from recommendations import guards
from recommendations.audit.rewind import parsed
from recommendations.audit.snapshots import hash_of, payload_of
from recommendations.models import AuditEvent, ChainHead
from recommendations.queries.log.conditions import Verified, last_verified
from recommendations.queries.operation import operation_figures
from tests.base import TrackerTestCase
from tests.verified import verified


def told() -> Verified:
    return last_verified(ChainHead.objects.get())


class VerifiedTestCase(TrackerTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.make_submitted(cls.recommendation)

    def assert_no_proof(self) -> None:
        found, figures = told(), operation_figures()
        assert found.run
        self.assertFalse(found.run.is_proof)
        self.assertIsNone(found.since)
        self.assertEqual((figures.verified_at, figures.faults), (None, None))
        self.assertEqual(figures.unproven_at, found.run.at)


class VerifiedTests(VerifiedTestCase):
    def test_it_carries_the_head_that_it_reached_and_is_a_proof(self) -> None:
        head = ChainHead.objects.get()
        event = verified()
        run = told().run
        assert run
        self.assertEqual(run.head, f"{head.last_sequence}:{head.last_hash}")
        self.assertEqual((run.event, run.faults, run.is_proof), (event.pk, 0, True))
        self.assertEqual(told().whole, run)

    def test_events_since_the_last_whole_one_are_counted_without_verifications(self) -> None:
        first = verified()
        self.assertEqual(told().since, 0)
        self.make_submitted(self.recommendation)
        for values in ({"faults": 2}, {"is_quick": True}):
            last, found = verified(**values), told()
            assert found.run
            assert found.whole
            self.assertEqual((found.run.event, found.whole.event), (last.pk, first.pk))
        self.assertEqual(found.since, 2)
        verified()
        self.assertEqual(told().since, 0)

    def test_before_the_first_there_is_none(self) -> None:
        self.assertEqual(told(), Verified())
        self.assertEqual(last_verified(None), Verified())

    def test_one_that_another_site_or_key_signed_is_no_proof(self) -> None:
        verified()
        for setting in ({"AUDIT_SITE": "elsewhere.example"}, {"AUDIT_SIGNING_KEY": "another"}):
            with self.subTest(setting), override_settings(**setting):
                self.assert_no_proof()


class PlantedTests(VerifiedTestCase):
    """Rows that SQL writes past the guards, each like the event of a verification."""

    def planted(self, *, follows: AuditEvent, **changes: Any) -> AuditEvent:
        """A copy of the event of a verification, behind another, with a hash that fits."""
        model = AuditEvent.objects.filter(verb="verify_audit").latest("sequence")
        made = AuditEvent.objects.get(pk=model.pk)
        made.sequence, made.at = follows.sequence + 1, follows.at + timedelta(seconds=1)
        made.previous_hash = follows.hash
        held = parsed(model.payload)["changes"]
        made.payload = payload_of(made, {**held, **changes})
        made.hash = hash_of(made.previous_hash, made.payload)
        AuditEvent.objects.bulk_create([made])
        return made

    def move_head(self, to: AuditEvent) -> None:
        ChainHead.objects.update(last_sequence=to.pk, last_at=to.at, last_hash=to.hash)

    def test_a_planted_row_is_no_proof(self) -> None:
        verified()
        self.make_submitted(self.recommendation)
        last = AuditEvent.objects.latest("sequence")
        reached = {"head": [None, f"{last.pk}:{last.hash}"]}
        for name, changes, moves in (
            ("behind the head", {}, False),
            ("with a head of its own choice", reached, True),
            ("without a signature", {**reached, "signature": [None, ""]}, True),
            ("once more, as it was signed", {}, True),
        ):
            with self.subTest(name), transaction.atomic():
                self.lift()
                made = self.planted(follows=last, **changes)
                if moves:
                    self.move_head(made)
                self.assert_no_proof()
                transaction.set_rollback(True)

    def test_one_that_was_altered_or_whose_head_is_gone_is_no_proof(self) -> None:
        event = verified(faults=1)
        number = event.pk - 1
        payload = event.payload.replace('"faults":[null,1]', '"faults":[null,0]')
        self.assertNotEqual(payload, event.payload)
        for name, pk, values in (
            ("its payload", event.pk, {"payload": payload}),
            ("with its hash", event.pk, {"payload": payload, "hash": "0" * 64}),
            ("the event that it reached", number, {"hash": "0" * 64}),
            ("its time", event.pk, {"at": event.at + timedelta(days=9)}),
        ):
            with self.subTest(name), transaction.atomic():
                self.lift()
                AuditEvent.objects.filter(pk=pk).update(**values)
                self.assert_no_proof()
                transaction.set_rollback(True)

    def lift(self) -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        guards.drop(connection)
