"""The page of the gap over more and more figures, beside a page that reads nothing."""

from collections.abc import Iterator
from urllib.parse import urlencode

from tests import indicator_factories
from tests.base import World
from tests.bench.measure import YARDSTICK, Row, reading, seconds, table

SIZES = ((20, 10, 1), (60, 30, 2), (200, 60, 3))
"""Areas, years and vintages of each figure."""

ASKED = {
    "newest 20 years": {},
    "all years of a group": {"group": "M", "from_year": 1965},
}


def run(world: type[World]) -> None:
    """Print how many constant pages the page of the gap is worth, at each size."""
    head = ("page of the gap", "areas × years × vintages", "× constant page")
    table("The gap, as multiples of a page that asks nothing", head, _rows(world))


def _rows(world: type[World]) -> Iterator[Row]:
    constant = reading(YARDSTICK, world.manager)
    constant()
    once = seconds(constant, times=9)
    for areas, years, vintages in SIZES:
        indicator = world.make_indicator(f"GAP-{areas}")
        indicator_factories.measure_areas(indicator, areas, years, vintages)
        for name, asked in ASKED.items():
            act = reading(
                f"/gap/?{urlencode({'indicator': indicator.code, **asked})}", world.manager
            )
            yield name, f"{areas} × {years} × {vintages}", f"{seconds(act, times=3) / once:.1f}"
