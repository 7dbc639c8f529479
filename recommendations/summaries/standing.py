"""Where an indicator stands, in words: its newest figure, which way it goes, what it covers.

Where no figure leads, the areas that report are counted, and no total is made of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import periods
from recommendations.summaries import movement, progress_words
from recommendations.summaries.figures import Figure, in_words, observed
from recommendations.summaries.lines import lead_of
from recommendations.summaries.progress import progress_between
from recommendations.vocabulary import AreaKind, Direction, Movement


@dataclass(frozen=True, slots=True)
class Spread:
    """What the areas report for one period."""

    period: str
    reporting: int
    among: int
    lowest: str
    highest: str
    median: str
    lowest_area: str
    highest_area: str


@dataclass(frozen=True, slots=True)
class Standing:
    """``headline`` or ``spread``, never both. ``since_missing`` are newer periods without a figure.

    ``progress``, ``pace`` and ``projection`` are words, empty where no baseline or target was set.
    ``movement`` is a code of ``Movement`` and ``movement_words`` a sentence, empty where there is
    no headline; ``coverage`` says how much has been recorded.
    """

    headline: Figure | None
    spread: Spread | None
    since_missing: tuple[str, ...]
    movement: str
    movement_words: str
    coverage: str
    progress: str = ""
    pace: str = ""
    projection: str = ""


def standing_of(
    indicator: Any,
    areas: Sequence[Any],
    lead: Any,
    observations: Sequence[Any],
    targets: Iterable[Any] = (),
) -> Standing:
    """``observations``: those of the lead, else of the newest period; newest first."""
    headline = lead_of(indicator, observations) if lead else None
    code, words = _movement(indicator, observations) if lead else ("", "")
    return Standing(
        **_progress(indicator, lead, observations, targets),
        headline=headline,
        spread=None if lead else spread_of(indicator, areas, observations),
        since_missing=_missing_since(observations) if headline else (),
        movement=code,
        movement_words=words,
        coverage=_coverage(areas),
    )


def _progress(
    indicator: Any, lead: Any, observations: Sequence[Any], targets: Iterable[Any]
) -> dict[str, str]:
    """How far the lead has come, where somebody said from where or to where it should."""
    aims = list(targets)
    measured = {lead.pk} if lead else {target.area_id for target in aims}
    own = [target for target in aims if target.area_id in measured]
    if not own or len(measured) > 1:
        return {}
    found = progress_between(indicator.direction, own, observations if lead else ())
    return {
        "progress": progress_words.told(found, indicator.decimals),
        "pace": progress_words.pace(found, indicator.unit, indicator.decimals),
        "projection": progress_words.projection(found, indicator.decimals),
    }


def of_newest_period(observations: Sequence[Any]) -> list[Any]:
    """The figures of the newest period in which any area has a number."""
    period = next((row.period for row in observations if row.value is not None), None)
    return [row for row in observations if row.period == period]


def counted(rows: Sequence[Any], kind_of: Any) -> list[Any]:
    """Countries, where there are any: a region beside its own countries would count them twice."""
    countries = [row for row in rows if kind_of(row) == AreaKind.COUNTRY]
    return countries or list(rows)


def spread_of(indicator: Any, areas: Sequence[Any], observations: Sequence[Any]) -> Spread | None:
    """From where to where the areas report for the newest period with a number."""
    newest = counted(of_newest_period(observations), lambda row: row.area.kind)
    known = sorted((row for row in newest if row.value is not None), key=lambda row: row.value)
    if not known:
        return None
    among = counted([area for area in areas if area.plain], lambda area: area.kind)
    names = {area.pk: area.shown_name for area in areas}

    def said(value: Decimal) -> str:
        return in_words(value, "", indicator.decimals)

    return Spread(
        period=known[0].period,
        reporting=len(known),
        among=len(among),
        lowest=said(known[0].value),
        highest=said(known[-1].value),
        median=said(median(row.value for row in known)),
        lowest_area=names[known[0].area_id],
        highest_area=names[known[-1].area_id],
    )


def _missing_since(observations: Sequence[Any]) -> tuple[str, ...]:
    missing: list[str] = []
    for row in observations:
        if row.value is not None or row.text:
            break
        missing.append(row.period)
    return tuple(missing)


def _movement(indicator: Any, observations: Sequence[Any]) -> tuple[str, str]:
    """Which way the headline moved last, with both figures; else why that cannot be said."""
    points = [
        movement.Point(periods.parse(row.period), row.value, row.obs_status)
        for row in observations[: movement.LOOKED_AT]
    ]
    pair = movement.compared(points)
    if pair is None:
        return Movement.NOT_KNOWN, _(
            "Which way it moves cannot be said: there are no two figures that can be compared."
        )
    said = {row.period: observed(row, indicator.decimals).value for row in observations}
    newest, before = (point.period.code for point in pair)
    figures = {
        "first": said[before],
        "before": before,
        "last": said[newest],
        "newest": newest,
    }
    code = movement.between(indicator.direction, points)
    return code, _told(code, indicator.direction) % figures


def _told(code: str, direction: str) -> str:
    match code:
        case Movement.TOWARDS:
            return _("Moves as wanted: from %(first)s in %(before)s to %(last)s in %(newest)s.")
        case Movement.AGAINST:
            return _(
                "Moves against what is wanted: from %(first)s in %(before)s to %(last)s in "
                "%(newest)s."
            )
        case Movement.STILL:
            return _("Unchanged: %(first)s in %(before)s, %(last)s in %(newest)s.")
    if direction == Direction.MAINTAIN:
        return _(
            "It is to be kept as it is: %(first)s in %(before)s, %(last)s in %(newest)s. Whether "
            "that is near enough is for people to judge."
        )
    return _(
        "Nobody has said which way is wanted: %(first)s in %(before)s, %(last)s in %(newest)s."
    )


def _coverage(areas: Sequence[Any]) -> str:
    number = sum(area.figures for area in areas)
    if not number:
        return ""
    first = min(area.first for area in areas).year
    last = max(area.last for area in areas).year
    shown = number_format(number, force_grouping=True)
    figures = ngettext("%(n)s figure", "%(n)s figures", number) % {"n": shown}
    places = ngettext("%(n)d area", "%(n)d areas", len(areas)) % {"n": len(areas)}
    words = {"figures": figures, "areas": places, "first": first, "last": last}
    if first == last:
        return _("%(figures)s for %(areas)s, of %(first)d") % words
    return _("%(figures)s for %(areas)s, from %(first)d to %(last)d") % words
