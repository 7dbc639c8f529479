"""Which code a text in a file means."""

from django.test import SimpleTestCase, override_settings
from django.utils.dates import WEEKDAYS

from recommendations.choices import AreaKind, code_of


class CodeOfTests(SimpleTestCase):
    def test_a_code_or_a_label_without_case_and_punctuation(self) -> None:
        for text in ("country", "COUNTRY", "Country or territory", " country  or-territory."):
            self.assertEqual(code_of(text, AreaKind.choices), "country", text)
        for text in ("", " ", "–", "countries", "land"):
            self.assertEqual(code_of(text, AreaKind.choices), "", text)

    def test_labels_of_every_language_of_the_site(self) -> None:
        days = [("one", WEEKDAYS[0])]
        self.assertEqual(code_of("lundi", days), "")
        with override_settings(LANGUAGES=[("en", "English"), ("fr", "French")]):
            self.assertEqual((code_of("Lundi", days), code_of("Monday", days)), ("one", "one"))
