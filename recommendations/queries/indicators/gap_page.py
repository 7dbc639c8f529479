"""The gap in words, and as pictures: whether it narrowed, and what that rests on."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Final

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.charts import (
    Chart,
    ChartTable,
    LineData,
    NumberFormat,
    Range,
    RangesData,
    RankedArea,
    RankedData,
    Series,
    SeriesPoint,
    Tile,
    TilesData,
    line_chart,
    range_chart,
    range_header,
    ranking_chart,
    tile_chart,
)
from recommendations.periods import MONTHS
from recommendations.queries.indicators.gap import (
    FEWEST_FOR_A_TREND,
    Gap,
    GapPeriod,
    GapVerdict,
    Trend,
)
from recommendations.queries.indicators.rows import median_of
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


def verdict_text(trend: Trend, number: NumberFormat, unit: str) -> str:
    """The answer in a sentence, with the size of the gap where it is known.

    ``number`` writes sizes as the measures below do; ``unit`` is that of distances.
    """
    ends = {"first": trend.first.period.code, "last": trend.last.period.code, "unit": unit}
    then, now = trend.first.whole.interquartile_range, trend.last.whole.interquartile_range
    if trend.verdict in SIZED and then is not None and now is not None:
        sizes = {"before": number(then), "after": number(now)}
        if (sizes["before"] == sizes["after"]) == (trend.verdict == GapVerdict.UNCHANGED):
            return str(SIZED[trend.verdict]) % (ends | sizes)
    return str(VERDICTS[trend.verdict]) % ends


def comparison_text(
    trend: Trend, number: NumberFormat, unit: str, apart: str
) -> list[dict[str, str]]:
    """What the answer is taken from: each measure of the same areas in the last period, by its
    ``label`` and ``value``, with a ``note`` of what it was in the first.

    ``unit`` is that of the figures, ``apart`` that of their distances. Nothing where no areas
    can be followed.
    """
    if trend.verdict in (GapVerdict.ONE_PERIOD, GapVerdict.TOO_FEW):
        return []
    first, last = trend.first.whole, trend.last.whole
    regional = trend.first.between_regions, trend.last.between_regions
    in_apart, in_unit = (lambda value, of=of: f"{number(value)} {of}" for of in (apart, unit))
    found = (
        (
            _("Interquartile range"),
            (first.interquartile_range, last.interquartile_range),
            (number, in_apart),
            trend.spread_pace,
        ),
        (_("Coefficient of variation"), (first.variation, last.variation), (ratio, ratio), None),
        (_("Range of regional medians"), regional, (number, in_apart), None),
        (
            capfirst(median_of(trend.count)),
            (first.median, last.median),
            (number, in_unit),
            trend.median_pace,
        ),
    )
    rows = []
    for label, (before, after), (plain, with_unit), pace in found:
        if before is not None and after is not None:
            then = {"before": plain(before), "then": trend.first.period.code}
            note = _("%(before)s in %(then)s") % then
            if pace is not None:
                shown = number(as_decimal(pace))
                told = {**then, "pace": f"+{shown}" if pace > 0 else shown}
                note = _("%(before)s in %(then)s; %(pace)s a year") % told
            rows.append({"label": label, "value": with_unit(after), "note": note})
    return rows


def basis_text(gap: Gap, number: NumberFormat) -> list[str]:
    """Of which areas the answer speaks, what speaks against it, what is hard to compare."""
    trend = gap.trend
    said = [_coverage(trend)]
    before, after = trend.first.between_regions, trend.last.between_regions
    if before is not None and after is not None:
        # The answer does not hide that the regions moved the other way.
        if trend.verdict == GapVerdict.NARROWED and after > before:
            said.append(_("However, the regional medians moved further apart."))
        if trend.verdict == GapVerdict.WIDENED and after < before:
            said.append(_("However, the regional medians moved closer together."))
    if gap.lowest and gap.highest:
        low, high = gap.lowest[0], gap.highest[0]
        words = _(
            "In %(period)s, values range from %(low)s (%(lowest)s) to %(high)s (%(highest)s)."
        )
        ends = {"low": number(low.figure.known), "high": number(high.figure.known)}
        names = {"lowest": low.place.name, "highest": high.place.name}
        said.append(words % {"period": gap.last.period.code, **ends, **names})
    if trend.broken:
        broken = ngettext(
            "The series of %(n)d area has a break: its data before and after are not comparable.",
            "The series of %(n)d areas have a break: their data before and after are not "
            "comparable.",
            trend.broken,
        )
        said.append(broken % {"n": trend.broken})
    return said


def coverage_text(gap: Gap) -> str:
    """“11 of 12 areas have a figure for 2020.”"""
    whole = gap.last.whole
    words = _("%(count)d of %(among)d areas have data for %(period)s.")
    return words % {"count": whole.count, "among": whole.among, "period": gap.last.period.code}


def thin_end_text(gap: Gap) -> str:
    """That many figures of the last period are still to come, where an earlier one has more."""
    last = gap.last
    best = max(gap.moments, key=lambda moment: (moment.whole.count, moment.period))
    if last.whole.count * 4 >= best.whole.count * 3:
        return ""
    words = _(
        "Many values for %(last)s are missing: %(count)d areas have data, against "
        "%(most)d for %(best)s. Choose %(best)s as the last year to compare more areas."
    )
    counts = {"count": last.whole.count, "most": best.whole.count}
    return words % {"last": last.period.code, "best": best.period.code, **counts}


def ratio(value: Decimal | None) -> str:
    """A coefficient of variation; empty where there is none."""
    return "" if value is None else number_format(round(value, 3), decimal_pos=3)


def _coverage(trend: Trend) -> str:
    words = _(
        "Interquartile range of the %(count)d of %(among)d areas with data in all %(periods)d "
        "periods."
    )
    if trend.verdict == GapVerdict.TOO_FEW:
        words = _(
            "Only %(count)d of %(among)d areas have data in all %(periods)d periods. "
            "At least %(fewest)d are needed. Choose fewer years."
        )
    elif trend.verdict == GapVerdict.ONE_PERIOD:
        words = _("%(count)d of %(among)d areas have data.")
    counts = {"count": trend.count, "among": trend.among, "periods": len(trend.moments)}
    return words % {**counts, "fewest": FEWEST_FOR_A_TREND}


# ---- pictures, and the tables that say the same


NAMES: Final = ("trend", "ranking", "regions", "map")
"""The pictures, in the order of the page."""

MANY: Final = 20
"""A ranking of more rows than this is folded."""


def gap_charts(
    gap: Gap, about: str, unit: str, apart: str, number: NumberFormat
) -> dict[str, Chart[Any]]:
    """All charts of a gap by name; ``about`` is the title of the indicator.

    ``unit`` is that of the values, ``apart`` that of their distances.
    """
    trend, last = gap.trend, gap.last
    together = _("All areas shown")
    ranked = (RankedArea(name=r.place.name, **asdict(r.figure)) for r in gap.standings)
    # Regions in the order of the last moment, whichever came first.
    regions = dict.fromkeys(name for each in (last, *gap.moments) for name in each.regions)
    ranges = [Range.of(together, each.period, each.whole) for each in gap.moments]
    ranges += [
        Range.of(name or _("Unknown region"), each.period, each.regions[name])
        for name in regions
        for each in gap.moments
        if name in each.regions
    ]
    chart = partial(Chart.of, "gap", about, unit=unit)
    followed = _("Only the %(count)d of %(among)d areas with data in every period.")
    charts: tuple[Chart[Any], ...] = (
        chart(
            "trend",
            _("Gap over time"),
            line_chart,
            _Trend(series=_lines(trend), number=number, moments=trend.moments),
            note=followed % {"count": trend.count, "among": trend.among},
            unit=apart,
        ),
        chart(
            "ranking",
            _("Areas ranked, %s") % last.period.code,
            ranking_chart,
            RankedData(areas=tuple(ranked), number=number),
            note=coverage_text(gap),
            is_folded=len(gap.standings) > MANY,
        ),
        chart(
            "regions",
            _("Spread of the values"),
            range_chart,
            RangesData(ranges=tuple(ranges), number=number),
            note=_("Each region in each period, with the number of areas that have data."),
            is_folded=True,
        ),
        chart(
            "map",
            _("Values by country in %s") % last.period.code,
            tile_chart,
            TilesData(tiles=tuple(_tiles(gap)), unit=unit, number=number),
            note=_("One tile per country, in its approximate location. The number is the class."),
            is_folded=True,
        ),
    )
    return {each.name: each for each in charts}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trend(LineData):
    """Lines whose table says more than they draw: all that is known of each moment."""

    moments: tuple[GapPeriod, ...]

    def table(self) -> ChartTable:
        apart = _("Coefficient of variation"), _("Range of regional medians")
        header = (*range_header(), _("Interquartile range"), *apart)
        rows = (
            (
                *(moment.period.code, moment.whole.count, moment.whole.among),
                *(*moment.whole.five_numbers, moment.whole.interquartile_range),
                *(moment.whole.variation, moment.between_regions),
            )
            for moment in self.moments
        )
        return ChartTable(header, tuple(rows), {header.index(apart[0]): ratio})


def _lines(trend: Trend) -> tuple[Series, ...]:
    moments = trend.moments
    lines = {
        _("Interquartile range"): [moment.whole.interquartile_range for moment in moments],
        _("Range of regional medians"): [moment.between_regions for moment in moments],
    }
    points = {
        name: [
            SeriesPoint(period=moment.period, value=value)
            for moment, value in zip(moments, values, strict=True)
        ]
        for name, values in lines.items()
        if any(value is not None for value in values)
    }
    step = MONTHS.get(moments[-1].period.kind)
    return tuple(
        Series(name=name, points=tuple(found), step_months=step) for name, found in points.items()
    )


def _tiles(gap: Gap) -> Iterator[Tile]:
    taken: set[str] = set()
    for standing in sorted(gap.standings, key=lambda standing: standing.place.code):
        place = standing.place
        # Without an ISO code, the end of its own; all of it where another has that already.
        short = place.iso3 or place.code.rpartition("-")[2].upper()
        label = place.code if short in taken else short
        taken.add(label)
        figure = asdict(standing.figure)
        period = gap.last.period.code
        yield Tile(iso3=label, name=place.name, period=period, href=place.url, **figure)
