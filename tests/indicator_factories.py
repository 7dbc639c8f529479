"""Indicators, values and areas, many at once, written past the actions as in tests/factories.py."""

import itertools
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils import timezone

from recommendations.models import (
    Area,
    AreaAlias,
    GroupMembership,
    Indicator,
    IndicatorLink,
    Observation,
    Recommendation,
    Target,
)
from recommendations.periods import parse

_numbers = itertools.count(1)
"""So that short names are used once, however often a test fills."""


def add_indicators(count: int) -> list[Indicator]:
    """Indicators, every second one published, each with two aims, two periods and a revision."""
    area = area_of("A0")
    made = Indicator.objects.bulk_create(
        Indicator(
            code=f"IND-{n}",
            title=f"Indicator {n}",
            definition="What is counted.",
            unit="persons",
            measure="1",
            direction="increase",
            is_published=bool(n % 2),
        )
        for n in itertools.islice(_numbers, count)
    )
    Target.objects.bulk_create(
        Target(
            indicator=indicator,
            kind=kind,
            area=area,
            period=period,
            value=5,
            recorded_at=timezone.now(),
        )
        for indicator in made
        for kind, period in (("baseline", "2018"), ("target", "2030"))
    )
    for indicator in made:
        observe(indicator, (("2019", 1), ("2020", 1), ("2020", 2)))
    return made


def observe(indicator: Indicator, figures: Iterable[tuple[str, int]]) -> None:
    """Figures of one indicator for one area, each a period and a revision."""
    area = area_of("A0")
    Observation.objects.bulk_create(
        _observation(indicator, area, period, 7, revision) for period, revision in figures
    )


def _observation(
    indicator: Indicator, area: Area, period: str, value: Any, revision: int
) -> Observation:
    days = parse(period)
    return Observation(
        indicator=indicator,
        area=area,
        period=period,
        first_day=days.first_day,
        last_day=days.last_day,
        value=value,
        revision=revision,
        recorded_at=timezone.now(),
    )


def measure_areas(
    indicator: Indicator, areas: int, years: int, vintages: int = 1, regions: int = 5
) -> None:
    """Yearly figures up to 2024 for many countries in a few regions, each revised so often.

    In every year one country in seven has none. Each country belongs to one group, "M".
    """
    group = area_of("M", kind="group")
    parents = [area_of(f"R{n}", kind="region") for n in range(regions)]
    countries = [area_of(f"C{n}", parent=parents[n % regions]) for n in range(areas)]
    known = set(GroupMembership.objects.filter(group=group).values_list("member", flat=True))
    GroupMembership.objects.bulk_create(
        GroupMembership(group=group, member=country)
        for country in countries
        if country.pk not in known
    )
    Observation.objects.bulk_create(
        (
            _observation(
                indicator, country, str(year), Decimal(100 * n + year + revision) / 8, revision
            )
            for n, country in enumerate(countries)
            for year in range(2025 - years, 2025)
            if (n + year) % 7
            for revision in range(1, vintages + 1)
        ),
        batch_size=2000,
    )


def link_indicators(found: list[Recommendation], indicators: list[Indicator]) -> None:
    relations = itertools.cycle(("outcome", "delivery", "context"))
    IndicatorLink.objects.bulk_create(
        IndicatorLink(recommendation=row, indicator=indicator, relation=next(relations), why="So.")
        for row in found
        for indicator in indicators
    )


def areas(count: int) -> list[Area]:
    """Areas to which nobody speaks."""
    return [area_of(f"N{n}") for n in itertools.islice(_numbers, count)]


def join_group(code: str, count: int) -> None:
    """Groups that the area of this code belongs to, and other names of it."""
    area = area_of(code)
    for n in itertools.islice(_numbers, count):
        group = Area.objects.create(code=f"group-{n}", name=f"Group {n}", kind="group")
        GroupMembership.objects.create(group=group, member=area)
        AreaAlias.objects.create(area=area, alias=f"Name {n}")


def area_of(code: str, **values: Any) -> Area:
    defaults = {"name": f"Area {code}", "kind": "country", **values}
    return Area.objects.get_or_create(code=code, defaults=defaults)[0]
