"""The validator finds what is wrong, and leaves out what is there on purpose."""

from unittest import TestCase, skipUnless

from tests.browser import validator

PAGE = "<!DOCTYPE html><html lang=en><head><title>A page</title></head><body>{}</body></html>"


@skipUnless(validator.is_there(), "Java is not installed")
class ValidatorTests(TestCase):
    def test_faults_are_told_by_the_name_of_their_page(self) -> None:
        pages = {
            "fine": PAGE.format("<p>Text</p>"),
            "list in a paragraph": PAGE.format("<p>A list: <ul><li>one</li></ul></p>"),
            "kept": PAGE.format("<input type=hidden autocomplete=off name=seen value=1>"),
        }
        [fault] = validator.faults(pages)
        self.assertIn("list in a paragraph: No “p” element in scope", fault)
        self.assertEqual(validator.faults(pages, "No “p” element in scope"), [])
