"""Pages of reporting rounds, and their spreadsheets.

What a round asks, and what is refused of it, is tests/actions/test_rounds.py.
"""

import json
import re
import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import load_workbook

from recommendations.actions.dates import set_first
from recommendations.actions.imports.openings import approve_batch
from recommendations.actions.rounds import close_round
from recommendations.models import (
    DraftEntries,
    EvidenceLink,
    OutgoingMail,
    Part,
    Recommendation,
    ReportingRound,
    Request,
    StatusUpdate,
)
from recommendations.queries.round_sheets import Column
from tests.base import days_ago, link_evidence
from tests.imports.openings import brought, list_of, seen
from tests.rounds import sent_round
from tests.updates import begin_draft
from tests.views.pages import PageTestCase, client_of, words_of

ROUNDS = "/rounds/"
NEW = f"{ROUNDS}new/"


class NewTests(PageTestCase):
    def preview(self, query="scope=all"):
        """The hidden fields of the preview, by name."""
        html = self.get(f"{NEW}?{query}", self.manager).content.decode()
        return dict(re.findall(r'type="hidden" name="(key|shown)" value="([^"]+)"', html))

    def send(self, hidden, query="scope=all", **values):
        said = {"name": "Spring", "as_of": days_ago(0), "reply_by": days_ago(-9)}
        return self.post(f"{NEW}?{query}", self.manager, **{**said, **hidden, **values})

    def test_the_preview_says_whom_it_asks_and_what_it_leaves_out(self):
        self.make_recommendation("Of nobody", lead=None, lead_officer=None)
        self.make_submitted(self.make_recommendation("In already"))
        words = self.read(f"{NEW}?scope=all", self.manager)
        self.assert_words(words, "1 update would be requested", "1 is in already")
        self.assert_words(words, "Ministry A", "REP-1", "Not asked for", "No lead organisation")
        words = self.read(NEW, self.manager)  # where nothing is chosen all are asked
        self.assert_words(words, "All sources", "All lead organisations", "Preview round")

    def test_it_is_sent_as_previewed_and_once(self):
        other = self.make_recommendation("In meanwhile")
        hidden = self.preview()
        self.make_submitted(other)
        for wrong in (hidden, {**hidden, "shown": "x"}, {**hidden, "key": "x"}):
            with self.subTest(wrong):
                self.assertEqual(self.send(wrong).status_code, 409)
        self.assertFalse(ReportingRound.objects.exists())
        hidden = self.preview()
        for _time in range(2):
            answer = self.send(hidden)
            sent = ReportingRound.objects.get()
            self.assertRedirects(answer, sent.get_absolute_url())
        self.assertEqual(Request.objects.exclude(recommendation=other).count(), 1)
        self.assertEqual(OutgoingMail.objects.filter(to=self.staff).count(), 1)

    def test_the_list_leads_here_with_what_was_picked_and_what_it_was_chosen_by_is_kept(self):
        query = "scope=picked&pick=REP-1"
        path = f"/recommendations/bulk/?change=request_updates&{query}"
        self.assertRedirects(self.get(path, self.manager), f"{NEW}?{query}")
        for chosen, kept in ((query, ""), ("scope=all&source=report", "source=report")):
            self.assertEqual(self.send(self.preview(chosen), chosen).status_code, 302)
            self.assertEqual(ReportingRound.objects.latest("pk").query, kept)


class ReadersTests(PageTestCase):
    def test_who_sees_which_rounds_and_is_offered_what(self):
        url = sent_round([self.recommendation], self.manager).get_absolute_url()
        buttons = ("Close round", "Send reminder", "Extend")
        self.assertFalse(ReportingRound.objects.visible_to(self.stranger).exists())
        for person in (self.staff, self.viewer, self.auditor, self.manager, self.administrator):
            with self.subTest(person=person.username):
                self.assert_words(self.read(ROUNDS, person), "Spring", "0 of 1 received")
                words = self.read(url, person)
                self.assert_words(words, "0 of 1 updates received", "Ministry A")
                may_log = person in (self.staff, self.manager)
                for page in (url, f"{url}requests/"):
                    self.assertIs("Log an update" in self.read(page, person), may_log)
                if person == self.manager:
                    self.assert_words(words, *buttons)
                else:
                    self.assert_no_words(words, *buttons)
        self.assert_no_words(self.read(ROUNDS, self.other_staff), "Spring")
        # Home has a line for managers.
        self.assert_words(self.read("/", self.manager), "Spring", "0 of 1 updates received")
        self.assert_no_words(self.read("/", self.viewer), "Spring")

    def test_what_a_round_asks_is_one_row_of_my_work_and_counts_once(self):
        sent_round([self.recommendation], self.manager, reply_by=days_ago(-10))
        page = self.get("/my-work/", self.staff)
        self.assertContains(page, "Requested in “Spring”", count=1)
        self.assert_words(words_of(page), "1 recommendation needs your action")
        fresh = self.make_recommendation("Not due for months", at=timezone.now())
        self.assert_no_words(self.read("/my-work/", self.staff), fresh.reference + " Not due")
        sent_round([fresh], self.manager, name="Second", as_of=days_ago(0))
        words = self.read("/my-work/", self.staff)
        self.assert_words(words, "2 recommendations need your action", "Requested in “Second”")
        self.make_submitted(self.recommendation)
        begin_draft(recommendation=fresh, by=self.staff)
        page = self.get("/my-work/", self.staff)
        self.assertNotContains(page, "Requested in “Spring”")
        self.assertContains(page, "Continue draft", count=1)

    def test_the_page_says_which_day_applies_where_the_next_update_is_due_on_another(self) -> None:
        sent = sent_round([self.recommendation], self.manager)
        for days, told in (
            (5, "The request applies, since its day is earlier. By the reporting frequency"),
            (-5, "The reporting frequency applies, since its day is earlier"),
            (0, ""),
        ):
            due = sent.reply_by + timedelta(days=days)
            Recommendation.objects.filter(pk=self.recommendation.pk).update(next_due_on=due)
            cache.clear()
            words = self.read("/recommendations/REP-1/", self.staff)
            with self.subTest(days=days):
                self.assertIn(told or "reply by", words)
                self.assertEqual("its day is earlier" in words, bool(told))
                self.assertIn(f"Next update due {min(due, sent.reply_by):%-d %B %Y}", words)


class RunningTests(PageTestCase):
    def setUp(self):
        super().setUp()
        at = timezone.now() - timedelta(days=30)
        days = {"as_of": days_ago(40), "reply_by": days_ago(5), "at": at}
        self.round = sent_round([self.recommendation], self.manager, **days)
        self.url = self.round.get_absolute_url()

    def test_an_unknown_state_or_organisation_is_told_and_finds_nothing(self):
        for query, told in (
            ("state=zzz", "“zzz” is not a state of a request."),
            ("organisation=999999", "“999999” is not an organisation."),
            ("organisation=x", "“x” is not an organisation."),
        ):
            with self.subTest(query):
                words = self.read(f"{self.url}requests/?{query}", self.viewer, status=400)
                self.assert_words(words, "one of the filters is invalid", told)
                self.assert_no_words(words, "REP-1", "0 requests")
                self.read(f"{self.url}requests/export/?{query}", self.viewer, status=400)

    def test_an_extension_needs_a_later_day_and_a_reason(self):
        extend = f"{self.url}extend/{self.ministry.pk}/"
        shown = self.round.reply_by.isoformat()
        said = {"new_day": days_ago(-9).isoformat(), "reason": "A new officer.", "shown_day": shown}
        for wrong, status in (
            ({"reason": ""}, 400),
            ({"new_day": "x"}, 400),
            ({"new_day": shown}, 400),
            ({"shown_day": "2001-01-01"}, 409),
            ({"shown_day": ""}, 409),
        ):
            with self.subTest(wrong):
                answer = self.post(extend, self.manager, **{**said, **wrong})
                self.assertEqual(answer.status_code, status)
        self.assertRedirects(self.post(extend, self.manager, **said), self.url)
        words = self.read(self.url, self.staff)
        self.assert_words(words, "1 has an extension", "A new officer.", "Extended to")
        nowhere = f"{self.url}extend/{self.agency.pk}/"
        self.assertEqual(self.get(nowhere, self.manager).status_code, 404)

    def test_of_what_is_in_nobody_is_reminded(self):
        self.make_submitted(self.recommendation)
        sent = {"organisation": self.ministry.pk}
        answer = client_of(self.manager).post(f"{self.url}remind/", sent, follow=True)
        self.assertContains(answer, "No person with an account has a missing update.")

    def test_closing_says_what_it_means_and_keeps_what_was_found(self):
        close = f"{self.url}close/"
        words = self.read(close, self.manager)
        self.assert_words(words, "1 request would close without an update", "with 0 of 1")
        for shown, status in (("1", 409), ("x", 400), ("0", 302), ("0", 409)):
            self.assertEqual(self.post(close, self.manager, shown_in=shown).status_code, status)
        self.make_submitted(self.recommendation)
        words = self.read(self.url, self.manager)
        self.assert_words(words, "1 stayed without an update", "Closed")
        self.assert_no_words(words, "Send reminder")

    def test_files_have_each_request_and_say_what_is_waited_for(self):
        def file(path):
            return b"".join(self.get(path, self.viewer).streaming_content).decode("utf-8-sig")

        requests = f"{self.url}requests/export/?format=csv"
        head, row = file(requests).splitlines()
        said = dict(zip(head.split(","), row.split(","), strict=True))
        self.assertEqual((said["reference"], said["state_code"]), ("REP-1", "late"))
        self.assertEqual((said["days_late"], said["replied_on"]), ("5", ""))
        for query in ("state=approved", f"organisation={self.agency.pk}"):
            self.assertEqual(len(file(f"{requests}&{query}").splitlines()), 1)
        for waits in (True, False):
            [row] = json.loads(file("/recommendations/export/?format=json"))
            expected = (self.round.name, self.round.reply_by.isoformat()) if waits else (None, None)
            self.assertEqual((row["requested_in_round"], row["round_reply_by"]), expected)
            if waits:
                self.make_submitted(self.recommendation)


COLUMNS = list(Column)
REPLY: dict[Column, Any] = {
    Column.STATUS: "In progress",
    Column.AS_OF: days_ago(1),
    Column.CONFIDENCE: "At risk",
    Column.PROGRESS: "A law was drafted.",
    Column.ISSUE: "The budget is late.",
    Column.ACTION: "Ask the treasury.",
    Column.OWNER: "The treasury",
}
WRONG: tuple[tuple[dict[Column, Any], tuple[str, ...]], ...] = (
    ({Column.STATUS: "Nearly there"}, ("Status: “Nearly there” is none of: Not started",)),
    ({Column.STATUS: "=1+1"}, ("A formula is not read",)),
    (
        {Column.AS_OF: days_ago(-1), Column.STATUS: "x"},
        ("As of: The day must not be in the future", "“x”"),
    ),
    ({Column.AS_OF: days_ago(21)}, ("As of: The round asks for a status as of",)),
    ({Column.AS_OF: "3/4/2026"}, ("As of: ", "Enter a date such as")),
    ({Column.AS_OF: None}, ("As of: Enter the date",)),
    ({Column.CONFIDENCE: "Fine"}, ("Delivery confidence: “Fine”",)),
    ({Column.STATUS: "Implemented", Column.CONFIDENCE: None}, ("Completed on",)),
    ({Column.STATUS: "Not implemented"}, ("Leave this cell empty",)),
    ({Column.PARTS: "z"}, ("no part “z”",)),
    ({Column.EVIDENCE_2: "A title alone"}, ("Evidence 2: web address: Enter the title",)),
    ({Column.EVIDENCE_1: "x", Column.ADDRESS_1: "javascript:1"}, ("Evidence 1: web address",)),
    ({Column.NEW_DATE: days_ago(-9)}, ("Enter the revised target date and its reason",)),
    ({Column.NEW_DATE: days_ago(-9), Column.DATE_REASON: "x"}, ("no target date yet",)),
    ({Column.REPORTED_EMAIL: "nobody"}, ("valid email",)),
    ({Column.PROGRESS: "\u202eabc"}, ("Progress: Character 1",)),
    ({Column.OWNER: "x" * 201}, ("Owner of the corrective action",)),
    ({Column.TITLE: "Another title"}, ("A fixed cell was changed",)),
    ({Column.NOW_STATUS: "Implemented"}, ("A fixed cell was changed",)),
    ({Column.CHECK: None}, ("A fixed cell was changed",)),
    ({Column.REFERENCE: "REP-99"}, ("This reference is not in the round",)),
    ({Column.REFERENCE: "REP-3"}, ("belongs to another organisation",)),
    ({Column.REFERENCE: None}, ("This reference is not in the round",)),
)
"""What is wrong in a row, each in one of its own, and what is told of it."""


class SheetCase(PageTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        of_agency = {"lead": cls.agency, "lead_officer": cls.other_staff}
        cls.second = cls.make_recommendation("=SUM(A1)")
        elsewhere = cls.make_recommendation("Elsewhere", **of_agency)
        items = [cls.recommendation, cls.second, elsewhere]
        cls.round = sent_round(items, cls.manager, as_of=days_ago(20))

    def setUp(self):
        super().setUp()
        self.url = self.round.get_absolute_url()

    def book(self, organisation=None, person=None):
        key = (organisation or self.ministry).pk
        answer = client_of(person or self.staff).get(f"{self.url}spreadsheet/{key}/")
        self.assertEqual(answer.status_code, 200)
        return load_workbook(BytesIO(answer.content))

    def filled(self, *replies: dict[Column, Any], book: Any = None) -> bytes:
        """The file with these replies in its rows, one after the other."""
        book = book or self.book()
        for number, reply in enumerate(replies, 2):
            for column, value in reply.items():
                book.active.cell(number, COLUMNS.index(column) + 1).value = value
        outlet = BytesIO()
        book.save(outlet)
        return outlet.getvalue()

    def upload(self, data: bytes, person=None, name="back.xlsx"):
        """The preview of a file, or the page that says why it has none."""
        client = client_of(person or self.staff)
        where = f"{self.url}upload/{self.ministry.pk}/"
        answer: Any = client.post(where, {"file": SimpleUploadedFile(name, data)})
        return client, answer

    def shown_in(self, preview: Any) -> dict[str, str]:
        """What the form of a preview sends."""
        seen = preview.context["plan"].digest
        return {"token": preview.context["token"], "seen": seen, "move": "import"}

    def plan_of(self, data: bytes) -> Any:
        _client, preview = self.upload(data)
        self.assertEqual(preview.status_code, 200)
        return preview.context["plan"]

    def confirm(self, data: bytes):
        client, preview = self.upload(data)
        return client.post(preview.request["PATH_INFO"], self.shown_in(preview), follow=True)

    def assert_refused(self, row: Any, *words: str) -> None:
        told = "; ".join(f"{error.column}: {error.message}" for error in row.errors)
        for each in words:
            self.assertIn(each, told)


class OutTests(SheetCase):
    def test_it_has_what_the_organisation_is_asked_with_lists_and_locked_cells(self):
        sheet: Any = self.book().active
        rows = list(sheet.iter_rows(values_only=True))
        self.assertEqual(rows[0], tuple(str(column.label) for column in COLUMNS))
        self.assertEqual([row[0] for row in rows[1:]], ["REP-1", "REP-2"])
        self.assertTrue(sheet.protection.sheet)
        locked = [sheet[cell].protection.locked for cell in ("A2", "G2")]
        self.assertEqual(locked, [True, False])
        lists = [rule.formula1 for rule in sheet.data_validations.dataValidation]
        self.assertIn("Partially implemented", lists[0])
        self.assertNotIn("Superseded", lists[0])
        # A text is never a formula.
        cell = sheet["B3"]
        self.assertEqual((cell.value, cell.data_type), ("=SUM(A1)", "s"))
        self.assertTrue(cell.quotePrefix)

    def test_the_current_status_has_the_marks_of_the_list(self):
        rows = [("7.1", "Keep a register", "Ministry A", "Ongoing", "3/3/2024", "", "", "")]
        batch = brought(list_of(rows), self.source, self.manager)
        approve_batch(batch=batch, by=self.other_manager, seen=seen(batch))
        taken = Recommendation.objects.get(external_id="7.1")
        link_evidence(
            to=self.make_approved(self.second, as_of=days_ago(30)),
            by=self.staff,
            evidence=self.make_evidence(visibility="internal"),
            stance="undermines",
        )
        sent = sent_round([taken, self.second], self.manager, as_of=days_ago(20))
        self.url = sent.get_absolute_url()
        opening, contradicted = "In progress · Opening status", " · Contradicted (unanswered)"
        for person, mark, words in (
            (self.staff, contradicted, "Do not publish this file."),
            (self.viewer, "", "public"),
        ):
            book = self.book(person=person)
            told = [row[3].value for row in book.active.iter_rows(min_row=2)]
            self.assertEqual(told, [f"In progress{mark}", opening])
            rules = book.active.data_validations.dataValidation
            [told_beside] = [rule.prompt for rule in rules if rule.prompt]
            self.assertIn(words, told_beside)
            self.assertEqual(book.properties.description, told_beside)


class BackTests(SheetCase):
    def test_a_row_becomes_a_draft_of_who_brings_it_with_all_that_it_says(self):
        about = {"recommendation": self.recommendation}
        Part.objects.create(**about, label="a", text="A strand.")
        set_first(**about, by=self.manager, new_date=days_ago(-90), reason="So.")
        more = {
            Column.PARTS: "(A)",
            Column.EVIDENCE_1: "The draft law",
            Column.ADDRESS_1: "https://example.org/law",
            Column.NEW_DATE: days_ago(-200),
            Column.DATE_REASON: "Elections.",
            Column.PUBLIC_TEXT: "A law is being written.",
            Column.REPORTED_BY: "Ada Reporter",
            Column.REPORTED_EMAIL: "ada@example.org",
        }
        self.assertContains(self.confirm(self.filled({**REPLY, **more})), "Drafts: 1")
        draft = StatusUpdate.objects.get()
        self.assertEqual((draft.author, draft.state), (self.staff, "draft"))
        self.assertEqual(draft.implementation_status, "in_progress")
        self.assertEqual((draft.confidence, draft.as_of), ("amber", days_ago(1)))
        for words in ("back.xlsx", "SHA-256", "Spring", "Ada Reporter <ada@example.org>"):
            self.assertIn(words, draft.internal_note)
        self.assertEqual([each.part.label for each in draft.completions.all()], ["a"])
        link = EvidenceLink.objects.get(update=draft)
        self.assertEqual((link.evidence.title, link.stance), ("The draft law", "supports"))
        content = DraftEntries.objects.get(update=draft).content
        self.assertEqual(content["date_reason"], "Elections.")

    def test_the_wording_that_was_given_is_no_reply_until_somebody_changes_it(self):
        self.make_approved(self.recommendation, remaining="All of it.", as_of=days_ago(50))
        book = self.book()
        place = COLUMNS.index(Column.REMAINING) + 1
        self.assertEqual(book.active.cell(2, place).value, "All of it.")
        self.assertEqual(len(self.plan_of(self.filled(book=book)).empty), 2)
        [row] = self.plan_of(self.filled({Column.REMAINING: "Some of it."})).refused
        self.assert_refused(row, "Status: Choose an option")

    def test_what_is_wrong_is_told_with_its_row_and_column(self):
        items = [self.make_recommendation(f"Number {number}") for number in range(len(WRONG))]
        items.append(Recommendation.objects.get(title="Elsewhere"))
        self.url = sent_round(items, self.manager, as_of=days_ago(20)).get_absolute_url()
        _client, preview = self.upload(self.filled(*({**REPLY, **reply} for reply, _told in WRONG)))
        plan = preview.context["plan"]
        self.assertEqual((len(plan.drafts), len(plan.refused)), (0, len(WRONG)))
        for row, (reply, words) in zip(plan.refused, WRONG, strict=True):
            with self.subTest(reply):
                self.assert_refused(row, *words)
        self.assertContains(preview, ": Status: ")
        self.assertFalse(StatusUpdate.objects.exists())

    def test_an_update_that_is_there_is_never_overwritten(self):
        begin_draft(recommendation=self.recommendation, by=self.staff)
        begin_draft(recommendation=self.second, by=self.manager)
        third = self.make_recommendation("Third")
        self.make_submitted(third, as_of=days_ago(30))
        items = [self.recommendation, self.second, third]
        self.url = sent_round(items, self.manager, as_of=days_ago(20)).get_absolute_url()
        plan = self.plan_of(self.filled(REPLY, REPLY, REPLY))
        told = ("You have begun", "Manager has begun an update already", "awaits review already")
        for row, words in zip(plan.refused, told, strict=True):
            self.assert_refused(row, words)

    def test_what_changed_since_the_preview_is_shown_again(self):
        client, preview = self.upload(self.filled(REPLY, REPLY))
        begin_draft(recommendation=self.second, by=self.manager)
        path, shown = preview.request["PATH_INFO"], self.shown_in(preview)
        # Without what was shown it is shown, and nothing is written.
        for sent, status in ((shown, 409), ({**shown, "seen": ""}, 200)):
            self.assertEqual(client.post(path, sent).status_code, status)
        self.assertEqual(StatusUpdate.objects.filter(author=self.staff).count(), 0)
        close_round(round=self.round, shown_in=0, by=self.manager)
        self.assertEqual(client.post(path, shown).status_code, 409)

    def test_a_preview_is_its_own_persons_and_its_own_rounds(self):
        _client, preview = self.upload(self.filled(REPLY))
        path, shown = preview.request["PATH_INFO"], self.shown_in(preview)
        self.assertEqual(self.post(path, self.manager, **shown).status_code, 400)
        other = sent_round([self.recommendation], self.manager, name="Other").get_absolute_url()
        elsewhere = self.post(path.replace(self.url, other), self.staff, **shown)
        self.assertEqual(elsewhere.status_code, 400)

    def test_a_file_that_is_no_such_spreadsheet_is_refused_in_words(self):
        def archive(content: bytes) -> bytes:
            outlet = BytesIO()
            with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as made:
                made.writestr("[Content_Types].xml", content)
            return outlet.getvalue()

        book = self.book()
        book.active.delete_cols(COLUMNS.index(Column.STATUS) + 1)
        for data in (
            *(
                b"",
                b"x",
                b"PK\x03\x04",
                b"PK\x05\x06",
                archive(b"<x/>"),
                archive(b" " * 70_000_000),
            ),
            *(b"Reference,Title\nREP-1,x\n", self.filled(book=book), self.filled()[:-200]),
        ):
            with self.subTest(data[:20]):
                _client, answer = self.upload(data)
                self.assertEqual(answer.status_code, 400)
        self.assertFalse(StatusUpdate.objects.exists())
