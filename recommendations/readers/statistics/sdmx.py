"""SDMX-CSV, and the tables of Eurostat."""

import re
from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.choices import SourceStatus
from recommendations.readers.statistics.areas import AreaCodeList, AreaReference
from recommendations.readers.statistics.cells import (
    FigureError,
    cell_text,
    is_missing_mark,
    is_period,
    missing_by_flags,
    read_eurostat_flags,
    read_sdmx_status,
)
from recommendations.readers.statistics.header_words import parts_of_header
from recommendations.readers.statistics.reading import (
    Cells,
    Layout,
    ParseOptions,
    RawFigure,
    Roles,
    RowReader,
    StatisticsFormat,
    Use,
)
from recommendations.readers.tables import TableError, fold_text, one_line

# ---- Tab-separated tables of Eurostat: dimensions in the first column, periods as the others.
# The first header names the dimensions, separated by commas, and after a backslash that of the
# other columns: ``freq,unit,geo\TIME_PERIOD``. Cells have a value and the flags behind it: ``12.3
# bp``. Source: Eurostat, “TSV format” of its bulk download and of its API (``format=TSV``).

_TIMES = ("time period", "time")
_NO_DIMENSIONS = frozenset({"freq", "unit", "geo"})


def _names(header: Sequence[str]) -> list[str]:
    """The dimensions that the first header names; none where it is none of this format."""
    first, _slash, time = header[0].partition("\\")
    return [name.strip() for name in first.split(",")] if fold_text(time) in _TIMES else []


def _signs(header: Sequence[str]) -> tuple[str, ...]:
    fits = "geo" in _names(header) and all(is_period(name) for name in header[1:])
    return tuple(header[:2]) if fits and len(header) > 1 else ()


def _read(header: Sequence[str], options: ParseOptions) -> tuple[RowReader, Sequence[Use]]:
    names = _names(header)
    if "geo" not in names:
        raise TableError(gettext("The column %s is missing.") % "“geo\\TIME_PERIOD”")
    if wrong := [name for name in header[1:] if not is_period(name)]:
        raise TableError(gettext("The header “%s” is not a period.") % wrong[0][:40])
    periods = [" ".join(name.split()) for name in header[1:]]

    def read(cells: Cells) -> Iterable[RawFigure]:
        found = [part.strip() for part in cell_text(cells[0]).split(",")]
        if len(found) != len(names):
            words = gettext("The first cell has %(found)d dimensions, the header has %(width)d.")
            raise FigureError(words % {"found": len(found), "width": len(names)})
        said = dict(zip(names, found, strict=True))
        told = tuple((name, of) for name, of in said.items() if name not in _NO_DIMENSIONS and of)
        for period, cell in zip(periods, cells[1:], strict=True):
            yield RawFigure(
                AreaReference(said["geo"], "", AreaCodeList.EUROSTAT),
                period,
                cell,
                unit=said.get("unit", ""),
                dimensions=told,
                column=period,
            )

    return read, [Use.DIMENSION, *[Use.VALUE] * len(periods)]


EUROSTAT = StatisticsFormat(
    "eurostat_tsv",
    _("Eurostat, table of periods (TSV)"),
    _signs,
    _read,
    frozenset({":", "nan"}),
    has_groups=False,
    has_flags=True,
)


# ---- SDMX-CSV 1.0 and 2.0, with or without labels, as agencies and Eurostat write it.
# Source: SDMX-CSV field guide. Services write dimensions before the figure and attributes after it,
# which are kept as a comment. FREQ is no dimension here, since the code of a period implies it, and
# units have a field of their own. Confidential figures are refused. Some have a column a period.

_ROLES: Roles = {
    "area_code": ("ref area", "geo", "country", "economy", "location", "area"),
    "period": ("time period",),
    "value": ("obs value",),
    "status": ("obs status",),
    "flags": ("obs flag",),
    "comment": ("comment obs", "obs comment", "obs com", "comment"),
    "flow": ("dataflow", "structure id"),
    "title": ("structure name",),
    "indicator": ("indicator", "series"),
    "unit": ("unit measure", "unit"),
    "source": ("source", "data source"),
    "multiplier": ("unit mult", "unit multiplier"),
    "confidentiality": ("conf status", "obs conf"),
    "action": ("action",),
}
_SIGNS = ("dataflow", "structure", "key")
"""Columns that only this format has."""

_IGNORED = frozenset(
    {
        *_ROLES["flow"],
        *("structure", "key", "series key", "obs key", "freq", "last update"),
        *("updated", "prepared"),
        *("decimals", "time format", "collection", "title", "title compl"),
        *("base per", "base period", "obs pre break", "pre break value", "breaks"),
        *("source agency", "source pub", "compiling org", "availability", "diss org", "nat title"),
        *("publ ecb", "publ mu", "publ public", "dom ser ids"),
        *("data comp", "ref period detail", "time per collect", "embargo time", "embargo date"),
        *("unit type", "database id"),
    }
)
_FIXED = ("STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "SERIES_KEY", "OBS_KEY")
"""Columns before those of the components; only components are followed by names."""

_LISTED = re.compile(r"\[[^\]]*\]")
_LABELLED = re.compile(r"([A-Za-z0-9_@$.()\-:+]+?)\s*:\s+(.*)")
_NOT_APPLICABLE = "_Z"
"""The code of SDMX for a dimension that says nothing of a row."""

_MISSING = frozenset({"nan", ":"})
_CONFIDENTIAL = _("The value is marked as confidential (%s) and not for publication.")

_ACTIONS = {"I", "A", "M", "R", ""}
"""Information, Append, Merge and Replace have figures; Delete has none."""


def component_ids(header: Cells) -> list[str]:
    """The ids of the components, without their labels and the marks of lists of values.

    Where every id is followed by a column of names, that column is named after it.
    """
    names = [_LISTED.sub("", one_line(cell)).partition(":")[0].strip() for cell in header]
    first = sum(name in _FIXED for name in names)
    if "STRUCTURE_NAME" in names and {"TIME_PERIOD", "OBS_VALUE"} <= {*names[first::2]}:
        for column in range(first + 1, len(names), 2):
            names[column] = f"{names[column - 1]} name"
    return names


def signs_of_sdmx(header: Sequence[str]) -> tuple[str, ...]:
    """The headers by which it is recognised; none where it is another format."""
    known = {fold_text(name): name for name in header}
    own = [known[sign] for sign in _SIGNS if sign in known]
    if own and {"time period", "obs value"} <= known.keys():
        return (*own, known["time period"], known["obs value"])
    is_wide = own and not known.keys() & {"time period", "obs value"}
    periods = (name for name in header if is_wide and parts_of_header(name)[0])
    return next(((*own, name) for name in periods), ())


def _sdmx_read(header: Sequence[str], options: ParseOptions) -> tuple[RowReader, Sequence[Use]]:
    known = {fold_text(name) for name in header}
    chosen = {
        role: next((name for name in names if name in known), names[0])
        for role, names in _ROLES.items()
    }
    roles = {role: (name,) for role, name in chosen.items()}
    layout = Layout(header, roles, options, _IGNORED)
    layout.require("area_code", *(() if layout.periods else ("period", "value")))
    last = layout.columns.get("value", len(header))
    attributes = [column for column in layout.rest if column > last]
    layout.rest = [column for column in layout.rest if column not in attributes]

    def read(cells: Cells) -> Iterator[RawFigure]:
        _check(layout, cells)
        code, label = _split(layout.text(cells, "area_code"))
        flags, confidentiality = _id(layout, cells, "flags"), _confidentiality(layout, cells)
        listed = _code_list(layout, cells)
        name = label or layout.text(cells, "area_name")
        if listed is AreaCodeList.EUROSTAT and not code.isupper():
            code, name, listed = "", name or code, AreaCodeList.NOT_STATED
        area = AreaReference.of(code, name, listed)
        for raw in layout.raw_figures(cells, area):
            coded = ((name, _split(value)[0]) for name, value in raw.dimensions)
            raw.dimensions = tuple((name, of) for name, of in coded if of != _NOT_APPLICABLE)
            raw.comment = _comment(layout, attributes, cells)
            raw.indicator, raw.title = _split(layout.text(cells, "indicator"))
            if not raw.indicator:
                raw.indicator, label = _split(layout.text(cells, "flow"))
                raw.title = label or layout.text(cells, "title")
            raw.unit, label = _split(raw.unit)
            raw.unit_words = label or raw.unit_words
            raw.multiplier = _id(layout, cells, "multiplier")
            raw.status = flags or _id(layout, cells, "status")
            # The flags of Eurostat where there are any.
            raw.read_status = read_eurostat_flags if flags else read_sdmx_status
            written = cell_text(raw.value)
            if not written or is_missing_mark(written, _MISSING):
                raw.read_status = missing_by_flags if flags else read_sdmx_status
                raw.status = SourceStatus.SUPPRESSED if confidentiality else raw.status
            elif confidentiality:
                raise FigureError(_CONFIDENTIAL % confidentiality[:40])
            yield raw

    uses = layout.uses()
    for column in attributes:
        uses[column] = Use.NOTE
    return read, uses


def _split(text: str) -> tuple[str, str]:
    """Code and label of a cell: ``BR: Brazil``."""
    found = _LABELLED.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")


def _code_list(layout: Layout, cells: Cells) -> AreaCodeList:
    """Services choose the list of their areas, and SDMX-CSV does not name it; Eurostat has one."""
    of_eurostat = layout.text(cells, "flow").startswith("ESTAT:")
    is_geo = fold_text(layout.header[layout.columns["area_code"]]) == "geo"
    return AreaCodeList.EUROSTAT if of_eurostat and is_geo else AreaCodeList.NOT_STATED


def _id(layout: Layout, cells: Cells, role: str) -> str:
    return _split(layout.text(cells, role))[0]


def _comment(layout: Layout, attributes: Sequence[int], cells: Cells) -> str:
    comments = [layout.text(cells, "comment")]
    comments += [
        f"{layout.header[column]}: {text}"
        for column in attributes
        if (text := cell_text(cells[column]))
    ]
    return "; ".join(filter(None, comments))


def _check(layout: Layout, cells: Cells) -> None:
    action = _id(layout, cells, "action")
    if action[:1].upper() == "D":
        raise FigureError(
            gettext("The row requests the deletion of a value. Values are never deleted.")
        )
    if action[:1].upper() not in _ACTIONS:
        raise FigureError(gettext("“%s” is not an action of SDMX.") % action[:40])


def _confidentiality(layout: Layout, cells: Cells) -> str:
    """The code of a value that is not for publication; empty where it is."""
    code = _id(layout, cells, "confidentiality")
    return "" if code.upper() in ("", "F", "PU") else code


SDMX_CSV = StatisticsFormat(
    "sdmx_csv", _("SDMX-CSV"), signs_of_sdmx, _sdmx_read, _MISSING, has_groups=False
)
