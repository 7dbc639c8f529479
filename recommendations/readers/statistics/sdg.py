"""Open SDG, which national platforms use for the Sustainable Development Goals.

It has a file for each indicator of one area, with a blank for the total.
Its wide tables have a column for each part: ``year,all,sex:female|age:15-24``.
"""

import re
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.readers.statistics.areas import AreaCodeList, AreaReference
from recommendations.readers.statistics.cells import MISSING, cell_text
from recommendations.readers.statistics.header_words import (
    PERIODS,
    STATUS_HEADERS,
    has_area,
    names_areas,
    names_parts,
    notes_among,
)
from recommendations.readers.statistics.reading import (
    Cells,
    Layout,
    ParseOptions,
    RawFigure,
    Roles,
    RowReader,
    StatisticsFormat,
    Use,
    dimension_name,
)
from recommendations.readers.tables import TableError, fold_text

_OPEN_ROLES = {
    "area_code": ("geocode",),
    "period": PERIODS,
    "value": ("value",),
    "status": STATUS_HEADERS,
    "indicator": ("series", "series code"),
    "title": ("series name",),
    "unit": ("unit measure", "units", "unit"),
    "multiplier": ("unit multiplier", "unit mult"),
}

_UNITS = ("unit", "units")


def _roles(header: Sequence[str]) -> Roles:
    return {**_OPEN_ROLES, "comment": notes_among(header)}


def is_of_one_area(header: Sequence[str]) -> bool:
    """Whether a table has a column of periods, and none that seems to have areas."""
    has_areas = has_area(header) or any(map(names_areas, header))
    return Layout(header, _roles(header)).has("period") and not has_areas


def _signs_open(header: Sequence[str]) -> tuple[str, ...]:
    layout = Layout(header, _roles(header))
    fits = layout.has("period", "value") and (layout.has("area_code") or is_of_one_area(header))
    return layout.signs("period", "value", "area_code", "unit") if fits else ()


def _read_open(header: Sequence[str], options: ParseOptions) -> tuple[RowReader, Sequence[Use]]:
    layout = Layout(header, _roles(header), options, options.ignored)
    layout.require("period", "value")
    named = [column for column in layout.rest if names_parts(header[column])]
    dimensions = tuple(dimension_name(header[column]) for column in named)

    def read(cells: Cells) -> Iterator[RawFigure]:
        code, area = layout.text(cells, "area_code"), AreaReference()
        if code:
            names = filter(None, (cell_text(cells[column]) for column in reversed(named)))
            area = AreaReference(code, next(names, ""), AreaCodeList.OWN, described_by=dimensions)
        for raw in layout.raw_figures(cells, area):
            raw.indicator = raw.indicator or options.value_column
            yield raw

    return read, layout.uses()


_ALL = ("all", "total")
_PAIR = re.compile(r"\s*([^:|]+?)\s*:\s*([^:|]+?)\s*")
"""A heading of a wide table for one part: ``sex:female``; several are separated by bars."""


def _parts_of(name: str) -> list[tuple[str, str]] | None:
    """The dimensions that a heading of a wide table names; ``None`` where it is no such heading."""
    first, *rest = name.split("|")
    if fold_text(first) not in _ALL:
        rest = [first, *rest]
    found = [_PAIR.fullmatch(part) for part in rest]
    return [(pair[1], pair[2]) for pair in found if pair] if all(found) else None


def _signs_wide(header: Sequence[str]) -> tuple[str, ...]:
    """A column of years, one of all or of several units, and parts as all other columns."""
    if len(header) < 2 or fold_text(header[0]) != "year":
        return ()
    fits = all(_parts_of(name) is not None for name in header[1:])
    is_whole = any(fold_text(name.split("|")[0]) in _ALL for name in header[1:])
    return tuple(header[:3]) if fits and is_whole else ()


def _read_wide(header: Sequence[str], options: ParseOptions) -> tuple[RowReader, Sequence[Use]]:
    if fold_text(header[0]) != "year":
        raise TableError(gettext("The column %s is missing.") % "“year”")
    parts: list[list[tuple[str, str]]] = []
    for name in header[1:]:
        found = _parts_of(name)
        if found is None:
            words = gettext("The header “%s” is not a part such as sex:female.")
            raise TableError(words % name[:40])
        parts.append(found)

    def read(cells: Cells) -> Iterator[RawFigure]:
        for name, found, cell in zip(header[1:], parts, cells[1:], strict=True):
            units = [of for part, of in found if fold_text(part) in _UNITS]
            told = tuple((part, of) for part, of in found if fold_text(part) not in _UNITS)
            raw = RawFigure(AreaReference(), cells[0], cell, dimensions=told, column=name)
            raw.unit = units[0] if units else ""
            yield raw

    return read, [Use.PERIOD, *[Use.VALUE] * len(parts)]


OPEN_SDG_WIDE = StatisticsFormat(
    "open_sdg_wide",
    _("Open SDG, wide table"),
    _signs_wide,
    _read_wide,
    frozenset({"nan", "na"}),
    is_about_one_area=True,
)
OPEN_SDG = StatisticsFormat(
    "open_sdg",
    _("Open SDG"),
    _signs_open,
    _read_open,
    MISSING,
    is_about_one_area=True,
)
