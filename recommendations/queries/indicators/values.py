"""Values of an indicator: exact arithmetic, lines of them, and where they disagree."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import (
    Clamped,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)
from fractions import Fraction
from operator import attrgetter
from typing import Any, Final, Self

from django.db.models import OuterRef, Q, QuerySet
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations import charts, periods, permissions
from recommendations.charts import Chart, Datum, FiveNumbers, NumberFormat, format_number
from recommendations.choices import (
    AreaKind,
    ConfirmationState,
    Frequency,
    Measure,
    ObsStatus,
    TargetKind,
    TargetMark,
)
from recommendations.choices.statuses import code_label
from recommendations.models import Indicator, Observation, Target
from recommendations.periods import Period
from recommendations.permissions import Person
from recommendations.queries.responses import proof_of, readable_proofs

# ---- Values of an indicator as pages show them, and exact arithmetic on them

FIGURE_COLUMNS = (
    "indicator",
    "area__name",
    "period",
    "value",
    "text",
    "obs_status",
    "source_status",
    "is_lower_bound",
    "is_approximate",
    "is_derived",
    "is_assumed",
    "comment",
    "source",
    "dimensions",
    "recorded_by__is_demonstration",
    "asks_confirmation",
    "confirmation__id",
)
"""What ``observation_row`` and a line of figures show of each; with what they are related to."""

NEWEST_FIRST = ("-last_day", "area__name", "dimensions", "pk")
"""The order of the figures of an indicator in a table."""

DAYS_A_YEAR = Fraction(3652425, 10000)
"""The mean year of the Gregorian calendar."""

EXACT = Context(prec=500, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow, Clamped])
"""Sums, differences and products of figures fit in; what would not is an error, never rounded."""

SHOWN = Context(prec=28)
"""For roots and for quotients that have no end."""


def as_decimal(number: Fraction) -> Decimal:
    """A fraction as a decimal: exact where it has one, else to 28 digits."""
    numerator, denominator = Decimal(number.numerator), Decimal(number.denominator)
    try:
        return EXACT.divide(numerator, denominator)
    except Inexact:
        return SHOWN.divide(numerator, denominator)


def per_year(change: Fraction, first: date, last: date) -> Fraction | None:
    """A change between two days as one a year; None where no time lies between them."""
    days = (last - first).days
    return change * DAYS_A_YEAR / days if days > 0 else None


def line_at(points: Sequence[tuple[int, Fraction]], x: int) -> Fraction | None:
    """The value at ``x`` of the straight line through points by ordinary least squares.

    None where they lie at fewer than two places.
    """
    count = len(points)
    sum_x, sum_y = sum(at for at, _y in points), sum((y for _x, y in points), Fraction(0))
    around = count * sum(at * at for at, _y in points) - sum_x * sum_x
    if not around:
        return None
    together = count * sum((at * y for at, y in points), Fraction(0)) - sum_x * sum_y
    return (sum_y + together / around * (count * x - sum_x)) / count


# ---- how far apart figures lie


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread(FiveNumbers):
    """How the figures of ``count`` of ``among`` areas lie; None where too few have one.

    Quartiles interpolate between neighbours (type 7 of Hyndman and Fan, Sample quantiles in
    statistical packages, 1996). ``variation`` is the coefficient of variation: the standard
    deviation of these areas, which are all there are, divided by the size of their mean; it needs
    two figures and a mean other than 0, and is rounded to 28 digits, as a root has no end.
    """

    variation: Decimal | None = None

    @classmethod
    def of(cls, figures: Iterable[Decimal | None], among: int) -> Self:
        """The spread of what is known; None is missing and moves nothing."""
        known = sorted(figure for figure in figures if figure is not None)
        if not known:
            return cls(count=0, among=among)
        return cls(
            count=len(known),
            among=among,
            minimum=known[0],
            lower_quartile=_quartile(known, 1),
            median=_quartile(known, 2),
            upper_quartile=_quartile(known, 3),
            maximum=known[-1],
            variation=_variation(known),
        )

    @property
    def interquartile_range(self) -> Decimal | None:
        return difference(self.upper_quartile, self.lower_quartile)


def difference(high: Decimal | None, low: Decimal | None) -> Decimal | None:
    """One figure less another, to the last digit; None where one is missing."""
    return None if high is None or low is None else EXACT.subtract(high, low)


def _quartile(known: list[Decimal], quarter: int) -> Decimal:
    """The value a number of quarters of the way from the first of sorted figures to the last."""
    place, beyond = divmod((len(known) - 1) * quarter, 4)
    if not beyond:
        return known[place]
    low, high = known[place], known[place + 1]
    way = EXACT.multiply(EXACT.subtract(high, low), Decimal(beyond))
    return EXACT.add(low, EXACT.divide(way, Decimal(4)))


def _variation(known: list[Decimal]) -> Decimal | None:
    """Of n figures x: the root of nΣx² − (Σx)², divided by the size of Σx."""
    count = len(known)
    with localcontext(EXACT):
        total = sum(known, Decimal(0))
        apart = count * sum((figure * figure for figure in known), Decimal(0)) - total * total
    if count < 2 or not total:
        return None
    # One root of the quotient, so that only this is rounded: twice, far below what is shown.
    with localcontext(SHOWN) as wide:
        wide.prec += 10
        root = (apart / (total * total)).sqrt()
    return SHOWN.plus(root)


# ---- values in words


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One observation, baseline or target, ready to be read."""

    label: str
    value: str
    is_number: bool
    area: str
    period: str
    marks: tuple[str, ...]
    comment: str
    source: str = ""
    dimensions: str = ""
    is_demonstration: bool = False
    status: str = ObsStatus.NORMAL


def observation_row(observation: Observation, decimals: int) -> ValueRow:
    """An observation in words; a missing one says so and is never 0.

    With ``confirmation`` selected, since it is a mark.
    """
    marks = [_("lower bound")] if observation.is_lower_bound and observation.value is None else []
    if observation.confirmation_state == ConfirmationState.UNCONFIRMED:
        marks.insert(0, _("unconfirmed"))
    if observation.is_derived:
        marks.append(_("derived"))
    if observation.is_assumed:
        marks.append(_("assumed"))
    if (code := observation.stated_code) != ObsStatus.NORMAL:
        marks.append(code_label(code).lower())
    author = observation.recorded_by
    return ValueRow(
        label=_("Observed"),
        value=bounded_text(observation, decimals, observation.text),
        is_number=observation.value is not None,
        area=str(observation.area),
        period=observation.period,
        marks=tuple(marks),
        comment=observation.comment,
        source=observation.source,
        dimensions=observation.dimensions,
        is_demonstration=bool(author and author.is_demonstration),
        status=observation.obs_status,
    )


def bounded_text(found: Any, decimals: int, text: str = "") -> str:
    """The value of an observation or of a term, with what makes it a bound or approximate."""
    value = value_text(found.value, text, decimals)
    if found.value is not None and found.is_lower_bound:
        value = _("more than %s") % value
    if found.value is not None and found.is_approximate:
        value = _("about %s") % value
    return value


def target_row(target: Target, decimals: int) -> ValueRow:
    """A baseline or target in words."""
    marks = () if target.mark == TargetMark.STATED else (str(TargetMark(target.mark).label),)
    return ValueRow(
        label=str(TargetKind(target.kind).label),
        value=value_text(target.value, target.text, decimals),
        is_number=target.value is not None,
        area=str(target.area),
        period=target.period,
        marks=marks,
        comment=target.comment,
    )


def value_text(value: Decimal | None, text: str, decimals: int) -> str:
    """A number with its thousands grouped, or the words that stand instead of one.

    Shows at least ``decimals`` places, and never fewer than were recorded.
    """
    if value is None:
        return text or _("No data")
    exponent = value.as_tuple().exponent
    recorded = -exponent if isinstance(exponent, int) else 0
    return str(number_format(value, decimal_pos=max(decimals, recorded, 0), force_grouping=True))


def rounding(decimals: int) -> NumberFormat:
    """How computed numbers are shown: one place more than the figures have, where it is needed.

    What would be rounded to nothing is shown as it is.
    """

    def number(value: Decimal) -> str:
        rounded = round(value, decimals + 1)
        return format_number(rounded.normalize() + 0 if rounded else value)

    return number


def datum_of(observation: Observation | None) -> Datum:
    """A figure as charts take it; an area without a row is missing, which is not 0."""
    if observation is None:
        return Datum(value=None)
    return Datum(
        value=observation.value,
        status=observation.obs_status,
        is_lower_bound=observation.is_lower_bound,
        is_approximate=observation.is_approximate,
        is_unconfirmed=observation.confirmation_state == ConfirmationState.UNCONFIRMED,
    )


def earlier_revisions(prefix: str = "") -> QuerySet[Observation]:
    """What is left of a figure without its last revision, to ask whether there is any."""
    same = ("indicator", "area", "period", "dimensions")
    of = {name: OuterRef(f"{prefix}{name}") for name in same}
    return Observation.objects.standing().filter(**of, revision__lt=OuterRef(f"{prefix}revision"))


def figure_key(row: Observation) -> tuple[Any, ...]:
    """What the revisions of one figure of an indicator share."""
    return row.area_id, row.period, row.dimensions


def with_record(person: Person) -> QuerySet[Observation]:
    """Figures as ``value_detail`` needs them."""
    related = (
        *("indicator", "area", "recorded_by", "confirmation__confirmed_by"),
        "import_run__undone_by",
    )
    rows = Observation.objects.select_related(*related)
    return rows.prefetch_related(readable_proofs(person))


def value_detail(row: Any, person: Person) -> Any:
    """The row for somebody who may record figures there, with its ``figure`` and ``proofs``."""
    row.figure = observation_row(row, row.indicator.decimals)
    # ``permissions.can_detach`` of somebody who may record there, without asking again.
    may_all, is_anothers = permissions.can_review(person), permissions.is_anothers_objection
    row.proofs = [
        proof_of(link, person, may_remove=may_all or not is_anothers(person, link))
        for link in row.proof_links
    ]
    return row


# ---- Figures of indicators as pictures: lines with their baseline and target, areas beside each
# other.
# Observations come as rows of the model, the last revision of each.

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


# ---- Figures that disagree: a value with its numerator and denominator, parts with their total.
# Arithmetic is exact. Nothing is refused for it: a person is told, and decides.

MOST_COMPARED: Final = 5_000
"""Values of one indicator that its page compares, the newest."""

MOST_LISTED: Final = 20

_PERCENT = re.compile(r"%|\bper ?cent")
_PER_MANY = re.compile(r"\bper (\d[\d,. ]*)")
_PER_MILLION = re.compile(r"\bper million\b")
_NOT_COUNTED = re.compile(
    r"%|/|\b(?:per|percent|rate|ratio|index|share|average|mean|median|score)\b"
)

_PARTITIONS = (
    frozenset({"F", "M"}),
    frozenset({"FEMALE", "MALE"}),
    frozenset({"U", "R"}),
    frozenset({"URBAN", "RURAL"}),
)
"""Codes of one dimension that together are the whole, and do not overlap."""

_TOTALS = ("_T", "T", "TOTAL", "ALL", "BOTHSEX", "ALLAREA")

Values = Mapping[str, Decimal]
"""Values of one area and period by their dimensions."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Figures of one area and period that cannot all be right, and why."""

    area: str
    period: str
    words: str

    def __str__(self) -> str:
        return f"{self.area}, {self.period}: {self.words}"


def term_disagreement(
    indicator: Indicator,
    value: Decimal | None,
    numerator: Decimal | None,
    denominator: Decimal | None,
    *,
    is_lower_bound: bool = False,
    is_approximate: bool = False,
) -> str:
    """Why a value is not its numerator by its denominator, to the decimals of the indicator.

    Empty where it is, or where one of them is missing. A lower bound may lie below.
    """
    if value is None or numerator is None or denominator is None or is_approximate:
        return ""
    if not denominator:
        return _("The denominator is 0.")
    quotient = Fraction(numerator) / Fraction(denominator)
    expected = [quotient * scale for scale in _scales(indicator)]
    tolerance = _half_unit(indicator)
    for wanted in expected:
        difference = Fraction(value) - wanted
        if abs(difference) <= tolerance or (is_lower_bound and difference < 0):
            return ""
    return _("%(numerator)s / %(denominator)s is %(expected)s, not %(value)s.") % {
        "numerator": _shown(numerator),
        "denominator": _shown(denominator),
        "expected": _rounded(expected[0], indicator.decimals),
        "value": _shown(value),
    }


def is_additive(indicator: Indicator) -> bool:
    """Whether parts of a value add up to it: it counts things, and is no rate or average."""
    is_count = indicator.measure in (Measure.UNIT, Measure.NOMINAL)
    return is_count and not _NOT_COUNTED.search(indicator.unit.casefold())


def part_disagreements(indicator: Indicator, values: Values) -> Iterator[str]:
    """Where the parts of one area and period do not add up to their total.

    Only where all parts are there (women and men, urban and rural) and the total is, and beyond
    what rounding each of them explains.
    """
    groups: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
    for key, value in values.items():
        parts = [part.partition("=") for part in filter(None, key.split("|"))]
        for name, _sign, code in parts:
            rest = "|".join(f"{other}={of}" for other, _is, of in parts if other != name)
            groups[name, rest][code.upper()] = value
    for (name, rest), found in groups.items():
        totals = [found.pop(code) for code in _TOTALS if code in found]
        total = totals[0] if totals else values.get(rest)
        if total is None or frozenset(found) not in _PARTITIONS:
            continue
        added = sum(map(Fraction, found.values()), Fraction(0))
        if abs(added - Fraction(total)) > (len(found) + 1) * _half_unit(indicator):
            named = " + ".join(f"{name}={code}" for code in sorted(found))
            yield _("%(parts)s is %(sum)s, but the total is %(total)s.") % {
                "parts": f"{named} ({rest})" if rest else named,
                "sum": _rounded(added, indicator.decimals),
                "total": _shown(total),
            }


def disagreements_of(indicator: Indicator, **of: Any) -> list[Disagreement]:
    """Current figures of an indicator that disagree, the newest first; one query.

    ``of`` narrows it, such as to one ``area`` and ``period``.
    """
    figures = Observation.objects.filter(indicator=indicator.pk, **of)
    told = Q(numerator__isnull=False, denominator__isnull=False)
    if is_additive(indicator):
        # Lists, and no condition on each row: a database works each out once.
        parts = figures.exclude(dimensions="").order_by()
        same = {"area__in": parts.values("area"), "period__in": parts.values("period")}
        told |= ~Q(dimensions="") | Q(**same)
    found = figures.latest_revisions().filter(told, value__isnull=False).select_related("area")
    newest = found.order_by(*NEWEST_FIRST)[:MOST_COMPARED]
    groups: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in newest:
        groups[str(row.area), row.period].append(row)
    disagreements = []
    for (area, period), rows in groups.items():
        words = [observation_disagreement(indicator, row) for row in rows]
        if is_additive(indicator):
            exact = [row for row in rows if not (row.is_lower_bound or row.is_approximate)]
            values = {row.dimensions: row.value for row in exact}
            words += part_disagreements(indicator, values)
        disagreements += [Disagreement(area, period, each) for each in words if each]
    return disagreements


def observation_disagreement(indicator: Indicator, row: Observation) -> str:
    """``term_disagreement`` of an observation, with its dimensions."""
    words = term_disagreement(
        indicator,
        row.value,
        row.numerator,
        row.denominator,
        is_lower_bound=row.is_lower_bound,
        is_approximate=row.is_approximate,
    )
    return f"{row.dimensions}: {words}" if words and row.dimensions else words


def _scales(indicator: Indicator) -> list[int]:
    """What a quotient is multiplied by to be a value of an indicator; the likeliest first."""
    unit = indicator.unit.casefold()
    if indicator.measure == Measure.PERCENTAGE or _PERCENT.search(unit):
        return [100]
    if _PER_MILLION.search(unit):
        return [1_000_000]
    if found := _PER_MANY.search(unit):
        return [int(re.sub(r"\D", "", found[1]))]
    return [1, 100]


def _half_unit(indicator: Indicator) -> Fraction:
    return Fraction(1, 2 * 10**indicator.decimals)


def _rounded(number: Fraction, decimals: int) -> str:
    """A number to so many places, written plainly, as the others of the sentence are."""
    return format(as_decimal(round(number, decimals)), "f")


def _shown(number: Decimal) -> str:
    return format(number.normalize(), "f")
