"""The World Bank's tables of years. All figures are made up."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from unittest import TestCase

from openpyxl import Workbook

from recommendations.readers.statistics import AreaCodeList, AreaReference
from recommendations.readers.statistics.world_bank import AGGREGATES
from tests.imports.files import saved
from tests.readers.statistics.files import fault, figure, figures, opened, rejections, rows, spelt

ABOVE = '"Data Source","Made-up Indicators",\n\n"Last Updated Date","2031-06-28",\n\n'
HEAD = '"Country Name","Country Code","Indicator Name","Indicator Code","1960","2018","2019",\n'
NAMIBIA = '"Namibia","NAM","Users","MA.DE.UP","","12345678901234567.123456","1e-7",\n'
WORLD = '"World","WLD","Users","MA.DE.UP","1","2","",\n'
KOSOVO = '"Kosovo","XKX","Users","MA.DE.UP","","","3",\n'


class WorldBankTests(TestCase):
    def test_years_are_figures_and_an_empty_cell_is_none(self) -> None:
        file = opened(ABOVE + HEAD + NAMIBIA)
        found = list(file.rows)
        self.assertEqual((file.format, file.source), ("world_bank", "Made-up Indicators"))
        self.assertEqual(file.vintage, date(2031, 6, 28))
        self.assertEqual(
            [(row.line, row.column, row.period, str(row.value), row.indicator) for row in found],
            [
                (6, "2018", "2018", "12345678901234567.123456", "MA.DE.UP"),
                (6, "2019", "2019", "1E-7", "MA.DE.UP"),
            ],
        )
        self.assertEqual(
            {row.area for row in found}, {AreaReference("NAM", "Namibia", AreaCodeList.ISO3)}
        )
        self.assertEqual((file.counts.lines, file.counts.figures, file.counts.empty), (1, 2, 1))

    def test_the_lines_above_the_header_may_be_gone(self) -> None:
        file = opened(HEAD + NAMIBIA)
        self.assertEqual([row.line for row in file.rows], [2, 2])
        self.assertEqual((file.vintage, file.source), (None, ""))

    def test_ends_of_lines_and_marks_of_encodings_change_nothing(self) -> None:
        text = ABOVE + HEAD + NAMIBIA + WORLD + KOSOVO
        expected = figures(text)
        self.assertEqual(len(expected), 5)
        for data in spelt(text):
            self.assertEqual(figures(data), expected)

    def test_a_day_of_update_that_is_none_is_left_out(self) -> None:
        self.assertIsNone(opened(ABOVE.replace("2031-06-28", "soon") + HEAD + NAMIBIA).vintage)

    def test_groups_are_told_from_countries(self) -> None:
        places = {row.area.code: row.area for row in figures(HEAD + NAMIBIA + WORLD + KOSOVO)}
        self.assertEqual(
            places["WLD"], AreaReference("WLD", "World", AreaCodeList.OWN, is_aggregate=True)
        )
        self.assertEqual(places["XKX"], AreaReference("XKX", "Kosovo", AreaCodeList.OWN))

    def test_no_code_of_a_group_is_that_of_a_country(self) -> None:
        areas = json.loads(Path("fixtures/10_areas.json").read_text())
        countries = {area["fields"].get(name) for area in areas for name in ("iso2", "iso3")}
        self.assertGreater(len(countries), 400)
        self.assertEqual(AGGREGATES & countries, set())
        self.assertLessEqual({"WLD", "EUU", "ARB", "AFE", "1W", "EU"}, AGGREGATES)

    def test_two_points_say_that_there_is_no_figure(self) -> None:
        found = figure(HEAD + '"Chad","TCD","Users","MA.DE.UP","..","","",\n')
        self.assertEqual((found.value, found.obs_status, found.period), (None, "O", "1960"))

    def test_a_cell_that_cannot_be_read_leaves_the_others(self) -> None:
        found = rows(HEAD + '"Chad","TCD","Users","MA.DE.UP","1","12 %","1,7",\n')
        self.assertEqual(str(found[0].value), "1")
        self.assertEqual([str(row)[:14] for row in found[1:]], ["Line 2: 2018: ", "Line 2: 2019: "])
        self.assertIn("percent sign", str(found[1]))
        self.assertIn("not a number with a decimal point", str(found[2]))

    def test_a_row_of_other_width_is_told_and_the_next_is_read(self) -> None:
        data = (
            HEAD + '"Chad","TCD"\n' + '"Mali","MLI","Users","MA.DE.UP","1","2","3","4"\n' + KOSOVO
        )
        found = rows(data)
        self.assertEqual(str(found[0]), "Line 2: The row has 2 cells, the header has 7.")
        self.assertEqual(str(found[1]), "Line 3: The row has 8 cells, the header has 7.")
        self.assertEqual((found[2].area.code, found[2].value), ("XKX", 3))

    def test_saved_anew_with_semicolons_what_is_not_certain_is_refused(self) -> None:
        head = "Country Name;Country Code;Indicator Name;Indicator Code;2018;2019\n"
        found = rows(head + "Chad;TCD;Users;MA.DE.UP;1,7;1,234\n")
        self.assertEqual(found[0].value, Decimal("1.7"))
        self.assertIn(
            "is ambiguous. State if the decimal mark is a point or a comma", str(found[1])
        )
        told = figures(head + "Chad;TCD;Users;MA.DE.UP;1,7;1,234\n", decimal=",")
        self.assertEqual([row.value for row in told], [Decimal("1.7"), Decimal("1.234")])

    def test_headers_of_the_databank(self) -> None:
        data = "Country Name,Country Code,Series Name,Series Code,2018 [YR2018]\nChad,TCD,U,M,5\n"
        found = figure(data)
        self.assertEqual((found.period, found.indicator, found.value), ("2018", "M", 5))

    def test_quarters_and_months(self) -> None:
        data = "Country Name,Country Code,Indicator Code,2018Q3,2018M06\nChad,TCD,M,5,6\n"
        self.assertEqual([row.period for row in figures(data)], ["2018-Q3", "2018-06"])

    def test_a_workbook_with_dates_and_numbers_as_cells(self) -> None:
        book = Workbook()
        sheet = book.active
        sheet.title = "Data"
        for line in (
            ["Data Source", "Made-up Indicators"],
            ["Last Updated Date", date(2031, 6, 28)],
            [],
            ["Country Name", "Country Code", "Indicator Name", "Indicator Code", 2018, 2019],
            ["Namibia", "NAM", "Users", "MA.DE.UP", 0.1, None],
        ):
            sheet.append(line)
        book.create_sheet("Metadata")
        file = opened(saved(book), name="API.xlsx")
        (found,) = file.rows
        self.assertEqual((found.sheet, found.line, found.period), ("Sheet “Data”", 5, "2018"))
        self.assertEqual((str(found.value), file.vintage), ("0.1", date(2031, 6, 28)))
        self.assertEqual(file.notes, ["Sheet “Metadata” is not read."])

    def test_what_is_lacking_is_named(self) -> None:
        for data, words in (
            (ABOVE, "The file is empty"),
            (ABOVE + HEAD, "The file has a header but no rows."),
            (HEAD.replace('"1960"', '"2018"'), "Line 1: columns 5 and 6 are both “2018”"),
            ('"Country Name","Country Code"\n"Chad","TCD"\n', "“period”"),
        ):
            with self.subTest(words):
                self.assertIn(words, fault(data))
        self.assertIn(
            "Line 1: The file has no column with a year as header.",
            fault('"Country Name","Country Code"\n"Chad","TCD"\n', format="world_bank"),
        )
        self.assertEqual(rejections(HEAD + '"","","","","1","",""\n')[0][:6], "Line 2")
