"""Periods: the six forms that are read, their days and order, and how files spell them."""

import calendar
from collections.abc import Callable
from datetime import date, timedelta

from django.test import SimpleTestCase
from hypothesis import assume, given
from hypothesis import strategies as st

from recommendations.periods import MONTHS, Period, PeriodKind, add_months, normalise, parse

CODES = (
    # A code, its kind, its first and its last day.
    ("2018", PeriodKind.YEAR, date(2018, 1, 1), date(2018, 12, 31)),
    ("2018-S1", PeriodKind.HALF_YEAR, date(2018, 1, 1), date(2018, 6, 30)),
    ("2018-S2", PeriodKind.HALF_YEAR, date(2018, 7, 1), date(2018, 12, 31)),
    ("2018-Q1", PeriodKind.QUARTER, date(2018, 1, 1), date(2018, 3, 31)),
    ("2018-Q3", PeriodKind.QUARTER, date(2018, 7, 1), date(2018, 9, 30)),
    ("2018-Q4", PeriodKind.QUARTER, date(2018, 10, 1), date(2018, 12, 31)),
    ("2018-06", PeriodKind.MONTH, date(2018, 6, 1), date(2018, 6, 30)),
    ("2018-12", PeriodKind.MONTH, date(2018, 12, 1), date(2018, 12, 31)),
    ("2019-02", PeriodKind.MONTH, date(2019, 2, 1), date(2019, 2, 28)),
    ("2020-02", PeriodKind.MONTH, date(2020, 2, 1), date(2020, 2, 29)),
    ("2018-06-30", PeriodKind.DAY, date(2018, 6, 30), date(2018, 6, 30)),
    ("2018-W01", PeriodKind.WEEK, date(2018, 1, 1), date(2018, 1, 7)),
    ("2020-W53", PeriodKind.WEEK, date(2020, 12, 28), date(2021, 1, 3)),
    ("2021-W01", PeriodKind.WEEK, date(2021, 1, 4), date(2021, 1, 10)),
    ("9999-12", PeriodKind.MONTH, date(9999, 12, 1), date(9999, 12, 31)),
)
NONE = (
    *("", " ", "18", "20188", "2018-", "2018-S0", "2018-S3", "2018-Q0", "2018-Q5", "2018-q1"),
    *("2018S1", "2018-6", "2018-6-1", "2018-06-1", "2018-06-30T00:00", " 2018", "2018 ", "2018\n"),
    *("\u0662\u0660\u0661\u0668", "2018/06", "2018-W5", "2018W05", "2018-A1", "2018-T1"),
)
NO_SUCH_DAY = (
    *("2018-00", "2018-13", "2018-02-29", "2018-04-31", "2018-06-00", "0000"),
    *("2018-W00", "2018-W53", "2018-W54", "9999-W52"),
)


def containing(day: date, kind: PeriodKind) -> Period:
    """The period of a kind in which a day lies, worked out from the calendar."""
    week = day.isocalendar()
    code = {
        PeriodKind.YEAR: f"{day.year:04}",
        PeriodKind.HALF_YEAR: f"{day.year:04}-S{(day.month + 5) // 6}",
        PeriodKind.QUARTER: f"{day.year:04}-Q{(day.month + 2) // 3}",
        PeriodKind.MONTH: f"{day.year:04}-{day.month:02}",
        PeriodKind.WEEK: f"{week.year:04}-W{week.week:02}",
        PeriodKind.DAY: day.isoformat(),
    }[kind]
    return parse(code)


DAYS = st.dates(date(1, 1, 8), date(9999, 12, 20))
"""Not to the end of the calendar, where a week ends after it."""
KINDS = st.sampled_from(PeriodKind)
PERIODS = st.builds(containing, DAYS, KINDS)


class PeriodTestCase(SimpleTestCase):
    def assert_refused(self, read: Callable[[str], object], words: str, *texts: str) -> None:
        """Each by its name, with the reason."""
        for text in texts:
            with self.subTest(text), self.assertRaises(ValueError) as refusal:
                read(text)
            self.assertIn(f"“{text}” {words}", str(refusal.exception))


class ParseTests(PeriodTestCase):
    def test_each_form(self):
        for code, kind, first, last in CODES:
            with self.subTest(code):
                self.assertEqual(parse(code), Period(code, first, last))
                self.assertEqual(parse(code).kind, kind)
        self.assertEqual({kind for _code, kind, *_days in CODES}, set(PeriodKind))
        self.assertEqual((parse("2020").days, parse("1900").days), (366, 365))

    def test_anything_else_is_refused_by_name(self):
        self.assert_refused(parse, "is not a period", *NONE)
        self.assert_refused(parse, "is not a period: no such day", *NO_SUCH_DAY)

    @given(day=DAYS, kind=st.sampled_from(list(MONTHS)))
    def test_a_day_is_of_the_period_around_it_where_its_kind_is_stated(self, day, kind):
        self.assertEqual(normalise(day.isoformat(), kind), containing(day, kind).code)

    @given(day=DAYS, kind=KINDS)
    def test_the_period_around_a_day_is_of_that_kind_and_is_the_same_for_all_its_days(
        self, day, kind
    ):
        period = containing(day, kind)
        self.assertEqual((period.kind, parse(period.code)), (kind, period))
        self.assertLessEqual(period.first_day, day)
        self.assertLessEqual(day, period.last_day)
        self.assertEqual(containing(period.first_day, kind), period)
        self.assertEqual(containing(period.last_day, kind), period)

    @given(period=PERIODS)
    def test_those_of_a_kind_tile_the_calendar(self, period):
        # The calendar of the machine begins with year 1 and ends with 9999.
        assume(date.min < period.first_day and period.last_day < date.max)
        following = containing(period.last_day + timedelta(days=1), period.kind)
        self.assertEqual(following.first_day - period.last_day, timedelta(days=1))
        before = containing(period.first_day - timedelta(days=1), period.kind)
        self.assertEqual(period.first_day - before.last_day, timedelta(days=1))


class OrderTests(SimpleTestCase):
    def test_by_the_last_day_and_the_shorter_first(self):
        expected = ["2017", "2018-Q3", "2018-12-30", "2018-12-31", "2018-12", "2018-Q4"]
        expected += ["2018-S2", "2018", "2019-W01"]
        self.assertEqual([p.code for p in sorted(map(parse, reversed(expected)))], expected)

    @given(one=PERIODS, other=PERIODS, third=PERIODS)
    def test_it_is_total(self, one, other, third):
        self.assertEqual([one < other, one == other, one > other].count(True), 1)
        low, middle, high = sorted([one, other, third])
        self.assertLessEqual(low, middle)
        self.assertLessEqual(low, high)
        self.assertLessEqual(low.last_day, high.last_day)


class NormaliseTests(PeriodTestCase):
    def test_usual_spellings(self):
        for code, spellings in {
            "2018": "2018|2018A|2018-A|2018A1|2018-A1|2018.0|YR2018|2018 [YR2018]| 2018 |\uff12018",
            "2018-S1": "2018-S1|2018S1|2018H1|2018-H1|2018 H1|2018h1|H1 2018|S1-2018",
            "2018-Q3": "2018-Q3|2018Q3|2018 Q3|2018q3|Q3 2018|Q3/2018|2018\u2013Q3|2018Q3\n",
            "2018-06": "2018-06|2018M06|2018M6|2018-M06|2018-M6|2018m06|M06 2018",
            "2018-W05": "2018-W05|2018W05|2018W5|2018-w5",
            "2018-06-30": "2018-06-30|20180630|2018/06/30|2018-06-30 00:00:00|2018-06-30T00:00:00Z",
            "2010-11": "2010-11",
        }.items():
            for text in spellings.split("|"):
                with self.subTest(text):
                    self.assertEqual(normalise(text), code)

    def test_anything_else_is_refused_by_name(self):
        self.assert_refused(
            normalise,
            "is ambiguous",
            *("2010/11", "2018/19", "2012-13", "2018-19", "2018-2019", "FY2018", "fy 2018/19"),
            *("2018-6", "2018/06", "2018.06", "2018.5", "201106", "2018T2", "2018-T2"),
            *("06/07/2018", "30.06.2018", "1-2-18", "18Q3", "18-Q3", "Q3-18", "Jun-18"),
        )
        self.assert_refused(
            normalise,
            "is not a period: Write 2018",
            *("", "..", "n/a", "18", "20188", "2018Q", "2018Q5", "2018M", "2018-A2", "2018X1"),
            *("2018 [YR2019]", "2018-06-30 12:00", "2018Q3 p", "year 2018"),
        )
        self.assert_refused(
            normalise,
            "is not a period: no such day",
            *("2018W53", "2018M13", "20180231", "2018/02/29", "0000"),
        )

    @given(period=PERIODS)
    def test_a_code_stays_as_it_is(self, period):
        self.assertEqual(normalise(period.code), period.code)
        self.assertEqual(normalise(f" {period.code.lower()}\t"), period.code)

    @given(period=PERIODS)
    def test_a_code_without_its_dashes_is_the_same_unless_two_things_are_meant(self, period):
        if period.kind != PeriodKind.MONTH:
            self.assertEqual(normalise(period.code.replace("-", "")), period.code)

    @given(text=st.text(max_size=12) | st.text("0123456789-/.QSMWAHTYR []", max_size=12))
    def test_any_text_is_read_or_refused_and_never_anything_else(self, text):
        try:
            code = normalise(text)
        except ValueError:
            return
        self.assertEqual(parse(code).code, code)


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
