"""Progress of an indicator between its baseline and its target, as numbers and in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any, Final

from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations import periods
from recommendations.charts import SeriesPoint
from recommendations.choices import Direction, ObsStatus, TargetKind, TargetMark
from recommendations.models import Observation, Target
from recommendations.periods import Period
from recommendations.queries.indicators.values import as_decimal, line_at, per_year, value_text

FEWEST_FOR_A_PROJECTION: Final = 3

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
    aims = list(aims)
    return progress_from_terms(
        direction,
        [_term_of_target(row) for row in aims if row.kind == TargetKind.BASELINE],
        [_term_of_target(row) for row in aims if row.kind == TargetKind.TARGET],
        [term_of_observation(row) for row in rows],
    )


def progress_from_terms(
    direction: str,
    baselines: Iterable[Term],
    targets: Iterable[Term],
    figures: Sequence[Term],
) -> Progress:
    """The progress from the baselines and targets in use and the figures of one area."""
    known = sorted((term for term in figures if term.exact is not None), key=_period)
    actual = known[-1] if known else None
    target = target_for(targets, actual)
    found = Progress(
        baseline=baseline_for(baselines, actual),
        target=target,
        actual=actual,
        is_upwards=direction == Direction.INCREASE,
    )
    return replace(
        found,
        share=progress_share(*map(_exact, (found.baseline, target, actual))),
        is_met=is_met(direction, target, actual),
        pace=_pace(found.baseline, actual),
        required_pace=_pace(actual, target),
        projection=projected_value(figures, target.period)
        if target and target.exact is not None
        else None,
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
    if aim is None or figure is None or actual is None:
        return None
    if actual.is_lower_bound:
        return _is_met_by_bound(direction, figure, aim)
    match direction:
        case Direction.INCREASE:
            return figure >= aim
        case Direction.DECREASE:
            return figure <= aim
        case Direction.MAINTAIN:
            return figure == aim
    return None


def target_for(targets: Iterable[Term], actual: Term | None) -> Term | None:
    """The next target that falls due when a figure is there; the last one after it has passed."""
    ordered = sorted(targets, key=_period)
    ahead = [term for term in ordered if actual and term.period.last_day >= actual.period.last_day]
    return ahead[0] if ahead else next(reversed(ordered), None)


def baseline_for(baselines: Iterable[Term], actual: Term | None) -> Term | None:
    """The latest baseline that is not later than the figure; without a figure the latest."""
    ordered = sorted(baselines, key=_period)
    before = [
        term for term in ordered if actual is None or term.period.last_day <= actual.period.last_day
    ]
    return next(reversed(before), None)


def projected_value(figures: Iterable[Term], to: Period) -> Fraction | None:
    """The value that the straight line through the figures (least squares) reaches in a period.

    None where fewer than three can be compared: of the frequency of the newest one, since the last
    break of the series, neither forecasts nor bounds; and where the period is not ahead.
    """
    fitted: list[Term] = []
    ordered = sorted((term for term in figures if term.exact is not None), key=_period)
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
    return line_at(
        [(_middle(term.period), Fraction(term.value or 0)) for term in fitted], _middle(to)
    )


def term_of_observation(row: Observation) -> Term:
    """An observation as a term."""
    return Term(
        period=periods.parse(row.period),
        value=row.value,
        status=row.obs_status,
        is_lower_bound=row.is_lower_bound,
        is_approximate=row.is_approximate,
        is_derived=row.is_derived,
        is_assumed=row.is_assumed,
    )


def _term_of_target(row: Target) -> Term:
    return Term(
        period=periods.parse(row.period),
        value=row.value,
        is_derived=row.mark == TargetMark.DERIVED,
        is_assumed=row.mark == TargetMark.ASSUMED,
    )


def _is_met_by_bound(direction: str, figure: Fraction, aim: Fraction) -> bool | None:
    """Of a figure that may be more: only what more would not change can be said."""
    if direction == Direction.INCREASE:
        return True if figure >= aim else None
    if direction in (Direction.DECREASE, Direction.MAINTAIN):
        return False if figure > aim else None
    return None


def _pace(first: Term | None, last: Term | None) -> Fraction | None:
    start, end = _exact(first), _exact(last)
    if first is None or last is None or start is None or end is None:
        return None
    return per_year(end - start, first.period.last_day, last.period.last_day)


def _exact(term: Term | None) -> Fraction | None:
    return term.exact if term else None


def _period(term: Term) -> Period:
    return term.period


def _middle(period: Period) -> int:
    """Twice the middle day, so that it is whole."""
    return period.first_day.toordinal() + period.last_day.toordinal()


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
    aim = f"{value_text(target.value, '', decimals)} {unit}".strip()
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
    value = value_text(found.value, "", decimals)
    if found.is_lower_bound:
        value = _("more than %s") % value
    if found.is_approximate:
        value = _("about %s") % value
    return f"{value} ({', '.join([found.period.code, *term_marks(found)])})"


def term_marks(found: Term) -> list[str]:
    """What a number is worth, apart from what stands before it."""
    named = [_("derived")] if found.is_derived else []
    named += [_("assumed")] if found.is_assumed else []
    if found.status != ObsStatus.NORMAL:
        named.append(str(ObsStatus(found.status).label).lower())
    return named


def pace_text(progress: Progress, unit: str, decimals: int) -> str:
    """“−2.5 persons a year since 2019; −5 a year are needed until 2025”; as far as it is known."""
    parts = []
    if progress.pace is not None and progress.baseline:
        parts.append(
            _("%(pace)s %(unit)s a year since %(period)s")
            % {
                "pace": rounded_text(progress.pace, decimals),
                "unit": unit,
                "period": progress.baseline.period.code,
            }
        )
    if progress.required_pace is not None and progress.target and not progress.is_met:
        parts.append(
            _("%(pace)s %(unit)s a year are needed until the end of %(period)s")
            % {
                "pace": rounded_text(progress.required_pace, decimals),
                "unit": unit,
                "period": progress.target.period.code,
            }
        )
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


def short_progress(progress: Progress, decimals: int, today: date) -> ShortProgress | None:
    """“62% of 5,000, due in 2024”; none without a target."""
    target = progress.target
    if target is None or target.exact is None:
        return None
    share = _share(progress) if progress.share is not None else _share_of_target(progress)
    aim = {"target": value_text(target.value, "", decimals), "period": target.period.code}
    if share:
        words = _("%(share)s of the way to %(target)s, due in %(period)s")
        if progress.baseline is None:
            words = _("%(share)s of %(target)s, due in %(period)s")
        text = capfirst(words % {"share": share, **aim})
    else:
        text = _("Target %(target)s, due in %(period)s") % aim
    return ShortProgress(text, bool(progress.is_met), is_missed(progress, today))


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
