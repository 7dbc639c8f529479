"""The review queue: what others wrote, what changed, what it rests on, and the decision."""

from datetime import timedelta
from typing import Any
from unittest import mock

from django.urls import reverse
from django.utils import timezone

from recommendations.actions import people
from recommendations.actions.updates import decisions, drafts
from recommendations.choices import UpdateState
from recommendations.models import Recommendation, StatusUpdate, User
from recommendations.queries.updates import review_queue
from recommendations.views.updates import review
from tests.base import days_ago, link_evidence
from tests.updates import submit
from tests.views.writing import Browser, WritingTestCase


class QueueTests(WritingTestCase):
    def queue(self, person: User) -> list[int]:
        page = Browser(person).open("review")
        self.assertEqual(page.status_code, 200)
        return [row.pk for row in page.context["queue"]]

    def test_managers_only(self) -> None:
        update = self.make_submitted(self.recommendation)
        for person, status in (
            (self.manager, 200),
            (self.staff, 403),
            (self.viewer, 403),
            (self.auditor, 403),
            (self.administrator, 403),
            (self.stranger, 403),
            (None, 302),
        ):
            self.assertEqual(Browser(person).open("review").status_code, status, person)
            self.assertEqual(Browser(person).open("review-item", update.pk).status_code, status)

    def test_get_only(self) -> None:
        self.assertEqual(Browser(self.manager).post("review").status_code, 405)
        self.assertEqual(Browser(self.manager).post("review-item", 1).status_code, 405)

    def test_missing_ids(self) -> None:
        for pk in (999_999, 10**9, 10**30):
            self.assertEqual(Browser(self.manager).client.get(f"/review/{pk}/").status_code, 404)

    def test_never_what_one_wrote_oneself(self) -> None:
        mine = self.make_submitted(self.recommendation, by=self.manager)
        self.assertEqual(self.queue(self.manager), [])
        self.assertEqual(self.queue(self.other_manager), [mine.pk])

    def test_never_what_one_wrote_a_version_of(self) -> None:
        draft = self.drafted(by=self.manager)
        drafts.hand_over(
            update=draft, to=self.other_manager, by=self.manager, expected_version=draft.version
        )
        draft.refresh_from_db()
        submit(update=draft, by=self.other_manager, expected_version=draft.version)
        self.assertEqual(self.queue(self.manager), [])

    def test_says_who_reviews_what_one_wrote(self) -> None:
        Recommendation.objects.filter(pk=self.recommendation.pk).update(reviewer=self.other_manager)
        self.make_submitted(self.recommendation, by=self.manager)
        page = Browser(self.manager).open("review")
        self.assertAnswers(page, 200, "Your submissions awaiting review", "Reviewer: Other Manager")

    def test_named_reviewer_comes_first_then_the_oldest(self) -> None:
        now = timezone.now()
        old = self.make_submitted(self.recommendation, at=now - timedelta(days=9))
        named = self.make_recommendation("Named", reviewer=self.manager)
        newer = self.make_submitted(self.make_recommendation("Newer"))
        mine = self.make_submitted(named)
        self.assertEqual(self.queue(self.manager), [mine.pk, old.pk, newer.pk])
        self.assertEqual(self.queue(self.other_manager), [old.pk, newer.pk, mine.pk])

    def test_a_page_that_is_kept_does_not_read_the_queue_again(self) -> None:
        self.make_submitted(self.recommendation)
        manager = Browser(self.manager)
        self.assertAnswers(manager.open("review"), 200, self.recommendation.title)
        with (
            mock.patch.object(review_queue, "queue_of", side_effect=AssertionError),
            mock.patch.object(review, "queue_of", side_effect=AssertionError),
        ):
            self.assertAnswers(manager.open("review"), 200, self.recommendation.title)
        mine = self.make_submitted(self.make_recommendation("Named", reviewer=self.manager))
        self.assertEqual(self.queue(self.manager)[0], mine.pk)

    def test_empty(self) -> None:
        page = Browser(self.manager).open("review")
        self.assertAnswers(page, 200, "No items await your decision")

    def test_own_update_by_its_address(self) -> None:
        mine = self.make_submitted(self.recommendation, by=self.manager)
        page = Browser(self.manager).open("review-item", mine.pk)
        self.assertAnswers(
            page, 200, "You cannot decide on your own updates. Another manager decides."
        )
        self.assertNotContains(page, reverse("update-approve", args=[mine.pk]))


class ItemTests(WritingTestCase):
    def open(self, update: StatusUpdate) -> Any:
        return Browser(self.manager).open("review-item", update.pk)

    def test_first_report(self) -> None:
        page = self.open(self.make_submitted(self.recommendation))
        self.assertAnswers(page, 200, "No report yet", "changes to", "In progress", "first report")

    def test_what_changed_field_by_field(self) -> None:
        self.make_approved(self.recommendation, what_happened="The permit is late.", issue="Late.")
        update = self.make_submitted(
            self.recommendation,
            what_happened="The permit is here.",
            implementation_status="partly_implemented",
        )
        page = self.open(update)
        self.assertAnswers(
            page,
            200,
            "Partially implemented",
            "was “In progress”",
            "<del>",
            "late",
            "<ins>",
            "here",
        )

    def test_what_approval_needs(self) -> None:
        update = self.make_submitted(self.recommendation, implementation_status="implemented")
        page = self.open(update)
        self.assertAnswers(
            page,
            200,
            "Required before approval:",
            "verified supporting evidence that has not expired",
        )
        response = Browser(self.manager).decide("update-approve", update.pk, note="A typed note.")
        self.assertAnswers(
            response,
            409,
            "Not decided:",
            "verified supporting evidence that has not expired",
            "A typed note.",
        )
        update.refresh_from_db()
        self.assertEqual(update.state, UpdateState.SUBMITTED)

    def test_late_one_becomes_history(self) -> None:
        self.make_approved(self.recommendation, as_of=days_ago(5))
        page = self.open(self.make_submitted(self.recommendation, as_of=days_ago(50)))
        self.assertContains(page, "This update will become part of the history.")

    def test_contradiction(self) -> None:
        update = self.make_submitted(self.recommendation)
        link_evidence(
            to=update, by=self.manager, stance="undermines", evidence=self.make_evidence()
        )
        self.assertAnswers(self.open(update), 200, "Contradicted.", "1 unanswered item contradicts")

    def test_checking_keeps_the_note_that_was_typed(self) -> None:
        update = self.make_submitted(self.recommendation)
        item = self.make_evidence("A paper")
        link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
        window = Browser(self.manager)
        self.assertContains(window.open("review-item", update.pk), "Mark as verified")
        response = window.post(
            "evidence-check",
            item.pk,
            note="Half a note",
            update=update.pk,
            next=reverse("review-item", args=[update.pk]),
        )
        self.assertRedirects(response, reverse("review-item", args=[update.pk]))
        page = window.open("review-item", update.pk)
        self.assertAnswers(page, 200, "Half a note", "Verified by Manager")
        window.post("update-return", update.pk, note="A whole note")
        update.refresh_from_db()
        update = submit(update=update, by=self.staff, expected_version=update.version)
        self.assertNotContains(window.open("review-item", update.pk), "Half a note")

    def test_implemented_from_the_queue_alone(self) -> None:
        """Checking and approving need no other page."""
        update = self.make_submitted(
            self.recommendation, implementation_status="implemented", completed_on=days_ago(1)
        )
        item = self.make_evidence("A certificate")
        link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
        window = Browser(self.manager)
        page = reverse("review-item", args=[update.pk])
        window.open("review-item", update.pk)
        self.assertRedirects(window.post("evidence-check", item.pk, next=page), page)
        window.decide("update-approve", update.pk)
        update.refresh_from_db()
        self.assertEqual(update.state, UpdateState.APPROVED)


class DecisionTests(WritingTestCase):
    def setUp(self) -> None:
        self.update = self.make_submitted(self.recommendation)
        self.window = Browser(self.manager)

    def decide(self, move: str, update: StatusUpdate | None = None, **data: Any) -> Any:
        update = update or self.update
        return self.window.decide(f"update-{move}", update.pk, **data)

    def test_approve_the_last(self) -> None:
        self.assertRedirects(self.decide("approve", note="Well done."), reverse("review"))
        self.update.refresh_from_db()
        self.assertEqual(self.update.decided_by, self.manager)
        self.assertEqual(self.update.decision_note, "Well done.")

    def test_approve_and_go_on(self) -> None:
        following = self.make_submitted(self.make_recommendation("Another"))
        self.assertContains(self.window.open("review-item", self.update.pk), "Approve and continue")
        self.assertRedirects(self.decide("approve"), reverse("review-item", args=[following.pk]))

    def test_go_on_to_what_the_page_named_and_to_no_other_site(self) -> None:
        first, second = (
            self.make_submitted(self.make_recommendation(title)) for title in ("One", "Two")
        )
        [to, other] = (reverse("review-item", args=[row.pk]) for row in (first, second))
        page = self.window.open("review-item", self.update.pk)
        self.assertContains(page, f'<input type="hidden" name="after" value="{to}">')
        self.assertRedirects(self.decide("approve", after=other), other)
        elsewhere = self.decide("approve", first, after="https://elsewhere.test/")
        self.assertRedirects(elsewhere, other)

    def test_return_needs_a_note(self) -> None:
        response = self.decide("return", note="   ")
        self.assertAnswers(
            response, 400, "State the changes that the author should make.", 'href="#id_note"'
        )
        self.update.refresh_from_db()
        self.assertEqual(self.update.state, UpdateState.SUBMITTED)

    def test_return(self) -> None:
        self.assertRedirects(self.decide("return", note="Which meeting?"), reverse("review"))
        self.update.refresh_from_db()
        self.assertEqual(self.update.state, UpdateState.RETURNED)

    def test_what_is_returned_to_a_closed_account_is_led_to_a_new_author(self) -> None:
        people.deactivate(person=self.staff, by=self.administrator)
        told = "The account of Staff is closed."
        self.assertContains(self.window.open("review-item", self.update.pk), told)
        done = self.decide("return", note="Which meeting?")
        self.assertRedirects(done, self.update.get_absolute_url(), fetch_redirect_response=False)
        page = self.window.client.get(done["Location"])
        self.assertContains(page, told)
        self.assertContains(page, "New author")

    def test_second_decision_is_told_who_and_when(self) -> None:
        decisions.approve_update(update=self.update, by=self.other_manager)
        for move in ("approve", "return"):
            response = self.window.post(f"update-{move}", self.update.pk, note="No.")
            self.assertAnswers(response, 409, "already decided: approved by Other Manager on")
        page = self.window.open("review-item", self.update.pk)
        self.assertAnswers(page, 200, "Other Manager approved this update on")

    def test_own_words_are_refused(self) -> None:
        mine = self.make_submitted(self.make_recommendation("Mine"), by=self.manager)
        for move in ("approve", "return"):
            self.assertEqual(self.decide(move, mine, note="Good.").status_code, 403)

    def test_journey_over_http(self) -> None:
        """Drafted, returned, amended, approved: by forms alone, as two people."""
        author = Browser(self.staff)
        second = self.make_recommendation("Another")
        author.open("update-new", second.reference)
        author.send("update-new", second.reference, move="submit", **self.WORDS)
        update = self.latest(second)
        self.assertContains(self.window.open("review"), second.reference)
        self.decide("return", update, note="With which date?")
        self.assertContains(author.open("my-work"), "With which date?")
        author.open("update-detail", update.pk)
        author.send("update-submit", update.pk, what_happened="A meeting on 3 May.")
        update.refresh_from_db()
        self.decide("approve", update)
        second.refresh_from_db()
        self.assertEqual(second.current_update, update)
        page = author.open("update-detail", update.pk)
        self.assertAnswers(page, 200, "Approved", "Returned to the author", "With which date?")
