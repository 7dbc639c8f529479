"""Date changes in the administration: read there, and never written."""

from datetime import date

from recommendations.actions import dates
from recommendations.choices import Role
from recommendations.models import TargetDateChange
from tests.admin.base import AdminTestCase, Window, address
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

    def test_decisions_are_left_to_the_page_that_shows_all_dates(self) -> None:
        page = self.desk.client.get(address(TargetDateChange, "change", self.row.pk))
        self.assertContains(page, "/recommendations/REP-1/dates/")
        for action in ("approve", "reject"):
            self.desk.act(TargetDateChange, action, self.row, answered="yes", note="No.")
        self.row.refresh_from_db()
        self.assertEqual(self.row.state, "requested")

    def test_nothing_is_added_or_changed_here(self) -> None:
        self.assertEqual(self.window.client.get(address(TargetDateChange, "add")).status_code, 403)
        page = address(TargetDateChange, "change", self.row.pk)
        self.assertEqual(self.window.client.get(page).status_code, 200)
        self.assertEqual(self.window.client.post(page, {"reason": "Mine."}).status_code, 403)
