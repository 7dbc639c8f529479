"""Who decides on what somebody wrote, a manager's own updates included."""

from recommendations.actions.updates import drafts
from recommendations.choices import Role, UpdateState
from recommendations.models import StatusUpdate, User
from recommendations.queries.people import deciders, managers
from recommendations.queries.updates.my_work import written_by
from tests.base import TrackerTestCase, make_person
from tests.updates import begin_draft, submit


class WhoReviewsTests(TrackerTestCase):
    def setUp(self) -> None:
        self.review_by(None)

    def review_by(self, person: User | None) -> None:
        self.recommendation.reviewer = person
        self.recommendation.save()

    def told(self, update: StatusUpdate) -> str:
        """What its author is told, and that the mail would go the same way."""
        [row] = written_by(update.author)[UpdateState.SUBMITTED]
        fresh = StatusUpdate.objects.get(pk=update.pk)
        who = deciders(fresh, managers())
        self.assertEqual("No eligible" in row.with_whom, not who)
        self.assertEqual("any manager" in row.with_whom, len(who) > 1)
        if len(who) == 1:
            self.assertIn(str(who[0]), row.with_whom)
        return row.with_whom

    def test_the_named_reviewer_else_any_manager(self) -> None:
        update = self.make_submitted(self.recommendation)
        self.assertEqual(self.told(update), "Reviewer: any manager other than the author")
        self.review_by(self.other_manager)
        self.assertEqual(self.told(update), "Reviewer: Other Manager")

    def test_a_managers_own_go_to_another_manager(self) -> None:
        self.review_by(self.manager)
        update = self.make_submitted(self.recommendation, by=self.manager)
        self.assertEqual(self.told(update), "Reviewer: Other Manager")
        third = make_person("third", Role.MANAGER)
        self.assertEqual(self.told(update), "Reviewer: any manager other than the author")
        self.review_by(third)
        self.assertEqual(self.told(update), "Reviewer: Third")

    def test_where_there_is_no_other_manager_that_is_said(self) -> None:
        update = self.make_submitted(self.recommendation, by=self.manager)
        User.objects.filter(pk=self.other_manager.pk).update(is_active=False)
        self.assertIn(
            "No eligible reviewer: requires a manager who is not an author", self.told(update)
        )
        self.client.force_login(self.manager)
        for page in ("/my-work/", "/review/"):
            self.assertContains(
                self.client.get(page),
                "No eligible reviewer: requires a manager who is not an author",
            )

    def test_a_reviewer_who_wrote_a_version_does_not_decide(self) -> None:
        self.review_by(self.other_manager)
        draft = begin_draft(
            recommendation=self.recommendation,
            by=self.other_manager,
            values={"implementation_status": "in_progress", "what_happened": "A meeting."},
        )
        given = drafts.hand_over(
            update=draft, to=self.staff, by=self.other_manager, expected_version=draft.version
        )
        update = submit(update=given, by=self.staff, expected_version=given.version)
        self.assertEqual(self.told(update), "Reviewer: Manager")

    def test_a_reviewer_who_is_no_manager_any_more_does_not(self) -> None:
        update = self.make_submitted(self.recommendation)
        self.review_by(self.viewer)
        self.assertEqual(self.told(update), "Reviewer: any manager other than the author")
