"""Workbooks as data browsers of Eurostat, INE and Kyrgyzstan write them. All figures are made up.

Notes stand above the table and below it, headings are merged, and flags have no heading.
"""

from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from recommendations.readers import ReadOptions
from tests.imports.files import saved
from tests.readers.statistics.files import ReadingTestCase, fault, opened, rows

NOTES = (
    ("Data extracted on 17/04/2031 20:38:50 from [ESTAT]",),
    ("Dataset: ", "Made up [MADE_UP]"),
    ("Last updated: ", "23/03/2031 11:00"),
    (),
    ("Time frequency", None, "Annual"),
    ("Unit of measure", None, "Percentage"),
    (),
)
EUROSTAT = (
    *NOTES,
    ("TIME", "2018", None, "2019", None, "2010-2015", None),
    ("GEO (Labels)", "", "", "", "", "", ""),
    ("Germany", 81.50, "b", ":", "c", 4, ""),
    ("Côte d'Ivoire", 0.1, "", 1e-7, "ep", "", ""),
    (),
    ("Special value",),
    (":", "not available"),
    ("Available flags:",),
    ("b", "break in time series"),
)
INE = (
    ("Made-up survey",),
    ("Units: Persons",),
    (),
    (None, "Total", None, "Women", None),
    (None, "2019", "2018", "2019", "2018"),
    ("Total Nacional", 5, 4, 3, 2.5),
    ("01 Albacete", "..", 1, "1", 0),
    (),
    ("Notes:",),
    ("Source: Made up",),
)
KYRGYZ = (
    ("5.1 Made-up share",),
    ("(percent)",),
    ("Items", "2018", None, "2019", None),
    (None, "Total", "Women", "Total", "Women"),
    ("Kyrgyz Republic", 12.5, 13.75, 14, None),
    ("Osh oblast", 1, 2, 3, 4),
)


def workbook(**sheets: tuple[Sequence[Sequence[Any]], str]) -> bytes:
    """A workbook of sheets, each of lines and of addresses of merged cells."""
    book = Workbook()
    book.remove(book.active)
    for title, (lines, merged) in sheets.items():
        sheet = book.create_sheet(title)
        for number, line in enumerate(lines, start=1):
            for column, cell in enumerate(line, start=1):
                sheet.cell(number, column, cell)
        for address in merged.split():
            sheet.merge_cells(address)
    return saved(book)


class BrowserWorkbookTests(ReadingTestCase):
    def test_one_cell_is_no_merged_range(self) -> None:
        lines = (("area", "year", "value"), ("Kenya", 2018, 5))
        self.assertEqual([row.period for row in rows(workbook(Table=(lines, "A1:A1")))], ["2018"])

    FIELDS = ["area.name", "code", "period", "value", "status", "dimensions"]
    SUMMARY = (NOTES, "A1:C1")

    def test_of_eurostat_with_flags_without_a_heading(self) -> None:
        data = workbook(Summary=self.SUMMARY, One=(EUROSTAT, "B8:C8 D8:E8 F8:G8"))
        file = opened(data)
        self.assert_rows(
            list(file.rows),
            self.FIELDS,
            [
                "Germany | - | 2018 | 81.5 | B | -",
                "Germany | - | 2019 | None | Q | -",
                "! 2010-2015: “2010-2015” is ambiguous",
                "Côte d'Ivoire | - | 2018 | 0.1 | - | -",
                "Côte d'Ivoire | - | 2019 | 1E-7 | E | -",
            ],
        )
        self.assertIn("Sheet “Summary” is not read.", file.notes)
        told = "Row 6 above the column headings is not read: “Unit of measure · Percentage”."
        self.assertIn(told, file.notes)
        uses = [(column.header, column.use.value) for column in file.columns[:3]]
        self.assertEqual(uses, [("GEO (Labels)", "area"), ("2018", "value"), ("", "status")])

    def test_of_several_sheets_one_is_chosen(self) -> None:
        one = (EUROSTAT, "B8:C8")
        data = workbook(Summary=self.SUMMARY, One=one, Two=one)
        self.assertEqual(fault(data), "Several sheets have values. Choose one: “One”, “Two”.")
        [first, *_more] = rows(data, options=ReadOptions(sheet="Two"))
        self.assertEqual(first.sheet, "Sheet “Two”")

    def test_what_periods_are_divided_by_stands_above_or_below_them(self) -> None:
        for lines, merged, expected in (
            (
                INE,
                "B4:C4 D4:E4",
                [
                    "- | Total Nacional | 2019 | 5 | - | PART=Total",
                    "- | Total Nacional | 2018 | 4 | - | PART=Total",
                    "- | Total Nacional | 2019 | 3 | - | PART=Women",
                    "- | Total Nacional | 2018 | 2.5 | - | PART=Women",
                    "- | 01 Albacete | 2019 | None | O | PART=Total",
                    "- | 01 Albacete | 2018 | 1 | - | PART=Total",
                    "- | 01 Albacete | 2019 | 1 | - | PART=Women",
                    "- | 01 Albacete | 2018 | 0 | - | PART=Women",
                ],
            ),
            (
                KYRGYZ,
                "A3:A4 B3:C3 D3:E3",
                [
                    "Kyrgyz Republic | - | 2018 | 12.5 | - | PART=Total",
                    "Kyrgyz Republic | - | 2018 | 13.75 | - | PART=Women",
                    "Kyrgyz Republic | - | 2019 | 14 | - | PART=Total",
                    "Osh oblast | - | 2018 | 1 | - | PART=Total",
                    "Osh oblast | - | 2018 | 2 | - | PART=Women",
                    "Osh oblast | - | 2019 | 3 | - | PART=Total",
                    "Osh oblast | - | 2019 | 4 | - | PART=Women",
                ],
            ),
        ):
            with self.subTest(merged):
                found = rows(workbook(Table=(lines, merged)))
                self.assert_rows(found, self.FIELDS, expected)

    def test_a_table_of_rows_may_begin_below_its_notes_too(self) -> None:
        self.assert_cases("""
## notes of two cells
Dataset:,Made up
Updated:,2031
Area,Year,Value
KEN,2018,5
-> code | period | value
KEN | 2018 | 5
## years below notes, and a column without a heading
"Index, made up",,,,
Rank,Country,1990,,1991
1,Norway,0.5,,0.6
-> code | period | value | dimensions
Norway | 1990 | 0.5 | RANK=1
Norway | 1991 | 0.6 | RANK=1
## names of rows in several languages, of which the last is read, and parts below what they are of
Показатель,Items,2018,2019
Чад,Chad,1,2
Женщины,Women,3,
село,Rural area,4,5
Кения,Kenya,6,7
Женщины,Women,8,9
-> area.name | period | value | dimensions
Chad | 2018 | 1 | -
Chad | 2019 | 2 | -
Chad | 2018 | 3 | PART=Women
Chad | 2018 | 4 | PART=Rural area
Chad | 2019 | 5 | PART=Rural area
Kenya | 2018 | 6 | -
Kenya | 2019 | 7 | -
Kenya | 2018 | 8 | PART=Women
Kenya | 2019 | 9 | PART=Women
## names that say different things
Sex,Items,2018,2019
F,Chad,1,2
M,Chad,3,4
!! Which column is “Area”? Choose one: “Sex”, “Items”.
## a part of nothing
Items,2018,2019
Women,1,2
Chad,3,4
-> area.name | value
! The row does not state an area.
! The row does not state an area.
Chad | 3
Chad | 4
## years below parts, of one area, and a first column without a name
"Population, made up",,
,Born here,Born abroad
Men,,
2019,1,2
2018,3,4
Women,,
2019,5,
-> period | value | dimensions | indicator where value_column=Born here
2019 | 1 | PART=Men | Born here
2018 | 3 | PART=Men | Born here
2019 | 5 | PART=Women | Born here
## of which a column must be chosen
,Born here,Born abroad
2019,1,2
!! Which column is “Value”? Choose one: “Born here”, “Born abroad”.
## a row of values with years is no header
Who,What,Began,Number,Ended
1,2,2018,3.5,2019
4,5,2018,6.5,2019
7,8,2018,9.5,2019
10,11,2018,12.5,2019
13,14,2018,15.5,2019
!! Line 1: Which column is “Area”? Choose one: “Who”, “What”
""")
