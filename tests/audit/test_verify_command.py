"""``verify_audit`` and ``export_head`` at the command line: what they print, and exit codes."""

import json
from functools import partial
from importlib import import_module
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from django.conf import settings
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError
from django.test import RequestFactory, override_settings

from recommendations import audit
from recommendations.actions import people, recommendations
from recommendations.actions.oversight import verification
from recommendations.checks import heads_have_a_key_of_their_own
from recommendations.models import AuditEvent, ChainHead, Organisation
from tests import kept
from tests.audit.chains import ChainTestCase
from tests.base import PASSWORD, GuardedTransactionTestCase
from tests.baselines import record_baselines
from tests.threads import at_once, failures

REQUEST = RequestFactory().post("/")
OTHER_HASHER = "django.contrib.auth.hashers.PBKDF2PasswordHasher"

VERIFY = import_module("recommendations.audit.verify")
"""The module: its package has a function of that name."""


def changes_of(event: AuditEvent) -> dict[str, Any]:
    """What an event recorded, by name."""
    changes: dict[str, Any] = json.loads(event.payload)["changes"]
    return {name: after for name, (_before, after) in changes.items()}


def verify(*options: str) -> str:
    """What the command prints on standard output."""
    out = StringIO()
    call_command("verify_audit", *options, stdout=out)
    return out.getvalue()


class ResultTests(ChainTestCase):
    def test_json_holds_result_head_faults_counts_and_seconds(self):
        told = json.loads(verify("--json"))
        self.assertEqual((told["result"], told["mode"], told["fault_count"]), ("whole", "full", 0))
        self.assertEqual(f"{told['head']['sequence']}:{told['head']['hash']}", self.head)
        self.assertEqual(told["counts"]["recommendations_auditevent"], self.last.sequence)
        self.assertGreaterEqual(told["seconds"], 0)
        self.assertEqual(json.loads(verify("--quick", "--json"))["mode"], "quick")
        self.assertIn("the numbers of rows agree", verify("--quick"))

    def test_json_holds_each_fault_by_its_parts_and_the_exit_code_tells(self):
        out = StringIO()
        with self.tampering():
            Organisation.objects.filter(pk=self.ministry.pk).update(name="Ministry Z")
            with self.assertRaises(CommandError) as failure:
                call_command("verify_audit", "--json", stdout=out)
        self.assertEqual(failure.exception.returncode, 1)
        told = json.loads(out.getvalue())
        self.assertEqual(told["result"], "not whole")
        place = {"table": "recommendations_organisation", "row": str(self.ministry.pk)}
        named = {"name": "ministry", "field": "name"}
        differs = {"kind": "differs", "found": "Ministry Z", "expected": "Ministry A"}
        self.assertEqual(told["faults"], [{**place, **named, **differs}])
        self.assertEqual(told["guards"]["guard_auditevent_update"], "missing")

    def test_each_run_is_an_event_that_carries_the_head_it_reached_and_what_it_found(self):
        for options, is_quick in ((["--quick"], True), ([], False)):
            head = audit.verify_chain().head
            verify(*options)
            told = changes_of(AuditEvent.objects.latest("sequence"))
            self.assertEqual((told["head"], told["is_quick"], told["faults"]), (head, is_quick, 0))
        self.assertEqual(audit.verify_chain().fault, "")
        last = AuditEvent.objects.latest("sequence")
        verify("--no-record")
        self.assertEqual(AuditEvent.objects.latest("sequence"), last)
        with self.tampering():
            Organisation.objects.filter(pk=self.ministry.pk).update(name="Ministry Z")
            report = verification.verify()
            self.assertEqual(verification.record(report, seconds=2.5), "")
            told = changes_of(AuditEvent.objects.latest("sequence"))
        self.assertEqual((told["faults"], told["seconds"]), (report.total, 2))

    def test_a_result_that_cannot_be_recorded_is_told_all_the_same(self):
        """The database is read-only, or the end of the chain was cut off."""
        out = StringIO()
        broken = mock.patch.object(audit, "entry", side_effect=OperationalError("read-only"))
        with broken, self.assertRaises(CommandError) as failure:
            call_command("verify_audit", stdout=out)
        self.assertEqual(failure.exception.returncode, 3)
        self.assertIn("every row agrees", out.getvalue())
        self.assertIn("could not be recorded: OperationalError: read-only", str(failure.exception))
        with self.tampering():
            ChainHead.objects.update(last_sequence=self.last.sequence - 1)
            self.assert_fault("was added after the latest hash", "could not be recorded")

    def test_a_database_that_does_not_answer_is_not_called_altered(self):
        broken = mock.patch.object(verification, "verify", side_effect=OperationalError("gone"))
        with broken, self.assertRaises(CommandError) as failure:
            verify()
        self.assertEqual(failure.exception.returncode, 2)


class HeadFileTests(ChainTestCase):
    def setUp(self) -> None:
        super().setUp()
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "head.json"
        call_command("export_head", str(self.file), stdout=StringIO())

    def expect(self) -> str:
        return verify(f"--expect={self.file}")

    def assert_refused(self, words: str) -> None:
        with self.assertRaises(CommandError) as failure:
            self.expect()
        self.assertIn(words, str(failure.exception))

    def test_it_holds_number_hash_time_and_site_and_is_expected_now_and_later(self):
        told = json.loads(self.file.read_text())
        self.assertEqual((told["sequence"], told["hash"]), (self.last.sequence, self.last.hash))
        self.assertEqual(told["at"], self.last.at.isoformat(timespec="microseconds"))
        self.assertEqual(told["site"], "testserver")
        self.assertIn(self.head, self.expect())
        self.make_submitted(self.recommendation)
        self.expect()

    def test_events_cut_off_since_are_noticed(self):
        told = json.loads(self.file.read_text())
        with self.tampering():
            AuditEvent.objects.filter(pk=self.last.pk).delete()
            before = AuditEvent.objects.latest("sequence")
            self.change(
                ChainHead.objects.get(),
                last_sequence=before.sequence,
                last_at=before.at,
                last_hash=before.hash,
            )
            self.assert_refused(f"Event {told['sequence']} is missing")

    def test_a_file_that_was_altered_or_is_of_another_key_or_site_is_refused(self):
        told = json.loads(self.file.read_text())
        with override_settings(AUDIT_SIGNING_KEY="another key"):
            self.assert_refused("signed with another key")
        with override_settings(AUDIT_SITE="elsewhere.example"):
            self.assert_refused("The file belongs to the site “testserver”")
        for name, value in (("sequence", 1), ("hash", "0" * 64), ("site", "x"), ("at", "")):
            with self.subTest(name):
                self.file.write_text(json.dumps({**told, name: value}))
                self.assert_refused(
                    "The signature is invalid: the file was altered, or signed with another key."
                )

    def test_what_is_no_head_at_all_is_refused(self):
        for text in ("", "[]", "{}", '{"signature": 1}', "x" * 20_000):
            with self.subTest(text[:20]):
                self.file.write_text(text)
                self.assert_refused("The file contains no latest hash of an audit log.")
        self.file.unlink()
        self.assert_refused("or name a file that export_head wrote")

    def test_signing_with_the_key_of_the_site_is_warned_of(self):
        self.assertEqual(heads_have_a_key_of_their_own(None), [])
        for values in ({"AUDIT_SIGNING_KEY": ""}, {"AUDIT_SIGNING_KEY": "x", "SECRET_KEY": "x"}):
            with self.subTest(values), override_settings(**values):
                [warning] = heads_have_a_key_of_their_own(None)
                self.assertEqual(warning.id, "recommendations.W001")
                with override_settings(DEBUG=True):
                    self.assertEqual(heads_have_a_key_of_their_own(None), [])


class RenewedHashTests(ChainTestCase):
    def test_a_sign_in_that_renews_the_hash_of_a_password_is_on_record(self):
        """Asking for a password writes nothing."""
        people.set_password(person=self.staff, by=None, password=PASSWORD)
        self.staff.refresh_from_db()
        before, count = self.staff.password, AuditEvent.objects.count()
        credentials = {"username": "staff", "password": PASSWORD}
        self.assertEqual(authenticate(REQUEST, **credentials), self.staff)
        with override_settings(PASSWORD_HASHERS=[OTHER_HASHER, *settings.PASSWORD_HASHERS]):
            self.assertTrue(self.staff.check_password(PASSWORD))
            self.staff.refresh_from_db()
            self.assertEqual((self.staff.password, AuditEvent.objects.count()), (before, count))
            person = authenticate(REQUEST, **credentials)
            assert person
            self.assertTrue(person.password.startswith("pbkdf2_sha256"))
            event = AuditEvent.objects.latest("sequence")
            self.assertEqual((event.verb, event.actor), ("renew_hash", self.staff))
            self.assertEqual(authenticate(REQUEST, **credentials), self.staff)
            self.assertIsNone(authenticate(REQUEST, **credentials | {"password": "wrong"}))
            self.assertEqual(AuditEvent.objects.count(), count + 1)
        self.assertEqual(verification.verify().fault_count, 0)


class LiveTests(GuardedTransactionTestCase):
    def test_what_is_written_meanwhile_is_no_fault_and_nobody_has_to_wait(self):
        record_baselines()
        recommendation = self.make_recommendation()
        kept.renew()
        last = AuditEvent.objects.latest("sequence")
        written: list[object] = []

        def replay(label: str, keys: list[str]) -> dict[str, dict[str, object]]:
            """The rows are read, and what the record says of them is not."""
            if not written and label == "recommendations.recommendation":
                revise = partial(
                    recommendations.revise_recommendation,
                    recommendation=recommendation,
                    by=self.manager,
                    expected_version=recommendation.version,
                    values={"title": "Do another thing"},
                )
                written.extend(at_once([revise, partial(self.make_submitted, recommendation)]))
            return replayed(label, keys)

        replayed = VERIFY.replay
        with mock.patch.object(VERIFY, "replay", replay):
            report = verification.verify()
        self.assertEqual((failures(written), len(written)), ([], 2))
        self.assertEqual([*report.sentences()], [])
        self.assertEqual(report.chain.sequence, last.sequence)
        self.assertGreater(AuditEvent.objects.latest("sequence").sequence, last.sequence)
        self.assertEqual([*verification.verify().sentences()], [])
