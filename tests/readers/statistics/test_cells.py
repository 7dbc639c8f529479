"""One cell: numbers and periods, refused where they could be two, and observation statuses."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st

from recommendations import periods
from recommendations.choices.statuses import (
    CODE_CHOICES,
    CODES,
    LABELS,
    UNDEFINED,
    code_label,
    stated_code,
    status_columns,
)
from recommendations.names import fold
from recommendations.readers import Formula, Number
from recommendations.readers.statistics.cells import (
    MOST_NUMBER_DIGITS,
    FigureError,
    is_bound,
    is_period,
    read_decimal,
    read_eurostat_flags,
    read_number,
    read_period,
    read_sdmx_status,
)

WHOLE = st.integers(min_value=-(10**30), max_value=10**30)
PLACES = st.text("0123456789", max_size=12)


class FigureErrorTestCase(TestCase):
    def assert_refused(self, words: str, read: Callable[..., Any], *cell: Any, **said: Any) -> None:
        with self.subTest(str(cell)[:40]), self.assertRaises(FigureError) as refusal:
            read(*cell, **said)
        self.assertRegex(str(refusal.exception), words)


class NumberTests(FigureErrorTestCase):
    def test_what_is_certain_is_read(self) -> None:
        for mark, numbers in {
            "": (
                *(("12345678901234567.123456", "12345678901234567.123456"), ("1e-7", "1E-7")),
                *(("007", "7"), ("-0.50", "-0.50"), ("−5", "-5"), (" 12 ", "12"), (".5", "0.5")),
                *(("1.7", "1.7"), ("1,7", "1.7"), ("0,234", "0.234"), ("1234,567", "1234.567")),
                *(("200.000.000", "200000000"), ("1,234,567", "1234567"), ("1.234,5", "1234.5")),
                *(("1,234.5", "1234.5"), ("1 234 567,8", "1234567.8"), ("1\u202f234", "1234")),
                ("1’234.567", "1234.567"),
            ),
            ".": (("1.5E+06", "1.5E+6"), ("1,234", "1234"), ("1.234", "1.234")),
            ",": (("1,5e3", "1.5E+3"), ("1,234", "1.234"), ("1.234", "1234")),
        }.items():
            for text, expected in numbers:
                with self.subTest(text, mark=mark):
                    found = read_number(text, mark)
                    self.assertEqual(found.as_tuple(), Decimal(expected).as_tuple())

    def test_what_could_be_two_numbers_or_none_is_refused_with_what_to_do(self) -> None:
        ambiguous = "is ambiguous. State if the decimal mark is a point or a comma"
        long = "9" * (MOST_NUMBER_DIGITS + 1)
        for mark, words, texts in (
            ("", ambiguous, ("1,234", "1.234", "-12,345", "123.456")),
            (".", "decimal point", ("1,7", "200.000.000", "1.234,5", "1 234,5")),
            (",", "decimal comma", ("1.7", "1,234.5")),
            ("", "is not a number", ("1,23,4", "1.2.3", "0.000.000", "about", "", "(12)", "5.")),
            ("", "is not a number", ("\u0661\u0662", "NaN", "Infinity")),
            ("", "percent sign", ("12 %", "12%")),
            ("", "more than a number", ("12 kg", "USD 12", "12 (2018)", "1_000", "--5", "1e99999")),
            ("", "digits", (long, "1e999", "1e-9999")),
        ):
            for text in texts:
                self.assert_refused(words, read_number, text, mark)

    def test_programs_separate_no_thousands(self) -> None:
        self.assertEqual(read_number("1,234", is_grouped=False), Decimal("1.234"))
        self.assertEqual(read_number("1.234", is_grouped=False), Decimal("1.234"))
        for text in ("1,234", "1 234", "1,234,567"):
            self.assert_refused(text, read_number, text, ".", is_grouped=False)

    def test_bounds_are_told_from_numbers(self) -> None:
        for text in ("<2.5", ">= 95", "≤ 1,7", "> 150"):
            self.assertTrue(is_bound(text))
        self.assertFalse(is_bound("2.5"))
        self.assert_refused("a few", is_bound, "< a few")

    def test_cells_of_spreadsheets(self) -> None:
        """A stored number is read with all it stores."""
        self.assertEqual(read_decimal(Number("0.33", "0.3333"), ","), Decimal("0.3333"))
        self.assertEqual(read_decimal(Number("1.234"), ","), Decimal("1.234"))
        for cell, words in (
            (Number("57%", "0.57"), "percent sign"),
            (Formula("=A1+1"), "is a formula"),
            (date(2018, 1, 1), "not a number"),
            (True, "not a number"),
            (None, "not a number"),
        ):
            self.assert_refused(words, read_decimal, cell)

    @given(whole=WHOLE, places=PLACES)
    def test_a_number_is_read_to_its_last_digit(self, whole: int, places: str) -> None:
        text = f"{whole}.{places}" if places else str(whole)
        self.assertEqual(str(read_number(text, ".")), str(Decimal(text)))
        self.assertEqual(str(read_number(text.replace(".", ","), ",")), str(Decimal(text)))

    @given(whole=WHOLE, places=PLACES)
    def test_separated_thousands_change_nothing(self, whole: int, places: str) -> None:
        ending = f".{places}" if places else ""
        expected = Decimal(f"{whole}{ending}")
        for separator in (",", " ", "\u00a0", "'"):
            text = f"{whole:,}".replace(",", separator) + ending
            self.assertEqual(read_number(text, "."), expected)

    @given(whole=WHOLE, places=PLACES, mark=st.sampled_from(".,"))
    def test_without_a_mark_it_is_the_number_that_was_meant_or_refused(
        self, whole: int, places: str, mark: str
    ) -> None:
        other = "," if mark == "." else "."
        text = f"{whole:,}".replace(",", other) + (f"{mark}{places}" if places else "")
        try:
            found = read_number(text)
        except FigureError:
            separators = [character for character in text if character in ".,"]
            self.assertEqual(len(separators), 1)
            return
        self.assertEqual(found, Decimal(f"{whole}.{places}" if places else whole))

    @given(text=st.text(max_size=20))
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        for mark in ("", ".", ","):
            try:
                self.assertTrue(read_number(text, mark).is_finite())
            except FigureError as error:
                self.assertIn("“", str(error))


class PeriodTests(FigureErrorTestCase):
    def test_cells_of_spreadsheets(self) -> None:
        self.assertEqual(read_period(Number("2018")), "2018")
        self.assertEqual(read_period(date(2018, 1, 1)), "2018-01-01")
        self.assert_refused("not a period", read_period, Number("43101"))
        self.assert_refused("is a formula", read_period, Formula("=A1"))
        for nothing in (None, True, " "):
            self.assert_refused("The period is missing.", read_period, nothing)

    def test_a_year_of_two_digits_that_is_to_come_is_of_the_century_before(self) -> None:
        self.assertEqual(read_period("31-Dec-79", "day_first"), "1979-12-31")
        self.assertEqual(read_period("31-Dec-19", "day_first"), "2019-12-31")

    def test_in_signs_and_words(self) -> None:
        for text, code in (
            *(("2018年", "2018"), ("2018년", "2018"), ("2018年6月", "2018-06")),
            *(("2018년 12월", "2018-12"), ("2018年第1四半期", "2018-Q1"), ("2018.1/4", "2018-Q1")),
            *(("1º trimestre 2018", "2018-Q1"), ("03/2018", "2018-03"), ("2018/Fev", "2018-02")),
        ):
            self.assertEqual(read_period(text), code)
        self.assert_refused("is not a period", read_period, "2018年度")

    def test_what_is_not_certain_is_refused_as_it_stands_unless_it_is_long(self) -> None:
        for text in (
            *("18", "2018-19", "2017/18", "2015-2019", "30.06.2018", "06/07/2018", "201806"),
            *("2018/06", "2018-6", "2018-Q5", "2018Q0", "2018H3", "2018M13", "2018-02-30"),
            *("2018 [YR2019]", "2018-06-30T10:00", "fy2018", "2018e", "Total"),
        ):
            self.assert_refused("is not a period|is ambiguous", read_period, text)
            self.assertFalse(is_period(text))
        self.assert_refused("^.{,200}$", read_period, "2018" * 25_000)

    @given(text=st.text(max_size=15))
    def test_what_is_read_is_a_code(self, text: str) -> None:
        try:
            code = read_period(text)
        except FigureError:
            return
        self.assertEqual(periods.parse(code).code, code)


class QualityTests(FigureErrorTestCase):
    def test_codes_and_names_of_sdmx_in_english_and_french(self) -> None:
        self.assertEqual({code for code, _label in CODE_CHOICES}, CODES)
        self.assertEqual(len(CODES), 20)
        for code, label in CODE_CHOICES:
            self.assertEqual(read_sdmx_status(code.lower()), (code, ""))
            self.assertEqual(read_sdmx_status(str(label)), (code, ""))
            columns = status_columns(code)
            self.assertEqual(stated_code(*columns.values(), comment=""), code)
        self.assertEqual(set(LABELS), CODES)
        collected = "les données existent mais n'ont pas été collectées"
        for code, texts in {
            "": ("",),
            "A": ("Normal value", "valeur normale"),
            "B": ("Rupture de série",),
            "E": ("Estimated value", "VALEUR ESTIMEE"),
            "F": ("Forecast value",),
            "I": ("Imputed value (CCSA definition)",),
            "L": (f"Valeur manquante ; {collected}",),
            "O": ("Missing value", "missing"),
            "P": ("Provisional value",),
            "S": ("Strike and other special events",),
            "U": ("Faible fiabilité",),
        }.items():
            for text in texts:
                with self.subTest(text):
                    self.assertEqual(read_sdmx_status(text), (code, ""))
        for text in ("Undefined", "undefined", "Non défini", "INDEFINI"):
            told = ("", "Observation status undefined in the source")
            self.assertEqual(read_sdmx_status(text), told, "left open, and kept in words")

    def test_each_name_is_of_one_code(self) -> None:
        named = [*LABELS.values(), UNDEFINED]
        folded = [label for labels in named for label in {*map(fold, labels)}]
        self.assertEqual(len(folded), len(set(folded)))

    def test_the_code_of_a_value_from_before_codes_were_kept(self) -> None:
        for status, comment, code in (
            ("M", "a note; Missing: suppressed", "Q"),
            ("M", "Missing; In the file as multiples of 10^3.", "O"),
            ("M", "", ""),
            ("A", "Definition differs", "D"),
            ("A", "Missing: suppressed", "A"),
            ("E", "Definition differs", "E"),
        ):
            with self.subTest(status, comment=comment):
                self.assertEqual(stated_code(status, "", comment), code)
        self.assertEqual(code_label(""), "Missing (source code not kept)")

    def test_flags_of_eurostat(self) -> None:
        for flags, expected in (
            ("e", ("E", "")),
            ("bp", ("B", "Provisional")),
            ("s", ("E", "Estimated by Eurostat")),
            ("r", ("", "Revised")),
            ("z", ("M", "Not applicable")),
            ("de", ("E", "Definition differs")),
            ("n", ("N", "")),
        ):
            self.assertEqual(read_eurostat_flags(flags), expected)

    def test_what_is_unknown_or_confidential_is_refused(self) -> None:
        for read, text, words in (
            (read_sdmx_status, "Y", "not a status"),
            (read_sdmx_status, "quite good", "not a status"),
            (read_eurostat_flags, "x", "not a flag"),
            (read_eurostat_flags, "c", "confidential"),
        ):
            self.assert_refused(words, read, text)
