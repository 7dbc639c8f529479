"""Figures of indicators as lines: the series, its baseline and target, and the pictures of them.

Observations come as rows of the model, the last revision of each; nothing here reads the database.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations import charts, periods
from recommendations.choices import ConfirmationState, Frequency, TargetKind
from recommendations.models import Indicator, Observation
from recommendations.queries.indicators.values import ValueRow, observation_row, value_text

POINTS_A_LINE = 60
"""Newest figures of a line that stands beside other things."""

_STEPS: dict[str, int] = {
    Frequency.ANNUAL: 12,
    Frequency.HALF_YEARLY: 6,
    Frequency.QUARTERLY: 3,
    Frequency.MONTHLY: 1,
}


def latest_value(indicator: Indicator, observations: Iterable[Any]) -> ValueRow | None:
    """The newest that says something, of figures that come newest first."""
    for found in observations:
        if found.value is not None or found.text:
            return observation_row(found, indicator.decimals)
    return None


def series_of(indicator: Indicator, name: str, observations: Iterable[Any]) -> charts.Series:
    """One series of figures of one length: those that can be compared with the newest number.

    Words without a number are a gap, as a missing figure is.
    """
    points = [series_point(found) for found in observations]
    newest = max((p.period for p in points if p.is_known), default=None)
    return charts.Series(
        name=name,
        points=tuple(p for p in points if newest is None or p.period.is_comparable_to(newest)),
        step_months=_STEPS.get(indicator.frequency),
    )


def series_point(observation: Observation) -> charts.SeriesPoint:
    period = periods.parse(observation.period)
    return charts.SeriesPoint(period=period, **asdict(datum_of(observation)))


def datum_of(observation: Observation | None) -> charts.Datum:
    """A figure as charts take it; an area without a row is missing, which is not 0."""
    if observation is None:
        return charts.Datum(value=None)
    return charts.Datum(
        value=observation.value,
        status=observation.obs_status,
        is_lower_bound=observation.is_lower_bound,
        is_approximate=observation.is_approximate,
        is_unconfirmed=observation.confirmation_state == ConfirmationState.UNCONFIRMED,
    )


def line_data(
    indicator: Indicator, series: Sequence[charts.Series], targets: Iterable[Any]
) -> charts.LineData:
    """A line with its first baseline and its last target; ``targets`` are those of its area."""
    return charts.LineData(
        series=tuple(series),
        baseline=min(_goals(targets, TargetKind.BASELINE), key=_when, default=None),
        target=max(_goals(targets, TargetKind.TARGET), key=_when, default=None),
        number=number_format_of(indicator),
    )


def number_format_of(indicator: Indicator) -> Callable[[Decimal], str]:
    """How figures of an indicator are written."""
    return lambda value: value_text(value, "", indicator.decimals)


def small_line_chart(
    indicator: Indicator, observations: Sequence[Any], targets: Sequence[Any]
) -> SafeString:
    """The headline over time with its aims; nothing where there is nothing to compare."""
    if not observations:
        return SafeString("")
    area = observations[0].area
    own = [target for target in targets if target.area_id == area.pk]
    data = line_data(indicator, [series_of(indicator, str(area), observations)], own)
    if len(data.values) < 2:
        return SafeString("")
    frame = charts.Frame(
        title=_("%(title)s over time") % {"title": indicator.title},
        prefix=f"indicator-{indicator.pk}",
        unit=indicator.unit,
    )
    return charts.in_both_widths(charts.line_chart, data, frame)


def sparkline_of(indicator: Indicator, observations: Sequence[Any], prefix: str) -> SafeString:
    """How the figures went, of a word's size; nothing with fewer than two numbers."""
    if not observations:
        return SafeString("")
    series = series_of(indicator, str(observations[0].area), observations)
    if len(series.known) < 2:
        return SafeString("")
    title = _("%(title)s over time") % {"title": indicator.title}
    frame = charts.Frame(title=title, prefix=prefix)
    return charts.sparkline(line_data(indicator, [series], ()), frame)


def _goals(targets: Iterable[Any], kind: str) -> list[charts.Goal]:
    return [
        charts.Goal(period=periods.parse(target.period), value=target.value)
        for target in targets
        if target.kind == kind and target.value is not None
    ]


def _when(goal: charts.Goal) -> periods.Period:
    return goal.period
