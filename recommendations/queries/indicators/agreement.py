"""Figures that disagree: a value with its numerator and denominator, parts with their total.

Arithmetic is exact. Nothing is refused for it: a person is told, and decides.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from recommendations.choices import Measure
from recommendations.models import Indicator, Observation
from recommendations.queries.indicators.values import NEWEST_FIRST, as_decimal

MOST_COMPARED: Final = 5_000
"""Values of one indicator that its page compares, the newest."""

MOST_LISTED: Final = 20

_PERCENT = re.compile(r"%|\bper ?cent")
_PER_MANY = re.compile(r"\bper (\d[\d,. ]*)")
_PER_MILLION = re.compile(r"\bper million\b")
_NOT_COUNTED = re.compile(
    r"%|/|\b(?:per|percent|rate|ratio|index|share|average|mean|median|score)\b"
)

_PARTITIONS = (
    frozenset({"F", "M"}),
    frozenset({"FEMALE", "MALE"}),
    frozenset({"U", "R"}),
    frozenset({"URBAN", "RURAL"}),
)
"""Codes of one dimension that together are the whole, and do not overlap."""

_TOTALS = ("_T", "T", "TOTAL", "ALL", "BOTHSEX", "ALLAREA")

Values = Mapping[str, Decimal]
"""Values of one area and period by their dimensions."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Figures of one area and period that cannot all be right, and why."""

    area: str
    period: str
    words: str

    def __str__(self) -> str:
        return f"{self.area}, {self.period}: {self.words}"


def term_disagreement(
    indicator: Indicator,
    value: Decimal | None,
    numerator: Decimal | None,
    denominator: Decimal | None,
    *,
    is_lower_bound: bool = False,
    is_approximate: bool = False,
) -> str:
    """Why a value is not its numerator by its denominator, to the decimals of the indicator.

    Empty where it is, or where one of them is missing. A lower bound may lie below.
    """
    if value is None or numerator is None or denominator is None or is_approximate:
        return ""
    if not denominator:
        return _("The denominator is 0.")
    quotient = Fraction(numerator) / Fraction(denominator)
    expected = [quotient * scale for scale in _scales(indicator)]
    tolerance = _half_unit(indicator)
    for wanted in expected:
        difference = Fraction(value) - wanted
        if abs(difference) <= tolerance or (is_lower_bound and difference < 0):
            return ""
    return _("%(numerator)s / %(denominator)s is %(expected)s, not %(value)s.") % {
        "numerator": _shown(numerator),
        "denominator": _shown(denominator),
        "expected": _rounded(expected[0], indicator.decimals),
        "value": _shown(value),
    }


def is_additive(indicator: Indicator) -> bool:
    """Whether parts of a value add up to it: it counts things, and is no rate or average."""
    is_count = indicator.measure in (Measure.UNIT, Measure.NOMINAL)
    return is_count and not _NOT_COUNTED.search(indicator.unit.casefold())


def part_disagreements(indicator: Indicator, values: Values) -> Iterator[str]:
    """Where the parts of one area and period do not add up to their total.

    Only where all parts are there (women and men, urban and rural) and the total is, and beyond
    what rounding each of them explains.
    """
    groups: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
    for key, value in values.items():
        parts = [part.partition("=") for part in filter(None, key.split("|"))]
        for name, _sign, code in parts:
            rest = "|".join(f"{other}={of}" for other, _is, of in parts if other != name)
            groups[name, rest][code.upper()] = value
    for (name, rest), found in groups.items():
        totals = [found.pop(code) for code in _TOTALS if code in found]
        total = totals[0] if totals else values.get(rest)
        if total is None or frozenset(found) not in _PARTITIONS:
            continue
        added = sum(map(Fraction, found.values()), Fraction(0))
        if abs(added - Fraction(total)) > (len(found) + 1) * _half_unit(indicator):
            named = " + ".join(f"{name}={code}" for code in sorted(found))
            yield _("%(parts)s is %(sum)s, but the total is %(total)s.") % {
                "parts": f"{named} ({rest})" if rest else named,
                "sum": _rounded(added, indicator.decimals),
                "total": _shown(total),
            }


def disagreements_of(indicator: Indicator, **of: Any) -> list[Disagreement]:
    """Current figures of an indicator that disagree, the newest first; one query.

    ``of`` narrows it, such as to one ``area`` and ``period``.
    """
    figures = Observation.objects.filter(indicator=indicator.pk, **of)
    told = Q(numerator__isnull=False, denominator__isnull=False)
    if is_additive(indicator):
        # Lists, and no condition on each row: a database works each out once.
        parts = figures.exclude(dimensions="").order_by()
        same = {"area__in": parts.values("area"), "period__in": parts.values("period")}
        told |= ~Q(dimensions="") | Q(**same)
    found = figures.latest_revisions().filter(told, value__isnull=False).select_related("area")
    newest = found.order_by(*NEWEST_FIRST)[:MOST_COMPARED]
    groups: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in newest:
        groups[str(row.area), row.period].append(row)
    disagreements = []
    for (area, period), rows in groups.items():
        words = [observation_disagreement(indicator, row) for row in rows]
        if is_additive(indicator):
            exact = [row for row in rows if not (row.is_lower_bound or row.is_approximate)]
            values = {row.dimensions: row.value for row in exact}
            words += part_disagreements(indicator, values)
        disagreements += [Disagreement(area, period, each) for each in words if each]
    return disagreements


def observation_disagreement(indicator: Indicator, row: Observation) -> str:
    """``term_disagreement`` of an observation, with its dimensions."""
    words = term_disagreement(
        indicator,
        row.value,
        row.numerator,
        row.denominator,
        is_lower_bound=row.is_lower_bound,
        is_approximate=row.is_approximate,
    )
    return f"{row.dimensions}: {words}" if words and row.dimensions else words


def _scales(indicator: Indicator) -> list[int]:
    """What a quotient is multiplied by to be a value of an indicator; the likeliest first."""
    unit = indicator.unit.casefold()
    if indicator.measure == Measure.PERCENTAGE or _PERCENT.search(unit):
        return [100]
    if _PER_MILLION.search(unit):
        return [1_000_000]
    if found := _PER_MANY.search(unit):
        return [int(re.sub(r"\D", "", found[1]))]
    return [1, 100]


def _half_unit(indicator: Indicator) -> Fraction:
    return Fraction(1, 2 * 10**indicator.decimals)


def _rounded(number: Fraction, decimals: int) -> str:
    """A number to so many places, written plainly, as the others of the sentence are."""
    return format(as_decimal(round(number, decimals)), "f")


def _shown(number: Decimal) -> str:
    return format(number.normalize(), "f")
