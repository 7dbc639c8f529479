"""Rows of other units, sources and parts, of ranges of years and of groups, in one file."""

from typing import Any

from recommendations.actions.imports.figures import FigureOptions
from recommendations.actions.imports.figures.matching import LONGEST_KEY, kept_dimensions
from recommendations.actions.imports.figures.plans import Obstacle
from recommendations.actions.imports.pipeline import ImportRefused
from recommendations.models import AreaAlias, ImportRun, Observation
from tests.figures.base import FiguresTestCase
from tests.figures.files import long_csv, upload
from tests.imports.run import plan_figures

TWO_UNITS = b"""unit,sector,geo\\time\t2014 \t2013 \n
MIO_EUR,S13,NA\t1.5 \t2 \nMIO_EUR,S13,KE\t3 \t4 \nPC_GDP,S13,NA\t74.9 \t77.4 \n"""


class SliceTests(FiguresTestCase):
    def test_a_unit_or_a_source_is_chosen_as_a_dimension_is(self) -> None:
        self.indicator = self.make_indicator("DEBT", unit="% of GDP")
        offered = self.plan(TWO_UNITS)
        self.assertEqual(offered.choices["UNIT"], {"MIO_EUR": 4, "PC_GDP": 2})
        with self.assertRaisesMessage(
            ImportRefused, "several units. Choose one: “MIO_EUR”, “PC_GD"
        ):
            self.run_import(TWO_UNITS, by=self.manager, reason="So", skip_rejected=True)
        done = self.run_import(
            TWO_UNITS, by=self.manager, slice=(("SECTOR", "S13"), ("UNIT", "PC_GDP"))
        )
        self.assertEqual((done.new, done.other_slices, done.contradictions), (2, 4, []))
        self.assertEqual({str(value) for value in self.held().values()}, {"74.9", "77.4"})
        self.assertEqual(set(Observation.objects.values_list("dimensions", flat=True)), {""})
        rows = ("NAM,2019,1,Survey", "NAM,2019,2,Census", "KEN,2019,3,Census")
        sources = long_csv(*rows, header="iso3,period,value,source")
        self.assertEqual(self.plan(sources).choices["SOURCE"], {"Survey": 1, "Census": 2})
        self.indicator = self.make_indicator("SOURCED")
        self.run_import(sources, by=self.manager, slice=(("SOURCE", "Census"),))
        self.assertEqual(sorted(self.held().values()), [2, 3])
        # The heading of a file names it too.
        headed = long_csv("NAM,2019,1,USD", "NAM,2019,7,%", header="iso3,period,value,unit measure")
        self.assertEqual(self.plan(headed, slice=(("Unit measure", "%"),)).revised, 1)
        single = long_csv("NAM,2019,1,%", header="iso3,period,value,unit")
        self.assertEqual(self.plan(single).choices, {})

    def test_a_choice_that_no_row_has_names_those_that_there_are(self) -> None:
        for options, words in (
            ({"slice": (("UNIT", "PC"),)}, "no “UNIT=PC”. It has: MIO_EUR, PC_GDP."),
            ({"slice": (("AGE", "T"),)}, "no “AGE=T”. It has: UNIT, SECTOR."),
            ({"series": "X"}, "The file has no “X”. It has: unit,sector,geo\\time."),
        ):
            with self.subTest(words), self.assertRaises(ImportRefused) as refused:
                self.run_import(TWO_UNITS, **options)
            self.assertEqual(refused.exception.plan.obstacle, Obstacle.LACKING)
            self.assertIn(words, str(refused.exception))

        rejected = long_csv("NAM,2025T3,1,F", header="iso3,period,value,sex")
        for into in (self.indicator, None):
            meant = FigureOptions(slice=(("SEX", "F"),))
            plan = plan_figures(upload=upload(rejected), indicator=into, options=meant)
            self.assertEqual((plan.obstacle, plan.rejected), (Obstacle.LEFT_OUT, 1))

    def test_rows_that_are_not_meant_reject_nothing(self) -> None:
        header = "iso3,period,value,unit,sex"
        rows = ("NAM,2019,1,%,F", "NAM,2019,?,%,M", "KEN,soon,5,%,M", "KEN,2010-2015,5,%,M")
        others = ("XXX,2019,2,%,M", "NAM,2018,1,USD,M", "NAM,2018,2,USD,M")
        said: Any = {"slice": (("SEX", "F"),), "reason": "It is the same unit"}
        done = self.plan(long_csv(*rows, *others, header=header), **said)
        self.assertEqual((done.new, done.other_slices, done.rejected), (1, 6, 0))
        self.assertEqual((done.year_ranges.total(), done.obstacles), (0, []))
        without = self.plan(long_csv(*rows, header=header))
        self.assertEqual((without.new, without.rejected), (1, 2))

    def test_each_area_may_have_a_unit_of_its_own(self) -> None:
        rows, header = (
            ("NAM,2018,1,NAD", "NAM,2019,2,NAD", "KEN,2019,3,KES"),
            "iso3,period,value,unit",
        )
        asked = self.plan(long_csv(*rows, header=header))
        self.assertIn("“NAD”, “KES”. Each area in its own unit: UNIT=*", asked.refusal)
        said: Any = {"slice": (("UNIT", "*"),), "reason": "In the currency of each"}
        done = self.run_import(long_csv(*rows, header=header), by=self.manager, **said)
        self.assertEqual((done.new, done.other_slices, done.units), (3, 0, []))
        told = Observation.objects.order_by("value").values_list("comment", "dimensions")
        self.assertEqual([*told], [("NAD", ""), ("NAD", ""), ("KES", "")])
        # Not where one area has several.
        mixed = self.plan(long_csv(*rows, "KEN,2018,3,USD", header=header), **said)
        self.assertEqual(mixed.obstacle, Obstacle.UNITS)
        self.assertNotIn("UNIT=*", mixed.refusal)

    def test_a_range_of_years_is_named_with_its_rows_and_the_others_go_in(self) -> None:
        rows = ("NAM,2010-2015,1", "KEN,2010-2015,2", "KEN,2010/2014,2", "KEN,2015,3")
        done = self.run_import(long_csv(*rows))
        self.assertEqual((done.new, done.rejected), (1, 0))
        told = "“2010-2015” is a range of years, not a period. Rows skipped: 2."
        self.assertIn(told, done.notes)
        self.assertEqual(ImportRun.objects.get().left_out, 3)
        only = self.plan(long_csv(*rows[:2]))
        self.assertEqual(only.obstacle, Obstacle.NOTHING)
        self.assertEqual(only.refusal, f"No row of the file can be imported. {told}")

    def test_what_is_decided_by_itself_is_asked_at_once(self) -> None:
        content = long_csv("NAM,2019,-1,X", "KEN,soon,2,X", header="iso3,period,value,indicator")
        asked = self.plan(content)
        decided = [Obstacle.CONTRADICTION, Obstacle.LEFT_OUT, Obstacle.DOUBT]
        self.assertEqual(asked.obstacles, decided)
        self.assertEqual(asked.refusal, " ".join(str(each.label) for each in decided))
        done = self.run_import(content, skip_rejected=True, reason="So", accept_doubts=True)
        self.assertEqual((done.new, done.rejected), (1, 1))

    def test_long_dimensions_are_kept_by_a_digest_with_their_words(self) -> None:
        long, header = "Activity of " + "many words " * 30, "iso3,period,value,activity,sex"
        content = long_csv(f"NAM,2019,1,{long},F", f"NAM,2019,2,{long}!,F", header=header)
        self.assertEqual(self.run_import(content).new, 2)
        self.assertEqual(self.run_import(content).unchanged, 2)
        first, second = Observation.objects.order_by("value")
        self.assertRegex(first.dimensions, r"^ACTIVITY=#[0-9a-f]{16}\|SEX=F$")
        self.assertNotEqual(first.dimensions, second.dimensions)
        self.assertEqual(first.comment, f"ACTIVITY: {long.strip()}")
        wide = "|".join(f"DIMENSION_{n:03}=X" for n in range(50))
        key, words = kept_dimensions(wide)
        self.assertRegex(key, r"^DIMENSIONS=#[0-9a-f]{16}$")
        self.assertIn("DIMENSION_049: X", words)
        self.assertEqual(kept_dimensions(wide[:LONGEST_KEY]), (wide[:LONGEST_KEY], ""))

    def test_codes_of_the_world_bank_are_known_in_every_format(self) -> None:
        kosovo = self.make_area("XKX", name="Kosovo", kind="country")
        AreaAlias.objects.create(area=kosovo, alias="XKX", code_list="world_bank")
        rows = ("Kosovo,XKX,2019,1", "Arab World,ARB,2019,2", "Kenya,KEN,2019,3")
        for number, header in enumerate(
            ("country,country code,year,value", "country,iso3,year,value", "entity,code,year,value")
        ):
            with self.subTest(header):
                self.indicator = self.make_indicator(f"BANK{number}", title="value")
                done = self.run_import(long_csv(*rows, header=header), by=self.manager)
                self.assertEqual((done.new, done.aggregates, done.unmatched_rows), (2, 1, 0))

    def test_the_next_file_has_the_parts_of_the_one_before(self) -> None:
        header = "iso3,period,value,survey"
        codes = ("AAA", "BBB", "CCC", "DDD")
        for code in codes:
            self.make_area(code, name=f"Land {code}", kind="country", iso3=code)
        others = [f"{code},2018,1,{code}" for code in codes]
        first = ("NAM,2018,1,A", "NAM,2019,2,A", "KEN,2018,3,B", "KEN,2019,4,B")
        few = self.plan(long_csv(*first, header=header))
        self.assertEqual((few.new, few.described), (4, set()))
        plan = self.run_import(long_csv(*first, *others, header=header))
        self.assertEqual((plan.new, plan.described, plan.choices), (8, {"SURVEY"}, {}))
        uses = [str(column.use.label) for column in plan.columns]
        self.assertEqual(uses[3], "Only describes: kept as a comment")
        told = set(Observation.objects.filter(area=self.namibia).values_list("comment"))
        self.assertEqual(told, {("survey: A",)})
        # What would be a part of a file of its own stays a comment; rows that differ are refused.
        both = long_csv(*first[:2], "KEN,2020,3,B", "KEN,2021,3,B", "KEN,2021,5,C", header=header)
        plan = self.plan(both)
        self.assertEqual((plan.new, plan.unchanged, plan.rejected), (1, 2, 2))
        chosen = self.plan(both, slice=(("SURVEY", "B"),))
        self.assertEqual((chosen.new, chosen.other_slices), (2, 3))
        # What is on record as a part stays one, although this file has one for each area.
        self.indicator = self.make_indicator("BYSEX")
        sexes = "iso3,period,value,sex"
        self.run_import(long_csv("NAM,2018,1,F", "NAM,2018,2,M", header=sexes), by=self.manager)
        rows = ("NAM,2019,1,F", "KEN,2019,2,M", *(f"{code},2019,1,F" for code in codes))
        plan = self.run_import(
            long_csv(*rows, header=sexes),
            by=self.manager,
        )
        self.assertEqual((plan.new, plan.described), (6, set()))
        kept = set(Observation.objects.filter(indicator=self.indicator).values_list("dimensions"))
        self.assertEqual(kept, {("SEX=F",), ("SEX=M",)})

    def test_rows_of_parts_in_a_table_about_one_area(self) -> None:
        content = b"Population\n\n,2018,2019\nAll,5,6\nWomen,2,3\nMen,3,3\n"
        self.assertEqual(self.plan(content, area="KEN").new, 0)
        self.assertEqual(self.plan(content, codes_are="values").obstacle, Obstacle.AREA)
        plan = self.run_import(content, area="KEN", codes_are="values", slice=(("PART", "All"),))
        self.assertEqual((plan.new, plan.other_slices), (2, 4))
        self.assertEqual(self.held(), {("KEN", "2018"): 5, ("KEN", "2019"): 6})
        plan = self.run_import(content, area="KEN", codes_are="values")
        self.assertEqual(plan.new, 6)
