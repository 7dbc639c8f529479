"""Case: ids ``111.1`` and ``111.10`` in a spreadsheet are two different ids."""

import csv
import io
from typing import ClassVar

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from recommendations.actions.imports.spreadsheet import (
    FindingCode,
    SpreadsheetOptions,
    import_spreadsheet,
)
from recommendations.models import Recommendation
from tests.base import TrackerTestCase
from tests.imports.files import csv_bytes, map_for, plan_of, saved, upload, xlsx_bytes
from tests.views.pages import PageTestCase

IMPORT = "/recommendations/import/"
HEAD = ("No.", "Recommendation")
ROWS = (("111.1", "Do one measure."), ("111.10", "Do another."))


class IdsInASpreadsheet(TrackerTestCase):
    def test_as_text_they_are_two_in_every_format(self) -> None:
        text = (
            b'[{"No.": "111.1", "Recommendation": "a"}, {"No.": "111.10", "Recommendation": "b"}]'
        )
        for name, data in (
            ("list.csv", csv_bytes(ROWS, HEAD)),
            ("list.xlsx", xlsx_bytes({"List": [HEAD, *ROWS]})),
            ("list.json", text),
        ):
            planned = plan_of(data, self.source, self.manager, name)
            self.assertEqual([row.record.external_id for row in planned.rows], ["111.1", "111.10"])
            self.assertEqual(planned.counts["new"], 2)
            self.assertFalse(planned.groups, name)

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
        self.assertEqual(lines, {FindingCode.DUPLICATE: [3], FindingCode.NUMBER_AS_ID: [2, 3]})

    def test_a_number_is_read_as_its_cell_shows_it(self) -> None:
        book = Workbook()
        for line in (HEAD, (111.1, "Do one measure."), (111.1, "Do another.")):
            book.active.append(line)
        book.active["A3"].number_format = "0.00"
        planned = plan_of(saved(book), self.source, self.manager, "list.xlsx")
        self.assertEqual([row.record.external_id for row in planned.rows], ["111.1", "111.10"])


class IdsThroughThePages(PageTestCase):
    """Uploaded, confirmed, imported, and out again as a file, by a manager in a browser."""

    GIVEN: ClassVar[dict[str, str]] = {
        "column_0": "external_id",
        "column_1": "title",
        "modality": "should",
        "nature": "time_bound",
    }

    def bring_in(self, data: bytes, name: str) -> None:
        file = SimpleUploadedFile(name, data)
        address = self.post(IMPORT, self.manager, file=file, source="report")["Location"]
        shown = self.post(address, self.manager, move="preview", **self.GIVEN)
        seen = shown.context["plan"].digest
        done = self.post(address, self.manager, move="import", seen=seen, **self.GIVEN)
        self.assertRedirects(done, "/recommendations/?source=report")

    def kept(self) -> list[str]:
        rows = Recommendation.objects.exclude(external_id="").order_by("number")
        return list(rows.values_list("external_id", flat=True))

    def test_from_every_format_two_come_in_and_stay_two_when_it_comes_again(self) -> None:
        self.bring_in(csv_bytes(ROWS, HEAD), "list.csv")
        self.assertEqual(self.kept(), ["111.1", "111.10"])
        book = xlsx_bytes({"List": [HEAD, ("111.1", "One measure."), ("111.10", "Another.")]})
        self.bring_in(book, "list.xlsx")
        self.assertEqual(self.kept(), ["111.1", "111.10"])
        for reference, title in (("REP-2", "One measure."), ("REP-3", "Another.")):
            self.assert_words(self.read(f"/recommendations/{reference}/", self.viewer), title)

    def test_they_go_out_as_they_came_in(self) -> None:
        self.bring_in(csv_bytes(ROWS, HEAD), "list.csv")
        answer = self.get("/recommendations/export/", self.manager, format="csv")
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        lines = csv.DictReader(io.StringIO(text))
        ids = [line["external_id"] for line in lines if line["external_id"]]
        self.assertEqual(sorted(ids), ["111.1", "111.10"])
