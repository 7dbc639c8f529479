"""A list moves in with its statuses, by two people, though its server is killed, and is undone."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.test import override_settings
from playwright.sync_api import FilePayload, Locator, expect

from recommendations.actions.oversight.verification import verify
from recommendations.models import (
    ChainHead,
    Evidence,
    OpeningBatch,
    OpeningRow,
    Recommendation,
    StatusUpdate,
)
from recommendations.storage.uploads import upload_folder
from tests import kept
from tests.browser.base import BrowserTestCase
from tests.browser.counting import Hand
from tests.browser.killable import KillableSite
from tests.depth import IS_DEEP, times
from tests.imports.files import csv_bytes
from tests.imports.openings import HEAD
from tests.processes import until

ROWS = times(40, 2000)
MOST = 30
LONGEST = 60
"""Seconds of waiting for pages, all together."""
STATUSES = ("Ongoing", "Fully implemented", "Pending", "Closed - no longer applicable")
WRITING = "Writing"
"""How the progress of an import begins once its rows are checked."""


def office_list() -> bytes:
    """With a title above its headings, as such lists have one."""
    rows = [
        (
            *(f"7.{n}", f"Recommendation {n} of the audit office", "Ministry A", STATUSES[n % 4]),
            *("3/3/2024", ("Amber", "Green", "")[n % 3], f"As reported for item {n}."),
            f"https://example.org/evidence/{n}",
        )
        for n in range(1, ROWS + 1)
    ]
    return csv_bytes([HEAD, *rows], ("Follow-up of audit recommendations",))


def faults() -> set[str]:
    """What verification finds. Of the source, which no action added, it tells more later."""
    # Signing in wrote past the record, and verification may only read.
    kept.renew()
    told = {str(fault) for fault in verify().faults}
    return {fault for fault in told if not fault.startswith("recommendations_source")}


@override_settings(IMPORT_PAGE_MAX_ROWS=2500)
class MovingInJourneyTests(BrowserTestCase):
    live_server_url = ""  # Of a server that can be killed, and started again.

    def setUp(self) -> None:
        super().setUp()
        self.site = KillableSite()
        self.site.start()
        self.addCleanup(self.site.kill)
        self.live_server_url = self.site.address
        self.waited = 0.0

    def test_from_the_file_to_current_statuses_and_back(self) -> None:
        planted = faults()
        importer = Hand(self.tab(self.manager))
        self.bring_in(importer)
        decider = Hand(self.tab(self.other_manager))
        self.approve(decider)
        self.undo(importer)
        self.assertLessEqual(importer.count + decider.count, MOST)
        self.assertEqual(faults() - planted, set())
        if IS_DEEP:
            self.assertLess(self.waited, LONGEST)

    def turn(self, hand: Hand, where: Locator) -> None:
        """Press what leads to another page, and wait for that."""
        began = time.monotonic()
        with hand.tab.page.expect_navigation(timeout=LONGEST * 1000):
            hand.tap(where)
        self.waited += time.monotonic() - began

    def bring_in(self, hand: Hand) -> None:
        """Columns are proposed; one status that has no certain meaning here is asked for."""
        hand.tab.go("/recommendations/import/?source=report")
        hand.attach("File", FilePayload(name="list.csv", mimeType="text/csv", buffer=office_list()))
        self.turn(hand, hand.tab.button("Read file"))
        page = hand.tab.page
        expect(page.get_by_text("Examples: 7.1 · 7.2 · 7.3")).to_be_visible()
        self.choose(hand)
        self.turn(hand, hand.tab.button("Preview import"))
        expect(page.get_by_text("Choose the status that “Pending” means").first).to_be_visible()
        hand.select("“Pending”: status", "Not started")
        self.turn(hand, hand.tab.button("Preview import"))
        self.be_interrupted(hand)
        hand.tab.go("/recommendations/import/")
        self.turn(hand, hand.tab.link("Continue with list.csv"))
        self.choose(hand)
        hand.select("“Pending”: status", "Not started")
        self.turn(hand, hand.tab.button("Preview import"))
        self.turn(hand, hand.tab.button("Import"))
        expect(page.get_by_text("Another manager approves this batch")).to_be_visible()
        self.assertEqual(OpeningBatch.objects.get().rows.count(), ROWS)

    def choose(self, hand: Hand) -> None:
        hand.choose("Day first: 31/12/2026")
        hand.tap(hand.tab.page.get_by_label("Take over statuses as opening statuses"))

    def be_interrupted(self, hand: Hand) -> None:
        """The server is killed while it writes; nothing of the list is there."""
        killer = threading.Thread(target=self.kill_what_writes)
        killer.start()
        with self.writers_held(), hand.tab.page.expect_event("requestfailed"):
            hand.tap(hand.tab.button("Import"))
        killer.join()
        self.assertFalse(OpeningRow.objects.exists() or Recommendation.objects.exists())
        self.site.start()
        hand.tab.page.wait_for_url("chrome-error://**")
        self.assertIn("ERR_", hand.tab.settle()[0])

    def kill_what_writes(self) -> None:
        told = upload_folder().glob
        until(lambda: any(WRITING in each.read_text() for each in told("*.progress")), WRITING)
        if IS_DEEP:
            time.sleep(1)
        self.site.kill()

    @contextmanager
    def writers_held(self) -> Iterator[None]:
        """Where the rows are so few that the server would be through before it is killed."""
        if IS_DEEP:
            yield
            return
        with transaction.atomic():
            # SQLite lets one write from the beginning of a transaction.
            ChainHead.objects.select_for_update().first()
            yield

    def approve(self, hand: Hand) -> None:
        hand.tab.go("/review/")
        self.turn(hand, hand.tab.link("Opening statuses of list.csv await your approval"))
        self.turn(hand, hand.tab.link("Row 3"))
        hand.fill("Reason", "The ministry reports otherwise.")
        self.turn(hand, hand.tab.button("Leave this row out"))
        self.turn(hand, hand.tab.button(f"Approve {ROWS - 1} opening statuses"))
        expect(hand.tab.page.get_by_text("The opening statuses are approved")).to_be_visible()
        self.assertEqual(StatusUpdate.objects.filter(kind="opening").count(), ROWS - 1)
        self.assertEqual(Evidence.objects.count(), ROWS - 1)
        found = Recommendation.objects.get(external_id="7.5")
        hand.tab.go(found.get_absolute_url())
        told = "Taken over from list.csv, row 7, stated as of 3 March 2024."
        expect(hand.tab.page.get_by_text(told)).to_be_visible()
        expect(hand.tab.page.get_by_text("Approved as a batch", exact=True).first).to_be_visible()

    def undo(self, hand: Hand) -> None:
        hand.tab.go(OpeningBatch.objects.get().get_absolute_url())
        self.turn(hand, hand.tab.link("Undo import"))
        told = f"{ROWS - 1} opening statuses are no longer current"
        expect(hand.tab.page.get_by_text(told)).to_be_visible()
        hand.fill("Reason", "It was the list of last year.")
        self.turn(hand, hand.tab.button("Undo import"))
        expect(hand.tab.page.get_by_text("It was the list of last year.")).to_be_visible()
        self.assertFalse(Recommendation.objects.filter(current_update__isnull=False).exists())
