"""My work: what is due, what came back, what waits; and the way from one to the next."""

from datetime import timedelta

from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from recommendations.actions.updates import decisions
from recommendations.choices import UpdateState
from recommendations.models import Recommendation, StatusUpdate, User
from tests.base import days_ago, link_evidence
from tests.views.pages import counting
from tests.views.writing import Browser, WritingTestCase


class MyWorkTests(WritingTestCase):
    def open(self, person: User | None = None) -> Browser:
        window = Browser(person or self.staff)
        self.page = window.open("my-work")
        return window

    def due(self, days: int, recommendation: Recommendation | None = None) -> None:
        about = recommendation or self.recommendation
        Recommendation.objects.filter(pk=about.pk).update(next_due_on=days_ago(days))
        cache.clear()  # It is no part of the record, so what is kept does not follow.

    def test_overdue_due_and_not_due(self) -> None:
        for days, word in ((31, "Overdue"), (30, "Due"), (0, "Due")):
            self.due(days)
            self.open()
            self.assertEqual([row.is_overdue for row in self.page.context["due"].rows], [days > 30])
            self.assertAnswers(self.page, 200, word, "Log update for REP-1")
        self.due(-1)
        self.open()
        self.assertAnswers(
            self.page,
            200,
            "No updates due",
            "Next due dates:",
            "You can log an update at any time on the page of a recommendation.",
        )
        self.assertNotContains(self.page, "Log update for REP-1")

    def test_most_overdue_comes_first(self) -> None:
        self.due(5)
        self.due(90, self.make_recommendation("Another"))
        self.open()
        self.assertEqual(
            [row.reference for row in self.page.context["due"].rows], ["REP-2", "REP-1"]
        )
        self.assertContains(self.page, "<strong>1</strong> update is overdue.", html=False)

    def test_what_is_not_mine_is_not_my_work(self) -> None:
        self.due(5)
        for person in (self.other_staff, self.other_manager):
            self.open(person)
            self.assertAnswers(self.page, 200, "No updates due")
        self.open(self.manager)
        self.assertAnswers(self.page, 200, "Lead officer: Staff")

    def test_contributor_and_officer_from_elsewhere(self) -> None:
        self.due(5)
        self.recommendation.contributors.add(self.agency)
        self.open(self.other_staff)
        self.assertContains(self.page, "Log update for REP-1")
        self.assertEqual(len(self.page.context["due"].rows), 1)

    def test_what_waits_for_review_is_not_due(self) -> None:
        self.due(5)
        self.make_submitted(self.recommendation)
        self.open()
        self.assertAnswers(
            self.page, 200, "No updates due", "Reviewer: any manager other than the author"
        )

    def test_archived_is_not_due(self) -> None:
        self.due(5)
        Recommendation.objects.update(
            archived_at=timezone.now(), archived_by=self.manager, archive_reason="closed"
        )
        self.open()
        self.assertContains(self.page, "No updates due")

    def test_returned_with_its_note(self) -> None:
        self.due(5)
        update = self.make_submitted(self.recommendation)
        decisions.return_update(update=update, by=self.manager, note="Which meeting?")
        self.open()
        self.assertAnswers(
            self.page, 200, "Returned to you", "Which meeting?", "Revise update for REP-1"
        )
        self.assertEqual(self.page.context["due"].rows, ())
        self.open(self.manager)
        self.assertNotContains(self.page, "Which meeting?")

    def test_own_draft_is_gone_on_with(self) -> None:
        self.due(5)
        self.drafted()
        self.open()
        self.assertAnswers(self.page, 200, "Continue draft for REP-1")
        self.assertNotContains(self.page, "Log update for REP-1")
        self.open(self.manager)
        self.assertContains(self.page, "Log update for REP-1")

    def test_no_change_where_there_is_something_to_confirm(self) -> None:
        self.due(5)
        self.open()
        self.assertNotContains(self.page, "Confirm no change")
        self.make_approved(self.recommendation)
        self.due(5)
        self.open()
        self.assertAnswers(
            self.page, 200, "Confirm no change", "The delivery confidence rating is valid today"
        )

    def test_roles(self) -> None:
        for person, status in (
            (self.staff, 200),
            (self.manager, 200),
            (self.viewer, 403),
            (self.auditor, 403),
            (self.stranger, 403),
            (None, 302),
        ):
            self.assertEqual(Browser(person).open("my-work").status_code, status, person)

    def test_get_only(self) -> None:
        self.assertEqual(Browser(self.staff).post("my-work").status_code, 405)


class NoChangeTests(WritingTestCase):
    def test_confirms_what_is_in_force(self) -> None:
        before = timezone.now() - timedelta(days=100)
        base = self.make_approved(self.recommendation, at=before, as_of=before.date())
        response = Browser(self.staff).post("update-no-change", "REP-1", sentence="As it was.")
        self.assertRedirects(response, reverse("my-work"))
        update = self.latest()
        self.assertEqual((update.kind, update.state), ("no_change", UpdateState.SUBMITTED))
        self.assertEqual((update.what_happened, update.based_on), ("As it was.", base))
        self.assertEqual((update.as_of, update.rated_on), (days_ago(0), base.rated_on))

    def test_rating_again(self) -> None:
        before = timezone.now() - timedelta(days=100)
        self.make_approved(self.recommendation, at=before, as_of=before.date())
        Browser(self.staff).post("update-no-change", "REP-1", is_rated_again="on")
        self.assertEqual(self.latest().rated_on, days_ago(0))

    def test_what_is_confirmed_is_shown_before_it_is_submitted(self) -> None:
        base = self.make_approved(
            self.recommendation,
            what_happened="A treaty was signed.",
            public_text="In words for all.",
        )
        survey = self.make_evidence("A survey")
        link_evidence(to=base, by=self.manager, stance="undermines", evidence=survey)
        window = Browser(self.staff)
        detail = window.open("recommendation-detail", "REP-1")
        self.assertAnswers(
            detail, 200, "Confirm no change …", reverse("update-no-change", args=["REP-1"])
        )
        page = window.open("update-no-change", "REP-1")
        said = ("A treaty was signed.", "In words for all.", "A survey", "Not answered")
        self.assertAnswers(page, 200, *said, "Confirm no change")
        self.assertFalse(StatusUpdate.objects.filter(kind="no_change").exists())
        response = window.post("update-no-change", "REP-1", basis=base.pk)
        self.assertRedirects(response, reverse("my-work"))

    def test_the_page_asks_the_same_of_one_item_and_of_many(self) -> None:
        base = self.make_approved(self.recommendation)
        window, counted = Browser(self.staff), []
        for title in ("A survey", "A law", "A count"):
            item = self.make_evidence(title)
            link_evidence(to=base, by=self.staff, stance="undermines", evidence=item)
            if title != "A law":
                with counting() as queries:
                    window.open("update-no-change", "REP-1")
                counted.append(len(queries))
        self.assertEqual(counted[0], counted[1])

    def test_what_came_into_force_since_is_shown_and_not_confirmed(self) -> None:
        seen = self.make_approved(self.recommendation, as_of=days_ago(9))
        self.make_approved(self.recommendation, what_happened="A treaty was signed.")
        response = Browser(self.staff).post(
            "update-no-change", "REP-1", basis=seen.pk, sentence="Typed."
        )
        said = ("after you opened this", "A treaty was signed.", "Typed.")
        self.assertAnswers(response, 409, *said)

    def test_beside_an_update_that_awaits_review_it_is_off_with_the_reason(self) -> None:
        self.make_approved(self.recommendation, as_of=days_ago(9))
        self.make_submitted(self.recommendation, by=self.manager)
        window = Browser(self.staff)
        said = ("An update by Manager as of", 'aria-disabled="true" aria-describedby="why-not"')
        self.assertAnswers(window.open("update-no-change", "REP-1"), 200, *said)
        response = window.post("update-no-change", "REP-1", sentence="Typed.")
        self.assertAnswers(response, 409, *said, "Typed.")
        response = window.client.post(
            reverse("work-no-change"), {"reference": ["REP-1"]}, follow=True
        )
        self.assertContains(response, "REP-1: An update by Manager as of")
        self.assertFalse(StatusUpdate.objects.filter(kind="no_change").exists())

    def test_nothing_is_in_force_yet(self) -> None:
        page = Browser(self.staff).open("update-no-change", "REP-1")
        self.assertContains(page, "No earlier update")
        self.assertNotContains(page, "Confirm no change</button>")

    def test_who_may_not_log_does_not_see_the_form(self) -> None:
        for person in (self.other_staff, self.viewer, self.auditor):
            self.assertEqual(Browser(person).open("update-no-change", "REP-1").status_code, 403)
