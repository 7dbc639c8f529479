"""Case: ids ``111.1`` and ``111.10`` in a spreadsheet are two different ids."""

import json

from openpyxl import Workbook

from recommendations.actions.imports.spreadsheet import FindingCode, SpreadsheetOptions
from recommendations.models import Recommendation
from tests.base import TrackerTestCase
from tests.imports.files import csv_bytes, map_for, plan_of, saved, upload, xlsx_bytes
from tests.imports.run import import_spreadsheet

HEAD = ("No.", "Recommendation")
ROWS = (("111.1", "Do one measure."), ("111.10", "Do another."))


def shown_as_two() -> bytes:
    """Both cells hold one number; the second shows it with another digit."""
    book = Workbook()
    for line in (HEAD, (111.1, "Do one measure."), (111.1, "Do another.")):
        book.active.append(line)
    book.active["A3"].number_format = "0.00"
    return saved(book)


class IdsInASpreadsheet(TrackerTestCase):
    def test_they_are_two_in_every_format(self) -> None:
        as_json = json.dumps([dict(zip(HEAD, row, strict=True)) for row in ROWS])
        for name, data, told in (
            ("list.csv", csv_bytes(ROWS, HEAD), set()),
            ("list.xlsx", xlsx_bytes({"List": [HEAD, *ROWS]}), set()),
            ("list.json", as_json.encode(), set()),
            ("list.xlsx", shown_as_two(), {FindingCode.NUMBER_AS_ID}),
        ):
            with self.subTest(name, told=told):
                planned = plan_of(data, self.source, self.manager, name)
                ids = [row.record.external_id for row in planned.rows]
                self.assertEqual((ids, planned.counts["new"]), (["111.1", "111.10"], 2))
                self.assertEqual(
                    {group.code for group in planned.groups}, {*told, FindingCode.TITLE_MADE}
                )

    def test_both_are_kept_and_found_again(self) -> None:
        data = csv_bytes(ROWS, HEAD)
        for _again in range(2):
            import_spreadsheet(
                upload=upload(data),
                source=self.source,
                by=self.manager,
                options=SpreadsheetOptions(map_for(data)),
            )
        kept = Recommendation.objects.exclude(external_id="").order_by("number")
        self.assertEqual([row.external_id for row in kept], ["111.1", "111.10"])

    def test_stored_as_numbers_they_are_told_and_the_second_is_not_taken_for_new(self) -> None:
        data = xlsx_bytes({"List": [HEAD, (111.1, "Do one measure."), (111.10, "Do another.")]})
        planned = plan_of(data, self.source, self.manager, "list.xlsx")
        lines = {group.code: group.lines for group in planned.groups}
        made = {FindingCode.TITLE_MADE: [2, 3]}
        told = {FindingCode.DUPLICATE: [3], FindingCode.NUMBER_AS_ID: [2, 3], **made}
        self.assertEqual(lines, told)
