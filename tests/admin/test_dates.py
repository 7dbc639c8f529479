"""Date changes in the administration: to be read, and decided on through the one door."""

from __future__ import annotations

from datetime import date

from recommendations.actions import dates
from recommendations.choices import Role
from recommendations.models import TargetDateChange
from tests.admin.base import AdminTestCase, Window, address, said
from tests.base import make_person

FIRST, LATER = date(2027, 6, 30), date(2027, 12, 31)


class DateChangeAdminTests(AdminTestCase):
    def setUp(self) -> None:
        super().setUp()
        dates.set_first(
            recommendation=self.recommendation, by=self.manager, new_date=FIRST, reason="Agreed."
        )
        self.row = dates.request(
            recommendation=self.recommendation, by=self.staff, new_date=LATER, reason="Late."
        )
        self.desk = Window(make_person("boss", Role.MANAGER, is_staff=True, is_superuser=True))

    def target(self) -> date | None:
        self.recommendation.refresh_from_db()
        return self.recommendation.target_date

    def test_approve(self) -> None:
        response = self.desk.act(TargetDateChange, "approve", self.row)
        self.assertIn("approved, the date has moved.", said(response))
        self.assertEqual(self.target(), LATER)
        self.assert_whole()

    def test_rejecting_asks_for_a_note(self) -> None:
        page = self.desk.act(TargetDateChange, "reject", self.row)
        self.assertContains(page, "Why does the date stay?")
        page = self.desk.act(TargetDateChange, "reject", self.row, answered="yes", note="")
        self.assertContains(page, "This field is required.")
        response = self.desk.act(TargetDateChange, "reject", self.row, answered="yes", note="No.")
        self.assertIn("rejected, the date stays.", said(response))
        self.row.refresh_from_db()
        self.assertEqual((self.row.reason, self.row.decision_note), ("Late.", "No."))
        self.assertEqual(self.target(), FIRST)

    def test_an_administrator_decides_nothing(self) -> None:
        response = self.window.act(TargetDateChange, "approve", self.row)
        self.assertIn("You may not decide on dates.", said(response))
        self.assertEqual(self.target(), FIRST)

    def test_a_second_decision_is_told_who_came_first(self) -> None:
        dates.approve(date_change=self.row, by=self.manager)
        response = self.desk.act(TargetDateChange, "approve", self.row)
        self.assertIn("already decided: approved by Manager", said(response))

    def test_nothing_is_added_or_changed_here(self) -> None:
        self.assertEqual(self.window.client.get(address(TargetDateChange, "add")).status_code, 403)
        page = address(TargetDateChange, "change", self.row.pk)
        self.assertEqual(self.window.client.get(page).status_code, 200)
        self.assertEqual(self.window.client.post(page, {"reason": "Mine."}).status_code, 403)
