"""Indicators in lists and on their own page."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from recommendations import permissions
from recommendations.models import Indicator, IndicatorLink
from recommendations.summaries.figures import Figure, observed
from recommendations.summaries.measures import newest_observations


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One recommendation that an indicator says something about."""

    reference: str
    title: str
    url: str
    relation: str
    why: str


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One indicator in a list, with its newest figure or none."""

    code: str
    title: str
    url: str
    unit: str
    direction: str
    is_published: bool
    newest: Figure | None
    other_areas: int
    links: tuple[LinkRow, ...]


def indicator_rows(indicators: Iterable[Indicator], person: Any) -> list[IndicatorRow]:
    """Rows for the indicators of one page: two more queries, however many there are."""
    shown = list(indicators)
    newest: dict[int, Any] = {}
    others: Counter[int] = Counter()
    for observation in newest_observations([indicator.pk for indicator in shown]):
        first = newest.setdefault(observation.indicator_id, observation)
        others[observation.indicator_id] += (
            observation is not first and observation.period == first.period
        )
    links = _links([indicator.pk for indicator in shown], person)
    return [
        IndicatorRow(
            code=indicator.code,
            title=indicator.title,
            url=indicator.get_absolute_url(),
            unit=indicator.unit,
            direction=indicator.get_direction_display(),
            is_published=indicator.is_published,
            newest=observed(newest[indicator.pk], indicator.decimals)
            if indicator.pk in newest
            else None,
            other_areas=others[indicator.pk],
            links=tuple(links[indicator.pk]),
        )
        for indicator in shown
    ]


def links_of(indicator: Indicator, person: Any) -> list[LinkRow]:
    """The recommendations that an indicator is linked to and that the person may see."""
    return _links([indicator.pk], person)[indicator.pk]


def _links(indicator_ids: Sequence[int], person: Any) -> dict[int, list[LinkRow]]:
    is_inside = permissions.can_read_internally(person)
    links = (
        IndicatorLink.objects.filter(indicator__in=indicator_ids, removed_at__isnull=True)
        .select_related("recommendation")
        .order_by("recommendation__source", "recommendation__number", "pk")
    )
    if not is_inside:
        links = links.filter(recommendation__published_at__isnull=False)
    rows: dict[int, list[LinkRow]] = defaultdict(list)
    for link in links:
        rows[link.indicator_id].append(
            LinkRow(
                reference=link.recommendation.reference,
                title=link.recommendation.title,
                url=link.recommendation.get_absolute_url(),
                relation=link.get_relation_display(),
                why=link.why if is_inside else "",
            )
        )
    return rows
