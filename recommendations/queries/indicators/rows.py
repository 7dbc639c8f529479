"""Indicators in a list, with their measures."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, IntegerField, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django.urls import reverse

from recommendations import permissions
from recommendations.choices import Relation
from recommendations.models import Indicator, IndicatorLink, Observation, Recommendation, Target
from recommendations.permissions import Person
from recommendations.queries.indicators.gap import measured_in_several
from recommendations.queries.indicators.series import POINTS_A_LINE, latest_value, small_line_chart
from recommendations.queries.indicators.values import (
    FIGURE_COLUMNS,
    ValueRow,
    observation_row,
    target_row,
)

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
    told: dict[int, dict[str, Any]] = {}
    for pk, indicator in indicators.items():
        leading = [found for found in observations[pk] if found.is_headline]
        aims = [target_row(target, indicator.decimals) for target in targets[pk]]
        newest = observations[pk][:FIGURES_A_ROW]
        figures = [*aims, *(observation_row(found, indicator.decimals) for found in newest)]
        told[pk] = {
            "code": indicator.code,
            "title": indicator.title,
            "url": indicator.get_absolute_url(),
            "unit": indicator.unit,
            "headline": latest_value(indicator, leading),
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


@dataclass(frozen=True, slots=True)
class IndicatorLinkRow:
    """One recommendation that an indicator says something about."""

    reference: str
    title: str
    url: str
    relation: str
    why: str


def recommendation_links(indicator: Indicator, person: Person) -> list[IndicatorLinkRow]:
    """The recommendations that an indicator is linked to and that the person may see."""
    is_inside = permissions.can_read_internally(person)
    rows = _links([indicator.pk], person).values_list(*_OF_A_LINK)
    return [_link_row(*row, is_inside=is_inside) for row in rows]


def first_links(
    indicator_ids: Sequence[int], person: Person
) -> tuple[dict[int, list[IndicatorLinkRow]], dict[int, int]]:
    """The first ``LINKS_A_ROW`` links of each indicator, and how many it has; one query."""
    is_inside = permissions.can_read_internally(person)
    found = _links(indicator_ids, person).annotate(
        place=Window(RowNumber(), partition_by="indicator", order_by=_ORDER_OF_LINKS),
        total=Window(Count("pk"), partition_by="indicator"),
    )
    first = found.filter(place__lte=LINKS_A_ROW)
    rows: dict[int, list[IndicatorLinkRow]] = defaultdict(list)
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
) -> IndicatorLinkRow:
    return IndicatorLinkRow(
        reference=reference,
        title=title,
        url=reverse("recommendation-detail", args=[reference]),
        relation=str(Relation(relation).label),
        why=why if is_inside else "",
    )
