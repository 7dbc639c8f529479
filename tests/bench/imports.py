"""An import of 120,000 values beside people who read and write through a real gunicorn.

    python -m tests.bench imports
    TEST_DATABASE_URL=postgresql://… python -m tests.bench imports

Two workers, with as many threads as deployed; on SQLite three people write, on PostgreSQL ten. The
import is its command. Afterwards all that was acknowledged must be there, once, and the result must
be that of the same import made alone.
"""

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from recommendations import audit
from recommendations.audit.findings import Faults
from recommendations.audit.verify import TableReader
from recommendations.models import (
    Area,
    AuditEvent,
    AuditRow,
    Comment,
    ImportRun,
    Indicator,
    Observation,
    StagedImport,
)
from tests.base import World
from tests.bench.faults import Asked, Load, deployed, of_comments
from tests.bench.measure import Row, table
from tests.figures.files import long_csv
from tests.kills import Server

AREAS, YEARS = 200, range(1975, 2025)
READERS, PAUSE = 5, 0.2
PAGES = ("/", "/recommendations/", "/recommendations/REP-1/", "/indicators/")
STATED = [field.name for field in Observation._meta.concrete_fields]
APART = {"id", "indicator", "import_run", "recorded_at"}
"""What two imports of one file do not have in common."""


def run(world: type[World]) -> None:
    """Print what was asked beside the import, what was answered, and what of it is there."""
    beside, alone = world.make_indicator("BESIDE"), world.make_indicator("ALONE")
    writers = 10 if connection.vendor == "postgresql" else 3
    with deployed(world) as (server, cookies, folder):
        file = folder / "figures.csv"
        file.write_bytes(monthly_figures())
        load = Load(server, cookies, writers, READERS, PAGES, PAUSE)
        with load.under_way():
            # Processes that have just begun load what they need with their first answers.
            time.sleep(5)
            with probed(server) as probes:
                taken = [import_file(server, file, beside)]
                time.sleep(5)
        taken.append(import_file(server, file, alone))
    title = f"{writers} writers, {READERS} readers on {connection.vendor}"
    table(title, ("what", "count", ""), lines(load, probes, beside, alone))
    print(f"  import beside them: {taken[0]:.0f} s; alone: {taken[1]:.0f} s")


def monthly_figures() -> bytes:
    """Made-up values of many areas and months, once the areas of the world are there."""
    call_command("loaddata", str(settings.BASE_DIR / "fixtures" / "10_areas.json"), verbosity=0)
    codes = Area.objects.exclude(iso3="").order_by("iso3").values_list("iso3", flat=True)
    return long_csv(
        *(
            f"{code},{year}-{month:02},{(place * 7919 + year * 12 + month) % 100000 / 1000}"
            for place, code in enumerate(codes[:AREAS])
            for year in YEARS
            for month in range(1, 13)
        )
    )


def import_file(server: Server, file: Path, indicator: Indicator) -> float:
    """Run the command to its end; the seconds that it took."""
    begun = time.monotonic()
    command = [sys.executable, "manage.py", "import_observations", str(file), "--decimal=."]
    command += [f"--indicator={indicator.code}", "--by=manager"]
    done = subprocess.run(
        command,
        env={**server.environment(), "DATABASE_LOCK_TIMEOUT": "60"},  # as manage.py has it
        cwd=settings.BASE_DIR,
        check=False,
        text=True,
        capture_output=True,
    )
    if done.returncode:
        print(done.stderr)
    return time.monotonic() - begun


@contextmanager
def probed(server: Server) -> Iterator[list[Asked]]:
    """Ask for ``/healthz`` ten times a second meanwhile; the answers are there afterwards."""
    host, port = server.address
    command = [sys.executable, "-m", "tests.bench.probe", host, str(port)]
    answers: list[Asked] = []
    with tempfile.TemporaryFile("w+") as told:
        with subprocess.Popen(
            command, cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=told
        ) as probe:
            yield answers
            probe.communicate()
        told.seek(0)
        for line in told:
            status, seconds = line.split()
            answers.append(Asked(0, float(seconds), int(status)))


def lines(
    load: Load, probes: Sequence[Asked], beside: Indicator, alone: Indicator
) -> Iterator[Row]:
    """What was answered, what is there of what was acknowledged, and whether both are the same."""
    for kind, asked in (
        ("write", [each for each in load.asked if each.is_write]),
        ("read", [each for each in load.asked if not each.is_write]),
        ("/healthz", probes),
    ):
        for status, count in sorted(Counter(each.status for each in asked).items()):
            yield f"{kind}: {status or 'no answer'}", f"{count:,}", ""
        yield f"{kind}: longest, seconds", f"{max(each.seconds for each in asked):.2f}", ""
    yield from of_comments(load)
    yield "seconds in which nobody else could write", f"{seconds_held(beside):.2f}", ""
    differing = result_of(beside) ^ result_of(alone)
    yield "values imported", f"{Observation.objects.filter(indicator=beside).count():,}", ""
    yield "values that differ from those imported alone", f"{len(differing)}", ""
    yield "imports left unfinished", f"{StagedImport.objects.count()}", ""
    yield "faults of the record", f"{faults_of_record()}", ""


def seconds_held(indicator: Indicator) -> float:
    """From the time of its event, read under the lock, to that of the event after it."""
    run = ImportRun.objects.get(indicator=indicator)
    after = AuditEvent.objects.filter(at__gt=run.at).order_by("sequence")[:1].get()
    return (after.at - run.at).total_seconds()


def result_of(indicator: Indicator) -> set[Any]:
    """All that an import left of its file: figures, counts, and how many rows of the record."""
    names = [name for name in STATED if name not in APART]
    figures = Observation.objects.filter(indicator=indicator)
    run = ImportRun.objects.get(indicator=indicator)
    rows = AuditRow.objects.filter(event__payload__contains=f'"import":[null,{run.pk}]').count()
    counts = (run.file_sha256, run.new, run.revised, run.unchanged, run.left_out, rows)
    return {counts, *figures.values_list(*names)}


def faults_of_record() -> int:
    """Faults of the chain, and of the tables that imports and comments are in."""
    faults = Faults()
    for model in (Comment, ImportRun, Observation):
        TableReader(model, None, faults).compare(lambda count: None)
    return faults.count + bool(audit.verify_chain().fault)
