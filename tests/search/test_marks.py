"""What is marked in a text: whole words that were found, as they are written there."""

from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from recommendations.search.marks import parts_of
from recommendations.search.queries import parse


def hits(text: str, searched: str) -> list[str]:
    return [part for part, is_hit in parts_of(text, parse(searched)) if is_hit]


class MarkTests(SimpleTestCase):
    def test_words_are_marked_as_they_are_written(self) -> None:
        for text, searched, expected in (
            ("The Côte d’Ivoire", "cote", ["Côte"]),
            ("Implementation now", "impl", ["Implementation"]),
            ("Implementation now", '"impl"', []),
            ("A phrase of words, phrase", '"phrase of"', ["phrase of"]),
            ("建立产品认证系统", "认证", ["认证"]),
            ("e\u0301valuation", "eval", ["e\u0301valuation"]),
            ("co-operation", "co-operation", ["co-operation"]),
            ("Nothing here", "thing", []),
        ):
            with self.subTest(searched):
                self.assertEqual(hits(text, searched), expected)

    def test_hits_that_overlap_are_marked_once(self) -> None:
        self.assertEqual("".join(hits("one two three", '"one two" "two three"')), "one two three")

    @given(st.text(max_size=30), st.text(max_size=8))
    def test_the_text_stays_as_it_is(self, text: str, searched: str) -> None:
        parts = parts_of(text, parse(searched))
        self.assertEqual("".join(part for part, _is_hit in parts), text)
