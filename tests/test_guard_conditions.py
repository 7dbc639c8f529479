"""Guards that close a row in part: what may still be set, and what is never inserted."""

from datetime import date
from typing import Any

from django.utils import timezone

from recommendations import guards
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.evidence.changes import VERIFIED_FIELDS
from recommendations.models import EvidenceChange, EvidenceCheck, EvidenceLink, StatusUpdate
from tests.base import link_evidence
from tests.guards import GuardTestCase, row_of, run

NOW, LATER = "'2030-01-01 12:00:00+00'", "'2031-01-01 12:00:00+00'"
UNDONE = f"undone_at = {NOW}, undone_by_id = BY, undo_reason ="
REOPENED = "decided_at = NULL, decided_by_id = NULL, decision_note = ''"

STEPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    # A row, what may be set in it, and what may not be set after that. BY is a person.
    (
        "evidencecheck",
        f"removed_at = {NOW}, removed_by_id = BY",
        ("removed_at = NULL, removed_by_id = NULL",),
    ),
    (
        "evidencelink",
        f"removed_at = {NOW}, removed_by_id = BY",
        ("removed_at = NULL, removed_by_id = NULL",),
    ),
    (
        "evidencelink",
        f"answer = 'No.', answered_at = {NOW}, answered_by_id = BY",
        ("answer = 'Yes.'",),
    ),
    (
        "steeringdecision",
        f"removed_at = {NOW}, removed_by_id = BY, removal_reason = 'So.'",
        ("removed_at = NULL, removed_by_id = NULL, removal_reason = ''",),
    ),
    (
        "reportedstatus",
        "implementation_status = 'implemented'",
        ("implementation_status = 'in_progress'",),
    ),
    (
        "reportinground",
        f"closed_at = {NOW}, closed_by_id = BY",
        ("closed_at = NULL, closed_by_id = NULL",),
    ),
    ("request", "found = 'missing'", ("found = ''",)),
    (
        "importrun",
        f"{UNDONE} 'So.'",
        (
            "undone_at = NULL, undone_by_id = NULL, undo_reason = ''",
            f"{UNDONE} 'Other words.'",
            f"undone_at = {LATER}",
        ),
    ),
    # What a file is never changes, and one that was taken out stays out.
    (
        "storedfile",
        "fault = 'missing'",
        ("size = size + 1", "media_type = 'text/html'", f"sha256 = '{'0' * 64}'"),
    ),
    (
        "storedfile",
        f"redacted_at = {NOW}, redacted_by_id = BY",
        ("redacted_at = NULL, redacted_by_id = NULL",),
    ),
    # The head of the chain moves on.
    ("chainhead", "last_sequence = last_sequence + 1", ()),
    # An update is changed until it is approved, and never set back to draft.
    ("last statusupdate", "public_text = 'Other words'", ()),
    ("statusupdate", "", (f"state = 'draft', {REOPENED}",)),
    (
        "last targetdatechange",
        f"state = 'rejected', decided_at = {NOW}, decided_by_id = BY, decision_note = 'No.'",
        ("reason = reason", f"state = 'requested', {REOPENED}"),
    ),
    (
        "undorequest",
        f"state = 'rejected', decided_at = {NOW}, decided_by_id = BY, decision_note = 'No.'",
        ("reason = reason", f"state = 'requested', {REOPENED}"),
    ),
)


class ConditionTests(GuardTestCase):
    def test_what_may_be_set_is_set_once_and_no_row_is_ever_taken_away(self) -> None:
        for name, allowed, refused in STEPS:
            row = row_of(name)
            with self.subTest(name, allowed=allowed):
                self.assert_refused(row.table, *row.ways_to_take_it_away)
                if allowed:
                    run(row.set(allowed.replace("BY", str(self.manager.pk))))
                by = str(self.other_manager.pk)
                self.assert_refused(
                    row.table, *(row.set(each.replace("BY", by)) for each in refused)
                )
                self.assert_refused(row.table, *row.ways_to_take_it_away)

    def linked_draft(self) -> EvidenceLink:
        item = self.make_evidence("Another")
        return link_evidence(to=self.draft, by=self.staff, stance="supports", evidence=item)

    def test_evidence_of_an_update_that_is_not_approved_may_change_but_stays(self) -> None:
        link = self.linked_draft()
        row = row_of("last evidencelink")
        run(row.set("why = 'x'"))
        self.assert_refused(row.table, *row.ways_to_take_it_away)
        with self.refused(row.table):
            EvidenceLink.objects.filter(pk=link.pk).update(update=self.approved)

    def test_what_an_approved_update_rests_on_is_neither_added_nor_removed(self) -> None:
        item = self.make_evidence("Another")
        link = link_evidence(to=self.approved, by=self.staff, stance="supports", evidence=item)
        now = timezone.now()
        for change in ({"removed_at": now, "removed_by": self.staff}, {"stance": "undermines"}):
            with self.subTest(change), self.refused("recommendations_evidencelink"):
                EvidenceLink.objects.filter(pk=link.pk).update(**change)
        late = {"evidence": self.make_evidence("Late"), "update": self.approved}
        for stance in ("supports", "background"):
            with self.subTest(stance), self.refused("recommendations_evidencelink"):
                EvidenceLink.objects.create(stance=stance, added_at=now, **late)
        EvidenceLink.objects.create(stance="undermines", added_at=now, **late)

    def test_verified_evidence_changes_only_after_its_checks_have_ended(self) -> None:
        row = row_of("evidence")
        self.assertEqual(set(guards.VERIFIED), set(VERIFIED_FIELDS))
        self.assert_refused(
            row.table, *(row.set(f"{name} = '2030-01-01'") for name in guards.VERIFIED)
        )
        run(row.set("visibility = 'public', reliability = 'unreliable'"))
        evidence_items.withdraw_check(check=EvidenceCheck.objects.get(), by=self.manager)
        run(row.set(row.attack))
        self.assert_refused(row.table, *row.ways_to_take_it_away)

    def test_a_change_of_evidence_is_decided_once(self) -> None:
        rows = EvidenceChange.objects.all()
        rows.update(state="approved", decided_at=timezone.now(), decided_by=self.manager)
        with self.refused(EvidenceChange._meta.db_table):
            rows.update(decision_note="So.")

    def test_nothing_is_born_decided(self) -> None:
        now = timezone.now()
        decided: Any = {"decided_at": now, "decided_by": self.manager, "decision_note": "So."}
        update = StatusUpdate(
            recommendation=self.recommendation,
            as_of=date(2024, 5, 1),
            implementation_status="in_progress",
            author=self.staff,
            last_editor=self.staff,
            created_at=now,
            submitted_at=now,
            **decided,
        )
        change = EvidenceChange(
            evidence=EvidenceChange.objects.get().evidence,
            kind="wording",
            proposed_at=now,
            proposed_by=self.staff,
            **decided,
        )
        for row, state in ((update, "approved"), (update, "returned"), (change, "approved")):
            row.state = state
            with self.subTest(state), self.refused(row._meta.db_table):
                row.save(force_insert=True)
