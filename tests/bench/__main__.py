"""`make bench`: every benchmark, each on a database that is thrown away."""

from __future__ import annotations

import logging
import os
import time

import django
from django.db import connection
from django.test.utils import setup_test_environment


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    setup_test_environment(debug=False)
    logging.disable(logging.INFO)
    from tests.base import World
    from tests.bench import files, gap, pages

    begun = time.monotonic()
    name = connection.settings_dict["NAME"]
    for run in (pages.run, gap.run, files.run):
        connection.creation.create_test_db(verbosity=0)
        try:
            world = type("Made", (World,), {})
            world.make_world()
            run(world)
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)
    print(f"\n{time.monotonic() - begun:.0f} seconds in all")


if __name__ == "__main__":
    main()
