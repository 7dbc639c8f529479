"""Documents as PDF: tagged, of any script, with texts that are never read as markup."""

import subprocess
import unicodedata
from unittest.mock import patch

from django.test import SimpleTestCase, override_settings

from recommendations.exports.briefings import typesetting
from recommendations.exports.briefings.typesetting import (
    MOST_OF_ADDRESS,
    Bar,
    BriefingTimeoutError,
    Column,
    Document,
    Facts,
    Heading,
    Line,
    Note,
    Number,
    Numbers,
    Part,
    Points,
    Run,
    Table,
    Term,
    Terms,
    Text,
    Texts,
    as_json,
    font_for,
    fonts,
    language_of,
    typeset,
)
from tests.briefings.documents import ARABIC, CHINESE, languages_of, pdf_of, tags_of, texts_in

SHAPE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M8 2 14 14H2z"'
    ' fill="currentColor"/></svg>'
)
THAI = "\u0e44\u0e17\u0e22"
MARKUP = '#read("/etc/passwd") @label $x$ \\ *b* _i_ `r` = h <l> // c /* c */ [#panic()] "'
LONG = "word " * 2000
UNBROKEN = "x" * 10_000
UNSEEN_MARKS = [
    mark
    for mark in map(chr, range(0x110000))
    if unicodedata.category(mark) in {"Cc", "Cf", "Cs", "Me", "Zl", "Zp", "Zs"}
]
"""Whatever an older database may hold that has no shape, or one around others."""


def document(
    *blocks: object, heading: str = "A title", address: str = "https://e.org/"
) -> Document:
    return Document(
        reference="REP-1",
        mark="REP-1",
        heading=heading,
        address=address,
        day="Status of 26 November 2026",
        demonstration="Demonstration",
        audience="Internal",
        blocks=blocks,
    )


def line(text: str) -> Line:
    return (Run(text),)


def prose(*texts: str) -> Text:
    return Text(tuple(map(line, texts)))


def every_run(text: str) -> Line:
    """One of each look."""
    tones = ("amber", "assured", "blue", "green", "grey", "none", "plain", "red", "violet")
    chips = [Run(text, tone, SHAPE, is_chip=True, is_strong=True) for tone in tones]
    changes = [Run(text, change=change) for change in ("added", "removed")]
    linked = Run(text, address="https://e.org/")
    return (Run(text, is_strong=True), Run(text, is_quiet=True), *changes, linked, *chips)


def every_block(text: str) -> tuple[object, ...]:
    """One of each kind that shows the text wherever it can."""
    one, runs = line(text), every_run(text)
    return (
        Text((one,), "lead"),
        Text((one, one), "small"),
        Note((one, runs), "amber"),
        Note((one,)),
        Facts((Term((one,), (one, runs)), Term((one,), (line("b"),)))),
        Numbers(one, (Number("3", (runs,)), Number("", (one,)))),
        Heading(one),
        Heading(runs, 3),
        Points(((one, runs), (one,))),
        Terms((Term((one,), (one, one)), Term((), ()))),
        Bar((Part(3, one), Part(1, one), Part(0, one))),
        Bar((Part(0, one),)),
        Text((runs,)),
        Table(
            (Column((line("One"),), 3), Column((line("Two"),), is_number=True)),
            (((one,), (runs, one)), ((), (one,))),
        ),
    )


class TypesettingTests(SimpleTestCase):
    def test_it_is_tagged_named_in_its_languages_and_on_a4(self) -> None:
        blocks = (*every_block("Some text"), prose(ARABIC), prose(CHINESE))
        pdf = pdf_of(typeset(document(*blocks)))
        self.assertTrue(pdf.Root.MarkInfo.Marked)
        self.assertEqual(str(pdf.Root.Lang), "en")
        self.assertEqual(str(pdf.docinfo["/Title"]), "REP-1 A title")
        self.assertTrue(pdf.Root.ViewerPreferences.DisplayDocTitle)
        self.assertIn(b"<pdfuaid:part>1</pdfuaid:part>", pdf.Root.Metadata.read_bytes())
        tags = {"/H1", "/H2", "/P", "/L", "/LI", "/Table", "/TH", "/TD", "/Link"}
        self.assertLessEqual(tags, set(tags_of(pdf)))
        self.assertLessEqual({"en", "ar", "zh"}, languages_of(pdf))
        size = [round(float(edge)) for edge in pdf.pages[0].mediabox]
        self.assertEqual(size, [0, 0, 595, 842])

    def test_markup_is_text(self) -> None:
        asked = document(*every_block(MARKUP), heading=MARKUP)
        self.assertIn(MARKUP, set(texts_in(as_json(asked)["blocks"])))
        # What would be run as markup would read files, or end the program.
        pdf = pdf_of(typeset(asked))
        self.assertEqual(str(pdf.docinfo["/Title"]), f"REP-1 {MARKUP}")

    def test_other_scripts_and_long_texts_are_there_to_their_end(self) -> None:
        text = f"{ARABIC} {CHINESE} English"
        cells = ((line(LONG),), (line(UNBROKEN),))
        table = Table((Column((line("One"),), 1), Column((line("Two"),), 1)), (cells,))
        blocks = (
            *every_block(text),
            prose(LONG),
            prose(UNBROKEN),
            table,
        )
        self.assertGreater(len(pdf_of(typeset(document(*blocks, heading=text))).pages), 5)
        made = as_json(document(prose(ARABIC, CHINESE, "Ω Ж é ﷺ № हिन्दी")))
        self.assertNotIn("[not shown]", " ".join(texts_in(made["blocks"])))
        self.assertEqual(len(made["blocks"]), 1)

    def test_what_no_font_has_is_told_and_never_a_box(self) -> None:
        asked = document(
            prose(f"Before {THAI} after"),
            heading="\U0001f642",
        )
        made = as_json(asked)
        texts = list(texts_in(made["blocks"]))
        self.assertIn("Before [not shown] after", texts)
        self.assertIn("Noto Emoji, Noto Sans Thai", texts[1])
        self.assertEqual(made["heading"], "[not shown]")
        typeset(asked)  # PDF/UA has no place for a box: it would be refused

    def test_what_has_no_shape_is_left_out_and_never_refused(self) -> None:
        for mark in ("\ufeff", "\ufff9", "\ufffa", "\ufffb", "\u070f", "\U00013430"):
            made = as_json(
                document(
                    prose(f"{mark}Be{mark}fore{mark}"),
                    heading=mark,
                )
            )
            self.assertEqual(list(texts_in(made["blocks"][-1]["lines"])), ["Before"])
            self.assertEqual(len(made["blocks"]), 1)
        asked = "".join(f" x{mark}y" for mark in UNSEEN_MARKS)
        typeset(document(*every_block(asked), heading=asked, address=f"https://e.org/{asked}"))

    def test_a_long_address_ends_and_an_unbroken_text_gets_places_to_break_at(self) -> None:
        address = "https://e.org/?" + "&".join(["text=a"] * 100)
        made = as_json(
            document(
                prose("Text"),
                address=address,
            )
        )
        self.assertLess(len(made["address"].replace("\u200b", "")), MOST_OF_ADDRESS + 2)
        self.assertTrue(made["address"].endswith("…"))
        texts = Texts(fonts().characters)
        broken = str(texts.ready("x" * 50))
        self.assertLess(max(map(len, broken.split("\u200b"))), 13)
        for text, ready in (
            ("x" * 40, "x" * 40),
            ("a\u1680b\u200dc", "a b\u200dc"),
            # Vowels of Thaana, and a sign around a letter, have a shape and need a font.
            ("a\u20e0, \u0780\u07a6", "a[not shown], [not shown]"),
        ):
            self.assertEqual(texts.ready(text), ready)

    def test_language_and_font_of_a_text(self) -> None:
        for text, language in (
            ("25% of", ""),
            (ARABIC, "ar"),
            (f"1. {CHINESE}", "zh"),
            (f"DSR-2 {ARABIC}", "ar"),
            (f"DSR-2 {CHINESE}", "zh"),
            (f"English DSR-2 {CHINESE}", ""),
            ("\u30c7\u30b8\u30bf\u30eb", "ja"),
            ("\u6771\u4eac\u306e", "ja"),
            ("\ud55c\uad6d", "ko"),
            ("\u05e9\u05dc\u05d5\u05dd", "he"),
            ("", ""),
        ):
            with self.subTest(text=text):
                self.assertEqual(language_of(text), language)
        for character, font in (
            ("\u0e44", "Noto Sans Thai"),
            ("\u1200", "Noto Sans Ethiopic"),
            ("\U00020000", "Noto Sans CJK"),
            ("\u2603", "Noto Sans Symbols"),
            ("\U0001f642", "Noto Emoji"),
        ):
            self.assertEqual(font_for(character), font)


class LimitTests(SimpleTestCase):
    def test_what_takes_too_long_and_a_fault_of_the_typesetter_are_errors(self) -> None:
        failed = subprocess.CalledProcessError(1, ["typst"], stderr=b"error: no such font")
        slow = patch.object(typesetting, "MOST_SECONDS", 0.01)
        broken = patch.object(typesetting.subprocess, "run", side_effect=failed)
        for fault, error, words in (
            (slow, BriefingTimeoutError, ""),
            (broken, RuntimeError, "no such font"),
        ):
            with fault, self.assertRaisesMessage(error, words):
                typeset(document(prose("Text")))

    def test_folders_of_the_site_are_searched_besides_and_one_font_is_required(self) -> None:
        with override_settings(BRIEFING_FONTS=["/nowhere"]):
            self.assertEqual(fonts().folders[-1], "/nowhere")
        self.assertTrue(typesetting.is_installed())
        with patch.object(typesetting, "REQUIRED", "No Such Font"):
            self.assertFalse(typesetting.is_installed())
