"""Lists as offices have them: sheets, an empty list, rejected rows, likely matches."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from recommendations.models import Addressee, Organisation, Recommendation
from recommendations.readers import open_table
from recommendations.readers.columns import ColumnMap, Field, propose
from tests.imports.files import csv_bytes, plan_of, xlsx_bytes
from tests.views.pages import PageTestCase, words_of

PATH = "/recommendations/import/"
HEAD = ("No.", "Recommendation", "Due date")
ROWS = (("111.1", "Keep a register of providers", "3/4/2031"), ("111.10", "Publish it", ""))


class OfficeListTests(PageTestCase):
    def upload(self, data: bytes, name: str = "list.xlsx") -> Any:
        file = SimpleUploadedFile(name, data)
        return self.post(PATH, self.manager, file=file, source="report")

    def given(self, data: bytes, name: str) -> dict[str, str]:
        header = open_table(io.BytesIO(data), name).header
        columns = {f"column_{header.index(name)}": c.value for name, c in propose(header).items()}
        return {**columns, "modality": "should", "nature": "time_bound", "date_order": "day_first"}

    def test_which_of_several_sheets_is_asked(self) -> None:
        address = self.upload(xlsx_bytes({"Notes": [["A", "B"]], "List": [HEAD, *ROWS]}))[
            "Location"
        ]
        self.assertTrue(address.endswith("/sheet/"))
        self.assertEqual(self.get(address, self.staff).status_code, 403)
        self.assertEqual(self.get(address, self.other_manager).status_code, 404)
        self.assertEqual(self.post(address, self.manager, sheet="Gone").status_code, 400)
        unread = self.post(address, self.manager, sheet="Notes")
        self.assertIn("header but no rows", words_of(unread))
        chosen = self.post(address, self.manager, sheet="List")["Location"]
        self.assertIn("Examples: 111.1 · 111.10", words_of(self.get(chosen, self.manager)))

    def test_an_upload_that_was_left_is_found_again_by_its_owner(self) -> None:
        address = self.upload(csv_bytes(ROWS, HEAD), "our list.csv")["Location"]
        self.assertContains(self.get(PATH, self.manager), f'href="{address}"')
        self.assertIn("Continue with our list.csv", self.read(PATH, self.manager))
        self.assertNotIn("our list.csv", self.read(PATH, self.other_manager))

    def test_how_far_an_import_is_can_be_asked_by_its_owner(self) -> None:
        data = csv_bytes([(str(n), f"Item {n}", "") for n in range(150)], HEAD)
        address = self.upload(data, "list.csv")["Location"]
        asked = f"{address}progress/"
        self.assertEqual(self.get(asked, self.manager).content, b"")
        self.post(address, self.manager, **self.given(data, "list.csv"))
        self.assertEqual(self.get(asked, self.manager).content, b"100 rows checked")
        self.assertEqual(self.get(asked, self.other_manager).content, b"")
        self.assertEqual(self.get(asked, self.staff).status_code, 403)

    def test_an_empty_list_has_columns_that_are_known_and_lists_to_choose_from(self) -> None:
        self.assertEqual(self.get(f"{PATH}template.xlsx", self.staff).status_code, 403)
        data = self.get(f"{PATH}template.xlsx", self.manager).content

        sheet: Any = load_workbook(io.BytesIO(data)).active
        header = [cell.value for cell in sheet[1]]
        self.assertEqual(len(propose(header)), len(header))
        rules = [rule.formula1 for rule in sheet.data_validations.dataValidation]
        self.assertIn("Partially implemented", " ".join(rules))

    def test_rejected_rows_come_back_with_reasons_and_are_taken_once_corrected(self) -> None:
        data = csv_bytes([*ROWS, ("111.1", "Pay for it", ""), ("", "No number", "")], HEAD)
        address = self.upload(data, "list.csv")["Location"]
        given = self.given(data, "list.csv")
        self.assertIn("Download rejected rows", words_of(self.post(address, self.manager, **given)))
        back = self.post(address, self.manager, move="rejected", **given).content
        table = open_table(io.BytesIO(back), "rejected.xlsx")
        self.assertEqual(table.header, ("Rejected because", *HEAD))
        rows = [row.cells for row in table.rows]
        self.assertEqual([row[2] for row in rows], ["Pay for it", "No number"])
        self.assertIn("already in row 2", str(rows[0][0]))
        corrected = csv_bytes(
            [(rows[0][0], "111.2", "Pay for it", ""), (rows[1][0], "111.3", "No number", "")],
            table.header,
        )
        again = plan_of(corrected, self.source, self.manager)
        self.assertEqual(again.counts["new"], 2)

    def test_a_column_for_each_addressee_and_names_in_one_cell_are_the_same(self) -> None:
        for name in ("North", "South", "West"):
            Organisation.objects.create(slug=name.lower(), name=name)
        wide = csv_bytes(
            [("1", "Do it", "x", "", "yes")], ("No.", "Title", "North", "South", "West")
        )
        columns = propose(("No.", "Title"))
        columns |= dict.fromkeys(("North", "South", "West"), Field.ADDRESSEES)

        plan = plan_of(wide, self.source, self.manager, column_map=ColumnMap(columns))
        self.assertEqual([str(party) for party in plan.rows[0].addressees], ["North", "West"])
        narrow = csv_bytes([("1", "Do it", "North; West")], ("No.", "Title", "Addressees"))
        plan = plan_of(narrow, self.source, self.manager)
        self.assertEqual([str(party) for party in plan.rows[0].addressees], ["North", "West"])
        self.assertEqual(Addressee.objects.count(), 0)

    def test_a_new_row_that_reads_like_another_is_shown_beside_it(self) -> None:
        self.make_recommendation(
            "Register", summary="Keep a public register of all cloud providers in the region."
        )
        like = "Keep a register of all cloud providers in the whole region"
        data = csv_bytes([("9", like), ("10", "Train the inspectors of markets")], HEAD[:2])
        plan = plan_of(data, self.source, self.manager)
        [group] = [each for each in plan.groups if each.code == "likely_same"]
        self.assertEqual(group.lines, [2])
        [pair] = group.pairs
        self.assertEqual(pair.message, like)
        self.assertTrue(pair.beside.startswith("REP-2: Keep a public register"))
        self.assertEqual(plan.counts["new"], 2)

    def test_the_number_of_the_office_is_shown_and_found(self) -> None:
        found = self.make_recommendation("Publish it", external_id="111.10")
        words = self.read(found.get_absolute_url(), self.viewer)
        self.assertIn("External number 111.10", words)
        self.assertIn("Publish it", self.read("/recommendations/", self.viewer, q="111.10"))
        self.assertEqual(Recommendation.objects.filter(external_id="111.10").count(), 1)
