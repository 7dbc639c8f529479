"""One recommendation or many are published, archived or changed: previewed, confirmed, undone."""

import re
from typing import Any
from unittest import mock

from django.test import override_settings

from recommendations.actions import recommendations
from recommendations.actions.comments import add_comment
from recommendations.models import AuditEvent, IndicatorLink, Recommendation, UndoRequest
from recommendations.views.recommendations import bulk_changes as views
from tests.base import link_evidence
from tests.edits import edit
from tests.imports.files import csv_bytes, imported
from tests.views.pages import PageTestCase, counting, shown_fields, words_of
from tests.views.test_budgets import MOST_SQL_OF_A_TAB
from tests.views.writing import ProgressTestCase

LIST, BULK = "/recommendations/", "/recommendations/bulk/"
ALL = f"{BULK}?scope=all&change="
PRIORITY = f"{ALL}priority&value=high"
WHY = "The office was reorganised."
FEW = "Select at least one recommendation"


class BulkPageTestCase(ProgressTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.second = cls.make_recommendation("Do another thing")

    def token_of(self, path: str) -> str:
        html = self.get(path, self.manager).content.decode()
        found = re.search(r'name="shown" value="([^"]+)"', html)
        return found.group(1) if found else ""

    def confirm(self, path: str, reason: str = WHY, **data: Any) -> Any:
        """Open a preview, and confirm what it shows; the address of the result, or the answer."""
        sent = {"shown": self.token_of(path), "reason": reason, **data}
        answer = self.post(path, self.manager, **sent)
        return answer["Location"] if answer.status_code == 302 else answer

    def priorities(self) -> list[str]:
        return list(Recommendation.objects.order_by("pk").values_list("priority", flat=True))


class SelectionTests(BulkPageTestCase):
    def test_who_may_change_many_can_select_rows_and_the_filter_goes_along(self) -> None:
        for person in (self.manager, self.administrator):
            html = self.get(LIST, person).content.decode()
            self.assertEqual(html.count('name="pick"'), 2, person)
            self.assertIn("Apply to all 2", html)
        for person in (self.staff, self.viewer, self.auditor):
            self.assertNotContains(self.get(LIST, person), 'name="pick"')
        page = self.get(LIST, self.manager, text="another", flag="no_date")
        for name, value in (("text", "another"), ("flag", "no_date")):
            self.assertContains(page, f'<input type="hidden" name="{name}" value="{value}">')

    def test_what_is_worked_on_or_cannot_be(self) -> None:
        picked, wrong = "?scope=picked&change=priority", "Choose what to change"
        one = "Set priority | 1 recommendation selected | Preview changes"
        found = "1 recommendation changes. | REP-2 Do another thing | High"
        for query, status, told in (
            (f"{picked}&pick=REP-2", 200, one),
            (f"{picked}", 400, FEW),
            (f"{picked}&pick=%00", 400, FEW),
            (f"{picked}&pick=NO-9", 400, FEW),
            ("?scope=picked&change=export-csv", 400, FEW),
            ("?scope=all&change=priority&text=xyzzy", 400, FEW),
            ("?scope=all&change=priority&confidence=no", 400, "filters is invalid"),
            ("?scope=all&change=everything", 400, wrong),
            ("?scope=all&change=export-pdf", 400, wrong),
            ("?scope=all", 400, wrong),
            ("", 400, wrong),
            *(
                (f"?scope=all&change={change}&value={value}", 400, "Correct the error")
                for change, value in (
                    ("lead_officer", self.viewer.pk),
                    ("lead_officer", "x"),
                    ("priority", "urgent"),
                    ("interval_months", 0),
                    ("interval_months", ""),
                )
            ),
        ):
            self.assert_says(f"{BULK}{query}", "manager", told, status=status)
        self.assert_says(f"{PRIORITY}&text=another", "manager", found, "REP-1")
        recommendations.archive(recommendation=self.second, by=self.manager, reason="duplicate")
        back = "Restored recommendations return to counts | Restore 1 recommendation"
        self.assert_says(f"{BULK}?scope=picked&change=restore&pick=REP-2", "manager", back)
        with mock.patch.object(views, "MOST_ROWS", 0):
            told = "at most 0 recommendations. Narrow the filter."
            self.assert_says(f"{ALL}publish", "manager", told, status=400)

    def test_selected_rows_are_a_file_that_the_log_does_not_tell_of(self) -> None:
        last = AuditEvent.objects.count()
        query = {"pick": "REP-2", "change": "export-csv"}
        answer = self.get(BULK, self.manager, scope="picked", **query)
        self.assertIn("attachment", answer["Content-Disposition"])
        [_head, row] = answer.getvalue().decode().splitlines()
        self.assertIn("REP-2", row)
        ours, theirs = (
            self.get(path, self.manager).getvalue()
            for path in (f"{ALL}export-csv", f"{LIST}export/?format=csv")
        )
        self.assertEqual(ours, theirs)
        self.assertNothingWritten(last)


class ConfirmTests(BulkPageTestCase):
    def test_a_preview_writes_nothing_and_its_confirmation_all(self) -> None:
        last = AuditEvent.objects.count()
        told = "New value: High | 2 recommendations change. | Not set"
        self.assert_says(PRIORITY, "manager", told)
        self.assertEqual((self.priorities(), AuditEvent.objects.count()), (["not_set"] * 2, last))
        result = self.confirm(PRIORITY)
        self.assertEqual(result, f"{BULK}{AuditEvent.objects.latest('sequence').sequence}/")
        self.assertEqual(self.priorities(), ["high"] * 2)
        told = f"Recommendations changed in bulk | {WHY} | REP-1 Do the thing"
        self.assert_says(result, "manager", f"{told} | Undo bulk change")
        for reference in ("REP-1", "REP-2"):
            history, link = f"{LIST}{reference}/history/", f'href="{result}"'
            self.assert_says(history, "manager", f"Changed in bulk: priority | {WHY}")
            self.assertContains(self.get(history, self.manager), link)
            self.assertNotContains(self.get(history, self.staff), link)
            log = "Recommendations changed in bulk: Set priority, by Manager | Not set | High"
            codes = "change_many | set_priority"
            self.assert_says(f"/audit/?reference={reference}", "auditor", log, codes)
        for about in Recommendation.objects.all():
            recommendations.publish_recommendation(recommendation=about, by=self.manager)
        with self.settings(PUBLIC_PAGES=True):
            self.assert_says(f"{LIST}REP-1/", "", "", f"{WHY} | bulk")

    def test_a_reason_is_asked_for_and_what_was_shown(self) -> None:
        answer = self.confirm(PRIORITY, reason=" ")
        self.assertAnswers(answer, 400, "Enter the reason.")
        other = (f"{PRIORITY}&text=x", PRIORITY.replace("high", "low"))
        for token in ("", "damaged", *map(self.token_of, other)):
            answer = self.confirm(PRIORITY, shown=token)
            self.assertAnswers(answer, 409, "The version that you saw is unknown.", WHY)
        self.assertEqual(self.priorities(), ["not_set"] * 2)

    def test_what_another_person_changed_since_is_skipped_and_named(self) -> None:
        token = self.token_of(PRIORITY)
        edit(self.second, self.other_manager, priority="low")
        self.make_recommendation("A third thing, which nobody was shown")
        told = "1 recommendation skipped Changed after the preview | REP-2 Do another thing"
        self.assert_says(self.confirm(PRIORITY, shown=token), "manager", told)
        self.assertEqual(self.priorities(), ["high", "low", "not_set"])

    def test_publishing_says_what_the_public_will_miss_and_lose(self) -> None:
        self.make_approved(self.second, public_text="For everybody.")
        told = "2 recommendations change. | 1 recommendation has no public summary."
        self.assert_says(f"{ALL}publish", "manager", told)
        self.confirm(f"{ALL}publish")
        self.assertEqual(Recommendation.objects.filter(published_at=None).count(), 0)
        told = "answer “not found” | Unpublish 2 recommendations"
        self.assert_says(f"{ALL}unpublish", "manager", told)
        undo = f"{self.confirm(f'{ALL}unpublish')}undo/"
        told = "Everyone can read | 1 recommendation has no public summary."
        self.assert_says(undo, "manager", told)
        link = 'href="/recommendations/REP-1/publish/"'
        self.assertContains(self.get(undo, self.manager), link)
        self.confirm(undo)
        self.assertEqual(Recommendation.objects.filter(published_at=None).count(), 0)

    def test_where_nothing_can_be_changed_any_more_the_preview_comes_back(self) -> None:
        token = self.token_of(f"{PRIORITY}&text=another")
        recommendations.archive(recommendation=self.second, by=self.manager, reason="other")
        answer = self.confirm(f"{PRIORITY}&text=another", shown=token)
        self.assertAnswers(answer, 409, "No recommendation was changed.", "Archived")


class UndoTests(BulkPageTestCase):
    def test_it_is_previewed_confirmed_with_a_reason_and_told_on_both_pages(self) -> None:
        result = self.confirm(PRIORITY)
        undo = f"{result}undo/"
        told = "Undo change of 2 recommendations | High | Not set"
        self.assert_says(undo, "manager", told)
        self.assertEqual(self.confirm(undo, reason="").status_code, 400)
        again = self.confirm(undo, reason="A mistake.")
        self.assertEqual(self.priorities(), ["not_set"] * 2)
        self.assert_says(again, "manager", "A mistake. | Bulk change")
        self.assert_says(result, "manager", "Undone by Manager")
        told = "2 recommendations are skipped. Changed after the bulk change."
        self.assert_says(undo, "manager", told)
        first = AuditEvent.objects.order_by("sequence")[0].sequence
        for of in (f"{again}undo/", f"{BULK}{first}/", f"{BULK}{first}/undo/", f"{BULK}99999/"):
            self.assert_says(of, "manager", status=404)


class UndoneImportTests(BulkPageTestCase):
    """The pages of an import of a list: what it did, what undoing it does, that it is undone."""

    ROWS = (("7.1", "Keep a register"), ("7.2", "Pay for it"))

    def brought(self, rows: Any = ROWS) -> str:
        """The address of the page of an import."""
        data = csv_bytes(rows, ("Ref no", "Title"))
        event = imported(data, self.source, self.manager)
        told = f"Imported lists | list.csv | {self.source.short_title}"
        self.assert_says("/recommendations/import/", "manager", told)
        return f"{BULK}{event.sequence}/"

    def test_from_the_page_of_uploads_to_what_was_undone(self) -> None:
        result = self.brought()
        first = Recommendation.objects.get(external_id="7.1")
        self.assert_says(result, "manager", "list.csv | Undo import | New 2 | Keep a register")
        for said in ("uoted sha256", "wording reason", "Number in the source"):
            self.assertNotContains(self.get(result, self.manager), said)
        self.assertContains(self.get(result, self.manager), "<title>Spreadsheet imported: list.csv")
        self.assertNotContains(self.get(result, self.auditor), f"{result}undo/")
        add_comment(recommendation=first, by=self.manager, text="Which register?")
        undo = f"{result}undo/"
        told = (
            "1 recommendation is skipped. Worked on after the import.",
            "1 recommendation that the import added is archived as “Import undone”",
            "Keep a register | Worked on after the import | Comment added on",
            "Pay for it | Not archived | Archived",
            "Request to undo | These people can decide on a request: Administrator, Other Manager",
        )
        text = self.read(undo, self.manager)
        self.assert_words(text, *(part for each in told for part in each.split(" | ")))
        self.assertEqual(self.confirm(undo, reason="", move="ask").status_code, 400)
        self.assertEqual(self.confirm(undo, move="ask"), result)
        self.assert_says(result, "manager", "Undoing requested | Requested by Manager")
        self.assert_says("/review/", "other_manager", "Undoing an import awaits your decision")
        self.assert_says("/recommendations/import/", "administrator", "Undoing requested")
        self.assert_says(undo, "other_manager", "Undo import of 1 recommendation")
        decide = {"request": str(UndoRequest.objects.get().pk), "move": "approve"}
        sent = {"shown": self.token_of(undo), **decide}
        self.assertEqual(self.post(undo, self.manager, **sent).status_code, 403)
        self.assertEqual(self.post(undo, self.other_manager, **decide).status_code, 409)
        neither = {**decide, "move": "else", "note": "No."}
        self.assertEqual(self.post(undo, self.other_manager, **neither).status_code, 400)
        done = self.post(undo, self.other_manager, **sent)["Location"]
        self.assert_says(done, "manager", f"Import of recommendations undone | {WHY}")
        add_comment(recommendation=first, by=self.manager, text="That one.")
        why = "1 recommendation skipped | Worked on after the import | Comment added on | list.csv"
        self.assert_says(done, "auditor", why)
        self.assert_says(result, "manager", "Partially undone | Undone by Other Manager")
        self.assert_says("/recommendations/import/", "manager", "list.csv | Partially undone")
        gone = Recommendation.objects.get(title="Pay for it")
        self.assertEqual(gone.archive_reason, "import_undone")
        self.assertContains(self.get(gone.get_absolute_url(), self.viewer), "Import undone")
        self.assertEqual(self.confirm(undo, move="ask").status_code, 409)

    def test_what_was_there_before_gets_back_what_it_was(self) -> None:
        self.brought()
        undo = f"{self.brought((('7.1', 'Keep a public register'), ('7.3', 'Count it')))}undo/"
        told = "1 recommendation recorded before gets back what the import changed."
        self.assert_says(undo, "manager", f"{told} | As before the import")
        self.confirm(undo, move="ask")
        decide = {"request": str(UndoRequest.objects.get().pk), "move": "approve"}
        self.post(undo, self.other_manager, shown=self.token_of(undo), **decide)
        self.assertEqual(Recommendation.objects.get(external_id="7.1").title, "Keep a register")

    def test_nobody_archives_for_that_reason_by_hand(self) -> None:
        for path in ("/recommendations/REP-1/archive/", f"{ALL}archive"):
            self.assertNotContains(self.get(path, self.manager), "import_undone")
        for reason in ("import_undone", ""):
            answer = self.post("/recommendations/REP-1/archive/", self.manager, reason=reason)
            self.assertEqual(answer.status_code, 400)
        self.assert_words(words_of(answer), "Choose a reason")

    def test_who_may(self) -> None:
        undo = f"{self.brought()}undo/"
        for person, status in ((self.staff, 403), (self.auditor, 403), (self.administrator, 200)):
            self.assertEqual(self.get(undo, person).status_code, status, person)

    def test_its_page_asks_as_much_for_two_rows_as_for_thirty(self) -> None:
        lists = (self.ROWS, [(f"9.{n}", f"Thing {n}") for n in range(30)])
        asked = (self.asked(f"{self.brought(rows)}undo/", self.manager) for rows in lists)
        self.assertEqual(*asked)


class BudgetTests(BulkPageTestCase):
    def test_each_page_asks_as_much_for_two_rows_as_for_thirty(self) -> None:
        changes = ("priority&value=high", f"lead&value={self.agency.pk}", "publish")
        paths = [f"{ALL}{change}" for change in (*changes, "archive&value=closed")]
        few = [self.measured(path) for path in paths]
        result = self.confirm(PRIORITY)
        few += [self.measured(result), self.measured(f"{result}undo/")]
        for number in range(28):
            self.make_recommendation(f"Thing {number}")
        result = self.confirm(PRIORITY.replace("high", "low"))
        many = [self.measured(path) for path in (*paths, result, f"{result}undo/")]
        self.assertEqual(many, few)

    def measured(self, path: str) -> int:
        self.get(path, self.manager)
        with counting() as captured:
            self.assertEqual(self.get(path, self.manager).status_code, 200)
        # Keys have more digits after other tests.
        statements = [re.sub(r"\(\d+\)", "(1)", query["sql"]) for query in captured]
        self.assertLess(max(map(len, statements)), MOST_SQL_OF_A_TAB)
        return len(captured)


PAGE = "/recommendations/REP-1/"
STEPS = ("publish", "unpublish", "archive", "restore")
REASON = {"reason": "It was too early."}
CLOSED = {"reason": "closed", "note": "Done with."}
SENT: dict[str, dict[str, str]] = dict(zip(STEPS, ({}, REASON, CLOSED, REASON), strict=True))


class PublicationTests(PageTestCase):
    def step(self, step: str, person: Any = None, **data: Any) -> Any:
        """Open the page of a step, and send its form with this or with what it takes."""
        path, person = f"{PAGE}{step}/", person or self.manager
        sent = shown_fields(self.get(path, person)) | (data or SENT[step])
        return self.post(path, person, **sent)

    def current(self) -> Recommendation:
        return Recommendation.objects.get(pk=self.recommendation.pk)

    def test_who_may(self):
        for person in (self.staff, self.viewer, self.auditor, self.stranger):
            for step in STEPS:
                with self.subTest(step, person=person.username):
                    self.assertEqual(self.step(step, person).status_code, 403)
        for step in STEPS:
            gone = self.post(f"/recommendations/REP-99/{step}/", self.manager)
            self.assertEqual(gone.status_code, 404)
        self.assertEqual(self.current().version, self.recommendation.version)
        for person in (self.manager, self.administrator):
            for step in STEPS:
                with self.subTest(step, person=person.username):
                    self.assertRedirects(self.step(step, person), PAGE)

    def test_the_page_offers_what_is_not_done_to_those_who_may(self):
        for done, offered in (
            ((), {"publish", "archive"}),
            (("publish", "archive"), {"unpublish", "restore"}),
        ):
            for step in done:
                self.step(step)
            for person, wanted in ((self.manager, offered), (self.staff, set())):
                page = self.get(PAGE, person).content.decode()
                with self.subTest(done=done, person=person.username):
                    self.assertEqual({s for s in STEPS if f"{PAGE}{s}/" in page}, wanted)
            for step in STEPS:
                text = words_of(self.get(f"{PAGE}{step}/", self.manager))
                with self.subTest(step, done=done):
                    self.assertEqual("Already completed" not in text, step in offered)

    def test_the_preview_is_what_the_public_then_reads(self):
        update = self.make_approved(
            self.recommendation, public_text="Roads are built.", internal_note="Not for you."
        )
        for title, visibility in (("A law", "public"), ("A memo", "internal")):
            item = self.make_evidence(title, visibility=visibility, by=self.staff)
            link_evidence(to=update, by=self.manager, stance="supports", evidence=item)
        link = {"indicator": self.make_indicator(), "relation": "outcome"}
        IndicatorLink.objects.create(recommendation=self.recommendation, **link)
        text = self.read(f"{PAGE}publish/", self.manager)
        self.assert_words(text, "1 evidence item stays internal.", "1 indicator is not published.")
        preview = text.split("Public page after publication")[1]
        self.assert_words(preview, "Do the thing", "Roads are built.", "A law", "In progress")
        self.assert_no_words(preview, "Not for you", "A memo", "Use of the thing", "Staff")
        self.step("publish")
        with override_settings(PUBLIC_PAGES=True):
            public = self.read(f"{PAGE}print/")
        self.assert_words(public, preview[preview.index("Current update") :])
