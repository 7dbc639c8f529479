"""Parts in one cell: what is written is read again, and what belongs to no part is refused."""

from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st

from recommendations.readers.meanings import PartsError, join_parts, split_parts

TEXTS = st.text(st.sampled_from("ab ;()\n"), min_size=1, max_size=20).map(str.strip).filter(bool)
PARTS = st.lists(
    st.tuples(st.sampled_from(["a", "iv", "a.1", "Part 1", "(b)", "1)a"]), TEXTS), max_size=4
)


class PartsTests(TestCase):
    @given(PARTS)
    def test_what_is_written_is_read_again(self, parts: list[tuple[str, str]]) -> None:
        self.assertEqual(split_parts(join_parts(parts)), parts)

    def test_a_part_begins_a_line_and_its_further_lines_are_indented(self) -> None:
        cell = (
            "\n(a) Keep a register:\n  (i) of permits\n\n  (ii) of routes; and\n(2)  Publish it.\n"
        )
        texts = ["Keep a register:\n(i) of permits\n\n(ii) of routes; and", "Publish it."]
        self.assertEqual(split_parts(cell), list(zip(["a", "2"], texts, strict=True)))
        self.assertEqual(split_parts(" \n"), [])

    def test_what_has_no_label_is_refused_with_its_line(self) -> None:
        for cell, line in (
            ("Keep a register.", "Keep a register."),
            ("(a) Keep a register.\nPublish it.", "Publish it."),
            ("(a)", "(a)"),
            ("( ) Keep a register.", "( ) Keep a register."),
            ("(a)Keep a register.", "(a)Keep a register."),
        ):
            with self.subTest(cell), self.assertRaises(PartsError) as refusal:
                split_parts(cell)
            self.assertEqual(refusal.exception.line, line)
