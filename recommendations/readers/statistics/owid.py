"""The tables of Our World in Data: entity, code, year, and one or more columns of figures."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.readers.statistics.figures import AreaCodeList, AreaReference, Use
from recommendations.readers.statistics.layout import (
    Cells,
    Layout,
    ParseOptions,
    RawFigure,
    RowReader,
    StatisticsFormat,
)
from recommendations.readers.tables import TableError

_AREAS = frozenset(f"OWID_{code}" for code in ("CYN", "ENG", "KOS", "NIR", "SCT", "WLS"))
"""Areas with a code of Our World in Data; its other codes of that kind are groups."""

_ROLES = {"name": ("entity",), "code": ("code",), "period": ("year", "day", "date")}
_NO_FIGURES = (
    *("continent", "owid region", "world region according to owid"),
    "world regions according to owid",
)


class SeveralColumns(TableError):
    """A file has several columns of figures: one of ``columns``, their headers, must be chosen."""

    def __init__(self, columns: Sequence[str]) -> None:
        named = ", ".join(f"“{name}”" for name in columns)
        super().__init__(gettext("The file has several value columns. Choose one: %s.") % named)
        self.columns = tuple(columns)


def _value_columns(header: Sequence[str]) -> tuple[str, ...]:
    """The headers of the columns that hold figures."""
    return tuple(header[column] for column in Layout(header, _ROLES, ignored=_NO_FIGURES).rest)


def _signs(header: Sequence[str]) -> tuple[str, ...]:
    layout = Layout(header, _ROLES)
    return layout.signs("name", "code", "period") if layout.has("name", "period") else ()


def _read(header: Sequence[str], options: ParseOptions) -> tuple[RowReader, Sequence[Use]]:
    columns = _value_columns(header)
    if len(columns) > 1 and not options.value_column:
        raise SeveralColumns(columns)
    if not columns:
        raise TableError(gettext("The file has no value column."))
    chosen = options.value_column or columns[0]
    layout = Layout(header, _ROLES, ParseOptions(value_column=chosen))
    layout.require("name", "period")

    def read(cells: Cells) -> Iterable[RawFigure]:
        area = _area(layout.text(cells, "code"), layout.text(cells, "name"), layout.has("code"))
        raw = layout.raw_figure(cells, area)
        raw.indicator, raw.dimensions = chosen, ()
        return [raw]

    others = frozenset(layout.rest)
    uses = [Use.NOT_READ if n in others else use for n, use in enumerate(layout.uses())]
    return read, uses


def _area(code: str, name: str, has_codes: bool) -> AreaReference:
    if not code:
        return AreaReference("", name, is_aggregate=has_codes)
    if code.startswith("OWID_"):
        return AreaReference(code, name, AreaCodeList.OWN, is_aggregate=code not in _AREAS)
    return AreaReference(code, name, AreaCodeList.ISO3)


OWID = StatisticsFormat("owid", _("Our World in Data"), _signs, _read)
