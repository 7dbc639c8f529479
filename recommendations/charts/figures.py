"""One figure, with what it is worth: the part that every picture has in common."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from recommendations.charts.numbers import Formatter
from recommendations.vocabulary import ObsStatus

_WORTH: Final[dict[str, str | Promise]] = {
    ObsStatus.PROVISIONAL: _("provisional"),
    ObsStatus.ESTIMATED: _("estimated"),
    ObsStatus.FORECAST: _("forecast"),
    ObsStatus.IMPUTED: _("imputed"),
    ObsStatus.LOW_RELIABILITY: _("low reliability"),
    ObsStatus.BREAK: _("series break"),
    ObsStatus.MISSING: _("missing"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure, or that there is none: ``value`` None is missing, never 0.

    ``status`` is an SDMX observation status; a figure marked as missing counts as missing.
    """

    value: Decimal | None
    status: str = ObsStatus.NORMAL
    is_lower_bound: bool = False
    is_approximate: bool = False

    def __post_init__(self) -> None:
        finite(self.value)

    @property
    def is_known(self) -> bool:
        return self.value is not None and self.status != ObsStatus.MISSING

    @property
    def known(self) -> Decimal:
        """The value; raises ValueError where there is none."""
        if self.value is None or not self.is_known:
            raise ValueError("This figure is missing.")
        return self.value

    @property
    def cell(self) -> Decimal | None:
        """The value as a table has it."""
        return self.value if self.is_known else None

    def words(self, number: Formatter) -> str:
        """The figure with its marks: “≥” for a lower bound, “≈” for an approximate one."""
        signs = f"{'≥' if self.is_lower_bound else ''}{'≈' if self.is_approximate else ''}"
        return f"{signs} {number(self.known)}" if signs else number(self.known)

    def full_words(self, number: Formatter, unit: str = "") -> str:
        """The same with its unit, and with what the figure is worth."""
        words = f"{self.words(number)} {unit}".strip()
        if status := status_word(self.status):
            return _now("%(value)s, %(status)s") % {"value": words, "status": status}
        return words

    def note(self) -> str:
        """Every mark in words, for a table."""
        found = (
            status_word(self.status),
            _now("at least") if self.is_lower_bound else "",
            _now("approximate") if self.is_approximate else "",
        )
        return ", ".join(filter(None, found))


def finite(*values: Decimal | None) -> None:
    """Refuse what is no number: a missing figure is None."""
    for value in values:
        if value is not None and not value.is_finite():
            raise ValueError(f"{value} is no figure: give None where one is missing.")


def status_word(status: str) -> str:
    """What a figure is worth, where it is not simply a figure."""
    return str(_WORTH.get(status, ""))
