"""Choosing one row of many: by keyboard and by ear with script, by a search without."""

import re

from django.contrib.auth.models import Group
from playwright.sync_api import Locator, expect

from recommendations.choices import Role
from recommendations.models import Organisation, Recommendation, StatusUpdate, User
from tests.browser.acts import choose_closed
from tests.browser.base import PHONE, BrowserTestCase, Tab
from tests.browser.findings import findings
from tests.browser.looks import look_over
from tests.views.test_pickers import add_leads

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
        expect(tab.page.get_by_text("1 result").first).to_be_visible()
        self.assertEqual(look_over(tab), [])

    def test_escape_closes_the_list_and_what_chooses_nothing_is_not_sent_unseen(self):
        tab = self.list_with_filters(query=f"?lead={self.chosen.pk}")
        box = self.box_of(tab, "Lead organisation")
        box.focus()
        tab.page.keyboard.press("ArrowDown")
        expect(tab.page.locator(OPTION)).to_have_count(20)
        self.assertEqual(findings(tab.page), [])
        tab.page.keyboard.press("Escape")
        expect(tab.page.locator(OPTION)).to_have_count(0)
        expect(box).to_have_value("Lead 050")
        box.fill("lead-05")
        tab.button("Apply filters").click()
        said = box.evaluate("box => box.validationMessage")
        self.assertEqual(said, "Choose an option from the list, or clear the field.")
        box.fill("")
        tab.button("Apply filters").click()
        tab.page.wait_for_url(lambda url: "lead=&" in url)
        expect(tab.page.get_by_text("110 results")).to_be_visible()

    def test_a_finger_chooses_too_and_without_script_it_is_a_search(self):
        tab = self.list_with_filters(width=PHONE)
        box = self.box_of(tab, "Lead officer")
        box.click()
        box.type("olga 050")
        tab.page.locator(OPTION, has_text="Olga Number 050").click()
        expect(box).to_have_value("Olga Number 050")
        expect(box).to_be_focused()
        tab = self.list_with_filters(has_script=False)
        search = tab.page.get_by_role("searchbox", name="Search", exact=True)
        search.fill("Recommendation")
        tab.page.get_by_label("Search in Lead organisation").fill("lead-05")
        tab.page.locator("button[name=find][value=lead]").click()
        expect(tab.page.get_by_text("10 results.")).to_be_visible()
        expect(search).to_have_value("Recommendation")
        lead = tab.page.get_by_label("Lead organisation", exact=True)
        lead.select_option("Lead 050")
        tab.button("Apply filters").click()
        expect(tab.page.get_by_text("1 result").first).to_be_visible()
        expect(lead).to_have_value(str(self.chosen.pk))


class UpdateFormTests(PickerTestCase):
    def test_a_successor_is_chosen_and_saved_in_the_background(self):
        found = Recommendation.objects.get(reference="REP-102")
        Recommendation.objects.filter(pk=found.pk).update(lead_officer=self.staff)
        tab = self.tab(self.staff)
        tab.go("/recommendations/REP-102/updates/new/")
        choose_closed(tab)
        box = self.box_of(tab, "Replaced by recommendation")
        box.fill("rep-7")
        expect(tab.page.locator(OPTION)).to_have_count(11)
        tab.page.keyboard.press("ArrowDown")
        self.assertEqual(findings(tab.page), [])
        box.blur()
        box.focus()
        box.press("Enter")  # sends no form while nothing is chosen, but asks again
        expect(tab.page.locator(OPTION)).to_have_count(11)
        box.press("ArrowDown")
        box.press("Enter")
        expect(box).to_have_value("REP-7 Recommendation 7")
        expect(tab.page.locator("#saved")).to_have_text(
            re.compile(r"^\s*Draft saved at [\d:]+\s*$")
        )
        self.assertEqual(StatusUpdate.objects.get().successor.reference, "REP-7")


class AdministrationTests(PickerTestCase):
    def test_who_takes_over_is_chosen(self):
        Group.objects.get(name=Role.STAFF).user_set.add(*User.objects.filter(first_name="Olga"))
        tab = self.tab(self.administrator)
        tab.go(f"/admin/recommendations/user/{self.staff.pk}/hand-over/")
        box = self.box_of(tab, "Hand over to:")
        box.fill("olga 050")
        tab.page.locator(OPTION, has_text="Olga Number 050").click()
        expect(box).to_have_value("Olga Number 050")
        self.assertEqual([f for f in findings(tab.page) if "picker" in str(f)], [])
