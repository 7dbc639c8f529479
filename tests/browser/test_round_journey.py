"""A reporting round over 40 recommendations and six leads, by three people, to its file."""

import csv
from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any
from unittest import mock

from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import FilePayload, expect

from recommendations.actions.updates import decisions
from recommendations.models import (
    Organisation,
    OutgoingMail,
    Recommendation,
    ReportingRound,
    StatusUpdate,
)
from recommendations.queries.round_sheets import Column
from tests.base import days_ago
from tests.browser.base import BrowserTestCase, Tab
from tests.browser.counting import Hand
from tests.updates import submit

MOST_TO_SEND = 12
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class RoundJourneyTests(BrowserTestCase):
    """The ministry leads 14, the agency 6, and four leads without an account five each."""

    def write(self) -> list[Organisation]:
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
        return bodies

    def test_it_is_sent_answered_chased_and_closed(self) -> None:
        bodies = self.write()
        round = self.send()
        self.answer()
        self.bring_in_a_sheet(round, bodies[0])
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

    def bring_in_a_sheet(self, round: ReportingRound, body: Organisation) -> None:
        """A lead without an account fills in two rows, one of them wrongly; a manager brings it."""
        tab = self.tab(self.manager)
        tab.go(round.get_absolute_url())
        row = tab.page.get_by_role("row").filter(has_text="Lead 1")
        expect(row.get_by_text("No account")).to_be_visible()
        with tab.page.expect_download() as started:
            row.get_by_role("link", name="Spreadsheet").click()
        data = self.filled(started.value.path().read_bytes(), ["Not started", "Nearly"])
        row.get_by_role("link", name="Upload").click()
        file: FilePayload = {"name": "lead-1.xlsx", "mimeType": XLSX, "buffer": data}
        tab.page.get_by_label("File", exact=True).set_input_files(file)
        tab.button("Preview drafts").click()
        expect(tab.page.get_by_text("“Nearly” is not in the list")).to_be_visible()
        tab.button("Make 1 draft").click()
        expect(tab.page.get_by_text("1 draft was made.")).to_be_visible()
        draft = StatusUpdate.objects.get(author=self.manager)
        self.assertIn("lead-1.xlsx", draft.internal_note)
        submit(update=draft, by=self.manager, expected_version=draft.version)

    def filled(self, data: bytes, statuses: Sequence[str]) -> bytes:
        book = load_workbook(BytesIO(data))
        sheet: Any = book.active
        for number, status in enumerate(statuses, 2):
            sheet.cell(number, list(Column).index(Column.STATUS) + 1).value = status
            sheet.cell(number, list(Column).index(Column.AS_OF) + 1).value = days_ago(0)
        outlet = BytesIO()
        book.save(outlet)
        return outlet.getvalue()

    def close(self, round: ReportingRound) -> None:
        """Twelve days later: one reply is late, the rest is chased and stays on record."""
        about = Recommendation.objects.filter(lead=self.agency).order_by("pk")[0]
        self.make_submitted(about, by=self.other_staff)
        tab = self.tab(self.manager)
        tab.go(round.get_absolute_url())
        expect(tab.page.get_by_text("8 of 40 updates received.")).to_be_visible()
        expect(tab.page.get_by_text("32 are late.")).to_be_visible()
        expect(tab.page.get_by_text("1 late")).to_be_visible()
        tab.button("Send reminders").click()
        expect(tab.page.get_by_text("2 people were reminded.")).to_be_visible()
        tab.link("Close round").click()
        tab.button("Close round with 8 of 40").click()
        expect(tab.page.get_by_text("32 stayed without an update.")).to_be_visible()
        self.assert_file(tab)

    def assert_file(self, tab: Tab) -> None:
        tab.link("Show the 40 requests").click()
        with tab.page.expect_download() as started:
            tab.link("CSV").click()
        text = started.value.path().read_bytes().decode("utf-8-sig")
        states = [row["state_code"] for row in csv.DictReader(StringIO(text))]
        counts = {code: states.count(code) for code in set(states)}
        self.assertEqual(counts, {"approved": 1, "awaiting": 7, "missing": 32})
