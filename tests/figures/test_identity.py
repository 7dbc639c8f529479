"""A file that is about something else, and values that are hardly so, come in only on purpose."""

import json
from typing import Any

from django.test import SimpleTestCase

from recommendations.actions.imports.figures.identity import are_same_name, are_same_unit
from recommendations.actions.imports.figures.plans import Obstacle
from recommendations.actions.imports.pipeline import ImportRefused, PlanChanged
from recommendations.models import AreaAlias, AuditEvent, Observation
from tests.figures.base import PLACES, FiguresTestCase
from tests.figures.files import long_csv, world_bank

PATENTS = "iso3,period,value,indicator,unit"


class SameWordsTests(SimpleTestCase):
    def test_units_by_words_and_codes(self) -> None:
        for one, other, expected in (
            ("%", "percent", True),
            ("PT", "Percentage", True),
            ("%", "% of population", True),
            ("% of people", "percent of people", True),
            ("PERSONS", "people", True),
            ("NUMBER", "applications", True),
            ("number of applications", "applications", True),
            ("%", "persons", False),
            ("NUMBER", "% of population", False),
            ("number", "per 100 people", False),
            ("% of households", "% of population", False),
            ("USD", "persons", False),
        ):
            with self.subTest(one=one, other=other):
                self.assertIs(are_same_unit(one, other), expected)
                self.assertIs(are_same_unit(other, one), expected)

    def test_names_but_for_brackets_order_and_case(self) -> None:
        users = "Individuals using the Internet"
        for name, expected in (
            ("individuals using the internet (% of population)", True),
            ("Internet, individuals using", True),
            ("individuals_using_the_internet", True),
            ("Individuals using the Internet, by sex", True),
            ("Patent applications, residents", False),
            ("Internet", False),
        ):
            with self.subTest(name):
                self.assertIs(are_same_name(name, users), expected)


class ContradictionTests(FiguresTestCase):
    def told(self, content: bytes) -> list[str]:
        return self.plan(content).contradictions

    def test_a_file_of_something_else_is_refused_until_a_reason_is_given(self) -> None:
        content = long_csv("NAM,2019,4,IP.PAT.RESD,", "KEN,2019,5,IP.PAT.RESD,", header=PATENTS)
        unit = long_csv("NAM,2019,4,USE,percent", header=PATENTS)
        for refused, told in (
            (content, "the code in the file is “IP.PAT.RESD”, that of the indicator “USE”."),
            (unit, "the unit in the file is “percent”, that of the indicator “persons”."),
        ):
            with self.assertRaisesMessage(ImportRefused, "The file contradicts the indicator."):
                self.run_import(refused)
            self.assertEqual(self.told(refused), [f"Line 2: {told}"])
        self.assertFalse(Observation.objects.exists())
        self.run_import(content, reason="The office renamed the series")
        self.assertEqual(Observation.objects.count(), 2)
        event = AuditEvent.objects.latest("sequence")
        self.assertEqual(event.reason.text, "The office renamed the series")
        self.assertIn("contradictions", json.loads(event.payload)["changes"])

    def test_each_reader_tells_what_its_format_names(self) -> None:
        self.indicator.measure = "1"
        un = "GeoAreaCode,TimePeriod,Value,SeriesCode,SeriesDescription,Units"
        sdmx = "DATAFLOW,REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE"
        figures = {("NAM", 2018): "5"}
        api: Any = [{"page": 1, "pages": 1}, [{
            "indicator": {"id": "A.B", "value": "Patents"}, "countryiso3code": "NAM",
            "country": {"id": "NA", "value": "Namibia"}, "date": "2019", "value": 5, "unit": "",
        }]]  # fmt: skip
        bank = world_bank(PLACES[:1], [2018], figures).replace(b"Use of the thing", b"Patents")
        for name, content, kinds in (
            ("world_bank", bank, ("code", "name")),
            ("world_bank_api", json.dumps(api).encode(), ("code", "name")),
            ("un_sdg", long_csv("516,2019,5,A_B,Patents,PERCENT", header=un),
             ("code", "name", "unit")),
            ("sdmx_csv", long_csv("X:PATENTS(1.0),NAM,2019,5,PT", header=sdmx), ("code", "unit")),
            ("owid", long_csv("Namibia,NAM,2019,5", header="Entity,Code,Year,Patents"), ("code",)),
            ("long", long_csv("NAM,2019,5,Patents", header="iso3,period,value,indicator name"),
             ("name",)),
        ):  # fmt: skip
            with self.subTest(name):
                planned = self.plan(content)
                self.assertEqual(planned.format, name)
                told = [words.split(" in the file")[0][-4:] for words in planned.contradictions]
                self.assertEqual(tuple(told), kinds)

    def test_its_own_names_and_no_names_are_no_contradiction(self) -> None:
        self.indicator.vocabulary_code = "IT.NET.USER.ZS"
        for row in (
            "use,",
            "X:USE$DEFAULTVIEW(1.0),",
            "X:USE__custom_1(1.0),",
            "it.net.user.zs,Persons",
            "Use of the thing,people",
            ",",
            "USE,NUMBER",
        ):
            with self.subTest(row):
                self.assertEqual(self.told(long_csv(f"NAM,2019,4,{row}", header=PATENTS)), [])
        self.assertEqual(self.told(long_csv("NAM,2019,4")), [])
        # A column of values that a person states has the name that it has.
        gold = long_csv("NAM,2019,4,7", header="iso3,period,gold,silver")
        self.assertEqual(self.plan(gold, value_column="Gold").contradictions, [])
        self.assertEqual(len(self.told(long_csv("NAM,2019,4", header="iso3,period,gold"))), 1)
        self.indicator.unit = ""  # of one that is to be added
        self.assertEqual(self.told(long_csv("NAM,2019,4,USE,percent", header=PATENTS)), [])

    def test_what_changes_nothing_needs_no_reason(self) -> None:
        self.run_import(long_csv("NAM,2019,4"))
        again = self.run_import(long_csv("NAM,2019,4,X,", header=PATENTS))
        self.assertEqual((again.unchanged, len(again.contradictions)), (1, 1))


class PlausibilityTests(FiguresTestCase):
    def test_shares_counts_and_values_far_from_the_past_are_listed_and_confirmed(self) -> None:
        self.run_import(long_csv("NAM,2018,20", "NAM,2017,4"))
        content = long_csv("NAM,2019,201", "NAM,2020,0.39", "NAM,2021,200", "KEN,2019,-1")
        with self.assertRaisesMessage(ImportRefused, "not plausible") as refusal:
            self.run_import(content)
        self.assertEqual(Observation.objects.count(), 2)
        self.assertEqual(refusal.exception.plan.doubted, 3)
        words = "is more than 10 times outside the range of the recorded values, 4 to 20."
        self.assertEqual(
            refusal.exception.plan.doubts,
            [
                f"Line 2: NAM, 2019: 201 {words}",
                f"Line 3: NAM, 2020: 0.39 {words}",
                "Line 5: KEN, 2019: -1 is negative.",
            ],
        )
        self.assertEqual(self.run_import(content, accept_doubts=True).new, 4)
        # What is recorded is told no more.
        self.assertEqual(self.run_import(content).doubted, 0)

    def test_names_of_areas_that_may_be_others_are_confirmed(self) -> None:
        AreaAlias.objects.create(area=self.kenya, alias="Kenya (Republic)")
        names = ("Kenya,2018,1", "KENYA,2019,1", "Kenya,2021,1", "Namibia,2020,1")
        content = long_csv(*names, "Kenya (Republic),2018,1", header="area,period,value")
        plan = self.plan(content)
        self.assertEqual((plan.obstacle, plan.doubted), (Obstacle.DOUBT, 1))
        self.assertEqual(plan.doubts, ["“Kenya”, “Kenya (Republic)”: Kenya"])
        self.run_import(content, accept_doubts=True)
        self.assertEqual(self.plan(content).doubted, 0)
        # The same name may be that of a part of another country, in a list of these.
        parts = ("Kenya,2022,1", *(f"Part {n},2022,1" for n in "ABC"))
        content = long_csv(*parts, header="area,period,value")
        words = "“Kenya” is taken for Kenya, but most areas of the file are unknown."
        self.assertEqual(self.plan(content, skip_rejected=True).doubts, [words])

    def test_by_measure_and_where_values_are_negative_already_by_size_alone(self) -> None:
        for measure, held, rows, lines in (
            ("2", "", ("NAM,2019,100", "NAM,2020,100.1", "KEN,2019,0", "KEN,2020,-1"), [3, 5]),
            ("1", "NAM,2018,-3", ("NAM,2019,-40", "NAM,2020,0.1", "NAM,2021,-41"), [4]),
        ):
            if held:
                self.run_import(long_csv(held, "NAM,2017,4"), accept_doubts=True)
            self.indicator.measure = measure
            told = self.plan(long_csv(*rows)).doubts
            self.assertEqual([words[:7] for words in told], [f"Line {n}:" for n in lines])

    def test_a_value_recorded_meanwhile_that_makes_it_doubtful_changes_what_was_shown(self) -> None:
        content = long_csv("NAM,2019,201")
        shown = self.plan(content, accept_doubts=True)
        self.run_import(long_csv("NAM,2018,20"))
        with self.assertRaises(PlanChanged):
            self.run_import(content, expected=shown.digest, accept_doubts=True)
