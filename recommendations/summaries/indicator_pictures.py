"""Pictures of one indicator: lines over time, or the areas of one period as ranking and map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from recommendations import charts
from recommendations.charts import Chart
from recommendations.summaries.lines import line_data, number_of, series_of
from recommendations.summaries.standing import counted, of_newest_period
from recommendations.vocabulary import AreaKind

LONGEST_OPEN = 30
"""Areas of a ranking that stands open; a longer one folds."""


def over_time(
    indicator: Any, shown: Sequence[Any], observations: Sequence[Any], targets: Sequence[Any]
) -> Iterator[Chart[Any]]:
    """Lines of the areas that are shown; of a single one with its baseline and target."""
    series = [
        series_of(
            indicator,
            area.shown_name,
            [row for row in observations if row.area_id == area.pk],
        )
        for area in shown
    ]
    # The aims of several areas in one picture would be taken for those of the others.
    own = [t for t in targets if t.area_id == shown[0].pk] if len(shown) == 1 else []
    named = shown[0].shown_name if len(shown) == 1 else _("chosen areas")
    yield Chart(
        name="lines",
        heading=_("Over time: %s") % named,
        draw=charts.line_chart,
        data=line_data(indicator, series, own),
        frame=_frame(indicator, "lines", _("%(title)s: %(area)s"), area=named),
    )


def over_areas(
    indicator: Any, areas: Sequence[Any], observations: Sequence[Any], targets: Sequence[Any]
) -> Iterator[Chart[Any]]:
    """The areas in the newest period: countries on the map, all of them in order."""
    newest = of_newest_period(observations)
    if not newest:
        return
    period = newest[0].period
    places = counted([area for area in areas if area.plain], lambda area: area.kind)
    found = {row.area_id: row for row in newest}
    title = _("%(title)s, %(period)s")
    countries = [area for area in places if area.kind == AreaKind.COUNTRY and area.iso3]
    if countries:
        tiles = [_tile(area, found.get(area.pk)) for area in countries]
        yield Chart(
            name="map",
            heading=_("On the map, %s") % period,
            draw=charts.tile_chart,
            data=charts.TilesData(
                tiles=tuple(tiles), unit=indicator.unit, number=number_of(indicator)
            ),
            frame=_frame(indicator, "map", title, period=period),
        )
    ranked = [_ranked(area, found.get(area.pk)) for area in places]
    yield Chart(
        name="ranking",
        heading=_("In order, %s") % period,
        draw=charts.ranking_chart,
        data=charts.RankedData(areas=tuple(ranked), number=number_of(indicator)),
        frame=_frame(indicator, "ranking", title, period=period),
        is_folded=len(places) > LONGEST_OPEN,
    )


def _tile(area: Any, row: Any) -> charts.Tile:
    return charts.Tile(
        iso3=area.iso3,
        name=area.shown_name,
        period=row.period if row else "",
        href=area.get_absolute_url(),
        **_worth(row),
    )


def _ranked(area: Any, row: Any) -> charts.RankedArea:
    return charts.RankedArea(name=area.shown_name, **_worth(row))


def _worth(row: Any) -> dict[str, Any]:
    """A figure as pictures take it; an area without a row is missing, which is not 0."""
    if row is None:
        return {"value": None}
    return {
        "value": row.value,
        "status": row.obs_status,
        "is_lower_bound": row.is_lower_bound,
        "is_approximate": row.is_approximate,
    }


def _frame(indicator: Any, prefix: str, title: str, **words: str) -> charts.Frame:
    return charts.Frame(
        title=title % {"title": indicator.title, **words}, prefix=prefix, unit=indicator.unit
    )
