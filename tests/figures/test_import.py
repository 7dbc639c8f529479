"""Bringing figures in: planned, all or nothing, again without a change, revised, one event."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from recommendations import guards
from recommendations.actions.imports.figures.plans import Obstacle
from recommendations.actions.imports.pipeline import ImportRefused, PlanChanged
from recommendations.models import AreaAlias, AuditEvent, AuditText, ImportRun, Observation
from recommendations.readers import TableError
from tests.figures.base import PLACES, FiguresTestCase
from tests.figures.files import long_csv, upload, world_bank


class ImportTests(FiguresTestCase):
    def test_new_then_unchanged_then_revised(self) -> None:
        first = long_csv("NAM,2019,12.50", "KEN,2019,20")
        before = AuditEvent.objects.count()
        done = self.run_import(first, source="A made-up office", vintage=date(2020, 1, 31))
        self.assertEqual((done.new, done.revised, done.unchanged), (2, 0, 0))
        run = ImportRun.objects.get()
        self.assertEqual((run.new, run.source), (2, "A made-up office"))
        self.assertEqual(run.vintage, date(2020, 1, 31))
        events, moment = AuditEvent.objects.count(), timezone.now()
        self.assertEqual(events, before + 1)
        event = AuditEvent.objects.latest("sequence")
        self.assertEqual((event.verb, event.object_type), ("import_figures", "file"))
        self.assertEqual(event.object_id, upload(first).sha256()[:16])
        self.assertIn('"new":[null,2]', event.payload)

        again = self.run_import(first)
        self.assertEqual((again.new, again.revised, again.unchanged), (0, 0, 2))
        self.assertEqual((AuditEvent.objects.count(), ImportRun.objects.count()), (events, 1))

        later = self.run_import(long_csv("NAM,2019,14", "KEN,2019,20.0", "KEN,2020,21"))
        self.assertEqual((later.new, later.revised, later.unchanged), (1, 1, 1))
        self.assertEqual(later.revisions[0].before, Decimal("12.50"))
        self.assertEqual(self.held()["NAM", "2019"], Decimal(14))
        revisions = Observation.objects.filter(area=self.namibia).values_list("revision", flat=True)
        self.assertEqual(sorted(revisions), [1, 2])
        self.assertEqual(self.held(moment)["NAM", "2019"], Decimal("12.50"))

    def test_an_empty_cell_is_no_figure_and_takes_none_away(self) -> None:
        years = range(2018, 2021)
        self.run_import(world_bank(PLACES[:2], years, {("NAM", 2018): "1", ("KEN", 2018): "2"}))
        done = self.run_import(world_bank(PLACES[:2], years, {("KEN", 2018): "2"}))
        self.assertFalse(done.changes_anything)
        self.assertEqual((done.unchanged, done.gone), (1, 1))
        self.assertEqual(self.held(), {("NAM", "2018"): Decimal(1), ("KEN", "2018"): Decimal(2)})
        self.assertFalse(Observation.objects.filter(value=0).exists())

    def test_a_missing_figure_that_is_said_to_be_missing_is_kept_as_missing(self) -> None:
        header = "iso3,period,value,status"
        lines = [f"NAM,{year},,{code}" for year, code in enumerate("HLMOQ", start=2015)]
        self.run_import(long_csv(*lines, "NAM,2020,NA,", header=header))
        kept = Observation.objects.order_by("period")
        self.assertEqual(set(kept.values_list("value", "obs_status")), {(None, "M")})
        self.assertEqual([row.stated_code for row in kept], [*"HLMOQ", "O"])
        # A value from before codes were kept is not revised by learning its code; another is.
        first = kept[0]
        with guards.lifted(connection, {Observation._meta.db_table}):
            Observation.objects.filter(pk=first.pk).update(source_status="")
        changed = long_csv("NAM,2015,,Q", "NAM,2016,,Q", header=header)
        planned = self.plan(changed)
        self.assertEqual((planned.revised, planned.unchanged), (1, 1))

    def test_groups_of_the_source_are_left_out_and_every_digit_comes_in(self) -> None:
        exact = {"NAM": "12345678901234567.123456", "KEN": "0.0000001", "WLD": "5"}
        content = world_bank(PLACES, [2018], {(code, 2018): exact[code] for code in exact})
        done = self.run_import(content)
        self.assertEqual((done.new, done.aggregates, done.left_out), (2, 1, 0))
        self.assertEqual(done.vintage, date(2024, 7, 1))
        held = {(code, "2018"): Decimal(exact[code]) for code in ("NAM", "KEN")}
        self.assertEqual(self.held(), held)


class RefusalTests(FiguresTestCase):
    def assert_nothing_written(self) -> None:
        self.assertEqual((Observation.objects.count(), ImportRun.objects.count()), (0, 0))

    def test_a_place_that_is_not_known_stops_all_of_it_with_candidates(self) -> None:
        content = long_csv("Kenia,2019,1", "NAM,2019,2")
        with self.assertRaises(ImportRefused) as refusal:
            self.run_import(content)
        self.assert_nothing_written()
        [place] = refusal.exception.plan.unmatched
        self.assertEqual((place.reference.code, place.rows, place.line), ("Kenia", 1, 2))
        self.assertEqual(place.candidates[0].code, "KEN")
        done = self.run_import(content, skip_rejected=True)
        self.assertEqual((done.new, done.left_out), (1, 1))
        # Another name that was entered is known.
        AreaAlias.objects.create(area=self.kenya, alias="Kenia")
        named = long_csv("KENIA,2019,1", header="area,period,value")
        self.assertEqual(self.run_import(named).new, 1)

    def test_a_bad_row_names_its_line_and_one_that_stands_twice_is_taken_once(self) -> None:
        twice = "the file has different values for the same observation."
        for rows, told in (
            (("Namibia,2019,1", "Kenya,soon,2", "Kenya,2019,lots and lots"), "Line 3:"),
            (("Namibia,2018,1", "NAMIBIA,2018,2"), twice),
        ):
            with self.assertRaises(ImportRefused) as refusal:
                self.run_import(long_csv(*rows, header="area,period,value"))
            self.assertIn(told, refusal.exception.plan.rejections[0])
        self.assert_nothing_written()
        # None of them is the figure, whatever else the file has, in a preview and in an import.
        several = (
            "China,2018,1",
            "Namibia,2018,1",
            "Kenya,2018,4",
            "NAMIBIA,2018,2",
            "NAMIBIA,2018,1",
        )
        of_all = long_csv(*several, header="area,period,value")
        for doing, is_skipping in ((self.plan, False), (self.plan, True), (self.run_import, True)):
            done = doing(of_all, skip_rejected=is_skipping)
            self.assertEqual((done.new, done.rejected, done.unmatched_rows), (1, 3, 1))
        self.assertEqual(self.held(), {("KEN", "2018"): Decimal(4)})
        same = long_csv("Namibia,2019,1", "NAMIBIA,2019,1.0", header="area,period,value")
        self.assertEqual(self.run_import(same).new, 1)

    def test_of_several_series_one_must_be_named(self) -> None:
        """Of codes, and of names without a code. A reason is no choice."""
        for value, of in ((2, "indicator"), (4, "indicator name")):
            rows = ("NAM,2019,1,A", f"NAM,2019,{value},B", "KEN,2019,3,A")
            content = long_csv(*rows, header=f"iso3,period,value,{of}")
            for options in ({}, {"reason": "It is ours", "skip_rejected": True}):
                with self.subTest(of, **options), self.assertRaises(ImportRefused) as refused:
                    self.run_import(content, **options)
                plan = refused.exception.plan
                self.assertEqual(plan.obstacle, Obstacle.SERIES)
                self.assertEqual(
                    {code: n.rows for code, n in plan.series.items()}, {"A": 2, "B": 1}
                )
            self.assertEqual(self.plan(content, series="X").lacking[-15:], ". It has: A, B.")
            self.run_import(content, series="B", reason="B is our code of the office")
            self.assertEqual(self.held(), {("NAM", "2019"): Decimal(value)})

    def test_who_may_not_record_figures_or_has_no_such_file_brings_in_nothing(self) -> None:
        one = long_csv("NAM,2019,1")
        for person in (self.other_staff, self.viewer, self.auditor, self.stranger):
            with self.subTest(person.username), self.assertRaises(PermissionDenied):
                self.run_import(one, by=person)
        for content in (b"", b"iso3,period,value\n", b"\xff\xd8\xff\xe0JFIF", b"a,b\x00c\n1,2\n"):
            with self.subTest(content[:12]), self.assertRaises(TableError):
                self.run_import(content)
        with self.assertRaises(ValidationError):
            self.run_import(one, source="Two\nlines")
        self.assert_nothing_written()


class SliceTests(FiguresTestCase):
    """Of a file of parts one may be meant: its values are those of the indicator."""

    PARTS = long_csv(
        *("NAM,2019,1,F,young", "NAM,2019,2,M,young", "NAM,2019,3,_T,young", "NAM,2019,4,_T,_T"),
        "NAM,2020,5,,",
        header="iso3,period,value,sex,age",
    )

    def test_parts_are_counted_and_kept_apart_where_none_is_meant(self) -> None:
        plan = self.plan(self.PARTS)
        self.assertEqual(
            plan.dimensions, {"SEX": {"F": 1, "M": 1, "_T": 2}, "AGE": {"young": 3, "_T": 1}}
        )
        self.assertEqual((plan.new, plan.other_slices), (5, 0))
        self.assertEqual([column.use.value for column in plan.columns][-2:], ["dimension"] * 2)

    def test_the_part_that_is_meant_is_the_value(self) -> None:
        chosen = (("AGE", "_T"), ("SEX", "_T"))
        plan = self.run_import(self.PARTS, slice=chosen)
        self.assertEqual((plan.new, plan.other_slices, plan.rejected), (1, 4, 0))
        found = Observation.objects.get()
        self.assertEqual((found.value, found.dimensions), (Decimal(4), ""))
        event = AuditEvent.objects.latest("sequence")
        told = AuditText.objects.filter(text="AGE=_T|SEX=_T")
        self.assertEqual(told.count(), 1)
        self.assertIn(told.get().digest, event.payload)

    def test_of_one_dimension_the_others_stay_and_another_part_is_another_plan(self) -> None:
        self.run_import(self.PARTS, slice=(("SEX", "_T"),))
        keys = Observation.objects.order_by("pk").values_list("dimensions", flat=True)
        self.assertEqual(list(keys), ["AGE=young", "AGE=_T"])
        expected = self.plan(self.PARTS, slice=(("SEX", "F"),)).digest
        with self.assertRaises(PlanChanged):
            self.run_import(self.PARTS, slice=(("SEX", "M"),), expected=expected)
