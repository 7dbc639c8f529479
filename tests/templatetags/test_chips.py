"""Chips and icons as pages show them."""

from datetime import date

from django.test import SimpleTestCase

from recommendations.choices import Assurance, Confidence, ImplementationStatus, Stance, UpdateState
from recommendations.templatetags import chips
from recommendations.templatetags.icons import SHAPES, svg
from tests.templatetags.text import text_of


class ChipTests(SimpleTestCase):
    def test_every_code_has_a_chip_that_says_its_word_and_kind(self):
        for chip, vocabulary in (
            (chips.status_chip, ImplementationStatus),
            (chips.confidence_chip, Confidence),
            (chips.assurance_chip, Assurance),
            (chips.stance_chip, Stance),
            (chips.state_chip, UpdateState),
        ):
            for code, label in vocabulary.choices:
                with self.subTest(code=code):
                    html = chip(code)
                    self.assertTrue(text_of(html).endswith(f": {label}"), html)
                    self.assertIn("<svg", html)

    def test_nothing_is_no_report_yet(self):
        self.assertEqual(text_of(chips.status_chip(None)), "Status: No report yet")
        self.assertEqual(text_of(chips.status_chip("")), "Status: No report yet")

    def test_continuous_ones_are_in_effect(self):
        html = chips.status_chip("implemented", is_continuous=True)
        self.assertEqual(text_of(html), "Status: Implemented (continuing)")

    def test_what_waits_is_only_reported(self):
        html = chips.status_chip("implemented", is_reported=True)
        self.assertEqual(text_of(html), "Status: Reported as “Implemented”, awaiting verification")

    def test_on_track_without_a_date_says_so(self):
        html = chips.confidence_chip("green", has_date=False)
        self.assertEqual(text_of(html), "Confidence: On track (no target date)")

    def test_a_rating_out_of_date_keeps_its_word_and_day(self):
        html = chips.confidence_chip("red", is_out_of_date=True, rated_on=date(2026, 6, 30))
        self.assertEqual(text_of(html), "Confidence: Off track, rating of 30 Jun 2026")

    def test_nothing_to_show_shows_nothing(self):
        self.assertEqual(chips.assurance_chip(""), "")
        self.assertEqual(chips.contradicted_chip(0), "")
        self.assertEqual(chips.demonstration_chip(False), "")

    def test_words_are_escaped(self):
        self.assertIn("&lt;i&gt;", chips.chip("<i>"))

    def test_an_unknown_code_or_icon_fails_loudly(self):
        self.assertRaises(ValueError, chips.status_chip, "finished")
        self.assertRaises(KeyError, svg, "unicorn")

    def test_every_icon_is_hidden_from_readers_by_ear(self):
        for name in SHAPES:
            self.assertIn('aria-hidden="true"', svg(name))
