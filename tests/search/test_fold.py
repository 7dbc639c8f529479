"""Folded texts: what a search takes for the same, what stays apart, and what is marked of it."""

from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from recommendations.search.fold import (
    LONGEST_WORD,
    compound_of,
    compounds_in,
    folded,
    spans_in,
    words_in,
)
from recommendations.search.queries import parse, parts_of
from tests.search.base import wide

ANY = st.text(max_size=40)
MIXED = st.text(
    "aÀé e\u0301İ\u0131ß\u017f-\u2010' 測試がｶﾞア한हिन्ดไทย\uff11\uff21ﬁ\u200b\u00ad\x00", max_size=30
)


def words(text: str) -> list[str]:
    return words_in(folded(text))


class FoldTests(SimpleTestCase):
    def test_case_accents_and_forms_make_no_difference(self) -> None:
        for one, other in (
            ("Évaluation", "EVALUATION"),
            ("e\u0301valuation", "évaluation"),
            (wide("DSR-12"), "dsr-12"),
            ("co\u2011operation", "co-operation"),
            ("co\u00adoperation", "cooperation"),
            ("Straße", "STRASSE"),
            ("Łódź", "lodz"),
            ("İstanbul", "istanbul"),
            ("ΟΔΟΣ", "οδος"),
            ("ﬁnance", "finance"),
            ("ｶﾞｽ", "ガス"),
            ("か\u3099", "が"),
            ("مُحَمَّد", "محمد"),
        ):
            with self.subTest(one):
                self.assertEqual(words(one), words(other))

    def test_letters_that_only_look_alike_stay_apart(self) -> None:
        for one, other in (("か", "が"), ("कि", "की"), ("a", "\u0430"), ("測", "测")):
            with self.subTest(one):
                self.assertNotEqual(words(one), words(other))

    def test_what_divides_words(self) -> None:
        """Signs do, and scripts without spaces are taken letter by letter; long words are cut."""
        for text, found in (
            ("a_b/c.d, e—f (g)", list("abcdefg")),
            ("AI政策を見る", ["ai", "政", "策", "を", "見", "る"]),
            ("한국어 हिन्दी", ["한국어", "हिन्दी"]),
            ("x" * 500, ["x" * LONGEST_WORD]),
            ("a\x00b\ud800c\uffff", ["a", "b", "c"]),
        ):
            self.assertEqual(words(text), found)

    def test_what_hyphens_and_apostrophes_join_is_a_word_too(self) -> None:
        self.assertEqual(compounds_in("a follow-up in côte d’ivoire"), ["followup", "divoire"])
        self.assertEqual(compound_of("follow-up"), "followup")
        self.assertEqual(compound_of("a follow-up"), "")

    @given(ANY | MIXED)
    def test_folding_twice_changes_nothing(self, text: str) -> None:
        self.assertEqual(folded(folded(text)), folded(text))

    @given(ANY | MIXED)
    def test_a_word_is_its_own_only_word(self, text: str) -> None:
        for word in words(text):
            self.assertEqual(words(word), [word])
            self.assertNotRegex(word, r"[\s\"'\\%:*&|()\x00-\x1f]")

    @given(ANY | MIXED)
    def test_words_are_placed_in_the_text_in_order(self, text: str) -> None:
        last = 0
        for _word, start, end in spans_in(text):
            self.assertLess(start, end)
            self.assertLessEqual(last, start)
            last = start


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
            ("A patent, patented", "patents", ["patent"]),
            ("Policies of a policy", "policy", ["Policies", "policy"]),
            ("A patent", '"patents"', []),
        ):
            with self.subTest(searched):
                self.assertEqual(hits(text, searched), expected)

    def test_hits_that_overlap_are_marked_once(self) -> None:
        self.assertEqual("".join(hits("one two three", '"one two" "two three"')), "one two three")

    @given(st.text(max_size=30), st.text(max_size=8))
    def test_the_text_stays_as_it_is(self, text: str, searched: str) -> None:
        parts = parts_of(text, parse(searched))
        self.assertEqual("".join(part for part, _is_hit in parts), text)
