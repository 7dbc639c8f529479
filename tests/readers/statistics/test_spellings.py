"""Periods in the spellings of offices and programs."""

from __future__ import annotations

from datetime import date
from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st

from recommendations import periods
from recommendations.readers import Formula, Number
from recommendations.readers.statistics.figures import Refused
from recommendations.readers.statistics.spellings import is_period, read_period

DAYS = st.dates(min_value=date(1000, 1, 1))


class SpellingTests(TestCase):
    def test_spellings_of_the_same_period(self) -> None:
        for code, spellings in (
            ("2018", ("2018", " 2018 ", "2018.0", "2018-A1", "2018A", "2018 [YR2018]")),
            ("2018-S1", ("2018-S1", "2018S1", "2018H1", "2018-H1", "2018 h1")),
            ("2018-Q3", ("2018-Q3", "2018Q3", "2018q3", "2018 Q3", "Q3 2018", "Q3/2018")),
            ("2018-06", ("2018-06", "2018M06", "2018-M06", "2018m6")),
            ("2018-06-30", ("2018-06-30", "2018/06/30", "2018-06-30T00:00:00", "2018-06-30 00:00")),
        ):
            for spelling in spellings:
                with self.subTest(spelling):
                    self.assertEqual(read_period(spelling), code)
                    self.assertTrue(is_period(spelling))

    def test_cells_of_spreadsheets(self) -> None:
        self.assertEqual(read_period(Number("2018")), "2018")
        self.assertEqual(read_period(date(2018, 1, 1)), "2018-01-01")
        for cell, words in (
            (Number("43101"), "not a period"),
            (Formula("=A1"), "is a formula"),
            (None, "no period"),
            (True, "no period"),
            (" ", "no period"),
        ):
            with self.subTest(cell), self.assertRaises(Refused) as refusal:
                read_period(cell)
            self.assertIn(words, str(refusal.exception))

    def test_what_is_not_certain_is_refused_as_it_stands(self) -> None:
        for text in (
            *("18", "2018-19", "2017/18", "2015-2019", "30.06.2018", "06/07/2018", "201806"),
            *(
                "2018/06",
                "2018-6",
                "2018-Q5",
                "2018Q0",
                "2018H3",
                "2018M13",
                "2018-02-30",
                "June 2018",
            ),
            *("2018 [YR2019]", "2018-06-30T10:00", "fy2018", "2018e", "Total"),
        ):
            with self.subTest(text), self.assertRaises(Refused) as refusal:
                read_period(text)
            self.assertRegex(str(refusal.exception), "is not a period|more than one period")
            self.assertFalse(is_period(text))

    def test_a_long_text_is_no_period_and_is_not_repeated(self) -> None:
        with self.assertRaises(Refused) as refusal:
            read_period("2018" * 25_000)
        self.assertLess(len(str(refusal.exception)), 200)

    @given(day=DAYS)
    def test_every_spelling_means_the_period_of_its_code(self, day: date) -> None:
        year, month = f"{day.year:04}", day.month
        quarter, half = (month + 2) // 3, (month + 5) // 6
        for spelling, code in (
            (f"{year}Q{quarter}", f"{year}-Q{quarter}"),
            (f"Q{quarter} {year}", f"{year}-Q{quarter}"),
            (f"{year}H{half}", f"{year}-S{half}"),
            (f"{year}S{half}", f"{year}-S{half}"),
            (f"{year}M{month:02}", f"{year}-{month:02}"),
            (f"{year}m{month}", f"{year}-{month:02}"),
            (f"{year}/{month:02}/{day.day:02}", day.isoformat()),
        ):
            self.assertEqual(read_period(spelling), code)

    @given(text=st.text(max_size=15))
    def test_what_is_read_is_a_code(self, text: str) -> None:
        try:
            code = read_period(text)
        except Refused:
            return
        self.assertEqual(periods.parse(code).code, code)
