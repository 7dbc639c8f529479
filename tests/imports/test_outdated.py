"""A spreadsheet is planned with nothing locked; what others do meanwhile is seen all the same."""

from collections.abc import Callable
from itertools import count
from typing import Any
from unittest import mock

from django.core.exceptions import PermissionDenied

from recommendations import audit
from recommendations.actions import comments
from recommendations.actions.imports.pipeline import MOST_PLANS, ImportTooLarge, PlanChanged
from recommendations.actions.imports.spreadsheet import (
    SpreadsheetImport,
    SpreadsheetOptions,
    SpreadsheetPlan,
)
from recommendations.models import AuditEvent, Recommendation, Source, User
from tests.base import TrackerTestCase
from tests.imports.files import csv_bytes, map_for, plan_of, upload
from tests.imports.run import import_spreadsheet
from tests.views.deciding import undone

DATA = csv_bytes([("1", "Write it down.", "Ministry A", "", "", "")])


class OutdatedTests(TrackerTestCase):
    def import_with(self, *acts: Callable[[], Any], **given: Any) -> tuple[SpreadsheetPlan, int]:
        """Import, and let others do something after each plan; with how often it was planned."""
        waiting, plan = list(acts), SpreadsheetImport.plan

        def planned(*args: Any) -> SpreadsheetPlan:
            made = plan(*args)
            if waiting:
                waiting.pop(0)()
            return made

        with mock.patch.object(
            SpreadsheetImport, "plan", autospec=True, side_effect=planned
        ) as plans:
            done = import_spreadsheet(
                upload=upload(DATA),
                source=self.source,
                by=self.manager,
                options=SpreadsheetOptions(map_for(DATA)),
                **given,
            )
        return done, plans.call_count

    def add_it(self) -> None:
        self.make_recommendation(external_id="1", summary="Write it down.", title="Write it down.")

    def comment(self, about: Recommendation, words: str = "So.") -> None:
        comments.add_comment(recommendation=about, by=self.staff, text=words)

    def test_what_another_adds_meanwhile_is_not_added_again(self) -> None:
        shown = plan_of(DATA, self.source, self.manager).digest
        with undone():  # Where the plan was shown it is shown again.
            with self.assertRaises(PlanChanged):
                self.import_with(self.add_it, expected=shown)
            self.assertFalse(AuditEvent.objects.filter(verb="import").exists())
        done, plans = self.import_with(self.add_it)
        self.assertEqual((plans, len(done.rows), done.rows[0].is_new), (2, 1, False))
        self.assertEqual(Recommendation.objects.filter(external_id="1").count(), 1)
        self.assertTrue(audit.verify_chain().is_whole)

    def test_what_others_do_in_another_source_changes_no_plan(self) -> None:
        source = Source.objects.create(slug="o", title="O", short_title="O", reference_prefix="O")
        other = self.make_recommendation(source=source)
        self.assertEqual(self.import_with(lambda: self.comment(other))[1], 1)

    def test_where_others_never_stop_it_is_planned_under_the_lock_in_the_end(self) -> None:
        numbers = count()

        def work() -> None:
            self.comment(self.recommendation, f"So, for the {next(numbers)}th time.")

        done, plans = self.import_with(*[work] * MOST_PLANS)
        self.assertEqual((plans, done.counts["new"]), (MOST_PLANS + 1, 1))
        self.assertTrue(audit.verify_chain().is_whole)

    def test_who_may_not_any_more_writes_nothing(self) -> None:
        before = Recommendation.objects.count()
        with self.assertRaises(PermissionDenied) as refusal:
            self.import_with(lambda: User.objects.get(pk=self.manager.pk).groups.clear())
        self.assertIn("import recommendations", str(refusal.exception))
        self.assertEqual(Recommendation.objects.count(), before)

    def test_more_rows_than_its_door_takes_are_refused(self) -> None:
        with self.assertRaises(ImportTooLarge):
            self.import_with(most=0)
        self.assertEqual(self.import_with(most=1)[0].counts["new"], 1)
