"""Columns of our own: text that can be shown safely, and numbers kept digit for digit."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers import deserialize, serialize
from django.test import SimpleTestCase
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from recommendations.models import Area, Evidence, Indicator, Target
from recommendations.models.fields import PROSE_LENGTH, ExactField, validate_readable
from tests.base import LONG_AGO, TrackerTestCase, World

EXACT = "12345678901234567.123456"


def is_readable(text: str) -> bool:
    try:
        validate_readable(text)
    except ValidationError:
        return False
    return True


class ReadableTests(SimpleTestCase):
    def test_text_of_any_script_passes(self):
        for text in (
            *("", "Ça va?", "报告", "تقرير", "דו״ח", "👩‍🌾"),
            *("a\tb\nc\r\n", "e\u0301", "\u200f"),
        ):
            with self.subTest(text):
                self.assertTrue(is_readable(text))

    def test_what_cannot_be_shown_safely_is_refused_and_named(self):
        for character in "\x00\x07\x1b\x7f\x85\u202a\u202e\ufeff\ufffa\u2066\u2069\ud800":
            name = f"U+{ord(character):04X}"
            with self.subTest(name), self.assertRaises(ValidationError) as refusal:
                validate_readable(f"ab{character}c")
            [message] = refusal.exception.messages
            self.assertIn(f"Character 3 ({name})", message)

    @given(text=st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=50))
    def test_only_controls_surrogates_and_overrides_are_refused(self, text):
        overrides = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
        overrides |= set("\ufeff\ufff9\ufffa\ufffb\ufffe\uffff")
        self.assertEqual(is_readable(text), not overrides & set(text))


class TextFieldTests(TrackerTestCase):
    def errors(self, **values: object) -> list[str]:
        item = Evidence(
            **{"slug": "x", "title": "X", "kind": "document", "citation": "x", **values}
        )
        item.recorded_at = LONG_AGO
        try:
            item.full_clean(exclude=["recorded_by"])
        except ValidationError as error:
            return list(error.message_dict)
        return []

    def test_a_line_is_one_line_of_bounded_length(self):
        self.assertEqual(self.errors(title="x" * 300), [])
        for title in ("x" * 301, "a\nb", "a\rb", "a\u202eb", ""):
            with self.subTest(title[:5]):
                self.assertEqual(self.errors(title=title), ["title"])

    def test_prose_has_lines_and_a_bound(self):
        self.assertEqual(self.errors(citation="a\nb"), [])
        self.assertEqual(self.errors(citation="x" * PROSE_LENGTH), [])
        for citation in ("x" * (PROSE_LENGTH + 1), "a\x00b", "a\u2066b"):
            with self.subTest(citation[:5]):
                self.assertEqual(self.errors(citation=citation), ["citation"])


class ExactNumberTests(SimpleTestCase):
    field = ExactField(null=True)

    def test_text_integers_and_decimals_are_read_as_they_are_written(self):
        for value, read in (
            (EXACT, EXACT),
            ("0.10", "0.10"),
            ("-5", "-5"),
            (7, "7"),
            (Decimal("1.500"), "1.500"),
            (" 3 ", "3"),
        ):
            with self.subTest(value=value):
                self.assertEqual(str(self.field.to_python(value)), read)

    def test_nothing_is_nothing_and_not_zero(self):
        self.assertIsNone(self.field.to_python(None))
        self.assertIsNone(self.field.to_python(""))
        self.assertEqual(self.field.to_python("0"), Decimal(0))

    def test_what_is_not_an_exact_number_is_refused(self):
        values: list[Any] = [1.5, float("nan"), "many", "1,5", "NaN", "sNaN", "Infinity", [], {}]
        for value in values:
            with self.subTest(value=value), self.assertRaises(ValidationError):
                self.field.to_python(value)

    def test_numbers_without_end_are_refused_before_they_are_written_out(self):
        for value in ("1E+999999999", "1E-999999999", "0E+999999999", "0E-999999999", "9" * 61):
            with self.subTest(value[:14]), self.assertRaises(ValidationError) as refusal:
                self.field.to_python(value)
            self.assertEqual(refusal.exception.code, "too_long")


def number(digits: int, places: int) -> Decimal:
    return Decimal(f"{digits}E-{places}")


NUMBERS = st.builds(number, st.integers(-(10**30), 10**30), st.integers(0, 20))


class StoredNumberTests(World, HypothesisTestCase):
    """What goes into the table comes out of it, on each engine."""

    indicator: Indicator
    area: Area

    @classmethod
    def setUpTestData(cls):
        cls.indicator, cls.area = cls.make_indicator(), cls.make_area()

    def stored(self, value: Decimal) -> Target:
        made = Target.objects.create(
            indicator=self.indicator,
            area=self.area,
            kind="target",
            period="2030",
            value=value,
            recorded_at=LONG_AGO,
        )
        return Target.objects.get(pk=made.pk)

    @given(value=NUMBERS)
    @example(Decimal(EXACT))
    @example(Decimal("0"))
    @example(Decimal("-0.10"))
    @example(Decimal("0.0000000000000000000001"))
    @example(Decimal("9" * 60))
    def test_every_digit_is_kept(self, value):
        found = self.stored(value).value
        self.assertIsInstance(found, Decimal)
        self.assertEqual(found, value)
        self.assertEqual(format(found, "f").lstrip("-"), format(value, "f").lstrip("-"))

    @given(value=NUMBERS)
    def test_it_survives_being_dumped_and_loaded(self, value):
        target = self.stored(value)
        [loaded] = deserialize("json", serialize("json", [target]))
        found: Any = loaded.object
        self.assertEqual(format(found.value, "f"), format(target.value or Decimal(0), "f"))
