"""The pages on which a spreadsheet is brought in, and those of opening statuses."""

import csv
import io
import re
import shlex
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from unittest import mock

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import TestCase, override_settings
from django.utils import timezone
from openpyxl import load_workbook

from recommendations.actions.imports.openings import approve_batch
from recommendations.actions.imports.spreadsheet.plans import ColumnMap, RowKind, propose
from recommendations.actions.recommendations import publish_recommendation
from recommendations.actions.signoffs import record_sign_off
from recommendations.columns import Field
from recommendations.forms.imports import PASTED, pasted_csv
from recommendations.models import (
    AuditEvent,
    Organisation,
    Recommendation,
    Source,
    StatusUpdate,
    User,
)
from recommendations.queries.over_time import source_charts
from recommendations.queries.recommendations.overview import (
    home_summary,
    portfolio_of,
    with_last_event,
)
from recommendations.readers import open_table
from recommendations.views import imports
from tests.base import World
from tests.edits import edit
from tests.imports.files import csv_bytes, plan_of, xlsx_bytes
from tests.imports.openings import brought, list_of, seen
from tests.views.pages import PageTestCase, client_of, shown_fields, words_of

PATH = "/recommendations/import/"
HEAD = ("No.", "Recommendation", "Due date", "Status", "Status date")
ROWS = (
    ("111.1", "Do <b>one</b>.", "3/4/2031", "Closed acceptable", "3/2/2025"),
    ("111.10", "Do two.", "", "", ""),
)
DATA = csv_bytes(ROWS, HEAD)


def run_line(answer: Any) -> tuple[list[str], str]:
    """The words of the command that a page gives, and what it says when it is run."""
    found = re.search(r'<code class="hash">([^<]+)</code>', answer.content.decode())
    assert found, "no command"
    words, out = shlex.split(unescape(found[1])), io.StringIO()
    call_command(*words[1:], stdout=out)
    return words, out.getvalue()


class ImportCase(PageTestCase):
    def upload(self, data: bytes, name: str = "list.csv") -> Any:
        file = SimpleUploadedFile(name, data)
        return self.post(PATH, self.manager, file=file, source="report")

    def waiting(self, data: bytes, name: str = "list.csv") -> str:
        """The address of an upload that was taken."""
        response = self.upload(data, name)
        self.assertEqual(response.status_code, 302, words_of(response))
        address: str = response["Location"]
        self.addCleanup(self._forget, address)
        return address

    def _forget(self, address: str) -> None:
        if waiting := imports.find(address.split("/")[-2], self.manager):
            imports.forget(waiting)

    def given(self, data: bytes, name: str = "list.csv", **more: str) -> dict[str, str]:
        """The form of the map as it is proposed, with what has to be said."""
        header = open_table(io.BytesIO(data), name).header
        columns = {f"column_{header.index(name)}": c.value for name, c in propose(header).items()}
        said = {"date_order": "day_first", "modality": "should", "nature": "time_bound"}
        said["known_by"] = "number"
        return {**columns, **said, "status_0": "implemented", **more}


class PasteTests(ImportCase):
    """Rows copied from a spreadsheet are a file with headings, read as any other."""

    def test_rows_without_headings_get_them_and_others_keep_theirs(self) -> None:
        usual = [str(field.label) for field in PASTED]
        for text, row, head, first in (
            ("One\r\n\r\nTwo", 0, usual, ["One", *[""] * 7]),
            ("A\tContinuous" + "\t" * 7 + "x", 0, [*usual, "Column 9"], ["A", "Continuous"]),
            (
                "Target date\tRecommendation\tx\n2028\tA\ty",
                1,
                ["Target date", "Recommendation", "x"],
                ["2028", "A", "y"],
            ),
            ('"Connect\n\tschools"\n5" screens', 0, usual, ["Connect schools"]),
        ):
            with self.subTest(text=text):
                made, of_head = pasted_csv(text)
                found = list(csv.reader(io.StringIO(made)))
                self.assertEqual(of_head, row)
                self.assertEqual((found[0], found[1][: len(first)]), (head, first))
        self.assertEqual(pasted_csv(" \n"), ("", 0))

    def test_rows_keep_the_numbers_under_which_they_were_pasted(self) -> None:
        heads = "Title\tNature\n"
        for text, row in (
            ("A\tEternal", 1),
            ("A\n\n\nB\tEternal", 4),
            (f"{heads}A\tEternal", 2),
            (f"\n{heads}\nA\tEternal", 4),
        ):
            with self.subTest(text=text):
                plan = self.paste(text, self.administrator).context["plan"]
                [rejected] = plan.rows_of(RowKind.REJECTED)
                self.assertEqual(rejected.line, row)

    def test_a_list_with_headings_and_days_of_one_order_needs_nothing_stated(self) -> None:
        head = "No.\tRecommendation\tResponsible unit\tDeadline\tColour\n"
        text = f"{head}1\tDo it\tMinistry A\t31.12.2027\tred"
        plan = self.paste(text, self.administrator).context["plan"]
        [row] = plan.written
        told = (row.recommendation.external_id, str(row.first_date), row.values["lead"])
        self.assertEqual(told, ("1", "2027-12-31", self.ministry))
        self.assertEqual(plan.notes, ["Not imported: Colour"])

    def paste(self, text: str, person: User, **given: str) -> Any:
        """The answer to the preview of pasted rows."""
        sent = self.post(PATH, person, pasted=text, source="report")
        self.assertEqual(sent.status_code, 302, words_of(sent))
        self.address = sent["Location"]
        page = self.get(self.address, person)
        form = page.context["form"]
        # Where nothing is left to be chosen, what the list would do is shown at once.
        self.assertEqual("plan" in page.context, form.is_settled)
        self.data = {
            bound.html_name: bound.value()
            for bound in form
            if bound.value() not in (None, "", False)
        } | given
        return self.post(self.address, person, move="preview", **self.data)

    def add(self, text: str, person: User, **given: str) -> list[Recommendation]:
        seen = self.paste(text, person, **given).context["plan"].digest
        done = self.post(self.address, person, move="import", seen=seen, **self.data)
        self.assertEqual(done.status_code, 302, words_of(done))
        return list(Recommendation.objects.exclude(pk=self.recommendation.pk).order_by("number"))

    def test_titles_are_enough_and_the_rest_is_stated_once(self) -> None:
        stated = {
            "default_lead": "Ministry A",
            "default_lead_officer": "Staff",
            "default_reviewer": "manager",
            "default_target_date": "2027-06-30",
            "default_interval_months": "3",
        }
        ducts = ("Ducts", "Continuous", "Agency B", "other_staff", "other_manager@example.org")
        text = "Roads\n" + "\t".join((*ducts, "", "12", "Share."))
        roads, pipes = self.add(text, self.administrator, **stated)
        self.assertEqual((roads.reference, roads.title, roads.summary), ("REP-2", "Roads", "Roads"))
        self.assertEqual((roads.lead, roads.lead_officer), (self.ministry, self.staff))
        self.assertEqual((roads.reviewer, roads.interval_months), (self.manager, 3))
        self.assertEqual(str(roads.target_date), "2027-06-30")
        self.assertEqual((pipes.nature, pipes.lead), ("continuous", self.agency))
        self.assertEqual(
            (pipes.lead_officer, pipes.reviewer), (self.other_staff, self.other_manager)
        )
        # The target date is stated for what ends.
        self.assertEqual((pipes.interval_months, pipes.target_date), (12, None))
        # A second time nothing is new: rows are known by their titles.
        again = self.paste(text, self.administrator, **stated)
        self.assertEqual(again.context["plan"].counts["unchanged"], 2)

    def test_what_cannot_be_read_names_its_row(self) -> None:
        for cells, words in (
            ("A\tEternal", "“Eternal” is none of: Time-bound, Continuous."),
            ("A\t\t\tNobody", "Unknown person, or no manager: left empty"),
            ("A\t\t\t\tstaff", "Unknown person, or no manager: left empty"),
            ("A\t\t\t\t\t1/2/2027", "numeric dates"),
            ("A\t\t\t\t\t\t99", "less than or equal to 60"),
            ("A\nA", "“A” is also in an earlier row: Row 1"),
            ("\tContinuous", "No title and no text"),
            ("(1,234.5)", "No title and no text"),
            ("x" * 201, "at most 200"),
        ):
            with self.subTest(cells=cells):
                self.assert_words(words_of(self.paste(cells, self.administrator)), words)
        page = self.paste("A", self.administrator, default_reviewer="staff")
        self.assert_words(words_of(page), "The default “staff” is unknown, or may not be: Reviewer")
        self.assertTrue(page.context["plan"].is_refused)
        self.assertEqual(Recommendation.objects.count(), 1)

    def test_a_file_or_rows(self) -> None:
        for given, words in (
            ({}, "Choose a file, or paste rows below."),
            ({"pasted": "A", "file": SimpleUploadedFile("list.csv", DATA)}, "not both"),
            ({"pasted": '"' + "x" * 200_000}, "characters"),
        ):
            sent = self.post(PATH, self.manager, source="report", **given)
            self.assertEqual(sent.status_code, 400)
            self.assert_words(words_of(sent), words)

    def test_the_set_up_offers_it_for_the_newest_source_or_that_of_the_address(self) -> None:
        Source.objects.create(slug="new", title="New", short_title="New", reference_prefix="NEW")
        page = "/set-up/recommendations/"
        for query, slug in (({}, "new"), ({"source": "report"}, "report")):
            form = self.get(page, self.manager, **query).context["form"]
            self.assertEqual(form["source"].value(), slug)


class WithoutSourceTests(World, TestCase):
    def test_the_set_up_leads_to_the_step_before(self) -> None:
        self.make_world()
        Source.objects.all().delete()
        page = client_of(self.administrator).get("/set-up/recommendations/")
        self.assertContains(page, 'href="/set-up/source/"')
        self.assertNotContains(page, "pasted")


class ImportPageTests(ImportCase):
    def test_upload_map_preview_import(self) -> None:
        events = AuditEvent.objects.count()
        address = self.waiting(DATA)
        page = self.get(address, self.manager)
        self.assertContains(page, '<option value="external_id" selected>')
        self.assertContains(page, "“Closed acceptable”: status")
        self.assertNotContains(page, '<h2 id="preview">')

        preview = self.post(address, self.manager, move="preview", **self.given(DATA))
        for shown in ('<h2 id="preview">Preview</h2>', "&lt;b&gt;one", "No target date"):
            self.assertContains(preview, shown)
        self.assertEqual(AuditEvent.objects.count(), events)

        # Nothing is imported that was not shown.
        unseen = self.post(address, self.manager, move="import", **self.given(DATA))
        self.assertEqual(unseen.status_code, 200)
        given = {"move": "import", **self.given(DATA)}
        seen = preview.context["plan"].digest
        other = {**given, "is_creating_bodies": "on"}
        for sent, mark, told in (
            (given, f"{seen.partition('.')[0]}.0", "Records changed since the preview."),
            (other, seen, "You changed entries after the preview."),
        ):
            stale = self.post(address, self.manager, seen=mark, **sent)
            self.assertContains(stale, told, status_code=409)
        self.assertEqual(AuditEvent.objects.count(), events)

        done = self.post(address, self.manager, seen=seen, **given)
        self.assertRedirects(done, "/recommendations/?source=report")
        self.assertEqual(Recommendation.objects.count(), 3)
        self.assertEqual(AuditEvent.objects.count(), events + 1)
        self.assertEqual(self.get(address, self.manager).status_code, 404)

        words = self.read("/recommendations/REP-2/", self.viewer)
        said = "“Closed acceptable”, as of 3 February 2025", "No report yet"
        self.assert_words(words, *said, "External number 111.1")
        words = self.read("/recommendations/REP-2/reported/", self.viewer)
        self.assert_words(words, "Closed acceptable", "Implemented", "list.csv")
        self.assertIn("Do two.", self.read("/recommendations/", self.viewer, q="111.10"))

    def test_rejected_rows_come_back_with_reasons_and_are_taken_once_corrected(self) -> None:
        wrong = [("111.1", "Pay for it", "", "", ""), ("", "No number", "", "", "")]
        data = csv_bytes([*ROWS, *wrong], HEAD)
        address, given = self.waiting(data), self.given(data)
        self.assertIn("Download rejected rows", words_of(self.post(address, self.manager, **given)))
        back = self.post(address, self.manager, move="rejected", **given).content
        table = open_table(io.BytesIO(back), "rejected.xlsx")
        self.assertEqual(table.header, ("Rejected because", *HEAD))
        rows = [row.cells for row in table.rows]
        self.assertEqual([row[2] for row in rows], ["Pay for it", "No number"])
        self.assertIn("also in an earlier row: Row 2", str(rows[0][0]))
        mended = [(row[0], f"111.{n}", *row[2:]) for n, row in enumerate(rows, start=2)]
        again = plan_of(csv_bytes(mended, table.header), self.source, self.manager)
        self.assertEqual(again.counts["new"], 2)

    def test_a_remembered_map_is_offered_again(self) -> None:
        self.source.column_map = {
            "columns": {"No.": "external_id", "Recommendation": "title"},
            "statuses": {},
            "date_order": "month_first",
            "takes_over": True,
        }
        self.source.save()
        page = self.get(self.waiting(DATA), self.manager)
        self.assertContains(page, 'id="id_takes_over" checked')
        self.assertContains(page, '<option value="title" selected>')
        self.assertContains(page, 'value="month_first" id="id_date_order_2" checked', html=False)

    def test_which_of_several_sheets_is_asked(self) -> None:
        address = self.waiting(xlsx_bytes({"Notes": [["A", "B"]], "List": [HEAD, *ROWS]}), "l.xlsx")
        self.assertTrue(address.endswith("/sheet/"))
        self.assertEqual(self.get(address, self.staff).status_code, 403)
        self.assertEqual(self.get(address, self.other_manager).status_code, 404)
        self.assertEqual(self.post(address, self.manager, sheet="Gone").status_code, 400)
        unread = self.post(address, self.manager, sheet="Notes")
        self.assertIn("header but no rows", words_of(unread))
        text = self.waiting(csv_bytes([("1", "Prüfen", "", "", "")], HEAD, "mac-roman"))
        form = self.get(text, self.manager).context["form"]
        self.assertEqual(form["encoding"].value(), "mac-roman")
        read = self.post(text, self.manager, encoding="mac-roman")["Location"]
        self.assertIn("Examples: Prüfen", words_of(self.get(read, self.manager)))
        twice = csv_bytes([("1", "Prüfen", "", "", "")], HEAD).decode("latin-1").encode()
        text = self.waiting(twice)
        self.assertIn("utf-8-twice: 1,Prüfen,", words_of(self.get(text, self.manager)))
        plain = self.post(text, self.manager, encoding="utf-8")["Location"]
        self.assertIn("Examples: PrÃ¼fen", words_of(self.get(plain, self.manager)))
        chosen = self.post(address, self.manager, sheet="List")["Location"]
        self.assertIn("Examples: 111.1 · 111.10", words_of(self.get(chosen, self.manager)))

    def test_an_empty_list_has_columns_that_are_known_and_lists_to_choose_from(self) -> None:
        data = self.get(f"{PATH}template.xlsx", self.manager).content
        sheet: Any = load_workbook(io.BytesIO(data)).active
        header = [cell.value for cell in sheet[1]]
        self.assertEqual(len(propose(header)), len(header))
        rules = [rule.formula1 for rule in sheet.data_validations.dataValidation]
        self.assertIn("Partially implemented", " ".join(rules))

    def test_a_column_for_each_addressee_and_names_in_one_cell_are_the_same(self) -> None:
        names = ("North", "South", "West")
        for name in names:
            Organisation.objects.create(slug=name.lower(), name=name)
        columns = propose(("No.", "Title")) | dict.fromkeys(names, Field.ADDRESSEES)
        wide = csv_bytes([("1", "Do it", "x", "", "yes")], ("No.", "Title", *names))
        narrow = csv_bytes([("1", "Do it", "North; West")], ("No.", "Title", "Addressees"))
        for data, given in ((wide, {"column_map": ColumnMap(columns)}), (narrow, {})):
            plan = plan_of(data, self.source, self.manager, **given)
            self.assertEqual([str(party) for party in plan.rows[0].addressees], ["North", "West"])

    def test_a_new_row_that_reads_like_another_is_shown_beside_it(self) -> None:
        there = "Keep a public register of all cloud providers in the region."
        like = "Keep a register of all cloud providers in the whole region"
        self.make_recommendation("Register", summary=there)
        data = csv_bytes([("9", like), ("10", "Train the inspectors of markets")], HEAD[:2])
        plan = plan_of(data, self.source, self.manager)
        [group] = [each for each in plan.groups if each.code == "likely_same"]
        [pair] = group.pairs
        self.assertEqual((group.lines, pair.message, plan.counts["new"]), ([2], like, 2))
        self.assertTrue(pair.beside.startswith("REP-2: Keep a public register"))


class NotTakenOverTests(ImportCase):
    def test_a_new_source_leads_to_its_first_list_with_what_that_brings(self) -> None:
        """Its statuses are proposed to be taken over: of a first list, and if it has any."""
        to = f"{PATH}?source={self.source.slug}"
        self.assertContains(self.get(self.source.get_absolute_url(), self.manager), f'href="{to}"')
        page = self.get(to, self.manager)
        self.assertContains(page, f'value="{self.source.slug}" selected')
        for data, is_first, proposed in (
            (list_of(), True, True),
            (csv_bytes([row[:3] for row in ROWS], HEAD[:3]), True, False),
            (list_of(), False, False),
        ):
            self.source.column_map = {} if is_first else {"columns": {"A": "title"}}
            self.source.save()
            form = self.get(self.waiting(data), self.manager).context["form"]
            self.assertEqual(bool(form["takes_over"].value()), proposed)

    def test_statuses_that_nobody_asked_to_take_over_are_told_with_what_to_do(self) -> None:
        data = list_of()
        given = self.given(data, status_0="no_longer_applicable", rating_0="amber")
        given |= {"status_1": "implemented", "status_2": "in_progress"}
        address = self.waiting(data)
        preview = self.post(address, self.manager, **given)
        told = "3 statuses of the file could be taken over and become history only."
        self.assertIn(told, words_of(preview))
        taken = self.post(address, self.manager, takes_over="on", **given)
        self.assertNotIn("history only. To take", words_of(taken))
        digest = preview.context["plan"].digest
        done = self.post(address, self.manager, move="import", seen=digest, **given)
        self.assertIn(told, self.read(done["Location"], self.manager))


class UploadTests(ImportCase):
    def test_a_file_that_cannot_be_read_is_told_and_thrown_away(self) -> None:
        before = set(imports.upload_folder().iterdir())
        for data, name, words in (
            (b"", "list.csv", "empty"),
            (b"No.,Text\n", "list.csv", "The file has a header but no rows."),
            (b"\xff\xd8\xff\xe0JFIF", "list.csv", "JPEG"),
            (b"PK\x03\x04nothing", "list.xlsx", "damaged"),
            (xlsx_bytes({"List": [["a", "=1"], [1, 2]]}), "list.xlsx", "Sheet “List”: Line 1"),
            (b"x" * (10 * 1024 * 1024 + 1), "list.csv", "more than 10 MB"),
        ):
            self.assertContains(self.upload(data, name), words, status_code=400)
        self.assertEqual(set(imports.upload_folder().iterdir()), before)
        self.assertContains(self.post(PATH, self.manager), "required", status_code=400)

    def test_it_is_found_again_by_its_owner_alone_with_how_far_it_is(self) -> None:
        data = csv_bytes([(str(n), f"Item {n}", "") for n in range(150)], HEAD[:3])
        address = self.waiting(data, "our list.csv")
        self.assertContains(self.get(PATH, self.manager), f'href="{address}"')
        self.assertIn("Continue with our list.csv", self.read(PATH, self.manager))
        self.assertNotIn("our list.csv", self.read(PATH, self.other_manager))
        self.assertEqual(self.get(address, self.other_manager).status_code, 404)
        asked = f"{address}progress/"
        self.assertEqual(self.get(asked, self.manager).content, b"")
        self.post(address, self.manager, **self.given(data))
        self.assertEqual(self.get(asked, self.manager).content, b"100 rows checked")
        self.assertEqual(self.get(asked, self.other_manager).content, b"")
        self.assertEqual(self.get(asked, self.staff).status_code, 403)

    def test_a_token_cannot_be_made_up_nor_the_file_behind_it_be_changed(self) -> None:
        address = self.waiting(DATA)
        token = address.split("/")[-2]
        for wrong in ("x", token[:-1] + ("A" if token[-1] != "A" else "B")):
            self.assertEqual(self.get(f"{PATH}{wrong}/", self.manager).status_code, 404)
        self.assertEqual(self.post(f"{PATH}x/", self.manager).status_code, 302)
        held = imports.find(token, self.manager)
        assert held is not None
        self.assertEqual(held.path.stat().st_mode & 0o777, 0o600)
        held.path.write_bytes(b"No.,Text\n1,other\n")
        self.assertEqual(self.get(address, self.manager).status_code, 404)

    def test_each_database_has_a_private_folder_and_one_that_others_open_is_refused(self) -> None:
        found = []
        with tempfile.TemporaryDirectory() as folder, mock.patch("tempfile.tempdir", folder):
            for name in ("one", "two", "one"):
                database = mock.patch.dict(settings.DATABASES["default"], NAME=name)
                with database, override_settings(IMPORT_FOLDER=""):
                    found.append(imports.upload_folder())
            one, two, again = found
            self.assertEqual((one, one == two), (again, False))
            self.assertEqual(one.stat().st_mode & 0o777, 0o700)
            link, shared = Path(folder) / "link", Path(folder) / "open"
            link.symlink_to(one)
            shared.mkdir(mode=0o755)
            for path in (link, shared):
                wrong = override_settings(IMPORT_FOLDER=str(path))
                with wrong, self.assertRaises(PermissionError):
                    imports.upload_folder()


@override_settings(IMPORT_PAGE_MAX_ROWS=1)
class LimitTests(ImportCase):
    """A file that is too much for a page: it checks it, and gives the line that imports it."""

    ROWS = (("1", "Do one.", "3/4/2031", "", ""), ("2", "Do two.", "4/4/2031", "", ""))

    def preview(self, rows: Sequence[Any]) -> Any:
        address = self.waiting(csv_bytes(rows, HEAD), "a list.csv")
        given = {"column_0": "external_id", "column_1": "summary", "column_2": "target_date"}
        said = {"date_order": "day_first", "modality": "should", "nature": "time_bound"}
        said["known_by"] = "number"
        return self.post(address, self.manager, move="preview", **given, **said)

    def test_the_line_imports_the_kept_file_by_the_map_that_was_confirmed(self) -> None:
        shown = self.preview(self.ROWS)
        self.assert_words(words_of(shown), "Import too large for this page")
        self.assertNotContains(shown, 'value="import"')
        before = Recommendation.objects.count()
        self.assertIn("Imported.", run_line(shown)[1])
        self.assertEqual(Recommendation.objects.count(), before + 2)
        self.assertEqual(AuditEvent.objects.get(verb="import").actor, self.manager)
        self.assertEqual(Source.objects.get(slug="report").column_map["date_order"], "day_first")


class BatchTests(PageTestCase):
    """From the file to the current status."""

    def test_what_changed_since_the_page_is_told_and_nothing_is_approved(self) -> None:
        batch = brought(list_of(), self.source, self.manager)
        address = batch.get_absolute_url()
        sent = shown_fields(self.get(address, self.other_manager))
        found = Recommendation.objects.get(external_id="7.1")
        edit(found, self.manager, title="Sell the register")
        refused = self.post(address, self.other_manager, **sent, note="A note that was typed.")
        self.assertEqual(refused.status_code, 409)
        changed = "The content changed after you opened the page."
        titles = (f"Row 2: {found.reference}, Title", "Keep a register", "Sell the register")
        self.assert_words(words_of(refused), changed, *titles)
        self.assertContains(refused, "A note that was typed.", status_code=409)
        self.assertFalse(StatusUpdate.objects.filter(kind="opening").exists())
        again = self.post(address, self.other_manager, **shown_fields(refused))
        self.assertEqual(again.status_code, 302)


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

    def test_headlines_and_counts_say_how_many_there_are_until_they_are_reviewed(self) -> None:
        self.make_approved(self.recommendation)
        told = "taken over from an earlier tracker as opening statuses: one is implemented, one is"
        for page in ("/", self.source.get_absolute_url()):
            for query in ({}, self.then):
                with self.subTest(page=page, query=query):
                    words = self.read(page, self.viewer, **query)
                    self.assert_words(words, told, "of which 1 opening status")
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

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_reads_no_name_of_a_file(self) -> None:
        publish_recommendation(recommendation=self.found, by=self.manager)
        words = self.read(self.page)
        self.assertIn("Opening status", words)
        self.assertNotIn("list.csv", words)
        feed = self.get(f"{self.page}updates.atom").content.decode()
        self.assertIn("Taken over from an earlier tracker and approved as a batch.", feed)
