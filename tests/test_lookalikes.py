"""Names that look alike, and names of one script and of those that are written together."""

# ruff: noqa: RUF001 (letters that look like others are what this is about)

from django.test import SimpleTestCase

from recommendations.lookalikes import folded, mixed_word, skeleton

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
