"""An empty tracker: from the first sign-in to the first approved status, all acts counted."""

from django.contrib.auth.hashers import make_password
from django.core import mail
from playwright.sync_api import expect

from recommendations.actions import people
from recommendations.actions.mail import delivery
from recommendations.choices import UpdateState
from recommendations.models import Recommendation, StatusUpdate, User
from tests.base import PASSWORD
from tests.browser.base import PHONE, BrowserTestCase
from tests.browser.counting import Hand

MOST_INTERACTIONS = 40
ADDRESS = "first.administrator@example.org"
TITLES = "\n".join(f"Connect the schools of region {number}" for number in range(1, 13))


class SetUpJourneyTests(BrowserTestCase):
    def setUp(self) -> None:
        """Nothing but what ``create_administrator`` makes."""
        people.create_administrator(
            values={"username": "first", "email": ADDRESS, "password": make_password(PASSWORD)},
            organisation="Ministry of Transport",
        )

    def sign_in_by_form(self, hand: Hand, username: str) -> None:
        hand.tab.go("/accounts/login/")
        hand.fill("Username", username)
        hand.fill("Password", PASSWORD)
        hand.tap(hand.tab.button("Sign in"))

    def open_place(self, hand: Hand, name: str) -> None:
        """A place in the menu that the bar is on a phone."""
        page = hand.tab.page
        hand.tap(page.locator(".menu > summary"))
        hand.tap(page.get_by_role("navigation", name="Menu").get_by_role("link", name=name))

    def mailed_links(self) -> dict[str, str]:
        """Paths of the links, by address."""
        mail.outbox.clear()
        delivery.send_queue()
        return {
            letter.to[0]: letter.body.split(self.live_server_url)[1].split()[0]
            for letter in mail.outbox
        }

    def test_from_the_first_sign_in_to_an_approved_status_on_a_phone(self) -> None:
        first, reporter, approver = (Hand(self.tab(width=PHONE)) for _person in range(3))
        self.sign_in_by_form(first, "first")
        expect(first.tab.page.get_by_role("heading", level=1)).to_have_text("Set-up")
        self.add_source(first)
        self.invite(first)
        links = self.mailed_links()
        self.accept(reporter, links["sam.staff@example.org"], "Sam", "Staff")
        self.accept(approver, links["mia.manager@example.org"], "Mia", "Manager")
        self.add_recommendations(first)
        self.report(reporter)
        self.approve(approver)
        update = StatusUpdate.objects.get()
        self.assertEqual(update.state, UpdateState.APPROVED)
        self.assertEqual(Recommendation.objects.count(), 12)
        self.assertEqual(User.objects.count(), 3)
        count = first.count + reporter.count + approver.count
        self.assertLessEqual(count, MOST_INTERACTIONS)

    def add_source(self, hand: Hand) -> None:
        hand.tap(hand.tab.page.get_by_role("main").get_by_role("link", name="Add source"))
        hand.fill("Title", "Rural Broadband Review")
        hand.fill("Reference prefix", "RBR")
        hand.tap(hand.tab.button("Add source"))

    def invite(self, hand: Hand) -> None:
        hand.fill("Email address, person 1", "sam.staff@example.org")
        hand.fill("Email address, person 2", "mia.manager@example.org")
        hand.tap(hand.tab.button("Send invitations"))
        expect(hand.tab.page.get_by_text("2 invitations are on their way.")).to_be_visible()

    def accept(self, hand: Hand, path: str, first: str, last: str) -> None:
        hand.count += 1  # the link in the message
        hand.tab.go(path)
        hand.fill("First name", first)
        hand.fill("Last name", last)
        hand.fill("Password", PASSWORD)
        hand.fill("Password confirmation", PASSWORD)
        hand.tap(hand.tab.button("Create account"))

    def add_recommendations(self, hand: Hand) -> None:
        hand.tap(hand.tab.page.get_by_role("main").get_by_role("link", name="Recommendations"))
        hand.fill("Lead officer", "Sam Staff")
        hand.fill("Reviewer", "Mia Manager")
        hand.fill("First target date", "2031-12-31")
        hand.fill("Rows from a spreadsheet", TITLES)
        hand.tap(hand.tab.button("Preview"))
        hand.tap(hand.tab.button("Add 12 recommendations"))
        page = hand.tab.page
        expect(page.get_by_text("12 recommendations added: RBR-1 to RBR-12.")).to_be_visible()

    def report(self, hand: Hand) -> None:
        self.open_place(hand, "Recommendations")
        hand.tap(hand.tab.page.locator("main a[href='/recommendations/RBR-1/']").first)
        hand.tap(hand.tab.link("Log an update").first)
        hand.choose("Not started")
        hand.tap(hand.tab.button("Submit to Mia Manager"))
        expect(hand.tab.page.get_by_text("RBR-1: submitted for review.")).to_be_visible()

    def approve(self, hand: Hand) -> None:
        hand.tab.go("/")  # The page that is open is from before.
        hand.tap(
            hand.tab.page.get_by_role("navigation", name="Your work").locator("[href='/review/']")
        )
        hand.tap(hand.tab.button("Approve"))
        expect(hand.tab.page.get_by_text("No items await your decision")).to_be_visible()
