"""Who can approve what is reported on a recommendation, and where nobody can."""

from typing import Any

from recommendations.actions import people
from recommendations.actions.updates import drafts
from recommendations.models import Recommendation, User
from recommendations.queries.approvers import approvers_of, without_approver
from tests.base import TrackerTestCase
from tests.updates import begin_draft, submit


class ApproverTestCase(TrackerTestCase):
    def able(self) -> list[str]:
        found = Recommendation.objects.select_related("reviewer").get(pk=self.recommendation.pk)
        return [row.person.username for row in approvers_of(found).able]

    def notes(self) -> str:
        found = Recommendation.objects.select_related("reviewer").get(pk=self.recommendation.pk)
        return " ".join(approvers_of(found).notes)

    def lacking(self) -> bool:
        """By the query of the check list."""
        return without_approver(Recommendation.objects.all()).exists()

    def close(self, *persons: User) -> None:
        for person in persons:
            people.deactivate(person=person, by=self.administrator)


class ApproverTests(ApproverTestCase):
    def test_every_manager_can_approve_what_staff_report(self):
        self.assertEqual(self.able(), ["manager", "other_manager"])
        self.assertEqual(self.notes(), "")
        self.assertFalse(self.lacking())

    def test_whoever_wrote_or_edited_what_waits_cannot(self):
        draft = begin_draft(
            recommendation=self.recommendation,
            by=self.manager,
            values={"implementation_status": "not_started"},
        )
        draft = drafts.hand_over(
            update=draft, to=self.staff, by=self.manager, expected_version=draft.version
        )
        submit(update=draft, by=self.staff, expected_version=draft.version)
        found = approvers_of(self.recommendation)
        why = [row.why_not for row in found.unable]
        self.assertEqual(why, ["Edited the update that awaits review."])
        self.assertEqual(self.able(), ["other_manager"])

    def test_where_every_manager_wrote_it_nobody_can(self):
        self.close(self.other_manager)
        self.make_submitted(self.recommendation, by=self.manager)
        self.assertEqual(self.able(), [])
        self.assertIn("each manager wrote a version of it", self.notes())

    def test_the_author_is_told_as_the_author(self):
        self.make_submitted(self.recommendation, by=self.manager)
        found = approvers_of(self.recommendation)
        why = [row.why_not for row in found.unable]
        self.assertEqual(why, ["Wrote the update that awaits review."])

    def test_a_reviewer_who_is_no_manager_any_more_is_told(self):
        Recommendation.objects.filter(pk=self.recommendation.pk).update(reviewer=self.other_manager)
        self.close(self.other_manager)
        self.assertIn("the named reviewer, is no active manager", self.notes())
        self.assertIn("Only one person can approve", self.notes())
        self.assertFalse(self.lacking())


class NobodyTests(ApproverTestCase):
    def set(self, **values: Any) -> None:
        Recommendation.objects.filter(pk=self.recommendation.pk).update(**values)

    def test_without_a_manager(self):
        self.close(self.manager, self.other_manager)
        self.assertTrue(self.lacking())
        self.assertIn("there is no active manager", self.notes())

    def test_one_manager_and_nobody_else_who_reports(self):
        self.close(self.other_manager)
        for values, expected in (
            ({"lead_officer": self.staff, "lead": None}, False),
            ({"lead_officer": None, "lead": None}, True),
            ({"lead_officer": None, "lead": self.agency}, False),
            ({"lead_officer": self.manager, "lead": None}, True),
        ):
            with self.subTest(values=values):
                self.set(**values)
                self.assertEqual(self.lacking(), expected)
                self.assertEqual("No one can approve" in self.notes(), expected)

    def test_staff_of_a_contributor_report_too(self):
        self.close(self.other_manager)
        self.set(lead=None, lead_officer=None)
        self.recommendation.contributors.add(self.agency)
        self.assertFalse(self.lacking())
        self.close(self.other_staff)
        self.assertTrue(self.lacking())
