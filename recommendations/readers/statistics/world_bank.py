"""Tables of years of the World Bank (bulk files, DataBank), and answers of its API, version 2.

An answer of the API is JSON, one page or several in a file. A null states nothing: it is sent for
every year without a figure, so no row is made of it.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, BinaryIO

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.characters import parse_int, replace_invalid
from recommendations.readers.statistics.cells import FigureError, InvalidCharacter
from recommendations.readers.statistics.reading import (
    AreaCodeList,
    AreaReference,
    Cells,
    FigureFile,
    FigureRow,
    Layout,
    ParseOptions,
    RawFigure,
    ReadCounts,
    ReadRules,
    Rejected,
    RowReader,
    StatisticsFormat,
    Use,
    read_figures,
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

_OF_THREE = (
    "AFE AFR AFW ARB BEA BEC BHI BLA BMN BSS CAA CEA CEB CEU CLA CME CSA CSS DEA DEC DLA DMN DNS"
    " DSA DSF DSS EAP EAR EAS ECA ECS EMU EUU FCS FXS HIC HPC IBB IBD IBT IDA IDB IDX INX LAC LCN"
    " LDC LIC LMC LMY LTE MDE MEA MIC MNA NAC NAF NRS NXS OED OSS PRE PSS PST RRS SAS SSA SSF SST"
    " SXZ TEA TEC TLA TMN TSA TSS UMC WLD XZN"
)
_OF_TWO = (
    "1A 1W 4E 7E 8S B8 EU F1 OE S1 S2 S3 S4 T2 T3 T4 T5 T6 T7 V1 V2 V3 V4 XC XD XE XF XG XH XI XJ"
    " XL XM XN XO XP XQ XT XU XY Z4 Z7 ZF ZG ZH ZI ZJ ZQ ZT"
)
AGGREGATES = frozenset(f"{_OF_THREE} {_OF_TWO}".split())
"""The codes that the World Bank gives to groups of economies; none is an ISO 3166 country.

Its tables have those of three letters, its API also those of two.
"""

_OWN_CODES = frozenset({"XKX", "XK", "CHI", "JG"})
"""Kosovo and the Channel Islands, which ISO 3166-1 has no code for."""

_ROLES = {
    "area_name": ("country name",),
    "area_code": ("country code",),
    "title": ("indicator name", "series name"),
    "indicator": ("indicator code", "series code"),
}


def world_bank_area(code: str, name: str) -> AreaReference:
    """An area by the World Bank's code for it."""
    is_aggregate = code in AGGREGATES
    if is_aggregate or code in _OWN_CODES:
        return AreaReference(code, name, AreaCodeList.OWN, is_aggregate)
    by_length = {3: AreaCodeList.ISO3, 2: AreaCodeList.ISO2}
    return AreaReference(
        code, name, by_length.get(len(code), AreaCodeList.OWN if code else AreaCodeList.NOT_STATED)
    )


def _signs(header: Sequence[str]) -> tuple[str, ...]:
    layout = Layout(header, _ROLES)
    fits = layout.has("area_name", "area_code") and bool(layout.periods)
    return layout.signs("area_name", "area_code", "indicator") if fits else ()


def _read(header: Sequence[str], options: ParseOptions) -> tuple[RowReader, Sequence[Use]]:
    layout = Layout(header, _ROLES, options)
    layout.require("area_code")
    if not layout.periods:
        raise TableError(gettext("The file has no column with a year as header."))

    def read(cells: Cells) -> Iterator[RawFigure]:
        area = world_bank_area(layout.text(cells, "area_code"), layout.text(cells, "area_name"))
        return layout.raw_figures(cells, area)

    return read, layout.uses()


WORLD_BANK = StatisticsFormat(
    "world_bank", _("World Bank, table of years"), _signs, _read, frozenset({".."})
)


# ---- answers of the API


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
        world_bank_area(code, country[1]),
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
