"""My work: what is due, what came back, what waits; and the way from one to the next."""

from datetime import timedelta
from unittest.mock import patch

from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from recommendations.actions import comments
from recommendations.actions.updates import decisions, drafts
from recommendations.choices import UpdateState
from recommendations.models import Recommendation, StatusUpdate, User
from recommendations.queries.updates.tasks import Task
from recommendations.queries.whose import Who, acted_on
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
        values = {"next_due_on": days_ago(days), "opened_on": days_ago(1)}
        Recommendation.objects.filter(pk=about.pk).update(**values)
        cache.clear()  # It is no part of the record, so what is kept does not follow.

    def needed(self) -> list[str]:
        """What is to be done, as the rows say it."""
        return [f"{task.about.reference}: {task.what}" for task in self.tasks() if task.is_mine]

    def due_days(self) -> list[str]:
        return [task.what for task in self.page.context["due"]]

    def tasks(self, part: str = "mine") -> list[Task]:
        """The reasons in the blocks of what is mine, or of ``others``."""
        return [task for block in self.page.context[part] for task in block.tasks]

    def test_overdue_due_and_not_due(self) -> None:
        for days, tone, words in (
            (31, "red", "Update overdue by 31 days"),
            (30, "amber", "Update overdue by 30 days"),
            (0, "amber", "Update due today"),
        ):
            self.due(days)
            self.open()
            self.assertEqual([task.tone for task in self.tasks()], [tone])
            self.assertAnswers(self.page, 200, words, "Log an update")
        self.due(-1)
        self.open()
        self.assertAnswers(self.page, 200, "No updates due", "Due in the next 90 days")
        self.assertEqual(self.due_days(), ["Update in 1 day"])

    def test_it_is_of_who_answers_for_it_the_most_overdue_first(self) -> None:
        self.due(5)
        self.due(90, self.make_recommendation("Another"))
        of_lead = ["REP-2: Update overdue by 90 days", "REP-1: Update overdue by 5 days"]
        for person in (self.staff, self.other_staff, self.manager, self.other_manager):
            self.open(person)
            with self.subTest(person=person):
                self.assertEqual(self.needed(), of_lead if person == self.staff else [])
        # The organisation of the manager leads: they may act, but somebody else is to.
        self.open(self.manager)
        blocks = self.page.context["others"]
        self.assertEqual([block.who for block in blocks], ["Lead officer: Staff"] * 2)
        self.assertAnswers(self.page, 200, "Responsibility of others", "Log an update")
        self.recommendation.contributors.add(self.agency)
        cache.clear()
        self.open(self.other_staff)
        self.assertEqual(self.needed(), [])
        [task] = self.tasks("others")
        self.assertEqual(task.what, "Update overdue by 5 days")

    def test_the_reviewer_decides_on_what_is_asked_for_else_any_manager(self) -> None:
        self.make_approved(self.recommendation, asked_for="Two more boats.")
        for reviewer, who in (
            (self.manager, {self.manager}),
            (self.viewer, {self.manager, self.other_manager}),
            (None, {self.manager, self.other_manager}),
        ):
            Recommendation.objects.filter(pk=self.recommendation.pk).update(
                reviewer=reviewer, opened_on=days_ago(1)
            )
            cache.clear()
            for person in (self.staff, self.manager, self.other_manager):
                self.open(person)
                told = ["REP-1: Decision needed"] if person in who else []
                with self.subTest(reviewer=reviewer, person=person):
                    self.assertEqual(self.needed(), told)
        self.assertAnswers(self.page, 200, "Two more boats.", "Record decision")
        self.open(self.staff)
        [task] = self.tasks("others")
        more = "Two more boats. The reviewer or another manager records the decision."
        self.assertEqual((task.more, task.tone, task.helps), (more, "amber", ()))
        # It is a task alone: the text of the status has no warning of it.
        page = Browser(self.manager).open("recommendation-detail", "REP-1")
        self.assertNotContains(page, "Decision needed")
        self.assertContains(page, "Record decision", count=1)

    def test_a_comment_that_mentions_me_is_told_until_i_answer_or_for_a_month(self) -> None:
        def say(by: User, text: str, days: int) -> None:
            at = timezone.now() - timedelta(days=days)
            comments.add_comment(recommendation=self.recommendation, by=by, text=text, at=at)

        for days, text in ((31, "@staff Long ago?"), (3, "@staff Which day?"), (2, "No name")):
            say(self.manager, text, days)
        self.open()
        [told] = self.page.context["mentions"]
        self.assertAnswers(self.page, 200, "Manager mentioned you", "Which day?")
        self.assertContains(self.page, f'href="/recommendations/REP-1/comments/#comment-{told.pk}"')
        self.open(self.other_staff)
        self.assertEqual(self.page.context["mentions"], [])
        say(self.staff, "Something else, for @other_staff.", 1)
        self.open()
        self.assertEqual(self.page.context["mentions"], [told])
        self.assertContains(self.page, "Answer with @manager")
        say(self.staff, "Monday, @manager.", 1)
        self.open()
        self.assertEqual(self.page.context["mentions"], [])

    def test_pages_of_many_ask_the_database_as_little_as_one_of_few(self) -> None:
        self.due(5)
        counts = []
        for number in (3, 60):
            for _each in range(number):
                self.due(5, self.make_recommendation("Another"))
            window = Browser(self.staff)
            window.open("my-work")
            with counting() as asked:
                self.page = window.open("my-work")
            counts.append(len(asked))
        self.assertEqual(counts[0], counts[1])
        self.assertEqual(len(self.page.context["mine"]), 50)
        self.assertContains(self.page, "?page=2")
        self.page = window.client.get("/my-work/?page=2")
        self.assertEqual(len(self.page.context["mine"]), 14)
        self.assertNotContains(self.page, "Awaiting others")

    def test_the_badge_stops_counting_and_the_page_does_not(self) -> None:
        self.due(5)
        self.due(90, self.make_recommendation("Another"))
        with patch("recommendations.context_processors.MOST_MINE", 1):
            self.open()
        link = next(link for link in self.page.context["shell"].own if "work" in link.url)
        self.assertEqual(link.badge, "1+")
        self.assertEqual(self.page.context["counts"]["needed"], 2)
        who = Who.of(self.staff, timezone.localdate())
        self.assertEqual([len(acted_on(who, most=n)) for n in (1, 2, 3)], [1, 2, 2])

    def test_who_may_log_nowhere_is_told_what_to_do(self) -> None:
        """Here ``other_staff``, whose organisation neither leads nor contributes."""
        self.open(self.other_staff)
        self.assertAnswers(self.page, 200, "No recommendation assigned to you", "Ask a manager")
        self.assertNotContains(self.page, "You can log an update")
        self.recommendation.contributors.add(self.agency)
        self.due(-1)
        self.open(self.other_staff)
        self.assertAnswers(self.page, 200, "No updates due", "You can log an update")
        User.objects.filter(pk=self.other_staff.pk).update(organisation=None)
        cache.clear()
        self.open(self.other_staff)
        self.assertAnswers(self.page, 200, "Your account has no organisation.")

    def test_what_waits_for_review_is_not_due_and_comes_back_with_its_note(self) -> None:
        self.due(5)
        update = self.make_submitted(self.recommendation)
        self.open()
        self.assertAnswers(
            self.page,
            200,
            "An update awaits review.",
            "Reviewer: any manager other than the author",
        )
        self.assertEqual(self.needed(), [])
        decisions.return_update(update=update, by=self.manager, note="Which meeting?")
        self.open()
        self.assertAnswers(self.page, 200, "Update returned today", "Which meeting?", "Edit update")
        self.assertEqual(self.needed()[0], "REP-1: Update returned today")
        self.due(-5)
        self.open()
        self.assertEqual(
            [help.label for help in self.page.context["due"][-1].helps], ["Edit update"]
        )
        self.assertNotContains(self.page, reverse("update-new", args=["REP-1"]))
        self.open(self.manager)
        self.assertNotContains(self.page, "Which meeting?")

    def test_a_row_offers_to_log_to_go_on_or_to_confirm(self) -> None:
        address = reverse("update-no-change", args=["REP-1"])
        self.due(5)
        self.open()
        self.assertNotContains(self.page, address)
        self.make_approved(self.recommendation)
        self.due(5)
        self.open()
        self.assertContains(self.page, address)
        # Beside an update that awaits review nothing can be confirmed.
        waiting = self.make_submitted(self.recommendation, by=self.manager)
        self.open()
        self.assertNotContains(self.page, address)
        drafts.withdraw_update(update=waiting, by=self.manager, expected_version=waiting.version)
        self.drafted()
        self.open()
        self.assertAnswers(self.page, 200, "Continue draft")
        self.assertEqual([help.label for help in self.tasks()[-1].helps], ["Continue draft"])
        self.open(self.manager)
        self.assertContains(self.page, "Log an update")

    def test_a_contradiction_is_answered_in_its_row_but_not_by_its_author(self) -> None:
        update = self.make_approved(
            self.recommendation, by=self.manager, decided_by=self.other_manager
        )
        link = link_evidence(
            to=update, by=self.other_manager, stance="undermines", evidence=self.make_evidence()
        )
        window = self.open()
        self.assertAnswers(self.page, 200, "Contradicted (unanswered) since today", "A paper")
        answer = reverse("evidence-answer", args=[link.pk])
        self.assertContains(self.page, answer)
        response = window.post("evidence-answer", link.pk, text="Of 2019.", next="/my-work/")
        self.assertRedirects(response, "/my-work/")
        self.open()
        self.assertNotContains(self.page, "Contradicted")

    def test_what_the_reader_cannot_end_names_who_does(self) -> None:
        Recommendation.objects.filter(pk=self.recommendation.pk).update(opened_on=days_ago(500))
        self.make_approved(self.recommendation)
        self.open()
        [task] = self.tasks("others")
        self.assertRegex(task.what, "No target date after")
        self.assertEqual(task.more, "A manager or an administrator sets the target date.")


class NoChangeTests(WritingTestCase):
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
        sent = {"basis": base.pk, "sentence": "As it was.", "is_rated_again": "on"}
        self.assertRedirects(window.post("update-no-change", "REP-1", **sent), reverse("my-work"))
        update = self.latest()
        self.assertEqual((update.kind, update.state), ("no_change", UpdateState.SUBMITTED))
        self.assertEqual((update.what_happened, update.based_on), ("As it was.", base))
        self.assertEqual((update.as_of, update.rated_on), (days_ago(0), days_ago(0)))

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
        detail = window.open("recommendation-detail", "REP-1")
        self.assertNotContains(detail, "Confirm no change")
        response = window.post("update-no-change", "REP-1", sentence="Typed.")
        self.assertAnswers(response, 409, *said, "Typed.")
        sent = {"reference": ["REP-1"]}
        response = window.client.post(reverse("work-no-change"), sent, follow=True)
        self.assertContains(response, "REP-1: An update by Manager as of")
        sent = {"reference": ["REP-1\0", "REP-99", "x" * 5_000]}
        response = window.client.post(reverse("work-no-change"), sent, follow=True)
        self.assertContains(response, "No updates were selected")
        self.assertFalse(StatusUpdate.objects.filter(kind="no_change").exists())

    def test_where_nothing_is_in_force_yet_there_is_nothing_to_confirm(self) -> None:
        page = Browser(self.staff).open("update-no-change", "REP-1")
        self.assertContains(page, "No earlier update")
        self.assertNotContains(page, "Confirm no change</button>")
