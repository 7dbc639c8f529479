"""A list of 40 recommendations moves in with its statuses, by two people, and is undone."""

from playwright.sync_api import FilePayload, expect

from recommendations.models import OpeningBatch, Recommendation, StatusUpdate
from tests.browser.base import BrowserTestCase
from tests.browser.counting import Hand
from tests.imports.files import csv_bytes
from tests.imports.openings import HEAD

MOST = 30
STATUSES = ("Ongoing", "Fully implemented", "Pending", "Closed - no longer applicable")


def office_list() -> bytes:
    """With a title above its headings, as such lists have one."""
    rows = [
        (
            *(f"7.{n}", f"Recommendation {n} of the audit office", "Ministry A", STATUSES[n % 4]),
            *("3/3/2024", ("Amber", "Green", "")[n % 3], f"As reported for item {n}.", ""),
        )
        for n in range(1, 41)
    ]
    return csv_bytes([HEAD, *rows], ("Follow-up of audit recommendations",))


class MovingInJourneyTests(BrowserTestCase):
    def test_from_the_file_to_current_statuses_and_back(self) -> None:
        importer = Hand(self.tab(self.manager))
        self.bring_in(importer)
        decider = Hand(self.tab(self.other_manager))
        self.approve(decider)
        self.undo(importer)
        self.assertLessEqual(importer.count + decider.count, MOST)

    def bring_in(self, hand: Hand) -> None:
        """Columns are proposed; one status that has no certain meaning here is asked for."""
        hand.tab.go("/recommendations/import/?source=report")
        hand.attach("File", FilePayload(name="list.csv", mimeType="text/csv", buffer=office_list()))
        hand.tap(hand.tab.button("Read file"))
        page = hand.tab.page
        expect(page.get_by_text("Examples: 7.1 · 7.2 · 7.3")).to_be_visible()
        hand.choose("Day first: 31/12/2026")
        hand.tap(page.get_by_label("Take over statuses as opening statuses"))
        hand.tap(hand.tab.button("Preview import"))
        expect(page.get_by_text("Choose the status that “Pending” means").first).to_be_visible()
        hand.select("“Pending”: status", "Not started")
        hand.tap(hand.tab.button("Preview import"))
        hand.tap(page.get_by_role("button", name="Import", exact=True))
        expect(page.get_by_text("Another manager approves this batch")).to_be_visible()
        self.assertEqual(OpeningBatch.objects.get().rows.count(), 40)

    def approve(self, hand: Hand) -> None:
        hand.tab.go("/review/")
        hand.tap(hand.tab.link("Opening statuses of list.csv await your approval"))
        hand.tap(hand.tab.link("Row 3"))
        hand.fill("Reason", "The ministry reports otherwise.")
        hand.tap(hand.tab.button("Leave row out"))
        hand.tap(hand.tab.button("Approve 39 opening statuses"))
        expect(hand.tab.page.get_by_text("The opening statuses are approved")).to_be_visible()
        self.assertEqual(StatusUpdate.objects.filter(kind="opening").count(), 39)
        found = Recommendation.objects.get(external_id="7.5")
        hand.tab.go(found.get_absolute_url())
        told = "Taken over from list.csv, row 7, stated as of 3 March 2024."
        expect(hand.tab.page.get_by_text(told)).to_be_visible()
        expect(hand.tab.page.get_by_text("Approved as a batch", exact=True).first).to_be_visible()

    def undo(self, hand: Hand) -> None:
        hand.tab.go(OpeningBatch.objects.get().get_absolute_url())
        hand.tap(hand.tab.link("Undo this import"))
        expect(
            hand.tab.page.get_by_text("39 opening statuses are no longer current")
        ).to_be_visible()
        hand.fill("Reason", "It was the list of last year.")
        hand.tap(hand.tab.button("Undo import"))
        expect(hand.tab.page.get_by_text("It was the list of last year.")).to_be_visible()
        self.assertFalse(Recommendation.objects.filter(current_update__isnull=False).exists())
