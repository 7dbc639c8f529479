"""A date from its first day to the second, and three “no change” at once, by three people."""

import re
from datetime import date

from playwright.sync_api import expect

from recommendations.choices import UpdateState
from recommendations.models import Recommendation, StatusUpdate, TargetDateChange
from tests.base import days_ago
from tests.browser.base import BrowserTestCase, SeldomTwoWays, Tab

FIRST, LATER = date(2027, 6, 30), date(2027, 12, 31)
AGREED = "Agreed by the steering group."
EARLY = "The permit may come late."
LATE = "The permit is late: it comes in autumn."
NO = "Ask again once the permit is known to be late."
MOVED = "ostponed 184 days (1 change)"


class DateJourneyTests(SeldomTwoWays, BrowserTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.three = [self.make_recommendation(name) for name in ("Do it", "Map it", "Teach it")]

    def travel(self, *, width: int, has_script: bool) -> None:
        manager, other, staff = (
            self.tab(person, width=width, has_script=has_script)
            for person in (self.manager, self.other_manager, self.staff)
        )
        self.a_manager_sets_the_first(manager)
        self.staff_asks(staff, EARLY)
        self.another_manager_rejects_in_the_queue(other)
        self.staff_asks(staff, LATE)
        self.open_ledger(manager, "Decide on date change")
        manager.button("Approve").click()
        expect(manager.page.get_by_text("REP-1: target date changed.")).to_be_visible()
        self.ledger_list_and_page_agree(staff)
        self.staff_confirms_three_at_once(staff)
        self.a_manager_approves_them_at_once(manager)

    def open_ledger(self, tab: Tab, link: str) -> None:
        tab.go("/recommendations/REP-1/")
        tab.link(link).first.click()
        expect(tab.page.get_by_role("heading", level=1)).to_have_text("Target date history: Do it")

    def a_manager_sets_the_first(self, tab: Tab) -> None:
        self.open_ledger(tab, "Set target date")
        tab.page.get_by_label("Target date", exact=True).fill(FIRST.isoformat())
        tab.button("Set target date").click()
        expect(tab.page.get_by_role("alert").first).to_contain_text("Enter the reason.")
        tab.page.get_by_label("Reason for this date").fill(AGREED)
        tab.button("Set target date").click()
        expect(tab.page.get_by_text("REP-1: target date set.")).to_be_visible()

    def staff_asks(self, tab: Tab, reason: str) -> None:
        self.open_ledger(tab, "Request a new target date")
        tab.page.get_by_label("New date").fill(LATER.isoformat())
        tab.page.get_by_label("Reason for the change").fill(reason)
        tab.button("Request a new target date").click()
        expect(tab.page.get_by_text("REP-1: date change requested.")).to_be_visible()
        self.assertFalse(tab.button("Approve").is_visible())

    def another_manager_rejects_in_the_queue(self, tab: Tab) -> None:
        tab.go("/review/")
        expect(tab.page.locator("main")).to_contain_text(EARLY)
        tab.page.get_by_label("Note to Staff").fill(NO)
        tab.button("Reject").click()
        expect(tab.page.get_by_text("REP-1: target date unchanged.")).to_be_visible()
        tab.go("/recommendations/REP-1/dates/")
        row = tab.page.get_by_role("row").filter(has_text="Rejected")
        expect(row).to_contain_text(EARLY)
        expect(row).to_contain_text(NO)

    def ledger_list_and_page_agree(self, tab: Tab) -> None:
        for path in (
            "/recommendations/",
            "/recommendations/REP-1/",
            "/recommendations/REP-1/dates/",
        ):
            tab.go(path)
            self.assertIn(MOVED, " ".join(tab.main().split()), path)
        tab.go("/sources/report/dates/")
        row = tab.page.get_by_role("row").filter(has_text="REP-1")
        expect(row).to_contain_text("184")
        self.assertEqual(
            list(TargetDateChange.objects.order_by("number").values_list("state", flat=True)),
            ["approved", "rejected", "approved"],
        )

    def staff_confirms_three_at_once(self, tab: Tab) -> None:
        for found in self.three:
            self.make_approved(found, as_of=days_ago(200))
        Recommendation.objects.update(next_due_on=days_ago(3))
        tab.go("/my-work/")
        tab.link("Confirm no change for several recommendations").click()
        for found in self.three:
            tab.page.get_by_label(f"{found.reference} {found.title}").check()
        tab.button("Confirm no change for selected").click()
        expect(tab.page.get_by_text("submitted for review: REP-1, REP-2, REP-3.")).to_be_visible()

    def a_manager_approves_them_at_once(self, tab: Tab) -> None:
        tab.go("/review/")
        folded = tab.page.locator("summary", has_text=re.compile("^Review queue"))
        if folded.is_visible():
            folded.click()
        tab.link("Review 3 “no change” updates together").click()
        for found in self.three:
            expect(tab.page.get_by_label(f"{found.reference} {found.title}")).to_be_checked()
        tab.button("Approve selected updates").click()
        expect(tab.page.get_by_text("approved: REP-1, REP-2, REP-3.")).to_be_visible()
        confirmed = StatusUpdate.objects.filter(kind="no_change", state=UpdateState.APPROVED)
        self.assertEqual(confirmed.count(), 3)
