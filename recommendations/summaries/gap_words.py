"""The gap in words: whether it narrowed, and what that rests on."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Final

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.charts import plain
from recommendations.summaries.exact import as_decimal
from recommendations.summaries.gap import FEWEST_FOR_A_TREND, Gap, Moment, Trend, Verdict

Number = Callable[[Decimal], str]

VERDICTS: Final[dict[Verdict, str | Promise]] = {
    Verdict.NARROWED: gettext_lazy("The gap narrowed between %(first)s and %(last)s."),
    Verdict.WIDENED: gettext_lazy("The gap widened between %(first)s and %(last)s."),
    Verdict.UNCHANGED: gettext_lazy("The gap stayed the same between %(first)s and %(last)s."),
    Verdict.MIXED: gettext_lazy(
        "Whether the gap narrowed between %(first)s and %(last)s cannot be said: "
        "two ways to measure it disagree."
    ),
    Verdict.ONE_PERIOD: gettext_lazy(
        "Whether the gap narrowed cannot be said: there are figures for %(last)s alone."
    ),
    Verdict.TOO_FEW: gettext_lazy(
        "Whether the gap narrowed cannot be said: too few areas have a figure in every period "
        "from %(first)s to %(last)s."
    ),
}


def verdict(trend: Trend) -> str:
    """The answer, in a sentence."""
    ends = {"first": trend.first.period.code, "last": trend.last.period.code}
    return str(VERDICTS[trend.verdict]) % ends


def basis(trend: Trend, number: Number, unit: str) -> list[str]:
    """What the answer rests on: how far apart then and now, and of how many areas it speaks."""
    said = []
    if trend.verdict not in (Verdict.ONE_PERIOD, Verdict.TOO_FEW):
        said += _ways(trend.first, trend.last, number, unit)
    said.append(_coverage(trend))
    if trend.broken:
        said.append(
            ngettext(
                "The series of %(n)d of them breaks in between: its figures before and after "
                "were measured differently.",
                "The series of %(n)d of them break in between: their figures before and after "
                "were measured differently.",
                trend.broken,
            )
            % {"n": trend.broken}
        )
    return said


def between_regions(trend: Trend, number: Number, unit: str) -> str:
    """How far the regions lie apart then and now; empty where that is not known."""
    before, after = trend.first.between_regions, trend.last.between_regions
    if before is None or after is None or trend.verdict in (Verdict.ONE_PERIOD, Verdict.TOO_FEW):
        return ""
    return _(
        "From the region with the lowest median to the one with the highest it is "
        "%(after)s %(unit)s, and was %(before)s."
    ) % {"before": number(before), "after": number(after), "unit": unit}


def paces(trend: Trend, number: Number, unit: str) -> str:
    """What the median and the middle half gained or lost a year; empty where not known."""
    if trend.median_pace is None or trend.spread_pace is None:
        return ""
    return _(
        "A year, the median moved by %(median)s and the width of the middle half by "
        "%(spread)s %(unit)s."
    ) % {
        "median": _signed(trend.median_pace, number),
        "spread": _signed(trend.spread_pace, number),
        "unit": unit,
    }


def coverage(gap: Gap) -> str:
    """“11 of 12 areas have a figure for 2020.”"""
    return _("%(count)d of %(among)d areas have a figure for %(period)s.") % {
        "count": gap.last.whole.count,
        "among": gap.last.whole.among,
        "period": gap.last.period.code,
    }


def rounding(decimals: int) -> Number:
    """How computed numbers are shown: one place more than the figures have, where it is needed.

    What would be rounded to nothing is shown as it is.
    """

    def number(value: Decimal) -> str:
        rounded = round(value, decimals + 1)
        return plain(rounded.normalize() + 0 if rounded else value)

    return number


def ratio(value: Decimal | None) -> str:
    """A coefficient of variation; empty where there is none."""
    return "" if value is None else number_format(round(value, 3), decimal_pos=3)


def _ways(first: Moment, last: Moment, number: Number, unit: str) -> list[str]:
    before, after = first.whole, last.whole
    said = []
    if before.interquartile_range is not None and after.interquartile_range is not None:
        said.append(
            _("The middle half of the areas lies %(after)s %(unit)s apart, after %(before)s.")
            % {
                "before": number(before.interquartile_range),
                "after": number(after.interquartile_range),
                "unit": unit,
            }
        )
    if before.variation is not None and after.variation is not None:
        said.append(
            _("Measured by their mean they vary by %(after)s, after %(before)s.")
            % {"before": ratio(before.variation), "after": ratio(after.variation)}
        )
    return said


def _coverage(trend: Trend) -> str:
    words = {
        "count": trend.count,
        "among": trend.among,
        "periods": len(trend.moments),
        "fewest": FEWEST_FOR_A_TREND,
    }
    if trend.verdict == Verdict.TOO_FEW:
        return (
            _(
                "Only %(count)d of %(among)d have one in all %(periods)d of them, and at least "
                "%(fewest)d are needed. Choose fewer years."
            )
            % words
        )
    if trend.verdict == Verdict.ONE_PERIOD:
        return _("%(count)d of %(among)d areas have one.") % words
    return (
        _(
            "This speaks of the %(count)d of %(among)d areas that have a figure in every one of "
            "the %(periods)d periods."
        )
        % words
    )


def _signed(pace: Fraction, number: Number) -> str:
    shown = number(as_decimal(pace))
    return f"+{shown}" if pace > 0 else shown
