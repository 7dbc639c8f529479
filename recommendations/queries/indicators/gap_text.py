"""The gap in words: whether it narrowed, and what that rests on."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.charts import NumberFormat, format_number
from recommendations.queries.indicators.gap import FEWEST_FOR_A_TREND, Gap, GapVerdict, Trend
from recommendations.queries.indicators.values import as_decimal

VERDICTS: Final[dict[GapVerdict, str | Promise]] = {
    GapVerdict.NARROWED: gettext_lazy("The gap narrowed between %(first)s and %(last)s."),
    GapVerdict.WIDENED: gettext_lazy("The gap widened between %(first)s and %(last)s."),
    GapVerdict.UNCHANGED: gettext_lazy("The gap stayed the same between %(first)s and %(last)s."),
    GapVerdict.MIXED: gettext_lazy(
        "The gap between %(first)s and %(last)s has no clear trend: the two measures disagree."
    ),
    GapVerdict.ONE_PERIOD: gettext_lazy("The gap has no trend: data exist for %(last)s only."),
    GapVerdict.TOO_FEW: gettext_lazy(
        "The gap has no trend: too few areas have data in every period from %(first)s to %(last)s."
    ),
}

SIZED: Final[dict[GapVerdict, str | Promise]] = {
    GapVerdict.NARROWED: gettext_lazy(
        "The gap narrowed from %(before)s to %(after)s %(unit)s between %(first)s and %(last)s."
    ),
    GapVerdict.WIDENED: gettext_lazy(
        "The gap widened from %(before)s to %(after)s %(unit)s between %(first)s and %(last)s."
    ),
    GapVerdict.UNCHANGED: gettext_lazy(
        "The gap stayed at %(after)s %(unit)s between %(first)s and %(last)s."
    ),
    GapVerdict.MIXED: gettext_lazy(
        "The gap has no clear trend: from %(before)s to %(after)s %(unit)s between %(first)s and "
        "%(last)s, but the two measures disagree."
    ),
}
"""The same with the interquartile range in the first and the last period."""


def verdict_text(trend: Trend, decimals: int, unit: str) -> str:
    """The answer in a sentence, with the size of the gap where it is known.

    ``unit`` is that of distances. Sizes have one place more where they would else look the same.
    """
    ends = {"first": trend.first.period.code, "last": trend.last.period.code, "unit": unit}
    then, now = trend.first.whole.interquartile_range, trend.last.whole.interquartile_range
    if trend.verdict in SIZED and then is not None and now is not None:
        for number in (rounding(decimals - 1), rounding(decimals)):
            sizes = {"before": number(then), "after": number(now)}
            is_equal = sizes["before"] == sizes["after"]
            if is_equal == (trend.verdict == GapVerdict.UNCHANGED):
                return str(SIZED[trend.verdict]) % (ends | sizes)
    return str(VERDICTS[trend.verdict]) % ends


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure in the last period, and beside it what it was in the first."""

    label: str
    value: str
    note: str


def comparison_text(trend: Trend, number: NumberFormat, unit: str, apart: str) -> list[Comparison]:
    """What the answer is taken from: the measures of the same areas at last and at first.

    ``unit`` is that of the figures, ``apart`` that of their distances. Nothing where no areas
    can be followed.
    """
    if trend.verdict in (GapVerdict.ONE_PERIOD, GapVerdict.TOO_FEW):
        return []
    first, last = trend.first, trend.last
    then = first.period.code
    found = (
        (
            _("Interquartile range"),
            apart,
            first.whole.interquartile_range,
            last.whole.interquartile_range,
            trend.spread_pace,
        ),
        (_("Range of regional medians"), apart, first.between_regions, last.between_regions, None),
        (_("Median"), unit, first.whole.median, last.whole.median, trend.median_pace),
    )
    rows = [
        Comparison(label, f"{number(after)} {of}", _was(number(before), then, pace, number))
        for label, of, before, after, pace in found
        if before is not None and after is not None
    ]
    before, after = first.whole.variation, last.whole.variation
    if before is not None and after is not None:
        varied = Comparison(
            _("Coefficient of variation"), ratio(after), _was(ratio(before), then, None, number)
        )
        rows.insert(1, varied)
    return rows


def basis_text(gap: Gap, number: NumberFormat) -> list[str]:
    """Of which areas the answer speaks, what speaks against it, what is hard to compare."""
    trend = gap.trend
    said = [_coverage(trend), *_regions_apart(trend), *_ends(gap, number)]
    if trend.broken:
        said.append(
            ngettext(
                "The series of %(n)d area has a break: its data before and after are not "
                "comparable.",
                "The series of %(n)d areas have a break: their data before and after are "
                "not comparable.",
                trend.broken,
            )
            % {"n": trend.broken}
        )
    return said


def _ends(gap: Gap, number: NumberFormat) -> list[str]:
    """The area with the lowest value of the last period, and the one with the highest."""
    if not (gap.lowest and gap.highest):
        return []
    low, high = gap.lowest[0], gap.highest[0]
    words = _("In %(period)s, values range from %(low)s (%(lowest)s) to %(high)s (%(highest)s).")
    return [
        words
        % {
            "period": gap.last.period.code,
            "low": number(low.figure.known),
            "lowest": low.place.name,
            "high": number(high.figure.known),
            "highest": high.place.name,
        }
    ]


def coverage_text(gap: Gap) -> str:
    """“11 of 12 areas have a figure for 2020.”"""
    return _("%(count)d of %(among)d areas have data for %(period)s.") % {
        "count": gap.last.whole.count,
        "among": gap.last.whole.among,
        "period": gap.last.period.code,
    }


def thin_end_text(gap: Gap) -> str:
    """That many figures of the last period are still to come, where an earlier one has more."""
    last = gap.last
    best = max(gap.moments, key=lambda moment: (moment.whole.count, moment.period))
    if last.whole.count * 4 >= best.whole.count * 3:
        return ""
    return _(
        "Many values for %(last)s are missing: %(count)d areas have data, against "
        "%(most)d for %(best)s. Choose %(best)s as the last year to compare more areas."
    ) % {
        "last": last.period.code,
        "count": last.whole.count,
        "best": best.period.code,
        "most": best.whole.count,
    }


def rounding(decimals: int) -> NumberFormat:
    """How computed numbers are shown: one place more than the figures have, where it is needed.

    What would be rounded to nothing is shown as it is.
    """

    def number(value: Decimal) -> str:
        rounded = round(value, decimals + 1)
        return format_number(rounded.normalize() + 0 if rounded else value)

    return number


def ratio(value: Decimal | None) -> str:
    """A coefficient of variation; empty where there is none."""
    return "" if value is None else number_format(round(value, 3), decimal_pos=3)


def _regions_apart(trend: Trend) -> list[str]:
    """That the regions moved the other way, so that the answer does not hide it."""
    before, after = trend.first.between_regions, trend.last.between_regions
    if before is None or after is None:
        return []
    if trend.verdict == GapVerdict.NARROWED and after > before:
        return [_("However, the regional medians moved further apart.")]
    if trend.verdict == GapVerdict.WIDENED and after < before:
        return [_("However, the regional medians moved closer together.")]
    return []


def _was(before: str, then: str, pace: Fraction | None, number: NumberFormat) -> str:
    if pace is None:
        return _("%(before)s in %(then)s") % {"before": before, "then": then}
    shown = number(as_decimal(pace))
    signed = f"+{shown}" if pace > 0 else shown
    words = {"before": before, "then": then, "pace": signed}
    return _("%(before)s in %(then)s; %(pace)s a year") % words


def _coverage(trend: Trend) -> str:
    words = {
        "count": trend.count,
        "among": trend.among,
        "periods": len(trend.moments),
        "fewest": FEWEST_FOR_A_TREND,
    }
    if trend.verdict == GapVerdict.TOO_FEW:
        return (
            _(
                "Only %(count)d of %(among)d areas have data in all %(periods)d periods. "
                "At least %(fewest)d are needed. Choose fewer years."
            )
            % words
        )
    if trend.verdict == GapVerdict.ONE_PERIOD:
        return _("%(count)d of %(among)d areas have data.") % words
    return (
        _(
            "Interquartile range of the %(count)d of %(among)d areas with data in all %(periods)d "
            "periods."
        )
        % words
    )
