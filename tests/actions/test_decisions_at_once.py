"""Two decisions on one update at the same time."""

from functools import partial

from django.db import connection
from django.utils import timezone

from recommendations.actions.errors import (
    BasisChanged,
    TransitionConflict,
)
from recommendations.actions.updates import drafts
from recommendations.choices import Role
from recommendations.models import AuditEvent, StatusUpdate
from tests.actions.test_decisions import approve, give_back
from tests.base import RaceTestCase, make_person
from tests.threads import at_once, failures


class RaceTests(RaceTestCase):
    MANAGERS = 20 if connection.vendor == "postgresql" else 6

    def test_many_managers_approve_one_update_and_all_but_one_are_told_who_and_when(self):
        recommendation = self.make_recommendation()
        update = self.make_submitted(recommendation)
        managers = [make_person(f"m{n}", Role.MANAGER, self.agency) for n in range(self.MANAGERS)]
        outcomes = at_once([partial(approve, update, manager) for manager in managers])
        conflicts = failures(outcomes)
        self.assertEqual(
            {type(each) for each in conflicts}, {TransitionConflict}, [str(e) for e in conflicts]
        )
        self.assertEqual(len(conflicts), self.MANAGERS - 1)
        decided = StatusUpdate.objects.get(pk=update.pk)
        assert decided.decided_at
        [winner] = [each for each in outcomes if isinstance(each, StatusUpdate)]
        self.assertEqual(winner.decided_by, decided.decided_by)
        for conflict in conflicts:
            self.assertIn(f"approved by {decided.decided_by}", str(conflict))
            self.assertIn(f"{timezone.localtime(decided.decided_at):%H:%M:%S}", str(conflict))
        self.assertEqual(AuditEvent.objects.filter(verb="approve").count(), 1)

    def test_one_approves_while_another_returns_and_one_of_them_is_told(self):
        recommendation = self.make_recommendation()
        update = self.make_submitted(recommendation)
        outcomes = at_once(
            [partial(approve, update, self.manager), partial(give_back, update, self.other_manager)]
        )
        [conflict] = failures(outcomes)
        self.assertIsInstance(conflict, TransitionConflict)

    def test_two_updates_with_one_basis_do_not_both_come_into_force_unseen(self):
        recommendation = self.make_recommendation()
        waiting = [self.make_submitted(recommendation) for _ in range(2)]
        outcomes = at_once([partial(approve, each, self.manager) for each in waiting])
        [refusal] = failures(outcomes)
        self.assertIsInstance(refusal, BasisChanged)
        recommendation.refresh_from_db()
        self.assertIn(recommendation.current_update, outcomes)

    def test_the_author_withdraws_while_a_manager_approves_and_one_of_them_is_told(self):
        update = self.make_submitted(self.make_recommendation())
        outcomes = at_once(
            [
                partial(approve, update, self.manager),
                partial(
                    drafts.withdraw_update,
                    update=update,
                    by=self.staff,
                    expected_version=update.version,
                ),
            ]
        )
        [conflict] = failures(outcomes)
        self.assertIsInstance(conflict, TransitionConflict)
