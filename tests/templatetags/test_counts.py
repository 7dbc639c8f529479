"""Counts by status and confidence."""

from django.test import SimpleTestCase

from recommendations.templatetags.counts import count_strip


class CountStripTests(SimpleTestCase):
    def test_no_report_is_counted_apart(self):
        parts = count_strip("status", {"": 1, "not_started": 2})["parts"]
        found = [(part.number, part.label) for part in parts]
        self.assertEqual(found, [(2, "Not started"), (1, "No report yet")])

    def test_bars_only_from_ten(self):
        self.assertFalse(count_strip("status", {"": 9})["has_bar"])
        self.assertTrue(count_strip("status", {"": 10})["has_bar"])

    def test_continuous_and_out_of_date_are_named(self):
        parts = count_strip("status", {"implemented": 3}, continuous=1)["parts"]
        self.assertEqual([part.number for part in parts], [1, 2])
        parts = count_strip("confidence", {"red": 1}, out_of_date={"red": 2})["parts"]
        self.assertEqual(parts[1].label, "Off track, rating out of date")
        self.assertEqual(parts[1].start, 1)
