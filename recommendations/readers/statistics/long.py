"""Plain tables: a row for each figure, or a row for each area with the periods as columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext_lazy as _

from recommendations.readers.statistics.figures import CodeList, Place
from recommendations.readers.statistics.layout import Cells, Entry, Format, Layout, Read, Said

PERIOD = ("period", "year", "time", "time period", "date")
VALUE = ("value", "obs value", "figure")
STATUS = ("status", "obs status", "observation status")

_CODES = {
    CodeList.ISO3: ("iso3", "iso 3", "iso3 code", "iso code", "alpha 3", "countryiso3code"),
    CodeList.ISO2: ("iso2", "iso 2", "iso2 code", "alpha 2"),
    CodeList.M49: ("m49", "m49 code", "un m49"),
    CodeList.NOT_SAID: ("area", "area code", "country", "country code", "ref area", "geo", "code"),
}
_ROLES = {
    **{code_list.name: names for code_list, names in _CODES.items()},
    "name": ("name", "area name", "country name", "geo area name"),
    "period": PERIOD,
    "value": VALUE,
    "status": STATUS,
    "text": ("text", "in words"),
    "comment": ("comment", "comments", "note", "notes", "footnote", "footnotes"),
    "indicator": ("indicator", "indicator code", "series", "series code"),
    "unit": ("unit", "units", "unit measure", "unit of measure"),
    "source": ("source", "sources"),
    "multiplier": ("unit mult", "unit multiplier"),
}
_AREAS = (*(code_list.name for code_list in _CODES), "name")

MISSING = frozenset({"..", "...", ":", "-", "–", "na", "n/a", "n.a.", "nan", "null", "none", "*"})
"""Marks for "no figure" that offices put into their own tables. As a code, NA is Namibia."""


def has_area(header: Sequence[str]) -> bool:
    """Whether some column says which area a row is about."""
    layout = Layout(header, _ROLES)
    return any(layout.has(area) for area in _AREAS)


def _fits(header: Sequence[str]) -> bool:
    layout = Layout(header, _ROLES)
    return has_area(header) and (layout.has("period", "value") or bool(layout.periods))


def _read(header: Sequence[str], said: Said) -> Read:
    layout = Layout(header, _ROLES, said, ("freq", "decimals"))
    layout.need(*_AREAS)
    if not layout.periods:
        layout.need("period")
        layout.need("value")

    def read(cells: Cells) -> Iterator[Entry]:
        return layout.entries(cells, _place(layout, cells))

    return read


def _place(layout: Layout, cells: Cells) -> Place:
    """By the code whose list is known, else by whatever stands in the column of the area."""
    plain = layout.text(cells, CodeList.NOT_SAID.name)
    name = layout.text(cells, "name")
    for code_list in (CodeList.ISO3, CodeList.ISO2, CodeList.M49):
        if code := layout.text(cells, code_list.name):
            return Place.of(code, name or plain, code_list)
    return Place(plain, name)


FORMAT = Format("long", _("Plain table"), _fits, _read, MISSING, has_points=False)
