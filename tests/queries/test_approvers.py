"""Who can approve what is reported on a recommendation, whom its author is told, and nobody."""

from typing import Any

from recommendations.actions import people
from recommendations.actions.updates import drafts
from recommendations.choices import Role, UpdateState
from recommendations.models import Recommendation, StatusUpdate, User
from recommendations.queries.people import (
    Approvers,
    approvers_of,
    deciders,
    managers,
    without_approver,
)
from recommendations.queries.updates.tasks import written_by
from tests.base import TrackerTestCase, make_person
from tests.updates import begin_draft, submit
from tests.views.deciding import undone

NO_REVIEWER = "No eligible reviewer: requires a manager who is not an author"


class ApproverTestCase(TrackerTestCase):
    def set(self, **values: Any) -> None:
        Recommendation.objects.filter(pk=self.recommendation.pk).update(**values)
        self.recommendation.refresh_from_db()

    def close(self, *persons: User) -> None:
        for person in persons:
            people.deactivate(person=person, by=self.administrator)

    def handed_over(self, author: User) -> StatusUpdate:
        """An update that a manager wrote and staff submitted."""
        draft = begin_draft(
            recommendation=self.recommendation,
            by=author,
            values={"implementation_status": "in_progress", "what_happened": "A meeting."},
        )
        given = drafts.hand_over(
            update=draft, to=self.staff, by=author, expected_version=draft.version
        )
        return submit(update=given, by=self.staff, expected_version=given.version)


class ApproverTests(ApproverTestCase):
    def found(self) -> Approvers:
        row = Recommendation.objects.select_related("reviewer").get(pk=self.recommendation.pk)
        return approvers_of(row)

    def assert_able(
        self, *names: str, why_not: tuple[str, ...] = (), lacking: bool = False
    ) -> None:
        found = self.found()
        self.assertEqual([row.person.username for row in found.able], [*names])
        self.assertEqual([row.why_not for row in found.unable], [*why_not])
        self.assert_lacking(lacking)

    def assert_lacking(self, expected: bool) -> None:
        """By the query of the check list, and by the words about one."""
        self.assertEqual(without_approver(Recommendation.objects.all()).exists(), expected)

    def test_every_manager_can_approve_but_whoever_wrote_or_edited_what_waits(self):
        self.assert_able("manager", "other_manager")
        self.assertEqual(self.found().notes, [])
        with undone():
            self.handed_over(self.manager)
            self.assert_able("other_manager", why_not=("Edited the update that awaits review.",))
        self.make_submitted(self.recommendation, by=self.manager)
        self.assert_able("other_manager", why_not=("Wrote the update that awaits review.",))
        self.close(self.other_manager)
        self.assertEqual(self.found().able, [], "where every manager wrote it nobody can")
        self.assertIn("each manager wrote a version of it", " ".join(self.found().notes))

    def test_a_reviewer_who_is_no_manager_any_more_is_told(self):
        self.set(reviewer=self.other_manager)
        self.close(self.other_manager)
        notes = " ".join(self.found().notes)
        self.assertIn("the named reviewer, is no active manager", notes)
        self.assertIn("Only one person can approve", notes)
        self.assert_lacking(False)

    def test_one_manager_and_nobody_else_who_reports_or_no_manager(self):
        self.close(self.other_manager)
        for officer, lead, is_contributor, expected in (
            (self.staff, None, False, False),
            (None, None, False, True),
            (None, self.agency, False, False),
            (self.manager, None, False, True),
            (None, None, True, False),
        ):
            with self.subTest(officer=officer, lead=lead, is_contributor=is_contributor):
                self.set(lead_officer=officer, lead=lead)
                self.recommendation.contributors.set([self.agency] if is_contributor else [])
                self.assert_lacking(expected)
                told = "No one can approve" in " ".join(self.found().notes)
                self.assertEqual(told, expected)
        self.close(self.other_staff)
        self.assert_lacking(True)
        self.set(lead_officer=self.staff)
        self.close(self.manager)
        self.assert_lacking(True)
        self.assertIn("there is no active manager", " ".join(self.found().notes))


class WhoReviewsTests(ApproverTestCase):
    """What an author is told, a manager included, and that the mail would go the same way."""

    def assert_told(self, update: StatusUpdate, words: str) -> None:
        [row] = written_by(update.author)[UpdateState.SUBMITTED]
        self.assertIn(words, row.with_whom)
        who = deciders(StatusUpdate.objects.get(pk=update.pk), managers())
        self.assertEqual("No eligible" in row.with_whom, not who)
        self.assertEqual("any manager" in row.with_whom, len(who) > 1)
        if len(who) == 1:
            self.assertIn(str(who[0]), row.with_whom)

    def test_the_named_reviewer_else_any_other_manager(self) -> None:
        anyone = "Reviewer: any manager other than the author"
        update = self.make_submitted(self.recommendation)
        for reviewer, words in (
            (None, anyone),
            (self.other_manager, "Reviewer: Other Manager"),
            (self.viewer, anyone),  # who is no manager any more
        ):
            self.set(reviewer=reviewer)
            self.assert_told(update, words)

    def test_a_managers_own_go_to_another_manager(self) -> None:
        self.set(reviewer=self.manager)
        update = self.make_submitted(self.recommendation, by=self.manager)
        self.assert_told(update, "Reviewer: Other Manager")
        third = make_person("third", Role.MANAGER)
        self.assert_told(update, "Reviewer: any manager other than the author")
        self.set(reviewer=third)
        self.assert_told(update, "Reviewer: Third")

    def test_where_there_is_no_other_manager_that_is_said(self) -> None:
        self.set(reviewer=None)
        update = self.make_submitted(self.recommendation, by=self.manager)
        self.close(self.other_manager)
        self.assert_told(update, NO_REVIEWER)
        self.client.force_login(self.manager)
        self.assertContains(self.client.get("/my-work/"), NO_REVIEWER)
