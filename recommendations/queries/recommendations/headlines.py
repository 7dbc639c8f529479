"""The indicators that measure recommendations, and the one that leads a row."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from recommendations import permissions
from recommendations.choices import MEASURING_RELATIONS, Movement, Relation
from recommendations.models import IndicatorLink, Observation, headline_areas
from recommendations.permissions import Person
from recommendations.queries.indicators.series import latest_value, sparkline_of
from recommendations.queries.indicators.values import FIGURE_COLUMNS, ValueRow

POINTS = 24
"""Newest figures in a line of a word's size."""


@dataclass(frozen=True, slots=True)
class HeadlineIndicator:
    """The indicator shown first for a recommendation: latest value, sparkline, how many more.

    ``figure`` is none where no value is recorded for all areas together.
    """

    title: str
    url: str
    unit: str
    figure: ValueRow | None
    spark: str
    others: int


Links = dict[int, list[IndicatorLink]]
"""The links of recommendations to what measures them, by the id of the recommendation."""


def measuring_links(ids: Sequence[int], person: Person) -> Links:
    """The links of these recommendations that a person may see, by code; one query, if any."""
    grouped: Links = defaultdict(list)
    if not ids:
        return grouped
    links = IndicatorLink.objects.filter(
        recommendation__in=ids, removed_at__isnull=True, relation__in=MEASURING_RELATIONS
    ).select_related("indicator")
    if not permissions.can_read_internally(person):
        links = links.filter(indicator__is_published=True)
    for link in links.order_by("indicator__code", "pk"):
        grouped[link.recommendation_id].append(link)
    return grouped


def measured_against(links: Sequence[IndicatorLink]) -> str:
    """The title of the first indicator that moves against what is wanted; empty for none."""
    against = (link.indicator for link in links if link.indicator.movement == Movement.AGAINST)
    return next((indicator.title for indicator in against), "")


def headline_observations(indicator_ids: Sequence[int]) -> dict[int, list[Observation]]:
    """The newest figures of the headline of each indicator, newest first; two queries."""
    grouped: dict[int, list[Observation]] = defaultdict(list)
    areas = headline_areas(indicator_ids) if indicator_ids else {}
    if not areas:
        return grouped
    found = Observation.objects.headlines_of(areas)
    for observation in found.newest_of_each(POINTS, "first_day", "pk").only(*FIGURE_COLUMNS):
        grouped[observation.indicator_id].append(observation)
    return grouped


def headline_indicators(ids: Sequence[int], links: Links) -> dict[int, HeadlineIndicator]:
    """What leads each of these recommendations on a page, in the order of its rows; one query."""
    indicator_ids = {link.indicator_id for found in links.values() for link in found}
    figures = headline_observations(sorted(indicator_ids))
    return {
        pk: _headline_indicator(number, links[pk], figures)
        for number, pk in enumerate(ids, start=1)
        if pk in links
    }


def _headline_indicator(
    number: int, links: list[IndicatorLink], figures: dict[int, list[Observation]]
) -> HeadlineIndicator:
    order = Relation.values.index
    link = min(links, key=lambda each: (order(each.relation), each.indicator_id not in figures))
    indicator = link.indicator
    found = figures.get(indicator.pk, [])
    return HeadlineIndicator(
        title=indicator.title,
        url=indicator.get_absolute_url(),
        unit=indicator.unit,
        figure=latest_value(indicator, found),
        spark=sparkline_of(indicator, found, f"leading-{number}"),
        others=len(links) - 1,
    )
