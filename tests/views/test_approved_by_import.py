"""Updates that an import of an earlier version approved: marked wherever their approval shows."""

import json
from typing import Any

from django.test import override_settings

from recommendations import audit
from recommendations.models import StatusUpdate
from tests.base import days_ago
from tests.views.pages import PageTestCase

MARK = "Approved through an import"
DETAIL = "/recommendations/REP-1/"


class ApprovedByImportTests(PageTestCase):
    """REP-1 was approved as a file reported it; REP-2 by a manager, after its author submitted."""

    imported: StatusUpdate
    decided: StatusUpdate

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.imported = cls.approve_as_reported()
        cls.decided = cls.make_approved(cls.make_recommendation("Another"))

    @classmethod
    def approve_as_reported(cls) -> StatusUpdate:
        """One event for the update and its approval, as imports wrote it up to version 5."""
        with audit.entry(by=cls.manager) as entry:
            update = StatusUpdate.objects.create(
                recommendation=cls.recommendation,
                author=cls.staff,
                last_editor=cls.staff,
                as_of=days_ago(30),
                implementation_status="in_progress",
                what_happened="As the file says.",
                created_at=entry.at,
                submitted_at=entry.at,
                state="submitted",
            )
            update.editors.add(cls.staff)
            decided: dict[str, Any] = {"state": "approved", "decided_by": cls.manager}
            StatusUpdate.objects.filter(pk=update.pk).update(decided_at=entry.at, **decided)
            update.refresh_from_db()
            entry.record("approve", update, before={}, after=audit.snapshot(update))
            type(cls.recommendation).objects.filter(pk=cls.recommendation.pk).update(
                current_update=update
            )
        return update

    def test_the_page_of_the_recommendation_and_its_history(self) -> None:
        text = self.read(f"{DETAIL}print/", self.viewer)
        self.assert_words(
            text,
            MARK,
            f"As of {days_ago(30):%-d %B %Y}. Imported in the name of Staff, approved by Manager",
            f"{MARK}: In progress",
            " in progress (approved through an import ",
        )
        self.assert_no_words(text, "Written by Staff")

    def test_the_page_of_the_update_and_its_history(self) -> None:
        text = self.read(self.imported.get_absolute_url(), self.viewer)
        self.assert_words(text, MARK, "Imported in the name of Staff", f"{MARK}: In progress")

    def test_the_current_update_beside_a_form(self) -> None:
        text = self.read(f"{DETAIL}updates/new/", self.staff)
        self.assert_words(text, MARK, "Imported in the name of Staff, approved by Manager")

    def test_review_says_it_of_the_current_update_and_of_its_own_page(self) -> None:
        waiting = self.make_submitted(self.recommendation)
        text = self.read(f"/review/{waiting.pk}/", self.manager)
        day = f"{days_ago(30):%-d %B %Y}"
        self.assert_words(text, f"The current update, as of {day}, was approved through an import.")
        own = self.read(f"/review/{self.imported.pk}/", self.manager)
        self.assert_words(own, MARK)
        self.assert_no_words(own, "The current update, as of")

    @override_settings(PUBLIC_PAGES=True)
    def test_lists_mark_it_and_nothing_else(self) -> None:
        for path in ("/", "/recommendations/"):
            self.assertEqual(self.read(path, self.viewer).count(MARK), 1, path)

    def test_the_export_has_a_column_of_it(self) -> None:
        response = self.get("/recommendations/export/", self.viewer, format="json")
        rows = json.loads(b"".join(response.streaming_content))
        marked = {row["reference"]: row["approved_through_import"] for row in rows}
        self.assertEqual(marked, {"REP-1": True, "REP-2": False})

    def test_what_a_manager_decided_is_not_marked(self) -> None:
        for path in (self.decided.get_absolute_url(), "/recommendations/REP-2/"):
            self.assert_no_words(self.read(path, self.viewer), MARK, "Imported in the name of")

    def test_once_a_regular_update_is_approved_only_its_history_is_marked(self) -> None:
        self.make_approved(self.recommendation, as_of=days_ago(1))
        text = self.read(f"{DETAIL}print/", self.viewer)
        self.assertEqual(text.count(MARK), 1)
        self.assert_words(text, f"{MARK}: In progress")
