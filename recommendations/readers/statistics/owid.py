"""The tables of Our World in Data: entity, code, year, and one or more columns of figures."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy as _

from recommendations.readers.statistics.figures import AreaCodeList, AreaReference, Use
from recommendations.readers.statistics.layout import (
    Cells,
    Layout,
    ParseOptions,
    RawFigure,
    RowReader,
    StatisticsFormat,
    with_values,
)

_AREAS = frozenset(f"OWID_{code}" for code in ("CYN", "ENG", "KOS", "NIR", "SCT", "WLS"))
"""Areas with a code of Our World in Data; its other codes of that kind are groups."""

_ROLES = {"name": ("entity",), "code": ("code",), "period": ("year", "day", "date")}
_NO_FIGURES = (
    *("continent", "owid region", "world region according to owid"),
    "world regions according to owid",
)


def _signs(header: Sequence[str]) -> tuple[str, ...]:
    layout = Layout(header, _ROLES)
    return layout.signs("name", "code", "period") if layout.has("name", "period") else ()


def _read(header: Sequence[str], options: ParseOptions) -> tuple[RowReader, Sequence[Use]]:
    columns = Layout(header, _ROLES, ignored=_NO_FIGURES).rest
    options = with_values(options, [header[column] for column in columns])
    layout = Layout(header, _ROLES, options, options.ignored.union(_NO_FIGURES))
    layout.require("name", "period")

    def read(cells: Cells) -> Iterable[RawFigure]:
        area = _area(layout.text(cells, "code"), layout.text(cells, "name"), layout.has("code"))
        raw = layout.raw_figure(cells, area)
        raw.indicator = options.value_column
        return [raw]

    return read, layout.uses()


def _area(code: str, name: str, has_codes: bool) -> AreaReference:
    if not code:
        return AreaReference("", name, is_aggregate=has_codes)
    if code.startswith("OWID_"):
        return AreaReference(code, name, AreaCodeList.OWN, is_aggregate=code not in _AREAS)
    return AreaReference(code, name, AreaCodeList.ISO3)


OWID = StatisticsFormat("owid", _("Our World in Data"), _signs, _read)
