"""What tags and filters write: chips, bars, dates, differences, form fields, numbers, links."""

import random
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory, SimpleTestCase, override_settings
from django.utils.html import strip_tags

from recommendations.choices import Assurance, Confidence, ImplementationStatus, Stance, UpdateState
from recommendations.templatetags import chips, counts, texts
from recommendations.templatetags.chips import SHAPES, svg
from recommendations.templatetags.counts import pagination
from recommendations.templatetags.texts import Piece, is_rewritten, number, pieces, text_diff

CHIPS: dict[Any, Any] = {
    chips.status_chip: ImplementationStatus,
    chips.confidence_chip: Confidence,
    chips.assurance_chip: Assurance,
    chips.stance_chip: Stance,
    chips.state_chip: UpdateState,
}
LATE = {"is_out_of_date": True, "rated_on": date(2026, 6, 30)}
TODAY, SEPTEMBER = date(2026, 11, 24), date(2026, 9, 30)
EVENING = datetime(2026, 11, 23, 20, 4, tzinfo=UTC)


def text_of(html: str) -> str:
    """What a reader sees of rendered tags."""
    return " ".join(strip_tags(html).split())


def days_before(days: int) -> date:
    return TODAY - timedelta(days=days)


@override_settings(TIME_ZONE="Asia/Tokyo")
class WordTests(SimpleTestCase):
    def test_what_is_read(self):
        status, confidence = chips.status_chip, chips.confidence_chip
        for html, words in (
            (status(None), "Status: No report yet"),
            (status(""), "Status: No report yet"),
            (status("implemented", is_continuous=True), "Status: Implemented (continuing)"),
            (
                status("implemented", is_reported=True),
                "Status: Reported as “Implemented”, awaiting verification",
            ),
            (confidence("green", has_date=False), "Confidence: On track (no target date)"),
            (confidence("red", **LATE), "Confidence: Off track Rated 30 Jun 2026"),
            (confidence("red", is_out_of_date=True), "Confidence: Off track Rating out of date"),
            *((nothing, "") for nothing in (chips.assurance_chip(""), chips.contradicted_chip(0))),
            (chips.demonstration_chip(False), ""),
            (texts.day(SEPTEMBER), "30 September 2026"),
            (texts.short_day(SEPTEMBER), "30 Sep 2026"),
            (texts.known_day(SEPTEMBER, "year"), "2026"),
            (texts.known_day(SEPTEMBER, "month"), "September 2026"),
            (texts.known_day(SEPTEMBER, "day"), "30 September 2026"),
            *((of(None), "") for of in (texts.day, texts.short_day, texts.timestamp)),
            *((of(None, TODAY), "") for of in (texts.day_with_age, texts.timestamp_with_age)),
            (texts.age(None, TODAY), ""),
            (texts.age(days_before(1), None), ""),
            (texts.age(days_before(0), TODAY), "today"),
            (texts.age(days_before(1), TODAY), "yesterday"),
            (texts.age(days_before(-1), TODAY), "tomorrow"),
            (texts.age(days_before(54), TODAY), "54 days ago"),
            (texts.age(days_before(-400), TODAY), "in 400 days"),
            # Times are in the time zone of the site.
            (texts.timestamp(EVENING), "24 November 2026, 05:04"),
            (texts.timestamp_with_age(EVENING, TODAY), "24 November 2026, 05:04, today"),
            (number(2759), "2,759"),
            (number(Decimal("1234.5"), 2), "1,234.50"),
            (number(0), "0"),
            (number(None), "–No data"),  # never 0
        ):
            with self.subTest(words):
                self.assertEqual(text_of(html), words)
        self.assertIn('datetime="2026-11-24T05:04+09:00"', texts.timestamp(EVENING))
        self.assertEqual(texts.minutes(timedelta(minutes=14, seconds=1)), 15)  # rounded up

    def test_every_code_has_a_chip_that_says_its_word_and_kind(self):
        for chip, vocabulary in CHIPS.items():
            for code, label in vocabulary.choices:
                with self.subTest(code=code):
                    html = chip(code)
                    self.assertTrue(text_of(html).endswith(f": {label}"), html)
                    self.assertIn("<svg", html)

    def test_words_are_escaped_and_an_unknown_code_or_icon_fails_loudly(self):
        self.assertIn("&lt;i&gt;", chips.chip("<i>"))
        self.assertRaises(ValueError, chips.status_chip, "finished")
        self.assertRaises(KeyError, svg, "unicorn")
        for name in SHAPES:  # which are hidden from readers by ear
            self.assertIn('aria-hidden="true"', svg(name))


class CountTests(SimpleTestCase):
    def test_pieces_follow_one_another_and_fill_the_bar(self):
        bar = counts.status_bar({"implemented": 1, "": 2, "superseded": 1}, {"implemented": 1})
        shown = [(p.code, p.number, p.start, p.width) for p in bar["pieces"] if p.number]
        self.assertEqual(
            shown,
            [
                ("implemented", 1, "0.00%", "25.00%"),
                ("none", 2, "25.00%", "50.00%"),
                ("closed", 1, "75.00%", "25.00%"),
            ],
        )
        self.assertEqual(bar["openings"], 1)
        narrow = counts.status_bar({"implemented": 95, "in_progress": 5})["pieces"]
        self.assertEqual([p.has_room for p in narrow if p.number], [True, False])

    def test_links_to_other_pages_keep_the_filters(self):
        request = RequestFactory().get("/", {"page": "2", "status": ["a b", "c"], "text": ""})
        found = pagination(Context({"request": request}), Paginator(range(100), 10).page(2))
        self.assertEqual(found["next"], "status=a+b&status=c&page=3")
        self.assertEqual(found["links"][0]["query"], "status=a+b&status=c&page=1")


class DiffTests(SimpleTestCase):
    """Differences between texts: nothing lost, nothing unescaped, nothing slow."""

    def test_long_texts_are_bounded(self):
        before = time.monotonic()
        text_diff("a " * 100_000, "b " * 100_000)
        text_diff("\n".join(map(str, range(1_500))), "\n".join(map(str, range(3, 1_503))))
        self.assertLess(time.monotonic() - before, 5)

    def test_phrases_stay_together_and_scripts_without_spaces_go_by_character(self):
        for old, new, found in (
            (
                "The permit is delayed.",
                "The permit was granted.",
                [Piece("The permit ", "is delayed", "was granted"), Piece(".", "", "")],
            ),
            ("数字发展差距", "数字的差距", [Piece("数字", "发展", "的"), Piece("差距", "", "")]),
            ("", "two words", [Piece("", "", "two words")]),
            ("two words", "", [Piece("", "two words", "")]),
            ("", "", []),
        ):
            with self.subTest(old):
                self.assertEqual(pieces(old, new), found)

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

    def test_it_is_escaped_and_heard(self):
        same = text_diff("<b>bold</b> one two three", "<b>bold</b> one two four")
        self.assertIn("&lt;b&gt;bold", same)
        self.assertNotIn("<b>", same)
        html = text_diff("safe", "<b>bold</b>")
        for heard in ("&lt;b&gt;", "removed:", "added:"):
            self.assertIn(heard, html)
        blocks = text_diff("one two three four five six", "<i>seven eight nine ten</i> eleven")
        self.assertIn("&lt;i&gt;seven", blocks)
        self.assertLess(blocks.index("Before"), blocks.index("After"))
        for text in ("same", ""):
            self.assertHTMLEqual(text_diff(text, text), f'<span class="prose">{text}</span>')


class ExampleForm(forms.Form):
    title = forms.CharField(help_text="Short.")
    day = forms.DateField(required=False)
    status = forms.ChoiceField(choices=ImplementationStatus.choices, widget=forms.RadioSelect)


class FieldTests(SimpleTestCase):
    def shown(self, source: str, data: Any = None) -> str:
        return Template(source).render(Context({"form": ExampleForm(data)}))

    def test_label_hint_and_error_are_tied_to_the_control(self):
        html = self.shown("{% field form.title %}", {})
        for tied in (
            '<label for="id_title">',
            'aria-describedby="id_title_helptext id_title_error"',
            'id="id_title_helptext"',
            'id="id_title_error"',
            'aria-invalid="true"',
        ):
            self.assertIn(tied, html)
        html = self.shown('{% field form.status icons="status" hint="Current version" %}')
        self.assertIn('aria-describedby="id_status_helptext"', html)
        self.assertIn("<legend>", html)
        for each in ('type="radio"', "<svg"):
            self.assertEqual(html.count(each), len(ImplementationStatus))

    def test_the_summary_leads_to_each_field(self):
        html = self.shown('{% error_summary form "And this." %}', {})
        self.assertIn('<a href="#id_title">Title: Enter the value.</a>', html)
        self.assertIn('href="#id_status_0"', html)
        self.assertIn("And this.", html)
        self.assertNotIn("role", self.shown("{% error_summary form %}"))
