"""Guards that close a row in part: what may still be set, and what is never inserted."""

from datetime import date

from django.utils import timezone

from recommendations import guards
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.evidence.changes import VERIFIED_FIELDS
from recommendations.models import (
    AuditEvent,
    Evidence,
    EvidenceChange,
    EvidenceCheck,
    EvidenceLink,
    ReportedStatus,
    ReportingRound,
    Request,
    StatusUpdate,
)
from tests.base import link_evidence
from tests.guards import GuardTestCase, columns, run


class ConditionTests(GuardTestCase):
    def test_what_is_empty_may_be_set_once_where_the_guard_says_so(self):
        now, by = "'2024-06-01 12:00:00+00'", self.manager.pk
        removed = f"removed_at = {now}, removed_by_id = {by}"
        restored = "removed_at = NULL, removed_by_id = NULL"
        answered = f"answer = 'No.', answered_at = {now}, answered_by_id = {by}"
        check = EvidenceCheck.objects.get()
        status = ReportedStatus.objects.get()
        for row, setting, again in (
            (self.row(EvidenceCheck, check.pk, "note"), removed, restored),
            (self.row(EvidenceLink, self.link.pk, "why"), removed, restored),
            (self.row(EvidenceLink, self.link.pk, "why"), answered, "answer = 'Yes.'"),
            (
                self.row(ReportedStatus, status.pk, "words"),
                "implementation_status = 'implemented'",
                "implementation_status = 'in_progress'",
            ),
            (
                self.row(ReportingRound, self.asked.round_id, "name"),
                f"closed_at = {now}, closed_by_id = {by}",
                "closed_at = NULL, closed_by_id = NULL",
            ),
            (self.row(Request, self.asked.pk, "found"), "found = 'missing'", "found = ''"),
        ):
            with self.subTest(row.table, setting=setting):
                run(f"UPDATE {row.table} SET {setting} WHERE {row.where}")
                with self.refused(row.table):
                    run(f"UPDATE {row.table} SET {again} WHERE {row.where}")

    def test_evidence_of_an_update_that_is_not_approved_may_change_but_stays(self):
        link = link_evidence(
            to=self.draft, by=self.staff, stance="supports", evidence=self.make_evidence("Another")
        )
        row = self.row(EvidenceLink, link.pk, "why", "'x'")
        run(row.update)
        for sql in row.ways_to_take_it_away:
            with self.subTest(sql), self.refused(row.table):
                run(sql)

    def test_verified_evidence_changes_only_after_its_checks_have_ended(self):
        row = self.row(Evidence, Evidence.objects.get().pk, "url", "'https://example.org/b'")
        self.assertEqual(set(guards.VERIFIED), set(VERIFIED_FIELDS))
        for name in guards.VERIFIED:
            with self.subTest(name), self.refused(row.table):
                run(f"UPDATE {row.table} SET {name} = '2030-01-01'")
        run(f"UPDATE {row.table} SET visibility = 'public', reliability = 'unreliable'")
        evidence_items.withdraw_check(check=EvidenceCheck.objects.get(), by=self.manager)
        run(row.update)
        for sql in row.ways_to_take_it_away:
            with self.subTest(sql), self.refused(row.table):
                run(sql)

    def test_no_link_is_moved_to_an_approved_update(self):
        link = link_evidence(
            to=self.draft, by=self.staff, stance="supports", evidence=self.make_evidence("Another")
        )
        with self.refused(EvidenceLink._meta.db_table):
            EvidenceLink.objects.filter(pk=link.pk).update(update=self.approved)

    def test_a_change_of_evidence_is_decided_once_and_not_born_decided(self):
        change = EvidenceChange.objects.get()
        rows = EvidenceChange.objects.filter(pk=change.pk)
        decided = {"decided_at": timezone.now(), "decided_by": self.manager}
        with self.refused(EvidenceChange._meta.db_table):
            EvidenceChange.objects.create(
                evidence=change.evidence,
                kind="wording",
                proposed_at=timezone.now(),
                proposed_by=self.staff,
                state="approved",
                **decided,
            )
        rows.update(state="approved", **decided)
        with self.refused(EvidenceChange._meta.db_table):
            rows.update(decision_note="So.")

    def test_no_update_is_born_decided(self):
        decided = {"decided_at": timezone.now(), "decided_by": self.manager}
        for state in ("approved", "returned"):
            row = StatusUpdate(
                recommendation=self.recommendation,
                state=state,
                as_of=date(2024, 5, 1),
                implementation_status="in_progress",
                author=self.staff,
                last_editor=self.staff,
                created_at=timezone.now(),
                submitted_at=timezone.now(),
                decision_note="So.",
                **decided,
            )
            with self.subTest(state), self.refused(StatusUpdate._meta.db_table):
                row.save(force_insert=True)

    def test_no_event_is_added_but_the_one_after_the_head(self):
        last = AuditEvent.objects.latest("sequence")
        names = columns(AuditEvent._meta.db_table)
        for step in (2, 1000):
            others = names.replace('"sequence"', f"sequence + {step}", 1)
            with self.subTest(step), self.refused(AuditEvent._meta.db_table):
                run(
                    f"INSERT INTO {AuditEvent._meta.db_table} ({names}) SELECT {others} "
                    f"FROM {AuditEvent._meta.db_table} WHERE sequence = {last.pk}"
                )
