"""What templates say outside of whole messages: text that nobody can translate, pieces that are
joined to a sentence, and stored codes.

A template is read as a sequence of pieces: messages, values, and literal text. Tags of HTML part
them, because elements are styled apart and may be read in any order. Branches of a condition are
alternatives, which do not meet.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from django.template.base import Lexer, Token, TokenType

ROOT = Path(__file__).resolve().parent.parent

SPOKEN = {"aria-label", "title", "alt", "placeholder", "data-label"}
"""Attributes of HTML that a person reads; no other is looked at."""

SILENT = {"script", "style", "code"}
"""Elements whose content is for machines."""

GLUE = re.compile(r"[a-z]|[,;·()“”]")
"""Letters, except abbreviations such as CSV, and the punctuation that joins. A colon after a label
and a full stop join nothing."""

CODES = {"status", "verb", "object_type"} | {
    name
    for path in (ROOT / "recommendations/models").rglob("*.py")
    for name in re.findall(
        r"^    (\w+) = models\.CharField\((?:(?!^    \w).)*?choices=",
        path.read_text(),
        re.MULTILINE | re.DOTALL,
    )
}
"""Fields with stored choices, and what rows call them: a page shows the label."""

KEY = re.compile(r"\.(?:pk|id|\w+_id)$")
"""A key of a table: a page shows the name of the row."""

PLAIN = set(
    "add capfirst default default_if_none lower number safe stringformat title upper".split()
)
"""Filters that show what they are given; others make a label of it."""

FORMATS = {"date", "slice", "stringformat", "time"}
"""Filters whose argument is for machines."""

LITERAL = re.compile(r"\|(\w+):([\"'])(.*?)\2")
GIVEN = re.compile(r"(\w+)=([\"'])(.*?)\2")

Piece = tuple[Literal["message", "value"], str]


def is_label(piece: Piece) -> bool:
    """Whether a message names what follows."""
    return piece[0] == "message" and piece[1].endswith(":")


def is_whole(*pieces: Piece) -> bool:
    """Whether all that are messages are sentences, or name what follows."""
    messages = (text for kind, text in pieces if kind == "message")
    return all(re.match(r"^[^a-z\s,;(].*[.:!?…]$", text, re.DOTALL) for text in messages)


@dataclass
class Html:
    """Where in the markup the end of the text is that was read so far."""

    place: str = "text"
    """Or ``tag``, or the name of the attribute whose value is read."""
    quote: str = ""
    silent: str = ""
    """The element of ``SILENT`` that is open."""

    STEP = re.compile(r"<([!/]?\w+)|>|([\w-]+)=([\"'])|[\"']")

    @property
    def is_read(self) -> bool:
        return not self.silent and (self.place == "text" or self.place in SPOKEN)

    def split(self, text: str) -> Iterator[str | None]:
        """The texts that a person reads; None where markup parts them."""
        start = 0
        for step in self.STEP.finditer(text):
            was_read = self.is_read
            if not self.moved(step):
                continue
            if was_read:
                yield text[start : step.start()]
            yield None
            start = step.end()
        if self.is_read:
            yield text[start:]

    def moved(self, step: re.Match[str]) -> bool:
        """Go where a step leads; whether it leads to another place."""
        if self.place == "text":
            if not step[1]:
                return False
            self.place, name = "tag", step[1].lower()
            if name.strip("/") in SILENT:
                self.silent = "" if name[0] == "/" else name
            return True
        if self.place == "tag":
            if step[0] != ">" and not step[2]:
                return False
            self.place, self.quote = (step[2], step[3]) if step[2] else ("text", "")
            return True
        is_end = step[0] == self.quote
        self.place = "tag" if is_end else self.place
        return is_end


def lines(text: str) -> Iterator[str | None]:
    """The lines of a text that is not HTML; None where one ends."""
    first, *others = text.split("\n")
    yield first
    for line in others:
        yield None
        yield line


@dataclass
class Branches:
    """A condition or a loop: the piece before it, and the pieces at the ends of its branches."""

    before: Piece | None
    ends: list[Piece | None] = field(default_factory=list)


class Reading:
    """One pass over a template; `faults` are pairs of a line and what is wrong there."""

    def __init__(self, source: str, *, is_text: bool = False) -> None:
        self.html = Html()
        self.last: Piece | None = None
        self.branches: list[Branches] = []
        self.message: list[str] | None = None
        self.is_message_kept = False
        self.is_title = False
        self.is_code = False
        self.named: dict[str, str] = {}
        """Messages that were given a name, by it."""
        self.aliases: dict[str, str] = {}
        """What ``with`` calls by another name."""
        self.is_text = is_text
        self.faults: list[tuple[int, str]] = []
        for token in Lexer(source).tokenize():
            self.read(token)

    def read(self, token: Token) -> None:
        if self.message is not None:
            self.read_message(token)
        elif token.token_type == TokenType.TEXT:
            self.read_text(token)
        elif token.token_type == TokenType.VAR:
            self.read_value(token)
        elif token.token_type == TokenType.BLOCK:
            self.read_tag(token)

    def fault(self, token: Token, what: str) -> None:
        self.faults.append((token.lineno or 0, what))

    def read_text(self, token: Token) -> None:
        for part in (lines if self.is_text else self.html.split)(token.contents):
            if part is None:
                self.last = None
                continue
            text = re.sub(r"&#?\w+;", "", part).strip()
            if (found := GLUE.search(text)) and not self.is_code:
                self.fault(token, f"{text!r} is outside of a message ({found[0]!r})")
            if text and self.is_title and set(text) <= {"–", ":"}:
                self.last = None

    def read_value(self, token: Token) -> None:
        if not self.html.is_read:
            return
        for name, _quote, text in LITERAL.findall(token.contents):
            if name not in FORMATS and re.search(r"[^\W\d_]", text):
                self.fault(token, f"{text!r} is outside of a message")
        self.refuse_code(token, token.contents)
        if message := self.named.get(token.contents):
            self.meet(token, ("message", message))
        else:
            self.meet(token, ("value", token.contents))

    def refuse_code(self, token: Token, expression: str) -> None:
        """Refuse what a person would read as it is stored."""
        shown, *filters = expression.split("|")
        shown = self.aliases.get(shown, shown)
        _of, dot, name = shown.rpartition(".")
        is_plain = all(each.partition(":")[0] in PLAIN for each in filters)
        if is_plain and (KEY.search(shown) or (dot and name in CODES)):
            self.fault(token, f"{expression} is a code: show its label or name")

    def read_message(self, token: Token) -> None:
        assert self.message is not None
        if token.token_type == TokenType.BLOCK and token.contents == "endblocktranslate":
            text, self.message = " ".join("".join(self.message).split()), None
            if self.html.is_read and not self.is_message_kept:
                self.meet(token, ("message", re.sub(r"<[^>]*>", "", text)))
        elif token.token_type == TokenType.VAR:
            self.message.append("{}")
        elif token.token_type == TokenType.TEXT:
            self.message.append(token.contents)

    def read_tag(self, token: Token) -> None:
        name, *words = token.split_contents()
        self.read_words(token, name, words)
        if name == "translate":
            if "as" in words:
                self.named[words[-1]] = words[0][1:-1]
            elif self.html.is_read:
                self.meet(token, ("message", words[0][1:-1]))
        elif name == "blocktranslate":
            self.message, self.is_message_kept = [], "asvar" in words
        elif name in ("if", "for"):
            self.branches.append(Branches(self.last))
        elif name in ("elif", "else", "empty"):
            self.branches[-1].ends.append(self.last)
            self.last = self.branches[-1].before
        elif name in ("endif", "endfor"):
            ends = [*self.branches.pop().ends, self.last]
            self.last = next((end for end in ends if end and end[0] == "message"), ends[-1])
        elif name not in ("with", "endwith", "url", "csrf_token"):
            self.last = None
            self.is_title = name == "block" and words[0] == "title"
            self.is_code = name == "block" and words[0].endswith("_class")

    def read_words(self, token: Token, name: str, words: list[str]) -> None:
        """Look at what a tag is given: texts, and values that it shows or calls otherwise."""
        for word in words:
            given = GIVEN.fullmatch(word)
            if given and re.search(r"[A-Z]|\w \w", given[3]):
                self.fault(token, f"{given[3]!r} is outside of a message")
            called, _is, value = word.partition("=")
            if name == "with":
                self.aliases[called] = value
            elif name == "blocktranslate" and value:
                self.refuse_code(token, value)
            elif name == "firstof":
                self.refuse_code(token, word)

    def meet(self, token: Token, piece: Piece) -> None:
        """Refuse a message beside another piece, unless each is whole for itself."""
        if self.last and not is_label(self.last) and not is_whole(self.last, piece):
            self.fault(token, f"{self.last[1]!r} is joined to {piece[1]!r}")
        self.last = piece


def faults_of(source: str, *, is_text: bool = False) -> list[tuple[int, str]]:
    """What is wrong with the words of a template, each with its line; ``is_text``: not HTML."""
    return Reading(source, is_text=is_text).faults


def faults() -> Iterator[str]:
    """What is wrong with the words of all templates, each with its place."""
    for path in sorted(path for path in (ROOT / "templates").rglob("*.*") if path.is_file()):
        for line, what in faults_of(path.read_text(), is_text=path.suffix == ".txt"):
            yield f"{path.relative_to(ROOT)}:{line}: {what}"
