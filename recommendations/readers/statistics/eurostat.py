"""Tab-separated tables of Eurostat: dimensions in the first column, periods as the others.

The first header names the dimensions, separated by commas, and after a backslash that of the other
columns: ``freq,unit,geo\\TIME_PERIOD``. Cells have a value and the flags behind it: ``12.3 bp``.
Source: Eurostat, “TSV format” of its bulk download and of its API (``format=TSV``).
"""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.readers.statistics.cells import cell_text, is_period
from recommendations.readers.statistics.figures import AreaCodeList, AreaReference, FigureError, Use
from recommendations.readers.statistics.layout import (
    Cells,
    ParseOptions,
    RawFigure,
    RowReader,
    StatisticsFormat,
)
from recommendations.readers.tables import TableError, fold_text

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
