"""Suggestions under the search of the bar: by keyboard, by ear, and without script none."""

from django.test import override_settings
from playwright.sync_api import expect

from recommendations.models import User
from tests.browser.base import DemonstrationTestCase
from tests.browser.findings import findings

PAGE = "/indicators/"


class SuggestionTests(DemonstrationTestCase):
    def manager(self) -> User:
        return User.objects.filter(groups__name="Manager").earliest("pk")

    def test_chosen_by_keyboard(self) -> None:
        tab = self.tab(self.manager())
        tab.go(PAGE)
        height = tab.page.locator("header").first.bounding_box()
        box = tab.page.get_by_role("combobox", name="Search recommendations")
        box.press_sequentially("product cert")
        option = tab.page.get_by_role("option", name="DSR-2")
        expect(option).to_contain_text("certification")
        expect(box).to_have_attribute("aria-expanded", "true")
        self.assertEqual(tab.page.locator("header").first.bounding_box(), height)
        self.assertEqual(findings(tab.page), [])
        box.press("ArrowDown")
        expect(option).to_have_attribute("aria-selected", "true")
        self.assertEqual(
            box.get_attribute("aria-activedescendant"), option.first.get_attribute("id")
        )
        box.press("Escape")
        expect(option).to_be_hidden()
        box.press("ArrowDown")
        box.press_sequentially("i")
        expect(option).to_be_visible()
        box.press("ArrowDown")
        box.press("Enter")
        tab.page.wait_for_url("**/recommendations/DSR-2/")

    @override_settings(PUBLIC_PAGES=False)
    def test_what_was_opened_last_is_offered_until_signed_out(self) -> None:
        """From then on the back button shows nothing of it either."""
        tab = self.tab(self.manager())
        tab.go("/recommendations/DSR-2/evidence/")
        tab.go(PAGE)
        box = tab.page.get_by_role("combobox", name="Search recommendations")
        box.press("ArrowDown")
        option = tab.page.get_by_role("group", name="Recently opened").get_by_role("option")
        expect(option).to_contain_text("DSR-2")
        self.assertEqual(findings(tab.page), [])
        kept = tab.page.evaluate("localStorage.getItem('recent')")
        self.assertIn("/recommendations/DSR-2/", kept)
        self.assertNotIn("certification", kept)
        box.press("Escape")
        tab.page.locator(".person > summary").click()
        tab.button("Sign out").click()
        tab.page.wait_for_load_state()
        self.assertIsNone(tab.page.evaluate("localStorage.getItem('recent')"))
        tab.page.go_back()
        expect(tab.button("Sign in")).to_be_visible()
        expect(tab.page.get_by_text("certification")).to_have_count(0)

    def test_without_script_the_search_is_a_page(self) -> None:
        tab = self.tab(self.manager(), has_script=False)
        tab.go(PAGE)
        tab.page.get_by_role("searchbox", name="Search recommendations").first.fill("certif")
        tab.page.get_by_role("searchbox", name="Search recommendations").first.press("Enter")
        expect(tab.page.locator("mark").first).to_contain_text("certification")
