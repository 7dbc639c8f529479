"""Statuses of figures: codes that are kept, others in words, unknown ones refused."""

from __future__ import annotations

from unittest import TestCase

from recommendations.choices import ObsStatus
from recommendations.readers.statistics.figures import Refused
from recommendations.readers.statistics.quality import eurostat, sdmx


class QualityTests(TestCase):
    def test_codes_and_names_of_sdmx(self) -> None:
        for status in ObsStatus:
            self.assertEqual(sdmx(status.value.lower()), (status.value, ""))
            self.assertEqual(sdmx(str(status.label)), (status.value, ""))
        self.assertEqual(sdmx(""), ("", ""))

    def test_codes_that_are_not_kept_are_told_in_words(self) -> None:
        self.assertEqual(sdmx("D"), ("", "Definition differs"))
        self.assertEqual(sdmx("L"), ("M", "Missing: data exist but were not collected"))

    def test_flags_of_eurostat(self) -> None:
        for flags, expected in (
            ("e", ("E", "")),
            ("bp", ("B", "Provisional")),
            ("s", ("E", "Estimated by Eurostat")),
            ("r", ("", "Revised")),
            ("z", ("M", "Not applicable")),
        ):
            self.assertEqual(eurostat(flags), expected)

    def test_what_is_unknown_or_confidential_is_refused(self) -> None:
        for read, text, words in (
            (sdmx, "Y", "not a status"),
            (sdmx, "quite good", "not a status"),
            (eurostat, "x", "not a flag"),
            (eurostat, "c", "confidential"),
        ):
            with self.subTest(text), self.assertRaises(Refused) as refusal:
                read(text)
            self.assertIn(words, str(refusal.exception))
