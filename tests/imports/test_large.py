"""A spreadsheet of 2,000 rows, as an office has it."""

from recommendations import audit
from recommendations.actions.imports.pipeline import ImportRefused
from recommendations.actions.imports.spreadsheet import (
    FindingCode,
    RowKind,
    SpreadsheetOptions,
    import_spreadsheet,
)
from recommendations.models import (
    AuditEvent,
    Recommendation,
    ReportedStatus,
    Source,
    StatusUpdate,
    TargetDateChange,
)
from recommendations.readers.columns import ColumnMap
from tests.base import TrackerTestCase
from tests.imports.files import map_for, plan_of, two_thousand, upload


class TwoThousandRows(TrackerTestCase):
    data: bytes
    map: ColumnMap

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.data = two_thousand()
        cls.map = map_for(cls.data)

    def test_a_trial_says_exactly_what_is_in_it_and_writes_nothing(self) -> None:
        # Recommendations of the source, and of these: contributors, themes, reported statuses,
        # dates and actions, addressees, responses; then organisations, areas, themes, people.
        with self.assertNumQueries(12):
            planned = plan_of(self.data, self.source, self.manager, column_map=self.map)
        self.assertEqual(planned.counts, {"new": 1993, "changed": 0, "unchanged": 0, "rejected": 7})
        groups = {group.code: group for group in planned.groups}
        self.assertEqual(len(groups[FindingCode.DUPLICATE].lines), 7)
        self.assertEqual(
            groups[FindingCode.DUPLICATE].findings[0].message, "“1” is already in row 2"
        )
        self.assertEqual(len(groups[FindingCode.UNDATED].lines), 100)
        self.assertEqual(groups[FindingCode.DUPLICATE].lines, list(range(1995, 2002)))
        self.assertEqual(groups[FindingCode.UNDATED].lines, list(range(502, 602)))
        self.assertEqual(Recommendation.objects.count(), 1)

    def test_all_of_it_or_nothing_and_the_second_time_nothing(self) -> None:
        options = SpreadsheetOptions(self.map)
        with self.assertRaises(ImportRefused):
            import_spreadsheet(
                upload=upload(self.data), source=self.source, by=self.manager, options=options
            )
        self.assertEqual(Recommendation.objects.count(), 1)

        options = SpreadsheetOptions(self.map, skip_rejected=True)
        events = AuditEvent.objects.count()
        import_spreadsheet(
            upload=upload(self.data), source=self.source, by=self.manager, options=options
        )
        self.assertEqual(Recommendation.objects.count(), 1 + 1993)
        self.assertEqual(AuditEvent.objects.count(), events + 1)
        self.assertEqual(TargetDateChange.objects.count(), 1893)
        self.assertEqual(ReportedStatus.objects.count(), 1993)
        self.assertFalse(StatusUpdate.objects.exists())
        self.assertTrue(audit.verify_chain().is_whole)

        again = import_spreadsheet(
            upload=upload(self.data), source=self.source, by=self.manager, options=options
        )
        self.assertEqual(len(again.rows_of(RowKind.UNCHANGED)), 1993)
        self.assertEqual(AuditEvent.objects.count(), events + 1)
        kept = Source.objects.get(pk=self.source.pk)
        self.assertEqual(kept.column_map, self.map.as_json())
        self.assertEqual(kept.last_number, 1 + 1993)
