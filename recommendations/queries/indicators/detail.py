"""The page of an indicator, today and on a past day: its values, and the charts drawn from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import permissions
from recommendations.audit.rewind import Past
from recommendations.charts import Chart
from recommendations.choices import AreaKind, ConfirmationState, UpdateState
from recommendations.models import (
    Area,
    EvidenceLink,
    ImportRun,
    Indicator,
    IndicatorLink,
    Observation,
    Recommendation,
    StatusUpdate,
    readable_links,
)
from recommendations.periods import Period
from recommendations.permissions import Person
from recommendations.queries.dates import day_text
from recommendations.queries.days import Days
from recommendations.queries.evidence.uses import claim_parts
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
    value_text,
)
from recommendations.queries.listed import how_many, named_only
from recommendations.queries.shown import Shown, ShownPart, field_parts

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
    links = EvidenceLink.objects.live().filter(readable_links(person))
    figures = Observation.objects.annotate(evidence=how_many(links, "observation"))
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
    runs = indicator.imports.select_related("by", "undone_by")
    runs = runs.annotate(awaiting=how_many(awaiting_confirmation(), "import_run"))
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


# ---- Values that await confirmation by a second person, and who may give it

VALUE, IMPORT = "value", "import"
"""What ``Shown`` is about where a value, or an import of values, is confirmed."""

INDICATOR_COLUMNS = ("title", "unit")
STATED = (
    *("value", "text", "numerator", "denominator", "obs_status", "source_status"),
    *("is_lower_bound", "is_approximate", "is_derived", "is_assumed", "comment", "source"),
)
"""What a person confirms of a value."""


def awaiting_confirmation() -> QuerySet[Any]:
    """Current values that nobody confirmed although a confirmation is asked."""
    return Observation.objects.unconfirmed().latest_revisions()


def awaiting_of_import(run: ImportRun) -> QuerySet[Any]:
    """Those of an import, in the order in which they are shown."""
    return _in_order(awaiting_confirmation().filter(import_run=run.pk))


def values_of_import(run: ImportRun) -> QuerySet[Any]:
    """All that an import brought, current or not, in the same order."""
    return _in_order(Observation.objects.filter(indicator=run.indicator_id, import_run=run.pk))


def _in_order(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("area", "recorded_by", "confirmation").order_by(*NEWEST_FIRST)


def shown_value(row: Any) -> Shown:
    """A value that was read ``with_record``, in the terms of its indicator, and its evidence."""
    parts = [
        *field_parts(row.indicator, INDICATOR_COLUMNS, under="indicator"),
        *field_parts(row, STATED),
    ]
    for link in row.proof_links:
        parts += claim_parts(link)
    return Shown(f"{VALUE}-{row.pk}", tuple(parts))


def shown_import(run: ImportRun, awaiting: Collection[Observation]) -> Shown:
    """An import with its values ``awaiting_of_import``, in the terms of its indicator.

    A value never changes, so its key stands for it.
    """
    keys = " ".join(str(pk) for pk in sorted(found.pk for found in awaiting))
    count = ngettext("%(n)s value", "%(n)s values", len(awaiting)) % {"n": len(awaiting)}
    values = ShownPart("values", _("Values awaiting confirmation"), keys, count)
    parts = field_parts(run.indicator, INDICATOR_COLUMNS, under="indicator")
    return Shown(f"{IMPORT}-{run.pk}", (*parts, values))


def with_awaiting(indicators: QuerySet[Indicator], person: Person) -> QuerySet[Any]:
    """``awaiting``: how many values of an indicator the person may confirm; a column, no query."""
    if not permissions.can_write(person):
        count: Any = Value(0, output_field=IntegerField())
        return indicators.annotate(awaiting=count)
    return indicators.annotate(awaiting=how_many(_confirmable(person), "indicator"))


def indicators_to_confirm(person: Person) -> list[Any]:
    """Indicators with values that the person may confirm, each with ``awaiting``; one query."""
    if not permissions.can_write(person):
        return []
    waiting = _confirmable(person).order_by("indicator__code")
    found: list[Any] = []
    each = waiting.values_list("indicator", "indicator__code", "indicator__title")
    for pk, code, title, awaiting in each.annotate(n=Count("pk")):
        indicator: Any = Indicator(pk=pk, code=code, title=title)
        indicator.awaiting = awaiting
        found.append(indicator)
    return found


def _confirmable(person: Person) -> QuerySet[Any]:
    """Values that this person, who may write, may confirm."""
    rows = awaiting_confirmation().exclude(recorded_by=person.pk)
    if permissions.can_review(person):
        return rows
    loggable = Recommendation.objects.loggable_by(person).order_by().values("pk")
    links = IndicatorLink.objects.filter(removed_at__isnull=True, recommendation__in=loggable)
    return rows.filter(indicator__in=links.order_by().values("indicator"))


# ---- What undoing an import of values changes, and what rests on the values that it withdraws

UNDO: Final = "undo-import"
"""What ``Shown`` is about where an import is undone."""

MOST_LISTED: Final = 20
"""Values, evidence items and updates that a page lists one by one; all are counted."""


@dataclass(frozen=True, slots=True)
class UndoCounts:
    """How many values an import brought, and what becomes of each; they add up to ``total``.

    ``restored``: the revision before is current again; ``absent``: no value is left; ``kept``:
    somebody revised it since, and that revision stays.
    """

    restored: int
    absent: int
    kept: int
    confirmed: int

    @property
    def total(self) -> int:
        return self.restored + self.absent + self.kept


def undo_counts(run: ImportRun) -> UndoCounts:
    """Three statements, however many values the import brought."""
    current = _current(run).annotate(has_earlier=Exists(earlier_revisions())).order_by()
    counted = dict(current.values_list("has_earlier").annotate(n=Count("pk")))
    values = Observation.objects.filter(import_run=run.pk)
    restored, absent = counted.get(True, 0), counted.get(False, 0)
    return UndoCounts(
        restored=restored,
        absent=absent,
        kept=values.count() - restored - absent,
        confirmed=values.filter(confirmation__isnull=False).count(),
    )


def undo_effects(run: ImportRun) -> dict[str, Any]:
    """All that a page shows of an import, read with its indicator, that is not undone yet.

    Lists are the first ``MOST_LISTED``. ``changing``: values of which another revision, or none, is
    current afterwards; ``repeated``: those that later imports stated alike, and so did not record
    again; ``areas``: those that the import added, which stay, as others may use them. ``updates``
    are of what the indicator measures, submitted since: they may quote a value.
    """
    later = ImportRun.objects.filter(
        indicator=run.indicator_id, at__gt=run.at, undone_at__isnull=True
    )
    links = _evidence(run)
    updates = StatusUpdate.objects.filter(
        recommendation__indicator_links__indicator=run.indicator_id,
        recommendation__indicator_links__removed_at__isnull=True,
        submitted_at__gte=run.at,
        state__in=(UpdateState.SUBMITTED, UpdateState.APPROVED),
    )
    updates = updates.select_related("recommendation").distinct().order_by("-submitted_at", "-pk")
    added, counts = run.reading.get("areas_added", []), undo_counts(run)
    return {
        "counts": counts,
        "changing": counts.restored + counts.absent,
        "values": _values(run),
        "evidence": list(links[:MOST_LISTED]),
        "evidence_total": links.count(),
        "updates": list(updates[:MOST_LISTED]),
        "updates_total": updates.count(),
        "repeated": sum(later.values_list("unchanged", flat=True)),
        "areas": list(Area.objects.filter(code__in=added)) if added else [],
        "is_indicator_added": run.reading.get("indicator_added", False),
    }


def shown_undo(run: ImportRun, counts: UndoCounts, evidence: int) -> Shown:
    """What somebody decides on who undoes an import."""
    words = (
        ("restored", _("Earlier value restored"), counts.restored),
        ("absent", _("No value left"), counts.absent),
        ("kept", _("Later revision kept"), counts.kept),
        ("confirmed", _("Confirmed values"), counts.confirmed),
        ("evidence", _("Evidence for these values"), evidence),
    )
    parts = [
        ShownPart(name, label, str(n), ngettext("%(n)s item", "%(n)s items", n) % {"n": n})
        for name, label, n in words
    ]
    return Shown(f"{UNDO}-{run.pk}", tuple(parts))


def evidence_count(run: ImportRun) -> int:
    """How many evidence items stand under values of an import."""
    return _evidence(run).count()


def _current(run: ImportRun) -> QuerySet[Any]:
    """The values of an import that nobody revised since."""
    return Observation.objects.filter(
        indicator=run.indicator_id, import_run=run.pk
    ).latest_revisions()


def _values(run: ImportRun) -> list[dict[str, str]]:
    """The first values that change, revised ones before those that are new; two statements.

    ``after`` is empty where no revision is left, which is no value at all: neither 0 nor missing.
    """
    first = (
        _current(run)
        .annotate(has_earlier=Exists(earlier_revisions()))
        .select_related("area")
        .order_by("-has_earlier", *NEWEST_FIRST)[:MOST_LISTED]
    )
    shown = list(first)
    earlier = Observation.objects.standing().filter(
        indicator=run.indicator_id,
        area__in={row.area_id for row in shown},
        period__in={row.period for row in shown},
    )
    decimals = run.indicator.decimals
    before: dict[tuple[Any, ...], str] = {}
    own = {figure_key(row): row.revision for row in shown}
    for row in earlier.order_by("revision"):
        if row.revision < own.get(figure_key(row), 0):
            before[figure_key(row)] = value_text(row.value, row.text, decimals)
    return [
        {
            "area": str(row.area),
            "period": row.period,
            "dimensions": row.dimensions,
            "now": value_text(row.value, row.text, decimals),
            "after": before.get(figure_key(row), ""),
        }
        for row in shown
    ]


def _evidence(run: ImportRun) -> QuerySet[EvidenceLink]:
    links = EvidenceLink.objects.live().filter(observation__import_run=run.pk)
    related = ("evidence", "observation__area", "observation__indicator")
    return links.select_related(*related).order_by("evidence__title", "pk")
