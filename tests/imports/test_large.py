"""A spreadsheet of 2,000 rows, as an office has it; of fewer in the usual run."""

from recommendations import audit
from recommendations.actions.imports.pipeline import ImportRefused
from recommendations.actions.imports.spreadsheet import (
    FindingCode,
    RowKind,
    SpreadsheetOptions,
    SpreadsheetPlan,
    import_spreadsheet,
)
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
from tests.imports.files import map_for, plan_of, two_thousand, upload

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

    def test_a_trial_says_exactly_what_is_in_it_and_writes_nothing(self) -> None:
        # Recommendations of the source, and of these: contributors, themes, reported statuses,
        # dates and actions, addressees, responses; then organisations, areas, themes, people.
        with self.assertNumQueries(12):
            planned = plan_of(self.data, self.source, self.manager, column_map=self.map)
        self.assertEqual(planned.counts, {"new": NEW, "changed": 0, "unchanged": 0, "rejected": 7})
        groups = {group.code: group for group in planned.groups}
        twice = groups[FindingCode.DUPLICATE]
        self.assertEqual(twice.findings[0].message, "“1” is already in row 2")
        self.assertEqual(twice.lines, list(range(COUNT - 5, COUNT + 2)))
        self.assertEqual(groups[FindingCode.UNDATED].lines, list(range(502, 602)))
        self.assertEqual(Recommendation.objects.count(), 1)

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
