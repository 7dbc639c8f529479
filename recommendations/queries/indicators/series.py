"""Figures of indicators as pictures: lines with their baseline and target, areas beside each other.

Observations come as rows of the model, the last revision of each.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations import charts, periods
from recommendations.charts import Chart
from recommendations.choices import AreaKind, Frequency, ObsStatus, TargetKind
from recommendations.models import Indicator, Observation
from recommendations.periods import Period
from recommendations.queries.indicators.values import (
    Spread,
    ValueRow,
    datum_of,
    observation_row,
    rounding,
    value_text,
)

POINTS_A_LINE = 60
"""Newest figures of a line that stands beside other things."""

LONGEST_OPEN: Final = 20
"""Areas of a ranking that stands open; a longer one folds."""

PERIODS_OF_A_TREND: Final = 20

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


def values_of_newest_period(observations: Sequence[Any]) -> list[Any]:
    """The figures of the newest period in which any area has a number."""
    period = next((row.period for row in observations if row.value is not None), None)
    return [row for row in observations if row.period == period]


def countable_areas(rows: Sequence[Any], kind_of: Callable[[Any], str]) -> list[Any]:
    """Countries, where there are any: a region beside its own countries would count them twice."""
    countries = [row for row in rows if kind_of(row) == AreaKind.COUNTRY]
    return countries or list(rows)


def series_of(indicator: Indicator, name: str, observations: Iterable[Any]) -> charts.Series:
    """One series of figures of one length: those that can be compared with the newest number.

    Words without a number are a gap, as a missing figure is.
    """
    points = [
        charts.SeriesPoint(period=periods.parse(found.period), **asdict(datum_of(found)))
        for found in observations
    ]
    newest = max((p.period for p in points if p.is_known), default=None)
    return charts.Series(
        name=name,
        points=tuple(p for p in points if newest is None or p.period.is_comparable_to(newest)),
        step_months=_STEPS.get(indicator.frequency),
    )


def line_data(
    indicator: Indicator, series: Sequence[charts.Series], targets: Iterable[Any]
) -> charts.LineData:
    """A line with its first baseline and its last target; ``targets`` are those of its area."""
    goals: dict[str, list[charts.Goal]] = {kind: [] for kind in TargetKind.values}
    for target in targets:
        if target.value is not None:
            period = periods.parse(target.period)
            goals[target.kind].append(charts.Goal(period=period, value=target.value))
    when = attrgetter("period")
    return charts.LineData(
        series=tuple(series),
        baseline=min(goals[TargetKind.BASELINE], key=when, default=None),
        target=max(goals[TargetKind.TARGET], key=when, default=None),
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
    frame = _frame(indicator, f"indicator-{indicator.pk}", _("%(title)s over time"))
    return charts.in_both_widths(charts.line_chart, data, frame)


def sparkline_of(indicator: Indicator, observations: Sequence[Any], prefix: str) -> SafeString:
    """How the figures went, of a word's size; nothing with fewer than two numbers."""
    area = str(observations[0].area) if observations else ""
    series = series_of(indicator, area, observations)
    if len(series.known) < 2:
        return SafeString("")
    frame = _frame(indicator, prefix, _("%(title)s over time"))
    return charts.sparkline(line_data(indicator, [series], ()), frame)


def _frame(indicator: Indicator, prefix: str, title: str, **words: str) -> charts.Frame:
    named = title % {"title": indicator.title, **words}
    return charts.Frame(title=named, prefix=prefix, unit=indicator.unit)


# ---- the pictures of the page of an indicator


def line_charts(
    indicator: Indicator, shown: Sequence[Any], observations: Sequence[Any], targets: Sequence[Any]
) -> Iterator[Chart[Any]]:
    """Lines of the areas that are shown; of a single one with its baseline and target."""
    figures: dict[int, list[Any]] = defaultdict(list)
    for row in observations:
        figures[row.area_id].append(row)
    series = [series_of(indicator, area.shown_name, figures[area.pk]) for area in shown]
    # The aims of several areas in one picture would be taken for those of the others.
    own = [t for t in targets if t.area_id == shown[0].pk] if len(shown) == 1 else []
    named = shown[0].shown_name if len(shown) == 1 else _("chosen areas")
    yield Chart(
        name="lines",
        heading=_("Trend: %s") % named,
        draw=charts.line_chart,
        data=line_data(indicator, series, own),
        frame=_frame(indicator, "lines", _("%(title)s: %(area)s"), area=named),
    )


def area_charts(
    indicator: Indicator, areas: Sequence[Any], observations: Sequence[Any], first: Period | None
) -> Iterator[Chart[Any]]:
    """Where none leads: the trend of the areas; then each in the newest period, ranked, mapped."""
    newest = values_of_newest_period(observations)
    if not newest:
        return
    period, number = newest[0].period, number_format_of(indicator)
    places = countable_areas([area for area in areas if area.plain], lambda area: area.kind)
    found = {row.area_id: row for row in newest}
    title = _("%(title)s, %(period)s")
    ranges = tuple(_trend_of(indicator, places, newest[0], first))
    if len({found.period for found in ranges}) > 1:
        yield Chart(
            name="trend",
            heading=_("Trend of the median"),
            draw=charts.range_chart,
            data=charts.RangesData(ranges=ranges, number=rounding(indicator.decimals)),
            frame=_frame(indicator, "trend", _("%(title)s: median and spread of areas")),
        )
    ranked = (
        charts.RankedArea(name=area.shown_name, **asdict(datum_of(found.get(area.pk))))
        for area in places
    )
    yield Chart(
        name="ranking",
        heading=_("Ranked, %s") % period,
        draw=charts.ranking_chart,
        data=charts.RankedData(areas=tuple(ranked), number=number),
        frame=_frame(indicator, "ranking", title, period=period),
        is_folded=len(places) > LONGEST_OPEN,
    )
    tiles = tuple(
        charts.Tile(
            iso3=area.iso3,
            name=area.shown_name,
            period=found[area.pk].period if area.pk in found else "",
            href=area.get_absolute_url(),
            **asdict(datum_of(found.get(area.pk))),
        )
        for area in places
        if area.kind == AreaKind.COUNTRY and area.iso3
    )
    if tiles:
        yield Chart(
            name="map",
            heading=_("Map, %s") % period,
            draw=charts.tile_chart,
            data=charts.TilesData(tiles=tiles, unit=indicator.unit, number=number),
            frame=_frame(indicator, "map", title, period=period),
            is_folded=True,
        )


def _trend_of(
    indicator: Indicator, places: Sequence[Any], newest: Observation, first: Period | None
) -> Iterator[charts.Range]:
    """The spread of these areas in the last 20 periods or so, none before ``first``; one query."""
    last = periods.parse(newest.period)
    years = periods.MONTHS.get(last.kind, 0) * PERIODS_OF_A_TREND // 12
    since = date(max(date.min.year, last.first_day.year - years), 1, 1)
    if first:
        since = max(since, first.first_day)
    rows = Observation.objects.filter(
        indicator=indicator.pk,
        dimensions="",
        area__in=[area.pk for area in places],
        last_day__gte=since,
        last_day__lte=last.last_day,
    )
    columns = rows.latest_revisions().order_by().values_list("period", "value", "obs_status")
    known: dict[Period, list[Decimal]] = defaultdict(list)
    for code, value, status in columns:
        period = periods.parse(code)
        if value is not None and status != ObsStatus.MISSING and period.is_comparable_to(last):
            known[period].append(value)
    for period, values in sorted(known.items()):
        yield charts.Range.of(_("All areas shown"), period, Spread.of(values, len(places)))
