"""What `python -m tests.catalogues` refuses."""

from unittest import TestCase

from tests.catalogues import messages, unfit


class UnfitTests(TestCase):
    def test_a_word_that_no_office_prints_is_refused_in_each_form_of_a_message(self) -> None:
        [one] = unfit(["It was handed in by somebody."])
        self.assertIn("'handed in'", one)
        self.assertEqual(len([*unfit([("%(n)s thing", "%(n)s things")])]), 2)
        self.assertEqual([*unfit(["Understand the handling of outstanding amendments."])], [])

    def test_a_fragment_is_refused(self) -> None:
        for text in (" and ", ", by %(name)s ", "of "):
            self.assertEqual(len([*unfit([text])]), 1, text)

    def test_what_pages_say_is_fit(self) -> None:
        self.assertEqual([*unfit(messages())], [])
