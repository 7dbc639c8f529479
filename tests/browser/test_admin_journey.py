"""An empty tracker, by the administration alone: from signing in to the first draft, counted."""

from django.core import mail
from playwright.sync_api import expect

from recommendations.choices import UpdateState
from recommendations.models import Recommendation, StatusUpdate, User
from tests.base import PASSWORD
from tests.browser.counting import Hand
from tests.browser.test_set_up_journey import SetUpJourneyTestCase

MOST_INTERACTIONS = 70
N = 12


class AdminJourneyTests(SetUpJourneyTestCase):
    def test_from_signing_in_to_the_first_draft(self) -> None:
        first, reporter = Hand(self.tab()), Hand(self.tab())
        first.tab.go("/admin/")
        first.fill("Username:", "first")
        first.fill("Password:", PASSWORD)
        first.tap(first.tab.button("Log in"))
        self.add_source(first)
        self.invite(first, "sam.staff", "Policy staff")
        self.invite(first, "mia.manager", "Manager")
        link = self.mailed_links()["sam.staff@example.org"]
        self.add_recommendations(first)
        self.set_password(reporter, link)
        self.draft(reporter)
        self.assertEqual(StatusUpdate.objects.get().state, UpdateState.DRAFT)
        self.assertEqual(Recommendation.objects.count(), N)
        self.assertEqual(User.objects.count(), 3)
        mail.outbox.clear()
        self.assertLessEqual(first.count + reporter.count, MOST_INTERACTIONS)

    def add_source(self, hand: Hand) -> None:
        hand.tap(hand.tab.page.get_by_role("link", name="Add Sources"))
        hand.fill("Title:", "Rural Broadband Review")
        hand.fill("Short title:", "Broadband")
        hand.fill("Reference prefix:", "RBR")
        hand.tap(hand.tab.page.locator("[name=_save]"))

    def invite(self, hand: Hand, name: str, role: str) -> None:
        page = hand.tab.page
        invite = page.get_by_role("link", name="Invite")
        if not invite.count():
            hand.tap(hand.tab.link("Home"))
            hand.tap(page.locator("a[href='/admin/recommendations/user/']").first)
        hand.tap(invite.first)
        hand.fill("Username:", name)
        hand.fill("Email address:", f"{name}@example.org")
        hand.select("Organisation:", "Ministry of Transport")
        hand.tap(page.get_by_label(role, exact=True))
        hand.tap(hand.tab.page.locator("main [type=submit], #content-main [type=submit]").first)

    def add_recommendations(self, hand: Hand) -> None:
        page = hand.tab.page
        hand.tap(hand.tab.link("Home"))
        hand.tap(page.get_by_role("link", name="Add Recommendations"))
        for number in range(1, N + 1):
            if number == 1:
                self.choose(hand, "source", "Broadband")
                self.choose(hand, "lead", "Ministry of Transport")
                hand.select("Level of obligation:", "should")
                hand.select("Nature:", "Time-bound")
            hand.fill("Title:", f"Connect the schools of region {number}")
            hand.tap(page.locator("[name=_save]" if number == N else "[name=_addanother]").first)

    def choose(self, hand: Hand, name: str, text: str) -> None:
        """Open a list of rows, and choose one."""
        page = hand.tab.page
        hand.tap(page.locator(f"#id_{name} + .select2 .select2-selection"))
        hand.tap(page.locator(".select2-results__option", has_text=text))

    def set_password(self, hand: Hand, path: str) -> None:
        hand.count += 1  # the link in the message
        hand.tab.go(path)
        hand.fill("New password", PASSWORD)
        hand.fill("New password confirmation", PASSWORD)
        hand.tap(hand.tab.button("Set password"))
        hand.tap(hand.tab.page.get_by_role("main").get_by_role("link", name="Sign in"))
        hand.fill("Username", "sam.staff")
        hand.fill("Password", PASSWORD)
        hand.tap(hand.tab.button("Sign in"))

    def draft(self, hand: Hand) -> None:
        self.open_place(hand, "Recommendations")
        hand.tap(hand.tab.page.locator("main a[href='/recommendations/RBR-1/']").first)
        hand.tap(hand.tab.link("Log an update").first)
        hand.choose("Not started")
        hand.tap(hand.tab.button("Save draft"))
        expect(hand.tab.page.get_by_text("Draft saved").first).to_be_visible()
