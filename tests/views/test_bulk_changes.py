"""Many recommendations are changed from their list: selected, previewed, confirmed, undone."""

import re
from typing import Any
from unittest import mock

from recommendations.actions import recommendations, themes
from recommendations.models import AuditEvent, Organisation, Recommendation
from recommendations.views.recommendations import bulk_changes as views
from tests.base import days_ago
from tests.views.pages import PageTestCase, counting, words_of

LIST = "/recommendations/"
BULK = "/recommendations/bulk/"
PRIORITY = f"{BULK}?scope=all&change=priority&value=high"
WHY = "The office was reorganised."


class BulkPageTestCase(PageTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.second = self.make_recommendation("Do another thing")

    def token_of(self, response: Any) -> str:
        found = re.search(r'name="shown" value="([^"]+)"', response.content.decode())
        return found.group(1) if found else ""

    def confirm(self, path: str, person: Any = None, reason: str = WHY, **data: Any) -> Any:
        """Open a preview, and confirm what it shows."""
        person = person or self.manager
        sent = {"shown": self.token_of(self.get(path, person)), "reason": reason, **data}
        return self.post(path, person, **sent)

    def priorities(self) -> list[str]:
        return list(Recommendation.objects.order_by("pk").values_list("priority", flat=True))


class SelectionTests(BulkPageTestCase):
    def test_who_may_change_many_can_select_rows(self):
        for person in (self.manager, self.administrator):
            html = self.get(LIST, person).content.decode()
            self.assertEqual(html.count('name="pick"'), 2, person)
            self.assertIn("Apply to all 2", html)
        for person in (self.staff, self.viewer, self.auditor):
            self.assertNotIn('name="pick"', self.get(LIST, person).content.decode(), person)

    def test_the_filter_of_the_list_goes_with_the_selection(self):
        html = self.get(LIST, self.manager, text="another", flag="no_date").content.decode()
        for name, value in (("text", "another"), ("flag", "no_date")):
            self.assertIn(f'<input type="hidden" name="{name}" value="{value}">', html)

    def test_rows_that_are_picked(self):
        page = self.read(BULK, self.manager, scope="picked", pick="REP-2", change="priority")
        self.assert_words(page, "Set priority", "1 recommendation selected", "Preview changes")

    def test_all_that_match_the_filter(self):
        found = self.read(PRIORITY + "&text=another", self.manager)
        self.assert_words(found, "1 recommendation changes.", "REP-2 Do another thing", "High")
        self.assert_no_words(found, "REP-1")

    def test_what_cannot_be_worked_on_is_told(self):
        for query, words in (
            ({"scope": "picked", "change": "priority"}, "Select at least one recommendation"),
            ({"scope": "picked", "pick": "\0", "change": "priority"}, "Select at least one"),
            ({"scope": "picked", "pick": "NO-9", "change": "priority"}, "Select at least one"),
            ({"scope": "all", "change": "priority", "text": "xyzzy"}, "Select at least one"),
            ({"scope": "all", "change": "priority", "confidence": "no"}, "filters is invalid"),
            ({"scope": "all", "change": "everything"}, "Choose what to change"),
            ({"scope": "all"}, "Choose what to change"),
            ({"scope": "all", "change": "export-pdf"}, "Choose what to change"),
            ({"scope": "picked", "change": "export-csv"}, "Select at least one recommendation"),
            ({}, "Choose what to change"),
        ):
            with self.subTest(query):
                self.assert_words(self.read(BULK, self.manager, 400, **query), words)

    def test_more_than_the_most_are_refused_in_words(self):
        with mock.patch.object(views, "MOST_ROWS", 1):
            words = self.read(BULK, self.manager, 400, scope="all", change="publish")
        self.assert_words(words, "at most 1 recommendations. Narrow the filter.")


class ValueTests(BulkPageTestCase):
    def test_officers_and_reviewers_are_those_who_can_be(self):
        for change, offered, withheld in (
            ("lead_officer", ("Staff", "Manager"), ("Viewer", "Auditor", "Stranger")),
            ("reviewer", ("Manager",), ("Staff", "Viewer")),
        ):
            html = self.get(BULK, self.manager, scope="all", change=change).content.decode()
            for name in offered:
                self.assertIn(f">{name}</option>", html)
            for name in withheld:
                self.assertNotIn(f">{name}</option>", html)

    def test_a_wrong_value_is_told(self):
        for change, value in (
            ("lead_officer", self.viewer.pk),
            ("lead_officer", "x"),
            ("priority", "urgent"),
            ("interval_months", 0),
            ("interval_months", ""),
        ):
            with self.subTest(change, value=value):
                query = {"scope": "all", "change": change, "value": value}
                self.assert_words(self.read(BULK, self.manager, 400, **query), "Correct the error")


class ConfirmTests(BulkPageTestCase):
    def test_a_preview_writes_nothing_and_its_confirmation_all(self):
        last = AuditEvent.objects.count()
        page = self.read(PRIORITY, self.manager)
        self.assert_words(page, "New value: High", "2 recommendations change.", "Not set")
        self.assertEqual((self.priorities(), AuditEvent.objects.count()), (["not_set"] * 2, last))
        answer = self.confirm(PRIORITY)
        event = AuditEvent.objects.latest("sequence")
        self.assertRedirects(answer, f"{BULK}{event.sequence}/")
        self.assertEqual(self.priorities(), ["high"] * 2)
        result = self.read(f"{BULK}{event.sequence}/", self.manager)
        self.assert_words(
            result, "Recommendations changed in bulk", WHY, "REP-1 Do the thing", "Undo this"
        )

    def test_a_reason_is_asked_for_and_what_was_shown(self):
        answer = self.confirm(PRIORITY, reason=" ")
        self.assertEqual(answer.status_code, 400)
        self.assert_words(words_of(answer), "Enter the reason.")
        for token in ("", "damaged", self.token_of(self.get(PRIORITY + "&text=x", self.manager))):
            answer = self.confirm(PRIORITY, shown=token)
            self.assertEqual(answer.status_code, 409)
            self.assert_words(words_of(answer), "The version that you saw is unknown.", WHY)
        self.assertEqual(self.priorities(), ["not_set"] * 2)

    def test_a_preview_confirms_no_other_value(self):
        low = self.token_of(self.get(PRIORITY.replace("high", "low"), self.manager))
        self.assertEqual(self.confirm(PRIORITY, shown=low).status_code, 409)

    def test_what_another_person_changed_since_is_skipped_and_named(self):
        token = self.token_of(self.get(PRIORITY, self.manager))
        recommendations.revise_recommendation(
            recommendation=self.second,
            by=self.other_manager,
            expected_version=1,
            values={"priority": "low"},
        )
        self.make_recommendation("A third thing, which nobody was shown")
        answer = self.confirm(PRIORITY, shown=token)
        result = self.read(answer["Location"], self.manager)
        self.assert_words(
            result, "1 recommendation skipped Changed after the preview", "REP-2 Do another thing"
        )
        self.assertEqual(self.priorities(), ["high", "low", "not_set"])

    def test_where_nothing_can_be_changed_any_more_the_preview_comes_back(self):
        token = self.token_of(self.get(PRIORITY + "&text=another", self.manager))
        recommendations.archive(recommendation=self.second, by=self.manager, reason="other")
        answer = self.confirm(PRIORITY + "&text=another", shown=token)
        self.assertEqual(answer.status_code, 409)
        self.assert_words(words_of(answer), "No recommendation was changed.", "Archived")

    def test_publishing_says_what_the_public_will_miss(self):
        self.make_approved(self.second, public_text="For everybody.")
        page = self.read(f"{BULK}?scope=all&change=publish", self.manager)
        self.assert_words(
            page, "2 recommendations change.", "1 recommendation has no public summary."
        )
        self.confirm(f"{BULK}?scope=all&change=publish")
        self.assertEqual(Recommendation.objects.filter(published_at=None).count(), 0)

    def test_archiving_asks_why_and_says_what_it_means(self):
        path = f"{BULK}?scope=all&change=archive"
        self.assert_words(self.read(path, self.manager), "Reason for archiving", "Duplicate of")
        page = self.read(f"{path}&value=duplicate", self.manager)
        self.assert_words(
            page,
            "Reason for archiving: Duplicate of another recommendation",
            "Archived recommendations leave counts",
            "Explanation",
            "Not archived Archived",
            "Archive 2 recommendations",
        )
        result = self.read(self.confirm(f"{path}&value=duplicate")["Location"], self.manager)
        self.assert_words(result, "Recommendations archived in bulk", WHY)
        self.assertEqual(Recommendation.objects.filter(archive_note=WHY).count(), 2)
        restore = f"{BULK}?scope=picked&pick=REP-1&pick=REP-2&change=restore"
        self.assert_words(
            self.read(restore, self.manager),
            "Restored recommendations return to counts",
            "Restore 2 recommendations",
        )
        self.confirm(restore)
        self.assertEqual(Recommendation.objects.filter(archived_at=None).count(), 2)

    def test_unpublishing_says_what_the_public_loses_and_its_undo_what_it_reads_again(self):
        self.confirm(f"{BULK}?scope=all&change=publish")
        path = f"{BULK}?scope=all&change=unpublish"
        page = self.read(path, self.manager)
        self.assert_words(page, "answer “not found”", "Unpublish 2 recommendations")
        undo = f"{self.confirm(path)['Location']}undo/"
        page = self.read(undo, self.manager)
        self.assert_words(page, "Everyone can read", "2 recommendations have no public summary.")
        self.assertIn('href="/recommendations/REP-1/publish/"', self.get(undo, self.manager).text)
        self.confirm(undo)
        self.assertEqual(Recommendation.objects.filter(published_at=None).count(), 0)


class LeadTests(BulkPageTestCase):
    def test_the_lead_is_an_organisation_that_exists(self):
        former = Organisation.objects.create(slug="old", name="Former", valid_to=days_ago(1))
        path = f"{BULK}?scope=all&change=lead"
        html = self.get(path, self.manager).text
        self.assertIn(">Agency B</option>", html)
        self.assertNotIn(">Former</option>", html)
        self.assertEqual(self.get(f"{path}&value={former.pk}", self.manager).status_code, 400)
        page = self.read(f"{path}&value={self.agency.pk}", self.manager)
        self.assert_words(page, "New value: Agency B", "Ministry A Agency B")
        self.confirm(f"{path}&value={self.agency.pk}")
        self.assertEqual(
            set(Recommendation.objects.values_list("lead", flat=True)), {self.agency.pk}
        )


class ExportTests(BulkPageTestCase):
    def test_selected_rows_are_a_file_that_the_log_does_not_tell_of(self):
        last = AuditEvent.objects.count()
        answer = self.get(BULK, self.manager, scope="picked", pick="REP-2", change="export-csv")
        self.assertIn("attachment", answer["Content-Disposition"])
        lines = b"".join(answer.streaming_content).decode().splitlines()
        self.assertEqual(len(lines), 2)
        self.assertIn("REP-2", lines[1])
        self.assertEqual(AuditEvent.objects.count(), last)

    def test_a_file_of_all_holds_what_the_download_of_the_list_does(self):
        query = {"scope": "all", "change": "export-csv"}
        ours, theirs = (
            b"".join(self.get(path, self.manager, **asked).streaming_content)
            for path, asked in ((BULK, query), (f"{LIST}export/", {"format": "csv"}))
        )
        self.assertEqual(ours, theirs)


class ThemeTests(BulkPageTestCase):
    def test_the_preview_shows_all_themes_of_a_row_and_the_log_the_one(self):
        held, added = (
            themes.add_theme(by=self.manager, values={"name": name}) for name in ("Skills", "Trade")
        )
        recommendations.revise_recommendation(
            recommendation=self.second,
            by=self.manager,
            expected_version=1,
            values={"themes": [held]},
        )
        path = f"{BULK}?scope=all&change=add_theme&value={added.pk}"
        page = self.read(path, self.manager)
        self.assert_words(page, "New value: Trade", "Skills Skills, Trade", "Not set Trade")
        result = self.read(self.confirm(path)["Location"], self.manager)
        self.assert_words(result, "REP-1 Do the thing Themes [added: Trade ]")
        self.assert_words(self.read("/audit/", self.auditor), "Add theme, by Manager")

    def test_where_there_is_none_the_page_leads_to_adding_one(self):
        for change in ("add_theme", "remove_theme"):
            html = self.get(BULK, self.manager, scope="all", change=change).content.decode()
            self.assertIn("No themes yet", html)
            self.assertIn('href="/themes/new/"', html)
            self.assertNotIn("Preview changes", html)


class UndoTests(BulkPageTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.result = self.confirm(PRIORITY)["Location"]

    def test_it_is_previewed_confirmed_with_a_reason_and_told_on_both_pages(self):
        page = self.read(f"{self.result}undo/", self.manager)
        self.assert_words(page, "Undo change of 2 recommendations", "High", "Not set")
        self.assertEqual(self.confirm(f"{self.result}undo/", reason="").status_code, 400)
        answer = self.confirm(f"{self.result}undo/", reason="A mistake.")
        self.assertEqual(self.priorities(), ["not_set"] * 2)
        self.assert_words(self.read(answer["Location"], self.manager), "A mistake.", "Bulk change")
        self.assert_words(self.read(self.result, self.manager), "Undone by Manager")
        self.assertEqual(self.get(f"{answer['Location']}undo/", self.manager).status_code, 404)
        page = self.read(f"{self.result}undo/", self.manager)
        self.assert_words(page, "2 recommendations are skipped. Changed after the bulk change.")

    def test_no_other_event_can_be_undone_or_shown(self):
        first = AuditEvent.objects.order_by("sequence").first()
        for path in (f"{BULK}{first.sequence}/", f"{BULK}{first.sequence}/undo/", f"{BULK}99999/"):
            self.assertEqual(self.get(path, self.manager).status_code, 404)


class BudgetTests(BulkPageTestCase):
    def test_each_page_asks_as_much_for_two_rows_as_for_thirty(self):
        paths = [
            PRIORITY,
            f"{BULK}?scope=all&change=lead&value={self.agency.pk}",
            f"{BULK}?scope=all&change=publish",
            f"{BULK}?scope=all&change=archive&value=closed",
        ]
        few = [self.asked(path) for path in paths]
        result = self.confirm(PRIORITY)["Location"]
        few += [self.asked(result), self.asked(f"{result}undo/")]
        for number in range(28):
            self.make_recommendation(f"Thing {number}")
        result = self.confirm(PRIORITY.replace("high", "low"))["Location"]
        many = [self.asked(path) for path in (*paths, result, f"{result}undo/")]
        self.assertEqual(many, few)

    def asked(self, path: str) -> int:
        self.get(path, self.manager)
        with counting() as captured:
            self.assertEqual(self.get(path, self.manager).status_code, 200)
        longest = max(len(query["sql"]) for query in captured)
        self.assertLess(longest, 4_000)
        return len(captured)


class WhereItIsToldTests(BulkPageTestCase):
    def test_in_the_history_of_each_and_in_the_log(self):
        result = self.confirm(PRIORITY)["Location"]
        for reference in ("REP-1", "REP-2"):
            history = f"{LIST}{reference}/history/"
            page = self.read(history, self.manager)
            self.assert_words(page, "Changed in bulk: priority", WHY)
            self.assertIn(f'href="{result}"', self.get(history, self.manager).content.decode())
            self.assertNotIn(f'href="{result}"', self.get(history, self.staff).content.decode())
            log = self.read("/audit/", self.auditor, reference=reference)
            self.assert_words(log, "Recommendations changed in bulk: Set priority, by Manager")
            self.assert_words(log, "Not set", "High")
        self.assert_no_words(self.read("/audit/", self.auditor), "change_many", "set_priority")

    def test_the_public_reads_no_reason(self):
        self.confirm(f"{BULK}?scope=all&change=publish")
        self.confirm(PRIORITY)
        with self.settings(PUBLIC_PAGES=True):
            self.assert_no_words(self.read(f"{LIST}REP-1/"), WHY, "bulk")


class WhoMayTests(BulkPageTestCase):
    def test_managers_and_administrators_change_and_auditors_read(self):
        result = self.confirm(PRIORITY, self.administrator)["Location"]
        self.assertEqual(self.get(f"{result}undo/", self.manager).status_code, 200)
        self.assertEqual(self.get(result, self.auditor).status_code, 200)
        self.assert_no_words(self.read(result, self.auditor), "Undo this bulk change")
        for person in (self.staff, self.viewer, self.auditor, self.stranger):
            for path in (PRIORITY, f"{result}undo/"):
                with self.subTest(path, person=person.username):
                    self.assertEqual(self.get(path, person).status_code, 403)
                    self.assertEqual(self.post(path, person, reason=WHY).status_code, 403)
        for person in (self.staff, self.viewer):
            self.assertEqual(self.get(result, person).status_code, 403)
        self.assert_turned_away(result)
        self.assert_turned_away(BULK)
