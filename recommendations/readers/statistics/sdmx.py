"""SDMX-CSV 1.0 and 2.0, with or without labels, as agencies and Eurostat write it.

Source: SDMX-CSV field guide. Services write dimensions before the figure and attributes after it,
which are kept as a comment. FREQ is no dimension here, for the code of a period says it, and units
are kept apart. What is marked as confidential is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from recommendations.readers.statistics import quality
from recommendations.readers.statistics.figures import Place, Refused
from recommendations.readers.statistics.layout import (
    Cells,
    Entry,
    Format,
    Layout,
    Read,
    Roles,
    Said,
    as_text,
    plain,
)
from recommendations.readers.tables import fold

_ROLES: Roles = {
    "code": ("ref area", "geo", "country", "economy", "location", "area"),
    "period": ("time period",),
    "value": ("obs value",),
    "status": ("obs status",),
    "flags": ("obs flag",),
    "comment": ("comment obs", "obs comment", "obs com", "comment"),
    "flow": ("dataflow", "structure id"),
    "indicator": ("indicator", "series"),
    "unit": ("unit measure", "unit"),
    "source": ("source", "data source"),
    "multiplier": ("unit mult",),
    "confidentiality": ("conf status", "obs conf"),
    "action": ("action",),
}
_SIGNS = ("dataflow", "structure", "key")
"""Columns that none but this format has."""

_LEFT_OUT = frozenset(
    {
        *_ROLES["flow"],
        *("structure", "structure name", "key", "series key", "obs key", "freq", "last update"),
        *("updated", "prepared"),
        *("decimals", "time format", "collection", "title", "title compl"),
        *("base per", "base period", "obs pre break", "pre break value", "breaks"),
        *("source agency", "source pub", "compiling org", "availability", "diss org", "nat title"),
        *("publ ecb", "publ mu", "publ public", "dom ser ids"),
        *("data comp", "ref period detail", "time per collect", "embargo time", "embargo date"),
    }
)
_FIXED = ("STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "SERIES_KEY", "OBS_KEY")
"""Columns before those of the components, which alone are followed by names."""

_LISTED = re.compile(r"\[[^\]]*\]")
_LABELLED = re.compile(r"([A-Za-z0-9_@$.()\-:+]+?)\s*:\s+(.*)")
_KEPT = {"I", "A", "M", "R", ""}
"""Information, Append, Merge and Replace all give figures; Delete gives none."""


def ids(header: Cells) -> list[str]:
    """The ids of the components, without their labels and the marks of lists of values.

    Where every id is followed by a column of names, that column is named after it.
    """
    names = [_LISTED.sub("", plain(cell)).partition(":")[0].strip() for cell in header]
    first = sum(name in _FIXED for name in names)
    if "STRUCTURE_NAME" in names and {"TIME_PERIOD", "OBS_VALUE"} <= {*names[first::2]}:
        for column in range(first + 1, len(names), 2):
            names[column] = f"{names[column - 1]} name"
    return names


def fits(header: Sequence[str]) -> bool:
    known = {fold(name) for name in header}
    return {"time period", "obs value"} <= known and not known.isdisjoint(_SIGNS)


def _read(header: Sequence[str], said: Said) -> Read:
    known = {fold(name) for name in header}
    chosen = {
        role: next((name for name in names if name in known), names[0])
        for role, names in _ROLES.items()
    }
    roles = {role: (name,) for role, name in chosen.items()}
    roles["name"] = (f"{chosen['code']} name",)
    names = {name for name in known if name.removesuffix(" name") in known - {name}}
    layout = Layout(header, roles, said, _LEFT_OUT | names)
    for role in ("code", "period", "value"):
        layout.need(role)
    attributes = [column for column in layout.rest if column > layout.columns["value"]]
    layout.rest = [column for column in layout.rest if column not in attributes]

    def read(cells: Cells) -> Iterator[Entry]:
        _check(layout, cells)
        code, label = split(layout.text(cells, "code"))
        return layout.entries(
            cells,
            Place(code, label or layout.text(cells, "name")),
            dimensions=tuple((name, split(value)[0]) for name, value in layout.dimensions(cells)),
            comment=_comment(layout, attributes, cells),
            indicator=_id(layout, cells, "indicator") or _id(layout, cells, "flow"),
            unit=_id(layout, cells, "unit"),
            multiplier=_id(layout, cells, "multiplier"),
            **_status(layout, cells),
        )

    return read


def split(text: str) -> tuple[str, str]:
    """The code of a cell and its label: ``BR: Brazil``."""
    found = _LABELLED.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")


def _id(layout: Layout, cells: Cells, role: str) -> str:
    return split(layout.text(cells, role))[0]


def _comment(layout: Layout, attributes: Sequence[int], cells: Cells) -> str:
    said = [layout.text(cells, "comment")]
    said += [
        f"{layout.header[column]}: {text}"
        for column in attributes
        if (text := as_text(cells[column]))
    ]
    return "; ".join(text for text in said if text)


def _status(layout: Layout, cells: Cells) -> dict[str, object]:
    """The flags of Eurostat where it uses its own, else the status of SDMX."""
    if flags := _id(layout, cells, "flags"):
        return {"status": flags, "read_status": quality.eurostat}
    return {"status": _id(layout, cells, "status")}


def _check(layout: Layout, cells: Cells) -> None:
    action = _id(layout, cells, "action")
    if action[:1].upper() == "D":
        raise Refused(_now("It asks for a figure to be deleted: figures are never deleted here."))
    if action[:1].upper() not in _KEPT:
        raise Refused(_now("“%s” is not an action of SDMX.") % action[:40])
    confidentiality = _id(layout, cells, "confidentiality")
    if confidentiality.upper() not in ("", "F"):
        raise Refused(
            _now("It is marked as confidential (%s), and not for publication.")
            % confidentiality[:40]
        )


FORMAT = Format("sdmx_csv", _("SDMX-CSV"), fits, _read, frozenset({"nan", ":"}), has_groups=False)
