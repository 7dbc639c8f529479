"""Values of an indicator as pages show them, and exact arithmetic on them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Clamped, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from fractions import Fraction
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.choices import ConfirmationState, ObsStatus, TargetKind, TargetMark
from recommendations.choices.statuses import code_label
from recommendations.models import EvidenceLink, Indicator, Observation, Target
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
    value = value_text(observation.value, observation.text, decimals)
    if observation.value is not None:
        if observation.is_lower_bound:
            value = _("more than %s") % value
        if observation.is_approximate:
            value = _("about %s") % value
    author = observation.recorded_by
    return ValueRow(
        label=_("Observed"),
        value=value,
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


def value_rows(
    indicator: Indicator, observations: Iterable[Any], targets: Iterable[Any]
) -> list[ValueRow]:
    """Baselines and targets first, then what was observed."""
    aims = [target_row(target, indicator.decimals) for target in targets]
    return aims + [observation_row(found, indicator.decimals) for found in observations]


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
    row.proofs = [
        proof_of(link, person, may_remove=_may_remove(link, person)) for link in row.proof_links
    ]
    return row


def _may_remove(link: EvidenceLink, person: Person) -> bool:
    """``permissions.can_detach`` of somebody who may record figures there, without asking again."""
    return permissions.can_review(person) or not permissions.is_anothers_objection(person, link)
