"""Names of places and of people: what is the same, what must stay apart, what only looks alike."""

# ruff: noqa: RUF001 (letters that look like others are what this is about)

from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from recommendations.lookalikes import folded, mixed_word, skeleton
from recommendations.names import core, fold, key

WORDS = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"]), min_size=1, max_size=8)


SAME = (
    # Case, accents, punctuation and shortenings make no difference.
    ("Côte d’Ivoire", "COTE D'IVOIRE"),
    ("São Tomé & Príncipe", "Sao Tome and Principe"),
    ("St. Lucia", "Saint  Lucia"),
    ("Türkiye", "Turkiye"),
    ("Åland Islands", "aland is."),
    ("Lao People's Dem. Rep.", "Lao People’s Democratic Republic"),
    ("Guinea-Bissau", "Guinea Bissau"),
    ("Færøerne", "Faeroerne"),
    ("Росси\u0301я", "РОССИЯ"),
)
SAME_KEY = (
    # Nor does the order of words.
    ("Korea, Rep.", "Republic of Korea"),
    ("Korea, Dem. People's Rep.", "Democratic People’s Republic of Korea"),
    ("Iran, Islamic Rep.", "Iran (Islamic Republic of)"),
    ("Congo, Dem. Rep.", "Democratic Republic of the Congo"),
    ("Gambia, The", "The Gambia"),
    ("Hong Kong SAR, China", "Hong Kong SAR China"),
    ("Virgin Islands, British", "British Virgin Islands"),
)
APART = (
    "Niger|Nigeria|Guinea|Guinea-Bissau|Equatorial Guinea|Papua New Guinea|Dominica|"
    "Dominican Republic|Congo, Rep.|Congo, Dem. Rep.|Korea, Rep.|Samoa|"
    "Korea, Dem. Rep.|American Samoa|Sudan|South Sudan|Ireland|Northern Ireland|"
    "South-eastern Asia|Eastern and South-Eastern Asia"
).split("|")
SHORT = {
    # Words that many states share are left out.
    "Republic of Kenya": "Kenya",
    "Kingdom of Norway": "Norway",
    "Democratic Republic of the Congo": "Congo",
    "The Republic": "republic",
}


class NameTests(SimpleTestCase):
    def test_what_is_the_same_and_what_is_not(self):
        for one, other in SAME:
            self.assertEqual(fold(one), fold(other), one)
        for one, other in SAME_KEY:
            self.assertEqual(key(one), key(other), one)
        self.assertEqual(len(set(map(key, APART))), len(APART))
        for full, short in SHORT.items():
            self.assertEqual(core(full), fold(short), full)
        for text in ("", " ", "–", "...", "'"):
            self.assertEqual(fold(text), "")
        for name in ("中国", "الصين", "Китаи"):
            self.assertEqual(fold(name), name.casefold())

    @given(st.text(max_size=30))
    def test_only_letters_figures_and_single_spaces_are_left_and_folding_twice_is_once(self, text):
        self.assertTrue(all(word.isalnum() for word in fold(text).split(" ") if word))
        self.assertEqual(fold(text), " ".join(fold(text).split()))
        self.assertEqual(fold(fold(text)), fold(text))

    @given(st.text("abcdeé -'ÀZ", max_size=30))
    def test_case_makes_no_difference(self, text):
        self.assertEqual(fold(text.upper()), fold(text.lower()))

    @given(st.lists(WORDS, max_size=5))
    def test_a_key_is_its_own_key_and_leaves_something_of_what_says_something(self, words):
        found = key(" ".join(words))
        self.assertEqual(key(found), found)
        self.assertEqual(bool(core(" ".join(words))), bool(found))


LEGITIMATE = (
    *("ann.smith", "ann_smith-2@example.org", "José O’Neill", "D\u02bcArcy", "Łukasz"),
    *("Nguyễn Văn", "Анна Петрова", "Αλέξανδρος", "محمد", "דוד", "राम", "김철수", "王小明"),
    *("佐々木サキ", "テスト太郎", "李Ann", "박Sam", "Anna Петрова", "anna.петрова", "ＡＮＮ"),
    *("Ⅳ Anna", "a1", "", "3"),
)
MIXED = ("аnn", "Smіth", "Annα", "ра\u034ful", "An\u200bнa", "x.аdmin", "Ann Ѕmith", "аdmin1")
ALIKE = (
    *(("асе", "ace"), ("раурa1", "paypal"), ("Alice", "AIice"), ("admin", "adm\u200bin")),
    *(("ann0", "anno"), ("modern", "modem"), ("Ann  Smith", "ann smith"), ("ＡＮＮ", "ann")),
    *(("οmar", "omar"), ("ΤΟΜ", "tom"), ("staff\u3164", "staff"), ("st\ufe0faff", "staff")),
    *(("ᎪᏟᎬ", "ace"), ("soոs", "sons"), ("staƒƒ", "staff"), ("aydın", "aydin")),
)
DIFFERENT = (
    *(("ann", "anna"), ("josé", "jose"), ("bill", "bili"), ("Анна", "Инна"), ("ann1", "ann2")),
)


class LookalikeTests(SimpleTestCase):
    def test_a_word_is_of_one_script_or_of_those_written_together(self) -> None:
        for name in LEGITIMATE:
            with self.subTest(name):
                self.assertEqual(mixed_word(name), "")

    def test_other_mixes_are_found_whatever_joins_them(self) -> None:
        for name in MIXED:
            with self.subTest(name):
                self.assertTrue(mixed_word(name))
        self.assertEqual(mixed_word("Ann Ѕmith"), "Ѕmith")

    def test_what_looks_alike_has_one_skeleton_and_no_other(self) -> None:
        for one, other in ALIKE:
            with self.subTest(one):
                self.assertEqual(skeleton(one), skeleton(other))
        for one, other in DIFFERENT:
            with self.subTest(one):
                self.assertNotEqual(skeleton(one), skeleton(other))

    def test_equal_names_are_equal_however_they_are_written(self) -> None:
        self.assertEqual(folded("ＡＮＮ  Smith"), folded("ann smith"))
        self.assertNotEqual(folded("аnn"), folded("ann"))
