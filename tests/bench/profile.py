"""What a warm page spends its time on: ``python -m tests.bench.profile list`` (or another page).

One of ``targets.py``, ``submit`` or ``approve``, on the seeded database of DATABASE_URL or on one
of SIZE recommendations that is thrown away. A function counts with all that it calls.
"""

import argparse
import cProfile
import logging
import os
import pstats
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import django

from tests.bench.pages.asking import form_fields
from tests.bench.pages.instances import HERE, Instance
from tests.bench.pages.tables import aligned
from tests.bench.pages.targets import MANAGER, targets

LEAST, MOST = 0.03, 0.97
"""Functions below this share of the time are left out, and those that wrap all others."""
TIMES = 12

Act = Callable[[], object]


def main() -> None:
    parser = argparse.ArgumentParser(description="Profile one page.")
    parser.add_argument("page")
    parser.add_argument("--size", type=int, default=1_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tracker-") as name:
        url = os.environ.get("DATABASE_URL") or f"sqlite:///{name}/seeded.sqlite3"
        instance = Instance("here", HERE, Path(name), url)
        instance.fill(asked.size, TIMES + 2)
        os.environ.update(instance.environment)
        django.setup()
        logging.disable(logging.INFO)
        acts = list(acts_of(asked.page, instance, asked.size))
        for act in acts[:2]:
            act()
        profile = cProfile.Profile()
        for act in acts[2:]:
            profile.runcall(act)
        print("\n".join(aligned([HEAD, *rows(pstats.Stats(profile), len(acts) - 2)])))


def acts_of(page: str, instance: Instance, size: int) -> Iterator[Act]:
    """What is profiled, again and again; what must come before it, such as its form, is not."""
    from tests.bench.pages.prepare import client_of

    if page == "approve":
        manager = client_of(MANAGER)
        for pk in instance.submitted:
            fields = form_fields(manager.get(f"/review/{pk}/").text, "decision")
            yield lambda pk=pk, fields=fields: manager.post(f"/updates/{pk}/approve/", fields)
    elif page == "submit":
        for pk, author in instance.drafts:
            writer = client_of(author)
            fields = form_fields(writer.get(f"/updates/{pk}/").text, "update-form")
            address = f"/updates/{pk}/submit/"
            yield lambda writer=writer, address=address, fields=fields: writer.post(address, fields)
    else:
        [target] = [target for target in targets(size) if target.name == page]
        reader = client_of(target.reader)
        yield from [lambda: reader.get(target.path)] * (TIMES + 2)


HEAD = ("function", "share", "ms", "calls")


def rows(stats: Any, times: int) -> Iterator[Sequence[str]]:
    """Functions by their share, with milliseconds and calls of one request."""
    functions = sorted(stats.stats.items(), key=lambda each: -each[1][3])
    for (file, line, name), (_direct, calls, _own, seconds, _callers) in functions:
        if LEAST <= seconds / stats.total_tt <= MOST:
            yield (
                f"{name} ({Path(file).name}:{line})",
                f"{seconds / stats.total_tt:.0%}",
                f"{seconds / times * 1000:.1f}",
                f"{calls / times:.0f}",
            )


if __name__ == "__main__":
    main()
