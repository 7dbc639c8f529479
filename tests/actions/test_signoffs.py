"""Sign-offs: what they sign, that later acts change nothing, and that one SQL change is named."""

import hashlib
import json
from io import StringIO
from typing import Any
from unittest import mock

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, models
from django.utils import timezone

from recommendations import guards
from recommendations.actions import signoffs
from recommendations.actions.base import ActionRefused
from recommendations.actions.oversight import verification
from recommendations.actions.updates import steering
from recommendations.audit.findings import FaultKind
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
from recommendations.queries import signoffs as content
from recommendations.queries.signoffs import check
from tests.actions.acts import ActTestCase, fresh
from tests.base import days_ago
from tests.baselines import record_baselines
from tests.depth import times

NAME = "Maria Müller"


class SignOffTestCase(ActTestCase):
    """REP-1 has a current update with evidence; REP-2 has none."""

    update: StatusUpdate
    item: Evidence

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        # The source and the people were written past the actions.
        record_baselines()
        cls.update = cls.make_submitted(cls.recommendation, what_happened=f"{NAME} met them.")
        cls.item = cls.attach(cls.update).evidence
        cls.approve(cls.update)
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
        return [fault.field for fault in check(fresh(signed)).faults]


class SigningTests(SignOffTestCase):
    def test_one_form_sent_twice_is_one_sign_off_and_anything_else_is_another(self) -> None:
        for about in (self.recommendation, self.source):
            first = self.sign(about, remark="All read.")
            self.assertEqual(self.sign(about, remark=" All read. "), first)
        said = {"as_of": days_ago(1), "by": self.other_manager, "remark": "All read."}
        others = [self.sign(), self.sign(remark="Some."), self.sign(by=self.other_manager)]
        others += [self.sign(as_of=days_ago(1)), self.sign(self.source, **said)]
        self.archive(self.second)
        others += [self.sign(self.source, **said)]
        self.assertEqual(len({first, *others}), 7)

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

    def test_a_decision_on_what_an_update_asks_for_is_signed_from_its_day_on(self) -> None:
        asking = self.make_approved(self.second, as_of=days_ago(9), asked_for="Money.")
        said = {"body": "Cabinet", "decided_on": days_ago(3), "decision": "Granted."}
        decision = steering.record_decision(update=asking, by=self.manager, values=said)
        key = "steeringdecision", decision.pk
        self.assertNotIn(key, self.rows_of(self.sign(self.second, as_of=days_ago(4))))
        signed = self.sign(self.second)
        self.assertIn(key, self.rows_of(signed))
        self.assertEqual(self.faults(signed), [])
        steering.withdraw_decision(decision=decision, by=self.manager, reason="Not so.")
        self.assertNotIn(key, self.rows_of(self.sign(self.second)))
        self.assertEqual(self.faults(signed), [])

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
        with mock.patch.object(signoffs, "MOST", 1):
            self.refused(ActionRefused, self.sign, self.source)
        empty = Source.objects.create(slug="empty", title="Empty", short_title="Empty")
        self.refused(ActionRefused, self.sign, empty)


class VerifyTests(SignOffTestCase):
    def test_later_acts_and_new_labels_change_nothing(self) -> None:
        of_one, of_all = self.sign(), self.sign(self.source)
        self.make_approved(self.recommendation, implementation_status="not_started")
        for number in range(times(3, 40)):
            self.revise(title=f"Title {number}", contributors=[self.agency][: number % 2])
        self.archive(self.second, note="Twice.")
        with mock.patch.object(ImplementationStatus.IN_PROGRESS, "_label_", "Under way"):
            self.assertEqual((self.faults(of_one), self.faults(of_all)), ([], []))
        self.assertNotEqual(self.sign().digest, of_one.digest)

    def test_it_verifies_after_an_upgrade(self) -> None:
        """A column that came since has its default, and of one that is gone the log is left."""
        recorded = content.recorded

        def as_before(*args: Any, **options: Any) -> Any:
            found = recorded(*args, **options)
            for held in found.values():
                held.pop("locator", None)
                held.pop("contradictions_confirmed", None)
                held["former"] = "x"
            return found

        with mock.patch.object(content, "recorded", as_before):
            signed = self.sign()
            self.assertEqual(self.rows_of(signed)["statusupdate", self.update.pk]["former"], "x")
            self.assertEqual(self.faults(signed), [])
            self.tamper(self.recommendation, locator="p. 9")
            place = f"recommendation {self.recommendation.pk}, locator"
            self.assertEqual(self.faults(signed), [place])

    def test_one_change_by_sql_and_a_row_that_is_gone_are_named(self) -> None:
        signed = self.sign()
        cases: tuple[tuple[models.Model, dict[str, Any]], ...] = (
            (self.recommendation, {"title": "Another"}),
            (self.recommendation, {"locator": "p. 9"}),
            (self.recommendation, {"lead": None}),
            (self.update, {"implementation_status": "not_started"}),
            (self.update, {"issue": "None."}),
            (self.item, {"publisher": "X"}),
            *((signed, {column: "0" * 64}) for column in ("record_hash", "digest")),
            (signed, {"signed_content": "{}"}),
        )
        for row, values in cases:
            [name] = values
            place = name if row == signed else f"{row._meta.model_name} {row.pk}, {name}"
            with self.subTest(place):
                held = {name: getattr(fresh(row), name)}
                self.tamper(row, **values)
                self.assertIn(place, self.faults(signed))
                self.tamper(row, **held)
        self.assertEqual(self.faults(signed), [])
        action = Action.objects.create(recommendation=self.recommendation, title="Ask")
        with mock.patch.object(content, "recorded", return_value={str(action.pk): {}}):
            signed = self.sign(remark="With an action.")
        Action.objects.filter(pk=action.pk).delete()
        self.assertIn(f"action {action.pk}", self.faults(signed))

    def test_a_redaction_holds_and_the_sign_off_still_verifies(self) -> None:
        signed = self.sign()
        self.redact(NAME)
        checked = check(fresh(signed))
        self.assertEqual((checked.fault_count, checked.redacted), (0, 1))
        self.tamper(self.update, what_happened="Something else.")
        self.assertEqual(self.faults(signed), [f"statusupdate {self.update.pk}, what_happened"])


class CommandTests(SignOffTestCase):
    def run_it(self, *numbers: str) -> tuple[str, int]:
        out = StringIO()
        try:
            call_command("verify_signoffs", *numbers, stdout=out)
        except CommandError as failure:
            return out.getvalue(), failure.returncode
        return out.getvalue(), 0

    def test_both_commands_tell_of_each_and_name_what_differs(self) -> None:
        self.assertIn("Nothing was signed off yet", self.run_it()[0])
        signed = self.sign()
        self.assertIn(f"Sign-off {signed.pk}, REP-1 Do the thing", self.run_it()[0])
        self.assertIn("rows are as signed", self.run_it(str(signed.pk))[0])
        self.assertEqual(self.run_it("999")[1], 2)
        self.assertTrue(verification.verify().is_whole)
        self.tamper(self.recommendation, title="Another")
        out, code = self.run_it()
        self.assertEqual(code, 1)
        self.assertIn("title: now", out)
        faults = [f for f in verification.verify().faults if f.kind == FaultKind.SIGNED]
        self.assertEqual([fault.row for fault in faults], [str(signed.pk)])
        for words in ("Sign-off", "title"):
            self.assertIn(words, str(faults[0]))
        quick = verification.verify(is_quick=True)
        self.assertFalse([f for f in quick.faults if f.kind == FaultKind.SIGNED])
