"""Two people change one target date at the same time."""

from functools import partial

from django.db import connection

from recommendations import audit
from recommendations.actions import dates
from recommendations.actions.errors import ActionRefused
from recommendations.models import AuditEvent, TargetDateChange
from tests.actions.test_dates import FIRST, LATER, Dates
from tests.base import RaceTestCase
from tests.threads import at_once, failures


class AtOnceTests(Dates, RaceTestCase):
    """On SQLite one waits for the other; on PostgreSQL they really meet."""

    def setUp(self) -> None:
        super().setUp()
        self.recommendation = self.make_recommendation()
        self.set_first()

    def test_two_approvals_of_one_request_one_wins(self):
        row = self.ask()
        outcomes = at_once(
            [
                partial(dates.approve_date_change, date_change=row, by=by)
                for by in (self.manager, self.other_manager)
            ]
        )
        [lost] = failures(outcomes)
        self.assertIsInstance(lost, ActionRefused, (connection.vendor, lost))
        self.assertIn("already decided", str(lost))
        self.assertEqual(AuditEvent.objects.filter(verb="approve_date").count(), 1)
        self.assertEqual(self.target(), LATER)
        self.assertEqual(audit.verify_chain().fault, "")

    def test_withdrawn_and_approved_at_once_one_wins(self):
        row = self.ask()
        outcomes = at_once(
            [
                partial(dates.withdraw_date_change, date_change=row, by=self.staff),
                partial(dates.approve_date_change, date_change=row, by=self.manager),
            ]
        )
        [lost] = failures(outcomes)
        self.assertIsInstance(lost, ActionRefused)
        row.refresh_from_db()
        self.assertEqual(self.target(), LATER if row.state == "approved" else FIRST)

    def test_two_requests_one_is_taken(self):
        outcomes = at_once(
            [partial(self.ask, by=by) for by in (self.staff, self.manager, self.other_manager)]
        )
        lost = failures(outcomes)
        self.assertEqual([type(each) for each in lost], [ActionRefused] * 2)
        self.assertEqual(TargetDateChange.objects.filter(state="requested").count(), 1)
        self.assertEqual(audit.verify_chain().fault, "")
