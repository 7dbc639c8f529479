"""An organisation ends: another takes its place, with what it holds if asked."""

from typing import Any

from django.core.exceptions import ValidationError

from recommendations import audit, permissions
from recommendations.actions import organisations, recommendations
from recommendations.actions.errors import ActionRefused, NotAllowed
from recommendations.models import AuditEvent, Organisation, Recommendation, User
from recommendations.queries.people import holdings_of
from tests.base import TrackerTestCase, days_ago


class SuccessionTests(TrackerTestCase):
    heir: Organisation
    helped: Recommendation
    archived: Recommendation

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.heir = Organisation.objects.create(slug="heir", name="Ministry H")
        cls.helped = cls.make_recommendation("Do another thing", lead=cls.agency)
        recommendations.revise_recommendation(
            recommendation=cls.helped,
            by=cls.manager,
            expected_version=cls.helped.version,
            values={"contributors": [cls.ministry]},
        )
        cls.archived = cls.make_recommendation("Do an old thing")
        recommendations.archive(recommendation=cls.archived, by=cls.manager, reason="closed")

    def test_nobody_moves_themselves(self) -> None:
        User.objects.filter(pk=self.administrator.pk).update(organisation=self.ministry)
        keeper = User.objects.get(pk=self.administrator.pk)
        with self.assertRaises(ValidationError) as refusal:
            self.succeed(moves_people=True, by=keeper)
        self.assertEqual(list(refusal.exception.message_dict), ["moves_people"])
        self.succeed(moves_work=True, by=keeper)

    def succeed(self, **values: Any) -> None:
        given = {
            "organisation": self.ministry,
            "successor": self.heir,
            "on": days_ago(1),
            "by": self.administrator,
            **values,
        }
        expected = given.pop("expected", None) or holdings_of(given["organisation"]).digest
        organisations.succeed(expected=expected, **given)

    def test_only_the_name_changes_unless_more_is_asked(self) -> None:
        count = AuditEvent.objects.count()
        self.succeed()
        self.ministry.refresh_from_db()
        self.assertEqual(self.ministry.successor, self.heir)
        self.assertEqual(self.ministry.valid_to, days_ago(1))
        self.assertEqual(AuditEvent.objects.count(), count + 1)
        self.assertEqual(AuditEvent.objects.latest("sequence").verb, "succeed")
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.lead, self.ministry)

    def test_what_it_holds_goes_along_and_what_is_archived_stays(self) -> None:
        self.succeed(moves_work=True, moves_people=True)
        self.assertEqual(set(Recommendation.objects.filter(lead=self.heir)), {self.recommendation})
        self.assertEqual(set(self.helped.contributors.all()), {self.heir})
        self.archived.refresh_from_db()
        self.assertEqual(self.archived.lead, self.ministry)
        staff = User.objects.get(pk=self.staff.pk)
        self.assertEqual(staff.organisation, self.heir)
        helped = Recommendation.objects.get(pk=self.helped.pk)
        self.assertTrue(permissions.can_log(staff, helped))
        verbs = AuditEvent.objects.order_by("-sequence").values_list("verb", flat=True)[:5]
        self.assertEqual(list(verbs), ["change_hands"] * 4 + ["succeed"])
        self.assertEqual(audit.verify_chain().fault, "")

    def test_refused(self) -> None:
        for by in (self.manager, self.staff, self.auditor):
            with self.subTest(by), self.assertRaises(NotAllowed):
                self.succeed(by=by)
        with self.assertRaises(ValidationError):
            self.succeed(successor=self.ministry)
        self.ministry.valid_from = days_ago(0)
        self.ministry.save()
        with self.assertRaises(ValidationError):
            self.succeed()
        expected = holdings_of(self.ministry).digest
        self.make_recommendation("Do a new thing")
        with self.assertRaises(ActionRefused):
            self.succeed(expected=expected, on=days_ago(0))

    def test_no_circle_and_no_second_successor(self) -> None:
        self.succeed()
        with self.assertRaises(ActionRefused):
            self.succeed(successor=self.agency)
        with self.assertRaises(ValidationError):
            self.succeed(organisation=self.heir, successor=self.ministry)

    def test_not_by_what_ended_before(self) -> None:
        Organisation.objects.filter(pk=self.heir.pk).update(valid_to=days_ago(30))
        with self.assertRaises(ValidationError):
            self.succeed()
