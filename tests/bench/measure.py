"""Measuring one thing, and saying how it compares with another."""

import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterable, Sequence

from django.test import Client

from recommendations.models import User

Row = tuple[str, str, str]

YARDSTICK = "/help/ratings/"
"""A page of the frame that all pages have, which reads nothing of its own."""


def seconds(act: Callable[[], object], times: int = 5) -> float:
    """The median of some runs."""
    taken = []
    for _run in range(times):
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def peak(act: Callable[[], object]) -> float:
    """The most memory in MiB that Python held for one run, beyond what it held before."""
    gc.collect()
    tracemalloc.start()
    try:
        before, _most = tracemalloc.get_traced_memory()
        act()
        return (tracemalloc.get_traced_memory()[1] - before) / 2**20
    finally:
        tracemalloc.stop()


def table(title: str, head: Row, rows: Iterable[Row]) -> None:
    """Print rows under their heads, the last two columns to the right."""
    lines: Sequence[Row] = [head, *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(3)]
    print(f"\n{title}")
    for first, second, third in lines:
        print(f"  {first:<{widths[0]}}  {second:>{widths[1]}}  {third:>{widths[2]}}")


def reading(path: str, person: User) -> Callable[[], None]:
    """What asks for one page as one person, signed in once."""
    client = Client()
    client.force_login(person, backend="recommendations.authentication.RoleBackend")

    def act() -> None:
        assert client.get(path).status_code == 200, path

    return act
