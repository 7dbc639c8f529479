"""Filling an empty database, portion by portion."""

from collections.abc import Callable

from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import connection, transaction

from recommendations import guards
from recommendations.models import Recommendation
from tests.bench.seed.events import add_events
from tests.bench.seed.indicators import add_indicators
from tests.bench.seed.people import add_people
from tests.bench.seed.recommendations import add_recommendation, add_sources, place_of
from tests.bench.seed.store import COLUMNS, Store
from tests.bench.seed.tables import end_filling

PORTION = 5_000
"""Recommendations in one transaction."""

KEPT = ("rebuild_state", "rebuild_search")
"""Commands that build what the site keeps beside its rows; an earlier version has none."""


def seed(
    size: int, each: int | None = None, report: Callable[[str], None] = lambda line: None
) -> None:
    """Fill the empty database of the settings; ``each`` is 1 beyond 100,000, else 10."""
    if Recommendation.objects.exists():
        raise RuntimeError("only an empty database is seeded")
    store = Store(size, each or (10 if size <= 100_000 else 1))
    call_command("loaddata", str(settings.BASE_DIR / "fixtures/10_areas.json"), verbosity=0)
    add_people(store)
    sources = add_sources(store)
    add_indicators(store)
    for begun in range(0, size, PORTION):
        for n in range(begun, min(begun + PORTION, size)):
            add_recommendation(store, place_of(sources, n))
        _past_the_guards(store.flush)
        report(f"{min(begun + PORTION, size):,} recommendations")
    _past_the_guards(add_events)
    report("events")
    end_filling(COLUMNS, report)
    build_kept(report)


def build_kept(report: Callable[[str], None] = lambda line: None) -> None:
    """Build what the site keeps beside its rows, and count again for the planner."""
    for command in KEPT:
        if command in get_commands():
            report(command)
            call_command(command, verbosity=0)
    end_filling((), report)


def _past_the_guards(write: Callable[[], None]) -> None:
    closed = [guard.table for guard in guards.GUARDS if guard.insert]
    with transaction.atomic(), guards.lifted(connection, closed):
        write()
