"""Where an indicator stands: its newest period, its progress, and which way it moved."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import takewhile
from statistics import median
from typing import Any

from django.db.models import Exists, F, OuterRef, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import periods
from recommendations.charts import SeriesPoint
from recommendations.choices import AreaKind, Direction, Movement, ObsStatus
from recommendations.models import Area, Indicator, Observation
from recommendations.queries.indicators import progress
from recommendations.queries.indicators.progress import progress_between
from recommendations.queries.indicators.series import (
    countable_areas,
    latest_value,
    values_of_newest_period,
)
from recommendations.queries.indicators.values import ValueRow, observation_row, value_text

LOOKED_AT = 24
"""Newest figures among which two of one frequency are looked for: two years of months."""


def movement_of(indicator: Indicator) -> Movement:
    """The movement of the headline of an indicator, as its figures stand now."""
    return movement_between(indicator.direction, headline_points(indicator.pk))


def movements_at(
    indicators: Sequence[Indicator],
    known: datetime,
    areas_then: Callable[[list[Area]], list[Area]],
) -> dict[int, Movement]:
    """The movements of indicators as their figures stood at a moment, by their ids.

    ``areas_then`` gives areas as they were. Three statements, however many indicators.
    """
    figures = Observation.objects.filter(indicator__in=indicators, dimensions="")
    measured: dict[int, set[int]] = defaultdict(set)
    pairs = figures.standing(known).order_by().values_list("indicator", "area").distinct()
    for indicator, area in pairs:
        measured[indicator].add(area)
    areas = Area.objects.filter(pk__in=set().union(*measured.values()))
    kinds = {area.pk: area.kind for area in areas_then(list(areas))}
    leads = {
        pk: leading({area: kinds[area] for area in of if area in kinds})
        for pk, of in measured.items()
    }
    points = _newest(figures, known, leads)
    return {row.pk: movement_between(row.direction, points.get(row.pk, ())) for row in indicators}


def headline_points(indicator_id: int, known: datetime | None = None) -> list[SeriesPoint]:
    """The newest figures for all areas, or for the one area there is; newest first.

    With ``known``: as they stood at that moment.
    """
    figures = Observation.objects.filter(indicator=indicator_id, dimensions="")
    # The areas first, in place of with_headline(): that asks of every figure for others.
    measured = Area.objects.filter(Exists(figures.standing(known).filter(area=OuterRef("pk"))))
    leads = leading(dict(measured.values_list("pk", "kind")))
    found = figures.filter(area__in=leads).latest_revisions(known)
    newest = found.order_by("-last_day", "first_day", "pk")[:LOOKED_AT]
    return [_point(*row) for row in newest.values_list("period", "value", "obs_status")]


def leading(kinds: Mapping[int, str]) -> list[int]:
    """The areas of the headline among those with figures, by kind: all of them, or the only one
    beside its own parts."""
    whole = {pk: kind for pk, kind in kinds.items() if kind != AreaKind.PART} or kinds
    return [pk for pk, kind in whole.items() if kind == AreaKind.ALL or len(whole) == 1]


def _newest(
    figures: Any, known: datetime, leads: Mapping[int, Collection[int]]
) -> Mapping[int, list[SeriesPoint]]:
    """The newest points of each indicator in its leading areas; one statement."""
    of_areas = figures.filter(area__in=set().union(*leads.values()))
    together = of_areas.latest_revisions(known)
    order = [F("last_day").desc(), F("first_day").asc(), F("pk").asc()]
    place = Window(RowNumber(), partition_by=["indicator", "area"], order_by=order)
    rows = together.annotate(place=place).filter(place__lte=LOOKED_AT).order_by(*order)
    found: dict[int, list[SeriesPoint]] = defaultdict(list)
    for indicator, area, *point in rows.values_list(
        "indicator", "area", "period", "value", "obs_status"
    ):
        if area in leads[indicator] and len(found[indicator]) < LOOKED_AT:
            found[indicator].append(_point(*point))
    return found


def _point(period: str, value: Decimal | None, status: str) -> SeriesPoint:
    return SeriesPoint(period=periods.parse(period), value=value, status=status)


def movement_between(direction: str, points: Sequence[SeriesPoint]) -> Movement:
    """How the newest number of a series stands to the one before it of the same frequency.

    ``points`` come newest first. A missing figure is passed over; a break in the series, or no
    second number, leaves nothing to compare. Without a direction nothing is for or against.
    """
    pair = comparable_pair(points)
    if pair is None or direction not in (Direction.INCREASE, Direction.DECREASE):
        return Movement.NOT_KNOWN
    newest, before = (point.value or Decimal(0) for point in pair)
    if newest == before:
        return Movement.STILL
    is_up = newest > before
    return Movement.TOWARDS if is_up == (direction == Direction.INCREASE) else Movement.AGAINST


def comparable_pair(points: Sequence[SeriesPoint]) -> tuple[SeriesPoint, SeriesPoint] | None:
    """The newest figure of a series and the one that it can be compared with; none where none can.

    ``points`` come newest first.
    """
    newest: SeriesPoint | None = None
    for point in points:
        if newest is None:
            newest = point if point.value is not None else None
        elif point.period.is_comparable_to(newest.period) and point.value is not None:
            return newest, point
        if newest is not None and point.status == ObsStatus.BREAK:
            # What comes before a break was measured otherwise.
            return None
    return None


@dataclass(frozen=True, slots=True)
class IndicatorStatus:
    """``headline`` or ``spread``, never both. ``since_missing`` are newer periods without a figure.

    ``progress`` are sentences on the target; ``pace`` and ``projection`` are words, empty where no
    baseline or target was set.
    ``movement`` is a code of ``Movement`` and ``movement_words`` a sentence, empty where there is
    no headline; ``coverage`` says how much has been recorded.
    """

    headline: ValueRow | None
    spread: dict[str, Any] | None
    since_missing: tuple[str, ...]
    movement: str
    movement_words: str
    coverage: str
    progress: tuple[str, ...] = ()
    pace: str = ""
    projection: str = ""


def indicator_status(
    indicator: Indicator,
    areas: Sequence[Any],
    lead: Area | None,
    observations: Sequence[Any],
    targets: Iterable[Any] = (),
) -> IndicatorStatus:
    """``observations``: those of the lead, else of the newest period; newest first."""
    headline = latest_value(indicator, observations) if lead else None
    code, words = _movement(indicator, observations) if lead else ("", "")
    missing = takewhile(lambda row: row.value is None and not row.text, observations)
    return IndicatorStatus(
        **_progress(indicator, lead, observations, targets),
        headline=headline,
        spread=None if lead else area_spread(indicator, areas, observations),
        since_missing=tuple(row.period for row in missing) if headline else (),
        movement=code,
        movement_words=words,
        coverage=_coverage(areas),
    )


def _progress(
    indicator: Indicator, lead: Area | None, observations: Sequence[Any], targets: Iterable[Any]
) -> dict[str, Any]:
    """How far the lead has come, where somebody said from where or to where it should."""
    aims = list(targets)
    if not aims:
        return {"progress": (_("No target is recorded."),)}
    measured = {lead.pk} if lead else {target.area_id for target in aims}
    own = [target for target in aims if target.area_id in measured]
    if not own or len(measured) > 1:
        return {}
    found = progress_between(indicator.direction, own, observations if lead else ())
    # How much of the target is reached, and when it is or was due.
    reached = progress.progress_text(found, indicator.decimals, indicator.unit)
    due = progress.due_text(found, timezone.localdate())
    return {
        "progress": (reached, due) if due else (reached,),
        "pace": progress.pace_text(found, indicator.unit, indicator.decimals),
        "projection": progress.projection_text(found, indicator.decimals),
    }


def area_spread(
    indicator: Indicator, areas: Sequence[Any], observations: Sequence[Any]
) -> dict[str, Any] | None:
    """What the areas report for the newest period with a number: from where to where."""
    newest = countable_areas(values_of_newest_period(observations), lambda row: row.area.kind)
    known = sorted((row for row in newest if row.value is not None), key=lambda row: row.value)
    if not known:
        return None
    among = countable_areas([area for area in areas if area.plain], lambda area: area.kind)
    names = {area.pk: area.shown_name for area in areas}

    lowest, middle, highest = (
        value_text(value, "", indicator.decimals)
        for value in (known[0].value, median(row.value for row in known), known[-1].value)
    )
    return {
        "period": known[0].period,
        "count": len(known),
        "among": len(among),
        "lowest": lowest,
        "highest": highest,
        "median": middle,
        "lowest_area": names[known[0].area_id],
        "highest_area": names[known[-1].area_id],
        "provisional": sum(row.obs_status == ObsStatus.PROVISIONAL for row in known),
    }


def _movement(indicator: Indicator, observations: Sequence[Any]) -> tuple[str, str]:
    """Which way the headline moved last, with both figures; else why that cannot be said."""
    points = [_point(row.period, row.value, row.obs_status) for row in observations[:LOOKED_AT]]
    pair = comparable_pair(points)
    if pair is None:
        return Movement.NOT_KNOWN, _("No trend: no two comparable values.")
    said = {row.period: observation_row(row, indicator.decimals).value for row in observations}
    newest, before = (point.period.code for point in pair)
    figures = {"first": said[before], "before": before, "last": said[newest], "newest": newest}
    code = movement_between(indicator.direction, points)
    words = _("No desired direction stated: %(first)s in %(before)s, %(last)s in %(newest)s.")
    match code:
        case Movement.TOWARDS:
            words = _("Favourable trend: from %(first)s in %(before)s to %(last)s in %(newest)s.")
        case Movement.AGAINST:
            words = _("Unfavourable trend: from %(first)s in %(before)s to %(last)s in %(newest)s.")
        case Movement.STILL:
            words = _("Unchanged: %(first)s in %(before)s, %(last)s in %(newest)s.")
        case _other if indicator.direction == Direction.MAINTAIN:
            words = _(
                "To be maintained: %(first)s in %(before)s, %(last)s in %(newest)s. The "
                "tracker does not judge the difference."
            )
    return code, words % figures


def _coverage(areas: Sequence[Any]) -> str:
    number = sum(area.figures for area in areas)
    if not number:
        return ""
    first, last = min(area.first for area in areas).year, max(area.last for area in areas).year
    shown = {"n": number_format(number, force_grouping=True)}
    figures = ngettext("%(n)s value", "%(n)s values", number) % shown
    places = ngettext("%(n)d area", "%(n)d areas", len(areas)) % {"n": len(areas)}
    words = _("%(figures)s for %(areas)s, from %(first)d to %(last)d")
    if first == last:
        words = _("%(figures)s for %(areas)s, of %(first)d")
    return words % {"figures": figures, "areas": places, "first": first, "last": last}
