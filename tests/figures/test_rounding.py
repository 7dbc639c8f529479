"""A figure given with more or fewer digits is the same figure, and makes no revision."""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext

from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from recommendations.actions.imports.figures.matching import decimals, is_same_figure
from recommendations.models import AuditEvent, ImportRun
from tests.figures.base import FiguresTestCase
from tests.figures.files import long_csv

NUMBERS = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places),
    st.integers(-(10**12), 10**12),
    st.integers(0, 6),
)
ROUNDINGS = st.sampled_from([ROUND_HALF_UP, ROUND_HALF_EVEN])


def to_places(number: Decimal, places: int, how: str) -> Decimal:
    return number.quantize(Decimal((0, (1,), -min(places, decimals(number)))), how)


class SameFigureTests(SimpleTestCase):
    def test_what_is_the_same_figure_and_what_is_not(self) -> None:
        for one, other, expected in (
            ("12.50", "12.5", True),
            ("12.34", "12.3", True),
            ("12.35", "12.3", True),  # half to even
            ("12.35", "12.4", True),  # half up
            ("12.36", "12.3", False),
            ("12.3", "12.4", False),
            ("0.3", "0", True),
            ("-0.6", "0", False),
            ("1234", "1200", False),  # digits before the mark are as given
            ("123456", "1E+5", False),
            ("0.30000000000000004", "0.3", True),
            ("12345678901234567890123456789012.4", "12345678901234567890123456789012", True),
            ("12345678901234567890123456789012.6", "12345678901234567890123456789012", False),
        ):
            with self.subTest(one=one, other=other):
                self.assertIs(is_same_figure(Decimal(one), Decimal(other)), expected)
        self.assertIs(is_same_figure(None, None), True)
        self.assertIs(is_same_figure(Decimal(0), None), False)  # missing is never 0

    @given(NUMBERS, NUMBERS)
    def test_it_does_not_matter_which_came_first(self, one: Decimal, other: Decimal) -> None:
        self.assertIs(is_same_figure(one, one), True)
        self.assertIs(is_same_figure(one, other), is_same_figure(other, one))

    @given(NUMBERS, st.integers(0, 6), st.integers(0, 6), ROUNDINGS, ROUNDINGS)
    def test_all_roundings_of_one_number_are_the_same_figure(
        self, number: Decimal, one: int, other: int, how: str, otherwise: str
    ) -> None:
        rounded, again = to_places(number, one, how), to_places(number, other, otherwise)
        self.assertIs(is_same_figure(number, rounded), True)
        if decimals(rounded) != decimals(again):
            self.assertIs(is_same_figure(rounded, again), True)

    @given(NUMBERS, st.integers(0, 6), st.integers(1, 10**6))
    def test_another_last_digit_is_a_change_at_whatever_precision(
        self, number: Decimal, places: int, steps: int
    ) -> None:
        rounded = to_places(number, places, ROUND_HALF_UP)
        changed = rounded + steps * Decimal((0, (1,), -decimals(rounded)))
        self.assertIs(is_same_figure(rounded, changed), False)
        self.assertIs(is_same_figure(number, changed + steps.bit_length()), False)


class SinglePrecisionTests(SimpleTestCase):
    def test_digits_by_chance_and_digits_that_count(self) -> None:
        for one, other, expected in (
            ("0.032196828", "0.032196827", True),
            ("1.526601023", "1.5266011", True),
            ("-1.526601023", "-1.5266011", True),
            ("1.526601", "1.526602", False),  # one in the seventh digit
            ("0.5", "0.50000009", True),
            ("0.5", "-0.5", False),
            ("8", "9", False),
            ("2759", "2760", False),
            ("16777216", "16777217", False),
            ("16777216.0", "16777217.0", False),
            ("0", "0.0000000001", True),  # it rounds to the coarser
            ("0.0", "0.0000000001", True),
            ("0.00", "0.01", False),
        ):
            with self.subTest(one=one, other=other):
                same = is_same_figure(Decimal(one), Decimal(other), is_single_precision=True)
                self.assertIs(same, expected)

    @given(st.decimals("1e-20", "1e20", allow_nan=False), st.integers(1, 9))
    def test_only_less_than_one_in_the_seventh_digit_is_noise(
        self, number: Decimal, tenths: int
    ) -> None:
        unit = Decimal((0, (1,), number.adjusted() - 6))
        with localcontext(prec=100):
            near, far = number + unit * tenths / 10, number + unit * (tenths + 1)
        is_whole = number == number.to_integral_value() or near == near.to_integral_value()
        if not is_whole and near.adjusted() == number.adjusted():
            self.assertIs(is_same_figure(number, near, is_single_precision=True), True)
            self.assertIs(is_same_figure(near, number, is_single_precision=True), True)
        if far.adjusted() == number.adjusted() and decimals(far) == decimals(number):
            self.assertIs(is_same_figure(number, far, is_single_precision=True), False)
        whole, next_one = number.to_integral_value(), number.to_integral_value() + 1
        if whole != next_one:
            self.assertIs(is_same_figure(whole, next_one, is_single_precision=True), False)


class RoundedImportTests(FiguresTestCase):
    def test_noise_of_single_precision_is_no_revision_where_the_format_has_it(self) -> None:
        head = "Entity,Code,Year,Net"
        first = ("Namibia,NAM,1996,0.032196828", "Kenya,KEN,1996,1.526601023", "Kenya,KEN,1997,8")
        second = ("Namibia,NAM,1996,0.032196827", "Kenya,KEN,1996,1.5266011", "Kenya,KEN,1997,9")
        self.indicator = self.make_indicator("NOISE", title="Net")
        self.run_import(long_csv(*first, header=head), by=self.manager)
        done = self.run_import(long_csv(*second, header=head), by=self.manager)
        self.assertEqual((done.rounded, done.revised), (2, 1))
        self.indicator = self.make_indicator("DOUBLE")
        plain = "name,iso3,period,value"
        self.run_import(long_csv(*first, header=plain), by=self.manager)
        done = self.run_import(long_csv(*second, header=plain), by=self.manager)
        self.assertEqual(done.revised, 3)

    def test_the_same_figures_at_another_precision_are_no_revisions_either_way(self) -> None:
        fine = long_csv("NAM,2019,12.3461", "NAM,2020,7.25", "KEN,2019,20.5", "KEN,2020,21")
        coarse = long_csv("NAM,2019,12.3", "NAM,2020,7.2", "KEN,2019,20.5", "KEN,2020,21.0")
        for first, second in ((fine, coarse), (coarse, fine)):
            with self.subTest(first=first):
                self.indicator = self.make_indicator("FINE" if first is fine else "COARSE")
                self.run_import(first, by=self.manager)
                held, events = self.held(), AuditEvent.objects.count()
                done = self.run_import(second, by=self.manager)
                counts = (done.new, done.revised, done.unchanged, done.rounded)
                self.assertEqual(counts, (0, 0, 2, 2))
                self.assertEqual((self.held(), AuditEvent.objects.count()), (held, events))
                both = {done.roundings[0].before, done.roundings[0].after}
                self.assertEqual(both, {Decimal("12.3461"), Decimal("12.3")})

    def test_true_changes_among_rounded_figures_are_revisions_and_all_are_counted(self) -> None:
        self.run_import(long_csv(*(f"NAM,{year},{year - 2000}.26" for year in range(2015, 2020))))
        changes = ("NAM,2015,15.4", "NAM,2016,61.26", "NAM,2017,16")
        done = self.run_import(long_csv(*changes, "NAM,2018,18.3", "NAM,2019,19.26"))
        self.assertEqual((done.revised, done.rounded, done.unchanged), (3, 1, 1))
        run = ImportRun.objects.latest("pk")
        self.assertEqual((run.revised, run.unchanged), (3, 2))
        self.assertIn('"rounded":[null,1]', AuditEvent.objects.latest("sequence").payload)

    def test_terms_are_compared_as_the_value_is_and_words_and_missing_values_not(self) -> None:
        terms, status = "iso3,period,value,numerator,denominator", "iso3,period,value,status"
        for header, first, second, counts in (
            (
                terms,
                ("NAM,2019,50,1.04,2.1", "KEN,2019,50,1,2"),
                ("NAM,2019,50,1.0,2.1", "KEN,2019,50,1.6,3"),
                (1, 1),
            ),
            (status, ("NAM,2018,0,", "KEN,2018,<2.5,"), ("NAM,2018,,M", "KEN,2018,<2.51,"), (0, 2)),
        ):
            self.run_import(long_csv(*first, header=header), accept_doubts=True)
            done = self.run_import(long_csv(*second, header=header), accept_doubts=True)
            self.assertEqual((done.rounded, done.revised), counts)
