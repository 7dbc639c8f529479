"""A chart with the table that holds the same data: in a page, or as a file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations.charts.canvas import Frame
from recommendations.charts.text import NumberFormat

TableCell = str | int | Decimal | None


@dataclass(frozen=True, slots=True)
class ChartTable:
    """A header and rows of the same length; None is a missing value."""

    header: tuple[str, ...]
    rows: tuple[tuple[TableCell, ...], ...]


class ChartData(Protocol):
    """What a chart is drawn from."""

    def table(self) -> ChartTable: ...


DataT = TypeVar("DataT", bound=ChartData)


@dataclass(frozen=True, slots=True)
class Chart(Generic[DataT]):
    """A chart that is ready to be drawn. ``name`` is its name in addresses of files.

    ``heading`` is shown above it in a page; ``frame.title`` also says what is measured. ``number``
    writes the numbers of its table in a page, ``column_formats`` those of some columns, by index.
    """

    name: str
    heading: str
    draw: Callable[[DataT, Frame], SafeString]
    data: DataT
    frame: Frame
    is_folded: bool = False
    number: NumberFormat = str
    column_formats: dict[int, NumberFormat] = field(default_factory=dict)

    @property
    def in_page(self) -> SafeString:
        """In both widths."""
        return in_both_widths(self.draw, self.data, self.frame)

    @property
    def table(self) -> ChartTable:
        """Exact values; a page formats them."""
        return self.data.table()

    def rows(self) -> Iterator[list[str]]:
        """The rows of the table as text; a missing value says so."""
        for row in self.table.rows:
            yield [self._cell_text(cell, column) for column, cell in enumerate(row)]

    def as_file(self, note: str = "") -> str:
        """An SVG file with title and note; ``note`` replaces that of the frame."""
        frame = replace(self.frame, is_standalone=True, note=note or self.frame.note)
        return str(self.draw(self.data, frame))

    def _cell_text(self, cell: TableCell, column: int) -> str:
        if isinstance(cell, Decimal):
            return self.column_formats.get(column, self.number)(cell)
        return _("No data") if cell is None else str(cell)


def in_both_widths(
    draw: Callable[[DataT, Frame], SafeString], data: DataT, frame: Frame
) -> SafeString:
    """A chart in both sizes; charts.css shows the one that fits the window."""
    charts = draw(data, frame), draw(data, frame.narrow())
    return format_html('<div class="chart-pair">{}{}</div>', *charts)
