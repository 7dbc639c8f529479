"""Comments come into view on the page, and are written with or without script."""

from playwright.sync_api import expect

from recommendations.models import Comment, User
from tests.browser.base import DemonstrationTestCase
from tests.browser.findings import findings

PAGE = "/recommendations/DSR-1/history/"


class CommentTests(DemonstrationTestCase):
    def people(self) -> tuple[User, User]:
        made_up = User.objects.filter(is_demonstration=True)
        manager = made_up.filter(groups__name="Manager").earliest("pk")
        return manager, made_up.filter(groups__name="Policy staff").earliest("pk")

    def test_written_where_it_comes_into_view_and_read_by_a_colleague(self) -> None:
        manager, staff = self.people()
        tab = self.tab(manager)
        tab.go(PAGE)
        tab.page.locator("#comments").scroll_into_view_if_needed()
        box = tab.page.get_by_label("Comment", exact=True)
        box.fill(f"Which meeting was it, @{staff.username}?")
        tab.button("Comment").click()
        expect(tab.page.get_by_role("heading", level=1)).to_have_text("Comments")
        expect(tab.page.locator("main")).to_contain_text("Which meeting was it")
        self.assertEqual(Comment.objects.get().mentions.get(), staff)
        self.assertEqual(findings(tab.page), [])
        tab.go(PAGE)
        tab.page.locator("#comments").scroll_into_view_if_needed()
        expect(tab.page.locator("#comments")).to_contain_text("Which meeting was it")
        self.assertEqual(findings(tab.page), [])
