"""The two layouts of figures for the Sustainable Development Goals.

The United Nations' Global SDG Database has a row for each figure of many areas; Open SDG, which
national platforms use, has a file for each indicator of one area, with a blank for the total.
"""

from collections.abc import Iterable, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.choices import ObsStatus
from recommendations.readers.statistics.figures import AreaCodeList, AreaReference
from recommendations.readers.statistics.layout import (
    Cells,
    Layout,
    ParseOptions,
    RawFigure,
    RowReader,
    StatisticsFormat,
)
from recommendations.readers.statistics.plain_tables import STATUS_HEADERS, has_area

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


def _signs_un(header: Sequence[str]) -> tuple[str, ...]:
    layout = Layout(header, _UN_ROLES)
    roles = ("indicator", "code", "period", "value")
    return layout.signs(*roles) if layout.has(*roles) else ()


def _read_un(header: Sequence[str], options: ParseOptions) -> RowReader:
    layout = Layout(header, _UN_ROLES, options, _UN_IGNORED)
    layout.require("code", "period", "value")

    def read(cells: Cells) -> Iterable[RawFigure]:
        code = layout.text(cells, "code")
        area = (
            AreaReference.of(code, layout.text(cells, "name"), AreaCodeList.M49)
            if code
            else AreaReference()
        )
        raw = layout.raw_figure(cells, area)
        raw.status, raw.comment = _status(layout, cells)
        return [raw]

    return read


def _status(layout: Layout, cells: Cells) -> tuple[str, str]:
    """The status of a figure and its comment; its nature implies a status where none is stated."""
    nature = layout.text(cells, "nature")
    implied, words = _NATURES.get(nature.upper(), ("", gettext("Nature: %s") % nature))
    stated = layout.text(cells, "status")
    comment = [layout.text(cells, "comment"), str(words)]
    status = implied if stated.upper() in ("", ObsStatus.NORMAL) and implied else stated
    return status, "; ".join(text for text in comment if text)


def _signs_open(header: Sequence[str]) -> tuple[str, ...]:
    layout = Layout(header, _OPEN_ROLES)
    fits = layout.has("period", "value") and (layout.has("code") or not has_area(header))
    return layout.signs("period", "value", "code", "unit") if fits else ()


def _read_open(header: Sequence[str], options: ParseOptions) -> RowReader:
    layout = Layout(header, _OPEN_ROLES, options)
    layout.require("period", "value")

    def read(cells: Cells) -> Iterable[RawFigure]:
        code = layout.text(cells, "code")
        return layout.raw_figures(
            cells, AreaReference(code, "", AreaCodeList.OWN) if code else AreaReference()
        )

    return read


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
