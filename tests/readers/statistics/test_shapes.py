"""Tables in the shapes that statistical offices give them. All is made up."""

from recommendations.readers import ReadOptions
from recommendations.readers.statistics import FigureRow
from recommendations.readers.statistics.headings import SAMPLE
from recommendations.readers.tables import WIDEST
from tests.readers.statistics.files import ReadingTestCase, fault, opened, rows
from tests.readers.statistics.test_browser_workbooks import workbook

AREAS = frozenset({"Kenya", "Peru", "KEN", "PER"})


class ShapesTests(ReadingTestCase):
    def test_a_row_for_each_value_of_tables_of_other_shapes(self) -> None:
        self.assert_cases("""
## blocks for two years side by side, with a column between them that is empty
Country,Year,Value,,Country,Year,Value
Kenya,2018,1,,Kenya,2019,3
Peru,2018,2,,Peru,2019,4
-> code | period | value
Kenya | 2018 | 1
Kenya | 2019 | 3
Peru | 2018 | 2
Peru | 2019 | 4
## empty columns between the names and between periods
Country,,2018,,2019
Kenya,,1,,2
-> code | period | value
Kenya | 2018 | 1
Kenya | 2019 | 2
## names in the first row of a group
Sex,Area,Year,Value
Men,Kenya,2018,1
,Peru,2018,2
Women,Kenya,2018,3
,Peru,2018,4
-> code | value | dimensions
Kenya | 1 | SEX=Men
Peru | 2 | SEX=Men
Kenya | 3 | SEX=Women
Peru | 4 | SEX=Women
## but an empty cell after its parts is the total
Sex,Area,Year,Value
Men,Kenya,2018,1
Women,Kenya,2018,2
,Kenya,2018,3
-> code | value | dimensions
Kenya | 1 | SEX=Men
Kenya | 2 | SEX=Women
Kenya | 3 | -
## blocks one below the other, each with a title above the same header
Births
Country,2018,2019
Kenya,1,2

Deaths
Country,2018,2019
Kenya,3,4
-> code | period | value | dimensions
Kenya | 2018 | 1 | PART=Births
Kenya | 2019 | 2 | PART=Births
Kenya | 2018 | 3 | PART=Deaths
Kenya | 2019 | 4 | PART=Deaths
## but not the pages of one table
Table 1
Country,2018,2019
Kenya,1,2
Table 1 (continued)
Country,2018,2019
Peru,3,4
3
Country,2018,2019
Peru,,
-> code | period | value | dimensions
Kenya | 2018 | 1 | -
Kenya | 2019 | 2 | -
! Line 4: The row has 1 cells
Peru | 2018 | 3 | -
Peru | 2019 | 4 | -
! Line 7: The row has 1 cells
## commas in the name of the last column, where no quotes are around it
"country","year",Price of houses, mean, EUR
"Kenya","2018",1
-> code | period | value | indicator where value_column=Price of houses, mean, EUR
Kenya | 2018 | 1 | Price of houses, mean, EUR
## years above blocks of rows, and the header once more
Country,Value
2018,
Kenya,1
Country,Value
2019,
Kenya,2
-> code | period | value
Kenya | 2018 | 1
Kenya | 2019 | 2
## the one unit of all values below the header
Country,2018,2019
,per cent,per cent
Kenya,1,2
-> code | period | value | unit
Kenya | 2018 | 1 | per cent
Kenya | 2019 | 2 | per cent
## of the first of these alone; numbers behind names are those of notes, if these are listed below
Area,2018,2019
,Persons
"Canada 1, 2",1,2
Quebec 3),3,4
Yukon 4,5,6
Zone 1,7,8
Zone 2,9,10

Notes
1,Of all ages.
2,In 2020 revised.
3) Adjusted.
-> code | unit | value
Canada | Persons | 1
Canada | Persons | 2
Quebec | Persons | 3
Quebec | Persons | 4
Yukon 4 | Persons | 5
Yukon 4 | Persons | 6
Zone 1 | Persons | 7
Zone 1 | Persons | 8
Zone 2 | Persons | 9
Zone 2 | Persons | 10
## of a column of values too, but not where another column of numbers has none
Country,Year,Value
,,thousands
Kenya,2018,1
-> code | period | value | unit
Kenya | 2018 | 1 | thousands
## marks and flags behind years
Country,2018*,2019 (p),2020e,2021 1/,2022 (est.),2023 (Projection)
Kenya,1,2,3,4,5,6
-> period | value | status | comment
2018 | 1 | - | *
2019 | 2 | P | -
2020 | 3 | E | -
2021 | 4 | - | 1/
2022 | 5 | E | -
2023 | 6 | F | -
## thousands are separated in each way
Country,2018,2019
Kenya,1 234,"1'234'567"
-> value
1234
1234567
## months beside the year, and all of it
Country,Year,Jan,Feb,Annual
Kenya,2018,1,2,3
-> code | period | value
Kenya | 2018-01 | 1
Kenya | 2018-02 | 2
Kenya | 2018 | 3
## what heads a key is no period where periods are columns, and words are no values
Frequency,Reference area,Value,Time Period,2018-Q1,2018-Q2
Q,KE:Kenya,N:Nominal,Q:KE:N,1,2
-> area | period | value
KE:Kenya | 2018-Q1 | 1
KE:Kenya | 2018-Q2 | 2
## days across, whose order a person states
;Key date;Key date
;31.12.1970;31.12.1971
Kenya;1;2
-> area.code | period where date_order=day_first
Kenya | 1970-12-31
Kenya | 1971-12-31
## a column of codes beside that of the areas they stand for
CountryID,Country,2018,2019
4,Afghanistan,1,2
8,Albania,3,4
12,Algeria,3,4
16,American Samoa,3,4
-> area | period where area_column=CountryID; has_codes=1
4:Afghanistan | 2018
4:Afghanistan | 2019
8:Albania | 2018
8:Albania | 2019
12:Algeria | 2018
12:Algeria | 2019
16:American Samoa | 2018
16:American Samoa | 2019
## measures with the year behind them
NAME,POP2018,POP2019,BIRTHS2018,BIRTHS2019
A,1,2,3,4
-> period | value | indicator where area_column=NAME
2018 | 1 | POP
2019 | 2 | POP
2018 | 3 | BIRTHS
2019 | 4 | BIRTHS
## thirds or quarters across, each with a row of codes
Label;Période;2018-T4;2019-T1
Jobs;;5;6
Codes;;A;P
-> period | value where has_area=1; frequency=Q
2018-Q4 | 5
2019-Q1 | 6
! “A” is not a number
! “P” is not a number
## names with shorter ones beside them
;Counted;Rate;Rate
;;Carts;Sleds
01.01.2018;5;6;7
01.01.2019;5;6;7
01.01.2020;5;6;7
-> value | dimensions where has_area=1; date_order=day_first; frequency=A
5 | PART=Counted
6 | PART=Rate|PART_2=Carts
7 | PART=Rate|PART_2=Sleds
5 | PART=Counted
6 | PART=Rate|PART_2=Carts
7 | PART=Rate|PART_2=Sleds
5 | PART=Counted
6 | PART=Rate|PART_2=Carts
7 | PART=Rate|PART_2=Sleds
## one period, and below it the name of the areas
Time frequency,,Annual
TIME,2018,
GEO (Labels),,
Kenya,5,p
Chad,:,
-> area.name | value | status
Kenya | 5 | P
Chad | None | O
## women below an age are none of it where all rows are parts of a value
People,2018,2019
Under 15,1,2
Women,3,4
-> area.code | dimensions where has_area=1; has_codes=1; are_values=1; area_column=People
Under 15 | -
Under 15 | -
Women | -
Women | -
## a period for each of the names below it, and those of the first columns in both rows
area,2018,2018,2019,2019
area,All,Women,All,Women
A,1,2,3,4
-> area | period | value | dimensions where area_column=area
A | 2018 | 1 | PART=All
A | 2018 | 2 | PART=Women
A | 2019 | 3 | PART=All
A | 2019 | 4 | PART=Women
## a column of months beside that of the year
area,year,month,value
A,2018,1,5
A,2018,Dec,6
-> period | value
2018-01 | 5
2018-12 | 6
## which is a part of the value where others stand in it too
area,year,month,value
A,2018,1,5
A,2018,Total,6
-> period | value | dimensions
2018 | 5 | MONTH=1
2018 | 6 | MONTH=Total
## of quarters
value,Año,area,Trimestre
5,2018,A,Q4
-> period | value | dimensions
2018-Q4 | 5 | -
## quarters and halves below years
Country,2018,,2019 (p),
,Q1,Q2,H1,2nd half
Kenya,1,2,3,4
-> period | value | status | dimensions
2018-Q1 | 1 | - | -
2018-Q2 | 2 | - | -
2019-S1 | 3 | P | -
2019 | 4 | P | PART=2nd half
## two columns without a name before the years
,,2018,2019
Kenya,Exports,1,2
-> code | area.name | period | value | dimensions
Kenya | - | 2018 | 1 | PART=Exports
Kenya | - | 2019 | 2 | PART=Exports
## years as offices write them, of a series that has a point before them
ISO code,Rate.Mid-2018,Rate.Annual 2019
KEN,1,2
!! Which column is “Period”?
## a series before each year
ISO code,Rate.2018,Rate.2019
KEN,1,2
-> code | period | value | indicator
KEN | 2018 | 1 | Rate
KEN | 2019 | 2 | Rate
## all of a year and its middle
Country,Annual 2018,Mid-2019
Kenya,1,2
-> period | value
2018 | 1
2019 | 2
## a series of a value a row without a header, below what is said of it
Title,Price index
Next release,April 2026
Important notes,
1989,5.2
1989 Q1,7.5
1989 JAN,4.2
-> period | value where has_area=1
1989 | 5.2
1989-Q1 | 7.5
1989-01 | 4.2
## the same of several series
Title,Price index,Rate
Next release,April 2026,May 2026
1989,5.2,1
1990,5.3,2
1991,5.4,3
-> period | value | dimensions where has_area=1
1989 | 5.2 | NEXT_RELEASE=April 2026|TITLE=Price index
1989 | 1 | NEXT_RELEASE=May 2026|TITLE=Rate
1990 | 5.3 | NEXT_RELEASE=April 2026|TITLE=Price index
1990 | 2 | NEXT_RELEASE=May 2026|TITLE=Rate
1991 | 5.4 | NEXT_RELEASE=April 2026|TITLE=Price index
1991 | 3 | NEXT_RELEASE=May 2026|TITLE=Rate
## a row without an area may be a total
Country,Year,Value
Kenya,2018,1
,2019,2
-> code | period | value
Kenya | 2018 | 1
! The row does not state an area.
""")

    def test_headings_of_rows_are_told(self) -> None:
        """But no area without a value, and no words below the table."""
        said = {"is_area": AREAS.__contains__}
        for header, cells in (("Country,2018", ","), ("Country,Year,Value", ",,")):
            values = cells[1:] and "2018,"
            rows_of = f"Men{cells}\nKenya,{values}1\nPeru{cells}\nPeru,{values}2\nSource{cells}\n"
            file = opened(f"{header}\n{rows_of}", **said)
            self.assertEqual(len([row for row in file.rows if isinstance(row, FigureRow)]), 2)
            self.assertIn("1 heading within the list is not read: row 2.", file.notes)

    def test_rows_above_values_without_a_name(self) -> None:
        self.assert_cases("""
## several that divide the values are parts
;;North;North;South;South
;;men;women;men;women
2018;young;1;2;3;4
2018;old;5;6;7;8
2019;young;9;1;2;3
-> period | value | dimensions where has_area=1
2018 | 1 | PART=young|PART_2=North|PART_3=men
2018 | 2 | PART=young|PART_2=North|PART_3=women
2018 | 3 | PART=young|PART_2=South|PART_3=men
2018 | 4 | PART=young|PART_2=South|PART_3=women
2018 | 5 | PART=old|PART_2=North|PART_3=men
2018 | 6 | PART=old|PART_2=North|PART_3=women
2018 | 7 | PART=old|PART_2=South|PART_3=men
2018 | 8 | PART=old|PART_2=South|PART_3=women
2019 | 9 | PART=young|PART_2=North|PART_3=men
2019 | 1 | PART=young|PART_2=North|PART_3=women
2019 | 2 | PART=young|PART_2=South|PART_3=men
2019 | 3 | PART=young|PART_2=South|PART_3=women
## a cell between both says what they are, and a row of names stands below that of codes
Country code/Year,K1,K2,K3,K4
,KENYA,PERU,CHAD,MALI
2018,1,2,3,4
2019,5,6,7,8
2020,9,1,2,3
-> area | period | value
K1:KENYA | 2018 | 1
K2:PERU | 2018 | 2
K3:CHAD | 2018 | 3
K4:MALI | 2018 | 4
K1:KENYA | 2019 | 5
K2:PERU | 2019 | 6
K3:CHAD | 2019 | 7
K4:MALI | 2019 | 8
K1:KENYA | 2020 | 9
K2:PERU | 2020 | 1
K3:CHAD | 2020 | 2
K4:MALI | 2020 | 3
""")

    def test_areas_above_values_are_read_where_most_are_known(self) -> None:
        table = ",Prices,Prices\n,Index,Index\n,Kenya,Peru\nPeriod,Q:KE,Q:PE\n"
        table += "2018-03-31,,1\n2018-06-30,,2\n2018-09-30,3,4\n"
        found = rows(table, is_area=AREAS.__contains__)
        fields = ["code", "period", "value", "comment", "dimensions"]
        self.assert_rows(
            found,
            fields,
            [
                "Peru | 2018-Q1 | 1 | Prices; Index | PART=Q:PE",
                "Peru | 2018-Q2 | 2 | Prices; Index | PART=Q:PE",
                "Kenya | 2018-Q3 | 3 | Prices; Index | PART=Q:KE",
                "Peru | 2018-Q3 | 4 | Prices; Index | PART=Q:PE",
            ],
        )
        plain = "Year,Kenya,Tea,Rice\n2018,1,2,3\n2019,4,5,6\n2020,7,8,9\n"
        self.assertIn("Choose one", fault(plain, is_area=AREAS.__contains__))
        # What a person states the file to be about may have them as partners.
        partners = plain.replace("Tea", "Peru")
        self.assertIn("Choose one", fault(partners, is_area=AREAS.__contains__, has_area=True))
        self.assertEqual(len(rows(partners, is_area=AREAS.__contains__)), 9)

    def test_a_cell_in_a_column_that_seemed_to_be_empty_rejects_its_row(self) -> None:
        table = "Country,,Year,Value\n" + "Kenya,,2018,1\n" * 2 * SAMPLE + "Peru,x,2018,2\n"
        self.assertIn("The row has 4 cells, the header has 3.", str(rows(table)[-1]))

    def test_a_sheet_of_values_may_be_as_wide_as_a_text(self) -> None:
        years = [f"{1000 + n}-Q1" for n in range(WIDEST - 1)]
        for more, words in (([], ""), (["end"], f"more than {WIDEST} columns")):
            lines = (("area", *years, *more), ("KEN", *[5] * len(years), *more))
            data = workbook(Sheet=(lines, ""))
            if words:
                self.assertIn(words, fault(data, options=ReadOptions()))
            else:
                self.assertEqual(len(rows(data)), len(years))

    def test_an_area_that_is_merged_over_rows_is_that_of_each(self) -> None:
        lines = (("area", "year", "value"), ("KEN", 2018, 1), (None, 2019, 2), ("PER", 2019, 3))
        found = rows(workbook(Sheet=(lines, "A2:A3")))
        self.assert_rows(found, ["code", "value"], ["KEN | 1", "KEN | 2", "PER | 3"])
