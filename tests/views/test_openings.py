"""The pages of opening statuses: from the file of one person to the approval of another."""

import io
import json
import re
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.utils import timezone

from recommendations.actions.imports.openings.batches import approve_batch, undo_batch
from recommendations.actions.recommendations import publish_recommendation, revise_recommendation
from recommendations.actions.signoffs import record_sign_off
from recommendations.models import OpeningBatch, Recommendation, StatusUpdate
from recommendations.queries.dates import day_text
from recommendations.queries.over_time.charts import source_charts
from recommendations.queries.recommendations.overview import home_summary
from recommendations.queries.recommendations.portfolio import portfolio_of
from recommendations.readers import open_table
from recommendations.readers.columns import propose
from tests.briefings.documents import texts_in, untypeset_briefings
from tests.imports.files import csv_bytes
from tests.imports.openings import HEAD, ROWS, brought, list_of, seen
from tests.views.pages import PageTestCase, counting, words_of

PATH = "/recommendations/import/"


def carried(page: Any) -> dict[str, str]:
    """The hidden fields of the page of a batch, which say what it shows."""
    found = re.findall(r'name="(seen|since)" value="(\w+)"', page.content.decode())
    assert [name for name, _value in found] == ["seen", "since"]
    return dict(found)


class OpeningPageTests(PageTestCase):
    def waiting(self, data: bytes) -> str:
        file = SimpleUploadedFile("old list.csv", data)
        address: str = self.post(PATH, self.manager, file=file, source="report")["Location"]
        return address

    def given(self, data: bytes, **more: str) -> dict[str, str]:
        header = open_table(io.BytesIO(data), "list.csv").header
        columns = {f"column_{header.index(name)}": c.value for name, c in propose(header).items()}
        return {
            **columns,
            "date_order": "day_first",
            "modality": "should",
            "nature": "time_bound",
            "takes_over": "on",
            **more,
        }

    MEANINGS = {
        "status_0": "no_longer_applicable",
        "status_1": "implemented",
        "status_2": "in_progress",
        "rating_0": "amber",
    }

    def test_what_is_not_mapped_is_asked(self) -> None:
        data = list_of()
        address = self.waiting(data)
        page = words_of(self.get(address, self.manager))
        self.assertIn("Examples: 7.1 · 7.10 · 7.2", page)
        asked = self.post(address, self.manager, **self.given(data))
        self.assertEqual(asked.status_code, 400)
        self.assertIn("Choose the status that “Ongoing” means", words_of(asked))
        kept = {**self.MEANINGS, "status_2": "history"}
        mapped = self.post(address, self.manager, **self.given(data, **kept))
        self.assertEqual(mapped.status_code, 200)

    def test_from_the_file_to_the_current_status(self) -> None:
        data = list_of()
        address = self.waiting(data)
        given = self.given(data, **self.MEANINGS)
        preview = self.post(address, self.manager, **given)
        self.assertIn("Opening statuses 3", words_of(preview))
        digest = preview.context["plan"].digest
        done = self.post(address, self.manager, move="import", seen=digest, **given)
        batch = OpeningBatch.objects.get()
        self.assertRedirects(done, batch.get_absolute_url())

        own = self.get(batch.get_absolute_url(), self.manager)
        self.assertIn("Another manager approves this batch", words_of(own))
        self.assertNotIn("Approve 3", words_of(own))
        page = self.get(batch.get_absolute_url(), self.other_manager)
        self.assertIn("Approve 3 opening statuses", words_of(page))
        shown = page.context["review"].digest
        row = f"{batch.get_absolute_url()}rows/2/"
        self.assertIn("Half of it.", self.read(row, self.other_manager))
        self.post(f"{row}leave-out/", self.other_manager, reason="Unclear.")
        stale = self.post(batch.get_absolute_url(), self.other_manager, seen=shown)
        self.assertEqual(stale.status_code, 409)
        again = stale.context["review"].digest
        self.post(batch.get_absolute_url(), self.other_manager, seen=again)
        self.assertEqual(StatusUpdate.objects.filter(kind="opening").count(), 2)

        found = Recommendation.objects.get(external_id="7.10")
        words = self.read(found.get_absolute_url(), self.viewer)
        self.assert_words(
            words,
            "Opening status",
            "Taken over from old list.csv, row 3, stated as of 5 March 2024.",
            "Approved as a batch",
            "Not stated in the list",
        )
        self.assertNotIn("Evidence verified", words)
        draft = self.post(f"{row}draft/", self.other_manager)
        self.assertEqual(
            StatusUpdate.objects.get(state="draft").get_absolute_url(), draft["Location"]
        )

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
        self.assert_words(
            words_of(refused),
            "The content changed after you opened the page.",
            f"Row 2: {found.reference}, Title",
            "Keep a register",
            "Sell the register",
        )
        self.assertContains(refused, "A note that was typed.", status_code=409)
        self.assertFalse(StatusUpdate.objects.filter(kind="opening").exists())
        again = self.post(address, self.other_manager, **carried(refused))
        self.assertEqual(again.status_code, 302)

    def test_who_sees_what(self) -> None:
        batch = brought(list_of(), self.source, self.manager)
        page, row = batch.get_absolute_url(), f"{batch.get_absolute_url()}rows/2/"
        for address in (page, row, f"{page}undo/"):
            self.assert_turned_away(address)
            self.assertEqual(self.get(address, self.viewer).status_code, 403)
        self.assertEqual(self.get(f"{page}undo/", self.staff).status_code, 403)
        self.assertEqual(self.get(f"{page}rows/99/", self.manager).status_code, 404)
        self.assertEqual(self.post(f"{row}leave-out/", self.staff, reason="So.").status_code, 403)
        own = self.post(page, self.manager, seen=seen(batch))
        self.assertEqual(own.status_code, 403)
        self.assertEqual(self.post(f"{page}undo/", self.manager, seen="0").status_code, 400)
        self.post(f"{page}undo/", self.manager, seen="0", reason="The wrong list.")
        self.assertIn("The wrong list.", self.read(page, self.auditor))

    def test_it_is_quoted_and_signed_off_as_what_it_is(self) -> None:
        batch = brought(list_of(), self.source, self.manager)
        approve_batch(batch=batch, by=self.other_manager, seen=seen(batch))
        found = Recommendation.objects.get(external_id="7.10")
        page = self.get(found.get_absolute_url(), self.viewer)
        self.assertContains(page, "5 March 2024 implemented (opening status, approved as a batch")
        sign = self.read(f"{found.get_absolute_url()}sign-off/", self.manager)
        self.assert_words(sign, "Implemented", "Opening status")
        signed = record_sign_off(about=found, by=self.manager, as_of=timezone.localdate())
        read = self.read(signed.get_absolute_url(), self.viewer)
        self.assert_words(read, "Implemented", "Opening status")

    def test_one_that_is_implemented_without_a_day_is_not_shown_as_open(self) -> None:
        batch = brought(list_of(), self.source, self.manager)
        approve_batch(batch=batch, by=self.other_manager, seen=seen(batch))
        found = Recommendation.objects.get(external_id="7.10")
        page = self.read(found.get_absolute_url(), self.other_manager)
        self.assert_words(page, "Completed, date not stated")
        self.assert_no_words(page, "No date set", "Set target date")
        listed = self.read("/recommendations/?text=Publish+it", self.viewer)
        self.assert_words(listed, "Completed, date not stated")
        self.assert_no_words(listed, "No target date 5 Mar 2024")

    def test_it_is_marked_in_the_briefings(self) -> None:
        batch = brought(list_of(), self.source, self.manager)
        approve_batch(batch=batch, by=self.other_manager, seen=seen(batch))
        found = Recommendation.objects.get(external_id="7.10")
        today = timezone.localdate()
        then = {"as_of": today - timedelta(1), "known": today}
        pages = ("/recommendations/briefing/", f"{self.source.get_absolute_url()}briefing/")
        for page in (*pages, f"{found.get_absolute_url()}briefing/"):
            for query in ({}, then):
                with self.subTest(page=page, query=query), untypeset_briefings():
                    made = json.loads(self.get(page, self.viewer, **query).content)
                    self.assertIn("Opening status", texts_in(made))

    def test_evidence_says_that_a_status_was_undone_with_its_import(self) -> None:
        batch = brought(list_of(), self.source, self.manager)
        approve_batch(batch=batch, by=self.other_manager, seen=seen(batch))
        update = StatusUpdate.objects.get(recommendation__external_id="7.10")
        pages = [link.evidence.get_absolute_url() for link in update.evidence_links.all()]
        told = f"Undone on {day_text(timezone.localdate())} Update as of 5 March 2024"
        for page in pages:
            self.assertNotIn("undone", self.read(page, self.other_manager))
        undo_batch(batch=batch, by=self.other_manager, seen=3, reason="The wrong list.")
        for page in pages:
            self.assertIn(told, self.read(page, self.other_manager))

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_reads_no_name_of_a_file(self) -> None:
        batch = brought(list_of(), self.source, self.manager)
        approve_batch(batch=batch, by=self.other_manager, seen=seen(batch))
        found = Recommendation.objects.get(external_id="7.10")
        publish_recommendation(recommendation=found, by=self.manager)
        words = self.read(found.get_absolute_url())
        self.assertIn("Opening status", words)
        self.assertNotIn("list.csv", words)
        feed = self.get(f"{found.get_absolute_url()}updates.atom").content.decode()
        self.assertIn("Taken over from an earlier tracker and approved as a batch.", feed)

    def test_a_batch_of_thirty_costs_as_many_statements_as_one_of_one(self) -> None:
        counts = []
        for number in (1, 30):
            rows = [(f"{number}-{n}", *ROWS[0][1:]) for n in range(number)]
            batch = brought(csv_bytes(rows, HEAD), self.source, self.manager)
            self.get(batch.get_absolute_url(), self.other_manager)
            with counting() as made:
                self.get(batch.get_absolute_url(), self.other_manager)
            counts.append(len(made))
        self.assertEqual(counts[0], counts[1])

    def test_headlines_and_counts_say_how_many_there_are(self) -> None:
        self.make_approved(self.recommendation)
        batch = brought(list_of(), self.source, self.manager)
        approve_batch(batch=batch, by=self.other_manager, seen=seen(batch))
        today = timezone.localdate()
        told = "taken over from an earlier tracker as opening statuses: one is implemented, one is"
        for page in ("/", self.source.get_absolute_url()):
            for query in ({}, {"as_of": today - timedelta(1), "known": today}):
                with self.subTest(page=page, query=query):
                    words = self.read(page, self.viewer, **query)
                    self.assert_words(words, told, "Implemented of which 1 opening status")
        all_sources = home_summary(portfolio_of([self.source], self.viewer, today).tally, 2)
        self.assertIn(told, all_sources)
        charts = source_charts(self.source, today)
        assert charts is not None
        self.assertIn("The last month includes 3 opening", charts.charts["status"].frame.note)

    def test_one_that_was_reviewed_since_is_no_opening_status_any_longer(self) -> None:
        batch = brought(list_of(), self.source, self.manager)
        approve_batch(batch=batch, by=self.other_manager, seen=seen(batch))
        for found in Recommendation.objects.exclude(external_id=""):
            self.make_approved(
                found,
                by=self.manager,
                decided_by=self.other_manager,
                reopening_reason="It goes on.",
            )
        words = self.read(self.source.get_absolute_url(), self.viewer)
        self.assertNotIn("opening status", words)
