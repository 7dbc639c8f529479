"""Whenever an import is killed: all of it is there, or nothing, and the next one goes through."""

import random
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings

from recommendations import audit
from recommendations.actions.imports.figures import clear_left_over
from recommendations.actions.imports.figures.staging import BATCH
from recommendations.audit.findings import Faults
from recommendations.audit.tables import TableReader
from recommendations.models import (
    AuditEvent,
    ImportRun,
    Indicator,
    Observation,
    StagedFigure,
    StagedImport,
)
from tests.base import GuardedTransactionTestCase
from tests.depth import times
from tests.figures.files import long_csv
from tests.processes import as_in_production

KILLS = times(3, 50)
VALUES = BATCH + 100
LONGEST = 1.5
"""Seconds from the first sign of an import to its end, about."""


@unittest.skipUnless(Path("/proc").is_dir(), "whether a process is there is asked of /proc")
class KilledWhileImportingTests(GuardedTransactionTestCase):
    def test_all_of_it_is_there_or_nothing(self) -> None:
        self.make_area("KEN", name="Kenya", kind="country", iso3="KEN")
        chosen = random.Random(KILLS)
        with figures_file() as file:
            for number in range(KILLS):
                indicator = self.make_indicator(f"KILLED-{number}")
                process = start(file, indicator)
                # Before that there is nothing of it to be found.
                while not StagedImport.objects.filter(indicator=indicator).exists():
                    self.assertIsNone(process.poll())
                    time.sleep(0.02)
                time.sleep(chosen.uniform(0, LONGEST))
                process.kill()
                process.wait()
                self.assert_all_or_nothing(indicator)
            self.assertEqual(start(file, indicator).wait(), 0)
        self.assertEqual(Observation.objects.filter(indicator=indicator).count(), VALUES)
        clear_left_over()
        self.assertFalse(StagedImport.objects.exists() or StagedFigure.objects.exists())
        self.assert_whole()

    def assert_all_or_nothing(self, indicator: Indicator) -> None:
        with audit.one_moment():
            found = self.found_of(indicator)
        self.assertIn(found, {(0, 0, 0), (VALUES, 1, 1)})

    def found_of(self, indicator: Indicator) -> tuple[int, int, int]:
        """How many figures, imports and events there are of one indicator."""
        runs = ImportRun.objects.filter(indicator=indicator)
        events = AuditEvent.objects.filter(
            verb="import_figures", payload__contains=f'"{indicator.code}"'
        )
        there = Observation.objects.filter(indicator=indicator).count()
        return there, runs.count(), events.count()

    def assert_whole(self) -> None:
        faults = Faults()
        for model in (ImportRun, Observation):
            TableReader(model, None, faults).compare(lambda count: None)
        self.assertEqual((audit.verify_chain().fault, faults.first), ("", []))


@contextmanager
def figures_file() -> Iterator[Path]:
    """One value for each of so many days."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "figures.csv"
        rows = (f"KEN,{date(2000, 1, 1) + timedelta(n)},{n}" for n in range(VALUES))
        file.write_bytes(long_csv(*rows))
        yield file


def start(file: Path, indicator: Indicator) -> subprocess.Popen[bytes]:
    """The command, in a process of its own."""
    command = [sys.executable, "manage.py", "import_observations", str(file)]
    return subprocess.Popen(
        [*command, f"--indicator={indicator.code}", "--by=manager"],
        env=as_in_production(),
        cwd=settings.BASE_DIR,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
