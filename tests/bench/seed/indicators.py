"""Indicators with twenty years of figures each, and a few that have figures of every country."""

from recommendations.choices import AreaKind, Direction, Movement
from recommendations.models import Area
from tests.bench.seed.store import Store

YEARS = range(2005, 2025)
WIDE = 5
"""Indicators with figures of all countries."""
DIRECTIONS = ("increase", "decrease", "maintain", "none_stated")


def add_indicators(store: Store) -> None:
    store.indicators = min(2_000, 20 + store.size // 100)
    everywhere = Area.objects.get(kind=AreaKind.ALL).pk
    countries = list(Area.objects.filter(kind=AreaKind.COUNTRY).order_by("pk"))
    store.areas = [country.pk for country in countries]
    for n in range(1, store.indicators + 1):
        figures = [1000 + n % 97 + store.chosen.randrange(-400, 400) for _year in YEARS]
        direction = DIRECTIONS[n % len(DIRECTIONS)]
        indicator = store.add(
            "Indicator", f"IND-{n}", f"Share of bodies that report, series {n}",
            "What is counted, and how.", "persons", "1", direction, int(n % 3 > 0),
            _movement(direction, *figures[-2:]),
        )  # fmt: skip
        for kind, period, value in (("baseline", "2005", 900), ("target", "2030", 2_000)):
            store.add("Target", indicator, kind, everywhere, period, value, store.moment(900), 1)
        _observe(store, indicator, everywhere, figures)
        for country in store.areas if n <= min(WIDE, store.size // 200) else ():
            _observe(store, indicator, country, figures)


def _observe(store: Store, indicator: int, area: int, figures: list[int]) -> None:
    for year, value in zip(YEARS, figures, strict=True):
        store.add(
            "Observation", indicator, area, f"{year}", f"{year}-01-01", f"{year}-12-31",
            value + area % 50, store.moment(300), 2,
        )  # fmt: skip


def _movement(direction: str, before: int, newest: int) -> str:
    if direction not in (Direction.INCREASE, Direction.DECREASE):
        return Movement.NOT_KNOWN
    if newest == before:
        return Movement.STILL
    is_wanted = (newest > before) == (direction == Direction.INCREASE)
    return Movement.TOWARDS if is_wanted else Movement.AGAINST
