"""Lists as offices write them: what is proposed for their columns, and what becomes of their rows.

The shapes are those of the follow-up tables of supreme audit institutions, of open recommendations
of audit offices and inspectors general of the United States (numbers begin anew in each report), of
matrices for the Universal Periodic Review, and of national action plans. All contents are made up.
"""

from datetime import date
from typing import Any

from openpyxl import Workbook

from recommendations.actions.imports.spreadsheet import SpreadsheetOptions
from recommendations.actions.imports.spreadsheet.plans import propose
from recommendations.columns import Field
from recommendations.models import Area, OpeningRow, Recommendation
from tests.base import TrackerTestCase
from tests.imports.files import csv_bytes, map_for, plan_of, saved, upload
from tests.imports.run import import_spreadsheet, plan_spreadsheet

GAO = (
    *("Product Number", "Product Title", "Date Issued", "Recommendation Number", "Recommendation"),
    *("Agency Affected", "Status", "Comments"),
)
OIG = (
    *("Report Number", "Report Title", "Recommendation Number", "Recommendation"),
    *("Recommendation Status", "Target Closure Date", "Responsible Office"),
)
PLAN = ("SDG", "#", "Action", "Lead agency", "Timeline", "Progress (%)", "Status", "Remarks")
TRACKER = (
    *("S/N", "Recommendations", "Target date", "Status", "% complete", "Date of last update"),
    "Means of verification",
)
AUDIT = (
    *("Ref", "Recommendation", "Responsible entity: Ministry A", "Responsible entity: Agency B"),
    *("Management response: Response", "Management response: Date"),
    *("Status of implementation: Status", "Status of implementation: As at", "Region: North"),
)


class ProposedTests(TrackerTestCase):
    def test_numbers_that_begin_anew_in_each_report(self) -> None:
        for header, number, lead in (
            (GAO, "Product Number", "Agency Affected"),
            (OIG, "Report Number", "Responsible Office"),
        ):
            found = propose(header)
            self.assertEqual(found[number], Field.EXTERNAL_ID)
            self.assertEqual(found["Recommendation Number"], Field.EXTERNAL_ID)
            self.assertEqual(found[lead], Field.LEAD)
        self.assertNotIn("Report Number", propose(("Report Number", "Recommendation")))

    def test_what_other_offices_call_it_and_names_below_one_heading(self) -> None:
        """A status goes before a percentage."""
        plan = ("", "external_id", "", "lead", "", "", "reported_status", "")
        tracker = ("", "quoted_text", "target_date", "reported_status", "", "reported_on")
        bodies = ("contributors", "contributors")
        responses = ("response", "responded_on", "reported_status", "reported_on", "addressees")
        for header, expected in (
            (PLAN, plan),
            (TRACKER, (*tracker, "evidence_addresses")),
            (AUDIT, ("external_id", "quoted_text", *bodies, *responses)),
        ):
            found = propose(header)
            told = [found[name].value if name in found else "" for name in header]
            for name, code, wanted in zip(header, told, expected, strict=True):
                if wanted or name == "Progress (%)":
                    self.assertEqual(code, wanted, name)

    def test_cells_go_before_headers(self) -> None:
        """Titles of reports repeat, and are short if any; a number is no action and no rating;
        texts may be alike; a column of statuses may be called anything."""
        header = ("Report title", "Title", "Rec no", "Rec id", "Text", "Action", "Confidence")
        rows = [("R", "Audit", n % 3, f"A{n}", f"Do {n % 9}.", 5, 0.9) for n in range(10)]
        told = {"Title": "locator", "Rec id": "external_id", "Text": "quoted_text"}
        heads = ("Rec id", "Recommendation", "Recommendation text", "In 2016", "In 2017")
        long = [(n, f"Do {n}. " * 80, f"Do {n}.", "Agreed", "Ongoing") for n in range(4)]
        half = [(*row[:4], "?" if row[0] % 2 else "Ongoing") for row in long]
        anew = {"No": "locator", "Text": "quoted_text"}
        untitled = {"Id": "external_id", "Text": "quoted_text"}
        by_cells = {"Rec id": "external_id", "Recommendation text": "quoted_text"}
        for data, expected in (
            (csv_bytes(rows, header), told),
            (
                csv_bytes([(1, "Do it.", ""), (2, "Do more.", "")], ("Id", "Text", "Title")),
                untitled,
            ),
            (csv_bytes([(n % 2, f"Do {n}.") for n in range(4)], ("No", "Text")), anew),
            (csv_bytes(half, heads), by_cells),
            (csv_bytes(long, heads), by_cells | {"In 2017": "reported_status"}),
        ):
            found = {name: field.value for name, field in map_for(data).columns.items()}
            self.assertEqual(found, expected)
        for title, known_by in (("Text", "order"), ("Title", "title")):
            alike = csv_bytes([("A",), ("B",), ("A",)], (title,))
            self.assertEqual(map_for(alike).known_by, known_by)


class ReadTests(TrackerTestCase):
    def planned(self, data: bytes, name: str = "list.csv", **values: Any) -> Any:
        chosen = map_for(data, name, **values)
        return plan_of(data, self.source, self.manager, name=name, column_map=chosen)

    def test_two_numbers_are_one(self) -> None:
        rows = [
            ("GAO-23-1", "Broadband", "2023-05-31", n, f"Do it {n} times.", "", "", "")
            for n in ("1", "2")
        ]
        rows.append(("GAO-21-9", "Spectrum", "2021-03-01", "1", "Update the plan.", "", "", ""))
        half = ("GAO-23-1", "Broadband", "", "", "Do it.", "", "", "")
        plan = self.planned(csv_bytes([*rows, half], GAO))
        told = [row.recommendation.external_id for row in plan.rows[:3]]
        self.assertEqual(told, ["GAO-23-1/1", "GAO-23-1/2", "GAO-21-9/1"])
        self.assertEqual(plan.counts["rejected"], 1, "half a number is none")

    def test_numbers_in_the_text_or_by_place(self) -> None:
        rows = [("AB1", f"Recommendation {n}: Do it {n} times.") for n in range(1, 4)]
        for header, known_by, told in (
            (("Audit number", "Recommendation"), "text", ["AB1/1", "AB1/2", "AB1/3"]),
            (("Office", "Recommendation"), "text", ["1", "2", "3"]),
            (("Office", "Recommendation"), "order", ["1", "2", "3"]),
        ):
            data = csv_bytes(rows, header)
            if known_by == "text":
                self.assertEqual(map_for(data).known_by, known_by)
            plan = self.planned(data, known_by=known_by)
            new = [row.recommendation for row in plan.written]
            self.assertEqual([row.external_id for row in new], told)
            begins = "Do it" if known_by == "text" else "Recommendation"
            self.assertTrue(all(row.quoted_text.startswith(begins) for row in new))

    def test_a_footnote_below_a_list_is_refused_alone(self) -> None:
        row = b"GAO-23-1,Broadband,,1,Do it.,,,\n"
        for footnote in (b"Source: the office\n", b"a,b,c,d,e,f,g,h,i\n"):
            plan = self.planned(csv_bytes([], GAO) + row + footnote)
            self.assertEqual((plan.counts["new"], plan.counts["rejected"]), (1, 1))
            told = [found.message for found in plan.rows[1].record.findings]
            self.assertIn("the header has 8", " ".join(told))

    def test_a_tick_below_a_heading_is_the_name_alone(self) -> None:
        book = Workbook()
        sheet = book.worksheets[0]
        for line in (
            ("Ref", "Recommendation", "Partners", None),
            (None, None, "Ministry A", "Agency B"),
            ("AG/1", "Keep a register.", "x", None),
        ):
            sheet.append(line)
        sheet.merge_cells("C1:D1")
        plan = self.planned(saved(book), "list.xlsx")
        self.assertEqual([str(body) for body in plan.rows[0].contributors], ["Ministry A"])

    def test_what_is_named_is_a_country_by_any_of_its_names_or_a_body_unless_too_long(self) -> None:
        area = Area.objects.create(
            code="QQ", name="Ivory Land", name_fr="Côte d’Ivoire", kind="country"
        )
        rows = [("1", "Do it.", "Cote d'Ivoire| Office"), ("2", "Do that.", "x" * 201)]
        data = csv_bytes(rows, ("No", "Recommendation", "Sent to"))
        plan = plan_of(data, self.source, self.manager, create_organisations=True)
        [first, second] = plan.rows
        self.assertEqual([str(each) for each in first.addressees], [str(area), "Office"])
        self.assertEqual((second.addressees, plan.counts["new"]), ([], 2))

    def test_a_row_for_each_body_is_one_recommendation(self) -> None:
        """Of their statuses the first is taken over; nothing changes when the list comes again."""
        told = ("GAO-23-1", "Broadband", "2023-05-31", "1", "Do it.")
        rows = [
            (*told, "Office A", "Implemented", "Done."),
            (*told, "Office B", "In progress", "Begun."),
            (*told, "OFFICE B", "In progress", "Begun."),
            (*told, "Office A", "Implemented", "Done."),
            (*told[:4], "Do that.", "Office C", "Open", ""),
        ]
        data = csv_bytes(rows, GAO)
        chosen = map_for(data, takes_over=True)
        given = {"column_map": chosen, "create_organisations": True, "skip_rejected": True}
        options = SpreadsheetOptions(**given, stated_on=date(2024, 1, 1))
        for expected in ((1, 2, 0, 2), (0, 0, 3, 2)):
            kept = {"upload": upload(data), "source": self.source, "options": options}
            plan = plan_spreadsheet(**kept, by=self.manager)
            counts = [plan.counts[name] for name in ("new", "changed", "unchanged", "rejected")]
            self.assertEqual(tuple(counts), expected)
            if plan.changes_anything:
                import_spreadsheet(**kept, by=self.manager)
        [found] = Recommendation.objects.filter(external_id="GAO-23-1/1")
        self.assertEqual(str(found.lead), "Office A")
        self.assertEqual([str(body) for body in found.contributors.all()], ["Office B"])
        self.assertEqual(
            [each.words for each in found.reported_statuses.all()], ["In progress"] * 2
        )
        self.assertEqual([each.words for each in OpeningRow.objects.all()], ["Implemented"])

    def test_words_beside_addresses_are_told_as_one(self) -> None:
        row = ("1", "Do it.", "", "Ongoing", "", "2024-03-03", "Gazette 14: https://example.org/g,")
        [planned] = self.planned(csv_bytes([row], TRACKER)).rows
        self.assertEqual(
            planned.record.cells[Field.EVIDENCE], ["https://example.org/g", "Gazette 14:"]
        )

    def test_a_day_as_a_serial_number_is_told_with_what_to_do(self) -> None:
        book = Workbook()
        sheet = book.worksheets[0]
        sheet.append(("No", "Recommendation", "Deadline"))
        sheet.append(("1", "Do it.", 45019))
        [planned] = self.planned(saved(book), "list.xlsx").rows
        told, *_title = [found.message for found in planned.record.findings]
        self.assertIn("may show as 2023-04-03: format the column as a date", told)
        self.assertFalse(Recommendation.objects.filter(external_id="1").exists())
