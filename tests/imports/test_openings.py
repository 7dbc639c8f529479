"""Statuses of an earlier tracker: imported as a batch, approved by a second person, undone."""

from datetime import date
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from recommendations import permissions, state
from recommendations.actions.base import ActionRefused
from recommendations.actions.evidence.items import check_evidence
from recommendations.actions.imports.openings import (
    approve_batch,
    go_on_with_row,
    leave_out,
    undoable,
)
from recommendations.actions.oversight import verification
from recommendations.actions.recommendations import archive
from recommendations.models import (
    AuditEvent,
    Evidence,
    OpeningBatch,
    OutgoingMail,
    Recommendation,
    RecommendationState,
    ReportedStatus,
    StatusUpdate,
)
from tests.base import TrackerTestCase
from tests.imports.files import map_for, plan_of
from tests.imports.openings import RATINGS, ROWS, brought, list_of, seen
from tests.past import state_at
from tests.undoing import undo_batch
from tests.updates import submit


class OpeningTestCase(TrackerTestCase):
    batch: OpeningBatch

    def bring(self, rows: Any = ROWS, **options: Any) -> OpeningBatch:
        return brought(list_of(rows), self.source, self.manager, **options)

    def approve(self, batch: OpeningBatch, **given: Any) -> OpeningBatch:
        values = {"by": self.other_manager, "seen": seen(batch), **given}
        return approve_batch(batch=batch, **values)

    def undo(self, batch: OpeningBatch, **given: Any) -> OpeningBatch:
        batch.refresh_from_db()
        count = undoable(batch).count()
        values = {"by": self.manager, "reason": "The wrong list.", "seen": count, **given}
        return undo_batch(batch=batch, **values)

    def of(self, number: str) -> Recommendation:
        return Recommendation.objects.get(external_id=number)

    def kept(self, number: str) -> RecommendationState:
        return RecommendationState.objects.get(recommendation__external_id=number)

    def assert_consistent(self) -> None:
        """Kept is computed, in SQL and in Python, and all of it verifies."""
        ids = list(Recommendation.objects.values_list("pk", flat=True))
        self.assertEqual(list(state.drift(ids)), [])
        found = state_at(ids, timezone.localdate(), timezone.now())
        for row in RecommendationState.objects.all():
            for field in RecommendationState._meta.concrete_fields:
                name = field.attname
                self.assertEqual(getattr(found[row.pk], name), getattr(row, name), name)
        tables = [fault for fault in verification.verify().sentences() if "opening" in fault]
        self.assertEqual(tables, [])


class ApprovalTests(OpeningTestCase):
    def test_until_a_second_person_approves_nothing_is_a_status(self) -> None:
        batch = self.bring()
        self.assertEqual(batch.rows.count(), 3)
        self.assertEqual(StatusUpdate.objects.filter(kind="opening").count(), 0)
        self.assertEqual(self.kept("7.1").status, "")
        self.assertEqual(ReportedStatus.objects.count(), 0)
        self.assertEqual(OutgoingMail.objects.get().to, self.other_manager)

    def test_who_imported_is_told_what_undoing_came_to(self) -> None:
        waiting = self.bring()
        undo_batch(batch=waiting, by=self.other_manager, seen=0, reason="Wrong.")
        current = self.approve(self.bring())
        undo_batch(batch=current, by=self.other_manager, seen=3, reason="Wrong.")
        told = OutgoingMail.objects.filter(subject="Your opening statuses were undone")
        before, after = told.order_by("pk").values_list("lines", flat=True)
        self.assertIn("before its opening statuses took effect", before[0])
        self.assertIn("3 opening statuses are no longer current", after[0])

    def test_a_batch_becomes_current_as_the_list_has_it_and_lacks_what_that_lacks(self) -> None:
        batch = self.bring()
        before = AuditEvent.objects.count()
        self.approve(batch)
        self.assertEqual(AuditEvent.objects.count(), before + 1)
        self.assertEqual(AuditEvent.objects.order_by("-sequence")[0].verb, "approve_batch")
        update = self.of("7.10").current_update
        assert update is not None
        self.assertEqual((update.kind, update.state), ("opening", "approved"))
        self.assertEqual((update.author, update.decided_by), (self.manager, self.other_manager))
        self.assertEqual(update.as_of, date(2024, 3, 5))
        self.assertEqual(update.completed_on, None)
        self.assertEqual(update.what_happened, "It is online.")
        self.assertIn("row 3, stated as of 5 March 2024", update.origin)
        kept = self.kept("7.10")
        self.assertEqual(
            (kept.status, kept.assurance_rank, kept.evidence_for), ("implemented", 0, 2)
        )
        self.assertEqual(self.kept("7.1").confidence, "amber")
        self.assertEqual(self.kept("7.2").status, "no_longer_applicable")
        self.assert_consistent()

    def test_what_is_finished_takes_over_no_forecast(self) -> None:
        self.approve(self.bring([(*row[:5], "Red", *row[6:]) for row in ROWS]))
        ratings = [self.kept(reference).confidence for reference in ("7.1", "7.10", "7.2")]
        self.assertEqual(ratings, ["red", "not_rated", "not_rated"])

    def test_evidence_never_counts_as_verified(self) -> None:
        self.approve(self.bring())
        for item in Evidence.objects.all():
            self.assertEqual(item.recorded_by, self.manager)
            check_evidence(evidence=item, by=self.other_manager)
        self.assertEqual(self.kept("7.10").assurance_rank, 0)
        self.assert_consistent()
        # The next ordinary update is what verified evidence counts for.
        update = self.make_approved(self.of("7.1"), by=self.other_manager, decided_by=self.manager)
        self.assertEqual(self.of("7.1").current_update, update)
        self.assertEqual(self.kept("7.1").assurance_rank, 1)

    def test_who_imported_does_not_approve_and_neither_do_other_roles(self) -> None:
        batch = self.bring()
        for person in (self.manager, self.staff, self.administrator, self.auditor, self.viewer):
            with self.subTest(person), self.assertRaises(PermissionDenied):
                self.approve(batch, by=person)
        self.approve(batch)
        with self.assertRaisesRegex(ActionRefused, "approved this batch"):
            self.approve(batch)

    def test_what_has_a_status_by_now_is_left_out_and_told(self) -> None:
        batch = self.bring()
        own = self.make_approved(self.of("7.1"), by=self.manager, decided_by=self.other_manager)
        archive(recommendation=self.of("7.2"), by=self.manager, reason="other")
        self.approve(batch)
        reasons = dict(batch.rows.values_list("number", "left_out_reason"))
        self.assertIn("approved update", reasons[2])
        self.assertIn("archived", reasons[4])
        self.assertEqual(self.of("7.1").current_update, own)
        self.assertEqual(StatusUpdate.objects.filter(kind="opening").count(), 1)
        self.assert_consistent()


class RefusedRowTests(OpeningTestCase):
    def findings(self, rows: Any = ROWS, **options: Any) -> list[str]:
        data = list_of(rows)
        chosen = map_for(data, confidences=RATINGS)
        plan = plan_of(
            data, self.source, self.manager, column_map=chosen, takes_over=True, **options
        )
        return [found.code.value for row in plan.rows for found in row.record.findings]

    def test_a_recommendation_takes_none_while_one_waits_or_is_in_force(self) -> None:
        batch = self.bring()
        self.assertEqual(self.findings().count("opening_waits"), 3)
        self.approve(batch)
        self.assertEqual(self.findings().count("has_status"), 3)
        with self.assertRaisesRegex(ActionRefused, "no opening status"):
            self.bring()
        self.assertEqual(ReportedStatus.objects.count(), 0)

    def test_what_a_row_lacks_leaves_its_status_history(self) -> None:
        first = ROWS[0]
        undated = [(*first[:4], "", *first[5:])]
        unmapped = [(*first[:3], "Pending", *first[4:]), ROWS[1]]
        for rows, code in (
            (undated, "no_status_day"),
            (unmapped, "unmapped_status"),
            ([(*first[:7], "minutes")], "no_address"),
        ):
            self.assertIn(code, self.findings(rows))
        self.assertEqual(self.bring(unmapped).rows.count(), 1)
        self.assertEqual(ReportedStatus.objects.get().words, "Pending")
        # Unless a day is stated for all.
        batch = self.bring(undated, stated_on=date(2024, 2, 1))
        self.assertEqual(batch.rows.get().as_of, date(2024, 2, 1))


class RowTests(OpeningTestCase):
    def test_a_row_is_left_out_once_and_becomes_a_draft_of_whoever_goes_on(self) -> None:
        batch = self.bring()
        row = batch.rows.get(number=3)
        for person in (self.staff, self.administrator, self.auditor, self.viewer):
            with self.subTest(person), self.assertRaises(PermissionDenied):
                leave_out(row=row, by=person, reason="So.")
        unreasoned = partial(leave_out, row=row, by=self.manager, reason=" ")
        self.assertEqual(self.errors_of(unreasoned), ["reason"])
        with self.assertRaises(ActionRefused):
            go_on_with_row(row=row, by=self.manager)
        leave_out(row=row, by=self.other_manager, reason="Not online yet.")
        with self.assertRaises(ActionRefused):
            leave_out(row=row, by=self.manager, reason="Again.")
        with self.assertRaises(PermissionDenied):
            go_on_with_row(row=row, by=self.viewer)
        draft = go_on_with_row(row=row, by=self.other_manager)
        self.assertEqual((draft.kind, draft.state), ("regular", "draft"))
        self.assertEqual((draft.author, draft.evidence_links.count()), (self.other_manager, 2))
        self.assertEqual(set(draft.editors.all()), {self.other_manager, batch.submitted_by})
        submitted = submit(update=draft, by=self.other_manager, expected_version=draft.version)
        self.assertFalse(permissions.can_decide(batch.submitted_by, submitted))
        with self.assertRaises(ActionRefused):
            go_on_with_row(row=row, by=self.manager)
        self.approve(batch)
        self.assertEqual(StatusUpdate.objects.filter(kind="opening").count(), 2)
        self.assert_consistent()


class UndoTests(OpeningTestCase):
    def test_a_batch_that_waits_is_withdrawn(self) -> None:
        batch = self.bring()
        self.undo(batch)
        with self.assertRaisesRegex(ActionRefused, "undid this import"):
            self.approve(batch)
        self.approve(self.bring())

    def test_statuses_are_taken_back_and_earlier_days_keep_them(self) -> None:
        batch = self.approve(self.bring())
        known = timezone.now()
        ids = [self.of("7.1").pk]
        self.undo(batch, by=self.other_manager)
        self.assertEqual(self.of("7.1").current_update, None)
        self.assertEqual(self.kept("7.1").status, "")
        self.assertEqual(state_at(ids, timezone.localdate(), known)[ids[0]].status, "in_progress")
        self.assert_consistent()
        # What was taken back can be taken over once more.
        self.approve(self.bring())
        self.assertEqual(self.kept("7.1").status, "in_progress")
        self.assert_consistent()

    def test_what_somebody_went_on_with_stays(self) -> None:
        batch, alone = self.approve(self.bring()), [("7.9", *ROWS[0][1:])]
        self.make_submitted(self.of("7.1"), by=self.manager)
        self.undo(batch)
        self.assertEqual(self.kept("7.1").status, "in_progress")
        self.assertEqual(self.kept("7.2").status, "")
        self.assert_consistent()
        batch = self.approve(self.bring(alone))
        self.make_submitted(self.of("7.9"), by=self.manager)
        with self.assertRaisesRegex(ActionRefused, "None can be undone"):
            self.undo(batch)

    def test_who_may_undo_and_only_what_was_shown(self) -> None:
        batch = self.approve(self.bring())
        for person in (self.staff, self.administrator, self.auditor, self.viewer):
            with self.subTest(person), self.assertRaises(PermissionDenied):
                self.undo(batch, by=person)
        with self.assertRaisesRegex(ActionRefused, "changed"):
            self.undo(batch, seen=1)
