"""The indicator that stands on the row of a recommendation, with its newest figure.

Outcome before delivery, and of each kind the one that has figures; context measures nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from recommendations import permissions
from recommendations.models import IndicatorLink, Observation
from recommendations.summaries.lines import lead_of, spark
from recommendations.summaries.rows import Leading, Row
from recommendations.vocabulary import MEASURING_RELATIONS, Relation

POINTS = 24
"""Newest figures in a line of a word's size."""


def with_leading(rows: Iterable[Row], person: Any) -> list[Row]:
    """The rows, each with the indicator that leads it: two queries, however many there are."""
    rows = list(rows)
    links = _links([row.reference for row in rows], person)
    ids = {link.indicator_id for link in chain.from_iterable(links.values())}
    figures = headlines(sorted(ids))
    return [
        replace(row, leading=_leading(number, links[row.reference], figures))
        for number, row in enumerate(rows, start=1)
    ]


def headlines(indicator_ids: Sequence[int]) -> dict[int, list[Observation]]:
    """The newest figures of the headline of each indicator, newest first; one query."""
    place = Window(
        RowNumber(), partition_by="indicator", order_by=[F("last_day").desc(), "first_day", "pk"]
    )
    found = (
        Observation.objects.filter(indicator__in=indicator_ids)
        .headline()
        .latest_revisions()
        .annotate(place=place)
        .filter(place__lte=POINTS)
        .select_related("area", "recorded_by")
        .order_by("indicator", "-last_day", "first_day", "pk")
    )
    grouped: dict[int, list[Observation]] = defaultdict(list)
    for observation in found:
        grouped[observation.indicator_id].append(observation)
    return grouped


def _links(references: Sequence[str], person: Any) -> dict[str, list[IndicatorLink]]:
    links = IndicatorLink.objects.filter(
        recommendation__reference__in=references,
        removed_at__isnull=True,
        relation__in=MEASURING_RELATIONS,
    ).select_related("indicator", "recommendation")
    if not permissions.can_read_internally(person):
        links = links.filter(indicator__is_published=True)
    grouped: dict[str, list[IndicatorLink]] = defaultdict(list)
    for link in links.order_by("indicator__code", "pk"):
        grouped[link.recommendation.reference].append(link)
    return grouped


def _leading(
    number: int, links: list[IndicatorLink], figures: dict[int, list[Observation]]
) -> Leading | None:
    if not links:
        return None
    order = Relation.values.index
    link = min(links, key=lambda each: (order(each.relation), each.indicator_id not in figures))
    indicator = link.indicator
    found = figures.get(indicator.pk, [])
    return Leading(
        title=indicator.title,
        url=indicator.get_absolute_url(),
        unit=indicator.unit,
        figure=lead_of(indicator, found),
        spark=spark(indicator, found, f"leading-{number}"),
        others=len(links) - 1,
    )
