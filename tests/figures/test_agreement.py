"""Figures that disagree are told: at entry, at import and on the page of the indicator."""

import io
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import TestCase

from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from recommendations.actions import indicators
from recommendations.models import Indicator, Observation
from recommendations.queries.indicators.agreement import (
    is_additive,
    part_disagreements,
    term_disagreement,
)
from recommendations.queries.indicators.values import as_decimal
from tests.admin.base import AdminTestCase
from tests.figures.files import upload
from tests.figures.test_import import FiguresTestCase
from tests.views.pages import PageTestCase, words_of

SCALED = (("2", "%", 100), ("1", "per 1,000 people", 1000), ("1", "per cent", 100), ("1", "km", 1))


def measured(measure: str = "2", unit: str = "%", decimals: int = 1) -> Indicator:
    return Indicator(measure=measure, unit=unit, decimals=decimals)


def terms(indicator: Indicator, value: str, numerator: str, denominator: str, **marks: bool) -> str:
    values = (Decimal(text) if text else None for text in (value, numerator, denominator))
    return term_disagreement(indicator, *values, **marks)


class TermTests(TestCase):
    def test_a_percentage_is_a_hundred_times_the_quotient(self) -> None:
        self.assertEqual(terms(measured(), "82.6", "19", "23"), "")
        self.assertEqual(terms(measured(), "85", "19", "23"), "19 / 23 is 82.6, not 85.")
        self.assertEqual(terms(measured(), "0.826", "19", "23"), "19 / 23 is 82.6, not 0.826.")

    def test_a_rate_goes_by_the_number_in_its_unit(self) -> None:
        rate = measured("1", "per 100,000 people", 0)
        self.assertEqual(terms(rate, "12", "6", "50000"), "")
        self.assertTrue(terms(rate, "12", "60", "50000"))
        self.assertEqual(terms(measured("1", "per million", 0), "3", "6", "2000000"), "")

    def test_any_other_unit_is_the_quotient_or_a_hundred_times_it(self) -> None:
        share = measured("1", "share", 2)
        self.assertEqual(terms(share, "0.25", "1", "4"), "")
        self.assertEqual(terms(share, "25", "1", "4"), "")
        self.assertTrue(terms(share, "2.5", "1", "4"))

    def test_rounding_to_the_decimals_of_the_indicator_is_none(self) -> None:
        for decimals, value in ((0, "83"), (1, "82.6"), (2, "82.61"), (0, "82.60869565")):
            self.assertEqual(terms(measured(decimals=decimals), value, "19", "23"), "")
        self.assertTrue(terms(measured(decimals=1), "83", "19", "23"))

    def test_what_is_missing_disagrees_with_nothing(self) -> None:
        for values in (("", "1", "2"), ("50", "", "2"), ("50", "1", "")):
            self.assertEqual(terms(measured(), *values), "")

    def test_a_denominator_of_0_is_told(self) -> None:
        self.assertEqual(terms(measured(), "5", "1", "0"), "The denominator is 0.")

    def test_a_lower_bound_may_lie_below_and_an_approximate_value_anywhere(self) -> None:
        self.assertEqual(terms(measured(), "80", "19", "23", is_lower_bound=True), "")
        self.assertTrue(terms(measured(), "85", "19", "23", is_lower_bound=True))
        self.assertEqual(terms(measured(), "85", "19", "23", is_approximate=True), "")

    @given(
        numerator=st.decimals(-(10**9), 10**9, allow_nan=False, places=2),
        denominator=st.decimals(Decimal("0.01"), 10**9, allow_nan=False, places=2),
        decimals=st.integers(0, 6),
        kind=st.sampled_from(SCALED),
        units=st.integers(2, 10**6),
        sign=st.sampled_from((1, -1)),
    )
    def test_the_rounded_quotient_agrees_and_two_units_beside_it_do_not(
        self,
        numerator: Decimal,
        denominator: Decimal,
        decimals: int,
        kind: tuple[str, str, int],
        units: int,
        sign: int,
    ) -> None:
        measure, unit, scale = kind
        indicator = measured(measure, unit, decimals)
        exact = Fraction(numerator) / Fraction(denominator) * scale
        value = as_decimal(round(exact, decimals))
        self.assertEqual(term_disagreement(indicator, value, numerator, denominator), "")
        beside = as_decimal(Fraction(value) + sign * Fraction(units, 10**decimals))
        if scale == 1 and abs(Fraction(beside) - exact * 100) <= Fraction(1, 10**decimals):
            return  # Of no stated scale: it reads as a percentage.
        self.assertTrue(term_disagreement(indicator, beside, numerator, denominator))

    def test_the_rounding_of_the_program_is_no_disagreement_either(self) -> None:
        half = Decimal("12.345").quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        self.assertEqual(terms(measured(decimals=2), str(half), "12345", "100000"), "")
        self.assertEqual(terms(measured(decimals=2), "12.35", "12345", "100000"), "")


class PartTests(TestCase):
    def parts(self, indicator: Indicator | None = None, **values: str) -> list[str]:
        found = {
            key.replace("__", "|").replace("_is_", "="): Decimal(value)
            for key, value in values.items()
        }
        return list(part_disagreements(indicator or measured("1", "persons", 0), found))

    def test_women_and_men_against_all(self) -> None:
        for total in ("_T", "T", "BOTHSEX"):
            values = {"SEX=F": "40", "SEX=M": "50", f"SEX={total}": "100"}
            [words] = part_disagreements(
                measured("1", "persons", 0), {key: Decimal(v) for key, v in values.items()}
            )
            self.assertEqual(words, "SEX=F + SEX=M is 90, but the total is 100.")
        self.assertEqual(self.parts(SEX_is_F="40", SEX_is_M="60", SEX_is_T="100"), [])

    def test_the_whole_is_the_total_where_no_code_names_it(self) -> None:
        found = {"": Decimal(100), "AREA=U": Decimal(10), "AREA=R": Decimal(20)}
        self.assertEqual(len(list(part_disagreements(measured("1", "persons", 0), found))), 1)

    def test_within_each_value_of_another_dimension(self) -> None:
        told = self.parts(
            AGE_is_Y15__SEX_is_F="1",
            AGE_is_Y15__SEX_is_M="2",
            AGE_is_Y15__SEX_is_T="9",
            AGE_is_Y25__SEX_is_F="1",
            AGE_is_Y25__SEX_is_M="2",
            AGE_is_Y25__SEX_is_T="3",
        )
        self.assertEqual(told, ["SEX=F + SEX=M (AGE=Y15) is 3, but the total is 9."])

    def test_not_where_a_part_or_the_total_is_missing_or_parts_may_overlap(self) -> None:
        self.assertEqual(self.parts(SEX_is_F="40", SEX_is_T="100"), [])
        self.assertEqual(self.parts(SEX_is_F="40", SEX_is_M="50"), [])
        self.assertEqual(self.parts(SEX_is_F="1", SEX_is_M="1", SEX_is_X="1", SEX_is_T="9"), [])
        self.assertEqual(self.parts(AGE_is_Y15="1", AGE_is_Y25="2", AGE_is_T="9"), [])

    def test_rounding_of_each_is_no_disagreement(self) -> None:
        self.assertEqual(self.parts(SEX_is_F="40", SEX_is_M="59", SEX_is_T="100"), [])
        exact = measured("1", "persons", 2)
        self.assertEqual(len(self.parts(exact, SEX_is_F="40", SEX_is_M="59", SEX_is_T="100")), 1)

    def test_only_what_is_counted_adds_up(self) -> None:
        for measure, unit, expected in (
            ("1", "persons", True),
            ("3", "schools", True),
            ("2", "%", False),
            ("1", "per 100 people", False),
            ("1", "km/h", False),
            ("1", "average years", False),
            ("4", "rank", False),
            ("5", "words", False),
        ):
            self.assertEqual(is_additive(measured(measure, unit)), expected, unit)


class AgreementTestCase(FiguresTestCase, PageTestCase):
    """USE counts persons; SHARE is a percentage of one decimal."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.share = cls.make_indicator("SHARE", measure="2", unit="%", decimals=1)

    def observe(self, indicator: Indicator, dimensions: str = "", **values: str) -> Observation:
        return indicators.observe(
            indicator=indicator,
            area=self.kenya,
            period="2019",
            dimensions=dimensions,
            by=self.manager,
            values=values,
        )


class EntryTests(AgreementTestCase):
    def send(self, code: str, **values: str) -> Any:
        sent = {"area": self.kenya.pk, "period": "2019", "obs_status": "A", **values}
        return self.post(reverse("figure-new", args=[code]), self.manager, **sent)

    def test_the_page_tells_and_records_it_only_where_a_person_says_so(self) -> None:
        wrong = {"value": "85", "numerator": "19", "denominator": "23"}
        answer = self.send("SHARE", **wrong)
        self.assertEqual(answer.status_code, 400)
        text = words_of(answer)
        self.assert_words(
            text, "19 / 23 is 82.6, not 85.", "Record the value although the numbers disagree"
        )
        self.assertFalse(Observation.objects.exists())
        self.assertEqual(self.send("SHARE", **wrong, is_disagreeing="on").status_code, 302)
        self.assertEqual(Observation.objects.get().value, 85)

    def test_what_agrees_is_recorded_and_asked_nothing(self) -> None:
        page = self.read(reverse("figure-new", args=["SHARE"]), self.manager)
        self.assert_no_words(page, "although the numbers disagree")
        right = {"value": "82.6", "numerator": "19", "denominator": "23"}
        self.assertEqual(self.send("SHARE", **right).status_code, 302)

    def test_parts_that_do_not_add_up_are_told_once_they_are_recorded(self) -> None:
        for dimensions, value in (("SEX=F", "40"), ("SEX=M", "50")):
            self.observe(self.indicator, dimensions, value=value)
        done = self.send("USE", value="100")
        text = self.read(done.url, self.manager)
        words = "Values disagree: Kenya, 2019: SEX=F + SEX=M is 90, but the total is 100."
        self.assert_words(text, words)


class AdministrationTests(AdminTestCase):
    def test_the_administration_tells_once_it_is_recorded(self) -> None:
        share = self.make_indicator("SHARE", measure="2", unit="%", decimals=1)
        sent = {"indicator": share.pk, "area": self.make_area().pk, "period": "2019"}
        sent |= {"value": "85", "numerator": "19", "denominator": "23"}
        data = self.window.open(Observation, None)
        answer = self.window.send(Observation, None, data, **sent)
        self.assertTrue(Observation.objects.exists())
        page = self.window.client.get(answer.url)
        self.assertContains(page, "Values disagree: All areas, 2019: 19 / 23 is 82.6, not 85.")


class ImportTests(AgreementTestCase):
    HEADER = "iso3,period,value,numerator,denominator"

    def content(self, *rows: str, header: str = HEADER) -> bytes:
        return "\n".join([header, *rows, ""]).encode()

    def test_numerator_and_denominator_come_in_and_are_compared_row_by_row(self) -> None:
        content = self.content("NAM,2019,82.6,19,23", "KEN,2019,85,19,23", "KEN,2020,50,,")
        self.indicator = self.share
        done = self.run_import(content, by=self.manager)
        self.assertEqual((done.new, done.rejected, done.disagreeing), (3, 0, 1))
        self.assertEqual(done.disagreements, ["Line 3: 19 / 23 is 82.6, not 85."])
        kenya = Observation.objects.get(area=self.kenya, period="2019")
        self.assertEqual((kenya.numerator, kenya.denominator), (19, 23))
        self.assertEqual(kenya.dimensions, "")

    def test_other_terms_of_the_same_value_are_a_revision_and_no_terms_are_none(self) -> None:
        self.indicator = self.share
        self.run_import(self.content("NAM,2019,50,1,2"), by=self.manager)
        again = self.run_import(self.content("NAM,2019,50,2,4"), by=self.manager)
        self.assertEqual((again.revised, again.unchanged), (1, 0))
        without = self.run_import(self.content("NAM,2019,50,,"), by=self.manager)
        self.assertEqual((without.revised, without.unchanged), (0, 1))

    def test_parts_are_compared_with_their_total(self) -> None:
        rows = ("KEN,2019,F,40", "KEN,2019,M,50", "KEN,2019,_T,100", "NAM,2019,F,1")
        plan = self.plan(self.content(*rows, header="iso3,period,sex,value"))
        self.assertEqual(
            plan.disagreements, ["Kenya, 2019: SEX=F + SEX=M is 90, but the total is 100."]
        )

    def test_the_preview_and_the_command_list_them_and_refuse_nothing(self) -> None:
        content = self.content("KEN,2019,85,19,23")
        path = reverse("figure-import", args=["SHARE"])
        answer = self.post(path, self.manager, move="look", file=upload(content).file)
        self.assert_words(
            words_of(answer), "Inconsistent values", "Line 2: 19 / 23 is 82.6, not 85."
        )
        self.assertTrue(answer.context["may_import"])
        out = io.StringIO()
        with TemporaryDirectory() as folder:
            file = Path(folder) / "figures.csv"
            file.write_bytes(content)
            call_command(
                "import_observations", file, "--indicator=SHARE", "--by=manager", stdout=out
            )
        self.assertIn("1 values disagree and are imported as stated:", out.getvalue())
        self.assertIn("Line 2: 19 / 23 is 82.6, not 85.", out.getvalue())
        self.assertTrue(Observation.objects.exists())


@override_settings(PUBLIC_PAGES=True)
class PageTests(AgreementTestCase):
    def test_the_page_lists_what_disagrees_now(self) -> None:
        wrong = {"numerator": "19", "denominator": "23"}
        self.observe(self.share, value="85", **wrong)
        page = self.share.get_absolute_url()
        words = ("Inconsistent values", "Kenya, 2019: 19 / 23 is 82.6, not 85.")
        self.assert_words(self.read(page, self.viewer), *words)
        self.observe(self.share, value="82.6", **wrong)
        self.assert_no_words(self.read(page, self.viewer), "Inconsistent values")

    def test_parts_and_their_total(self) -> None:
        for dimensions, value in (("SEX=F", "40"), ("SEX=M", "50"), ("", "100")):
            self.observe(self.indicator, dimensions, value=value)
        words = "Kenya, 2019: SEX=F + SEX=M is 90, but the total is 100."
        self.assert_words(self.read(self.indicator.get_absolute_url(), self.viewer), words)

    def test_told_to_the_public_of_what_is_published(self) -> None:
        self.observe(self.share, value="85", numerator="19", denominator="23")
        Indicator.objects.filter(pk=self.share.pk).update(is_published=True)
        self.assert_words(self.read(self.share.get_absolute_url()), "Inconsistent values")
