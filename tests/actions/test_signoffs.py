"""Sign-offs: what they sign, that later acts change nothing, and that one SQL change is named."""

import hashlib
import json
from datetime import timedelta
from io import StringIO
from typing import Any
from unittest import mock

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, models
from django.utils import timezone

from recommendations import guards
from recommendations.actions import recommendations, redaction, signoffs
from recommendations.actions.errors import ActionRefused, NotAllowed
from recommendations.actions.oversight import verification
from recommendations.actions.updates import decisions
from recommendations.audit.baseline import record_baselines
from recommendations.audit.findings import FaultKind
from recommendations.audit.text_search import preview_digest, text_occurrences
from recommendations.choices import ImplementationStatus
from recommendations.models import (
    Action,
    AuditEvent,
    Evidence,
    Recommendation,
    SignOff,
    Source,
    StatusUpdate,
)
from recommendations.queries.signoffs import content
from recommendations.queries.signoffs import verification as signed_rows
from recommendations.queries.signoffs.verification import check
from tests.base import TrackerTestCase, days_ago, link_evidence

NAME = "Maria Müller"


class SignOffTestCase(TrackerTestCase):
    """REP-1 has a current update with evidence; REP-2 has none."""

    update: StatusUpdate
    item: Evidence

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        # The source and the people were written past the actions.
        record_baselines(apps)
        cls.update = cls.make_submitted(cls.recommendation, what_happened=f"{NAME} met them.")
        cls.item = cls.make_evidence()
        link_evidence(to=cls.update, by=cls.staff, stance="supports", evidence=cls.item)
        decisions.approve_update(update=cls.update, by=cls.manager)
        cls.second = cls.make_recommendation("Do another thing")

    def sign(self, about: Source | Recommendation | None = None, **values: Any) -> SignOff:
        given = {"by": self.manager, "as_of": timezone.localdate(), **values}
        return signoffs.record_sign_off(about=about or self.recommendation, **given)

    def rows_of(self, signed: SignOff) -> dict[tuple[str, int], dict[str, Any]]:
        rows = json.loads(signed.signed_content)["rows"]
        return {(label.removeprefix("recommendations."), key): held for label, key, held in rows}

    def tamper(self, row: models.Model, **values: Any) -> None:
        """By SQL, past the guards."""
        guards.drop(connection)
        type(row)._base_manager.filter(pk=row.pk).update(**values)

    def faults(self, signed: SignOff) -> list[str]:
        return [fault.field for fault in check(SignOff.objects.get(pk=signed.pk)).faults]


class TwiceTests(SignOffTestCase):
    def test_one_form_sent_twice_is_one_sign_off(self) -> None:
        for about in (self.recommendation, self.source):
            first = self.sign(about, remark="All read.")
            again = self.sign(about, remark=" All read. ")
            self.assertEqual(again, first)
        self.assertEqual(AuditEvent.objects.filter(verb="sign_off").count(), 2)

    def test_anything_else_is_another(self) -> None:
        first = self.sign()
        others = [
            self.sign(remark="All read."),
            self.sign(by=self.other_manager, remark="All read."),
            self.sign(as_of=days_ago(1), by=self.other_manager, remark="All read."),
            self.sign(self.source, as_of=days_ago(1), by=self.other_manager, remark="All read."),
        ]
        recommendations.archive(recommendation=self.second, by=self.manager, reason="duplicate")
        others.append(self.sign(others[-1].source, **self.said(others[-1])))
        self.assertEqual(len({first, *others}), 6)

    def said(self, signed: SignOff) -> dict[str, Any]:
        return {"as_of": signed.as_of, "by": signed.signed_by, "remark": signed.remark}


class SigningTests(SignOffTestCase):
    def test_managers_alone_sign(self) -> None:
        for person in (self.staff, self.viewer, self.auditor, self.administrator, self.stranger):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                self.sign(by=person)
        self.assertFalse(SignOff.objects.exists())

    def test_codes_and_digests_are_signed_and_no_text(self) -> None:
        signed = self.sign(remark="As agreed.")
        self.assertEqual(hashlib.sha256(signed.signed_content.encode()).hexdigest(), signed.digest)
        rows = self.rows_of(signed)
        update = rows["statusupdate", self.update.pk]
        self.assertEqual(update["implementation_status"], ImplementationStatus.IN_PROGRESS)
        self.assertEqual(set(update["what_happened"]), {"text"})
        self.assertIn(("evidence", self.item.pk), rows)
        for words in (NAME, "Do the thing", "A paper", "In progress"):
            self.assertNotIn(words, signed.signed_content)

    def test_it_names_the_entry_before_its_own(self) -> None:
        signed = self.sign()
        event = AuditEvent.objects.get(verb="sign_off")
        self.assertEqual(signed.sequence, event.sequence - 1)
        self.assertEqual(signed.record_hash, event.previous_hash)
        self.assertEqual(event.recommendation_id, self.recommendation.pk)

    def test_a_source_is_signed_with_all_its_recommendations(self) -> None:
        signed = self.sign(self.source)
        keys = {key for kind, key in self.rows_of(signed) if kind == "recommendation"}
        self.assertEqual(keys, {self.recommendation.pk, self.second.pk})
        self.assertEqual(keys, {row.pk for row in signed.recommendations.all()})
        self.assertIn(("source", self.source.pk), self.rows_of(signed))

    def test_the_update_of_the_day_is_signed(self) -> None:
        before = self.sign(as_of=self.update.as_of - timedelta(days=1))
        self.assertNotIn(("statusupdate", self.update.pk), self.rows_of(before))
        with self.assertRaises(ValidationError):
            self.sign(as_of=days_ago(-1))

    def test_what_another_recorded_meanwhile_is_signed_too(self) -> None:
        """The content is read before the lock; then it must be read again."""
        prepare = signoffs._prepared

        def meanwhile(*args: Any) -> Any:
            found = prepare(*args)
            self.make_approved(self.recommendation, implementation_status="not_started")
            return found

        with mock.patch.object(signoffs, "_prepared", meanwhile):
            signed = self.sign()
        held = [row for (kind, _key), row in self.rows_of(signed).items() if kind == "statusupdate"]
        self.assertEqual([row["implementation_status"] for row in held], ["not_started"])
        self.assertEqual(self.faults(signed), [])

    def test_too_much_and_nothing_are_refused(self) -> None:
        with mock.patch.object(signoffs, "MOST", 1), self.assertRaises(ActionRefused):
            self.sign(self.source)
        empty = Source.objects.create(slug="empty", title="Empty", short_title="Empty")
        with self.assertRaises(ActionRefused):
            self.sign(empty)


class VerifyTests(SignOffTestCase):
    def test_later_acts_and_new_labels_change_nothing(self) -> None:
        of_one, of_all = self.sign(), self.sign(self.source)
        self.make_approved(self.recommendation, implementation_status="not_started")
        for number in range(100):
            found = Recommendation.objects.get(pk=self.recommendation.pk)
            recommendations.revise_recommendation(
                recommendation=found,
                by=self.manager,
                expected_version=found.version,
                values={"title": f"Title {number}", "contributors": [self.agency][: number % 2]},
            )
        recommendations.archive(
            recommendation=self.second, by=self.manager, reason="duplicate", note="Twice."
        )
        with mock.patch.object(ImplementationStatus.IN_PROGRESS, "_label_", "Under way"):
            self.assertEqual((self.faults(of_one), self.faults(of_all)), ([], []))
        again = self.sign()
        self.assertNotEqual(again.digest, of_one.digest)

    def test_it_verifies_after_an_upgrade(self) -> None:
        """A column that came since has its default, and of one that is gone the log is left."""
        told = content.recorded

        def as_before(*args: Any, **options: Any) -> Any:
            found = told(*args, **options)
            for held in found.values():
                held.pop("locator", None)
                held.pop("contradictions_confirmed", None)
                held["former"] = "x"
            return found

        with (
            mock.patch.object(content, "recorded", as_before),
            mock.patch.object(signed_rows, "recorded", as_before),
        ):
            signed = self.sign()
            self.assertEqual(self.rows_of(signed)["statusupdate", self.update.pk]["former"], "x")
            self.assertEqual(self.faults(signed), [])
            self.tamper(self.recommendation, locator="p. 9")
            place = f"recommendation {self.recommendation.pk}, locator"
            self.assertEqual(self.faults(signed), [place])

    def test_one_change_by_sql_is_named(self) -> None:
        signed, key = self.sign(), self.recommendation.pk
        for row, values, place in (
            (self.recommendation, {"title": "Another"}, f"recommendation {key}, title"),
            (self.recommendation, {"locator": "p. 9"}, f"recommendation {key}, locator"),
            (self.recommendation, {"lead": None}, f"recommendation {key}, lead"),
            (
                self.update,
                {"implementation_status": "not_started"},
                f"statusupdate {self.update.pk}, implementation_status",
            ),
            (self.update, {"issue": "None."}, f"statusupdate {self.update.pk}, issue"),
            (self.item, {"publisher": "X"}, f"evidence {self.item.pk}, publisher"),
            (signed, {"record_hash": "0" * 64}, "record_hash"),
            (signed, {"digest": "0" * 64}, "digest"),
            (signed, {"signed_content": "{}"}, "signed_content"),
        ):
            with self.subTest(place):
                held = {name: getattr(row, name) for name in values}
                self.tamper(row, **values)
                self.assertIn(place, self.faults(signed))
                self.tamper(row, **held)
        self.assertEqual(self.faults(signed), [])

    def test_a_row_that_is_gone_is_named(self) -> None:
        action = Action.objects.create(recommendation=self.recommendation, title="Ask")
        with mock.patch.object(content, "recorded", return_value={str(action.pk): {}}):
            signed = self.sign()
        Action.objects.filter(pk=action.pk).delete()
        self.assertIn(f"action {action.pk}", self.faults(signed))

    def test_a_redaction_holds_and_the_sign_off_still_verifies(self) -> None:
        signed = self.sign()
        found = preview_digest(NAME, text_occurrences(NAME))
        redaction.redact(words=NAME, by=self.administrator, reason="Privacy.", expected=found)
        checked = check(SignOff.objects.get(pk=signed.pk))
        self.assertEqual((checked.fault_count, checked.redacted), (0, 1))
        self.tamper(self.update, what_happened="Something else.")
        self.assertEqual(self.faults(signed), [f"statusupdate {self.update.pk}, what_happened"])

    def test_verify_audit_tells_of_it(self) -> None:
        signed = self.sign()
        self.assertTrue(verification.verify().is_whole)
        self.tamper(self.recommendation, title="Another")
        faults = [f for f in verification.verify().faults if f.kind == FaultKind.SIGNED]
        self.assertEqual([fault.row for fault in faults], [str(signed.pk)])
        self.assertIn("Sign-off", str(faults[0]))
        self.assertIn("title", str(faults[0]))
        quick = verification.verify(is_quick=True)
        self.assertFalse([f for f in quick.faults if f.kind == FaultKind.SIGNED])


class CommandTests(SignOffTestCase):
    def run_command(self, *numbers: str) -> str:
        out = StringIO()
        call_command("verify_signoffs", *numbers, stdout=out)
        return out.getvalue()

    def test_it_tells_of_each_and_names_what_differs(self) -> None:
        self.assertIn("Nothing was signed off yet", self.run_command())
        signed = self.sign()
        self.assertIn(f"Sign-off {signed.pk}, REP-1 Do the thing", self.run_command())
        self.assertIn("rows are as signed", self.run_command(str(signed.pk)))
        with self.assertRaises(CommandError) as missing:
            self.run_command("999")
        self.assertEqual(missing.exception.returncode, 2)
        self.tamper(self.recommendation, title="Another")
        out = StringIO()
        with self.assertRaises(CommandError) as failure:
            call_command("verify_signoffs", stdout=out)
        self.assertEqual(failure.exception.returncode, 1)
        self.assertIn("title: now", out.getvalue())
