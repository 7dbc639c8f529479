"""The tables of Our World in Data: entity, code, year, and one or more columns of figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from recommendations.readers.statistics.figures import CodeList, Place
from recommendations.readers.statistics.layout import Cells, Entry, Format, Layout, Read, Said
from recommendations.readers.tables import TableError

PLACES = frozenset(f"OWID_{code}" for code in ("CYN", "ENG", "KOS", "NIR", "SCT", "WLS"))
"""Places with a code of its own; its other codes of that kind are groups."""

_ROLES = {"name": ("entity",), "code": ("code",), "period": ("year", "day", "date")}
_NO_FIGURES = frozenset(
    {
        "continent",
        "owid region",
        "world region according to owid",
        "world regions according to owid",
    }
)


class SeveralColumns(TableError):
    """A file has several columns of figures; ``columns`` are their headers, one to be named."""

    def __init__(self, columns: Sequence[str]) -> None:
        named = ", ".join(f"“{name}”" for name in columns)
        super().__init__(_now("There are several columns of figures, say which: %s.") % named)
        self.columns = tuple(columns)


def value_columns(header: Sequence[str]) -> tuple[str, ...]:
    """The headers of the columns that hold figures."""
    return tuple(header[column] for column in Layout(header, _ROLES, ignored=_NO_FIGURES).rest)


def _fits(header: Sequence[str]) -> bool:
    return Layout(header, _ROLES).has("name", "period")


def _read(header: Sequence[str], said: Said) -> Read:
    columns = value_columns(header)
    if len(columns) > 1 and not said.value_column:
        raise SeveralColumns(columns)
    if not columns:
        raise TableError(_now("There is no column of figures."))
    named = said.value_column or columns[0]
    layout = Layout(header, _ROLES, Said(value_column=named))
    for role in ("name", "period"):
        layout.need(role)

    def read(cells: Cells) -> Iterator[Entry]:
        where = _place(layout.text(cells, "code"), layout.text(cells, "name"), layout.has("code"))
        return layout.entries(cells, where, indicator=named, dimensions=())

    return read


def _place(code: str, name: str, has_codes: bool) -> Place:
    if not code:
        return Place("", name, is_aggregate=has_codes)
    if code.startswith("OWID_"):
        return Place(code, name, CodeList.OWN, is_aggregate=code not in PLACES)
    return Place(code, name, CodeList.ISO3)


FORMAT = Format("owid", _("Our World in Data"), _fits, _read)
