"""Indicators in lists, with a value against the target."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import Case, Count, F, IntegerField, QuerySet, Value, When, Window
from django.db.models.functions import DenseRank, RowNumber
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from recommendations import permissions
from recommendations.choices import Relation
from recommendations.fixed import Among, fixed
from recommendations.models import Indicator, IndicatorLink, Observation, Recommendation, Target
from recommendations.permissions import Person
from recommendations.queries.indicators.gap import measured_in_several
from recommendations.queries.indicators.status import (
    ShortProgress,
    progress_between,
    short_progress,
)
from recommendations.queries.indicators.values import (
    FIGURE_COLUMNS,
    POINTS_A_LINE,
    ValueRow,
    latest_value,
    observation_row,
    small_line_chart,
    target_row,
    value_text,
)
from recommendations.queries.listed import named_only

# ---- Indicators in a list, with their measures

FIGURES_A_ROW = 6
"""Newest figures of an indicator beside a recommendation; its own page has all of them."""

LINKS_A_ROW = 3
"""Recommendations beside an indicator in a list; its own page has all of them."""


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One indicator beside a recommendation, with its newest figures.

    ``has_gap``: it is what the recommendation is for, and measured in several countries.
    """

    code: str
    title: str
    url: str
    unit: str
    relation: str
    relation_label: str
    why: str
    headline: ValueRow | None
    picture: str
    figures: tuple[ValueRow, ...]
    has_gap: bool


def measure_rows(found: Recommendation, person: Person) -> list[MeasureRow]:
    """Indicators linked to a recommendation, outcome before delivery before context."""
    return measure_rows_of([found.pk], person)[found.pk]


def measure_rows_of(
    recommendation_ids: Collection[int], person: Person
) -> dict[int, list[MeasureRow]]:
    """The same of several, by their ids; as many queries as for one."""
    links = (
        IndicatorLink.objects.filter(recommendation__in=recommendation_ids, removed_at__isnull=True)
        .select_related("indicator")
        .annotate(is_measured_in_several=measured_in_several("indicator"))
        .order_by("indicator__code")
    )
    is_inside = permissions.can_read_internally(person)
    if not is_inside:
        links = links.filter(indicator__is_published=True)
    chosen = sorted(links, key=lambda link: Relation.values.index(link.relation))
    indicators = {link.indicator_id: link.indicator for link in chosen}
    observations = _by_indicator(measuring_observations(list(indicators)))
    targets = _by_indicator(current_targets(list(indicators)))
    # Of several countries the one in the middle tells more than the first few.
    compared = {link.indicator_id for link in chosen if link.is_measured_in_several}
    compared -= {pk for pk in compared if any(found.is_headline for found in observations[pk])}
    middles = representative_values(list(compared)) if compared else {}
    told: dict[int, dict[str, Any]] = {}
    for pk, indicator in indicators.items():
        leading = [found for found in observations[pk] if found.is_headline]
        aims = [target_row(target, indicator.decimals) for target in targets[pk]]
        middle = _value(indicator, middles.get(pk, ()))
        newest = [] if middle else observations[pk][:FIGURES_A_ROW]
        figures = [*aims, *(observation_row(found, indicator.decimals) for found in newest)]
        told[pk] = {
            "code": indicator.code,
            "title": indicator.title,
            "url": indicator.get_absolute_url(),
            "unit": indicator.unit,
            "headline": middle or latest_value(indicator, leading),
            "picture": small_line_chart(indicator, leading, targets[pk]),
            "figures": tuple(figures),
        }
    rows: dict[int, list[MeasureRow]] = {pk: [] for pk in recommendation_ids}
    for link in chosen:
        row = MeasureRow(
            relation=link.relation,
            relation_label=link.get_relation_display(),
            why=link.why if is_inside else "",
            has_gap=link.relation == Relation.OUTCOME and link.is_measured_in_several,
            **told[link.indicator_id],
        )
        rows[link.recommendation_id].append(row)
    return rows


def measuring_observations(indicator_ids: Sequence[int]) -> Iterable[Observation]:
    """What stands beside a recommendation: headlines over time, and the newest of the others.

    Newest period first, last revisions alone; ``is_headline`` tells the one from the other.
    """
    place = Window(
        RowNumber(),
        partition_by=[F("indicator"), F("is_headline")],
        order_by=[F("last_day").desc(), "area__name", "pk"],
    )
    most = Case(
        When(is_headline=True, then=Value(POINTS_A_LINE)),
        default=Value(FIGURES_A_ROW),
        output_field=IntegerField(),
    )
    return (
        Observation.objects.filter(indicator__in=indicator_ids)
        .latest_revisions()
        .with_headline()
        .annotate(place=place, most=most)
        .filter(place__lte=F("most"))
        .select_related("area", "recorded_by", "confirmation")
        .only(*FIGURE_COLUMNS)
        .order_by("indicator", "-last_day", "area__name", "pk")
    )


def current_targets(indicator_ids: Sequence[int]) -> Iterable[Target]:
    """Baselines and targets that no later row replaces."""
    return (
        Target.objects.filter(indicator__in=indicator_ids, replaced_by__isnull=True)
        .select_related("area")
        .order_by("indicator", "kind", "period", "pk")
    )


def _by_indicator(rows: Iterable[Any]) -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row.indicator_id].append(row)
    return grouped


def recommendation_links(indicator: Indicator, person: Person) -> list[dict[str, str]]:
    """The recommendations that an indicator is linked to and that the person may see."""
    is_inside = permissions.can_read_internally(person)
    rows = _links([indicator.pk], person).values_list(*_OF_A_LINK)
    return [_link_row(*row, is_inside=is_inside) for row in rows]


def first_links(
    indicator_ids: Sequence[int], person: Person
) -> tuple[dict[int, list[dict[str, str]]], dict[int, int]]:
    """The first ``LINKS_A_ROW`` links of each indicator, and how many it has; one query."""
    is_inside = permissions.can_read_internally(person)
    found = _links(indicator_ids, person).annotate(
        place=Window(RowNumber(), partition_by="indicator", order_by=_ORDER_OF_LINKS),
        total=Window(Count("pk"), partition_by="indicator"),
    )
    first = found.filter(place__lte=LINKS_A_ROW)
    rows: dict[int, list[dict[str, str]]] = defaultdict(list)
    totals: dict[int, int] = {}
    for indicator, total, *link in first.values_list("indicator", "total", *_OF_A_LINK):
        rows[indicator].append(_link_row(*link, is_inside=is_inside))
        totals[indicator] = total
    return rows, totals


_OF_A_LINK = ("recommendation__reference", "recommendation__title", "relation", "why")
_ORDER_OF_LINKS = (
    *("recommendation__source__title", "recommendation__source_id", "recommendation__number"),
    "pk",
)


def _links(indicator_ids: Sequence[int], person: Person) -> QuerySet[IndicatorLink]:
    """The links of indicators that the person may see, in their order."""
    links = IndicatorLink.objects.filter(indicator__in=indicator_ids, removed_at__isnull=True)
    if not permissions.can_read_internally(person):
        links = links.filter(recommendation__published_at__isnull=False)
    return links.order_by(*_ORDER_OF_LINKS)


def _link_row(
    reference: str, title: str, relation: str, why: str, *, is_inside: bool
) -> dict[str, str]:
    """One recommendation that an indicator says something about."""
    return {
        "reference": reference,
        "title": title,
        "url": reverse("recommendation-detail", args=[reference]),
        "relation": str(Relation(relation).label),
        "why": why if is_inside else "",
    }


# ---- Rows of the list of indicators: a representative value against the target


@dataclass(frozen=True, slots=True)
class Aim:
    """A baseline or target in use, of one area."""

    kind: str
    period: str
    value: Decimal | None
    mark: str
    area_id: int


_SHOWN = (
    *("code", "title", "definition", "unit", "measure", "direction", "level", "decimals"),
    "is_published",
)
"""Columns that the list and its file show to everybody, and what its figures are written with."""


def _with_aims(ids: Sequence[int]) -> dict[int, Any]:
    """Indicators by id, each with the ``aims`` in use; one query."""
    columns = ("kind", "period", "value", "mark", "area")
    of_targets: dict[str, Any] = {f"aim_{name}": F(f"targets__{name}") for name in columns}
    rows = named_only(Indicator.objects.filter(pk__in=ids), *_SHOWN).annotate(
        replaced_by=F("targets__replaced_by"), **of_targets
    )
    found: dict[int, Any] = {}
    for row in rows.order_by("pk"):
        indicator = found.setdefault(row.pk, row)
        aims = indicator.__dict__.setdefault("aims", [])
        if row.aim_kind and row.replaced_by is None:
            aims.append(Aim(*(getattr(row, f"aim_{name}") for name in columns)))
    return found


def indicator_rows(ids: Sequence[int], person: Person) -> dict[int, Any]:
    """Indicators of the list by id: three queries.

    Each with ``newest``, the rows that its newest value rests on: one, or those in the middle;
    ``figure``, that value, of several areas their median, or none; its ``progress``; and the first
    ``first_links`` with how many ``more_links`` there are.
    """
    found = _with_aims(ids)
    newest = representative_values(ids)
    links, totals = first_links(ids, person)
    for pk, row in found.items():
        row.newest = newest.get(pk, [])
        row.figure = _value(row, row.newest)
        row.progress = _progress(row, row.newest)
        row.first_links = links[pk]
        row.more_links = totals.get(pk, 0) - len(links[pk])
    return found


def representative_values(indicator_ids: Sequence[int]) -> Mapping[int, list[Any]]:
    """The newest value for all areas; else, of countries before others, the middle of the newest.

    Two rows where an even number of areas has a value; ``known`` is that number. What is told
    apart by a dimension comes last. One query.
    """
    found: dict[int, list[Any]] = defaultdict(list)
    for row in _representative(ids=indicator_ids):
        found[row.indicator_id].append(row)
    return found


@fixed
def _representative() -> QuerySet[Any]:
    # The codes of kinds sort as they lead: all, country, group, region.
    together = ["indicator", "dimensions", "area__kind", "last_day", "first_day"]
    first = ["dimensions", "area__kind", "-last_day", "first_day"]
    in_order: list[Any] = [F("value").asc(nulls_last=True), "area__name", "pk"]
    known = Window(Count("value"), partition_by=together)
    newest = (
        Observation.objects.filter(Among("indicator"))
        .latest_revisions()
        .annotate(age=Window(DenseRank(), partition_by="indicator", order_by=first))
        .filter(age=1)
    )
    # Of these few alone: what is older is not put in order by its values.
    return (
        Observation.objects.filter(pk__in=newest.order_by().values("pk"))
        .annotate(
            known=known,
            # Of n values that with the number (n + 1) / 2, or the two beside it.
            middle=2 * Window(RowNumber(), partition_by=together, order_by=in_order) - known,
        )
        .filter(middle__range=(0, 2))
        .select_related("area", "recorded_by", "confirmation")
        .only(*FIGURE_COLUMNS)
        .order_by("middle")
    )


def middle_of(rows: Sequence[Any]) -> Decimal | None:
    """The value of an indicator by its ``representative_values``, exact; none without a number."""
    if not rows or rows[0].known == 0:
        return None
    values: list[Decimal] = [row.value for row in rows]
    return median(values)


def areas_of(rows: Sequence[Any]) -> str:
    """Which area it is of, or of how many the median."""
    known = rows[0].known
    if known < 2:
        return str(rows[0].area)
    return median_of(known)


def median_of(areas: int) -> str:
    """What a median is called: two of one indicator may be of different areas."""
    return ngettext("median of %(n)d area", "median of %(n)d areas", areas) % {"n": areas}


def _value(indicator: Indicator, rows: Sequence[Any]) -> ValueRow | None:
    if not rows:
        return None
    first = observation_row(rows[0], indicator.decimals)
    if rows[0].known < 2:
        return first
    value = value_text(middle_of(rows), "", indicator.decimals)
    return replace(first, value=value, area=areas_of(rows), marks=())


def _progress(indicator: Any, rows: Sequence[Any]) -> ShortProgress | None:
    """Against the target of the same area; a median is measured by none."""
    is_several = bool(rows) and (rows[0].known > 1 or bool(rows[0].dimensions))
    areas = {row.area_id for row in rows} or {aim.area_id for aim in indicator.aims}
    if is_several or len(areas) > 1:
        return None
    own = [aim for aim in indicator.aims if aim.area_id in areas]
    found = progress_between(indicator.direction, own, rows)
    return short_progress(found, indicator.decimals, timezone.localdate(), indicator.unit)
