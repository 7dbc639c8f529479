"""A chart with the table that holds the same data, and a value with its observation status."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final, Generic, Protocol, TypeVar

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.charts.canvas import Frame, NumberFormat
from recommendations.choices import ObsStatus

TableCell = str | int | Decimal | None


@dataclass(frozen=True, slots=True)
class ChartTable:
    """A header and rows of the same length; None is a missing value.

    ``formats`` write the numbers of some columns, by index, where a page does not as of the others.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    formats: dict[int, NumberFormat] = field(default_factory=dict)


class ChartData(Protocol):
    """What a chart is drawn from. Its ``number``, where it has one, writes its values."""

    def table(self) -> ChartTable: ...


DataT = TypeVar("DataT", bound=ChartData)


@dataclass(frozen=True, slots=True)
class Chart(Generic[DataT]):
    """A chart that is ready to be drawn. ``name`` is its name in addresses of files.

    ``heading`` is shown above it in a page; ``frame.title`` also says what is measured.
    """

    name: str
    heading: str
    draw: Callable[[DataT, Frame], SafeString]
    data: DataT
    frame: Frame
    is_folded: bool = False

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
        table, number = self.table, getattr(self.data, "number", str)
        for row in table.rows:
            yield [
                table.formats.get(column, number)(cell)
                if isinstance(cell, Decimal)
                else gettext("No data")
                if cell is None
                else str(cell)
                for column, cell in enumerate(row)
            ]

    def as_file(self, note: str = "") -> str:
        """An SVG file with title and note; ``note`` replaces that of the frame."""
        frame = replace(self.frame, is_standalone=True, note=note or self.frame.note)
        return str(self.draw(self.data, frame))


def in_both_widths(
    draw: Callable[[DataT, Frame], SafeString], data: DataT, frame: Frame
) -> SafeString:
    """A chart in both sizes; charts.css shows the one that fits the window."""
    charts = draw(data, frame), draw(data, frame.narrow())
    return format_html('<div class="chart-pair">{}{}</div>', *charts)


# ---- values


_OBS_STATUS_TEXT: Final[dict[str, str | Promise]] = {
    ObsStatus.BREAK: _("series break"),
    ObsStatus.MISSING: _("missing"),
}
"""In fewer words than the label beside a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Datum:
    """One value with its SDMX observation status; ``value`` None is missing, never 0.

    A value whose status is “missing” counts as missing. Raises ``ValueError`` for NaN or infinity.
    """

    value: Decimal | None
    status: str = ObsStatus.NORMAL
    is_lower_bound: bool = False
    is_approximate: bool = False
    is_unconfirmed: bool = False

    def __post_init__(self) -> None:
        require_finite(self.value)

    @property
    def is_known(self) -> bool:
        return self.value is not None and self.status != ObsStatus.MISSING

    @property
    def known(self) -> Decimal:
        """The value; raises ``ValueError`` where it is missing."""
        if self.value is None or not self.is_known:
            raise ValueError("This value is missing.")
        return self.value

    @property
    def known_value(self) -> Decimal | None:
        """The value, or None where it is missing."""
        return self.value if self.is_known else None

    def text(self, number: NumberFormat) -> str:
        """The value with its marks: “≥” for a lower bound, “≈” for an approximate one."""
        signs = f"{'≥' if self.is_lower_bound else ''}{'≈' if self.is_approximate else ''}"
        return f"{signs} {number(self.known)}" if signs else number(self.known)

    def full_text(self, number: NumberFormat, unit: str = "") -> str:
        """The same with its unit and its observation status."""
        text = f"{self.text(number)} {unit}".strip()
        if status := self.status_text():
            return gettext("%(first)s, %(second)s") % {"first": text, "second": status}
        return text

    def status_text(self) -> str:
        """Observation status, and that it is not confirmed yet; empty for most values."""
        unconfirmed = gettext("unconfirmed") if self.is_unconfirmed else ""
        return ", ".join(filter(None, (obs_status_text(self.status), unconfirmed)))

    def note(self) -> str:
        """Status and marks as text, for a table."""
        notes = (
            self.status_text(),
            gettext("at least") if self.is_lower_bound else "",
            gettext("approximate") if self.is_approximate else "",
        )
        return ", ".join(filter(None, notes))


def require_finite(*values: Decimal | None) -> None:
    """Raises ``ValueError`` for NaN and infinity: a missing value is None."""
    for value in values:
        if value is not None and not value.is_finite():
            raise ValueError(f"{value} is no number: give None where one is missing.")


def obs_status_text(status: str) -> str:
    """The label of an observation status, within a sentence; empty for a normal value."""
    if status == ObsStatus.NORMAL or status not in ObsStatus.values:
        return ""
    return str(_OBS_STATUS_TEXT.get(status) or ObsStatus(status).label.lower())
