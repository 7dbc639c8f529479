"""The pages of opening statuses: from the file of one person to the approval of another."""

import io
import json
import re
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.utils import timezone

from recommendations.actions.imports.openings import approve_batch, undo_batch
from recommendations.actions.imports.spreadsheet.plans import propose
from recommendations.actions.recommendations import publish_recommendation, revise_recommendation
from recommendations.actions.signoffs import record_sign_off
from recommendations.models import OpeningBatch, Recommendation, Source, StatusUpdate
from recommendations.queries.dates import day_text
from recommendations.queries.over_time import source_charts
from recommendations.queries.recommendations.overview import (
    home_summary,
    portfolio_of,
    with_last_event,
)
from recommendations.readers import open_table
from tests.briefings.documents import texts_in, untypeset_briefings
from tests.imports.openings import brought, list_of, seen
from tests.views.pages import PageTestCase, words_of

PATH = "/recommendations/import/"
MEANINGS = {
    "status_0": "no_longer_applicable",
    "status_1": "implemented",
    "status_2": "in_progress",
    "rating_0": "amber",
}


def carried(page: Any) -> dict[str, str]:
    """The hidden fields of the page of a batch, which say what it shows."""
    found = re.findall(r'name="(seen|since)" value="(\w+)"', page.content.decode())
    assert [name for name, _value in found] == ["seen", "since"]
    return dict(found)


class BatchTests(PageTestCase):
    """From the file to the current status."""

    def waiting(self, data: bytes) -> str:
        file = SimpleUploadedFile("old list.csv", data)
        address: str = self.post(PATH, self.manager, file=file, source="report")["Location"]
        return address

    def given(self, data: bytes, **more: str) -> dict[str, str]:
        header = open_table(io.BytesIO(data), "list.csv").header
        columns = {f"column_{header.index(name)}": c.value for name, c in propose(header).items()}
        said = {"date_order": "day_first", "modality": "should", "nature": "time_bound"}
        return {**columns, **said, "takes_over": "on", **more}

    def test_it_is_mapped_imported_read_and_approved_by_another(self) -> None:
        data = list_of()
        address = self.waiting(data)
        page = self.read(address, self.manager)
        self.assertIn("Examples: 7.1 · 7.10 · 7.2", page)
        asked = self.post(address, self.manager, **self.given(data))
        self.assertEqual(asked.status_code, 400)
        self.assertIn("Choose the status that “Ongoing” means", words_of(asked))
        kept = {**MEANINGS, "status_2": "history"}
        mapped = self.post(address, self.manager, **self.given(data, **kept))
        self.assertEqual(mapped.status_code, 200)
        given = self.given(data, **MEANINGS)
        preview = self.post(address, self.manager, **given)
        self.assertIn("Opening statuses 3", words_of(preview))
        self.assertNotIn("not taken over", words_of(preview))
        digest = preview.context["plan"].digest
        done = self.post(address, self.manager, move="import", seen=digest, **given)
        batch = OpeningBatch.objects.get().get_absolute_url()
        self.assertRedirects(done, batch)

        own = self.read(batch, self.manager)
        self.assert_words(own, "Another manager approves this batch")
        self.assert_no_words(own, "Approve 3")
        page = self.get(batch, self.other_manager)
        self.assertIn("Approve 3 opening statuses", words_of(page))
        shown, row = page.context["review"].digest, f"{batch}rows/2/"
        self.assertEqual(self.post(batch, self.manager, seen=shown).status_code, 403)
        self.assertIn("Half of it.", self.read(row, self.other_manager))
        self.post(f"{row}leave-out/", self.other_manager, reason="Unclear.")
        stale = self.post(batch, self.other_manager, seen=shown)
        self.assertEqual(stale.status_code, 409)
        self.post(batch, self.other_manager, seen=stale.context["review"].digest)
        self.assertEqual(StatusUpdate.objects.filter(kind="opening").count(), 2)

        found = Recommendation.objects.get(external_id="7.10")
        words = self.read(found.get_absolute_url(), self.viewer)
        taken = "Taken over from old list.csv, row 3, stated as of 5 March 2024."
        told = ("Opening status", taken, "Approved as a batch", "Not stated in the list")
        self.assert_words(words, *told)
        self.assert_no_words(words, "Evidence verified")
        draft = self.post(f"{row}draft/", self.other_manager)
        made = StatusUpdate.objects.get(state="draft")
        self.assertEqual(made.get_absolute_url(), draft["Location"])

    def test_statuses_that_nobody_asked_to_take_over_are_told_with_what_to_do(self) -> None:
        data = list_of()
        address, given = self.waiting(data), self.given(data, **MEANINGS, takes_over="")
        preview = self.post(address, self.manager, **given)
        told = "3 statuses of the file become history only and are not taken over."
        self.assertIn(told, words_of(preview))
        digest = preview.context["plan"].digest
        done = self.post(address, self.manager, move="import", seen=digest, **given)
        self.assertIn(told, self.read(done["Location"], self.manager))
        again = self.waiting(data)
        preview = self.post(again, self.manager, **self.given(data, **MEANINGS))
        self.assertIn("Opening statuses 3", words_of(preview))

    def test_what_changed_since_the_page_is_told_and_nothing_is_approved(self) -> None:
        batch = brought(list_of(), self.source, self.manager)
        address = batch.get_absolute_url()
        sent = carried(self.get(address, self.other_manager))
        found = Recommendation.objects.get(external_id="7.1")
        revise_recommendation(
            recommendation=found,
            by=self.manager,
            expected_version=found.version,
            values={"title": "Sell the register"},
        )
        refused = self.post(address, self.other_manager, **sent, note="A note that was typed.")
        self.assertEqual(refused.status_code, 409)
        changed = "The content changed after you opened the page."
        titles = (f"Row 2: {found.reference}, Title", "Keep a register", "Sell the register")
        self.assert_words(words_of(refused), changed, *titles)
        self.assertContains(refused, "A note that was typed.", status_code=409)
        self.assertFalse(StatusUpdate.objects.filter(kind="opening").exists())
        again = self.post(address, self.other_manager, **carried(refused))
        self.assertEqual(again.status_code, 302)

    def test_undoing_needs_a_reason_which_is_told(self) -> None:
        page = brought(list_of(), self.source, self.manager).get_absolute_url()
        for reason, status in (({}, 400), ({"reason": "The wrong list."}, 302)):
            response = self.post(f"{page}undo/", self.manager, seen="0", **reason)
            self.assertEqual(response.status_code, status)
        self.assertIn("The wrong list.", self.read(page, self.auditor))


class ApprovedTests(PageTestCase):
    """What is shown of a batch that was approved: it is called an opening status everywhere."""

    def setUp(self) -> None:
        super().setUp()
        self.batch = brought(list_of(), self.source, self.manager)
        approve_batch(batch=self.batch, by=self.other_manager, seen=seen(self.batch))
        self.found = Recommendation.objects.get(external_id="7.10")
        self.page = self.found.get_absolute_url()
        self.today = timezone.localdate()
        self.then = {"as_of": self.today - timedelta(1), "known": self.today}

    def test_it_is_quoted_signed_off_and_shown_as_finished_as_what_it_is(self) -> None:
        quoted = "5 March 2024 implemented (opening status, approved as a batch"
        self.assertContains(self.get(self.page, self.viewer), quoted)
        signed = record_sign_off(about=self.found, by=self.manager, as_of=self.today)
        for path in (f"{self.page}sign-off/", signed.get_absolute_url()):
            self.assert_words(self.read(path, self.manager), "Implemented", "Opening status")
        # One that is implemented without a day is not shown as open.
        listed = "/recommendations/?text=Publish+it"
        for path in (self.page, listed):
            words = self.read(path, self.other_manager)
            self.assert_words(words, "Completed, date not stated")
            unwanted = ("Set target date", "No target date 5 Mar 2024")
            self.assert_no_words(words, *unwanted)

    def test_it_is_marked_in_the_briefings(self) -> None:
        source = self.source.get_absolute_url()
        for page in ("/recommendations/", source, self.page):
            for query in ({}, self.then):
                with self.subTest(page=page, query=query), untypeset_briefings():
                    made = json.loads(self.get(f"{page}briefing/", self.viewer, **query).content)
                    text = " | ".join(texts_in(made))
                    self.assertRegex(text, "Opening status|Approved as a batch")

    def test_headlines_and_counts_say_how_many_there_are_until_they_are_reviewed(self) -> None:
        self.make_approved(self.recommendation)
        told = "taken over from an earlier tracker as opening statuses: one is implemented, one is"
        for page in ("/", self.source.get_absolute_url()):
            for query in ({}, self.then):
                with self.subTest(page=page, query=query):
                    words = self.read(page, self.viewer, **query)
                    self.assert_words(words, told, "Implemented of which 1 opening status")
        tally = portfolio_of(with_last_event(Source.objects.all()), self.viewer, self.today).tally
        self.assertIn(told, home_summary(tally, 2))
        charts = source_charts(self.source, self.today)
        assert charts is not None
        self.assertIn("The last month includes 3 opening", charts.charts["status"].frame.note)
        people = {"by": self.manager, "decided_by": self.other_manager}
        for found in Recommendation.objects.exclude(external_id=""):
            self.make_approved(found, reopening_reason="It goes on.", **people)
        words = self.read(self.source.get_absolute_url(), self.viewer)
        self.assertNotIn("opening status", words)

    def test_evidence_says_that_a_status_was_undone_with_its_import(self) -> None:
        update = StatusUpdate.objects.get(recommendation=self.found)
        pages = [link.evidence.get_absolute_url() for link in update.evidence_links.all()]
        told = f"Undone on {day_text(self.today)} Update as of 5 March 2024"
        for is_undone in (False, True):
            for page in pages:
                self.assertEqual(told in self.read(page, self.other_manager), is_undone)
            if not is_undone:
                why = {"seen": 3, "reason": "The wrong list."}
                undo_batch(batch=self.batch, by=self.other_manager, **why)

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_reads_no_name_of_a_file(self) -> None:
        publish_recommendation(recommendation=self.found, by=self.manager)
        words = self.read(self.page)
        self.assertIn("Opening status", words)
        self.assertNotIn("list.csv", words)
        feed = self.get(f"{self.page}updates.atom").content.decode()
        self.assertIn("Taken over from an earlier tracker and approved as a batch.", feed)
