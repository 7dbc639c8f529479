"""Tables of agencies that write columns of their own."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.choices import ObsStatus, SourceStatus
from recommendations.choices.statuses import CODES
from recommendations.names import fold
from recommendations.readers.statistics.plain_tables import STATUS_HEADERS, has_area
from recommendations.readers.statistics.reading import (
    AreaCodeList,
    AreaReference,
    Cells,
    Layout,
    ParseOptions,
    RawFigure,
    Roles,
    RowReader,
    StatisticsFormat,
    Use,
    cell_text,
    dimension_name,
    read_sdmx_status,
    with_values,
)
from recommendations.readers.tables import TableError, fold_text

# ---- Layouts of figures for the Sustainable Development Goals.
# The United Nations' Global SDG Database has a row for each figure of many areas, or years as
# columns; Open SDG, which national platforms use, has a file for each indicator of one area, with a
# blank for the total. Its wide tables have a column for each part:
# ``year,all,sex:female|age:15-24``.

_UN_ROLES = {
    "code": ("geoareacode",),
    "name": ("geoareaname",),
    "period": ("timeperiod",),
    "value": ("value",),
    "status": STATUS_HEADERS,
    "nature": ("nature",),
    "comment": ("footnote",),
    "indicator": ("seriescode",),
    "title": ("seriesdescription",),
    "unit": ("units",),
    "source": ("source",),
}
_UN_IGNORED = frozenset(
    {
        *("goal", "target", "indicator", "time detail", "timecoverage"),
        *("upperbound", "lowerbound", "baseperiod", "geoinfourl", "releasename", "seriesid"),
    }
)
_NATURES: dict[str, tuple[str, str | Promise]] = {
    "": ("", ""),
    "C": ("", ""),
    "CA": ("", _("Country data, adjusted")),
    "E": (ObsStatus.ESTIMATED, ""),
    "G": ("", _("Global monitoring data")),
    "M": (ObsStatus.ESTIMATED, _("Modelled")),
    "N": ("", _("Not relevant")),
    "NA": ("", ""),
}
_OPEN_ROLES = {
    "code": ("geocode",),
    "period": ("year",),
    "value": ("value",),
    "status": STATUS_HEADERS,
    "comment": ("comment", "comments", "footnote", "comment obs"),
    "indicator": ("series",),
    "unit": ("units", "unit measure"),
    "multiplier": ("unit multiplier", "unit mult"),
}

_PARTS = re.compile(
    r"\b(canton|commune|constituency|country|county|departe?ment|district|governorate|land"
    r"|local authority|municipality|nation|parish|prefecture|province|region|state|territoire"
    r"|territory)s?\b"
)
"""Columns that name what a code of an area stands for, in English and French; the last one that is
filled names it most closely. They are dimensions too: rows may lack the code."""

_UNITS = ("unit", "units")
_AREAS = re.compile(
    r"^(country|countries|economy|economies|nation|territory)( (or|and) .+| (id|code|name|iso.*))?$"
    r"|^(geo ?(unit|area)|spatial ?dim|entity ?iso|reporter|ref(erence)? area)"
    r"|(^| )(iso|alpha) ?[23]?$|(^| )m49( |$)"
)


def _signs_un(header: Sequence[str]) -> tuple[str, ...]:
    layout = Layout(header, _UN_ROLES, ignored=_UN_IGNORED)
    fits = layout.has("indicator", "code") and (layout.has("period", "value") or layout.periods)
    return layout.signs("indicator", "code", "period", "value") if fits else ()


def _read_un(header: Sequence[str], options: ParseOptions) -> tuple[RowReader, Sequence[Use]]:
    layout = Layout(header, _UN_ROLES, options, _UN_IGNORED)
    layout.require("code")
    if not layout.periods:
        layout.require("period", "value")

    def read(cells: Cells) -> Iterator[RawFigure]:
        code = layout.text(cells, "code")
        area = (
            AreaReference.of(code, layout.text(cells, "name"), AreaCodeList.M49)
            if code
            else AreaReference()
        )
        status, comment = _status(layout, cells)
        for raw in layout.raw_figures(cells, area):
            raw.status, raw.comment = status, comment
            yield raw

    return read, layout.uses()


def _status(layout: Layout, cells: Cells) -> tuple[str, str]:
    """The status of a figure and its comment; its nature implies a status where none is stated."""
    nature = layout.text(cells, "nature")
    implied, words = _NATURES.get(nature.upper(), ("", gettext("Nature: %s") % nature))
    stated = layout.text(cells, "status")
    comment = [layout.text(cells, "comment"), str(words)]
    is_plain = read_sdmx_status(stated)[0] in ("", ObsStatus.NORMAL)
    status = implied if is_plain and implied else stated
    return status, "; ".join(text for text in comment if text)


def _signs_open(header: Sequence[str]) -> tuple[str, ...]:
    layout = Layout(header, _OPEN_ROLES)
    is_of_one_area = not has_area(header) and not any(map(names_areas, header))
    fits = layout.has("period", "value") and (layout.has("code") or is_of_one_area)
    return layout.signs("period", "value", "code", "unit") if fits else ()


def _read_open(header: Sequence[str], options: ParseOptions) -> tuple[RowReader, Sequence[Use]]:
    layout = Layout(header, _OPEN_ROLES, options)
    layout.require("period", "value")
    named = [column for column in layout.rest if _PARTS.search(fold(header[column]))]
    dimensions = tuple(dimension_name(header[column]) for column in named)

    def read(cells: Cells) -> Iterable[RawFigure]:
        code, area = layout.text(cells, "code"), AreaReference()
        if code:
            names = filter(None, (cell_text(cells[column]) for column in reversed(named)))
            area = AreaReference(code, next(names, ""), AreaCodeList.OWN, described_by=dimensions)
        return layout.raw_figures(cells, area)

    return read, layout.uses()


def names_areas(header: str) -> bool:
    """Whether a column seems to have countries, by a header that no reader knows: it is no part of
    the one area that a table without such a column is about."""
    return _AREAS.search(fold_text(header)) is not None


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
UN_SDG = StatisticsFormat(
    "un_sdg", _("UN Global SDG Database"), _signs_un, _read_un, frozenset({"nan", "n", "na"})
)
OPEN_SDG = StatisticsFormat(
    "open_sdg",
    _("Open SDG"),
    _signs_open,
    _read_open,
    frozenset({"nan", "na"}),
    is_about_one_area=True,
)


# ---- Tables of international agencies that write columns of their own.
# Sources: the downloads of ILOSTAT (bulk and with labels), the Global Health Observatory of WHO,
# the DataHub of ITU, FAOSTAT (also in bulk), the bulk files and the browser of the UNESCO Institute
# for Statistics, UNCTADstat, UNdata, OECD.Stat, and the World Economic Outlook of the IMF. The last
# has years as columns, the others a row for each figure. What a row says beyond that is a comment.

M49_DIGITS = 3
"""A longer number beside such codes is one of the agency, for a group: 0000 is UNCTAD's world."""

Status = tuple[str, str]
"""The code of CL_OBS_STATUS that a row implies, and what it says beyond it."""


def _stated(layout: Layout, cells: Cells) -> Status:
    """A flag that is a code of the list is that; of any other its description is kept."""
    flag, words = layout.text(cells, "status"), layout.text(cells, "flag")
    if flag.upper() in CODES:
        return flag.upper(), ""
    return "", words or flag


@dataclass(frozen=True, slots=True)
class Agency:
    """The columns of one agency: which it is known by, what they are, and how a status is told.

    ``signs`` are headers that must all be there, folded, one set or another. ``ignored`` are not
    read, nor are those with one of these ends, nor a name beside its code (``sex``, ``sex.label``).
    """

    code: str
    label: str | Promise
    signs: tuple[frozenset[str], ...]
    roles: Roles
    ignored: frozenset[str] = frozenset()
    ignored_ends: tuple[str, ...] = ()
    code_list: AreaCodeList = AreaCodeList.NOT_STATED
    status: Callable[[Layout, Cells], Status] = _stated
    finish: Callable[[Layout, Cells, RawFigure], None] | None = None
    values: Callable[[Sequence[str]], tuple[str, ...]] | None = None
    """The headers of the columns of values, where they have names of their own."""
    missing: frozenset[str] = frozenset({"nan"})
    decimal: str = ""

    def as_format(self) -> StatisticsFormat:
        return StatisticsFormat(
            self.code, self.label, self._found, self._read, self.missing, decimal=self.decimal
        )

    def _found(self, header: Sequence[str]) -> tuple[str, ...]:
        known = {fold_text(name) for name in header}
        for signs in self.signs:
            if signs <= known:
                return tuple(name for name in header if fold_text(name) in signs)
        return ()

    def _read(
        self, header: Sequence[str], options: ParseOptions
    ) -> tuple[RowReader, Sequence[Use]]:
        if self.values is not None:
            options = with_values(options, self.values(header))
        chosen = options.value_column
        layout = Layout(header, self.roles, options, self._not_read(header) | options.ignored)
        layout.require_any(*(role for role in ("code", "name") if role in self.roles))
        if not layout.periods and "period" not in self.roles:
            raise TableError(gettext("The file has no column with a year as header."))
        if not layout.periods:
            layout.require("period")
            layout.require_any("value", names=(chosen,) if chosen else ())

        def read(cells: Cells) -> Iterator[RawFigure]:
            status, words = self.status(layout, cells)
            for raw in layout.raw_figures(cells, self._area(layout, cells)):
                raw.status = status
                raw.comment = "; ".join(filter(None, (raw.comment, words)))
                raw.indicator = raw.indicator or chosen
                if self.finish:
                    self.finish(layout, cells, raw)
                yield raw

        return read, layout.uses()

    def _not_read(self, header: Sequence[str]) -> frozenset[str]:
        known = {fold_text(name) for name in header}
        twins = {name for name in known if name.removesuffix(" label") in known - {name}}
        ends = {name for name in known if self.ignored_ends and name.endswith(self.ignored_ends)}
        return self.ignored | twins | ends

    def _area(self, layout: Layout, cells: Cells) -> AreaReference:
        code, name = layout.text(cells, "code").removeprefix("'"), layout.text(cells, "name")
        if self.code_list is AreaCodeList.M49 and len(code) > M49_DIGITS:
            return AreaReference(code, name, AreaCodeList.OWN, is_aggregate=True)
        return AreaReference.of(code, name, self.code_list) if code else AreaReference("", name)


# ---- what single agencies do in their own way


_MAGNITUDES: Mapping[str, tuple[str, str | Promise]] = {
    "NA": (SourceStatus.CANNOT_EXIST, ""),
    "NIL": ("", _("Magnitude nil or negligible")),
}


def _uis_status(layout: Layout, cells: Cells) -> Status:
    """Estimates by their qualifier; a magnitude says why there is no value, or how small it is."""
    qualifier, magnitude = layout.text(cells, "status"), layout.text(cells, "magnitude")
    code, words = _MAGNITUDES.get(magnitude.upper(), ("", magnitude))
    if code and cell_text(layout.cell(cells, "value")):
        code, words = "", magnitude
    if not code and qualifier.upper().endswith("EST"):
        code = ObsStatus.ESTIMATED
    return str(code), "; ".join(filter(None, (qualifier, str(words))))


def _who_figure(layout: Layout, cells: Cells, raw: RawFigure) -> None:
    """Dimensions are pairs of columns; a prefix makes a limit; a range stands in the value shown.

    What is no number at all, such as “Yes”, is the text of the figure.
    """
    said = {
        fold_text(name): cell_text(cell) for name, cell in zip(layout.header, cells, strict=True)
    }
    raw.dimensions = [
        (said.get(f"dim{n} type") or f"Dim{n}", code)
        for n in (1, 2, 3)
        if (code := said.get(f"dim{n}valuecode") or said.get(f"dim{n}"))
    ]
    number, shown = cell_text(raw.value), said.get("value", "")
    if not number:
        raw.text = shown
    elif prefix := said.get("factvaluenumericprefix"):
        raw.value = f"{prefix}{number}"
    if number and "[" in shown:
        raw.comment = "; ".join(filter(None, (raw.comment, shown)))


def _outlook_figure(layout: Layout, cells: Cells, raw: RawFigure) -> None:
    """Years after a stated one are estimates, and a scale belongs to the unit."""
    scale, last = layout.text(cells, "scale"), layout.text(cells, "last")
    if scale and scale.casefold() != "units":
        raw.unit = f"{raw.unit} ({scale})"
    year = str(raw.period)
    if last.isdecimal() and year.isdecimal() and int(year) > int(last) and cell_text(raw.value):
        raw.status = ObsStatus.ESTIMATED


def _fao_figure(layout: Layout, cells: Cells, raw: RawFigure) -> None:
    """What is measured of what are two dimensions; in words, since their codes say nothing."""
    raw.dimensions = [*raw.dimensions, ("Item", raw.title)]


_COMPANIONS = (" footnote", " missing value", " missingvalue")
"""How headers of UNCTADstat end that belong to one column of values."""


def _unctad_values(header: Sequence[str]) -> tuple[str, ...]:
    """The columns of values: each has such companions."""
    stems = {
        fold_text(name).removesuffix(end)
        for name in header
        for end in _COMPANIONS
        if fold_text(name).endswith(end)
    }
    return tuple(name for name in header if fold_text(name).removesuffix(" value") in stems)


# ---- the agencies


_ILO = Agency(
    "ilostat",
    _("ILOSTAT"),
    (
        frozenset({"ref area", "indicator", "time", "obs value"}),
        frozenset({"ref area label", "indicator label", "time", "obs value"}),
    ),
    {
        "code": ("ref area",),
        "name": ("ref area label",),
        "period": ("time",),
        "value": ("obs value",),
        "status": ("obs status",),
        "flag": ("obs status label",),
        "indicator": ("indicator",),
        "title": ("indicator label",),
        "source": ("source label", "source"),
        "comment": (
            *("note classif", "note indicator", "note source", "note classif label"),
            *("note indicator label", "note source label"),
        ),
    },
    code_list=AreaCodeList.ISO3,
)
_WHO = Agency(
    "who_gho",
    _("WHO Global Health Observatory"),
    (frozenset({"indicatorcode", "spatialdimvaluecode", "period", "factvaluenumeric"}),),
    {
        "code": ("spatialdimvaluecode",),
        "name": ("location",),
        "period": ("period",),
        "value": ("factvaluenumeric",),
        "indicator": ("indicatorcode",),
        "title": ("indicator",),
        "unit": ("factvalueuom",),
        "source": ("datasource",),
        "comment": ("factcomments",),
    },
    finish=_who_figure,
    code_list=AreaCodeList.ISO3,
)
_ITU = Agency(
    "itu",
    _("ITU DataHub"),
    (frozenset({"entityiso", "entityname", "datavalue", "datayear"}),),
    {
        "code": ("entityiso",),
        "name": ("entityname",),
        "period": ("datayear",),
        "value": ("datavalue",),
        "indicator": ("seriescode", "seriesid"),
        "title": ("seriesname",),
        "unit": ("seriesunits",),
        "source": ("datasource",),
        "comment": ("datanote",),
    },
    frozenset({"seriesparent", "seriesdescription", "entityid"}),
    code_list=AreaCodeList.ISO3,
)
_FAO = Agency(
    "faostat",
    _("FAOSTAT"),
    (frozenset({"area", "element", "item", "year", "value", "flag"}),),
    {
        "code": ("area code m49",),
        "name": ("area",),
        "period": ("year",),
        "value": ("value",),
        "unit": ("unit",),
        "title": ("item",),
        "status": ("flag",),
        "flag": ("flag description",),
        "comment": ("note",),
    },
    frozenset(
        {
            *("domain", "domain code", "area code", "area code fao", "area code iso3"),
            *("area code iso2", "item code", "item code fao", "item code cpc", "item code sdg"),
            *("element code", "year code", "months code"),
        }
    ),
    code_list=AreaCodeList.M49,
    finish=_fao_figure,
)
_UIS = Agency(
    "uis",
    _("UNESCO Institute for Statistics"),
    (
        frozenset({"indicator id", "country id", "year", "value"}),
        frozenset({"indicator id", "region id", "year", "value"}),
        frozenset({"indicatorid", "geounit", "year", "value"}),
    ),
    {
        "code": ("country id", "region id", "geounit"),
        "name": ("country name en", "geounitname"),
        "period": ("year",),
        "value": ("value",),
        "indicator": ("indicator id", "indicatorid"),
        "title": ("indicator label en", "indicatorname"),
        "status": ("qualifier",),
        "magnitude": ("magnitude",),
    },
    frozenset({"geounittype"}),
    status=_uis_status,
    code_list=AreaCodeList.ISO3,
)
_UNCTAD = Agency(
    "unctad",
    _("UNCTADstat"),
    (frozenset({"economy", "economy label", "year"}),),
    {"code": ("economy",), "name": ("economy label",), "period": ("year",)},
    ignored_ends=_COMPANIONS,
    code_list=AreaCodeList.M49,
    values=_unctad_values,
)
_UN_DATA = Agency(
    "undata",
    _("UNdata"),
    (frozenset({"country or area", "year", "value"}),),
    {
        "name": ("country or area",),
        "period": ("year",),
        "value": ("value",),
        "unit": ("unit",),
        "comment": ("value footnotes",),
    },
)
_OECD = Agency(
    "oecd_stat",
    _("OECD.Stat"),
    (frozenset({"location", "indicator", "time", "value", "flag codes"}),),
    {
        "code": ("location",),
        "period": ("time",),
        "value": ("value",),
        "indicator": ("indicator",),
        "status": ("flag codes",),
        "flag": ("flags",),
        "unit": ("unit",),
    },
    frozenset({"frequency", "unit code", "reference period code", "reference period"}),
    code_list=AreaCodeList.ISO3,
)
_OUTLOOK = Agency(
    "imf_weo",
    _("IMF World Economic Outlook"),
    (frozenset({"weo subject code", "iso", "country"}),),
    {
        "code": ("iso",),
        "name": ("country",),
        "indicator": ("weo subject code",),
        "title": ("subject descriptor",),
        "unit": ("units",),
        "scale": ("scale",),
        "last": ("estimates start after",),
    },
    frozenset({"weo country code", "subject notes", "country series specific notes"}),
    code_list=AreaCodeList.ISO3,
    finish=_outlook_figure,
    missing=frozenset({"n/a", "nan"}),
    decimal=".",
)

AGENCIES = tuple(
    agency.as_format()
    for agency in (_ILO, _WHO, _ITU, _FAO, _UIS, _UNCTAD, _UN_DATA, _OECD, _OUTLOOK)
)
