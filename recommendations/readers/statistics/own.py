"""Figures as this tracker writes them: every column known, so that nothing is lost on the way.

``recommendations.exports.figures`` writes it. Columns for people, such as the name of the
revision, are read over: what is revised is told by comparing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from recommendations.readers.statistics.figures import Place, Refused
from recommendations.readers.statistics.layout import (
    Cells,
    Entry,
    Format,
    Layout,
    Read,
    Said,
    as_text,
)
from recommendations.readers.tables import Cell, fold

_ROLES = {
    name: (name.replace("_", " "),)
    for name in (
        "indicator",
        "unit",
        "area_code",
        "area_name",
        "period",
        "dimensions",
        "value",
        "text",
        "status",
        "marks",
        "source",
        "comment",
    )
}
_READ_OVER = frozenset({"revision", "recorded at"})
_TELLING = ("area code", "period", "value", "dimensions", "marks")

MARKS = ("lower_bound", "approximate", "derived", "assumed")
"""What a figure may be marked as, in the order in which it is written."""


def _fits(header: Sequence[str]) -> bool:
    return {fold(name) for name in header}.issuperset(_TELLING)


def _read(header: Sequence[str], said: Said) -> Read:
    layout = Layout(header, _ROLES, said, ignored=_READ_OVER)
    for role in ("area_code", "period", "value"):
        layout.need(role)

    def read(cells: Cells) -> Iterator[Entry]:
        place = Place(layout.text(cells, "area_code"), layout.text(cells, "area_name"))
        dimensions = [*_parts(layout.text(cells, "dimensions")), *layout.dimensions(cells)]
        marks = _marks(layout.text(cells, "marks"))
        words = {role: _words(layout.cell(cells, role)) for role in ("text", "source", "comment")}
        return layout.entries(cells, place, dimensions=dimensions, marks=marks, **words)

    return read


def _words(cell: Cell) -> str:
    """A cell with its lines and its spaces as they were written."""
    return str(cell) if as_text(cell) else ""


def _parts(key: str) -> Iterator[tuple[str, str]]:
    """``SEX=F|AGE=Y15T24`` in pairs."""
    for part in filter(None, key.split("|")):
        name, sign, value = part.partition("=")
        if not (name and sign and value):
            raise Refused(_now("“%s” is no dimension: it reads such as SEX=F.") % part[:40])
        yield name, value


def _marks(words: str) -> frozenset[str]:
    found = frozenset(words.split())
    if unknown := sorted(found - set(MARKS)):
        raise Refused(_now("“%s” is no mark of a figure.") % unknown[0][:40])
    return found


FORMAT = Format("tracker", _("Figures from this tracker"), _fits, _read, has_groups=False)
