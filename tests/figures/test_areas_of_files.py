"""Which area each row of a file is about: stated by the format or a person, never guessed."""

import json
from typing import Any

from django.core.exceptions import ValidationError

from recommendations.actions.imports.figures import remembered_options
from recommendations.actions.imports.figures.plans import (
    AreaOutcome,
    FigurePlan,
    Obstacle,
    part_code,
)
from recommendations.actions.imports.pipeline import ImportRefused
from recommendations.actions.oversight import verification
from recommendations.models import Area, AuditEvent, AuditRow, ImportRun, Observation
from recommendations.queries.indicators.status import headline_points
from tests.figures.base import FiguresTestCase
from tests.figures.files import long_csv
from tests.undoing import undo_import

CANTONS = long_csv(
    "2020,,,5", "2020,Bern,BE,4", "2020,Aargau,AG,3", header="Year,Canton,GeoCode,Value"
)
"""A file of Open SDG: the nation, and two parts of it with codes of their own."""


class AreasOfFilesTestCase(FiguresTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        for code, iso2, m49, name in (
            ("CHE", "CH", "756", "Switzerland"),
            ("BEL", "BE", "056", "Belgium"),
            ("ATG", "AG", "028", "Antigua and Barbuda"),
            ("DZA", "DZ", "012", "Algeria"),
            ("GEO", "GE", "268", "Georgia"),
        ):
            cls.make_area(code, name=name, kind="country", iso2=iso2, iso3=code, m49=m49)
        cls.make_area("all")
        cls.swiss = Area.objects.get(code="CHE")

    def uses(self, plan: FigurePlan) -> list[tuple[str, str, int]]:
        """What each area of a file is here, and how many values it gets."""
        return [(use.reference.code, use.code, use.rows) for use in plan.areas]


class CodeTests(AreasOfFilesTestCase):
    def test_a_code_of_open_sdg_is_never_that_of_a_country(self) -> None:
        nova_scotia = long_csv("2020,Nova Scotia,12,4", header="Year,Geography,GeoCode,Value")
        for content in (CANTONS, nova_scotia):
            plan = self.plan(content, area="CHE")
            self.assertEqual(plan.obstacle, Obstacle.AREA_CODES)
            coded = [use for use in plan.areas if use.reference.code]
            self.assertEqual({use.outcome for use in coded}, {AreaOutcome.UNSTATED})
            self.assertEqual({use.area for use in coded}, {None})
        with self.assertRaises(ImportRefused):
            self.run_import(CANTONS, area="CHE", by=self.manager)
        self.assertFalse(Observation.objects.exists())

    def test_which_codes_and_names_identify_an_area(self) -> None:
        stated, named = "as the format states", "as you state"
        for header, code, codes_are, basis in (
            # A name does, and the code of a list that the format or a person states.
            *((header, "Namibia", "", "Name") for header in ("area", "country or area", "name")),
            ("iso3", "NAM", "", f"ISO 3166-1 alpha-3, {stated}"),
            ("iso2", "NA", "", f"ISO 3166-1 alpha-2, {stated}"),
            ("m49", "516", "", f"UN M49, {stated}"),
            ("area", "NAM", "iso", f"ISO 3166-1 alpha-3, {named}"),
            ("area", "NA", "iso", f"ISO 3166-1 alpha-2, {named}"),
            ("area", "516", "m49", f"UN M49, {named}"),
            ("area", "NAM", "own", f"Codes of this site, {named}"),
            # What the stated list lacks stays unknown.
            ("area", "NAM", "m49", Obstacle.LEFT_OUT),
            # The code of a plain table does not.
            *(
                (header, code, "", Obstacle.AREA_CODES)
                for header in ("area", "code", "geo", "country code", "location")
                for code in ("NAM", "NA", "516")
            ),
        ):
            plan = self.plan(
                long_csv(f"{code},2020,4", header=f"{header},period,value"), codes_are=codes_are
            )
            with self.subTest(header=header, code=code, codes_are=codes_are):
                if isinstance(basis, Obstacle):
                    self.assertEqual(plan.obstacle, basis)
                else:
                    [use] = plan.areas
                    self.assertEqual((use.code, use.basis, use.rows), ("NAM", basis, 1))
        owid = "Entity,Code,Year,share"
        plan = self.plan(long_csv("Namibia,,2020,4", "Africa,,2020,5", header=owid))
        self.assertEqual((plan.new, plan.aggregates), (1, 1))

    def test_a_region_is_one_of_a_list_that_is_stated(self) -> None:
        for m49, name in (("001", "World"), ("002", "Africa")):
            self.make_area(f"M49-{m49}", name=name, kind="region", m49=m49)
        rows = ("Namibia,2020,4", "Africa,2020,5", "World,2020,6")
        for codes_are, expected in (("", (2, 1)), ("iso", (2, 1)), ("m49", (3, 0))):
            plan = self.plan(long_csv(*rows, header="geography,period,value"), codes_are=codes_are)
            self.assertEqual((plan.new, plan.aggregates), expected)

    def test_nor_one_beside_a_name_of_another_list(self) -> None:
        # The code of a canton is Belgium’s: the name says which is meant, or a person does.
        def planned(name: str) -> FigurePlan:
            return self.plan(long_csv(f"BE,{name},2020,4", header="code,name,period,value"))

        self.assertEqual(planned("Bern").obstacle, Obstacle.AREA_CODES)
        self.assertEqual(self.uses(planned("Belgium")), [("BE", "BEL", 1)])
        self.assertEqual(planned("Kenya").new, 0)

    def test_rows_of_codes_are_skipped_by_choice(self) -> None:
        done = self.run_import(CANTONS, area="CHE", codes_are="skip")
        self.assertEqual((done.new, done.skipped_areas), (1, 2))
        self.assertEqual(self.held(), {("CHE", "2020"): 5})
        self.assertEqual(ImportRun.objects.get().left_out, 2)

    def test_each_area_is_told_with_its_values_once_a_row_is_rejected_without_it(self) -> None:
        plan = self.plan(long_csv("NAM,2019,1", "KEN,2019,2", "KEN,2020,3", "KEN,soon,4"))
        self.assertEqual(self.uses(plan), [("NAM", "NAM", 1), ("KEN", "KEN", 2)])
        twice = long_csv("KEN,2018,1", "KEN,2019,2", "KEN,2019,3")
        self.assertEqual(self.uses(self.plan(twice, skip_rejected=True)), [("KEN", "KEN", 1)])


class NationTests(AreasOfFilesTestCase):
    """Files that are about one area and do not say which."""

    WITHOUT = long_csv("2018,Normal value,5", header="Year,Observation status,Value")

    def test_it_is_asked_which_area_it_is_and_never_all(self) -> None:
        for content in (self.WITHOUT, b"year,all,sex:female\n2018,1,2\n", CANTONS):
            plan = self.plan(content, codes_are="skip")
            self.assertEqual((plan.obstacle, plan.new), (Obstacle.AREA, 0))
            self.assertIn("Choose the area that the file is about.", plan.refusal)
            with self.assertRaises(ImportRefused):
                self.run_import(content, codes_are="skip", skip_rejected=True)
        self.assertFalse(Observation.objects.exists())

    def test_the_stated_area_has_the_values_but_no_group_of_all(self) -> None:
        for code, words in (("all", "not about “All areas”"), ("XYZ", "no area with the code")):
            with self.subTest(code), self.assertRaisesMessage(ValidationError, words):
                self.plan(self.WITHOUT, area=code)
        done = self.run_import(self.WITHOUT, area="KEN")
        self.assertEqual((done.new, self.held()), (1, {("KEN", "2018"): 5}))
        self.assertEqual([use.basis for use in done.areas], ["The area that you state"])


class PartTests(AreasOfFilesTestCase):
    """Codes of parts of a country, each an area of its own."""

    OPTIONS = {"area": "CHE", "codes_are": "parts"}

    def bring(self, content: bytes, by: Any = None, **options: Any) -> FigurePlan:
        return self.run_import(content, by=by or self.manager, **self.OPTIONS, **options)

    def test_they_are_added_under_the_country_and_have_their_values(self) -> None:
        plan = self.plan(CANTONS, **self.OPTIONS)
        self.assertEqual(
            [(use.code, use.name, use.basis, use.rows) for use in plan.areas],
            [
                ("CHE", "Switzerland", "The area that you state", 1),
                ("CHE-BE", "Bern", "Added as a part of Switzerland", 1),
                ("CHE-AG", "Aargau", "Added as a part of Switzerland", 1),
            ],
        )
        self.assertFalse(Area.objects.filter(kind="part").exists())
        self.bring(CANTONS, expected=plan.digest)
        parts = Area.objects.filter(parent=self.swiss)
        self.assertEqual(
            set(parts.values_list("code", "name", "kind", "iso2")),
            {("CHE-BE", "Bern", "part", ""), ("CHE-AG", "Aargau", "part", "")},
        )
        held = {("CHE", "2020"): 5, ("CHE-BE", "2020"): 4, ("CHE-AG", "2020"): 3}
        self.assertEqual(self.held(), held)
        # The canton is the area: as a dimension it would say so twice.
        self.assertFalse(Observation.objects.exclude(dimensions="").exists())
        # The country leads beside its parts, and what was stated is remembered.
        [point] = headline_points(self.indicator.pk)
        self.assertEqual(point.value, 5)
        leading = Observation.objects.with_headline().get(is_headline=True)
        self.assertEqual(leading.area, self.swiss)
        options = remembered_options(ImportRun.objects.get())
        self.assertEqual((options.area, options.codes_are), ("CHE", "parts"))

    def test_the_event_of_the_file_covers_them(self) -> None:
        before = AuditEvent.objects.count()
        known = {str(fault) for fault in verification.verify().faults}
        self.bring(CANTONS)
        self.assertEqual(AuditEvent.objects.count(), before + 1)
        self.assertEqual({str(fault) for fault in verification.verify().faults}, known)
        event = AuditEvent.objects.latest("sequence")
        changes = json.loads(event.payload)["changes"]
        self.assertEqual(changes["areas_added"], [None, 2])
        self.assertEqual(changes["codes_are"], [None, "parts"])
        bern = Area.objects.get(code="CHE-BE")
        of_bern = {"object_type": "recommendations.area", "object_id": str(bern.pk)}
        [row] = AuditRow.objects.filter(event=event.sequence, **of_bern)
        self.assertIn('"kind":[null,"part"]', row.changes)

    def test_which_parts_a_file_has(self) -> None:
        """Names as well as codes; of Eurostat where its code begins with that of the country."""
        regions = b"freq,unit,geo\\TIME_PERIOD\t2020\nA,PC,CH\t5\nA,PC,CH01\t6\nA,PC,BE1\t7\n"
        georgia = long_csv("2020,Georgia,13,4", header="Year,State,GeoCode,Value")
        names = long_csv("Switzerland,2020,5", "Saint Gallen,2020,4", header="area,period,value")
        whole = ("TOTAL NACIONAL,2018,5", "Switzerland total,2019,5", "Total Bern,2019,4")
        for content, expected in (
            (names, ["CHE", "CHE-Saint-Gallen"]),
            (regions, ["CHE", "CHE-CH01", ""]),
            (georgia, ["CHE-13"]),
            (georgia.replace(b"13", b"00"), ["CHE"]),
            (
                long_csv(*whole, "全国,2020,5", "00 Riket,2021,5", header="area,period,value"),
                ["CHE", "CHE", "CHE-Total-Bern", "CHE", "CHE"],
            ),
            # One without an accepted row is not added.
            (CANTONS + b"soon,Zug,ZG,3\n", ["CHE", "CHE-BE", "CHE-AG"]),
        ):
            with self.subTest(content=content):
                plan = self.plan(content, **self.OPTIONS, skip_rejected=True)
                self.assertEqual([use.code for use in plan.areas], expected)
                told = any("No row is of Switzerland itself." in note for note in plan.notes)
                self.assertEqual(told, "CHE" not in expected)
        # A total of areas that are not said to be parts of the country may be that of others.
        total = long_csv("Total,2018,5", header="area,period,value")
        [use] = self.plan(total, area="CHE", skip_rejected=True).areas
        self.assertEqual(use.code, "")
        # One with the name of another country stands in the way of none.
        self.bring(georgia)
        [use] = self.plan(long_csv("Georgia,2020,4", header="country or area,year,value")).areas
        self.assertEqual(use.code, "GEO")

    def test_a_country_must_be_named(self) -> None:
        self.make_area("all-of-it", name="A group", kind="group")
        content = long_csv("2020,Bern,BE,4", header="Year,Canton,GeoCode,Value")
        for area in ("", "all-of-it"):
            plan = self.plan(content, area=area, codes_are="parts")
            self.assertEqual((plan.obstacle, plan.new_areas), (Obstacle.COUNTRY, {}))

    def test_only_who_adds_areas_adds_them_so(self) -> None:
        with self.assertRaises(ImportRefused) as refusal:
            self.bring(CANTONS, self.staff)
        self.assertEqual(refusal.exception.plan.obstacle, Obstacle.NEW_AREAS)
        self.assertFalse(Area.objects.filter(kind="part").exists())
        self.bring(CANTONS)
        later = CANTONS.replace(b"2020", b"2021")
        self.assertEqual(self.bring(later, self.staff).new, 3)

    def test_the_same_file_finds_them_again_also_after_its_import_was_undone(self) -> None:
        self.bring(CANTONS)
        again = self.bring(CANTONS)
        self.assertEqual((again.new, again.unchanged, again.new_areas), (0, 3, {}))
        bases = [use.basis for use in again.areas]
        self.assertEqual(bases[1:], ["Part of Switzerland, as you state"] * 2)
        run = ImportRun.objects.get()
        self.assertEqual(run.reading["areas_added"], ["CHE-BE", "CHE-AG"])
        undo_import(run=run, by=self.manager, reason="The wrong file.")
        self.assertEqual(self.held(), {})
        self.assertEqual(Area.objects.filter(kind="part").count(), 2)
        again = self.bring(CANTONS)
        self.assertEqual((again.new, again.new_areas), (3, {}))

    def test_codes_of_parts_are_the_same_each_time_and_fit_an_address(self) -> None:
        for code, expected in (
            ("BE", "CHE-BE"),
            ("12", "CHE-12"),
            ("St. Gallen", "CHE-St-Gallen"),
            ("São Paulo", "CHE-sao-paulo"),
        ):
            self.assertEqual(part_code("CHE", code), expected)
        for code in ("القاهرة", "x" * 60, "a/b?c"):
            found = part_code("CHE", code)
            self.assertRegex(found, r"^CHE-[A-Za-z0-9-]{1,36}$")
            self.assertEqual(found, part_code("CHE", code))
        self.assertNotEqual(part_code("CHE", "x" * 60), part_code("CHE", "x" * 61))
