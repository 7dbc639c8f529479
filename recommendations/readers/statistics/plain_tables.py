"""Plain tables, also those that leave something out, and those of this tracker."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.readers.statistics.areas import AreaCodeList, AreaReference
from recommendations.readers.statistics.cells import MISSING, FigureError, cell_text
from recommendations.readers.statistics.header_words import (
    AREA_CODES,
    AREAS,
    OF_M49,
    PERIODS,
    STATUS_HEADERS,
    UNNAMED,
    VALUES,
    beside_periods,
    columns_named,
    has_area,
    headed_periods,
    names_areas,
    names_parts,
    notes_among,
)
from recommendations.readers.statistics.reading import (
    PART,
    UNREAD,
    Cells,
    Layout,
    OpenColumn,
    ParseOptions,
    RawFigure,
    Roles,
    RowReader,
    StatisticsFormat,
    Use,
    dimension_name,
    with_values,
)
from recommendations.readers.tables import Cell, TableError, fold_text, usual_words

# ---- Plain tables, and figures as this tracker exports them.
# A plain table has a row for each figure, or a row for each area with periods as columns. In the
# export (``recommendations.exports.figures``) every column is known, so that nothing is lost;
# columns for people, such as the name of the revision, are ignored: revisions are found by
# comparing.

_PLAIN_TABLES_ROLES = {
    **AREAS,
    "period": PERIODS,
    "value": VALUES,
    "status": STATUS_HEADERS,
    "text": ("text", "in words"),
    "unit": ("unit measure", "unit of measure", "units of measure", "unit", "units"),
    "source": ("source", "sources", "data source", "datasource"),
    "multiplier": ("unit mult", "unit multiplier"),
    "numerator": ("numerator",),
    "denominator": ("denominator",),
}
_CODES_OF_INDICATORS = ("series code", "indicator code", "series id")
_NAMES_OF_INDICATORS = ("indicator name", "indicator title", "series name")
_EITHER = ("indicator", "series")
"""Headers of what is measured. A series is a part of an indicator, so it comes first as a code."""


class TableCells(Protocol):
    """What all cells of a table show."""

    def are_numbers(self, column: int) -> bool: ...
    def say_the_same(self, columns: Sequence[int]) -> bool: ...
    def with_periods(self, columns: Sequence[int]) -> list[int]: ...
    def codes_among(self, columns: Sequence[int], chosen: str) -> list[int]: ...


IGNORED = frozenset(
    {
        *("freq", "decimals", "time code", "year code", "period code"),
        *("indicator description", "indicator definition"),
    }
)


def roles_in(header: Sequence[str], options: ParseOptions | None = None) -> Roles:
    """The roles of the columns of one table, of which several may tell what is measured.

    Without a code what tells one series from the others stands for it: a column “Indicator”, or
    the name of the series beside that of the indicator. Where a person states the column of the
    areas, only one with their codes or names is read beside it.
    """
    options = options or ParseOptions()
    known = {fold_text(name) for name in header}
    codes = tuple(name for name in (*_CODES_OF_INDICATORS, *_EITHER) if name in known)
    names = [name for name in _NAMES_OF_INDICATORS if name in known]
    if not codes and len(names) > 1 and "series name" in names:
        codes = (names.pop(),)
    elif codes and codes[0] == "series code" and "series name" in names:
        names = ["series name", *names]
    titles = dict.fromkeys((*names, *(name for name in codes[1:] if name in _EITHER)))
    others = [name for name in codes[1:] if name not in titles]
    roles = {"indicator": (*codes[:1], *others), "title": tuple(titles)}
    roles = {**_PLAIN_TABLES_ROLES, **{role: found for role, found in roles.items() if found}}
    roles["comment"] = notes_among(known)
    roles[AreaCodeList.M49.name] = (*AREA_CODES[AreaCodeList.M49], *filter(OF_M49.search, known))
    # A column of codes beside one of the same thing has the codes of what that names.
    areas = [name for name in AREA_CODES[AreaCodeList.NOT_STATED] if name in known]
    coded = tuple(name for name in areas if name.endswith(("code", "codes", "id")))
    if coded and len(areas) > len(coded):
        roles[AreaCodeList.NOT_STATED.name] = coded
        named = (name for name in areas if name not in coded)
        roles["area_name"] = (*roles["area_name"], *named)
    for name in _PLAIN_TABLES_ROLES["area_name"]:
        if name in known and f"{name} name" in known:
            roles[AreaCodeList.NOT_STATED.name] = (name,)
            roles["area_name"] = (f"{name} name",)
    # Where only one column is none of a period, its rows are of areas, whatever heads it.
    if options.area_column:
        none = dict.fromkeys(AREAS, ())
        roles = {**roles, **none, **_stated_areas(options, known)}
    elif not (areas or has_area(header)):
        rest = [header[at] for at in _unheaded(header)]
        rest = [name for name in rest if fold_text(name) not in options.ignored]
        if options.has_area:
            parts = [each for each in rest if names_areas(each) or names_parts(each)]
            rest = parts if parts or options.is_of_one_area else rest
        if len(rest) == 1 and len(header) > MOST_UNNAMED:
            roles["area_name"] = (fold_text(rest[0]),)
    return roles


def _stated_areas(options: ParseOptions, known: Iterable[str]) -> Roles:
    """The roles of a stated column and of those with the codes or the names of its areas.

    They say the same by their cells, or begin alike: “Country of asylum (ISO)”.
    """
    stated, coded = fold_text(options.area_column), AreaCodeList.NOT_STATED.name
    ends = {end: of.name for of, names in AREA_CODES.items() for end in names}
    ends |= dict.fromkeys(("name", "label", *_PLAIN_TABLES_ROLES["area_name"]), "area_name")
    found = dict.fromkeys([stated], "")
    for name in (*options.areas_beside, *sorted(known)):
        short, long = sorted((stated, name), key=len)
        end = long[len(short) + 1 :] if long.startswith(f"{short} ") else ""
        role = ends.get(name if name in options.areas_beside else end, "")
        if role and role not in found.values() and name not in found:
            other = coded if role == "area_name" else "area_name"
            own = found[stated] or (role if end and long == stated else other)
            if role == coded and stated.endswith(("code", "codes", "id")):
                own = coded
            found |= {stated: own, name: other if own == role else role}
    found[stated] = found[stated] or coded
    return {role: (name,) for name, role in found.items()}


def areas_beside(header: Sequence[str], stated: str, table: TableCells) -> tuple[str, ...]:
    """The headers, folded, of columns of areas that name the same as a stated column does."""
    names = [fold_text(name) for name in header]
    areas = {name for role in AREAS for name in _PLAIN_TABLES_ROLES[role]}
    own = columns_named(header, stated)
    others = [at for at, name in enumerate(names) if own and name in areas and at not in own]
    return tuple(names[at] for at in others if table.say_the_same([*own, at]))


def _unheaded(header: Sequence[str]) -> list[int]:
    """The columns with a name that is no period."""
    headed = {*headed_periods(header), *beside_periods(header)}
    named = (at for at, name in enumerate(header) if name not in ("", UNREAD))
    return [at for at in named if at not in headed]


MOST_UNNAMED = 2
"""Columns of a table of periods that is one only where the header says what it is about."""


def _signs_plain(header: Sequence[str]) -> tuple[str, ...]:
    layout = Layout(header, roles_in(header))
    fits = (has_area(header) and layout.has("period", "value")) or bool(
        layout.periods and layout.has_area(*AREAS)
    )
    return layout.signs(*AREAS, "period", "value") if fits else ()


def _read_plain(header: Sequence[str], options: ParseOptions) -> tuple[RowReader, Sequence[Use]]:
    layout = Layout(header, roles_in(header, options), options, IGNORED | options.ignored)
    layout.require_area(*AREAS)
    period = "" if layout.periods or layout.has("period") else options.period
    if not layout.periods:
        if not period:
            layout.require("period")
        layout.require("value")
    is_named = layout.has("indicator") or fold_text(options.value_column) in UNNAMED
    series = "" if is_named else options.value_column
    stated = (AreaCodeList.ISO3, AreaCodeList.ISO2, AreaCodeList.M49)
    lists = [code_list for code_list in stated if layout.has(code_list.name)]

    above = AreaReference()

    def read(cells: Cells) -> Iterator[RawFigure]:
        nonlocal above
        area, part = _plain_tables_area(layout, lists, cells), ""
        is_below = layout.periods and not options.are_values
        if is_below and fold_text(area.name or area.code) in usual_words("parts"):
            area, part = above, area.name or area.code
        above = area
        for raw in layout.raw_figures(cells, area):
            raw.period = period or raw.period
            raw.indicator = series or raw.indicator
            if part:
                raw.dimensions = (*raw.dimensions, (PART, part))
            yield raw

    return read, layout.uses()


def _plain_tables_area(
    layout: Layout, lists: Iterable[AreaCodeList], cells: Cells
) -> AreaReference:
    """By the code whose list is known, else by the text in the column of the area."""
    plain = layout.text(cells, AreaCodeList.NOT_STATED.name)
    name = layout.text(cells, "area_name")
    for code_list in lists:
        if code := layout.text(cells, code_list.name):
            return AreaReference.of(code, name or plain, code_list)
    return AreaReference.of(plain, name, AreaCodeList.NOT_STATED)


PLAIN = StatisticsFormat(
    "long",
    _("Plain table"),
    _signs_plain,
    _read_plain,
    MISSING,
    has_points=False,
    has_flags=True,
    names_parts=False,
)


# ---- figures from this tracker


_TRACKER_ROLES = {
    name: (name.replace("_", " "),)
    for name in (
        *("indicator", "unit", "area_code", "area_name", "period", "dimensions", "value", "text"),
        *("status", "marks", "source", "comment", "numerator", "denominator"),
    )
}
_IGNORED = frozenset({"revision", "recorded at", "confirmation", "is demonstration"})
_SIGNS = ("area code", "period", "value", "dimensions", "marks")

FIGURE_MARKS = ("lower_bound", "approximate", "derived", "assumed")
"""The marks of a figure, in the order in which they are written."""


def _signs_tracker(header: Sequence[str]) -> tuple[str, ...]:
    known = {fold_text(name): name for name in header}
    return tuple(known[sign] for sign in _SIGNS) if known.keys() >= set(_SIGNS) else ()


def _read_tracker(header: Sequence[str], options: ParseOptions) -> tuple[RowReader, Sequence[Use]]:
    layout = Layout(header, _TRACKER_ROLES, options, ignored=_IGNORED)
    layout.require("area_code", "period", "value")

    def read(cells: Cells) -> Iterable[RawFigure]:
        code, name = layout.text(cells, "area_code"), layout.text(cells, "area_name")
        area = AreaReference(code, name, AreaCodeList.SITE if code else AreaCodeList.NOT_STATED)
        dimensions = [*_dimensions(layout.text(cells, "dimensions")), *layout.dimensions(cells)]
        marks = _marks(layout.text(cells, "marks"))
        raw = layout.raw_figure(cells, area)
        raw.dimensions, raw.marks = dimensions, marks
        raw.text = _exact_text(layout.cell(cells, "text"))
        raw.source = _exact_text(layout.cell(cells, "source"))
        raw.comment = _exact_text(layout.cell(cells, "comment"))
        return [raw]

    return read, layout.uses()


def _exact_text(cell: Cell) -> str:
    """A cell with its lines and spaces."""
    return str(cell) if cell_text(cell) else ""


def _dimensions(key: str) -> Iterator[tuple[str, str]]:
    """``SEX=F|AGE=Y15T24`` as pairs."""
    for part in filter(None, key.split("|")):
        name, sign, value = part.partition("=")
        if not (name and sign and value):
            raise FigureError(gettext("“%s” is not a dimension. Write it like SEX=F.") % part[:40])
        yield name, value


def _marks(text: str) -> frozenset[str]:
    found = frozenset(text.split())
    if unknown := sorted(found - set(FIGURE_MARKS)):
        raise FigureError(gettext("“%s” is not a valid qualifier.") % unknown[0][:40])
    return found


TRACKER = StatisticsFormat(
    "tracker", _("Data from this tracker"), _signs_tracker, _read_tracker, has_groups=False
)

PLAIN_FORMATS = frozenset({PLAIN.code, TRACKER.code})
"""Formats that anybody writes; the others are those of statistical offices."""


# ---- Plain tables that leave something out, and what stands for it.
# The column of values may have a header of its own, or several such columns one indicator each; the
# period may be in the name of the sheet or of the file. DDF-CSV, the format of Gapminder and of
# Open Numbers, does the former: ``ddf--datapoints--population--by--geo--time.csv`` names its
# column.

_YEAR = re.compile(r"(?<![0-9])(?<![0-9][-_. ])((?:19|20)[0-9]{2})(?![-_. ]?[0-9])")
"""A year that is no part of a date or of a longer number."""

_DDF_OTHER = re.compile(r"ddf--(concepts|entities|synonyms)\b")
_DDF = re.compile(r"ddf--datapoints--([a-z0-9_]+)--by--[a-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class FileNames:
    """The name of a file, and of the sheet that is read of it."""

    file: str = ""
    sheet: str = ""


def complete(
    header: Sequence[str],
    options: ParseOptions,
    names: FileNames,
    table: TableCells,
    *,
    is_of_one_area: bool = False,
) -> tuple[ParseOptions, str] | None:
    """How a plain table is read without its values or its period, and why; ``None`` if it is not.

    ``is_of_one_area``: no column has areas, so it is a table only
    where all others beside its periods have numbers. Raises ``OpenColumn`` where a person must
    choose.
    """
    # A data set of DDF-CSV has other files beside those of values: concepts and entities.
    if found := _DDF_OTHER.match(names.file):
        words = gettext(
            "This file of DDF-CSV holds %(kind)s, not values. Choose a file whose name begins with "
            "ddf--datapoints."
        )
        raise TableError(words % {"kind": found[1]})
    if not (is_of_one_area or has_area(header) or options.area_column or options.is_of_one_area):
        # What the rows are of may stand there in several languages; the last is read.
        names_of_rows = [at for at in _unheaded(header) if not table.are_numbers(at)]
        if 1 < len(names_of_rows) < len(header) - 1 and table.say_the_same(names_of_rows):
            others = frozenset(fold_text(header[at]) for at in names_of_rows[:-1])
            return replace(options, ignored=options.ignored | others), ""
    named = _DDF.match(names.file)
    chosen = options.value_column or (named[1] if named and named[1] in header else "")
    layout = Layout(header, roles_in(header, options), replace(options, value_column=""), IGNORED)
    parts = {at for at in layout.rest if dimension_name(header[at]) in (options.kept or ())}
    numeric = [at for at in layout.rest if at not in parts and table.are_numbers(at)]
    may_have_values = bool(chosen or numeric or layout.has("value"))
    if layout.periods:
        may_have_values = len(layout.periods) > 1 and any(map(table.are_numbers, layout.periods))
    is_other = len(numeric) < len(layout.rest) or not layout.columns.keys().isdisjoint(AREAS)
    if not may_have_values or (is_of_one_area and is_other):
        return None
    rest = [at for at in layout.rest if header[at] != chosen]
    texts = [at for at in rest if at not in numeric]
    if not (is_of_one_area or layout.has_area(*AREAS)):
        _ask(Use.AREA, header, texts or rest)
        return None
    if layout.periods:
        return options, ""
    is_known = layout.has("period") or options.period
    dated = [] if is_known else table.with_periods(rest)
    period, why = (options.period, "") if is_known or dated else _period_in(names)
    if not (period or layout.has("period")):
        is_value = not (chosen or layout.has("value")) and len(numeric) == 1
        _ask(Use.PERIOD, header, dated or (texts if is_value else rest))
        return None
    options = replace(options, period=period)
    if layout.has("value") and not options.value_column:
        return options, why
    options = _with_values(header, replace(options, value_column=chosen), numeric, table)
    told = gettext("“%s” is the column of the values.") % options.value_column
    return options, f"{told} {why}".strip()


def _ask(use: Use, header: Sequence[str], columns: Sequence[int]) -> None:
    """Ask which of these columns has a use, if there is any."""
    if columns:
        raise OpenColumn(use, [header[at] for at in columns])


def _with_values(
    header: Sequence[str], options: ParseOptions, numeric: Sequence[int], table: TableCells
) -> ParseOptions:
    """With the stated one of these columns of numbers, or the only one that has no codes."""
    codes, chosen = table.codes_among(numeric, options.value_column), options.value_column
    return with_values(options, [header[at] for at in numeric if at not in codes] or [chosen])


def _period_in(names: FileNames) -> tuple[str, str]:
    """The one year in the name of the sheet, else in that of the file, and how that is told."""
    for name, words in (
        (names.sheet, gettext("The period %(year)s is that of the name of the sheet.")),
        (names.file, gettext("The period %(year)s is that of the name of the file.")),
    ):
        years = set(_YEAR.findall(name))
        if len(years) == 1:
            [year] = years
            return year, words % {"year": year}
    return "", ""
