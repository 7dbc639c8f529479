"""Answers of the World Bank's API, version 2.

An answer of the API is JSON, one page or several in a file. A null states nothing: it is sent for
every year without a figure, so no row is made of it.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import Any, BinaryIO

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.characters import parse_int, replace_invalid
from recommendations.readers.statistics.areas import AreaCodeList, AreaReference
from recommendations.readers.statistics.cells import FigureError, InvalidCharacter
from recommendations.readers.statistics.figures import (
    ReadRules,
    read_figures,
)
from recommendations.readers.statistics.reading import (
    FigureFile,
    FigureRow,
    RawFigure,
    ReadCounts,
    Rejected,
)
from recommendations.readers.tables import (
    Cell,
    Number,
    RowNumber,
    TableError,
    invalid_words,
    one_line,
)
from recommendations.readers.text_tables import (
    OBJECT_OF_LISTS,
    OBJECT_OF_OBJECTS,
    JsonObject,
    JsonScanner,
)

NumberedObjects = Iterator[tuple[int, JsonObject]]
"""Objects, each with the line on which it begins."""

MOST_PAGES = 999_999

API_CODE = "world_bank_api"
API_LABEL = _("World Bank, API response")

_START = re.compile(rb'(?:\xef\xbb\xbf)?\s*\[(?:\s*\[)?\s*\{\s*"(?:page|message)"')


def is_api_answer(start: bytes) -> bool:
    """Whether a file begins like an answer of this API."""
    return _START.match(start) is not None


def open_api_answer(file: BinaryIO, *, replaces_invalid: bool = False) -> FigureFile:
    """The figures of a file of answers; ``TableError`` where it holds an error instead."""
    objects = _objects(JsonScanner(file))
    line, head = next(objects)
    _check(head, line)
    vintage = None
    with suppress(ValueError):
        vintage = date.fromisoformat(_text(head, "lastupdated"))
    counts = ReadCounts()
    rows = _figures(itertools.chain([(line, head)], objects), counts, replaces_invalid)
    why = gettext("The file begins as an answer of the API does: with its page and pages.")
    return FigureFile(API_CODE, rows, vintage, counts=counts, why=why)


def _figures(
    objects: NumberedObjects, counts: ReadCounts, replaces_invalid: bool
) -> Iterator[FigureRow | Rejected]:
    """The figures of all pages, then a rejection that names the missing pages."""
    pages: set[int] = set()
    total = line = 0

    def rows() -> NumberedObjects:
        nonlocal total, line
        number = 0
        for line, found in objects:
            if "countryiso3code" in found or "indicator" in found:
                number += 1
                yield RowNumber(number), found
                continue
            _check(found, line)
            pages.add(_page_number(found, "page", line))
            total = max(total, _page_number(found, "pages", line))

    def entries(row: JsonObject) -> Iterator[RawFigure]:
        return _entries(_replaced(row) if replaces_invalid else row)

    yield from read_figures(rows(), entries, ReadRules(), counts)
    if missing := sorted(set(range(1, total + 1)) - pages):
        counts.rejected += 1
        named = ", ".join(str(page) for page in missing[:20])
        yield Rejected(
            line, "", gettext("The file lacks these pages of the API response: %s.") % named
        )


def _check(head: JsonObject, line: int) -> None:
    """Refuse an answer that is an error, which the API sends with status 200."""
    if isinstance(messages := head.get("message"), list):
        texts = (str(found.get("value")) for found in messages if isinstance(found, dict))
        words = gettext("Line %(line)d: the World Bank answered with an error: %(told)s")
        shown = replace_invalid("; ".join(texts))[:300]
        raise TableError(words % {"line": line, "told": shown})


def _page_number(head: JsonObject, name: str, line: int) -> int:
    number = parse_int(str(head.get(name)))
    if number is None or number > MOST_PAGES:
        raise TableError(
            gettext("Line %(line)d: “%(name)s” is not a number.") % {"line": line, "name": name}
        )
    return number


def _entries(row: JsonObject) -> Iterator[RawFigure]:
    country, indicator = _pair(row, "country"), _pair(row, "indicator")
    code = _text(row, "countryiso3code") or country[0]
    yield RawFigure(
        AreaReference.of(code, country[1], AreaCodeList.WORLD_BANK),
        _cell(row, "date"),
        _cell(row, "value"),
        status=_text(row, "obs_status"),
        indicator=indicator[0],
        unit=_text(row, "unit"),
        title=indicator[1],
    )


def _pair(row: JsonObject, name: str) -> tuple[str, str]:
    found = row.get(name)
    if not isinstance(found, dict):
        raise FigureError(gettext("The row has no “%s” with an ID and a value.") % name)
    return _text(found, "id", name), _text(found, "value", name)


def _text(row: Mapping[str, Any], name: str, column: str = "") -> str:
    """The text of a field; ``InvalidCharacter`` names the column that holds such a one."""
    text = one_line(row.get(name))
    if words := invalid_words(column or name, text):
        raise InvalidCharacter(words)
    return text


def _cell(row: JsonObject, name: str) -> Cell:
    value = row.get(name)
    return value if isinstance(value, Number) else _text(row, name)


def _replaced(value: Any) -> Any:
    """A row without invalid characters: each is replaced."""
    if isinstance(value, dict):
        return {name: _replaced(held) for name, held in value.items()}
    return replace_invalid(value) if isinstance(value, str) else value


def _objects(scanner: JsonScanner) -> NumberedObjects:
    """Heads of pages and their rows; pages are one after the other, or in one list."""
    scanner.expect("[")
    is_list = scanner.peek() == "["
    if is_list:
        scanner.expect("[")
    while True:
        yield scanner.read_object(OBJECT_OF_LISTS)
        if scanner.peek() == ",":
            scanner.expect(",")
            if scanner.peek() == "n":
                scanner.expect("null")
            else:
                yield from scanner.read_list(OBJECT_OF_OBJECTS)
        scanner.expect("]")
        if scanner.peek() != ("," if is_list else "["):
            break
        scanner.expect(scanner.peek())
        if is_list:
            scanner.expect("[")
    if is_list:
        scanner.expect("]")
    scanner.expect_end()
