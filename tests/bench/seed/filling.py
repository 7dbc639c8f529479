"""Filling an empty database, portion by portion."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from recommendations import guards
from recommendations.actions import fixtures
from tests.bench.seed.events import add_events
from tests.bench.seed.indicators import add_indicators
from tests.bench.seed.people import add_people
from tests.bench.seed.recommendations import (
    add_recommendation,
    add_sources,
    add_themes,
    place_of,
)
from tests.bench.seed.store import COLUMNS, Store
from tests.bench.seed.tables import count_rows, go_on_with_ids

PORTION = 5_000
"""Recommendations in one transaction."""

KEPT = "recommendations.state"
"""Keeps something beside the rows, and can ``rebuild`` it; an earlier version lacks it."""


def seed(
    size: int, each: int | None = None, report: Callable[[str], None] = lambda line: None
) -> None:
    """Fill the empty database of the settings; ``each`` is 1 beyond 100,000, else 10."""
    if not fixtures.is_empty():
        raise RuntimeError("only an empty database is seeded")
    # Events are numbered from 1 again; the areas come back below, without theirs.
    fixtures.clear()
    store = Store(size, each or (10 if size <= 100_000 else 1))
    call_command("loaddata", str(settings.BASE_DIR / "fixtures/10_areas.json"), verbosity=0)
    add_people(store)
    sources = add_sources(store)
    add_themes(store)
    add_indicators(store)
    for begun in range(0, size, PORTION):
        for n in range(begun, min(begun + PORTION, size)):
            add_recommendation(store, place_of(sources, n))
        _past_the_guards(store.flush)
        report(f"{min(begun + PORTION, size):,} recommendations")
    _past_the_guards(add_events)
    report("events")
    go_on_with_ids(COLUMNS)
    if find_spec(KEPT):
        report("what is kept beside them")
        import_module(KEPT).rebuild()
    report("counting rows for the planner")
    count_rows()


def _past_the_guards(write: Callable[[], None]) -> None:
    closed = [guard.table for guard in guards.GUARDS if guard.insert]
    with transaction.atomic(), guards.lifted(connection, closed):
        write()
