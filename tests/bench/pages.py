"""Pages over more and more rows, beside a page of the same frame that reads nothing."""

from collections.abc import Callable, Iterator

from django.test import Client

from recommendations.models import User
from tests import factories, response_factories
from tests.base import World
from tests.bench.measure import Row, seconds, table

SIZES = (100, 1_000, 10_000)
YARDSTICK = "/help/ratings/"
PAGES = {
    "list, 50 rows": "/recommendations/",
    "overview": "/",
    "review queue": "/review/",
    "my work": "/my-work/",
    "evidence, 50 rows": "/evidence/",
}


def run(world: type[World]) -> None:
    """Print how many constant pages each page is worth, at each size."""
    head = ("page", "recommendations", "× constant page")
    table("Pages, as multiples of a page that asks nothing", head, _rows(world))


def _rows(world: type[World]) -> Iterator[Row]:
    there = 0
    for size in SIZES:
        _fill(world, size - there)
        there = size
        constant = reading(YARDSTICK, world.manager)
        constant()
        once = seconds(constant, times=9)
        for name, path in PAGES.items():
            taken = seconds(reading(path, world.manager), times=3)
            yield name, f"{size:,}", f"{taken / once:.1f}"


def _fill(world: type[World], count: int) -> None:
    """Recommendations with all that a row of a list shows, and evidence for what they claim."""
    found = factories.recommendations(world, count)
    addressees = factories.join_bodies(world, found, each=1)
    response_factories.add_responses(world, found)
    response_factories.add_actions(found, each=1)
    factories.prove_each(world, factories.add_updates(world, found, addressees, each=1))
    factories.add_dates(world, found, each=1)


def reading(path: str, person: User) -> Callable[[], None]:
    """What asks for one page as one person, signed in once."""
    client = Client()
    client.force_login(person, backend="recommendations.authentication.RoleBackend")

    def act() -> None:
        assert client.get(path).status_code == 200, path

    return act
