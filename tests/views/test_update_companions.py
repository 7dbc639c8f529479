"""Actions, values and a target date that the form of an update records with its submission."""

from datetime import date
from typing import Any

from recommendations.actions import dates, indicators, redaction, responses
from recommendations.actions.redaction import preview_digest
from recommendations.audit.redaction import text_occurrences
from recommendations.choices import ActionState, DateChangeState, UpdateState
from recommendations.models import (
    Action,
    Area,
    AuditEvent,
    AuditText,
    DraftEntries,
    Indicator,
    Observation,
    StatusUpdate,
    TargetDateChange,
)
from tests.base import days_ago
from tests.views.pages import counting
from tests.views.writing import Browser, WritingTestCase

REASON = "The roadmap came late."


class CompanionsTestCase(WritingTestCase):
    action: Action
    indicator: Indicator
    area: Area

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        about: dict[str, Any] = {"recommendation": cls.recommendation, "by": cls.manager}
        cls.action = cls.add_action("Agree on the roadmap")
        dates.set_first(**about, new_date=date(2031, 12, 31), reason="As agreed.")
        cls.area, cls.indicator = cls.make_area(), cls.make_indicator("JOIN")
        ends = {"recommendation": cls.recommendation, "indicator": cls.indicator}
        indicators.link_indicator(by=cls.manager, values={**ends, "relation": "outcome"})
        of = {"indicator": cls.indicator, "area": cls.area, "period": "2024"}
        indicators.observe(**of, by=cls.manager, values={"value": 12})
        step, value = f"with-action_{cls.action.pk}", f"with-value_{cls.indicator.pk}"
        cls.step, cls.value = step, value
        cls.fields: dict[str, Any] = {
            step: "on",
            f"{step}_on": days_ago(3).isoformat(),
            f"{step}_version": cls.action.version,
            value: "15",
            f"{value}_period": "2025",
            "with-new_date": "2032-06-30",
            "with-date_reason": REASON,
            "with-dates": "1",
        }

    @classmethod
    def add_action(cls, title: str) -> Action:
        values = {"title": title, "state": ActionState.NOT_STARTED}
        return responses.add_action(
            recommendation=cls.recommendation, by=cls.manager, values=values
        )

    def submit(self, **changed: Any) -> Any:
        return self.sent("submit", **{**self.fields, **changed})

    def change_action(self, **values: Any) -> None:
        responses.change_action(
            action=self.action,
            by=self.manager,
            expected_version=self.action.version,
            values=values,
        )

    def assertNothingDone(self) -> None:
        self.assertEqual(Action.objects.get().done_on, None)
        self.assertEqual(Observation.objects.count(), 1)
        self.assertEqual(TargetDateChange.objects.count(), 1)


class SubmissionTests(CompanionsTestCase):
    def test_what_is_open_is_offered_and_recorded_with_the_submission(self) -> None:
        offered = (
            "Agree on the roadmap",
            "Latest value: 12 (All areas, 2024)",
            "Current target date: 31 December 2031.",
        )
        self.assertAnswers(Browser(self.staff).open("update-new", "REP-1"), 200, *offered)
        other = {"with-action_999": "on", "with-value_x": "1", "with-action_٣": "on"}
        self.assertEqual(self.submit(**other).status_code, 302)
        self.assertEqual(self.latest().state, UpdateState.SUBMITTED)
        step = Action.objects.get()
        self.assertEqual((step.state, step.done_on), ("done", days_ago(3)))
        value = Observation.objects.get(period="2025")
        self.assertEqual((value.value, value.area, value.recorded_by), (15, self.area, self.staff))
        asked = TargetDateChange.objects.get(number=1)
        self.assertEqual((asked.new_date, asked.requested_by), (date(2032, 6, 30), self.staff))
        self.assertEqual(asked.state, DateChangeState.REQUESTED)

    def test_what_was_not_given_and_a_draft_record_none_of_it(self) -> None:
        self.sent("save", **self.fields)
        self.assertNothingDone()
        left = {name: v for name, v in self.fields.items() if name.endswith(("_on", "_version"))}
        self.sent("submit", by=self.manager, **left)
        self.assertEqual(self.latest().state, UpdateState.SUBMITTED)
        self.assertNothingDone()

    def test_a_form_for_one_addressee_offers_none(self) -> None:
        addressee = self.recommendation.addressees.create(organisation=self.agency)
        page = Browser(self.staff).open("update-new", "REP-1", query=f"?addressee={addressee.pk}")
        self.assertNotContains(page, "Agree on the roadmap")

    def test_queries_do_not_grow_with_actions(self) -> None:
        window, asked = self.at(), []
        for titles in ((), "abcdef"):
            for title in titles:
                self.add_action(title)
            with counting() as captured:
                window.open("update-new", "REP-1")
            asked.append(len(captured))
        self.assertEqual(asked[0], asked[1])


class RefusalTests(CompanionsTestCase):
    def test_what_is_wrong_submits_nothing_and_keeps_the_words(self) -> None:
        """What changed meanwhile leaves no draft either; what was forgotten is kept in one."""
        later = {f"{self.step}_on": days_ago(-2).isoformat()}
        for status, words, changed in (
            (409, "The target date changed", {"with-dates": "0"}),
            (409, "This record was changed", {f"{self.value}_period": "2024"}),
            (400, "Correct the errors below", later),
            (400, "Enter the reason.", {"with-date_reason": ""}),
            (400, "Enter the new date.", {"with-new_date": ""}),
            (400, "Enter the period of the value.", {f"{self.value}_period": ""}),
            (400, "Enter the value.", {self.value: ""}),
            (400, "Enter the completion date.", {f"{self.step}_on": ""}),
        ):
            with self.subTest(words):
                StatusUpdate.objects.update(state=UpdateState.WITHDRAWN)
                before, events = StatusUpdate.objects.count(), AuditEvent.objects.count()
                answer = self.submit(**changed)
                self.assertAnswers(answer, status, words, "A meeting took place.")
                if "" in changed.values():
                    self.assertEqual(self.latest().state, UpdateState.DRAFT)
                else:
                    self.assertNothingWritten(events)
                    self.assertEqual(StatusUpdate.objects.count(), before)
                self.assertNothingDone()

    def test_an_action_that_another_person_changed_or_closed(self) -> None:
        self.change_action(title="Agree on the plan")
        self.assertAnswers(self.submit(), 409, "This record was changed", "Agree on the plan")
        self.action.refresh_from_db()
        self.change_action(state=ActionState.DONE, done_on=days_ago(5))
        self.assertAnswers(self.submit(), 400, "This action is no longer open.")
        self.assertEqual(Action.objects.get().done_on, days_ago(5))


class DraftTests(CompanionsTestCase):
    """What is typed beside an update stays with its draft, and nowhere else."""

    def draft(self, **changed: Any) -> Browser:
        window = self.at()
        fields = {**self.WORDS, **self.fields, "with-number": "0", **changed}
        window.send("update-new-autosave", "REP-1", **fields)
        return window

    def test_it_is_there_again_and_told_nowhere_else(self) -> None:
        self.draft().client.logout()
        page = Browser(self.staff).open("update-detail", self.latest().pk)
        form = page.context["companions_form"]
        self.assertTrue(form[f"action_{self.action.pk}"].value())
        self.assertEqual(form[f"value_{self.indicator.pk}"].value(), "15")
        self.assertEqual(form["date_reason"].value(), REASON)
        self.assertNothingDone()
        self.assertFalse(AuditText.objects.filter(text__contains=REASON).exists())

    def test_a_tick_alone_begins_a_draft(self) -> None:
        window = self.at()
        window.send("update-new-autosave", "REP-1", **{self.step: "on", "with-number": "0"})
        self.assertEqual(DraftEntries.objects.get().content, {f"action_{self.action.pk}": "on"})

    def test_it_goes_once_it_is_submitted_withdrawn_or_redacted(self) -> None:
        for verb in ("update-submit", "update-withdraw", "redact"):
            with self.subTest(verb):
                window = self.draft()
                update = self.latest()
                if verb == "redact":
                    self.redact("A meeting took place.")
                else:
                    page = window.open("update-detail", update.pk)
                    left = {"with-number": page.context["entries_number"]}
                    window.send(verb, update.pk, **left)
                    self.assertNotEqual(self.latest().state, UpdateState.DRAFT)
                self.assertFalse(DraftEntries.objects.exists())

    def redact(self, words: str) -> None:
        found = preview_digest(words, text_occurrences(words))
        redaction.redact(words=words, by=self.administrator, reason="Private.", expected=found)

    def test_two_windows_are_told_of_each_other(self) -> None:
        first = self.draft()
        update = self.latest()
        second = self.at("update-detail", update.pk)
        typed = {**self.fields, "with-number": "1"}
        second.send("update-save", update.pk, **typed | {"with-date_reason": "Another reason."})
        third = typed | {"with-date_reason": "A third reason."}
        page = first.send("update-save", update.pk, **third)
        self.assertAnswers(page, 409, "Another reason.", "A third reason.")
        self.assertEqual(DraftEntries.objects.get().content["date_reason"], "Another reason.")

    def test_what_cannot_be_read_is_not_kept(self) -> None:
        self.draft(**{"with-date_reason": "a\x00b", "with-number": "x"})
        self.assertNotIn("date_reason", DraftEntries.objects.get().content)
