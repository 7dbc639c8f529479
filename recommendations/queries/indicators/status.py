"""Where an indicator stands between its baseline and its target, in numbers and in words."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import takewhile
from operator import attrgetter
from statistics import median
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import periods
from recommendations.charts import SeriesPoint
from recommendations.choices import AreaKind, Direction, Movement, ObsStatus, TargetKind, TargetMark
from recommendations.models import Area, Indicator, Observation
from recommendations.periods import Period
from recommendations.queries.indicators.values import (
    ValueRow,
    as_decimal,
    bounded_text,
    countable_areas,
    datum_of,
    latest_value,
    line_at,
    observation_row,
    per_year,
    value_text,
    values_of_newest_period,
)

# ---- Progress of an indicator between its baseline and its target, as numbers and in words

FEWEST_FOR_A_PROJECTION: Final = 3

_JUDGED: Final = (Direction.INCREASE, Direction.DECREASE, Direction.MAINTAIN)
_NOT_FITTED: Final = frozenset({ObsStatus.MISSING, ObsStatus.FORECAST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Term(SeriesPoint):
    """A baseline, a target or a value, with how it came about."""

    is_derived: bool = False
    is_assumed: bool = False

    @property
    def exact(self) -> Fraction | None:
        return Fraction(self.known) if self.is_known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where an indicator stands between baseline and target; None is not known, never 0.

    ``share`` is 1 at the target and may lie beyond it or below 0. ``is_met`` goes by the
    direction. Paces are changes a year of 365.2425 days, from last day to last day of the periods:
    ``pace`` from the baseline to the figure, ``required_pace`` from the figure to the target.
    ``projection`` is the value that the straight line through the figures reaches in the period of
    the target: arithmetic, and nobody's forecast. ``is_upwards``: an increase is wanted.
    """

    baseline: Term | None = None
    target: Term | None = None
    actual: Term | None = None
    share: Fraction | None = None
    is_met: bool | None = None
    pace: Fraction | None = None
    required_pace: Fraction | None = None
    projection: Fraction | None = None
    is_upwards: bool = False

    @property
    def is_at_target_from_the_start(self) -> bool:
        """Whether the target is to stay where the baseline was: then there is no way to go."""
        ends = _exact(self.baseline), _exact(self.target)
        return None not in ends and ends[0] == ends[1]


def progress_between(direction: str, aims: Iterable[Any], rows: Iterable[Any]) -> Progress:
    """The progress that rows of one area show: baselines and targets in use, and figures."""
    ends: dict[str, list[Term]] = {kind: [] for kind in TargetKind.values}
    for aim in aims:
        derived, assumed = (aim.mark == mark for mark in (TargetMark.DERIVED, TargetMark.ASSUMED))
        marks = {"is_derived": derived, "is_assumed": assumed}
        ends[aim.kind].append(Term(period=periods.parse(aim.period), value=aim.value, **marks))
    figures = [
        Term(
            period=periods.parse(row.period),
            is_derived=row.is_derived,
            is_assumed=row.is_assumed,
            **asdict(datum_of(row)),
        )
        for row in rows
    ]
    return progress_from_terms(
        direction, ends[TargetKind.BASELINE], ends[TargetKind.TARGET], figures
    )


def progress_from_terms(
    direction: str,
    baselines: Iterable[Term],
    targets: Iterable[Term],
    figures: Sequence[Term],
) -> Progress:
    """The progress from the baselines and targets in use and the figures of one area."""
    when = attrgetter("period")
    known = sorted((term for term in figures if term.exact is not None), key=when)
    actual = known[-1] if known else None
    # The next target that falls due when a figure is there; the last one after it has passed.
    aims = sorted(targets, key=when)
    ahead = [aim for aim in aims if actual and aim.period.last_day >= actual.period.last_day]
    target = next(iter(ahead or aims[-1:]), None)
    # The latest baseline that is not later than the figure; without a figure the latest.
    since = actual.period.last_day if actual else date.max
    before = sorted((term for term in baselines if term.period.last_day <= since), key=when)
    baseline = before[-1] if before else None
    is_ahead = target is not None and target.exact is not None
    return Progress(
        baseline=baseline,
        target=target,
        actual=actual,
        share=progress_share(*map(_exact, (baseline, target, actual))),
        is_met=is_met(direction, target, actual),
        pace=_pace(baseline, actual),
        required_pace=_pace(actual, target),
        projection=projected_value(figures, target.period) if target and is_ahead else None,
        is_upwards=direction == Direction.INCREASE,
    )


def progress_share(
    baseline: Fraction | None, target: Fraction | None, actual: Fraction | None
) -> Fraction | None:
    """(actual − baseline) / (target − baseline); None where one is missing or there is no way."""
    if baseline is None or target is None or actual is None or target == baseline:
        return None
    return (actual - baseline) / (target - baseline)


def is_met(direction: str, target: Term | None, actual: Term | None) -> bool | None:
    """Whether the target is met, as far as the direction and a lower bound allow to say."""
    aim, figure = _exact(target), _exact(actual)
    if aim is None or figure is None or actual is None or direction not in _JUDGED:
        return None
    if actual.is_lower_bound:
        # It may be more: only what more would not change can be said.
        is_beyond = figure >= aim if direction == Direction.INCREASE else figure > aim
        return direction == Direction.INCREASE if is_beyond else None
    return {
        Direction.INCREASE: figure >= aim,
        Direction.DECREASE: figure <= aim,
        Direction.MAINTAIN: figure == aim,
    }[Direction(direction)]


def projected_value(figures: Iterable[Term], to: Period) -> Fraction | None:
    """The value that the straight line through the figures (least squares) reaches in a period.

    None where fewer than three can be compared: of the frequency of the newest one, since the last
    break of the series, neither forecasts nor bounds; and where the period is not ahead.
    """
    fitted: list[Term] = []
    known = (term for term in figures if term.exact is not None)
    ordered = sorted(known, key=attrgetter("period"))
    for term in ordered:
        if not term.period.is_comparable_to(ordered[-1].period):
            continue
        if term.status == ObsStatus.BREAK:
            # What comes before it was measured otherwise.
            fitted.clear()
        if term.status not in _NOT_FITTED and not term.is_lower_bound:
            fitted.append(term)
    if len(fitted) < FEWEST_FOR_A_PROJECTION or not fitted[-1].period < to:
        return None
    # Twice the middle day, so that it is whole.
    middle, *days = (
        each.first_day.toordinal() + each.last_day.toordinal()
        for each in (to, *(term.period for term in fitted))
    )
    values = (Fraction(term.value or 0) for term in fitted)
    return line_at(list(zip(days, values, strict=True)), middle)


def _pace(first: Term | None, last: Term | None) -> Fraction | None:
    start, end = _exact(first), _exact(last)
    if first is None or last is None or start is None or end is None:
        return None
    return per_year(end - start, first.period.last_day, last.period.last_day)


def _exact(term: Term | None) -> Fraction | None:
    return term.exact if term else None


def progress_text(progress: Progress, decimals: int, unit: str = "") -> str:
    """“50% of the way from 40 (2019) to 10 (2025).”, else the share of the target, or that."""
    baseline, target = progress.baseline, progress.target
    if target is None or target.exact is None:
        return _("No target is recorded.")
    if progress.share is not None and baseline:
        ends = {"baseline": term_text(baseline, decimals), "target": term_text(target, decimals)}
        words = _("%(share)s of the way from %(baseline)s to %(target)s.")
        if progress.share < 0:
            words = _(
                "%(share)s of the way: further from the target of %(target)s than the "
                "baseline of %(baseline)s."
            )
        return capfirst(words % {"share": _share(progress), **ends})
    if progress.is_at_target_from_the_start:
        words = {
            True: _("The target equals the baseline (%(target)s) and is met."),
            False: _("The target equals the baseline (%(target)s) and is not met."),
            None: _("The target equals the baseline (%(target)s). No data to compare."),
        }[progress.is_met]
        return words % {"target": term_text(target, decimals)}
    aim = _target_text(target.value, decimals, unit)
    if share := _share_of_target(progress):
        words = _("%(share)s of the target of %(target)s reached.")
        return capfirst(words % {"share": share, "target": aim})
    return _("Target: %(target)s.") % {"target": aim}


def due_text(progress: Progress, today: date) -> str:
    """When the target is due, and from then on whether it was met; empty where there is none."""
    target = progress.target
    if target is None or target.exact is None:
        return ""
    period = target.period.code
    if target.is_assumed:
        period = _("%(period)s (assumed)") % {"period": period}
    if progress.is_met:
        words = _("Due in %(period)s: met.")
    elif target.period.last_day >= today:
        words = _("Due in %(period)s.")
    elif is_missed(progress, today):
        words = _("Due in %(period)s: missed.")
    else:
        words = _("Due in %(period)s: no data show whether the target was met.")
    return words % {"period": period}


def term_text(found: Term, decimals: int) -> str:
    """A number with its period and its marks: “about 40 (2019, derived)”."""
    named = [found.period.code]
    named += [_("derived")] if found.is_derived else []
    named += [_("assumed")] if found.is_assumed else []
    if found.status != ObsStatus.NORMAL:
        named.append(str(ObsStatus(found.status).label).lower())
    return f"{bounded_text(found, decimals)} ({', '.join(named)})"


def pace_text(progress: Progress, unit: str, decimals: int) -> str:
    """“−2.5 persons a year since 2019; −5 a year are needed until 2025”; as far as it is known."""
    target, required, parts = progress.target, progress.required_pace, []
    if progress.pace is not None and progress.baseline:
        told = {"pace": rounded_text(progress.pace, decimals), "unit": unit}
        words = _("%(pace)s %(unit)s a year since %(period)s")
        parts.append(words % {**told, "period": progress.baseline.period.code})
    if required is not None and target and not progress.is_met:
        told = {"pace": rounded_text(required, decimals), "unit": unit}
        words = _("%(pace)s %(unit)s a year are needed until the end of %(period)s")
        parts.append(words % {**told, "period": target.period.code})
    return "; ".join(parts)


def projection_text(progress: Progress, decimals: int) -> str:
    """What a straight line would reach, said to be that; empty where there is none."""
    if progress.projection is None or progress.target is None:
        return ""
    return _("%(value)s in %(period)s (a projection, not a forecast)") % {
        "value": rounded_text(progress.projection, decimals),
        "period": progress.target.period.code,
    }


def rounded_text(number: Fraction, decimals: int) -> str:
    """A number that was computed, with one place more than the figures have."""
    places = decimals + 1
    value = round(as_decimal(number), places) + 0  # Without the sign of a negative nothing.
    return str(number_format(value, decimal_pos=places, force_grouping=True)).replace("-", "−", 1)


def percent_text(share: Fraction) -> str:
    """In whole per cent; 0% and 100% are said only of what is exactly that."""
    whole = round(share * 100)
    for exactly in (0, 100):
        if whole == exactly and share * 100 != exactly:
            is_more = share * 100 > exactly
            return (_("just over %d%%") if is_more else _("just under %d%%")) % exactly
    return f"{number_format(whole, force_grouping=True)}%".replace("-", "−", 1)


@dataclass(frozen=True, slots=True)
class ShortProgress:
    """A target in a line: how much of it is reached, and whether it was met when it was due."""

    text: str
    is_met: bool = False
    is_missed: bool = False


def short_progress(
    progress: Progress, decimals: int, today: date, unit: str = ""
) -> ShortProgress | None:
    """“62% of 5,000, due in 2024”; none without a target, with the unit where no share is said."""
    target = progress.target
    if target is None or target.exact is None:
        return None
    share = _share(progress) if progress.share is not None else _share_of_target(progress)
    unit = "" if share else unit
    aim = {"target": _target_text(target.value, decimals, unit), "period": target.period.code}
    if share:
        words = _("%(share)s of the way to %(target)s, due in %(period)s")
        if progress.baseline is None:
            words = _("%(share)s of %(target)s, due in %(period)s")
        text = capfirst(words % {"share": share, **aim})
    else:
        text = _("Target %(target)s, due in %(period)s") % aim
    return ShortProgress(text, bool(progress.is_met), is_missed(progress, today))


def _target_text(value: Decimal | None, decimals: int, unit: str) -> str:
    return f"{value_text(value, '', decimals)} {unit}".strip()


def is_missed(progress: Progress, today: date) -> bool:
    """Whether a target that was due is known not to be met."""
    target, actual = progress.target, progress.actual
    if target is None or actual is None or progress.is_met is not False:
        return False
    return actual.period.last_day >= target.period.last_day and target.period.last_day < today


def _share_of_target(progress: Progress) -> str:
    """How much of a target is there, of what grows from nothing; empty where that says nothing."""
    actual, aim = progress.actual, _exact(progress.target)
    figure = _exact(actual)
    if actual is None or figure is None or aim is None or progress.baseline is not None:
        return ""
    if not progress.is_upwards or aim <= 0 or figure < 0:
        return ""
    shown = percent_text(figure / aim)
    return _("at least %s") % shown if actual.is_lower_bound else shown


def _share(progress: Progress) -> str:
    """The share; of a lower bound it is a bound as well."""
    shown = percent_text(progress.share or Fraction(0))
    actual, ends = progress.actual, (progress.baseline, progress.target)
    if not (actual and actual.is_lower_bound and ends[0] and ends[1]):
        return shown
    is_upwards = (ends[1].exact or 0) > (ends[0].exact or 0)
    return (_("at least %s") if is_upwards else _("at most %s")) % shown


# ---- Where an indicator stands: its newest period, its progress, and which way it moved

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
    reached = progress_text(found, indicator.decimals, indicator.unit)
    due = due_text(found, timezone.localdate())
    return {
        "progress": (reached, due) if due else (reached,),
        "pace": pace_text(found, indicator.unit, indicator.decimals),
        "projection": projection_text(found, indicator.decimals),
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
