"""Kept states that are not what they should be: told by ``verify_audit`` and ``rebuild_state``."""

from importlib import import_module
from io import StringIO
from unittest import mock

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS

from recommendations import audit
from recommendations.actions.oversight import verification
from recommendations.apps import prepare_database
from recommendations.audit.findings import FaultKind
from recommendations.models import (
    ChainHead,
    RecommendationState,
    SourceStamp,
)
from tests.audit.chains import ChainTestCase

TABLE = RecommendationState._meta.db_table
STAMPS = SourceStamp._meta.db_table

VERIFY = import_module("recommendations.audit.verify")
"""The module: its package has a function of that name."""


def rebuild_state(*options: str) -> str:
    """What the command prints on standard output."""
    out = StringIO()
    call_command("rebuild_state", *options, stdout=out)
    return out.getvalue()


class KeptStateTests(ChainTestCase):
    def setUp(self) -> None:
        self.kept = RecommendationState.objects.filter(pk=self.recommendation.pk)

    def faults(self, *, is_quick: bool = False) -> list[tuple[str, ...]]:
        report = verification.verify(is_quick=is_quick)
        return [
            (fault.kind, fault.table, fault.name, fault.field, fault.found, fault.expected)
            for fault in report.faults
        ]

    def test_states_that_the_actions_kept_are_right(self) -> None:
        """So are they read in batches of any size; a changed day is named all the same."""
        report = verification.verify()
        self.assertEqual([*report.sentences()], [])
        self.assertEqual(report.counts[TABLE], 2)
        self.assertEqual(report.counts[STAMPS], 1)
        RecommendationState.objects.filter(pk=self.another.pk).update(update_due_on="2031-05-01")
        with mock.patch.object(VERIFY, "BATCH_OF_STATES", 1):
            [fault] = self.faults()
        self.assertEqual(fault[2:5], ("REP-2", "update_due_on", "2031-05-01"))

    def test_a_changed_column_is_named_with_both_values(self) -> None:
        [right] = self.kept.values_list("status", flat=True)
        self.kept.update(status="superseded", has_no_lead=True)
        self.assertEqual(
            self.faults(),
            [
                (FaultKind.DIFFERS, TABLE, "REP-1", "status", "superseded", right),
                (FaultKind.DIFFERS, TABLE, "REP-1", "has_no_lead", True, False),
            ],
        )

    def test_a_state_that_is_gone_is_named_and_a_quick_run_counts(self) -> None:
        self.kept.delete()
        count = (FaultKind.COUNT, TABLE, "", "", 1, 2)
        self.assertEqual(self.faults(is_quick=True), [count])
        gone = (FaultKind.GONE, TABLE, "REP-1", "", None, None)
        self.assertEqual(self.faults(), [count, gone])

    def test_a_source_without_its_stamp_is_counted(self) -> None:
        SourceStamp.objects.all().delete()
        expected = [(FaultKind.COUNT, STAMPS, "", "", 0, 1)]
        for is_quick in (True, False):
            with self.subTest(is_quick=is_quick):
                self.assertEqual(self.faults(is_quick=is_quick), expected)

    def test_a_stamp_is_neither_before_the_last_event_nor_past_the_head(self) -> None:
        head = ChainHead.objects.get().last_sequence
        right = SourceStamp.objects.get().sequence
        for wrong, expected in ((0, right), (head + 1, head)):
            with self.subTest(wrong):
                SourceStamp.objects.update(sequence=wrong)
                [fault] = self.faults()
                self.assertEqual(fault[1:], (STAMPS, "report", "sequence", wrong, expected))

    def drift(self) -> None:
        self.kept.update(status="superseded")
        RecommendationState.objects.filter(pk=self.another.pk).delete()

    def test_check_names_each_place_and_writes_nothing(self) -> None:
        self.drift()
        before = list(RecommendationState.objects.values())
        out = StringIO()
        with self.assertRaises(CommandError) as failure:
            call_command("rebuild_state", "--check", stdout=out)
        self.assertEqual(failure.exception.returncode, 1)
        said = out.getvalue()
        self.assertIn("(REP-1), status: the table has “superseded”, the audit log “", said)
        self.assertIn("(REP-2)", said)
        self.assertEqual(list(RecommendationState.objects.values()), before)

    def test_it_makes_all_of_it_right_and_says_how_much_was_not(self) -> None:
        self.drift()
        self.assertIn("States corrected: 2.", rebuild_state())
        self.assertIn("is correct", rebuild_state("--check"))
        self.assertEqual(self.faults(), [])
        self.assertIn("States corrected: 0.", rebuild_state())

    def test_migrations_that_wrote_rows_are_followed_by_it_and_others_are_not(self) -> None:
        for plan, count in (([], 2), ([("a migration", False)], 0)):
            self.kept.update(status="superseded", status_rank=7)
            with self.subTest(plan):
                prepare_database(using=DEFAULT_DB_ALIAS, plan=plan)
                self.assertEqual(audit.verify_states().count, count)
