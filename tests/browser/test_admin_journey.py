"""The work of an administrator: acts that find what is overdue, and the way back from a form."""

from playwright.sync_api import expect

from recommendations.models import Recommendation
from tests import kept
from tests.base import days_ago
from tests.browser.base import DESK, PHONE, BrowserTestCase
from tests.browser.counting import Hand

MOST_ACTS = 4
MOST_HEIGHT = 2_200
"""Pixels of the form of a recommendation on a desk."""

LIST = "/admin/recommendations/recommendation/"


class AdminJourneyTests(BrowserTestCase):
    def test_all_overdue_items_of_one_ministry_are_found(self) -> None:
        late = self.make_recommendation("Late here")
        elsewhere = self.make_recommendation("Late elsewhere", lead=self.agency)
        for each in (late, elsewhere):
            Recommendation.objects.filter(pk=each.pk).update(target_date=days_ago(9))
        kept.renew()
        for width, has_script in ((PHONE, True), (DESK, False)):
            with self.subTest(width=width, has_script=has_script):
                person = Hand(self.tab(self.administrator, width=width, has_script=has_script))
                person.tab.go(LIST)
                page = person.tab.page
                if width == PHONE:
                    person.tap(page.locator("summary", has_text="Filters"))
                person.select("Lead organisation", "Ministry A")
                person.select("Needs attention", "Overdue")
                person.tap(person.tab.button("Apply filters"))
                expect(page.get_by_text("1 result", exact=True)).to_be_visible()
                expect(page.get_by_role("link", name="Late here")).to_be_visible()
                expect(page.get_by_role("link", name="Late elsewhere")).to_have_count(0)
                self.assertLessEqual(person.count, MOST_ACTS)

    def test_the_form_fits_in_two_screens_and_leads_back_to_the_list(self) -> None:
        self.make_recommendation("Do the thing")
        tab = self.tab(self.administrator, width=DESK)
        tab.go(f"{LIST}?q=thing")
        with tab.page.expect_navigation():
            tab.link("Do the thing").click()
        height = tab.page.evaluate("document.documentElement.scrollHeight")
        self.assertLessEqual(height, MOST_HEIGHT)
        tab.page.get_by_label("Title:", exact=True).fill("Do the thing well")
        tab.button("Save").first.click()
        expect(tab.page.get_by_role("searchbox", name="Search")).to_have_value("thing")
        expect(tab.link("Do the thing well")).to_be_visible()
