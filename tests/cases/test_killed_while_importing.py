"""Whenever an import is killed: all of it is there, or nothing, and the next one goes through."""

import io
import tempfile
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

from django.core.management import call_command

from recommendations import audit
from recommendations.actions.imports.figures import clear_left_over, importer
from recommendations.audit.findings import Faults
from recommendations.audit.verify import TableReader
from recommendations.models import (
    AuditEvent,
    ImportRun,
    Indicator,
    Observation,
    StagedFigure,
    StagedImport,
)
from tests.depth import times
from tests.figures.files import long_csv
from tests.forks import KilledTestCase

BATCH = times(20, importer.BATCH)
"""Figures that are staged at once: so few that a small file has several batches."""
VALUES = 2 * BATCH + 5


@mock.patch.object(importer, "BATCH", BATCH)
@mock.patch.object(importer, "BATCH", BATCH)
class KilledWhileImportingTests(KilledTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.make_area("KEN", name="Kenya", kind="country", iso3="KEN")
        folder = self.enterContext(tempfile.TemporaryDirectory())
        rows = (f"KEN,{date(2000, 1, 1) + timedelta(n)},{n}" for n in range(VALUES))
        self.file = Path(folder) / "figures.csv"
        self.file.write_bytes(long_csv(*rows))

    def test_all_of_it_is_there_or_nothing(self) -> None:
        indicators: list[Indicator] = []

        def bring() -> None:
            given = f"--indicator={indicators[-1].code}", "--by=manager"
            call_command("import_observations", str(self.file), *given, stdout=io.StringIO())

        indicators.append(self.make_indicator("KILLED"))
        counts = []
        for number in self.kills(bring, step=25):
            counts.append(self.found_of(indicators[-1]))
            indicators.append(self.make_indicator(f"KILLED-{number}"))
        self.assertLessEqual(set(counts), {(0, 0, 0), (VALUES, 1, 1)})
        self.assertEqual(counts[-1], (VALUES, 1, 1))
        self.assertGreater(len(counts), 4)
        clear_left_over()
        self.assertFalse(StagedImport.objects.exists() or StagedFigure.objects.exists())
        self.assert_whole()

    def found_of(self, indicator: Indicator) -> tuple[int, int, int]:
        """How many figures, imports and events there are of one indicator."""
        with audit.one_moment():
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
