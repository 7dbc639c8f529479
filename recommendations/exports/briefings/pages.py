"""A page as a briefing: all that it prints, but for what a template keeps out of any PDF.

It reads the elements and the classes that the templates of such pages use. One that it does not
know is an error, so that no words of a page are lost unseen.
"""

import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urljoin

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.exports.briefings.typesetting import (
    Bar,
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
)

MOST_ROWS: Final = 200
"""Rows in the list of one briefing; the export has all of them."""

NOT_PRINTED: Final = frozenset(
    {
        *("actions", "btn", "bulk-bar", "buttons", "chart-files", "chart-values", "cite-help"),
        *(
            "crumbs",
            "drop-hint",
            "field",
            "filter-bar",
            "filters",
            "flash",
            "look-back",
            "pages",
            "pick",
        ),
        *("screen-only", "skip", "tabs", "topbar"),
    }
)
"""Classes that the style sheets hide on paper."""

NEVER: Final = "data-no-pdf"
"""The mark of what is printed and stands in no PDF: what is for the office, or said by the head."""

_FOLDED = {"chart-table", "fold-small"}
_CODE = {"script", "style", "template"}
_VOID = {"br", "hr", "img", "input", "link", "meta", "wbr"}
_INLINE = {
    *("a", "abbr", "b", "bdi", "br", "cite", "del", "em", "i", "ins", "mark", "small", "span"),
    *("strong", "svg", "time", "wbr"),
}
_HOLDERS = {"article", "details", "div", "header", "main", "section", "summary"}
_BLOCKS = _HOLDERS | {"blockquote", "h2", "h3", "h4", "li", "ol", "p", "ul"}
_STRONG = {"b", "h2", "h3", "h4", "strong", "summary"}
_QUIET = {"byline", "hint", "kicker", "n", "quiet", "reasons", "rests", "signed-line", "sub"}
_CHANGES = {"del": "removed", "ins": "added"}
_DRAWN_IN_WORDS = {"chart", "share-bar", "spark"}
"""Pictures whose numbers stand beside them."""

_SPACE = re.compile(r"[ \t\r\n\f]+")
_PLAIN = Run("")
_BREAK = Run("\n")
_APART = Run(" · ", is_quiet=True)
_BECOMES = Run(" → ", is_quiet=True)

Pieces = Iterator[Run]


class UnknownElementWarning(UserWarning):
    """A page has an element that briefings do not know: it comes as plain words.

    Under test it is an error, as every warning is.
    """


def _unknown(text: str) -> None:
    warnings.warn(text, UnknownElementWarning, stacklevel=2)


class Node:
    """An element of a page; ``raw`` is an SVG as it was written."""

    def __init__(self, tag: str, attrs: dict[str, str], children: "list[Node | str]") -> None:
        self.tag, self.attrs, self.children, self.raw = tag, attrs, children, ""
        self.css = frozenset(attrs.get("class", "").split())

    @property
    def is_left_out(self) -> bool:
        """Whether it is for a screen alone, for programs, or in no PDF."""
        return bool(
            self.tag in _CODE
            or self.css & NOT_PRINTED
            or (self.tag == "details" and self.css & _FOLDED)
            or {NEVER, "hidden"} & self.attrs.keys()
        )

    @property
    def is_heard(self) -> bool:
        return "visually-hidden" in self.css

    @property
    def elements(self) -> "list[Node]":
        """The elements right in it that are shown."""
        return [
            each
            for each in self.children
            if isinstance(each, Node) and not each.is_left_out and not each.is_heard
        ]

    def all(self, tag: str = "", css: str = "", attr: str = "") -> "Iterator[Node]":
        """Every element in it, shown or not, of one tag, with a class, or with an attribute."""
        for each in self.children:
            if isinstance(each, Node):
                if each.tag == tag or css in each.css or attr in each.attrs:
                    yield each
                yield from each.all(tag, css, attr)


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Node("", {}, [])
        self.open = [self.root]
        self.drawing: Node | None = None

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if self.drawing is not None:
            self.drawing.raw += self.get_starttag_text() or ""
            return
        node = Node(tag, {name: value or "" for name, value in attrs}, [])
        self.open[-1].children.append(node)
        if tag == "svg":
            self.drawing, node.raw = node, self.get_starttag_text() or ""
        elif tag not in _VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self.drawing is not None:
            self.drawing.raw += f"</{tag}>"
            if tag == "svg":
                self.drawing = None
        elif any(node.tag == tag for node in self.open):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self.drawing is None:
            self.open[-1].children.append(data)


def briefing_of(html: str, *, address: str, day: str, audience: str) -> Document:
    """The briefing of a page at ``address``, which is of a ``day`` and for an ``audience``.

    One that is cited has the address of its citation instead.
    """
    parser = _Parser()
    parser.feed(html)
    parser.close()
    root = parser.root
    [main] = root.all("main")
    [title] = main.all("h1")
    mark = "".join(map(_words, title.all(css="ref")))
    heading = _words(title).removeprefix(mark).strip()
    cited = [node.attrs["data-cite"] for node in main.all(attr="data-cite")]
    return Document(
        reference=mark or heading,
        mark=mark,
        heading=heading,
        address=cited[0] if cited else address,
        day=day,
        demonstration=" ".join(map(_words, root.all(css="demonstration"))),
        audience=audience,
        blocks=tuple(_told(_Reader(address).blocks(main))),
    )


def _words(node: Node) -> str:
    lines = _Reader("").lines(node)
    return " ".join("".join(run.text for run in line) for line in lines).strip()


def _told(blocks: Iterable[Any]) -> Iterator[Any]:
    """Without the headings of sections of which nothing is left."""
    waiting: list[Heading] = []
    for block in blocks:
        if isinstance(block, Heading):
            waiting = [each for each in waiting if each.level < block.level] + [block]
        else:
            yield from waiting
            waiting = []
            yield block


def left_out(n: int | None) -> Text:
    """That a list is not complete, and where all of it is; ``None`` where nobody counted it."""
    words = _("Only the first are listed. Export the list to see all.")
    if n is not None:
        words = ngettext(
            "%(n)d more recommendation is not listed. Export the list to see all.",
            "%(n)d more recommendations are not listed. Export the list to see all.",
            n,
        ) % {"n": n}
    return Text(((Run(words),),), "small")


class _Reader:
    """Reads the elements of a page at ``address``, to which its links are relative."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.components: dict[str, Callable[[Node], Iterable[Any]]] = {
            "bar-key": self.bar,
            "card-decision": self.note,
            "card-facts": self.facts,
            "counts-row": self.counts,
            "lede": self.lead,
            "measures": lambda node: (x for each in node.elements for x in self.blocks(each)),
            "note": self.note,
            "timeline": self.timeline,
            **dict.fromkeys(_HOLDERS, self.blocks),
            "h1": lambda _node: (),  # the head of the document
            **dict.fromkeys(("h2", "h3", "h4"), self.heading),
            **dict.fromkeys(("p", "blockquote", "summary"), self.paragraph),
            "dl": lambda node: [Terms(tuple(self.terms(node)))],
            **dict.fromkeys(("ul", "ol"), self.list_of),
            "table": self.table,
        }
        """Elements that stand apart, and what by its class is more than its element says."""
        self.words: dict[str, Callable[[Node, Run], Iterable[Run]]] = {
            "br": lambda _node, _style: [_BREAK],
            "chip": self.chip,
            "dl": self.pairs,
            "svg": self.drawing,
        }
        """What is more than words within a line."""

    def blocks(self, node: Node) -> Iterator[Any]:
        """What stands in an element, block by block; words between blocks are paragraphs."""
        loose: list[Node | str] = []
        for each in node.children:
            if isinstance(each, str) or each.tag in _INLINE:
                loose.append(each)
                continue
            if "data-left" in each.attrs:
                n = each.attrs["data-left"]
                yield left_out(int(n) if n else None)
            if each.is_left_out or each.is_heard:
                continue
            yield from self.paragraph(Node("p", {}, loose))
            loose = []
            yield from self.block(each)
        yield from self.paragraph(Node("p", {}, loose))

    def block(self, node: Node) -> Iterator[Any]:
        named = [name for name in self.components if name in node.css]
        read = self.components.get(named[0] if named else node.tag)
        if read is None:
            _unknown(f"<{node.tag} class={node.attrs.get('class')!r}>")
            read = self.blocks
        yield from read(node)

    def heading(self, node: Node) -> Iterator[Heading]:
        if lines := self.lines(node):
            yield Heading(tuple(run for line in lines for run in line), 2 + (node.tag != "h2"))

    def paragraph(self, node: Node) -> Iterator[Text]:
        if lines := self.lines(node):
            style = "lead" if "card-asks" in node.css else "small" if node.css & _QUIET else ""
            yield Text(lines, style)

    # Components.

    def lead(self, node: Node) -> Iterator[Any]:
        for block in self.blocks(node):
            is_plain = isinstance(block, Text) and not block.style
            yield block._replace(style="lead") if is_plain else block

    def note(self, node: Node) -> Iterator[Note]:
        tones = [name.removeprefix("note-") for name in node.css if name.startswith("note-")]
        tones = [tone for tone in tones if tone in ("amber", "red", "green", "blue", "grey")]
        if lines := self.lines(node):
            yield Note(lines, tones[0] if tones else "")

    def facts(self, node: Node) -> Iterator[Facts]:
        yield Facts(tuple(self.terms(node)))

    def counts(self, node: Node) -> Iterator[Numbers]:
        for group in node.elements:
            title, counts = group.elements
            label = self.lines(title)[0]
            numbers = tuple(map(self.count, counts.elements))
            yield Numbers(label, numbers)

    def count(self, node: Node) -> Number:
        """One number, and of what it is; words alone where there is none."""
        numbers = list(node.all("b"))
        lines = self.lines(node, but=numbers)
        rest = [
            tuple(run if run.shape else replace(run, tone="") for run in line) for line in lines
        ]
        return Number("".join(map(_words, numbers)), tuple(rest))

    def bar(self, node: Node) -> Iterator[Bar]:
        parts = (Part(int(item.attrs["data-n"]), self.lines(item)[0]) for item in node.elements)
        yield Bar(tuple(parts))

    def timeline(self, node: Node) -> Iterator[Any]:
        def moments() -> Iterator[Term]:
            for item in node.elements:
                _mark, when, *rest = item.elements
                lines = tuple(line for each in rest for line in self.lines(each))
                yield Term(self.lines(when), lines)

        yield from _cut(Terms, tuple(moments()))

    # Elements.

    def terms(self, node: Node) -> Iterator[Term]:
        """Labels with what stands beside them, be they grouped or not."""
        for each in node.elements:
            if each.tag == "div":
                yield from self.terms(each)
            elif each.tag == "dt":
                label = self.lines(each)
            elif each.tag == "dd":
                yield Term(label, self.lines(each))
            else:
                _unknown(f"<{each.tag}> in a <dl>")
                yield Term((), self.lines(each))

    def list_of(self, node: Node) -> Iterator[Any]:
        """Points, or pairs where each item of rows has a short part beside a longer one."""
        items = [item for item in node.elements if self.lines(item)]
        told = [[lines for each in item.elements if (lines := self.lines(each))] for item in items]
        is_paired = "rows" in node.css and all(
            len(parts) == 2
            and item.elements[1].tag in ("div", "p")
            and len(parts[0]) == 1
            and "part-row" not in item.css
            for item, parts in zip(items, told, strict=True)
        )
        if not items:
            return
        if "reasons" in node.css:
            yield from self.paragraph(node)
        elif is_paired:
            yield from _cut(Terms, tuple(Term(first, rest) for first, rest in told))
        else:
            yield from _cut(Points, tuple(map(self.lines, items)))

    def table(self, node: Node) -> Iterator[Any]:
        heads = [
            cell for part in node.all("thead") for row in part.all("tr") for cell in row.elements
        ]
        columns = [Column(self.lines(head), is_number="number" in head.css) for head in heads]
        rows = [
            tuple(self.cell(cell, is_strong="total" in row.css) for cell in row.elements)
            for part in node.all("tbody")
            for row in part.all("tr")
            if not row.is_left_out
        ]
        yield from _table(columns, rows)

    def cell(self, node: Node, *, is_strong: bool) -> tuple[Line, ...]:
        return self.lines(node, replace(_PLAIN, is_strong=is_strong or node.tag == "th"))

    # Words.

    def lines(self, node: Node, style: Run = _PLAIN, but: Iterable[Node] = ()) -> tuple[Line, ...]:
        """All that an element says, line by line, ``but`` what stands in some elements."""
        lines: list[list[Run]] = [[]]
        read = self.of_element if node.tag in self.words else self.runs
        for run in read(node, style, tuple(but), is_prose=False):
            if run is _BREAK:
                lines.append([])
            else:
                lines[-1].append(run)
        return tuple(line for each in lines if (line := _joined(each)))

    def runs(self, node: Node, style: Run, but: tuple[Node, ...], *, is_prose: bool) -> Pieces:
        is_prose = is_prose or "prose" in node.css
        style = self.styled(node, style)
        has_part = is_after_icon = is_after_removal = False
        for each in node.children:
            if isinstance(each, str):
                is_after_removal = is_after_removal and not each.strip()
                paragraphs = each.split("\n") if is_prose else [each]
                for place, text in enumerate(paragraphs):
                    yield from [_BREAK] * bool(place)
                    yield replace(style, text=text)
                continue
            # A word for readers by ear is shown where an icon alone says it.
            is_shown = is_after_icon or not each.is_heard
            is_after_icon = each.tag == "svg"
            if each.is_left_out or each in but or not is_shown:
                continue
            found = list(self.of_element(each, style, but, is_prose=is_prose))
            if is_after_removal and each.tag == "ins" and not any(each.all("small")):
                yield _BECOMES
            is_after_removal = each.tag == "del"
            is_part = "parts" in node.css and each.tag == "span"
            if is_part or "reasons" in node.css:
                found = [run for run in found if run is not _BREAK]
                has_words = any(run.text.strip() for run in found)
                yield from [_APART] * (has_part and has_words)
                has_part = has_part or has_words
            yield from found

    def of_element(
        self, node: Node, style: Run, but: tuple[Node, ...], *, is_prose: bool
    ) -> Pieces:
        read = self.words.get("chip" if "chip" in node.css else node.tag)
        if read is not None:
            yield from read(node, style)
            return
        if node.tag not in _INLINE | _BLOCKS:
            _unknown(f"<{node.tag} class={node.attrs.get('class')!r}>")
        is_apart = node.tag not in _INLINE or (node.tag == "small" and "on-line" not in node.css)
        yield from [_BREAK] * is_apart
        yield from self.runs(node, style, but, is_prose=is_prose)
        yield from [_BREAK] * is_apart

    def styled(self, node: Node, style: Run) -> Run:
        """How the words of an element look, and where they lead."""
        tones = [name.removeprefix("tone-") for name in node.css if name.startswith("tone-")]
        tones = ["red"] if "late" in node.css else tones
        is_quiet = node.tag == "small" or bool(node.css & _QUIET)
        to = urljoin(self.address, node.attrs.get("href", "")) if node.tag == "a" else ""
        return replace(
            style,
            tone=tones[0] if tones else style.tone,
            address=to or style.address,
            change=_CHANGES.get(node.tag, style.change),
            is_strong=node.tag in _STRONG or (style.is_strong and not is_quiet),
            is_quiet=style.is_quiet or is_quiet,
        )

    def drawing(self, node: Node, style: Run) -> Pieces:
        if "icon" in node.css:
            yield replace(style, text="", shape=_shape(node.raw))
        elif not node.css & _DRAWN_IN_WORDS:
            _unknown(node.raw[:80])

    def pairs(self, node: Node, _style: Run) -> Pieces:
        """Labels with what they say, in a cell or in a line: one below the other."""
        for term in self.terms(node):
            yield _BREAK
            for line in term.label:
                yield from (replace(run, is_quiet=True, is_strong=False) for run in line)
            yield Run(_(": "), is_quiet=True)
            for place, line in enumerate(term.lines):
                yield from [_BREAK] * bool(place)
                yield from (replace(run, is_quiet=True) for run in line)
        yield _BREAK

    def chip(self, node: Node, style: Run) -> Pieces:
        """A coded value: its shape, its word and its tone."""
        tones = [name.removeprefix("chip-") for name in node.css if name.startswith("chip-")]
        [tone] = [tone for tone in tones if tone != "open"]
        shapes = [_shape(svg.raw) for svg in node.all("svg")]
        links = [link.attrs["href"] for link in node.all("a")]
        yield replace(style, text=" ")
        yield Run(
            " ".join("".join(run.text for run in line) for line in self.lines(node)),
            tone=tone,
            shape="".join(shapes),
            address=urljoin(self.address, links[0]) if links else style.address,
            is_strong=bool(shapes),
            is_quiet=not shapes,
            is_chip=True,
        )
        yield replace(style, text=" ")


def _shape(raw: str) -> str:
    """An icon that stands alone, with what is cut out of it as white as paper."""
    raw = raw.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    return raw.replace('class="icon-cut"', 'stroke="#fff"')


def _joined(runs: list[Run]) -> Line:
    """A line with one space between words; nothing where it has no words."""
    line: list[Run] = []
    for run in runs:
        text = _SPACE.sub(" ", run.text)
        if run.shape and line and line[-1].text.endswith("\N{NO-BREAK SPACE}"):
            # The word behind it is written out here, so that it may need a line of its own.
            line[-1] = replace(line[-1], text=line[-1].text[:-1] + " ")
        before = line[-1] if line else None
        if before is None or before.text.endswith(" ") or (before.shape and not before.text):
            text = text.lstrip(" ")
        if (
            before is not None
            and not run.shape
            and replace(before, text="", shape="") == replace(run, text="")
        ):
            line[-1] = replace(before, text=before.text + text)
        elif text or run.shape:
            line.append(replace(run, text=text))
    while line and not line[-1].shape and not line[-1].text.strip():
        line.pop()
    if not any(run.text.strip() for run in line):
        return ()
    return (*line[:-1], replace(line[-1], text=line[-1].text.rstrip(" ")))


def _cut(block: Any, rows: tuple[Any, ...]) -> Iterator[Any]:
    """The first rows, and how many more the page has."""
    yield block(rows[:MOST_ROWS])
    if (n := len(rows) - MOST_ROWS) > 0:
        words = ngettext("%(n)d more entry is online.", "%(n)d more entries are online.", n)
        yield Text(((Run(words % {"n": n}),),), "small")


def _table(columns: list[Column], rows: list[tuple[tuple[Line, ...], ...]]) -> Iterator[Any]:
    """A table whose columns are as wide as what they say, so that no word is longer."""
    widths = []
    for place, column in enumerate(columns):
        lines = [line for row in rows for line in row[place]]
        texts = ["".join(run.text for run in line) for line in (*column.lines, *lines)]
        longest = max(map(len, texts), default=0)
        word = max((len(word) for text in texts for word in text.split()), default=0)
        is_narrow = column.is_number or longest <= _SHORT
        share = 0 if is_narrow else min(word, 20) + 2 + min(longest, 90) // 3
        widths.append(column._replace(share=share))
    if not any(column.share for column in widths):
        widths[0] = widths[0]._replace(share=1)
    yield from _cut(lambda found: Table(tuple(widths), found), tuple(rows))


_SHORT = 14
"""Characters of a cell that need no more than their width."""
