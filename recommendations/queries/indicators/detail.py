"""The page of an indicator, today and on a past day: its values, and the charts drawn from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.audit.rewind import Past
from recommendations.charts import Chart
from recommendations.choices import AreaKind, ConfirmationState
from recommendations.models import (
    Area,
    EvidenceLink,
    ImportRun,
    Indicator,
    IndicatorLink,
    Observation,
    Recommendation,
    readable_links,
)
from recommendations.periods import Period
from recommendations.permissions import Person
from recommendations.queries.dates import day_text
from recommendations.queries.days import Days
from recommendations.queries.indicators.confirmations import awaiting_confirmation
from recommendations.queries.indicators.rows import current_targets
from recommendations.queries.indicators.status import IndicatorStatus, indicator_status, leading
from recommendations.queries.indicators.values import (
    FIGURE_COLUMNS,
    NEWEST_FIRST,
    ValueRow,
    area_charts,
    earlier_revisions,
    figure_key,
    line_charts,
    observation_row,
    target_row,
)
from recommendations.queries.listed import named_only

# ---- The page of an indicator: its values, and the charts drawn from them

MOST_SERIES = 5
"""Areas in one picture of lines; more cannot be told apart."""

IMPORTS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class ChartQuery:
    """What a reader wants to see: areas by code, and the periods between which."""

    codes: tuple[str, ...] = ()
    first: Period | None = None
    last: Period | None = None
    is_awaiting: bool = False

    @property
    def is_bounded(self) -> bool:
        """Whether the table shows not all values of its areas."""
        return self.first is not None or self.last is not None or self.is_awaiting

    def holds(self, observation: Observation) -> bool:
        """Whether a figure lies between the periods."""
        return (self.first is None or observation.last_day >= self.first.first_day) and (
            self.last is None or observation.first_day <= self.last.last_day
        )


@dataclass(frozen=True, slots=True)
class RecordedValue:
    """One figure with what is known of its record; who and from which file, inside alone."""

    pk: int
    figure: ValueRow
    revision: int
    at: datetime
    by: str
    came_from: str
    vintage: Any
    evidence: int = 0
    confirmation: str = ""
    may_confirm: bool = False
    withdrawn: str = ""
    """When its import was undone, and inside by whom and why; empty where it was not."""
    earlier: tuple[RecordedValue, ...] = ()

    @property
    def has_record(self) -> bool:
        """Whether there is more to tell than the day."""
        return bool(self.earlier or self.by or self.came_from or self.vintage or self.figure.source)


@dataclass(frozen=True, slots=True)
class Charts:
    """What stands above the table: the state of things, the pictures and the aims."""

    standing: IndicatorStatus
    pictures: tuple[Chart[Any], ...]
    aims: tuple[ValueRow, ...]
    not_drawn: int


def with_may_observe(rows: QuerySet[Indicator], person: Person) -> QuerySet[Any]:
    """``is_open_to``: ``permissions.can_observe`` of this person, as a column."""
    may_on_all = permissions.can_review(person) or permissions.can_manage(person)
    if may_on_all or not permissions.can_write(person):
        return rows.annotate(is_open_to=Value(may_on_all, output_field=BooleanField()))
    live = IndicatorLink.objects.filter(
        indicator=OuterRef("pk"),
        removed_at__isnull=True,
        recommendation__in=Recommendation.objects.loggable_by(person).order_by().values("pk"),
    )
    return rows.annotate(is_open_to=Exists(live))


def areas_with_values(indicator: Indicator) -> list[Any]:
    """The areas that an indicator has figures for, by name, with how many and from when to when.

    ``plain`` counts those without a dimension, which alone are drawn.
    """
    runs = ImportRun.objects.filter(indicator=indicator.pk, undone_at__isnull=True)
    standing = Q(observations__import_run__isnull=True) | Q(
        observations__import_run__in=runs.order_by().values("pk")
    )
    earlier = earlier_revisions("observations__")
    # Nearly all figures have one revision, and none is asked about those.
    first_ones = Q(observations__revision=1) | Q(~Exists(earlier))
    return list(
        Area.objects.localised()
        .filter(standing, observations__indicator=indicator.pk)
        .annotate(
            figures=Count("observations", filter=first_ones),
            plain=Count("observations", filter=first_ones & Q(observations__dimensions="")),
            first=Min("observations__first_day"),
            last=Max("observations__last_day"),
        )
        .only("pk", "code", "kind", "iso3", "name")
        .order_by("shown_name", "pk")
    )


def charts_of(indicator: Indicator, areas: Sequence[Any], asked: ChartQuery) -> Charts:
    """The upper part of the page: two queries; one more for the trend of several areas."""
    leads = leading({area.pk: area.kind for area in areas if area.plain})
    lead = next((area for area in areas if area.pk in leads), None)
    picked = [area for area in areas if area.code in asked.codes and area.plain]
    shown = picked[:MOST_SERIES] or ([lead] if lead else [])
    found = _observations(indicator, [*shown, lead] if lead else shown, asked, has_lead=bool(lead))
    targets = list(current_targets([indicator.pk]))
    by_area: dict[int, list[Any]] = defaultdict(list)
    for observation in found:
        by_area[observation.area_id].append(observation)
    in_bounds = [observation for observation in found if asked.holds(observation)]
    if shown:
        pictures = line_charts(indicator, shown, in_bounds, targets)
    else:
        pictures = area_charts(indicator, areas, in_bounds, asked.first)
    return Charts(
        standing=indicator_status(
            indicator, areas, lead, by_area[lead.pk] if lead else found, targets
        ),
        pictures=tuple(pictures),
        aims=tuple(target_row(target, indicator.decimals) for target in targets),
        not_drawn=max(len(picked) - MOST_SERIES, 0),
    )


def values_in_order(indicator: Indicator) -> QuerySet[Observation]:
    """The last revision of each figure of an indicator, newest period first."""
    return (
        Observation.objects.filter(indicator=indicator.pk)
        .latest_revisions()
        .order_by(*NEWEST_FIRST)
    )


_OF_A_RECORD = ("area", "recorded_by", "import_run__undone_by", "confirmation__confirmed_by")


_OUTSIDE = (
    *("area__code", "numerator", "denominator", "revision", "recorded_at"),
    *("import_run__vintage", "import_run__undone_at"),
)
"""What readers outside have of a figure and its record beside the figure itself."""


def recorded_figures(person: Person) -> QuerySet[Any]:
    """Figures with all that their row shows.

    ``evidence`` is how many items that the person may read stand under each.
    """
    links = EvidenceLink.objects.live().filter(readable_links(person), observation=OuterRef("pk"))
    counted = links.order_by().values("observation").annotate(n=Count("pk")).values("n")
    figures = Observation.objects.annotate(evidence=Coalesce(Subquery(counted), 0))
    if permissions.can_read_internally(person):
        return figures.select_related(*_OF_A_RECORD)
    beside = figures.select_related("area", "recorded_by", "import_run", "confirmation")
    return named_only(beside, *FIGURE_COLUMNS, *_OUTSIDE)


def recorded_values(
    indicator: Indicator, page: Iterable[Any], person: Person
) -> list[RecordedValue]:
    """One page of figures, each with its other revisions, the newest first; one more query.

    Those are earlier ones, and later ones that were withdrawn.
    """
    is_inside = permissions.can_read_internally(person)
    may_write = permissions.can_write(person) and indicator.is_open_to  # type: ignore[attr-defined]
    shown = list(page)
    earlier: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in (
        Observation.objects.filter(
            indicator=indicator.pk,
            area__in={row.area_id for row in shown},
            period__in={row.period for row in shown},
        )
        .exclude(pk__in=[row.pk for row in shown])
        .select_related(*_OF_A_RECORD)
        .order_by("-revision")
    ):
        earlier[figure_key(row)].append(row)
    return [
        _recorded_value(
            row,
            indicator,
            is_inside=is_inside,
            may_confirm=may_write
            and row.recorded_by_id != person.pk
            and row.confirmation_state == ConfirmationState.UNCONFIRMED,
            earlier=tuple(
                _recorded_value(old, indicator, is_inside=is_inside)
                for old in earlier[figure_key(row)]
            ),
        )
        for row in shown
    ]


def imports_of(indicator: Indicator, person: Person) -> list[Any]:
    """The newest files that figures came from, with ``awaiting`` values; for people inside."""
    if not permissions.can_read_internally(person):
        return []
    awaiting = awaiting_confirmation().filter(import_run=OuterRef("pk")).order_by()
    counted = awaiting.values("import_run").annotate(n=Count("pk")).values("n")
    runs = indicator.imports.select_related("by", "undone_by")
    runs = runs.annotate(awaiting=Coalesce(Subquery(counted), 0))
    return list(runs.order_by("-at", "-pk")[:IMPORTS_SHOWN])


def _observations(
    indicator: Indicator, shown: Sequence[Any], asked: ChartQuery, *, has_lead: bool
) -> list[Any]:
    """Figures of the areas that are drawn; where none leads, of the newest period of all areas."""
    rows = Observation.objects.standing().filter(indicator=indicator.pk, dimensions="")
    wanted = Q(area__in={area.pk for area in shown})
    if not has_lead:
        numbers = rows.filter(value__isnull=False).order_by("-last_day", "first_day")
        wanted |= Q(period=Subquery(numbers.values("period")[:1]))
        if asked.last:
            until = numbers.filter(last_day__lte=asked.last.last_day)
            wanted |= Q(period=Subquery(until.values("period")[:1]))
    found = rows.filter(wanted).latest_revisions()
    found = found.select_related("area", "recorded_by", "confirmation")
    return list(found.order_by("-last_day", "first_day", "area__name", "pk"))


def _recorded_value(
    row: Observation, indicator: Indicator, *, is_inside: bool, **more: Any
) -> RecordedValue:
    run, state = row.import_run, row.confirmation_state
    confirmation = str(state.label)
    if state == ConfirmationState.CONFIRMED and is_inside:
        confirmation = _("Confirmed by %s") % row.confirmation.confirmed_by
    return RecordedValue(
        pk=row.pk,
        figure=observation_row(row, indicator.decimals),
        revision=row.revision,
        at=row.recorded_at,
        by=str(row.recorded_by or "") if is_inside else "",
        came_from=run.file_name if run and is_inside else "",
        vintage=run.vintage if run else None,
        evidence=getattr(row, "evidence", 0),
        confirmation=confirmation,
        withdrawn=withdrawal_text(run, is_inside=is_inside),
        **more,
    )


def withdrawal_text(run: ImportRun | None, *, is_inside: bool) -> str:
    """When a value of this import was withdrawn; by whom and why is told to people inside."""
    if run is None or run.undone_at is None:
        return ""
    day = day_text(localtime(run.undone_at).date())
    if not is_inside:
        return capfirst(_("withdrawn on %(day)s")) % {"day": day}
    told = {"day": day, "who": run.undone_by, "reason": run.undo_reason}
    return _("Withdrawn on %(day)s by %(who)s: %(reason)s") % told


# ---- Indicators and their values on a past day, as the record had them


def indicators_then(rows: Iterable[Any], days: Days, person: Person) -> list[Any]:
    """Those of these indicators that a person could read then, as they were.

    ``rows`` must be such as they may read today.
    """
    then = Past(days.known).back(list(rows))
    is_internal = permissions.can_read_internally(person)
    return [row for row in then if is_internal or row.is_published]


def values_then(indicator: Indicator, days: Days) -> QuerySet[Observation]:
    """The values of periods that were over on the day, the revision of each that stood then.

    Newest period first.
    """
    figures = Observation.objects.filter(indicator=indicator.pk, last_day__lte=days.as_of)
    return figures.latest_revisions(days.known).order_by(*NEWEST_FIRST)


@dataclass(frozen=True, slots=True)
class PastValue:
    """One value as it stood, and when it was recorded."""

    pk: int
    figure: ValueRow
    at: datetime
    has_record: bool = False
    may_confirm: bool = False
    evidence: int = 0


def past_value_rows(indicator: Indicator, ids: Sequence[int], days: Days) -> list[PastValue]:
    """These values in this order; one that was confirmed later was unconfirmed."""
    found = Observation.objects.select_related("area", "recorded_by", "confirmation").in_bulk(ids)
    rows = [_unconfirmed_until(found[pk], days) for pk in ids if pk in found]
    return [
        PastValue(row.pk, observation_row(row, indicator.decimals), row.recorded_at) for row in rows
    ]


def _unconfirmed_until(row: Observation, days: Days) -> Observation:
    confirmation = getattr(row, "confirmation", None)
    if confirmation is not None and confirmation.confirmed_at > days.known:
        row._state.fields_cache["confirmation"] = None
    return row


def chart_then(indicator: Indicator, days: Days) -> list[Chart[Any]]:
    """Lines of all areas together, or of the few that there are; else no picture."""
    values = values_then(indicator, days).filter(dimensions="")
    areas = Area.objects.localised().filter(pk__in=values.order_by().values("area"))
    shown = [area for area in areas if area.kind == AreaKind.ALL] or list(areas)
    if not shown or len(shown) > MOST_SERIES:
        return []
    rows = values.filter(area__in=shown).select_related("area", "confirmation")
    observations = [_unconfirmed_until(row, days) for row in rows]
    return list(line_charts(indicator, shown, observations, ()))
