"""An import makes its figures ready before it locks anything, and leaves nothing behind."""

import os
from contextlib import nullcontext
from datetime import timedelta
from functools import partial
from typing import Any
from unittest import mock

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.utils import timezone

from recommendations import audit
from recommendations.actions import areas, comments, redaction
from recommendations.actions.imports.figures import (
    FigureOptions,
    FigurePlan,
    ImportStep,
    clear_left_over,
    importer,
)
from recommendations.actions.imports.figures.importer import SILENT_FOR
from recommendations.actions.imports.pipeline import MOST_PLANS, ImportRefused, PlanChanged
from recommendations.actions.redaction import preview_digest
from recommendations.audit.findings import Faults
from recommendations.audit.redaction import text_occurrences
from recommendations.audit.verify import TableReader
from recommendations.models import (
    AuditEvent,
    AuditRow,
    AuditText,
    ImportRun,
    Observation,
    StagedFigure,
    StagedImport,
    StagedText,
)
from tests.base import GuardedTransactionTestCase
from tests.figures.base import FiguresTestCase
from tests.figures.files import long_csv, upload
from tests.figures.staged import left_behind
from tests.imports.run import import_figures
from tests.threads import at_once

CONTENT = long_csv("NAM,2019,12.5,ours", "KEN,2019,20,", header="iso3,period,value,comment")


class StagingTestCase(FiguresTestCase):
    def import_with(
        self, *acts: Any, step: ImportStep = ImportStep.WRITING, **given: Any
    ) -> FigurePlan:
        """Import, and each time a step is come to let others do the next of these things."""
        waiting = list(acts)

        def progress(now: ImportStep, count: int) -> None:
            if now == step and waiting:
                waiting.pop(0)()

        chosen = {
            "options": FigureOptions(),
            "by": self.staff,
            "indicator": self.indicator,
            **given,
        }
        return import_figures(upload=upload(CONTENT), progress=progress, **chosen)

    def comment(self) -> None:
        comments.add_comment(recommendation=self.recommendation, by=self.staff, text="So.")

    def assert_nothing_staged(self) -> None:
        for model in (StagedImport, StagedFigure, StagedText):
            self.assertFalse(model.objects.exists(), model)

    def assert_whole(self) -> None:
        """The chain, and the figures beside it; what tests put in place themselves is not meant."""
        faults = Faults()
        for model in (ImportRun, Observation):
            TableReader(model, None, faults).compare(lambda count: None)
        self.assertEqual((audit.verify_chain().fault, faults.first), ("", []))


class WritingTests(StagingTestCase):
    def test_what_was_staged_is_written_as_it_was_read_and_then_cleared(self) -> None:
        staged: list[tuple[int, int]] = []
        done = self.import_with(
            lambda: staged.append((StagedFigure.objects.count(), Observation.objects.count()))
        )
        self.assertEqual((done.new, staged), (2, [(2, 0)]))
        self.assert_nothing_staged()
        run, event = ImportRun.objects.get(), AuditEvent.objects.latest("sequence")
        for row in Observation.objects.all():
            self.assertEqual((row.import_run, row.recorded_by), (run, self.staff))
            self.assertEqual((row.recorded_at, row.revision), (event.at, 1))
            [recorded] = AuditRow.objects.filter(
                object_type="recommendations.observation", object_id=row.pk
            )
            self.assertEqual(recorded.event, event)
        self.assertEqual(run.at, event.at)
        self.assertTrue(AuditText.objects.filter(text="ours").exists())
        self.assert_whole()

    def test_time_and_number_are_those_of_the_moment_of_writing(self) -> None:
        self.import_with(self.comment)
        event, before = AuditEvent.objects.order_by("-sequence")[:2]
        self.assertEqual((before.verb, event.verb), ("comment", "import_figures"))
        self.assertGreater(Observation.objects.earliest("recorded_at").recorded_at, before.at)
        self.assert_whole()

    def test_rows_of_the_record_follow_those_of_earlier_events(self) -> None:
        other = self.make_indicator("ELSE")
        self.import_with(lambda: self.run_import(CONTENT, into=other, by=self.manager))
        rows = AuditRow.objects.order_by("pk").values_list("event", flat=True)
        self.assertEqual(list(rows), sorted(rows))
        self.assert_whole()

    def test_whatever_stops_it_leaves_nothing(self) -> None:
        bad = long_csv("NAM,2019,1,ours", "Nowhere,2019,2,", header="iso3,period,value,comment")
        fails = mock.patch.object(importer, "refresh_movement", side_effect=IntegrityError("no"))
        for what, error, fault, act in (
            ("an error while it writes", IntegrityError, fails, self.import_with),
            ("a refused file", ImportRefused, nullcontext(), lambda: self.run_import(bad)),
            (
                "rows that were cleared meanwhile",
                ImportRefused,
                nullcontext(),
                lambda: self.import_with(StagedFigure.objects.all().delete),
            ),
            (
                "a person who may not any more at the moment of writing",
                PermissionDenied,
                nullcontext(),
                lambda: self.import_with(self.staff.groups.clear),
            ),
        ):
            events = AuditEvent.objects.count()
            with self.subTest(what):
                with fault, self.assertRaises(error):
                    act()
                self.assert_nothing_staged()
                self.assertEqual((Observation.objects.count(), ImportRun.objects.count()), (0, 0))
                self.assertEqual(AuditEvent.objects.count(), events)
                self.assertFalse(AuditText.objects.filter(text="ours").exists())


class OutdatedTests(StagingTestCase):
    def test_a_figure_that_another_records_meanwhile_becomes_an_earlier_revision(self) -> None:
        done = self.import_with(lambda: self.observe("7", area=self.namibia))
        self.assertEqual((done.new, done.revised), (1, 1))
        namibia = Observation.objects.filter(area=self.namibia).order_by("revision")
        self.assertEqual(
            [(row.revision, str(row.value)) for row in namibia], [(1, "7"), (2, "12.5")]
        )
        self.assert_nothing_staged()
        self.assert_whole()

    def test_where_the_plan_was_shown_it_is_shown_again(self) -> None:
        shown = self.plan(CONTENT).digest
        with self.assertRaises(PlanChanged) as refusal:
            self.import_with(lambda: self.observe("7", area=self.namibia), expected=shown)
        self.assertEqual(refusal.exception.plan.revised, 1)
        self.assertEqual(Observation.objects.count(), 1)
        self.assert_nothing_staged()

    def test_only_what_concerns_it_is_looked_up_again(self) -> None:
        other = self.make_indicator("ELSE")

        def rename() -> None:
            areas.change_area(
                area=self.kenya, by=self.administrator, expected_version=self.kenya.version,
                values={"name": "Another name"},
            )  # fmt: skip

        def work_elsewhere() -> None:
            self.comment()
            self.observe("1", indicator=other, by=self.manager)

        for happens, count in ((work_elsewhere, 1), (rename, 2)):
            into = self.make_indicator(f"INTO-{count}")
            with mock.patch.object(importer, "_new_plan", wraps=importer._new_plan) as plans:
                self.import_with(happens, indicator=into, by=self.manager)
            self.assertEqual(plans.call_count, count)
        self.assert_whole()

    def test_it_gives_up_where_others_never_stop(self) -> None:
        years = iter(range(1990, 2000))
        with self.assertRaises(PlanChanged):
            self.import_with(*[lambda: self.observe("7", str(next(years)))] * 10)
        self.assertEqual(Observation.objects.count(), MOST_PLANS)
        self.assert_nothing_staged()

    def test_it_equals_an_import_made_alone(self) -> None:
        alone = self.make_indicator("ALONE")
        self.run_import(CONTENT, into=alone, by=self.manager)
        self.import_with(lambda: self.observe("2", "1990"), by=self.manager)
        names = ("area", "period", "dimensions", "value", "comment", "revision", "recorded_by")
        imported = Observation.objects.filter(import_run__isnull=False).values_list(*names)
        held, wanted = (list(imported.filter(indicator=i)) for i in (self.indicator, alone))
        self.assertEqual(held, wanted)
        runs = ImportRun.objects.values_list("file_sha256", "new", "revised", "left_out")
        self.assertEqual(len(set(runs)), 1)


class InterruptedTests(StagingTestCase):
    def leave(self, **given: Any) -> StagedImport:
        return left_behind(self.indicator, self.staff, **given)

    def test_it_is_told_once_and_cleared(self) -> None:
        left = self.leave()
        [told] = clear_left_over()
        self.assertEqual((told.file_name, told.indicator, told.by), ("old.csv", "USE", self.staff))
        self.assertEqual((told.begun_at, told.rows), (left.begun_at, 1))
        self.assert_nothing_staged()
        self.assertEqual(clear_left_over(), [])
        # One that was to add its indicator has none to tell of.
        StagedImport.objects.filter(pk=self.leave().pk).update(indicator=None)
        self.assertEqual([told.indicator for told in clear_left_over()], ["–"])

    def test_one_that_is_under_way_is_left_and_one_that_gives_no_sign_is_cleared(self) -> None:
        under_way = {self.leave(process=os.getpid()), self.leave(host="another machine")}
        self.assertEqual(clear_left_over(), [])
        self.leave(host="another machine", touched_at=timezone.now() - 2 * SILENT_FOR)
        self.assertEqual(len(clear_left_over()), 1)
        # Without a word where it was imported.
        self.leave(is_imported=True, touched_at=timezone.now() - timedelta(days=1))
        self.assertEqual(clear_left_over(), [])
        self.assertEqual(set(StagedImport.objects.all()), under_way)

    def test_redaction_finds_the_words_and_clears_them(self) -> None:
        self.leave()
        found = text_occurrences("Private words")
        self.assertEqual(
            {place.model for place in found},
            {"recommendations.stagedfigure", "recommendations.stagedtext"},
        )
        expected = preview_digest("Private words", found)
        redaction.redact(
            words="Private words", by=self.administrator, reason="Told.", expected=expected
        )
        self.assert_nothing_staged()


class OthersTests(GuardedTransactionTestCase):
    def test_others_write_while_rows_are_made_ready_and_before_they_are_written(self) -> None:
        recommendation, indicator = self.make_recommendation(), self.make_indicator()
        self.make_area("NAM", name="Namibia", kind="country", iso3="NAM")
        self.make_area("KEN", name="Kenya", kind="country", iso3="KEN")
        says = partial(comments.add_comment, recommendation=recommendation, by=self.staff, text="A")
        others: list[Any] = []
        import_figures(
            upload=upload(CONTENT), indicator=indicator, by=self.manager, options=FigureOptions(),
            progress=lambda step, count: others.extend(at_once([says])),
        )  # fmt: skip
        self.assertEqual([type(each).__name__ for each in others], ["Comment"] * 2)
        self.assertEqual(Observation.objects.count(), 2)
        self.assertTrue(audit.verify_chain().is_whole)
