"""Folded texts: what a search takes for the same, and what stays apart."""

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

    def test_signs_divide_words(self) -> None:
        self.assertEqual(words("a_b/c.d, e—f (g)"), list("abcdefg"))

    def test_scripts_without_spaces_are_taken_letter_by_letter(self) -> None:
        self.assertEqual(words("AI政策を見る"), ["ai", "政", "策", "を", "見", "る"])
        self.assertEqual(words("한국어 हिन्दी"), ["한국어", "हिन्दी"])

    def test_what_hyphens_and_apostrophes_join_is_a_word_too(self) -> None:
        self.assertEqual(compounds_in("a follow-up in côte d’ivoire"), ["followup", "divoire"])
        self.assertEqual(compound_of("follow-up"), "followup")
        self.assertEqual(compound_of("a follow-up"), "")

    def test_a_long_word_is_cut(self) -> None:
        self.assertEqual(words("x" * 500), ["x" * LONGEST_WORD])

    def test_nothing_that_cannot_be_stored_is_left(self) -> None:
        self.assertEqual(words("a\x00b\ud800c\uffff"), ["a", "b", "c"])

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
