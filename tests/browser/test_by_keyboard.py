"""By keyboard alone, and what script adds: pickers, suggestions, charts, comments."""

from pathlib import Path

from django.test import override_settings
from playwright.sync_api import Locator, expect

from recommendations.choices import UpdateState
from recommendations.models import (
    Comment,
    EvidenceLink,
    Organisation,
    StatusUpdate,
    User,
)
from tests.base import link_evidence
from tests.browser.base import PHONE, BrowserTestCase, DemonstrationTestCase, Tab
from tests.browser.findings import findings
from tests.browser.looks import look_over
from tests.browser.test_update_journeys import PROGRESS, REFERENCE, UpdateJourneyTestCase
from tests.views.test_pickers import add_leads

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


class UpdateTests(UpdateJourneyTestCase):
    def test_an_update_with_evidence_is_submitted(self) -> None:
        keys = Keys(self.tab(self.staff))
        self.open_form(keys.tab)
        keys.choose("implementation_status", 2)
        keys.choose("confidence", 0)
        keys.fill("Progress since the last update", PROGRESS)
        keys.press(keys.tab.page.locator("summary", has_text="New evidence"))
        keys.fill("Title", "Minutes")
        keys.press(keys.tab.page.locator("summary", has_text="Add a link or citation"))
        keys.fill("Address", "https://a.example/minutes")
        keys.press(keys.tab.button("Submit to Milan Manager"))
        expect(keys.tab.page.get_by_text(f"{REFERENCE}: submitted for review.")).to_be_visible()
        update = self.submitted()
        self.assertEqual(update.get_implementation_status_display(), "Partially implemented")
        links = EvidenceLink.objects.live().filter(update=update)
        self.assertTrue(links.filter(evidence__url="https://a.example/minutes").exists())


LIST = "/recommendations/"
OPTION = "[role=option]:visible"
"""Those of the box: a select has options too."""


class PickerTestCase(BrowserTestCase):
    def setUp(self) -> None:
        super().setUp()
        add_leads(self, 110)
        self.chosen = Organisation.objects.get(slug="lead-050")

    def box_of(self, tab: Tab, label: str) -> Locator:
        return tab.page.get_by_role("combobox", name=label, exact=True)

    def list_with_filters(self, query: str = "", **options) -> Tab:
        tab = self.tab(self.manager, **options)
        tab.go(f"{LIST}{query}")
        tab.page.locator("details.filters > summary").click()
        return tab


class FilterTests(PickerTestCase):
    def test_a_row_is_chosen_with_the_keyboard_alone(self):
        tab = self.list_with_filters()
        box = self.box_of(tab, "Lead organisation")
        expect(box).to_have_attribute("aria-expanded", "false")
        box.focus()
        tab.page.keyboard.type("lead-05")
        expect(tab.page.locator(OPTION)).to_have_count(10)
        expect(box).to_have_attribute("aria-expanded", "true")
        expect(tab.page.get_by_role("status").filter(has_text="10 results.")).to_have_count(1)
        tab.page.keyboard.press("ArrowDown")
        tab.page.keyboard.press("ArrowUp")
        tab.page.keyboard.press("ArrowDown")
        option = tab.page.locator(OPTION, has_text="Lead 050")
        self.assertEqual(box.get_attribute("aria-activedescendant"), option.get_attribute("id"))
        self.assertEqual(findings(tab.page), [])
        tab.page.keyboard.press("Enter")
        expect(box).to_have_value("Lead 050")
        expect(box).to_have_attribute("aria-expanded", "false")
        self.assertEqual(tab.path, LIST)  # nothing is sent yet
        tab.page.keyboard.press("Enter")
        tab.page.wait_for_url(f"**lead={self.chosen.pk}**")
        self.assertNotIn("lead-words", tab.path)
        expect(tab.page.get_by_text("Lead organisation: Lead 050")).to_be_visible()
        expect(tab.page.locator(".count")).to_have_text("1 recommendation")
        self.assertEqual(look_over(tab), [])

    def test_a_finger_chooses_too(self):
        tab = self.list_with_filters(width=PHONE)
        box = self.box_of(tab, "Lead officer")
        box.click()
        box.type("olga 050")
        tab.page.locator(OPTION, has_text="Olga Number 050").click()
        expect(box).to_have_value("Olga Number 050")
        expect(box).to_be_focused()


PAGE = "/indicators/"


class SuggestionTests(DemonstrationTestCase):
    def manager(self) -> User:
        return User.objects.filter(groups__name="Manager").earliest("pk")

    def test_chosen_by_keyboard(self) -> None:
        tab = self.tab(self.manager())
        tab.go(PAGE)
        height = tab.page.locator("header").first.bounding_box()
        tab.page.locator(".find > summary").click()
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
        tab.page.locator(".find > summary").click()
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


GAP = "/gap/"


class ChartTests(DemonstrationTestCase):
    def test_each_value_is_read_by_keyboard_and_the_chart_is_saved_as_png(self):
        tab = self.tab()
        tab.go(GAP)
        box = tab.page.locator("[data-chart]").first
        slider, told = box.get_by_role("slider"), box.locator("output")
        slider.focus()
        for key, words in (
            ("Home", "Interquartile range, 2014: 35.58; Range of regional medians, 2014: 51.6"),
            (
                "ArrowRight",
                "Interquartile range, 2015: 35.1; Range of regional medians, 2015: 51.65",
            ),
        ):
            tab.page.keyboard.press(key)
            expect(told).to_have_text(words)
            expect(slider).to_have_attribute("aria-valuetext", words)
        expect(box.locator("svg.chart-wide .is-chosen")).to_have_count(2)
        with tab.page.expect_download() as saved:
            tab.page.get_by_role("button", name="PNG").first.click()
        self.assertEqual(saved.value.suggested_filename, "gap-trend-DEMO-NET.png")
        content = Path(saved.value.path()).read_bytes()
        self.assertEqual(content[:8], b"\x89PNG\r\n\x1a\n")
        self.assertGreater(int.from_bytes(content[16:20]), 2 * 680)


COMMENTS_PAGE = "/recommendations/DSR-1/history/"


class CommentTests(DemonstrationTestCase):
    def people(self) -> tuple[User, User]:
        made_up = User.objects.filter(is_demonstration=True)
        manager = made_up.filter(groups__name="Manager").earliest("pk")
        return manager, made_up.filter(groups__name="Policy staff").earliest("pk")

    def test_written_where_it_comes_into_view_and_read_by_a_colleague(self) -> None:
        manager, staff = self.people()
        tab = self.tab(manager)
        tab.go(COMMENTS_PAGE)
        tab.page.locator("#comments").scroll_into_view_if_needed()
        box = tab.page.get_by_label("Comment", exact=True)
        box.fill(f"Which meeting was it, @{staff.username}?")
        tab.button("Comment").click()
        expect(tab.page.get_by_role("heading", level=1)).to_have_text("Comments")
        expect(tab.page.locator("main")).to_contain_text("Which meeting was it")
        self.assertEqual(Comment.objects.get().mentions.get(), staff)
        self.assertEqual(findings(tab.page), [])
        tab.go(COMMENTS_PAGE)
        tab.page.locator("#comments").scroll_into_view_if_needed()
        expect(tab.page.locator("#comments")).to_contain_text("Which meeting was it")
        self.assertEqual(findings(tab.page), [])
