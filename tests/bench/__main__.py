"""`make bench`: the benchmarks, each on a database that is thrown away.

    python -m tests.bench [names] [options of the pages, such as --size=100000]

Options without names run the pages alone; without either all that are usual run, the pages briefly.
"""

from __future__ import annotations

import argparse
import logging
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.db import connection
from django.test.utils import setup_test_environment

from tests.bench.pages import __main__ as pages
from tests.engines import postgresql

if TYPE_CHECKING:
    from tests.base import World


USUAL = ("files", "uploads", "figures", "gap")
"""Benchmarks of `make bench` after the pages; others are named: `python -m tests.bench faults`."""

ON_POSTGRESQL = {"faults"}
"""Those that need a server of their own."""


def on_a_database(*runs: Callable[[type[World]], None]) -> None:
    """Each run with a world of its own, on a database that is thrown away after it."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    setup_test_environment(debug=False)
    logging.disable(logging.INFO)
    from tests.base import World

    name = connection.settings_dict["NAME"]
    for run in runs:
        connection.creation.create_test_db(verbosity=0)
        try:
            world = type("Made", (World,), {})
            world.make_world()
            run(world)
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)


def main() -> None:
    begun = time.monotonic()
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("names", nargs="*")
    asked, options = parser.parse_known_args()
    names = asked.names or ([] if options else USUAL)
    if not asked.names:
        pages.main(options or ["--brief"])
    with ExitStack() as stack:
        if ON_POSTGRESQL.intersection(names):
            scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="tracker-"))
            os.environ["TEST_DATABASE_URL"] = stack.enter_context(postgresql(Path(scratch))).url
        # Modules that need the settings to be there.
        on_a_database(*map(_later, names))
    print(f"\n{time.monotonic() - begun:.0f} seconds in all")


def _later(name: str) -> Callable[[type[World]], None]:
    return lambda world: import_module(f"tests.bench.{name}").run(world)


if __name__ == "__main__":
    main()
