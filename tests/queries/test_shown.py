"""What a page showed: carried whole and signed, compared part by part, told in words."""

from django.core import signing
from django.test import SimpleTestCase

from recommendations.queries.shown import LONGEST, MOST_CARRIED, SALT, Shown, ShownPart


def shown(about: str = "update-1", **values: str) -> Shown:
    """Parts whose labels and texts follow from their values; ``__`` in a name divides it."""
    parts = (
        ShownPart(name.replace("__", "/"), name.title(), value, f"The {value}" if value else "")
        for name, value in values.items()
    )
    return Shown(about, tuple(parts))


def sent(token: str, pk: int = 1) -> Shown:
    return Shown.sent({f"shown-update-{pk}": token}, "update", pk)


class TokenTests(SimpleTestCase):
    def test_what_a_page_carries_comes_back_whole(self) -> None:
        page = shown(title="Größe", text="Line\nline “𝄞” </script>")
        self.assertEqual(page.field_name, "shown-update-1")
        self.assertEqual(sent(page.token), page)

    def test_what_is_damaged_or_of_something_else_shows_nothing(self) -> None:
        token = shown(title="a").token
        for wrong in (
            *("", "x", ":", "\0", "\ud800", token[:-1], f"{token}x", token * 2, "9" * 100_000),
            shown("update-2", title="a").token,
            signing.dumps(["update-1", [["title", "Title", "a", "a"]]]),
            *(
                signing.dumps(held, salt=SALT)
                for held in ("text", ["update-1", [["title"]]], ["update-1"], None)
            ),
        ):
            with self.subTest(ascii(wrong[:40])):
                self.assertEqual(sent(wrong), Shown("update-1", ()))
        nothing = Shown.sent({}, "update", 1)
        self.assertEqual(nothing, Shown("update-1", ()))
        self.assertEqual(nothing.changes(shown(title="a")), [], "without saying in what")

    def test_of_a_very_long_text_a_digest_is_carried_that_no_text_can_pass_for(self) -> None:
        words = " ".join(str(number) for number in range(30_000))
        page = shown(text=words)
        self.assertLess(len(page.token), 2 * MOST_CARRIED)
        self.assertIsNone(sent(page.token).changes(page))
        [change] = sent(page.token).changes(shown(text=f"{words}.")) or []
        self.assertTrue(change.before.startswith("The 0 1 2"))
        digest = sent(page.token).parts[0].value
        self.assertTrue(digest.startswith("\0"), "readable texts hold no such character")


class ChangesTests(SimpleTestCase):
    def told(self, before: Shown, now: Shown) -> list[tuple[str, str, str]]:
        changes = before.changes(now)
        assert changes is not None
        return [(change.label, change.before, change.after) for change in changes]

    def test_each_part_that_differs_is_told_with_both_its_texts(self) -> None:
        german, english, other = (
            Shown("update-1", (ShownPart("state", *part),))
            for part in (
                ("Stand", "done", "Erledigt"),
                ("State", "done", "Completed"),
                ("State", "open", "Completed"),
            )
        )
        link = {"title": "a", "link": "paper", "link__file": "f"}
        without, linked = shown(title="a"), shown(**link, link__url="u")
        for before, now, expected in (
            (shown(title="a", text=""), shown(title="a", text=""), None),
            # Values are compared, and not the words for them.
            (german, english, None),
            (german, other, [("State", "Erledigt", "Completed")]),
            (
                shown(title="a", text="b", day="c"),
                shown(title="a", text="x", day=""),
                [("Text", "The b", "The x"), ("Day", "The c", "")],
            ),
            # What came or went as a whole is told once.
            (without, linked, [("Link", "", "The paper")]),
            (linked, without, [("Link", "The paper", "")]),
            (linked, shown(**link, link__url="v"), [("Link__Url", "The u", "The v")]),
        ):
            with self.subTest(expected):
                if expected is None:
                    self.assertIsNone(before.changes(now))
                else:
                    self.assertEqual(self.told(before, now), expected)

    def test_of_a_long_text_the_place_where_it_differs(self) -> None:
        before = shown(text="word " * 500 + "ten people " + "end " * 500)
        now = shown(text="word " * 500 + "two people " + "end " * 500)
        [(_label, old, new)] = self.told(before, now)
        self.assertIn("ten people", old)
        self.assertIn("two people", new)
        for text in (old, new):
            self.assertTrue(text.startswith("…") and text.endswith("…"), text)
            self.assertLess(len(text), LONGEST + 10)
        longer = shown(text="word " * 500 + "ten people " + "end " * 500 + "and one more")
        [(_label, old, new)] = self.told(before, longer)
        self.assertTrue(new.endswith("and one more") and not old.endswith("one more"), (old, new))
        [(_label, old, new)] = self.told(before, shown(text=""))
        self.assertEqual((old[:8], new), ("The word", ""))
