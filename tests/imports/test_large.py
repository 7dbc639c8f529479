"""A spreadsheet of 2,000 rows, as an office has it; of fewer in the usual run."""

from recommendations import audit
from recommendations.actions.imports.pipeline import ImportRefused
from recommendations.actions.imports.spreadsheet import RowKind, SpreadsheetOptions, SpreadsheetPlan
from recommendations.actions.imports.spreadsheet.plans import ColumnMap
from recommendations.models import (
    AuditEvent,
    Recommendation,
    ReportedStatus,
    Source,
    StatusUpdate,
    TargetDateChange,
)
from tests.base import TrackerTestCase
from tests.depth import times
from tests.imports.files import map_for, two_thousand, upload
from tests.imports.run import import_spreadsheet

COUNT = times(640, 2_000)
NEW = COUNT - 7


class ManyRowsTests(TrackerTestCase):
    data: bytes
    map: ColumnMap

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.data = two_thousand(COUNT)
        cls.map = map_for(cls.data)

    def bring(self, **options: bool) -> SpreadsheetPlan:
        return import_spreadsheet(
            upload=upload(self.data),
            source=self.source,
            by=self.manager,
            options=SpreadsheetOptions(self.map, **options),
        )

    def test_all_of_it_or_nothing_and_the_second_time_nothing(self) -> None:
        with self.assertRaises(ImportRefused):
            self.bring()
        self.assertEqual(Recommendation.objects.count(), 1)
        events = AuditEvent.objects.count()
        self.bring(skip_rejected=True)
        self.assertEqual(Recommendation.objects.count(), 1 + NEW)
        self.assertEqual(AuditEvent.objects.count(), events + 1)
        self.assertEqual(TargetDateChange.objects.count(), NEW - 100)
        self.assertEqual(ReportedStatus.objects.count(), NEW)
        self.assertFalse(StatusUpdate.objects.exists())
        self.assertTrue(audit.verify_chain().is_whole)
        again = self.bring(skip_rejected=True)
        self.assertEqual(len(again.rows_of(RowKind.UNCHANGED)), NEW)
        self.assertEqual(AuditEvent.objects.count(), events + 1)
        kept = Source.objects.get(pk=self.source.pk)
        self.assertEqual(kept.column_map, self.map.as_json())
        self.assertEqual(kept.last_number, 1 + NEW)
