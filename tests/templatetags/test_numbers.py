"""Numbers as pages show them."""

from decimal import Decimal

from django.test import SimpleTestCase

from recommendations.templatetags.numbers import number
from tests.templatetags.text import text_of


class NumberTests(SimpleTestCase):
    def test_grouped(self):
        self.assertEqual(number(2759), "2,759")
        self.assertEqual(number(Decimal("1234.5"), 2), "1,234.50")
        self.assertEqual(number(0), "0")

    def test_missing_is_never_0(self):
        self.assertEqual(text_of(number(None)), "–No data")
