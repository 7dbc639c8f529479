"""Periods: the five forms that are read, their first and last day, and nothing else."""

from __future__ import annotations

import calendar
import itertools
from datetime import date, timedelta

from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from recommendations.periods import Period, add_months, parse

DAYS = st.dates(min_value=date(1000, 1, 1))
YEARS = st.integers(1000, 9999)


class ParseTests(SimpleTestCase):
    def test_each_form(self):
        for code, first, last in (
            ("2018", date(2018, 1, 1), date(2018, 12, 31)),
            ("2018-S1", date(2018, 1, 1), date(2018, 6, 30)),
            ("2018-S2", date(2018, 7, 1), date(2018, 12, 31)),
            ("2018-Q1", date(2018, 1, 1), date(2018, 3, 31)),
            ("2018-Q3", date(2018, 7, 1), date(2018, 9, 30)),
            ("2018-Q4", date(2018, 10, 1), date(2018, 12, 31)),
            ("2018-06", date(2018, 6, 1), date(2018, 6, 30)),
            ("2018-12", date(2018, 12, 1), date(2018, 12, 31)),
            ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
            ("2018-06-30", date(2018, 6, 30), date(2018, 6, 30)),
            ("9999-12", date(9999, 12, 1), date(9999, 12, 31)),
        ):
            with self.subTest(code):
                self.assertEqual(parse(code), Period(code, first, last))

    def test_anything_else_is_refused_by_name(self):
        for code in (
            "",
            " ",
            "18",
            "20188",
            "2018-",
            "2018-S0",
            "2018-S3",
            "2018-Q0",
            "2018-Q5",
            "2018-q1",
            "2018S1",
            "2018-6",
            "2018-6-1",
            "2018-06-1",
            "2018-06-30T00:00",
            " 2018",
            "2018 ",
            "2018\n",
            "\u0662\u0660\u0661\u0668",
            "2018/06",
            "2018-W05",
        ):
            with self.subTest(code), self.assertRaises(ValueError) as refusal:
                parse(code)
            self.assertIn(f"“{code}” is not a period", str(refusal.exception))

    def test_days_that_do_not_exist_are_refused_by_name(self):
        for code in ("2018-00", "2018-13", "2018-02-29", "2018-04-31", "2018-06-00", "0000"):
            with self.subTest(code), self.assertRaises(ValueError) as refusal:
                parse(code)
            self.assertIn("no such day", str(refusal.exception))

    @given(day=DAYS)
    def test_a_day_is_in_every_period_that_is_named_after_it(self, day):
        half, quarter = (day.month + 5) // 6, (day.month + 2) // 3
        for code in (
            f"{day.year}",
            f"{day.year}-S{half}",
            f"{day.year}-Q{quarter}",
            f"{day.year}-{day.month:02}",
            day.isoformat(),
        ):
            period = parse(code)
            self.assertLessEqual(period.first_day, day)
            self.assertLessEqual(day, period.last_day)
            self.assertEqual(period.code, code)

    @given(year=YEARS)
    def test_the_parts_of_a_year_follow_each_other_without_gap_or_overlap(self, year):
        for parts in (
            [f"{year}-S{n}" for n in (1, 2)],
            [f"{year}-Q{n}" for n in (1, 2, 3, 4)],
            [f"{year}-{n:02}" for n in range(1, 13)],
        ):
            periods = [parse(code) for code in parts]
            self.assertEqual(periods[0].first_day, date(year, 1, 1))
            self.assertEqual(periods[-1].last_day, date(year, 12, 31))
            for before, after in itertools.pairwise(periods):
                self.assertEqual(after.first_day - before.last_day, timedelta(days=1))

    @given(text=st.text(max_size=12))
    def test_any_text_is_read_or_refused_and_never_anything_else(self, text):
        try:
            period = parse(text)
        except ValueError:
            return
        self.assertLessEqual(period.first_day, period.last_day)


class AddMonthsTests(SimpleTestCase):
    def test_the_last_day_of_a_shorter_month_stands_for_the_days_it_lacks(self):
        for day, months, expected in (
            (date(2024, 1, 31), 1, date(2024, 2, 29)),
            (date(2023, 1, 31), 1, date(2023, 2, 28)),
            (date(2024, 2, 29), 12, date(2025, 2, 28)),
            (date(2024, 3, 31), 6, date(2024, 9, 30)),
            (date(2024, 12, 15), 1, date(2025, 1, 15)),
            (date(2024, 12, 31), 12, date(2025, 12, 31)),
            (date(2024, 5, 5), 0, date(2024, 5, 5)),
        ):
            with self.subTest(day=day, months=months):
                self.assertEqual(add_months(day, months), expected)

    @given(day=st.dates(max_value=date(9900, 1, 1)), months=st.integers(0, 60))
    def test_it_is_that_many_months_later_on_that_day_or_the_last(self, day, months):
        later = add_months(day, months)
        self.assertEqual((later.year - day.year) * 12 + later.month - day.month, months)
        last = calendar.monthrange(later.year, later.month)[1]
        self.assertEqual(later.day, min(day.day, last))

    @given(
        day=st.dates(max_value=date(9900, 1, 1)),
        other=st.dates(max_value=date(9900, 1, 1)),
        months=st.integers(0, 60),
    )
    def test_a_later_day_is_never_moved_before_an_earlier_one(self, day, other, months):
        first, second = sorted([day, other])
        self.assertLessEqual(add_months(first, months), add_months(second, months))
