"""Many recommendations are published, unpublished, archived and restored as one act each."""

from typing import Any

from recommendations.actions import recommendations, redaction
from recommendations.actions.bulk_changes import NothingChanged
from recommendations.actions.oversight import verification
from recommendations.audit.text_search import preview_digest, text_occurrences
from recommendations.choices import BulkChange, RowOutcome
from recommendations.models import AuditEvent, AuditRow, Recommendation
from recommendations.queries.bulk_changes import BulkValue, ShownRows, plan_change, plan_undo
from tests.actions.bulk_acts import WHY, BulkTestCase

PUBLISH, UNPUBLISH, RESTORE = (
    BulkValue(change) for change in (BulkChange.PUBLISH, BulkChange.UNPUBLISH, BulkChange.RESTORE)
)
ARCHIVE = BulkValue(BulkChange.ARCHIVE, "duplicate")
COLUMNS = (
    *("published_at", "published_by"),
    *("archived_at", "archived_by", "archive_reason", "archive_note"),
)


class PublicationTests(BulkTestCase):
    """Of three rows the first is published already, and the last is archived by itself."""

    def setUp(self) -> None:
        super().setUp()
        self.ids = [self.recommendation.pk, *self.add(2)]
        self.public, self.free, self.archived = self.ids
        rows = Recommendation.objects.in_bulk(self.ids)
        recommendations.publish_recommendation(
            recommendation=rows[self.public], by=self.other_manager
        )
        recommendations.archive(
            recommendation=rows[self.archived],
            by=self.other_manager,
            reason="other",
            note="Explained by Jane Roe.",
        )

    def held(self, *columns: str) -> dict[int, Any]:
        rows = Recommendation.objects.filter(pk__in=self.ids)
        return {row["pk"]: row for row in rows.values("pk", *(columns or COLUMNS))}

    def outcomes(self, value: BulkValue, shown: ShownRows | None = None) -> list[str]:
        rows = {row.pk: row.outcome for row in plan_change(self.ids, value, shown).rows}
        return [str(rows[pk]) for pk in self.ids]

    def test_what_each_does_to_rows_of_each_kind(self):
        for value, outcomes in (
            (PUBLISH, ["unchanged", "changed", "archived"]),
            (UNPUBLISH, ["changed", "unchanged", "unchanged"]),
            (ARCHIVE, ["changed", "changed", "unchanged"]),
            (RESTORE, ["unchanged", "unchanged", "changed"]),
        ):
            with self.subTest(value.change):
                self.assertEqual(self.outcomes(value), outcomes)

    def test_each_is_one_event_and_its_undo_gives_all_back(self):
        known = {str(fault) for fault in verification.verify().faults}
        for value, verb, changed in (
            (PUBLISH, "publish_many", 1),
            (UNPUBLISH, "unpublish_many", 1),
            (ARCHIVE, "archive_many", 2),
            (RESTORE, "restore_many", 1),
        ):
            with self.subTest(value.change):
                before = self.held()
                last = AuditEvent.objects.latest("sequence").sequence
                event = self.change(self.ids, value)
                self.assertEqual((event.sequence, event.verb), (last + 1, verb))
                self.assertEqual(event.reason.text, WHY)
                self.assertEqual(AuditRow.objects.filter(event=event.pk).count(), changed)
                self.assertEqual(self.told(event)["changed"], changed)
                self.assertNotEqual(self.held(), before)
                self.assert_kept()
                self.assertEqual(self.told(self.undo(event))["changed"], changed)
                self.assertEqual(self.held(), before)
                self.assert_kept()
        self.assertEqual({str(fault) for fault in verification.verify().faults} - known, set())

    def test_the_reason_explains_why_rows_are_archived(self):
        event = self.change(self.ids, ARCHIVE)
        self.assertEqual(self.told(event)["archive_reason"], "duplicate")
        rows = self.held("archive_reason", "archive_note", "archived_by")
        for pk in (self.public, self.free):
            row = rows[pk]
            self.assertEqual(
                (row["archive_reason"], row["archive_note"], row["archived_by"]),
                ("duplicate", WHY, self.manager.pk),
            )
        self.assertEqual(rows[self.archived]["archive_note"], "Explained by Jane Roe.")

    def test_an_archived_page_can_be_unpublished(self):
        self.change([self.public], ARCHIVE)
        self.change([self.public], UNPUBLISH)
        self.assertIsNone(self.held()[self.public]["published_at"])

    def test_an_undo_publishes_again_only_what_it_showed(self):
        event = self.change([self.public], UNPUBLISH)
        shown = plan_undo(event).shown
        self.make_approved(self.recommendation, public_text="Newer words.")
        [row] = plan_undo(event, shown).rows
        self.assertEqual(row.outcome, RowOutcome.STALE)
        self.undo(event)
        self.assertIsNotNone(self.held()[self.public]["published_at"])

    def test_an_undo_leaves_alone_what_was_archived_anew(self):
        event = self.change([self.free], ARCHIVE)
        self.change([self.free], RESTORE)
        recommendations.archive(
            recommendation=Recommendation.objects.get(pk=self.free), by=self.manager, reason="other"
        )
        with self.assertRaises(NothingChanged):
            self.undo(event)

    def test_an_explanation_that_was_redacted_does_not_come_back(self):
        event = self.change([self.archived], RESTORE)
        words = "Explained by Jane Roe."
        shown = preview_digest(words, text_occurrences(words))
        redaction.redact(
            words=words, by=self.administrator, reason="Personal data.", expected=shown
        )
        self.undo(event)
        row = self.held("archive_note", "archive_reason")[self.archived]
        self.assertNotIn("Jane", row["archive_note"])
        self.assertEqual(row["archive_reason"], "other")

    def test_a_wording_unpublished_in_bulk_changes_only_with_a_reason(self):
        self.change([self.public], UNPUBLISH)
        current = Recommendation.objects.get(pk=self.public)
        fields = self.errors_of(
            lambda: recommendations.revise_recommendation(
                recommendation=current,
                by=self.manager,
                expected_version=current.version,
                values={"quoted_text": "Other words."},
            )
        )
        self.assertEqual(fields, ["wording_reason"])
