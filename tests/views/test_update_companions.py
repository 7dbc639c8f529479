"""Actions, values and a target date that the form of an update records with its submission."""

from datetime import date
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.actions import dates, indicators, redaction, responses
from recommendations.audit.text_search import preview_digest, text_occurrences
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
from tests.views.writing import Browser, WritingTestCase


class CompanionsTestCase(WritingTestCase):
    action: Action
    indicator: Indicator
    area: Area

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.action = responses.add_action(
            recommendation=cls.recommendation,
            by=cls.manager,
            values={"title": "Agree on the roadmap", "state": ActionState.NOT_STARTED},
        )
        dates.set_first(
            recommendation=cls.recommendation,
            by=cls.manager,
            new_date=date(2031, 12, 31),
            reason="As agreed.",
        )
        cls.recommendation.refresh_from_db()
        cls.area = cls.make_area()
        cls.indicator = cls.make_indicator("JOIN")
        indicators.link_indicator(
            by=cls.manager,
            values={
                "recommendation": cls.recommendation,
                "indicator": cls.indicator,
                "relation": "outcome",
            },
        )
        indicators.observe(
            indicator=cls.indicator,
            area=cls.area,
            period="2024",
            by=cls.manager,
            values={"value": 12},
        )

    def fields(self) -> dict[str, Any]:
        """All that can be recorded beside an update, as the form sends it."""
        return {
            f"with-action_{self.action.pk}": "on",
            f"with-action_{self.action.pk}_on": days_ago(3).isoformat(),
            f"with-action_{self.action.pk}_version": self.action.version,
            f"with-value_{self.indicator.pk}": "15",
            f"with-value_{self.indicator.pk}_period": "2025",
            "with-new_date": "2032-06-30",
            "with-date_reason": "The roadmap came late.",
            "with-dates": "1",
        }

    def submit(self, **changed: Any) -> Any:
        self.window = Browser(self.staff)
        self.window.open("update-new", "REP-1")
        sent = {**self.fields(), **changed}
        return self.window.send("update-new", "REP-1", move="submit", **self.WORDS, **sent)

    def assertNothingDone(self, events: int) -> None:
        self.assertNothingWritten(events)
        self.action.refresh_from_db()
        self.assertEqual(self.action.state, ActionState.NOT_STARTED)
        self.assertFalse(StatusUpdate.objects.exists())
        self.assertEqual(Observation.objects.count(), 1)
        self.assertEqual(TargetDateChange.objects.count(), 1)


class SubmissionTests(CompanionsTestCase):
    def test_the_form_offers_what_is_open(self) -> None:
        page = Browser(self.staff).open("update-new", "REP-1")
        self.assertAnswers(
            page,
            200,
            "Agree on the roadmap",
            "Latest value: 12 (All areas, 2024)",
            "Current target date: 31 December 2031.",
        )

    def test_all_is_recorded_with_the_submission(self) -> None:
        self.assertEqual(self.submit().status_code, 302)
        self.assertEqual(self.latest().state, UpdateState.SUBMITTED)
        self.action.refresh_from_db()
        self.assertEqual((self.action.state, self.action.done_on), ("done", days_ago(3)))
        value = Observation.objects.get(period="2025")
        self.assertEqual((value.value, value.area, value.recorded_by), (15, self.area, self.staff))
        asked = TargetDateChange.objects.get(number=1)
        self.assertEqual(
            (asked.new_date, asked.state, asked.requested_by),
            (date(2032, 6, 30), DateChangeState.REQUESTED, self.staff),
        )

    def test_what_was_not_given_is_not_recorded(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        left = {name: v for name, v in self.fields().items() if name.endswith(("_on", "_version"))}
        window.send("update-new", "REP-1", move="submit", **self.WORDS, **left)
        self.assertEqual(self.latest().state, UpdateState.SUBMITTED)
        self.action.refresh_from_db()
        self.assertEqual(self.action.state, ActionState.NOT_STARTED)

    def test_a_draft_records_none_of_it(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        window.send("update-new", "REP-1", move="save", **self.WORDS, **self.fields())
        self.assertEqual(self.latest().state, UpdateState.DRAFT)
        self.assertEqual(TargetDateChange.objects.count(), 1)

    def test_a_form_for_one_addressee_offers_none(self) -> None:
        addressee = self.recommendation.addressees.create(organisation=self.agency)
        page = Browser(self.staff).open("update-new", "REP-1", query=f"?addressee={addressee.pk}")
        self.assertNotContains(page, "Agree on the roadmap")

    def test_queries_do_not_grow_with_actions_and_indicators(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        with CaptureQueriesContext(connection) as few:
            window.open("update-new", "REP-1")
        for number in range(6):
            responses.add_action(
                recommendation=self.recommendation,
                by=self.manager,
                values={"title": f"Step {number}", "state": ActionState.NOT_STARTED},
            )
        window.open("update-new", "REP-1")
        with CaptureQueriesContext(connection) as many:
            window.open("update-new", "REP-1")
        self.assertEqual(len(many), len(few))


class RefusalTests(CompanionsTestCase):
    def assertRefused(self, status: int, *words: str, **changed: Any) -> None:
        events = AuditEvent.objects.count()
        response = self.submit(**changed)
        self.assertAnswers(response, status, *words, "A meeting took place.")
        self.assertNothingDone(events)

    def test_an_action_that_somebody_changed(self) -> None:
        responses.change_action(
            action=self.action,
            by=self.manager,
            expected_version=self.action.version,
            values={"title": "Agree on the plan"},
        )
        self.assertRefused(409, "This record was changed", "Agree on the plan")

    def test_a_date_that_changed_meanwhile(self) -> None:
        self.assertRefused(409, "The target date changed", **{"with-dates": "0"})

    def test_a_period_that_has_a_value(self) -> None:
        period = {f"with-value_{self.indicator.pk}_period": "2024"}
        self.assertRefused(409, "This record was changed", **period)

    def test_a_day_to_come(self) -> None:
        day = {f"with-action_{self.action.pk}_on": days_ago(-2).isoformat()}
        self.assertRefused(400, "Correct the errors below", **day)


class InputTests(CompanionsTestCase):
    def test_what_is_wrong_keeps_the_words_and_submits_nothing(self) -> None:
        wrong: dict[str, dict[str, Any]] = {
            "Enter the reason.": {"with-date_reason": ""},
            "Enter the new date.": {"with-new_date": ""},
            "Enter the period of the value.": {f"with-value_{self.indicator.pk}_period": ""},
            "Enter the value.": {f"with-value_{self.indicator.pk}": ""},
            "Enter the completion date.": {f"with-action_{self.action.pk}_on": ""},
        }
        for words, changed in wrong.items():
            with self.subTest(words):
                StatusUpdate.objects.update(state=UpdateState.WITHDRAWN)
                self.assertAnswers(self.submit(**changed), 400, words)
                self.assertEqual(self.latest().state, UpdateState.DRAFT)

    def test_numbers_of_other_rows_are_ignored(self) -> None:
        other = {"with-action_999": "on", "with-value_x": "1", "with-action_٣": "on"}
        self.assertEqual(self.submit(**other).status_code, 302)

    def test_an_action_that_is_closed_already(self) -> None:
        responses.change_action(
            action=self.action,
            by=self.manager,
            expected_version=self.action.version,
            values={"state": ActionState.DONE, "done_on": days_ago(5)},
        )
        self.assertAnswers(self.submit(), 400, "This action is no longer open.")
        self.action.refresh_from_db()
        self.assertEqual(self.action.done_on, days_ago(5))


class DraftTests(CompanionsTestCase):
    """What is typed beside an update stays with its draft, and nowhere else."""

    def draft(self, window: Browser, name: str = "update-new-autosave", **changed: Any) -> Any:
        window.open("update-new", "REP-1")
        sent = {**self.fields(), "with-number": "0", **changed}
        return window.send(name, "REP-1", **self.WORDS, **sent)

    def assertShown(self, page: Any) -> None:
        form = page.context["companions_form"]
        self.assertTrue(form[f"action_{self.action.pk}"].value())
        self.assertEqual(form[f"value_{self.indicator.pk}"].value(), "15")
        self.assertEqual(form["date_reason"].value(), "The roadmap came late.")

    def test_it_is_there_again_also_after_signing_out(self) -> None:
        window = Browser(self.staff)
        self.draft(window)
        window.client.logout()
        self.assertShown(Browser(self.staff).open("update-detail", self.latest().pk))

    def test_a_tick_alone_begins_a_draft(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        ticked = {f"with-action_{self.action.pk}": "on", "with-number": "0"}
        window.send("update-new-autosave", "REP-1", **ticked)
        self.assertEqual(DraftEntries.objects.get().content, {f"action_{self.action.pk}": "on"})

    def test_nothing_of_it_is_recorded_or_told_in_the_log(self) -> None:
        self.draft(Browser(self.staff))
        self.assertEqual(TargetDateChange.objects.count(), 1)
        texts = AuditText.objects.filter(text__contains="The roadmap came late.")
        self.assertFalse(texts.exists())

    def test_it_goes_once_it_is_submitted_or_withdrawn(self) -> None:
        for verb in ("update-submit", "update-withdraw"):
            with self.subTest(verb):
                window = Browser(self.staff)
                self.draft(window)
                update = self.latest()
                page = window.open("update-detail", update.pk)
                left = {"with-number": page.context["entries_number"]}
                window.send(verb, update.pk, **left)
                self.assertNotEqual(self.latest().state, UpdateState.DRAFT)
                self.assertFalse(DraftEntries.objects.exists())

    def test_two_windows_are_told_of_each_other(self) -> None:
        first, second = Browser(self.staff), Browser(self.staff)
        self.draft(first)
        update = self.latest()
        second.open("update-detail", update.pk)
        later = {**self.fields(), "with-number": "1", "with-date_reason": "Another reason."}
        second.send("update-save", update.pk, **later)
        third = {**self.fields(), "with-number": "1", "with-date_reason": "A third reason."}
        page = first.send("update-save", update.pk, **third)
        self.assertAnswers(page, 409, "Another reason.", "A third reason.")
        self.assertEqual(DraftEntries.objects.get().content["date_reason"], "Another reason.")

    def test_what_cannot_be_read_is_not_kept(self) -> None:
        self.draft(Browser(self.staff), **{"with-date_reason": "a\x00b", "with-number": "x"})
        self.assertNotIn("date_reason", DraftEntries.objects.get().content)

    def test_taking_words_out_takes_it_out_as_well(self) -> None:
        self.draft(Browser(self.staff))
        words = "A meeting took place."
        found = preview_digest(words, text_occurrences(words))
        redaction.redact(words=words, by=self.administrator, reason="Private.", expected=found)
        self.assertFalse(DraftEntries.objects.exists())
