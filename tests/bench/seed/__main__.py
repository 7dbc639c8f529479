"""``python -m tests.bench.seed SIZE``: migrate the database of DATABASE_URL, and fill it.

One that is filled already is only brought up to date.
"""

import argparse
import os
import time

import django
from django.core.management import call_command

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Fill an empty database for measuring.")
    parser.add_argument("size", type=int, help="recommendations")
    parser.add_argument("--updates", type=int, help="of each one: 10, beyond 100,000 one")
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    django.setup()
    from recommendations.models import Recommendation
    from tests.bench.seed.filling import seed
    from tests.bench.seed.tables import count_rows

    begun = time.monotonic()

    def report(line: str) -> None:
        print(f"{time.monotonic() - begun:6.0f} s  {line}", flush=True)

    # Which builds what another version has kept otherwise.
    call_command("migrate", verbosity=0, skip_checks=True)
    if Recommendation.objects.exists():
        count_rows()
    else:
        seed(asked.size, asked.updates, report)
