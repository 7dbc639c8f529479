"""The two layouts of figures for the Sustainable Development Goals.

The United Nations' Global SDG Database has a row for each figure of many places; Open SDG, which
national platforms run, has a file for each indicator of one place, with a blank for the total.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from recommendations.choices import ObsStatus
from recommendations.readers.statistics.figures import CodeList, Place
from recommendations.readers.statistics.layout import Cells, Entry, Format, Layout, Read, Said
from recommendations.readers.statistics.long import STATUS, has_area

_UN_ROLES = {
    "code": ("geoareacode",),
    "name": ("geoareaname",),
    "period": ("timeperiod",),
    "value": ("value",),
    "status": STATUS,
    "nature": ("nature",),
    "comment": ("footnote",),
    "indicator": ("seriescode",),
    "unit": ("units",),
    "source": ("source",),
}
_UN_IGNORED = frozenset(
    {
        *("goal", "target", "indicator", "seriesdescription", "time detail", "timecoverage"),
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
    "status": STATUS,
    "comment": ("comment", "comments", "footnote", "comment obs"),
    "indicator": ("series",),
    "unit": ("units", "unit measure"),
    "multiplier": ("unit multiplier", "unit mult"),
}


def _fits_un(header: Sequence[str]) -> bool:
    return Layout(header, _UN_ROLES).has("code", "period", "value", "indicator")


def _read_un(header: Sequence[str], said: Said) -> Read:
    layout = Layout(header, _UN_ROLES, said, _UN_IGNORED)
    for role in ("code", "period", "value"):
        layout.need(role)

    def read(cells: Cells) -> Iterator[Entry]:
        code = layout.text(cells, "code")
        where = Place.of(code, layout.text(cells, "name"), CodeList.M49) if code else Place()
        status, comment = _quality(layout, cells)
        return layout.entries(cells, where, status=status, comment=comment)

    return read


def _quality(layout: Layout, cells: Cells) -> tuple[str, str]:
    """The status of a figure and the comment on it; its nature is a status where none is given."""
    nature = layout.text(cells, "nature")
    implied, words = _NATURES.get(nature.upper(), ("", _now("Nature: %s") % nature))
    stated = layout.text(cells, "status")
    comment = [layout.text(cells, "comment"), str(words)]
    status = implied if stated.upper() in ("", ObsStatus.NORMAL) and implied else stated
    return status, "; ".join(said for said in comment if said)


def _fits_open(header: Sequence[str]) -> bool:
    layout = Layout(header, _OPEN_ROLES)
    return layout.has("period", "value") and (layout.has("code") or not has_area(header))


def _read_open(header: Sequence[str], said: Said) -> Read:
    layout = Layout(header, _OPEN_ROLES, said)
    for role in ("period", "value"):
        layout.need(role)

    def read(cells: Cells) -> Iterator[Entry]:
        code = layout.text(cells, "code")
        return layout.entries(cells, Place(code, "", CodeList.OWN) if code else Place())

    return read


UN = Format(
    "un_sdg", _("UN Global SDG Database"), _fits_un, _read_un, frozenset({"nan", "n", "na"})
)
OPEN = Format(
    "open_sdg",
    _("Open SDG"),
    _fits_open,
    _read_open,
    frozenset({"nan", "na"}),
    is_about_one_place=True,
)
