"""The charts of an indicator that is measured in several areas, none of which leads."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from recommendations import charts
from recommendations.charts import Chart
from recommendations.choices import AreaKind, ObsStatus
from recommendations.models import Indicator, Observation
from recommendations.periods import MONTHS, Period, parse
from recommendations.queries.indicators.gap_text import rounding
from recommendations.queries.indicators.series import datum_of, number_format_of
from recommendations.queries.indicators.spread import Spread, range_of
from recommendations.queries.indicators.status import countable_areas, values_of_newest_period

LONGEST_OPEN: Final = 20
"""Areas of a ranking that stands open; a longer one folds."""

PERIODS_OF_A_TREND: Final = 20


def area_charts(
    indicator: Indicator, areas: Sequence[Any], observations: Sequence[Any], first: Period | None
) -> Iterator[Chart[Any]]:
    """The trend of the areas together; then each in the newest period, ranked and mapped."""
    newest = values_of_newest_period(observations)
    if not newest:
        return
    period = newest[0].period
    places = countable_areas([area for area in areas if area.plain], lambda area: area.kind)
    found = {row.area_id: row for row in newest}
    title = _("%(title)s, %(period)s")
    trend = areas_trend(indicator, places, newest[0], first)
    if len({found.period for found in trend.ranges}) > 1:
        yield Chart(
            name="trend",
            heading=_("Trend of the median"),
            draw=charts.range_chart,
            data=trend,
            frame=chart_frame(indicator, "trend", _("%(title)s: median and spread of areas")),
            number=trend.number,
        )
    ranked = [
        charts.RankedArea(name=area.shown_name, **asdict(datum_of(found.get(area.pk))))
        for area in places
    ]
    yield Chart(
        name="ranking",
        heading=_("Ranked, %s") % period,
        draw=charts.ranking_chart,
        data=charts.RankedData(areas=tuple(ranked), number=number_format_of(indicator)),
        frame=chart_frame(indicator, "ranking", title, period=period),
        number=number_format_of(indicator),
        is_folded=len(places) > LONGEST_OPEN,
    )
    countries = [area for area in places if area.kind == AreaKind.COUNTRY and area.iso3]
    if countries:
        yield _map(indicator, countries, found, period)


def _map(
    indicator: Indicator, countries: Sequence[Any], found: Mapping[Any, Any], period: str
) -> Chart[Any]:
    """The newest values as one tile for each country."""
    return Chart(
        name="map",
        heading=_("Map, %s") % period,
        draw=charts.tile_chart,
        data=_tiles(indicator, countries, found),
        frame=chart_frame(indicator, "map", _("%(title)s, %(period)s"), period=period),
        number=number_format_of(indicator),
        is_folded=True,
    )


def areas_trend(
    indicator: Indicator, places: Sequence[Any], newest: Observation, first: Period | None
) -> charts.RangesData:
    """The spread of these areas in the last 20 periods or so, none before ``first``; one query."""
    last = parse(newest.period)
    years = MONTHS.get(last.kind, 0) * PERIODS_OF_A_TREND // 12
    since = date(max(date.min.year, last.first_day.year - years), 1, 1)
    if first:
        since = max(since, first.first_day)
    rows = (
        Observation.objects.filter(
            indicator=indicator.pk,
            dimensions="",
            area__in=[area.pk for area in places],
            last_day__gte=since,
            last_day__lte=last.last_day,
        )
        .latest_revisions()
        .order_by()
        .values_list("period", "value", "obs_status")
    )
    known: dict[Period, list[Decimal]] = defaultdict(list)
    for code, value, status in rows:
        period = parse(code)
        if value is not None and status != ObsStatus.MISSING and period.is_comparable_to(last):
            known[period].append(value)
    ranges = (
        range_of(_("All areas shown"), period, Spread.of(values, len(places)))
        for period, values in sorted(known.items())
    )
    return charts.RangesData(ranges=tuple(ranges), number=rounding(indicator.decimals))


def _tiles(
    indicator: Indicator, countries: Sequence[Any], found: Mapping[int, Observation]
) -> charts.TilesData:
    tiles = (
        charts.Tile(
            iso3=area.iso3,
            name=area.shown_name,
            period=found[area.pk].period if area.pk in found else "",
            href=area.get_absolute_url(),
            **asdict(datum_of(found.get(area.pk))),
        )
        for area in countries
    )
    return charts.TilesData(
        tiles=tuple(tiles), unit=indicator.unit, number=number_format_of(indicator)
    )


def chart_frame(indicator: Indicator, prefix: str, title: str, **words: str) -> charts.Frame:
    return charts.Frame(
        title=title % {"title": indicator.title, **words}, prefix=prefix, unit=indicator.unit
    )
