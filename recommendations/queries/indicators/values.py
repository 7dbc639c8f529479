"""Values of an indicator as pages show them, and exact arithmetic on them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import (
    Clamped,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)
from fractions import Fraction
from typing import Any, Self

from django.db.models import OuterRef, QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.charts import Datum, FiveNumbers, NumberFormat, format_number
from recommendations.choices import ConfirmationState, ObsStatus, TargetKind, TargetMark
from recommendations.choices.statuses import code_label
from recommendations.models import Observation, Target
from recommendations.permissions import Person
from recommendations.queries.responses import proof_of, readable_proofs

FIGURE_COLUMNS = (
    "indicator",
    "area__name",
    "period",
    "value",
    "text",
    "obs_status",
    "source_status",
    "is_lower_bound",
    "is_approximate",
    "is_derived",
    "is_assumed",
    "comment",
    "source",
    "dimensions",
    "recorded_by__is_demonstration",
    "asks_confirmation",
    "confirmation__id",
)
"""What ``observation_row`` and a line of figures show of each; with what they are related to."""

NEWEST_FIRST = ("-last_day", "area__name", "dimensions", "pk")
"""The order of the figures of an indicator in a table."""

DAYS_A_YEAR = Fraction(3652425, 10000)
"""The mean year of the Gregorian calendar."""

EXACT = Context(prec=500, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow, Clamped])
"""Sums, differences and products of figures fit in; what would not is an error, never rounded."""

SHOWN = Context(prec=28)
"""For roots and for quotients that have no end."""


def as_decimal(number: Fraction) -> Decimal:
    """A fraction as a decimal: exact where it has one, else to 28 digits."""
    numerator, denominator = Decimal(number.numerator), Decimal(number.denominator)
    try:
        return EXACT.divide(numerator, denominator)
    except Inexact:
        return SHOWN.divide(numerator, denominator)


def per_year(change: Fraction, first: date, last: date) -> Fraction | None:
    """A change between two days as one a year; None where no time lies between them."""
    days = (last - first).days
    return change * DAYS_A_YEAR / days if days > 0 else None


def line_at(points: Sequence[tuple[int, Fraction]], x: int) -> Fraction | None:
    """The value at ``x`` of the straight line through points by ordinary least squares.

    None where they lie at fewer than two places.
    """
    count = len(points)
    sum_x, sum_y = sum(at for at, _y in points), sum((y for _x, y in points), Fraction(0))
    around = count * sum(at * at for at, _y in points) - sum_x * sum_x
    if not around:
        return None
    together = count * sum((at * y for at, y in points), Fraction(0)) - sum_x * sum_y
    return (sum_y + together / around * (count * x - sum_x)) / count


# ---- how far apart figures lie


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread(FiveNumbers):
    """How the figures of ``count`` of ``among`` areas lie; None where too few have one.

    Quartiles interpolate between neighbours (type 7 of Hyndman and Fan, Sample quantiles in
    statistical packages, 1996). ``variation`` is the coefficient of variation: the standard
    deviation of these areas, which are all there are, divided by the size of their mean; it needs
    two figures and a mean other than 0, and is rounded to 28 digits, as a root has no end.
    """

    variation: Decimal | None = None

    @classmethod
    def of(cls, figures: Iterable[Decimal | None], among: int) -> Self:
        """The spread of what is known; None is missing and moves nothing."""
        known = sorted(figure for figure in figures if figure is not None)
        if not known:
            return cls(count=0, among=among)
        return cls(
            count=len(known),
            among=among,
            minimum=known[0],
            lower_quartile=_quartile(known, 1),
            median=_quartile(known, 2),
            upper_quartile=_quartile(known, 3),
            maximum=known[-1],
            variation=_variation(known),
        )

    @property
    def interquartile_range(self) -> Decimal | None:
        return difference(self.upper_quartile, self.lower_quartile)


def difference(high: Decimal | None, low: Decimal | None) -> Decimal | None:
    """One figure less another, to the last digit; None where one is missing."""
    return None if high is None or low is None else EXACT.subtract(high, low)


def _quartile(known: list[Decimal], quarter: int) -> Decimal:
    """The value a number of quarters of the way from the first of sorted figures to the last."""
    place, beyond = divmod((len(known) - 1) * quarter, 4)
    if not beyond:
        return known[place]
    low, high = known[place], known[place + 1]
    way = EXACT.multiply(EXACT.subtract(high, low), Decimal(beyond))
    return EXACT.add(low, EXACT.divide(way, Decimal(4)))


def _variation(known: list[Decimal]) -> Decimal | None:
    """Of n figures x: the root of nΣx² − (Σx)², divided by the size of Σx."""
    count = len(known)
    with localcontext(EXACT):
        total = sum(known, Decimal(0))
        apart = count * sum((figure * figure for figure in known), Decimal(0)) - total * total
    if count < 2 or not total:
        return None
    # One root of the quotient, so that only this is rounded: twice, far below what is shown.
    with localcontext(SHOWN) as wide:
        wide.prec += 10
        root = (apart / (total * total)).sqrt()
    return SHOWN.plus(root)


# ---- values in words


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One observation, baseline or target, ready to be read."""

    label: str
    value: str
    is_number: bool
    area: str
    period: str
    marks: tuple[str, ...]
    comment: str
    source: str = ""
    dimensions: str = ""
    is_demonstration: bool = False
    status: str = ObsStatus.NORMAL


def observation_row(observation: Observation, decimals: int) -> ValueRow:
    """An observation in words; a missing one says so and is never 0.

    With ``confirmation`` selected, since it is a mark.
    """
    marks = [_("lower bound")] if observation.is_lower_bound and observation.value is None else []
    if observation.confirmation_state == ConfirmationState.UNCONFIRMED:
        marks.insert(0, _("unconfirmed"))
    if observation.is_derived:
        marks.append(_("derived"))
    if observation.is_assumed:
        marks.append(_("assumed"))
    if (code := observation.stated_code) != ObsStatus.NORMAL:
        marks.append(code_label(code).lower())
    author = observation.recorded_by
    return ValueRow(
        label=_("Observed"),
        value=bounded_text(observation, decimals, observation.text),
        is_number=observation.value is not None,
        area=str(observation.area),
        period=observation.period,
        marks=tuple(marks),
        comment=observation.comment,
        source=observation.source,
        dimensions=observation.dimensions,
        is_demonstration=bool(author and author.is_demonstration),
        status=observation.obs_status,
    )


def bounded_text(found: Any, decimals: int, text: str = "") -> str:
    """The value of an observation or of a term, with what makes it a bound or approximate."""
    value = value_text(found.value, text, decimals)
    if found.value is not None and found.is_lower_bound:
        value = _("more than %s") % value
    if found.value is not None and found.is_approximate:
        value = _("about %s") % value
    return value


def target_row(target: Target, decimals: int) -> ValueRow:
    """A baseline or target in words."""
    marks = () if target.mark == TargetMark.STATED else (str(TargetMark(target.mark).label),)
    return ValueRow(
        label=str(TargetKind(target.kind).label),
        value=value_text(target.value, target.text, decimals),
        is_number=target.value is not None,
        area=str(target.area),
        period=target.period,
        marks=marks,
        comment=target.comment,
    )


def value_text(value: Decimal | None, text: str, decimals: int) -> str:
    """A number with its thousands grouped, or the words that stand instead of one.

    Shows at least ``decimals`` places, and never fewer than were recorded.
    """
    if value is None:
        return text or _("No data")
    exponent = value.as_tuple().exponent
    recorded = -exponent if isinstance(exponent, int) else 0
    return str(number_format(value, decimal_pos=max(decimals, recorded, 0), force_grouping=True))


def rounding(decimals: int) -> NumberFormat:
    """How computed numbers are shown: one place more than the figures have, where it is needed.

    What would be rounded to nothing is shown as it is.
    """

    def number(value: Decimal) -> str:
        rounded = round(value, decimals + 1)
        return format_number(rounded.normalize() + 0 if rounded else value)

    return number


def datum_of(observation: Observation | None) -> Datum:
    """A figure as charts take it; an area without a row is missing, which is not 0."""
    if observation is None:
        return Datum(value=None)
    return Datum(
        value=observation.value,
        status=observation.obs_status,
        is_lower_bound=observation.is_lower_bound,
        is_approximate=observation.is_approximate,
        is_unconfirmed=observation.confirmation_state == ConfirmationState.UNCONFIRMED,
    )


def earlier_revisions(prefix: str = "") -> QuerySet[Observation]:
    """What is left of a figure without its last revision, to ask whether there is any."""
    same = ("indicator", "area", "period", "dimensions")
    of = {name: OuterRef(f"{prefix}{name}") for name in same}
    return Observation.objects.standing().filter(**of, revision__lt=OuterRef(f"{prefix}revision"))


def figure_key(row: Observation) -> tuple[Any, ...]:
    """What the revisions of one figure of an indicator share."""
    return row.area_id, row.period, row.dimensions


def with_record(person: Person) -> QuerySet[Observation]:
    """Figures as ``value_detail`` needs them."""
    related = (
        *("indicator", "area", "recorded_by", "confirmation__confirmed_by"),
        "import_run__undone_by",
    )
    rows = Observation.objects.select_related(*related)
    return rows.prefetch_related(readable_proofs(person))


def value_detail(row: Any, person: Person) -> Any:
    """The row for somebody who may record figures there, with its ``figure`` and ``proofs``."""
    row.figure = observation_row(row, row.indicator.decimals)
    # ``permissions.can_detach`` of somebody who may record there, without asking again.
    may_all, is_anothers = permissions.can_review(person), permissions.is_anothers_objection
    row.proofs = [
        proof_of(link, person, may_remove=may_all or not is_anothers(person, link))
        for link in row.proof_links
    ]
    return row
