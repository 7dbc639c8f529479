"""Many recommendations are changed from their list: selected, previewed, confirmed, undone."""

import re
from typing import Any
from unittest import mock

from recommendations.actions import recommendations, structure
from recommendations.models import AuditEvent, Organisation, Recommendation
from recommendations.views.recommendations import bulk_changes as views
from tests.base import days_ago
from tests.views.pages import counting
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
        with mock.patch.object(views, "MOST_ROWS", 1):
            told = "at most 1 recommendations. Narrow the filter."
            self.assert_says(f"{ALL}publish", "manager", told, status=400)

    def test_values_are_those_that_can_be(self) -> None:
        former = Organisation.objects.create(slug="old", name="Former", valid_to=days_ago(1))
        for change, offered, withheld in (
            ("lead_officer", "Staff Manager", "Viewer Auditor Stranger"),
            ("reviewer", "Manager", "Staff Viewer"),
            ("lead", "Agency", "Former"),
        ):
            html = self.get(f"{ALL}{change}", self.manager).content.decode()
            for name in offered.split():
                self.assertRegex(html, f">{name}[^<]*</option>")
            for name in withheld.split():
                self.assertNotRegex(html, f">{name}[^<]*</option>")
        self.assertEqual(self.get(f"{ALL}lead&value={former.pk}", self.manager).status_code, 400)
        for change in ("add_theme", "remove_theme"):
            page = self.get(f"{ALL}{change}", self.manager)
            self.assertAnswers(page, 200, "No themes yet", 'href="/themes/new/"')
            self.assertNotContains(page, "Preview changes")

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
        recommendations.revise_recommendation(
            recommendation=self.second,
            by=self.other_manager,
            expected_version=1,
            values={"priority": "low"},
        )
        self.make_recommendation("A third thing, which nobody was shown")
        told = "1 recommendation skipped Changed after the preview | REP-2 Do another thing"
        self.assert_says(self.confirm(PRIORITY, shown=token), "manager", told)
        self.assertEqual(self.priorities(), ["high", "low", "not_set"])

    def test_where_nothing_can_be_changed_any_more_the_preview_comes_back(self) -> None:
        token = self.token_of(f"{PRIORITY}&text=another")
        recommendations.archive(recommendation=self.second, by=self.manager, reason="other")
        answer = self.confirm(f"{PRIORITY}&text=another", shown=token)
        self.assertAnswers(answer, 409, "No recommendation was changed.", "Archived")

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

    def test_archiving_asks_why_and_says_what_it_means(self) -> None:
        path = f"{ALL}archive"
        self.assert_says(path, "manager", "Reason for archiving | Duplicate of")
        path += "&value=duplicate"
        for words in (
            "Reason for archiving: Duplicate of another recommendation | Explanation",
            "Archived recommendations leave counts | Not archived Archived",
            "Archive 2 recommendations",
        ):
            self.assert_says(path, "manager", words)
        result = self.confirm(path)
        self.assert_says(result, "manager", f"Recommendations archived in bulk | {WHY}")
        self.assertEqual(Recommendation.objects.filter(archive_note=WHY).count(), 2)
        restore = f"{BULK}?scope=picked&pick=REP-1&pick=REP-2&change=restore"
        told = "Restored recommendations return to counts | Restore 2 recommendations"
        self.assert_says(restore, "manager", told)
        self.confirm(restore)
        self.assertEqual(Recommendation.objects.filter(archived_at=None).count(), 2)

    def test_the_lead_is_replaced(self) -> None:
        path = f"{ALL}lead&value={self.agency.pk}"
        self.assert_says(path, "manager", "New value: Agency B | Ministry A Agency B")
        self.confirm(path)
        self.assertEqual(
            set(Recommendation.objects.values_list("lead", flat=True)), {self.agency.pk}
        )

    def test_the_preview_shows_all_themes_of_a_row_and_the_log_the_one(self) -> None:
        names = ("Skills", "Trade")
        held, added = (structure.add_theme(by=self.manager, values={"name": n}) for n in names)
        about: dict[str, Any] = {"recommendation": self.second, "by": self.manager}
        recommendations.revise_recommendation(
            **about, expected_version=1, values={"themes": [held]}
        )
        path = f"{ALL}add_theme&value={added.pk}"
        told = "New value: Trade | Skills Skills, Trade | Not set Trade"
        self.assert_says(path, "manager", told)
        told = "REP-1 Do the thing Themes [added: Trade ]"
        self.assert_says(self.confirm(path), "manager", told)
        self.assert_says("/audit/", "auditor", "Add theme, by Manager")


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


class BudgetTests(BulkPageTestCase):
    def test_each_page_asks_as_much_for_two_rows_as_for_thirty(self) -> None:
        changes = ("priority&value=high", f"lead&value={self.agency.pk}", "publish")
        paths = [f"{ALL}{change}" for change in (*changes, "archive&value=closed")]
        few = [self.asked(path) for path in paths]
        result = self.confirm(PRIORITY)
        few += [self.asked(result), self.asked(f"{result}undo/")]
        for number in range(28):
            self.make_recommendation(f"Thing {number}")
        result = self.confirm(PRIORITY.replace("high", "low"))
        many = [self.asked(path) for path in (*paths, result, f"{result}undo/")]
        self.assertEqual(many, few)

    def asked(self, path: str) -> int:
        self.get(path, self.manager)
        with counting() as captured:
            self.assertEqual(self.get(path, self.manager).status_code, 200)
        self.assertLess(max(len(query["sql"]) for query in captured), MOST_SQL_OF_A_TAB)
        return len(captured)
