"""Answers of the World Bank's API, version 2, as JSON: one page or several in a file.

A null claims nothing: it stands for every year without a figure, so no row is made of it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.readers.statistics.figures import (
    Counts,
    FigureFile,
    FigureRow,
    Refused,
    Rejected,
)
from recommendations.readers.statistics.json_text import HEAD, ROW, JsonText
from recommendations.readers.statistics.layout import Entry
from recommendations.readers.statistics.reading import Rules, figures
from recommendations.readers.statistics.world_bank import place
from recommendations.readers.tables import NOT_TEXT, Cell, Number, TableError

Things = Iterator[tuple[int, dict[str, Any]]]
"""Objects, each with the line on which it begins."""

CODE = "world_bank_api"
LABEL = gettext_lazy("World Bank, answer of the API")
SOURCE = "World Bank"

_START = re.compile(rb'(?:\xef\xbb\xbf)?\s*\[(?:\s*\[)?\s*\{\s*"(?:page|message)"')


def fits(start: bytes) -> bool:
    """Whether a file begins like an answer of this API."""
    return _START.match(start) is not None


def open_answer(file: BinaryIO) -> FigureFile:
    """The figures of a file of answers; ``TableError`` where it holds an error instead."""
    things = _things(JsonText(file))
    line, head = next(things)
    _check(head, line)
    vintage = None
    with suppress(ValueError):
        vintage = date.fromisoformat(_text(head.get("lastupdated")))
    counts = Counts()
    rows = _figures(itertools.chain([(line, head)], things), counts)
    return FigureFile(CODE, rows, vintage, SOURCE, counts=counts)


def _figures(things: Things, counts: Counts) -> Iterator[FigureRow | Rejected]:
    """The figures of all pages; at the end the pages that are lacking, for they are no figures."""
    pages: set[int] = set()
    total = line = 0

    def rows() -> Things:
        nonlocal total, line
        for line, thing in things:
            if "countryiso3code" in thing or "indicator" in thing:
                yield line, thing
                continue
            _check(thing, line)
            pages.add(_whole(thing, "page", line))
            total = max(total, _whole(thing, "pages", line))

    yield from figures(rows(), _entries, Rules(), counts)
    if lacking := sorted(set(range(1, total + 1)) - pages):
        counts.rejected += 1
        named = ", ".join(str(page) for page in lacking[:20])
        yield Rejected(line, "", _("The file lacks these pages of the answer: %s.") % named)


def _check(head: dict[str, Any], line: int) -> None:
    """Refuse an answer that is an error, which the API gives as if all were well."""
    if isinstance(messages := head.get("message"), list):
        told = (str(found.get("value")) for found in messages if isinstance(found, dict))
        words = _("Line %(line)d: the World Bank answered with an error: %(told)s")
        shown = NOT_TEXT.sub("?", "; ".join(told))[:300]
        raise TableError(words % {"line": line, "told": shown})


def _whole(head: dict[str, Any], name: str, line: int) -> int:
    text = str(head.get(name))
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise TableError(
            _("Line %(line)d: “%(name)s” is no number.") % {"line": line, "name": name}
        )
    return int(text)


def _entries(row: dict[str, Any]) -> Iterator[Entry]:
    country, indicator = _pair(row, "country"), _pair(row, "indicator")
    code = _text(row.get("countryiso3code")) or country[0]
    yield Entry(
        place(code, country[1]),
        _cell(row.get("date")),
        _cell(row.get("value")),
        status=_text(row.get("obs_status")),
        indicator=indicator[0],
        unit=_text(row.get("unit")),
    )


def _pair(row: dict[str, Any], name: str) -> tuple[str, str]:
    found = row.get(name)
    if not isinstance(found, dict):
        raise Refused(_("It has no “%s” with an id and a value.") % name)
    return _text(found.get("id")), _text(found.get("value"))


def _text(value: Any) -> str:
    text = "" if value is None else " ".join(str(value).split())
    if NOT_TEXT.search(text):
        raise Refused(_("It holds what is no character, such as NUL."))
    return text


def _cell(value: Any) -> Cell:
    return value if isinstance(value, Number) else _text(value)


def _things(text: JsonText) -> Things:
    """Heads of pages and rows below them; pages stand one after the other, or in one list."""
    text.take("[")
    is_list = text.peek() == "["
    if is_list:
        text.take("[")
    while True:
        yield text.thing(HEAD)
        if text.peek() == ",":
            text.take(",")
            yield from _rows(text)
        text.take("]")
        if text.peek() != ("," if is_list else "["):
            break
        text.take(text.peek())
        if is_list:
            text.take("[")
    if is_list:
        text.take("]")
    if text.peek():
        raise text.broken()


def _rows(text: JsonText) -> Things:
    if text.peek() == "n":
        text.take("null")
        return
    text.take("[")
    while text.peek() != "]":
        yield text.thing(ROW)
        if text.peek() != ",":
            break
        text.take(",")
    text.take("]")
