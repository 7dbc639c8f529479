"""Figures that disagree are told: at entry, at import and on the page of the indicator."""

from decimal import Decimal
from fractions import Fraction
from typing import Any
from unittest import TestCase

from django.test import override_settings
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from recommendations.models import Indicator, IndicatorLink, Observation
from recommendations.queries.indicators.values import (
    as_decimal,
    is_additive,
    part_disagreements,
    term_disagreement,
)
from tests.figures.base import FigurePagesTestCase
from tests.figures.files import long_csv, upload
from tests.views.pages import words_of

SCALED = (("2", "%", 100), ("1", "per 1,000 people", 1000), ("1", "per cent", 100), ("1", "km", 1))


def measured(measure: str = "2", unit: str = "%", decimals: int = 1) -> Indicator:
    return Indicator(measure=measure, unit=unit, decimals=decimals)


def terms(indicator: Indicator, value: str, numerator: str, denominator: str, **marks: bool) -> str:
    values = (Decimal(text) if text else None for text in (value, numerator, denominator))
    return term_disagreement(indicator, *values, **marks)


class TermTests(TestCase):
    def test_the_value_against_the_quotient_of_its_terms(self) -> None:
        share, rate = measured(), measured("1", "per 100,000 people", 0)
        other, zero = measured("1", "share", 2), measured(decimals=0)
        lower, about = {"is_lower_bound": True}, {"is_approximate": True}
        for indicator, value, numerator, denominator, marks, told in (
            # A percentage is a hundred times the quotient.
            (share, "82.6", "19", "23", {}, ""),
            (share, "85", "19", "23", {}, "19 / 23 is 82.6, not 85."),
            (share, "0.826", "19", "23", {}, "19 / 23 is 82.6, not 0.826."),
            # A rate goes by the number in its unit.
            (rate, "12", "6", "50000", {}, ""),
            (rate, "12", "60", "50000", {}, "60 / 50000 is 120, not 12."),
            (measured("1", "per million", 0), "3", "6", "2000000", {}, ""),
            # Any other unit is the quotient or a hundred times it.
            (other, "0.25", "1", "4", {}, ""),
            (other, "25", "1", "4", {}, ""),
            (other, "2.5", "1", "4", {}, "1 / 4 is 0.25, not 2.5."),
            # Rounding to the decimals of the indicator is no disagreement, to even or up.
            (zero, "83", "19", "23", {}, ""),
            (zero, "82.60869565", "19", "23", {}, ""),
            (measured(decimals=2), "82.61", "19", "23", {}, ""),
            (share, "83", "19", "23", {}, "19 / 23 is 82.6, not 83."),
            (measured(decimals=2), "12.34", "12345", "100000", {}, ""),
            (measured(decimals=2), "12.35", "12345", "100000", {}, ""),
            # What is missing disagrees with nothing.
            (share, "", "1", "2", {}, ""),
            (share, "50", "", "2", {}, ""),
            (share, "50", "1", "", {}, ""),
            (share, "5", "1", "0", {}, "The denominator is 0."),
            # A lower bound may lie below, and an approximate value anywhere.
            (share, "80", "19", "23", lower, ""),
            (share, "85", "19", "23", lower, "19 / 23 is 82.6, not 85."),
            (share, "85", "19", "23", about, ""),
        ):
            with self.subTest(unit=indicator.unit, value=value, of=numerator, marks=marks):
                self.assertEqual(terms(indicator, value, numerator, denominator, **marks), told)

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


class PartTests(TestCase):
    def test_parts_against_their_total(self) -> None:
        wrong = "SEX=F + SEX=M is 90, but the total is 100."
        of_age = "AGE=Y15|SEX=F=1 AGE=Y15|SEX=M=2 AGE=Y15|SEX=T=9"
        for parts, places, told in (
            ("SEX=F=40 SEX=M=50 SEX=_T=100", 0, [wrong]),
            ("SEX=F=40 SEX=M=50 SEX=T=100", 0, [wrong]),
            ("SEX=F=40 SEX=M=50 SEX=BOTHSEX=100", 0, [wrong]),
            ("SEX=F=40 SEX=M=60 SEX=T=100", 0, []),
            # The whole is the total where no code names it.
            ("=100 AREA=R=20 AREA=U=10", 0, ["AREA=R + AREA=U is 30, but the total is 100."]),
            # Within each value of another dimension.
            (
                f"{of_age} AGE=Y25|SEX=F=1 AGE=Y25|SEX=M=2 AGE=Y25|SEX=T=3",
                0,
                ["SEX=F + SEX=M (AGE=Y15) is 3, but the total is 9."],
            ),
            # Not where a part or the total is missing or parts may overlap.
            ("SEX=F=40 SEX=T=100", 0, []),
            ("SEX=F=40 SEX=M=50", 0, []),
            ("SEX=F=1 SEX=M=1 SEX=X=1 SEX=T=9", 0, []),
            ("AGE=Y15=1 AGE=Y25=2 AGE=T=9", 0, []),
            # Rounding of each is no disagreement.
            ("SEX=F=40 SEX=M=59 SEX=T=100", 0, []),
            ("SEX=F=40 SEX=M=59 SEX=T=100", 2, ["SEX=F + SEX=M is 99, but the total is 100."]),
        ):
            with self.subTest(parts, places=places):
                found = {
                    key: Decimal(value)
                    for key, _mark, value in (each.rpartition("=") for each in parts.split())
                }
                indicator = measured("1", "persons", places)
                self.assertEqual(list(part_disagreements(indicator, found)), told)

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


class AgreementTestCase(FigurePagesTestCase):
    """USE counts persons; SHARE is a percentage of one decimal."""

    WRONG = {"numerator": "19", "denominator": "23"}
    """Of these 85 is not the share."""
    TOLD = "Kenya, 2019: SEX=F + SEX=M is 90, but the total is 100."

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.share = cls.make_indicator("SHARE", measure="2", unit="%", decimals=1)
        IndicatorLink.objects.create(
            recommendation=cls.recommendation, indicator=cls.share, relation="outcome"
        )


class EntryTests(AgreementTestCase):
    def send(self, code: str, **values: str) -> Any:
        sent = {"area": self.kenya.pk, "period": "2019", "obs_status": "A", **values}
        return self.post(reverse("figure-new", args=[code]), self.manager, **sent)

    def test_the_page_tells_and_records_it_only_where_a_person_says_so(self) -> None:
        agreeing = "although the numbers disagree"
        page = self.read(reverse("figure-new", args=["SHARE"]), self.manager)
        self.assert_no_words(page, agreeing)
        answer = self.send("SHARE", value="85", **self.WRONG)
        self.assertEqual(answer.status_code, 400)
        told = ("19 / 23 is 82.6, not 85.", f"Record the value {agreeing}")
        self.assert_words(words_of(answer), *told)
        self.assertFalse(Observation.objects.exists())
        confirmed = {"value": "85", "is_disagreeing": "on"}
        for values in (confirmed, {"value": "82.6", "period": "2020"}):
            self.assertEqual(self.send("SHARE", **values, **self.WRONG).status_code, 302)
        kept = Observation.objects.order_by("pk").values_list("value", flat=True)
        self.assertEqual(list(kept), [85, Decimal("82.6")])


class ImportTests(AgreementTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.indicator = self.share

    def content(self, *rows: str) -> bytes:
        return long_csv(*rows, header="iso3,period,value,numerator,denominator")

    def test_numerator_and_denominator_come_in_and_are_compared_row_by_row(self) -> None:
        content = self.content("NAM,2019,82.6,19,23", "KEN,2019,85,19,23", "KEN,2020,50,,")
        done = self.run_import(content)
        self.assertEqual((done.new, done.rejected, done.disagreeing), (3, 0, 1))
        self.assertEqual(done.disagreements, ["Line 3: 19 / 23 is 82.6, not 85."])
        kenya = Observation.objects.get(area=self.kenya, period="2019")
        self.assertEqual((kenya.numerator, kenya.denominator, kenya.dimensions), (19, 23, ""))

    def test_other_terms_of_the_same_value_are_a_revision_and_no_terms_are_none(self) -> None:
        for terms, expected in (("1,2", (1, 0, 0)), ("2,4", (0, 1, 0)), (",", (0, 0, 1))):
            done = self.run_import(self.content(f"NAM,2019,50,{terms}"))
            self.assertEqual((done.new, done.revised, done.unchanged), expected)

    def test_parts_are_compared_with_their_total(self) -> None:
        rows = ("KEN,2019,F,40", "KEN,2019,M,50", "KEN,2019,_T,100", "NAM,2019,F,1")
        self.indicator = Indicator.objects.get(code="USE")
        plan = self.plan(long_csv(*rows, header="iso3,period,sex,value"))
        self.assertEqual(plan.disagreements, [self.TOLD])

    def test_the_preview_and_the_command_list_them_and_refuse_nothing(self) -> None:
        content = self.content("KEN,2019,85,19,23")
        path = reverse("figure-import", args=["SHARE"])
        answer = self.post(path, self.manager, move="look", file=upload(content).file)
        told = "Line 2: 19 / 23 is 82.6, not 85."
        self.assert_words(words_of(answer), "Inconsistent values", told)
        self.assertTrue(answer.context["may_import"])
        said = self.command(content, "--by=manager", code="SHARE")
        self.assertIn("Inconsistent values:", said)
        self.assertIn(told, said)
        self.assertTrue(Observation.objects.exists())


@override_settings(PUBLIC_PAGES=True)
class PageTests(AgreementTestCase):
    def test_the_page_lists_what_disagrees_now_to_the_public_once_it_is_published(self) -> None:
        page = self.share.get_absolute_url()
        self.observe("85", indicator=self.share, values=self.WRONG)
        words = ("Inconsistent values", "Kenya, 2019: 19 / 23 is 82.6, not 85.")
        self.assert_words(self.read(page, self.viewer), *words)
        Indicator.objects.filter(pk=self.share.pk).update(is_published=True)
        self.assert_words(self.read(page), *words)
        self.observe("82.6", indicator=self.share, values=self.WRONG)
        self.assert_no_words(self.read(page, self.viewer), "Inconsistent values")
