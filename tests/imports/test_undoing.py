"""The import of a list is undone whole: what nobody worked on since is archived, the rest stays."""

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection

from recommendations.actions.base import ActionRefused, NotAllowed
from recommendations.actions.bulk_changes import NothingChanged, undo_list
from recommendations.actions.comments import add_comment
from recommendations.actions.imports.openings import approve_batch, leave_out
from recommendations.actions.imports.spreadsheet import SpreadsheetOptions
from recommendations.actions.imports.undoing import reject_undo, request_undo, withdraw_undo
from recommendations.actions.signoffs import record_sign_off
from recommendations.actions.structure import add_relation
from recommendations.choices import Role
from recommendations.models import (
    AuditEvent,
    EvidenceLink,
    OutgoingMail,
    Recommendation,
    UndoRequest,
    User,
)
from recommendations.queries.bulk_changes import list_imports, plan_undo
from recommendations.queries.undoing import undoing_for
from tests.actions.bulk_acts import BulkTestCase
from tests.base import RaceTestCase, days_ago, make_person
from tests.imports.files import csv_bytes, imported, map_for, upload
from tests.imports.openings import brought, list_of, seen
from tests.imports.run import import_spreadsheet
from tests.threads import at_once, failures
from tests.undoing import undo_batch, undo_many
from tests.views.pages import counting

HEAD = ("Ref no", "Title", "Ministry")
ROWS = (("7.1", "Keep a register", ""), ("7.10", "Publish it", ""), ("7.2", "Pay for it", ""))
WHY = "The wrong list."
AWAITS = "Undoing an import awaits your decision"


class UndoneImportTestCase(BulkTestCase):
    def brought_in(self, rows: Any = ROWS, head: Any = HEAD) -> AuditEvent:
        return imported(csv_bytes(rows, head), self.source, self.manager)

    def latest(self) -> AuditEvent:
        return list_imports().order_by("-sequence")[0]

    def added(self) -> list[Recommendation]:
        """What imports added, in its order."""
        return list(Recommendation.objects.exclude(pk=self.recommendation.pk).order_by("number"))

    def outcomes(self, event: AuditEvent) -> list[str]:
        return [str(row.outcome) for row in plan_undo(event).rows]


class AddedTests(UndoneImportTestCase):
    def test_what_nobody_touched_is_archived_with_one_event_that_verification_replays(self) -> None:
        event = self.brought_in()
        before, rows, was = self.faults(), self.added(), AuditEvent.objects.count()
        done = self.undo(event)
        self.assertEqual(
            AuditEvent.objects.count(), was + 3
        )  # With the request, and with the decision on it.
        self.assertEqual((done.verb, done.object_id), ("undo_list", str(event.pk)))
        self.assertEqual(self.told(done)["changed"], 3)
        for row, now in zip(rows, self.added(), strict=True):
            held = (now.archived_by, now.archive_reason, now.archive_note, now.external_id)
            self.assertEqual(held, (self.manager, "import_undone", "A mistake.", ""))
            self.assertEqual(now.reference, row.reference)
        self.assertEqual(self.faults(), before)
        self.assert_kept()

    def test_a_corrected_list_adds_its_rows_anew_with_numbers_that_were_never_given(self) -> None:
        first = self.brought_in()
        gone = [row.reference for row in self.added()]
        self.undo(first)
        for known_by in ("number", "title"):
            with self.subTest(known_by=known_by):
                is_titled = known_by == "title"
                rows = [("" if is_titled else key, title, "") for key, title, _body in ROWS]
                data = csv_bytes(rows, HEAD)
                plan = import_spreadsheet(
                    upload=upload(data),
                    source=self.source,
                    by=self.manager,
                    options=SpreadsheetOptions(map_for(data, known_by=known_by)),
                )
                self.assertEqual(plan.counts["new"], 3)
                self.assertEqual(plan.groups, [])
                anew = [row.recommendation.reference for row in plan.written]
                self.assertFalse(set(anew) & set(gone))
                gone += anew
                self.undo(self.latest())

    def test_twice_does_nothing(self) -> None:
        event = self.brought_in()
        self.undo(event)
        was = AuditEvent.objects.count()
        with self.assertRaisesRegex(ActionRefused, "undid this import on"):
            self.undo(event)
        self.assertEqual(AuditEvent.objects.count(), was)

    def test_what_somebody_touched_is_kept_and_named(self) -> None:
        """One row each, and one that nobody touched."""
        touches = {
            "edited": lambda row: self.revise(row, title="Another title"),
            "commented on": lambda row: add_comment(recommendation=row, by=self.staff, text="Why?"),
            "with a draft": lambda row: self.draft(about=row, by=self.manager),
            "published": lambda row: self.publish(row, self.other_manager),
            "signed off": lambda row: record_sign_off(
                about=row, by=self.manager, as_of=days_ago(0)
            ),
            "named by another": lambda row: add_relation(
                by=self.manager,
                values={"recommendation": self.recommendation, "other": row, "kind": "depends_on"},
            ),
            "archived": lambda row: self.archive(row, self.other_manager),
        }
        event = self.brought_in([(str(n), f"Thing {n}", "") for n in range(len(touches) + 1)])
        *rows, free = self.added()
        for row, touch in zip(rows, touches.values(), strict=True):
            touch(row)
        planned = plan_undo(event).rows
        for name, plan in zip(touches, planned, strict=False):
            with self.subTest(name):
                self.assertEqual(str(plan.outcome), "worked_on")
                self.assertTrue(plan.why)
        done = self.told(self.undo(event))
        self.assertEqual(done["changed"], 1)
        self.assertEqual(done["skipped_worked_on"], [row.pk for row in rows])
        kept = Recommendation.objects.filter(pk__in=[row.pk for row in rows])
        self.assertFalse(kept.filter(archive_reason="import_undone").exists())
        free.refresh_from_db()
        self.assertEqual(free.archive_reason, "import_undone")

    def test_a_row_that_is_edited_after_the_preview_is_kept(self) -> None:
        event = self.brought_in()
        shown = plan_undo(event).shown
        self.revise(self.added()[1], title="Another title")
        self.assertEqual(self.told(self.undo(event, shown))["changed"], 2)
        self.assertIsNone(self.added()[1].archived_at)

    def test_who_may(self) -> None:
        event = self.brought_in()
        shown = plan_undo(event).shown
        for person in (self.staff, self.viewer, self.auditor):
            with self.subTest(str(person)), self.assertRaises(NotAllowed):
                undo_many(event=event, shown=shown, by=person, reason=WHY)
        undo_many(event=event, shown=shown, by=self.administrator, reason=WHY)

    def test_equally_many_statements_for_few_rows_and_many(self) -> None:
        few = self.brought_in()
        many = self.brought_in([(f"9.{n}", f"Thing {n}", "") for n in range(30)])
        counts = []
        for event in (few, many):
            with counting() as queries:
                plan_undo(event)
            counts.append(len(queries))
        self.assertEqual(len(set(counts)), 1, counts)


class ChangedTests(UndoneImportTestCase):
    def test_what_was_there_gets_back_what_the_import_changed(self) -> None:
        self.brought_in()
        event = self.brought_in([("7.1", "Another title", "")])
        self.undo(event)
        row = self.added()[0]
        self.assertEqual((row.title, row.external_id, row.archived_at), (ROWS[0][1], "7.1", None))

    def test_one_to_which_the_import_added_stays_and_is_named(self) -> None:
        self.brought_in()
        row = ("7.1", "Another title", "(a) A part.")
        event = self.brought_in([row], ("Ref no", "Title", "parts"))
        self.assertEqual(self.outcomes(event), ["added_to"])
        with self.assertRaises(NothingChanged):
            self.undo(event)


class OpeningTests(UndoneImportTestCase):
    """The batch of opening statuses is undone in the same act."""

    def setUp(self) -> None:
        super().setUp()
        self.batch = brought(list_of(), self.source, self.manager)
        self.event = self.latest()

    def approve(self) -> None:
        approve_batch(batch=self.batch, by=self.other_manager, seen=seen(self.batch))

    def test_a_batch_that_waits_is_withdrawn(self) -> None:
        leave_out(row=self.batch.rows.all()[0], by=self.manager, reason="Unclear.")
        before = self.faults()
        self.undo(self.event)
        self.batch.refresh_from_db()
        self.assertEqual(
            (self.batch.undone_by, self.batch.undone_reason), (self.manager, "A mistake.")
        )
        self.assertEqual({row.archive_reason for row in self.added()}, {"import_undone"})
        self.assertEqual(self.faults(), before)

    def test_approved_statuses_are_taken_back_with_it(self) -> None:
        self.approve()
        before, was = self.faults(), AuditEvent.objects.count()
        self.undo(self.event)
        self.assertEqual(
            AuditEvent.objects.count(), was + 3
        )  # With the request, and with the decision on it.
        for row in self.added():
            self.assertIsNone(row.current_update)
        self.assertFalse(self.batch.rows.filter(undone_at=None).exists())
        self.assertEqual(self.faults(), before)
        self.assert_kept()

    def test_a_status_that_was_worked_on_stays_with_its_recommendation(self) -> None:
        self.approve()
        row = self.added()[0]
        self.draft(about=row, by=self.manager)
        self.undo(self.event)
        row.refresh_from_db()
        self.assertIsNotNone(row.current_update)
        self.assertIsNone(row.archived_at)

    def test_evidence_that_somebody_verified_since_keeps_its_recommendation(self) -> None:
        self.approve()
        link = EvidenceLink.objects.filter(update__opening_row__batch=self.batch)[0]
        self.check(link.evidence, by=self.other_manager)
        self.assertEqual(sorted(self.outcomes(self.event)), ["changed", "changed", "worked_on"])

    def test_after_its_statuses_alone_were_undone(self) -> None:
        self.approve()
        undo_batch(batch=self.batch, by=self.manager, seen=3, reason=WHY)
        self.undo(self.event)
        self.assertEqual({row.archive_reason for row in self.added()}, {"import_undone"})

    def test_an_administrator_who_did_not_import_the_list_may_not(self) -> None:
        shown = plan_undo(self.event).shown
        with self.assertRaises(NotAllowed):
            undo_many(event=self.event, shown=shown, by=self.administrator, reason=WHY)


class TwoPeopleTests(UndoneImportTestCase):
    """One asks with a reason, another decides; who asked never does."""

    def setUp(self) -> None:
        super().setUp()
        self.event = self.brought_in()

    def ask(self, of: Any = None, by: Any = None) -> UndoRequest:
        return request_undo(of=of or self.event, by=by or self.manager, reason=WHY)

    def approve(self, request: UndoRequest, by: Any) -> AuditEvent:
        return undo_list(request=request, by=by, shown=plan_undo(self.event).shown)

    def subjects(self, to: Any) -> list[str]:
        return list(OutgoingMail.objects.filter(to=to).values_list("subject", flat=True))

    def test_another_decides_and_both_are_told(self) -> None:
        request = self.ask()
        for by in (self.manager, self.staff, self.auditor):
            with self.subTest(str(by)), self.assertRaises(NotAllowed):
                self.approve(request, by)
        self.assertEqual(self.subjects(self.other_manager), [AWAITS])
        self.assertEqual(self.subjects(self.administrator), [AWAITS])
        done = self.approve(request, self.administrator)
        self.assertEqual((done.actor, done.reason.text), (self.administrator, WHY))
        self.assertEqual(self.subjects(self.manager), ["Your request to undo an import: approved"])
        request.refresh_from_db()
        self.assertEqual((request.state, request.decided_by), ("approved", done.actor))
        with self.assertRaisesRegex(ActionRefused, "already decided: approved by Administrator"):
            self.approve(request, self.other_manager)

    def test_rejected_with_a_note_all_stays_and_it_can_be_asked_anew(self) -> None:
        request = self.ask()
        with self.assertRaises(ValidationError):
            reject_undo(request=request, by=self.other_manager, note=" ")
        for by in (self.manager, self.staff):
            with self.assertRaises(NotAllowed):
                reject_undo(request=request, by=by, note="No.")
        reject_undo(request=request, by=self.other_manager, note="It is the right list.")
        self.assertEqual({row.archived_at for row in self.added()}, {None})
        withdraw_undo(request=self.ask(by=self.administrator), by=self.administrator)
        self.approve(self.ask(), self.other_manager)

    def test_it_is_asked_once_also_for_the_statuses_of_the_list(self) -> None:
        batch = brought(list_of(), self.source, self.manager)
        approve_batch(batch=batch, by=self.other_manager, seen=seen(batch))
        whole = self.latest()
        for first, second in ((whole, batch), (batch, whole), (whole, whole)):
            with self.subTest(str(first)):
                request = self.ask(first)
                with self.assertRaisesRegex(ActionRefused, "Manager already requested to undo"):
                    self.ask(second, self.other_manager)
                with self.assertRaises(NotAllowed):
                    withdraw_undo(request=request, by=self.other_manager)
                withdraw_undo(request=request, by=self.manager)

    def test_where_no_other_can_decide_that_is_said(self) -> None:
        others = User.objects.exclude(pk=self.administrator.pk)
        others.filter(groups__name__in=("Manager", "Administrator")).update(is_active=False)
        self.assertEqual(undoing_for(self.event, self.administrator).deciders, [])


class TwoPeopleRaceTests(RaceTestCase):
    def test_of_many_who_decide_one_does(self) -> None:
        event = imported(csv_bytes([("7.1", "Keep it")], HEAD[:2]), self.source, self.manager)
        request = request_undo(of=event, by=self.manager, reason=WHY)
        shown, many = plan_undo(event).shown, 20 if connection.vendor == "postgresql" else 6
        people = [make_person(f"decider-{n}", Role.MANAGER) for n in range(many)]
        lost = failures(
            at_once(
                [partial(undo_list, request=request, by=by, shown=shown) for by in people[::2]]
                + [partial(reject_undo, request=request, by=by, note="No.") for by in people[1::2]]
            )
        )
        self.assertEqual([type(each) for each in lost], [ActionRefused] * (many - 1))
        verbs = AuditEvent.objects.filter(verb__in=("approve_undo", "reject_undo", "undo_list"))
        request.refresh_from_db()
        self.assertEqual(verbs.count(), 2 if request.state == "approved" else 1)
