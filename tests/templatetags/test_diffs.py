"""Differences between texts: nothing lost, nothing unescaped, nothing slow."""

import random
import time

from django.test import SimpleTestCase

from recommendations.templatetags.diffs import Piece, is_rewritten, pieces, text_diff


class PiecesTests(SimpleTestCase):
    def test_phrases_stay_together(self):
        found = pieces("The permit is delayed.", "The permit was granted.")
        self.assertEqual(found, [Piece("The permit ", "is delayed", "was granted"), (".", "", "")])

    def test_both_texts_can_be_put_together_again(self):
        chance = random.Random(7)
        for _round in range(50):
            old, new = (
                "".join(chance.choice("ab .,\n差距") for _letter in range(chance.randrange(60)))
                for _text in range(2)
            )
            found = pieces(old, new)
            self.assertEqual("".join(piece.same + piece.removed for piece in found), old)
            self.assertEqual("".join(piece.same + piece.added for piece in found), new)

    def test_scripts_without_spaces_are_compared_by_character(self):
        found = pieces("数字发展差距", "数字的差距")
        self.assertEqual(found, [Piece("数字", "发展", "的"), Piece("差距", "", "")])

    def test_long_texts_are_bounded(self):
        before = time.monotonic()
        text_diff("a " * 100_000, "b " * 100_000)
        text_diff("\n".join(map(str, range(1_500))), "\n".join(map(str, range(3, 1_503))))
        self.assertLess(time.monotonic() - before, 5)


class TextDiffTests(SimpleTestCase):
    def test_a_text_that_is_new_or_gone_is_marked_as_a_whole(self):
        self.assertEqual(pieces("", "two words"), [Piece("", "", "two words")])
        self.assertEqual(pieces("two words", ""), [Piece("", "two words", "")])
        self.assertEqual(pieces("", ""), [])

    def test_is_escaped_and_heard(self):
        html = text_diff("safe", "<b>bold</b>")
        self.assertNotIn("<b>", html)
        self.assertIn("&lt;b&gt;", html)
        self.assertIn("removed:", html)
        self.assertIn("added:", html)

    def test_texts_that_share_less_than_half_of_their_words_stand_as_blocks(self):
        old = "The contract was awarded in August and waits for parts."
        near = "The contract was awarded in October and waits for money."
        far = "Stations one and two run since 9 November."
        for before, after, is_far in (
            (old, near, False),
            (old, far, True),
            (old, old, False),
            (old, "", False),
            ("", far, False),
            ("3 May", "4 June", False),  # too short to be read apart
        ):
            with self.subTest(before=before, after=after):
                found = pieces(before, after)
                self.assertEqual(is_rewritten(found, before, after), is_far)
                self.assertEqual("rewritten" in text_diff(before, after), is_far)

    def test_blocks_are_escaped_and_say_which_is_which(self):
        html = text_diff("one two three four five six", "<i>seven eight nine ten</i> eleven")
        self.assertIn("&lt;i&gt;seven", html)
        self.assertLess(html.index("Before"), html.index("After"))

    def test_equal_texts_have_no_marks(self):
        self.assertHTMLEqual(text_diff("same", "same"), '<span class="prose">same</span>')
        self.assertHTMLEqual(text_diff("", ""), '<span class="prose"></span>')
