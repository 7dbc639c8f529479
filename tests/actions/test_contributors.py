"""Saying which organisations contribute: their staff may log progress from then on."""

import json

from recommendations import permissions
from recommendations.actions import recommendations
from recommendations.actions.errors import NotAllowed, StaleWrite
from recommendations.models import AuditEvent
from tests.base import TrackerTestCase


class ContributorsTests(TrackerTestCase):
    def set(self, by=None, expected_version=None, organisations=()):
        return recommendations.revise_recommendation(
            recommendation=self.recommendation,
            by=by or self.manager,
            expected_version=self.recommendation.version
            if expected_version is None
            else expected_version,
            values={"contributors": organisations or [self.agency]},
        )

    def test_a_manager_sets_them_and_their_staff_may_log(self):
        self.assertFalse(permissions.can_log(self.other_staff, self.recommendation))
        revised = self.set()
        self.assertTrue(permissions.can_log(self.other_staff, revised))
        self.assertEqual(revised.version, self.recommendation.version + 1)
        event = AuditEvent.objects.latest("sequence")
        self.assertEqual(
            json.loads(event.payload)["changes"], {"contributors": [[], [self.agency.pk]]}
        )

    def test_staff_may_not(self):
        with self.assertRaises(NotAllowed):
            self.set(by=self.staff)
        self.assertFalse(self.recommendation.contributors.exists())

    def test_a_stale_form_is_refused(self):
        self.set()
        with self.assertRaises(StaleWrite):
            self.set(organisations=[self.ministry])
