"""`make bench`: the benchmarks, each on a database that is thrown away."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

import django
from django.db import connection
from django.test.utils import setup_test_environment

if TYPE_CHECKING:
    from tests.base import World


USUAL = ("pages", "files", "uploads", "figures", "gap")
"""Benchmarks of `make bench`; any other is named: `python -m tests.bench kills`."""


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
    # Modules that need the settings to be there.
    on_a_database(*(_later(name) for name in sys.argv[1:] or USUAL))
    print(f"\n{time.monotonic() - begun:.0f} seconds in all")


def _later(name: str) -> Callable[[type[World]], None]:
    return lambda world: import_module(f"tests.bench.{name}").run(world)


if __name__ == "__main__":
    main()
