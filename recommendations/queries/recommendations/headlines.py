"""The indicators that measure recommendations, and the one that leads a row."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.safestring import SafeString, mark_safe

from recommendations import permissions
from recommendations.choices import MEASURING_RELATIONS, Movement, Relation
from recommendations.fixed import Among, fixed
from recommendations.models import Indicator, IndicatorLink, Observation, headline_areas
from recommendations.permissions import Person
from recommendations.queries.cache import audience_of, cached
from recommendations.queries.frame import version_for
from recommendations.queries.indicators.series import latest_value, sparkline_of
from recommendations.queries.indicators.values import FIGURE_COLUMNS, ValueRow

POINTS = 24
"""Newest figures in a line of a word's size."""


ANY_ROW = "leading-d41c7b"
"""Stands in a drawing for the row that it comes to stand in; no title has it."""


@dataclass(frozen=True, slots=True)
class Headline:
    """The newest figure of an indicator, and how its figures went."""

    figure: ValueRow | None
    spark: str


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
    for link in _measuring(permissions.can_read_internally(person), ids=ids):
        grouped[link.recommendation_id].append(link)
    return grouped


@fixed
def _measuring(is_internal: bool) -> QuerySet[IndicatorLink]:
    links = IndicatorLink.objects.filter(
        Among("recommendation"), removed_at__isnull=True, relation__in=MEASURING_RELATIONS
    ).select_related("indicator")
    if not is_internal:
        links = links.filter(indicator__is_published=True)
    return links.order_by("indicator__code", "pk")


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


def headline_indicators(
    ids: Sequence[int], links: Links, person: Person
) -> dict[int, HeadlineIndicator]:
    """What leads each of these recommendations on a page, in the order of its rows.

    Two queries, and none where the same indicators were shown since anything was recorded.
    """
    indicators = {link.indicator_id: link.indicator for found in links.values() for link in found}
    if not indicators:
        return {}
    headlines: dict[int, Headline] = cached(
        "headlines",
        lambda: _headlines(indicators),
        audience=audience_of(person),
        version=version_for(person).hash,
        parts=tuple(sorted(indicators)),
    )
    return {
        pk: _headline_indicator(number, links[pk], headlines)
        for number, pk in enumerate(ids, start=1)
        if pk in links
    }


def _headlines(indicators: Mapping[int, Indicator]) -> dict[int, Headline]:
    """The headlines of those that have figures."""
    figures = headline_observations(sorted(indicators))
    return {
        pk: Headline(
            latest_value(indicators[pk], found), sparkline_of(indicators[pk], found, ANY_ROW)
        )
        for pk, found in figures.items()
    }


def _headline_indicator(
    number: int, links: list[IndicatorLink], headlines: Mapping[int, Headline]
) -> HeadlineIndicator:
    order = Relation.values.index
    link = min(links, key=lambda each: (order(each.relation), each.indicator_id not in headlines))
    indicator = link.indicator
    headline = headlines.get(indicator.pk, Headline(None, SafeString("")))
    return HeadlineIndicator(
        title=indicator.title,
        url=indicator.get_absolute_url(),
        unit=indicator.unit,
        figure=headline.figure,
        spark=mark_safe(headline.spark.replace(ANY_ROW, f"leading-{number}")),  # noqa: S308
        others=len(links) - 1,
    )
