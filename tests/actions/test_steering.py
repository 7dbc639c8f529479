"""Decisions on what updates ask for: who records them, on what and when, what they answer."""

from typing import Any

from django.test import override_settings

from recommendations.actions.base import ActionRefused, NotAllowed
from recommendations.actions.updates import steering
from recommendations.models import (
    AuditEvent,
    RecommendationState,
    StatusUpdate,
    SteeringDecision,
)
from recommendations.state.refresh import drift
from tests.actions.acts import ActTestCase, fresh, told
from tests.base import days_ago

RED: dict[str, Any] = {
    "implementation_status": "in_progress",
    "confidence": "red",
    "what_happened": "The work stopped.",
    "asked_for": "Money.",
}
RULING: dict[str, Any] = {"body": "Cabinet", "decided_on": days_ago(3), "decision": "Granted."}


class SteeringTestCase(ActTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.asking = cls.report(as_of=days_ago(9))

    @classmethod
    def report(cls, **values: Any) -> StatusUpdate:
        return cls.approve(cls.submit(cls.draft(**{**RED, **values})))

    def rule(self, update: Any = None, by: Any = None, **values: Any) -> SteeringDecision:
        return steering.record_decision(
            update=update or self.asking, by=by or self.manager, values={**RULING, **values}
        )

    def take_back(self, decision: Any, by: Any = None, reason: str = "Not so.") -> Any:
        return steering.withdraw_decision(decision=decision, by=by or self.manager, reason=reason)

    def assert_asks(self, asks: bool, decision: SteeringDecision | None = None) -> None:
        state = RecommendationState.objects.get(pk=self.recommendation.pk)
        self.assertEqual((state.asks_decision, state.decision), (asks, decision))
        self.assertEqual(list(drift([state.pk])), [])


class RecordingTests(SteeringTestCase):
    def test_by_managers_alone_and_on_record(self) -> None:
        self.only({"manager"}, self.rule)
        self.assert_asks(True)
        decision = self.rule(note="Not all agreed.", is_published=True)
        self.assert_asks(False, decision)
        self.assertEqual((decision.recorded_by, decision.is_published), (self.manager, True))
        [event] = self.events()
        self.assertEqual(
            (event.verb, event.recommendation), ("record_decision", self.recommendation)
        )
        self.assertIn("note", told(event))

    def test_it_says_who_decided_what_on_which_day(self) -> None:
        for field, *wrong in (
            ("body", "", "a\nb", "a\u202eb"),
            ("decision", "", "a\x00b", "x" * 200_000),
            ("decided_on", None, days_ago(-1), days_ago(10)),
        ):
            for value in wrong:
                self.refused(field, self.rule, **{field: value})
        for day in (days_ago(9), days_ago(0)):
            with self.subTest(day):
                self.take_back(self.rule(decided_on=day))

    def test_on_what_the_update_in_force_asks_and_once(self) -> None:
        waiting = self.submit(self.draft(**RED))
        silent = self.make_approved(self.make_recommendation("Silent"))
        for update in (waiting, silent):
            self.refused(ActionRefused, self.rule, update)
        self.rule()
        self.refused(ActionRefused, self.rule, words="already recorded: Cabinet")
        self.approve(waiting)
        self.refused(ActionRefused, self.rule, words="not current")


class WithdrawalTests(SteeringTestCase):
    def test_it_is_withdrawn_once_with_a_reason_and_the_update_asks_again(self) -> None:
        decision = self.rule()
        self.only({"manager"}, lambda by: self.take_back(decision, by))
        self.refused("reason", self.take_back, decision, reason=" ")
        self.take_back(decision)
        self.assert_asks(True)
        self.assertEqual(
            self.held(decision, "removed_by", "removal_reason"), (self.manager, "Not so.")
        )
        self.refused(ActionRefused, self.take_back, decision, words="already withdrawn")
        self.assert_asks(True)
        again = self.rule(body="Parliament")
        self.assert_asks(False, again)
        self.archive()
        self.refused(NotAllowed, self.take_back, again)


class AnswerTests(SteeringTestCase):
    """Which request a decision answers: that of its update, also where it is said again."""

    def test_a_confirmation_and_a_correction_in_the_same_words_ask_nothing_new(self) -> None:
        decision = self.rule()
        self.approve(self.confirm())
        self.assert_asks(False, decision)
        current = fresh(self.recommendation).current_update
        self.approve(self.submit(self.correct(current, what_happened="Work stopped.")))
        self.assert_asks(False, decision)
        self.refused(ActionRefused, self.rule, fresh(self.recommendation).current_update)

    def test_a_correction_of_the_request_and_another_update_ask_anew(self) -> None:
        decision = self.rule()
        self.approve(self.submit(self.correct(self.asking, asked_for="Time.")))
        self.assert_asks(True)
        newer = self.report(as_of=days_ago(2))
        self.assert_asks(True)
        other = self.rule(newer, decided_on=days_ago(1))
        self.assert_asks(False, other)
        self.approve(self.retract(newer))
        self.assert_asks(True)
        self.assertIsNone(fresh(decision).removed_at)

    def test_what_is_finished_asks_nothing(self) -> None:
        self.rule()
        self.report(
            implementation_status="not_implemented", confidence="not_rated", closing_reason="No."
        )
        self.assert_asks(False)


@override_settings(PUBLIC_PAGES=True)
class ShownTests(SteeringTestCase):
    """On the pages of the recommendation and of the update, and in the list of Home."""

    def read(self, path: str, person: Any = None) -> str:
        if person is not None:
            self.client.force_login(person)
        else:
            self.client.logout()
        return self.client.get(path).content.decode()

    def test_status_and_history_tell_it_and_the_public_reads_it_by_choice_alone(self) -> None:
        self.publish()
        page, private = "/recommendations/REP-1/", self.rule(note="Between us.")
        for person, seen in (
            (self.manager, ("Decided by Cabinet on", "Between us.")),
            (self.viewer, ("Decided by Cabinet on",)),
            (None, ()),
        ):
            text = self.read(page, person)
            for words in ("Decided by Cabinet on", "Between us.", "Granted."):
                shown = words in seen or (words == "Granted." and bool(seen))
                self.assertEqual(words in text, shown, (person, words))
        for person in (self.manager, self.viewer):
            self.assertIn("Decision recorded: Cabinet", self.read(f"{page}history/", person))
        self.take_back(private)
        self.assertNotIn("Cabinet", self.read(page, self.manager))
        self.assertIn("Not so.", self.read(self.asking.get_absolute_url(), self.viewer))
        self.rule(body="Parliament", is_published=True, note="Between us.")
        text = self.read(page)
        self.assertIn("Decided by Parliament on", text)
        self.assertNotIn("Between us.", text)

    def test_a_citation_tells_what_was_decided_by_then_and_stands(self) -> None:
        self.publish()
        public = self.rule(note="Between us.", is_published=True)
        last = AuditEvent.objects.latest("sequence")
        page = f"/recommendations/REP-1/cited/{days_ago(0)}/{last.sequence}-{last.hash[:12]}/"
        for person, is_noted in ((self.manager, True), (None, False)):
            text = self.read(page, person)
            self.assertIn("Decided by Cabinet on", text)
            self.assertEqual("Between us." in text, is_noted, person)
        self.take_back(public)
        self.assertNotIn("Cabinet", self.read(page))
        self.assertIn("Cabinet", self.read(page, self.viewer))

    def test_the_form_records_it_and_keeps_what_was_typed(self) -> None:
        path = f"{self.asking.get_absolute_url()}decision/"
        self.assertIn("Money.", self.read(path, self.manager))
        sent = {**RULING, "body": "", "decided_on": days_ago(3).isoformat()}
        answer = self.client.post(path, sent)
        self.assertContains(answer, "Enter the body that decided.", status_code=400)
        self.assertContains(answer, "Granted.", status_code=400)
        answer = self.client.post(path, {**sent, "body": "Cabinet"}, follow=True)
        self.assertContains(answer, "REP-1: decision recorded.")
        answer = self.client.post(path, {**sent, "body": "Cabinet"})
        self.assertContains(answer, "already recorded", status_code=409)
        self.assertRedirects(self.client.get(path), self.asking.get_absolute_url())
        withdraw = f"{path}{SteeringDecision.objects.get().pk}/withdraw/"
        answer = self.client.post(withdraw, {"reason": ""})
        self.assertContains(answer, "Enter the reason.", status_code=400)
        answer = self.client.post(withdraw, {"reason": "Not so."}, follow=True)
        self.assertContains(answer, "Decision withdrawn.")
