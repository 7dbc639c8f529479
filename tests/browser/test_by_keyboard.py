"""What people do most, by keyboard alone: each control is reached by Tab, as the page has them."""

from playwright.sync_api import Locator, expect

from recommendations.choices import UpdateState
from recommendations.models import EvidenceLink, StatusUpdate
from tests.base import link_evidence
from tests.browser.base import BrowserTestCase, Tab
from tests.browser.test_update_journeys import PROGRESS, REFERENCE, UpdateJourneyTestCase

FURTHEST = 200
"""Presses of Tab within which anything on these pages is reached."""

_HAS_FOCUS = "e => e === document.activeElement"


class Keys:
    """A person who has no pointer."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.keyboard = tab.page.keyboard

    def reach(self, where: Locator) -> None:
        for _press in range(FURTHEST):
            self.keyboard.press("Tab")
            if where.evaluate(_HAS_FOCUS):
                return
        raise AssertionError(f"Tab does not reach {where}")

    def press(self, where: Locator) -> None:
        self.reach(where)
        self.keyboard.press("Enter")

    def send(self, where: Locator) -> None:
        """Press what leads to another page, and wait for that."""
        with self.tab.page.expect_navigation():
            self.press(where)

    def fill(self, label: str, text: str) -> None:
        self.reach(self.tab.page.get_by_label(label, exact=True))
        self.keyboard.type(text)

    def choose(self, group: str, times: int) -> None:
        """The answer so many places after the first of radio buttons of which none is chosen."""
        self.reach(self.tab.page.locator(f"[name={group}]").first)
        self.keyboard.press("Space")
        for _press in range(times):
            self.keyboard.press("ArrowDown")


class WorkTests(BrowserTestCase):
    def test_three_updates_are_approved_in_a_row(self) -> None:
        for title in ("One", "Two", "Three"):
            update = self.make_submitted(self.make_recommendation(title), public_text="It began.")
            item = self.make_evidence(f"{title} paper", url="https://a.example/b")
            link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
        keys = Keys(self.tab(self.manager))
        keys.tab.go("/review/")
        for name in ("Approve and continue", "Approve and continue", "Approve"):
            keys.send(keys.tab.button(name))
        expect(keys.tab.page.get_by_text("No items await your decision")).to_be_visible()
        self.assertFalse(StatusUpdate.objects.filter(state=UpdateState.SUBMITTED).exists())

    def test_home_leads_to_a_contradiction_which_is_answered_from_my_work(self) -> None:
        """It unfolds with and without script."""
        update = self.make_approved(
            self.make_recommendation("Contradicted"), by=self.manager, decided_by=self.other_manager
        )
        item = self.make_evidence("A count")
        link = link_evidence(to=update, by=self.other_manager, stance="undermines", evidence=item)
        for has_script in (True, False):
            keys = Keys(self.tab(self.staff, has_script=has_script))
            keys.tab.go("/")
            keys.send(keys.tab.page.get_by_role("link", name="Answer contradiction"))
            expect(keys.tab.page.get_by_label("Your answer")).to_be_in_viewport()
        keys.tab.go("/my-work/")
        row = keys.tab.page.get_by_role("article").filter(has_text="Contradicted")
        keys.press(row.locator("summary"))
        keys.fill("Your answer", "It counts another year.")
        keys.press(row.get_by_role("button", name="Record answer"))
        expect(keys.tab.page.get_by_text("Your answer was recorded.")).to_be_visible()
        self.assertEqual(EvidenceLink.objects.get(pk=link.pk).answered_by, self.staff)

    def test_a_view_is_saved_and_opened_from_home(self) -> None:
        keys = Keys(self.tab(self.staff))
        keys.tab.go("/recommendations/?flag=no_date")
        keys.press(keys.tab.page.locator(".views > summary"))
        keys.send(keys.tab.link("Save this view"))
        keys.fill("Name", "Undated")
        keys.send(keys.tab.button("Save view"))
        keys.tab.go("/")
        keys.send(keys.tab.link("Saved views"))
        keys.send(keys.tab.link("Undated"))
        expect(keys.tab.page.locator(".views [aria-current]")).to_have_count(1)


class UpdateTests(UpdateJourneyTestCase):
    def test_an_update_with_evidence_is_submitted(self) -> None:
        keys = Keys(self.tab(self.staff))
        self.open_form(keys.tab)
        keys.choose("implementation_status", 2)
        keys.choose("confidence", 0)
        keys.fill("Progress since the last update", PROGRESS)
        keys.fill("Title", "Minutes")
        keys.press(keys.tab.page.locator("summary", has_text="Add a link or citation"))
        keys.fill("Address", "https://a.example/minutes")
        keys.press(keys.tab.button("Submit to Milan Manager"))
        expect(keys.tab.page.get_by_text(f"{REFERENCE}: submitted for review.")).to_be_visible()
        update = self.submitted()
        self.assertEqual(update.get_implementation_status_display(), "Partially implemented")
        links = EvidenceLink.objects.live().filter(update=update)
        self.assertTrue(links.filter(evidence__url="https://a.example/minutes").exists())
