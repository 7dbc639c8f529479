"""A date change and the update of the same recommendation: shown and decided together."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from recommendations.actions import dates
from recommendations.choices import DateChangeState, UpdateState
from recommendations.models import AuditEvent, StatusUpdate, TargetDateChange
from tests.base import days_ago
from tests.views.pages import words_of
from tests.views.writing import Browser, WritingTestCase

OLD, NEW = days_ago(-30), days_ago(-90)


class TogetherTests(WritingTestCase):
    update: StatusUpdate
    change: TargetDateChange

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        about = cls.recommendation
        dates.set_first(recommendation=about, by=cls.manager, new_date=OLD, reason="Agreed.")
        cls.change = dates.request(
            recommendation=about, by=cls.staff, new_date=NEW, reason="Parts are late."
        )
        cls.update = cls.make_submitted(about)

    def decide(self, move: str, **data: Any) -> Any:
        given = {"date": self.change.pk, **data}
        return Browser(self.manager).decide(f"update-{move}", self.update.pk, **given)

    def states(self) -> tuple[str, str]:
        self.update.refresh_from_db()
        self.change.refresh_from_db()
        return self.update.state, self.change.state

    def assert_untouched(self) -> None:
        self.assertEqual(self.states(), (UpdateState.SUBMITTED, DateChangeState.REQUESTED))

    def test_one_page_shows_both_and_the_address_of_the_date_leads_there(self) -> None:
        window = Browser(self.manager)
        text = words_of(window.open("review-item", self.update.pk))
        for words in ("Parts are late.", "Decision on both", "Reject, keep"):
            self.assertIn(words, text)
        page = window.open("review-date", self.change.pk)
        self.assertRedirects(page, f"/review/{self.update.pk}/")

    def test_each_pair_of_decisions_is_recorded_in_one_act(self) -> None:
        for move, date, states in (
            ("approve", "approve", (UpdateState.APPROVED, DateChangeState.APPROVED)),
            ("approve", "reject", (UpdateState.APPROVED, DateChangeState.REJECTED)),
            ("return", "approve", (UpdateState.RETURNED, DateChangeState.APPROVED)),
            ("return", "reject", (UpdateState.RETURNED, DateChangeState.REJECTED)),
        ):
            with self.subTest(move=move, date=date):
                self.setUpAgain()
                before = AuditEvent.objects.count()
                self.assertEqual(self.decide(move, date_decision=date, note="So.").status_code, 302)
                self.assertEqual(self.states(), states)
                events = AuditEvent.objects.order_by("sequence")[before:]
                self.assertEqual(len({event.request_id for event in events}), 1)

    def setUpAgain(self) -> None:
        """One more recommendation, with both."""
        about = self.make_recommendation("Another")
        dates.set_first(recommendation=about, by=self.manager, new_date=OLD, reason="Agreed.")
        self.change = dates.request(
            recommendation=about, by=self.staff, new_date=NEW, reason="Parts are late."
        )
        self.update = self.make_submitted(about)

    def test_without_a_choice_on_the_date_neither_is_recorded(self) -> None:
        response = self.decide("approve")
        self.assertAnswers(response, 400, "Choose a decision on the revised target date.")
        self.assert_untouched()

    def test_rejecting_the_date_needs_a_note_and_neither_is_recorded_without(self) -> None:
        response = self.decide("approve", date_decision="reject")
        self.assertAnswers(response, 400, "Give the reason for rejecting the change.")
        self.assert_untouched()

    def test_a_date_decided_meanwhile_takes_the_update_back_too(self) -> None:
        window = Browser(self.manager)
        window.open("review-item", self.update.pk)
        dates.approve_date_change(date_change=self.change, by=self.other_manager)
        response = window.post(
            "update-approve", self.update.pk, date=self.change.pk, date_decision="approve"
        )
        self.assertEqual(response.status_code, 409)
        self.assertEqual(self.states(), (UpdateState.SUBMITTED, DateChangeState.APPROVED))

    def test_what_is_finished_gets_no_other_date(self) -> None:
        self.setUpAgain()
        values = {"implementation_status": "not_implemented", "closing_reason": "Dropped."}
        StatusUpdate.objects.filter(pk=self.update.pk).update(**values, confidence="not_rated")
        response = self.decide("approve", date_decision="approve")
        self.assertAnswers(response, 409, "The target date can no longer change.")
        self.assert_untouched()

    def test_a_date_of_another_recommendation_is_not_found(self) -> None:
        other = self.change
        self.setUpAgain()
        response = self.decide("approve", date=other.pk, date_decision="approve")
        self.assertEqual(response.status_code, 404)
        for wrong in ("", "x", 10**30, 999_999):
            self.assertEqual(self.decide("approve", date=wrong).status_code, 404, wrong)
        self.assert_untouched()

    def test_who_asked_for_the_date_decides_on_the_update_alone(self) -> None:
        about = self.make_recommendation("Another")
        dates.set_first(recommendation=about, by=self.manager, new_date=OLD, reason="Agreed.")
        dates.request(recommendation=about, by=self.manager, new_date=NEW, reason="Late.")
        update = self.make_submitted(about, at=timezone.now() + timedelta(seconds=1))
        page = Browser(self.manager).open("review-item", update.pk)
        self.assertNotContains(page, "Decision on both")
        self.assertContains(Browser(self.other_manager).open("review-item", update.pk), "on both")
