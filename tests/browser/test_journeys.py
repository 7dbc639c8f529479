"""Journeys of an office, by several people: a new tracker, a list, dates, rounds, bulk changes."""

import csv
import re
import time
from datetime import date, timedelta
from io import StringIO
from unittest import mock

from django.contrib.auth.hashers import make_password
from django.core import mail
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import FilePayload, Locator, expect

from recommendations.actions import people
from recommendations.actions.mail import delivery
from recommendations.actions.oversight.verification import verify
from recommendations.actions.updates import decisions
from recommendations.choices import UpdateState
from recommendations.models import (
    Evidence,
    OpeningBatch,
    Organisation,
    OutgoingMail,
    Recommendation,
    ReportingRound,
    StatusUpdate,
    User,
)
from tests import kept
from tests.base import PASSWORD, days_ago
from tests.browser.base import PHONE, BrowserTestCase, SeldomTwoWays, Tab
from tests.browser.counting import Hand
from tests.depth import IS_DEEP, times
from tests.imports.files import csv_bytes
from tests.imports.openings import HEAD

MOST_TO_SEND = 12


class RoundJourneyTests(BrowserTestCase):
    """The ministry leads 14, the agency 6, and four leads without an account five each."""

    def write(self) -> None:
        bodies = [
            Organisation.objects.create(slug=f"lead-{n}", name=f"Lead {n}") for n in range(1, 5)
        ]
        leads = (
            [self.ministry] * 14 + [self.agency] * 6 + [body for body in bodies for _n in range(5)]
        )
        officers = {self.ministry.pk: self.staff, self.agency.pk: self.other_staff}
        for number, lead in enumerate(leads, 1):
            self.make_recommendation(
                f"Item {number}", lead=lead, lead_officer=officers.get(lead.pk)
            )
        self.make_recommendation("Of nobody", lead=None, lead_officer=None)

    def test_it_is_sent_answered_chased_and_closed(self) -> None:
        self.write()
        round = self.send()
        self.answer()
        late = timezone.now() + timedelta(days=12)
        with (
            mock.patch.object(timezone, "now", return_value=late),
            mock.patch("recommendations.audit.record.refuse_difference"),
        ):
            self.close(round)

    def send(self) -> ReportingRound:
        """From the list of rounds: a name, a day, and whom it asks; one mail to each officer."""
        hand = Hand(self.tab(self.manager))
        hand.tab.go("/rounds/")
        hand.tap(hand.tab.link("New round"))
        hand.tap(hand.tab.button("Preview round"))
        hand.fill("Name of the round", "Autumn round")
        hand.fill("Status as of", days_ago(0).isoformat())
        hand.fill("Reply by", days_ago(-10).isoformat())
        expect(hand.tab.page.get_by_text("No lead organisation")).to_be_visible()
        hand.tap(hand.tab.button("Request 40 updates"))
        expect(hand.tab.page.get_by_text("0 of 40 updates received.")).to_be_visible()
        self.assertLessEqual(hand.count, MOST_TO_SEND)
        told = OutgoingMail.objects.filter(subject="Autumn round: updates requested")
        self.assertEqual({mail.to for mail in told}, {self.staff, self.other_staff})
        return ReportingRound.objects.get()

    def answer(self) -> None:
        """The officer of the ministry reports one item on its form; five more follow."""
        tab = self.tab(self.staff)
        tab.go("/my-work/")
        expect(tab.page.get_by_text("14 recommendations need your action.")).to_be_visible()
        row = tab.page.get_by_role("article").filter(has_text="Item 1").first
        row.get_by_role("link", name="Log an update").click()
        tab.page.get_by_role("radio", name="Not started", exact=True).check()
        tab.page.get_by_role("button", name="Submit for review").click()
        tab.go("/my-work/")
        expect(tab.page.get_by_text("13 recommendations need your action.")).to_be_visible()
        for about in Recommendation.objects.filter(lead=self.ministry).order_by("pk")[1:6]:
            self.make_submitted(about)
        update = StatusUpdate.objects.order_by("pk")[0]
        decisions.approve_update(update=update, by=self.manager)

    def close(self, round: ReportingRound) -> None:
        """Twelve days later: one reply is late, the rest is chased and stays on record."""
        about = Recommendation.objects.filter(lead=self.agency).order_by("pk")[0]
        self.make_submitted(about, by=self.other_staff)
        tab = self.tab(self.manager)
        tab.go(round.get_absolute_url())
        expect(tab.page.get_by_text("7 of 40 updates received.")).to_be_visible()
        expect(tab.page.get_by_text("33 are late.")).to_be_visible()
        expect(tab.page.get_by_text("1 came late")).to_be_visible()
        tab.button("Send reminders").click()
        expect(tab.page.get_by_text("2 people were reminded.")).to_be_visible()
        tab.link("Close round").click()
        tab.button("Close round with 7 of 40").click()
        expect(tab.page.get_by_text("33 stayed without an update.")).to_be_visible()
        self.assert_file(tab)

    def assert_file(self, tab: Tab) -> None:
        tab.link("Show the 40 requests").click()
        with tab.page.expect_download() as started:
            tab.link("CSV").click()
        text = started.value.path().read_bytes().decode("utf-8-sig")
        states = [row["state_code"] for row in csv.DictReader(StringIO(text))]
        counts = {code: states.count(code) for code in set(states)}
        self.assertEqual(counts, {"approved": 1, "awaiting": 6, "missing": 33})


FIRST, LATER = date(2027, 6, 30), date(2027, 12, 31)
AGREED = "Agreed by the steering group."
LATE = "The permit is late: it comes in autumn."


class DateJourneyTests(SeldomTwoWays, BrowserTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.three = [self.make_recommendation(name) for name in ("Do it", "Map it", "Teach it")]

    def travel(self, *, width: int, has_script: bool) -> None:
        manager, staff = (
            self.tab(person, width=width, has_script=has_script)
            for person in (self.manager, self.staff)
        )
        self.a_manager_sets_the_first(manager)
        self.staff_asks(staff, LATE)
        self.open_ledger(manager, "Decide on date change")
        manager.button("Approve").click()
        expect(manager.page.get_by_text("REP-1: target date changed.")).to_be_visible()
        self.staff_confirms_three_at_once(staff)
        self.a_manager_approves_them_at_once(manager)

    def open_ledger(self, tab: Tab, link: str) -> None:
        tab.go("/recommendations/REP-1/")
        tab.link(link).first.click()
        expect(tab.page.get_by_role("heading", level=1)).to_have_text("Target date history: Do it")

    def a_manager_sets_the_first(self, tab: Tab) -> None:
        self.open_ledger(tab, "Set target date")
        tab.page.get_by_label("Target date", exact=True).fill(FIRST.isoformat())
        tab.button("Set target date").click()
        expect(tab.page.get_by_role("alert").first).to_contain_text("Enter the reason.")
        tab.page.get_by_label("Reason for this date").fill(AGREED)
        tab.button("Set target date").click()
        expect(tab.page.get_by_text("REP-1: target date set.")).to_be_visible()

    def staff_asks(self, tab: Tab, reason: str) -> None:
        self.open_ledger(tab, "Request a new target date")
        tab.page.get_by_label("New date").fill(LATER.isoformat())
        tab.page.get_by_label("Reason for the change").fill(reason)
        tab.button("Request a new target date").click()
        expect(tab.page.get_by_text("REP-1: date change requested.")).to_be_visible()
        self.assertFalse(tab.button("Approve").is_visible())

    def staff_confirms_three_at_once(self, tab: Tab) -> None:
        for found in self.three:
            self.make_approved(found, as_of=days_ago(200))
        Recommendation.objects.update(next_due_on=days_ago(3))
        tab.go("/my-work/")
        tab.link("Confirm no change for several recommendations").click()
        for found in self.three:
            tab.page.get_by_label(f"{found.reference} {found.title}").check()
        tab.button("Confirm no change for selected").click()
        expect(tab.page.get_by_text("submitted for review: REP-1, REP-2, REP-3.")).to_be_visible()

    def a_manager_approves_them_at_once(self, tab: Tab) -> None:
        tab.go("/review/")
        folded = tab.page.locator("summary", has_text=re.compile("^Review queue"))
        if folded.is_visible():
            folded.click()
        tab.link("Review 3 “no change” updates together").click()
        for found in self.three:
            expect(tab.page.get_by_label(f"{found.reference} {found.title}")).to_be_checked()
        tab.button("Approve selected updates").click()
        expect(tab.page.get_by_text("approved: REP-1, REP-2, REP-3.")).to_be_visible()
        confirmed = StatusUpdate.objects.filter(kind="no_change", state=UpdateState.APPROVED)
        self.assertEqual(confirmed.count(), 3)


WHY = "The office was reorganised."
ITEMS, MOST_FOR_AN_OFFICER = times(6, 40), 7
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

    def test_an_officer_is_assigned_to_all_in_few_acts(self) -> None:
        for number in range(3, ITEMS):
            self.make_recommendation(f"Thing {number}")
        person = Hand(self.tab(self.manager))
        person.tab.go("/recommendations/")
        person.tap(person.tab.page.get_by_label("Select all on this page"))
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


MOST_INTERACTIONS = 40
ADDRESS = "first.administrator@example.org"
TITLES = "\n".join(f"Connect the schools of region {number}" for number in range(1, 13))


class SetUpJourneyTests(BrowserTestCase):
    def setUp(self) -> None:
        """Nothing but what ``create_administrator`` makes."""
        people.create_administrator(
            values={"username": "first", "email": ADDRESS, "password": make_password(PASSWORD)},
            organisation="Ministry of Transport",
        )

    def sign_in_by_form(self, hand: Hand, username: str) -> None:
        hand.tab.go("/accounts/login/")
        hand.fill("Username", username)
        hand.fill("Password", PASSWORD)
        hand.tap(hand.tab.button("Sign in"))

    def open_place(self, hand: Hand, name: str) -> None:
        """A place in the menu that the bar is on a phone."""
        page = hand.tab.page
        hand.tap(page.locator(".menu > summary"))
        hand.tap(page.get_by_role("navigation", name="Menu").get_by_role("link", name=name))

    def mailed_links(self) -> dict[str, str]:
        """Paths of the links, by address."""
        mail.outbox.clear()
        delivery.send_queue()
        return {
            letter.to[0]: letter.body.split(self.live_server_url)[1].split()[0]
            for letter in mail.outbox
        }

    def test_from_the_first_sign_in_to_an_approved_status_on_a_phone(self) -> None:
        first, reporter, approver = (Hand(self.tab(width=PHONE)) for _person in range(3))
        self.sign_in_by_form(first, "first")
        expect(first.tab.page.get_by_role("heading", level=1)).to_have_text("Set-up: source")
        self.add_source(first)
        self.invite(first)
        links = self.mailed_links()
        self.accept(reporter, links["sam.staff@example.org"], "Sam", "Staff")
        self.accept(approver, links["mia.manager@example.org"], "Mia", "Manager")
        self.add_recommendations(first)
        self.report(reporter)
        self.approve(approver)
        update = StatusUpdate.objects.get()
        self.assertEqual(update.state, UpdateState.APPROVED)
        self.assertEqual(Recommendation.objects.count(), 12)
        self.assertEqual(User.objects.count(), 3)
        count = first.count + reporter.count + approver.count
        self.assertLessEqual(count, MOST_INTERACTIONS)

    def add_source(self, hand: Hand) -> None:
        hand.fill("Title", "Rural Broadband Review")
        hand.fill("Reference prefix", "RBR")
        hand.tap(hand.tab.button("Add source"))

    def invite(self, hand: Hand) -> None:
        for name, address in (("email1", "sam.staff"), ("email2", "mia.manager")):
            hand.count += 1
            hand.tab.page.locator(f"[name={name}]").fill(f"{address}@example.org")
        hand.tap(hand.tab.button("Send invitations"))
        expect(hand.tab.page.get_by_text("2 invitations are on their way.")).to_be_visible()

    def accept(self, hand: Hand, path: str, first: str, last: str) -> None:
        hand.count += 1  # the link in the message
        hand.tab.go(path)
        hand.fill("First name", first)
        hand.fill("Last name", last)
        hand.fill("Password", PASSWORD)
        hand.fill("Password confirmation", PASSWORD)
        hand.tap(hand.tab.button("Create account"))

    def add_recommendations(self, hand: Hand) -> None:
        hand.tap(hand.tab.page.get_by_role("main").get_by_role("link", name="Recommendations"))
        hand.fill("Or rows pasted from a spreadsheet", TITLES)
        hand.tap(hand.tab.button("Read file"))
        hand.fill("Default lead officer", "Sam Staff")
        hand.fill("Default reviewer", "Mia Manager")
        hand.fill("Default target date", "2031-12-31")
        hand.tap(hand.tab.button("Preview import"))
        hand.tap(hand.tab.button("Import"))
        expect(hand.tab.page.get_by_text("is imported. New: 12")).to_be_visible()

    def report(self, hand: Hand) -> None:
        self.open_place(hand, "Recommendations")
        hand.tap(hand.tab.page.locator("main a[href='/recommendations/RBR-1/']").first)
        hand.tap(hand.tab.link("Log an update").first)
        hand.choose("Not started")
        hand.tap(hand.tab.button("Submit to Mia Manager"))
        expect(hand.tab.page.get_by_text("RBR-1: submitted for review.")).to_be_visible()

    def approve(self, hand: Hand) -> None:
        hand.tab.go("/")  # The page that is open is from before.
        hand.tap(
            hand.tab.page.get_by_role("navigation", name="Your work").locator("[href='/review/']")
        )
        hand.tap(hand.tab.button("Approve"))
        expect(hand.tab.page.get_by_text("No items await your decision")).to_be_visible()


ROWS = times(40, 2000)
MOST = 30
LONGEST = 60
"""Seconds of waiting for pages, all together."""
STATUSES = ("Ongoing", "Fully implemented", "Pending", "Closed - no longer applicable")


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
    waited = 0.0

    def test_from_the_file_to_current_statuses_and_back(self) -> None:
        planted = faults()
        importer = Hand(self.tab(self.manager))
        self.bring_in(importer)
        decider = Hand(self.tab(self.other_manager))
        self.approve(decider)
        self.undo(importer)
        self.agree(decider)
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
        """Columns are proposed; one status that has no certain meaning here is told."""
        hand.tab.go("/recommendations/import/?source=report")
        hand.attach("File", FilePayload(name="list.csv", mimeType="text/csv", buffer=office_list()))
        self.turn(hand, hand.tab.button("Read file"))
        page = hand.tab.page
        expect(page.get_by_text("Examples: 7.1 · 7.2 · 7.3")).to_be_visible()
        self.choose(hand)
        self.turn(hand, hand.tab.button("Preview import"))
        expect(page.get_by_text("Original status kept: no mapping confirmed")).to_be_visible()
        hand.select("“Pending”: status", "Not started")
        self.turn(hand, hand.tab.button("Preview import"))
        self.turn(hand, hand.tab.button("Import"))
        expect(page.get_by_text("Another manager approves this batch")).to_be_visible()
        self.assertEqual(OpeningBatch.objects.get().rows.count(), ROWS)

    def choose(self, hand: Hand) -> None:
        hand.choose("Day first: 31/12/2026")
        expect(hand.tab.page.get_by_label("Take over statuses as opening statuses")).to_be_checked()

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
        self.turn(hand, hand.tab.button("Request to undo"))
        expect(hand.tab.page.get_by_text("Undoing requested").first).to_be_visible()

    def agree(self, hand: Hand) -> None:
        hand.tab.go("/review/")
        waiting = "Undoing an import awaits your decision"
        self.turn(hand, hand.tab.page.get_by_role("link", name=waiting))
        self.turn(hand, hand.tab.button("Undo import"))
        expect(hand.tab.page.get_by_text("It was the list of last year.")).to_be_visible()
        self.assertFalse(Recommendation.objects.filter(current_update__isnull=False).exists())
