"""A briefing says what its page prints, word for word, but for what is marked."""

import json
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any
from unittest import mock

from django.conf import settings
from django.test import SimpleTestCase, TestCase, override_settings
from lxml.html import fromstring

from recommendations.actions import recommendations as actions
from recommendations.exports.briefings.pages import (
    MOST_ROWS,
    NEVER,
    NOT_PRINTED,
    UnknownElementWarning,
    briefing_of,
)
from recommendations.exports.briefings.typesetting import Line, Points, Table, Terms, Text
from recommendations.models import User
from tests import factories, indicator_factories
from tests.base import World, days_ago
from tests.briefings.documents import UNSEEN, texts_in, untypeset_briefings
from tests.depth import times
from tests.views.pages import client_of

READERS = ("", "viewer", "staff", "manager", "auditor")
_WORD = re.compile(r"\w+")


SILENT = ("h1", "script", "style", "svg", "template")


def _texts(element: Any) -> Iterator[str]:
    """What a page prints of an element, read in another way than briefings do."""
    css, before = set(element.get("class", "").split()), element.getprevious()
    is_after_icon = before is not None and before.tag == "svg" and not (before.tail or "").strip()
    is_heard = "visually-hidden" in css and not is_after_icon
    is_hidden = css & NOT_PRINTED or {NEVER, "hidden"} & {*element.keys()}
    if is_heard or is_hidden or element.tag in SILENT:
        return
    yield element.text or ""
    for each in element:
        yield from _texts(each)
        yield each.tail or ""


def printed(page: str) -> Counter[str]:
    """The words that a page prints below its heading."""
    return Counter(_WORD.findall(" ".join(_texts(fromstring(page).find(".//main")))))


def told(made: dict[str, Any]) -> Counter[str]:
    """The words of the blocks of a briefing, without places to break at."""
    text = " ".join(texts_in(made["blocks"], UNSEEN)).replace("\u200b", "")
    return Counter(_WORD.findall(text))


@override_settings(PUBLIC_PAGES=True)
class SameWordsTests(World, TestCase):
    """For every reader, of items, sources, lists, past days, changes and the exception report."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()
        cls.found = factories.fill(cls, 6, each=3)
        indicator_factories.add_indicators(3)
        for each in cls.found[:4]:
            each.refresh_from_db()
            if each.published_at is None:
                actions.publish_recommendation(recommendation=each, by=cls.manager)

    def compare(self, page: str, briefing: str, reader: str, query: str = "") -> None:
        person: User | None = getattr(self, reader) if reader else None
        client = client_of(person)
        with self.subTest(page=page, reader=reader, query=query), untypeset_briefings():
            made = client.get(briefing + query)
            shown = client.get(page + query)
            self.assertEqual((made.status_code, shown.status_code), (200, 200))
            words, of_page = told(json.loads(made.content)), printed(shown.content.decode())
            self.assertEqual(words - of_page, Counter())
            self.assertEqual(of_page - words, Counter())

    def test_each_reader_gets_the_words_of_each_page(self) -> None:
        past = f"?as_of={days_ago(1)}&known={days_ago(0)}"
        for reader in READERS:
            for each in self.found[: times(1, 2)]:
                one = each.get_absolute_url()
                self.compare(f"{one}print/", f"{one}print/briefing/", reader)
                self.compare(f"{one}print/", f"{one}briefing/", reader, past)
            for page in ("/recommendations/", "/sources/report/"):
                self.compare(page, f"{page}briefing/", reader)
                self.compare(page, f"{page}briefing/", reader, past)
            self.compare("/recommendations/", "/recommendations/briefing/", reader, "?text=thing")

    def test_so_do_those_who_read_changes_and_exceptions(self) -> None:
        one = self.found[0].get_absolute_url()
        for reader in ("manager", "auditor"):
            self.compare("/exceptions/", "/exceptions/briefing/", reader)
            for page in (f"{one}history/changes/", "/sources/report/history/changes/"):
                # A page has the latest fifty, a briefing more.
                with mock.patch("recommendations.views.history.A_PAGE", 200):
                    self.compare(page, f"{page}briefing/", reader, f"?since={days_ago(400)}")


class MarkTests(SimpleTestCase):
    def test_what_no_style_sheet_prints_is_in_no_briefing(self) -> None:
        hidden = set()
        folder = settings.BASE_DIR / "recommendations/static/recommendations"
        for path in folder.glob("[!a]*.css"):  # not those of the administration
            text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
            if path.name != "print.css":
                text = "".join(re.findall(r"@media print \{(.*?)\n\}", text, re.DOTALL))
            for selectors in re.findall(r"([^{}]+)\{[^{}]*display: none[^{}]*\}", text):
                for each in re.split(r",(?![^(]*\))", selectors):
                    if "details" not in each:  # folds are of the reader of pages
                        hidden.add(re.findall(r"\.([\w-]+)", each)[-1])
        # The foot of a page, which no briefing has.
        self.assertEqual(hidden - {"print-only"}, set(NOT_PRINTED))


class ReadingTests(SimpleTestCase):
    def blocks(self, html: str) -> tuple[Any, ...]:
        page = f"<main><h1><span class='ref'>REP-1</span> Title</h1>{html}</main>"
        return briefing_of(page, address="https://e.org/a/", day="", audience="").blocks

    def texts(self, lines: tuple[Line, ...]) -> list[str]:
        return ["".join(run.text for run in line) for line in lines]

    def test_an_element_that_is_not_known_is_told_of_and_its_words_stay(self) -> None:
        for html in (
            "<form>Words</form>",
            "<p>Words <label>more</label></p>",
            "<p><svg class='picture'></svg></p>",
            "<ul><li><table></table></li></ul>",
            "<dl><p>Words</p></dl>",
        ):
            with self.subTest(html), self.assertRaises(UnknownElementWarning):
                self.blocks(html)
            with self.subTest(html), warnings.catch_warnings():
                warnings.simplefilter("ignore", UnknownElementWarning)
                self.assertEqual("Words" in html, "Words" in str(self.blocks(html)))
        self.assertEqual(self.blocks("<form class='screen-only'>Words</form>"), ())
        self.assertEqual(self.blocks(f"<p {NEVER}>Words</p><p hidden>More</p>"), ())

    def test_looks_of_words_and_where_they_lead(self) -> None:
        [text] = self.blocks(
            '<p>Plain <b>strong</b> <a href="../b/">link</a><small>quiet</small>'
            '<span class="chip chip-red chip-open"><svg class="icon"><path d="M8" '
            'fill="currentColor"/></svg><span><span class="visually-hidden">Heard: </span>'
            "Off track</span></span> <del>old</del> <ins>new</ins></p>"
        )
        lines = [[run for run in line if run.text.strip()] for line in text.lines]
        self.assertEqual(
            self.texts(text.lines), ["Plain strong link", "quiet", "Off track old → new"]
        )
        self.assertEqual([run.is_strong for run in lines[0]], [False, True, False])
        self.assertEqual(lines[0][2].address, "https://e.org/b/")
        chip, old, _becomes, new = lines[2]
        self.assertEqual((chip.tone, chip.is_chip, chip.text), ("red", True, "Off track"))
        self.assertIn('<path d="M8" fill="currentColor"/></svg>', chip.shape)
        self.assertEqual((old.change, new.change), ("removed", "added"))

    def test_a_sign_may_stand_on_the_next_line_with_its_word(self) -> None:
        mark = '<svg class="icon"></svg><span class="visually-hidden">Made up</span>'
        [text] = self.blocks(f"<p>Affairs<span class='quiet'>&nbsp;{mark}</span></p>")
        self.assertEqual([run.text for run in text.lines[0]], ["Affairs", " ", "Made up"])

    def test_a_long_list_or_table_ends_and_says_so(self) -> None:
        n = MOST_ROWS + 3
        for html, block in (
            (f"<ul>{'<li>One</li>' * n}</ul>", Points),
            (
                "<table><thead><tr><th>Head</th></tr></thead><tbody>"
                f"{'<tr><td>One</td></tr>' * n}</tbody></table>",
                Table,
            ),
            (f"<ul class='rows'>{'<li><div>A</div><div>B</div></li>' * n}</ul>", Terms),
        ):
            rows, rest = self.blocks(html)
            self.assertIsInstance(rows, block)
            self.assertIsInstance(rest, Text)
            self.assertEqual(self.texts(rest.lines), ["3 more entries are online."])
