"""What a manager and an officer do most: how many acts it takes, on a phone and without script."""

from playwright.sync_api import expect

from recommendations.choices import UpdateState
from recommendations.models import EvidenceLink, StatusUpdate
from tests.base import link_evidence
from tests.browser.base import DESK, PHONE, BrowserTestCase
from tests.browser.counting import Hand

MOST_FOR_THREE_APPROVALS = 9
MOST_FOR_AN_ANSWER = 4
MOST_HEIGHTS = {DESK: 2_400, PHONE: 4_500}
"""Pixels of the page of one update in review."""


class WorkJourneyTests(BrowserTestCase):
    def test_three_updates_in_a_row_are_approved(self) -> None:
        for number, (width, has_script) in enumerate(((PHONE, True), (DESK, False))):
            with self.subTest(width=width, has_script=has_script):
                for title in ("One", "Two", "Three"):
                    about = self.make_recommendation(f"{title} of {number}")
                    update = self.make_submitted(about, public_text="It began.")
                    item = self.make_evidence(f"{title} paper {number}", url="https://a.example/b")
                    link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
                person = Hand(self.tab(self.manager, width=width, has_script=has_script))
                person.tab.go("/review/")
                height = person.tab.page.evaluate("document.documentElement.scrollHeight")
                self.assertLessEqual(height, MOST_HEIGHTS[width])
                for name in ("Approve and continue", "Approve and continue", "Approve"):
                    person.tap(person.tab.button(name))
                expect(person.tab.page.get_by_text("No items await your decision")).to_be_visible()
                self.assertLessEqual(person.count, MOST_FOR_THREE_APPROVALS)
                waiting = StatusUpdate.objects.filter(state=UpdateState.SUBMITTED)
                self.assertFalse(waiting.exists())

    def test_a_contradiction_is_answered_from_my_work(self) -> None:
        for width, has_script in ((PHONE, True), (DESK, False)):
            with self.subTest(width=width, has_script=has_script):
                about = self.make_recommendation(f"Contradicted at {width}")
                update = self.make_approved(about, by=self.manager, decided_by=self.other_manager)
                link = link_evidence(
                    to=update,
                    by=self.other_manager,
                    stance="undermines",
                    evidence=self.make_evidence("A count"),
                )
                person = Hand(self.tab(self.staff, width=width, has_script=has_script))
                person.tab.go("/my-work/")
                row = person.tab.page.get_by_role("row").filter(has_text=about.reference)
                row = row.filter(has_text="Contradicted")
                person.tap(row.locator("summary"))
                person.fill("Your answer", "It counts another year.")
                person.tap(row.get_by_role("button", name="Record answer"))
                expect(person.tab.page.get_by_text("Your answer was recorded.")).to_be_visible()
                self.assertEqual(person.tab.path, "/my-work/")
                self.assertLessEqual(person.count, MOST_FOR_AN_ANSWER)
                answered = EvidenceLink.objects.get(pk=link.pk)
                self.assertEqual(answered.answered_by, self.staff)
