"""A manager changes recommendations of a list at once and undoes it; also by keyboard alone."""

from playwright.sync_api import expect

from recommendations.models import Recommendation
from tests.browser.base import PHONE, BrowserTestCase
from tests.browser.counting import Hand
from tests.depth import times

WHY = "The office was reorganised."
ITEMS, MOST_FOR_AN_OFFICER = times(6, 40), 6
"""Recommendations that get an officer at once, and the interactions that this may take."""


class BulkJourneyTests(BrowserTestCase):
    def setUp(self) -> None:
        super().setUp()
        for name in ("Do it", "Map it", "Teach it"):
            self.make_recommendation(name)

    def priorities(self) -> list[str]:
        rows = Recommendation.objects.order_by("number")
        return list(rows.values_list("priority", flat=True))

    def test_two_are_changed_and_back_on_a_phone_without_script(self) -> None:
        tab = self.tab(self.manager, width=PHONE, has_script=False)
        tab.go("/recommendations/")
        for reference in ("REP-1", "REP-3"):
            tab.page.get_by_label(f"Select {reference}").check()
        tab.page.get_by_label("Bulk action").select_option("Set priority")
        tab.button("Apply to selected").click()
        tab.page.get_by_label("Priority").select_option("High")
        tab.button("Preview changes").click()
        expect(tab.page.get_by_text("2 recommendations change.")).to_be_visible()
        tab.page.get_by_label("Reason").fill(WHY)
        tab.button("Change 2 recommendations").click()
        title = tab.page.get_by_role("heading", level=1)
        expect(title).to_have_text("Recommendations changed in bulk")
        self.assertEqual(self.priorities(), ["high", "not_set", "high"])
        tab.link("Undo bulk change").click()
        tab.page.get_by_label("Reason").fill("A mistake.")
        tab.button("Undo change of 2 recommendations").click()
        expect(tab.page.get_by_text("A mistake.")).to_be_visible()
        self.assertEqual(self.priorities(), ["not_set"] * 3)

    def test_all_are_changed_by_keyboard(self) -> None:
        tab = self.tab(self.manager)
        tab.go("/recommendations/")
        keyboard = tab.page.keyboard
        tab.page.get_by_label("Select REP-1").focus()
        keyboard.press("Space")
        expect(tab.page.get_by_text("1 selected")).to_be_visible()
        tab.button("Select all on this page").focus()
        keyboard.press("Enter")
        expect(tab.page.get_by_text("3 selected")).to_be_visible()
        keyboard.press("Tab")
        keyboard.type("Set reporting")
        keyboard.press("Tab")
        keyboard.press("Enter")
        tab.page.get_by_label("Reporting frequency").focus()
        keyboard.type("12")
        keyboard.press("Enter")
        expect(tab.page.get_by_text("3 recommendations change.")).to_be_visible()
        tab.page.get_by_label("Reason").focus()
        keyboard.type(WHY)
        tab.button("Change 3 recommendations").focus()
        keyboard.press("Enter")
        expect(tab.page.get_by_text(WHY)).to_be_visible()
        months = Recommendation.objects.values_list("interval_months", flat=True)
        self.assertEqual(set(months), {12})

    def test_an_officer_is_assigned_to_all_in_few_acts(self) -> None:
        for number in range(3, ITEMS):
            self.make_recommendation(f"Thing {number}")
        person = Hand(self.tab(self.manager))
        person.tab.go("/recommendations/")
        person.select("Bulk action", "Assign lead officer")
        person.tap(person.tab.button(f"Apply to all {ITEMS}"))
        person.select("Lead officer", str(self.other_staff))
        person.tap(person.tab.button("Preview changes"))
        person.fill("Reason", WHY)
        person.tap(person.tab.button(f"Change {ITEMS} recommendations"))
        expect(person.tab.link("Undo bulk change")).to_be_visible()
        held = Recommendation.objects.filter(lead_officer=self.other_staff)
        self.assertEqual(held.count(), ITEMS)
        self.assertLessEqual(person.count, MOST_FOR_AN_OFFICER)
