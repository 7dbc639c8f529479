"""Tables whose values have several rows above them, and periods beside them. All is made up."""

from datetime import date

from recommendations.readers import ReadOptions
from recommendations.readers.statistics.reading import Use
from tests.readers.statistics.files import ReadingTestCase, fault, opened, rows
from tests.readers.statistics.test_browser_workbooks import workbook


class RowsAboveTests(ReadingTestCase):
    def test_columns_of_values_below_their_names_beside_periods(self) -> None:
        self.assert_cases("""
## a year and a month in words are one period, and a column of values is chosen
Table: 1-1;;
Births, months;;
;;women;all
2018;Januar;5;9
2018;Februar;6;8
2019;März;7;7
(C) Office
-> period | value | dimensions where value_column=all
2018-01 | 9 | -
2018-02 | 8 | -
2019-03 | 7 | -
## which column is meant is asked
;;women;all
2018;Januar;5;9
2018;Februar;6;8
2019;März;7;7
!! Choose one: “women”, “all”.
## what is the same above all columns is the name of what divides them
;;Sex;Sex
;;women;men
2018;north;5;9
2019;north;6;8
2020;south;x;7
-> period | value | status | dimensions
2018 | 5 | - | PART=north|SEX=women
2018 | 9 | - | PART=north|SEX=men
2019 | 6 | - | PART=north|SEX=women
2019 | 8 | - | PART=north|SEX=men
2020 | None | O | PART=south|SEX=women
2020 | 7 | - | PART=south|SEX=men
## a column that has only marks of no value at first is one of values
;;Sex;Sex;Kind
;;women;men;made by
2018;north;5;-;A. B.
2019;north;6;-;A. B.
2020;south;7;-;C. D.
-> period | value | dimensions
2018 | 5 | PART=north|SEX=women
2018 | None | PART=north|SEX=men
2019 | 6 | PART=north|SEX=women
2019 | None | PART=north|SEX=men
2020 | 7 | PART=south|SEX=women
2020 | None | PART=south|SEX=men
## rows with something before them are columns; names of those may stand below them
,,SIZE,all,small
ECONOMY,USE,YEAR
Kenya,orders,2018,1.5,2
Kenya,orders,2019,..,3
Namibia,orders,2018,4,5
-> area.name | code | period | value | dimensions
- | Kenya | 2018 | 1.5 | SIZE=all|USE=orders
- | Kenya | 2018 | 2 | SIZE=small|USE=orders
- | Kenya | 2019 | None | SIZE=all|USE=orders
- | Kenya | 2019 | 3 | SIZE=small|USE=orders
- | Namibia | 2018 | 4 | SIZE=all|USE=orders
- | Namibia | 2018 | 5 | SIZE=small|USE=orders
## the code of a series says what its columns are
Libellé;Production;Codes
idBank;0105;
Période;;
2018-01;1,5;A
2018-02;2,5;A
2018-03;3,5;A
-> period | value | indicator | title | dimensions
2018-01 | 1.5 | 0105 | Production | -
2018-02 | 2.5 | 0105 | Production | -
2018-03 | 3.5 | 0105 | Production | -
## names of columns stand among the rows above them, and a unit that is told once is that of all
"Rate 1"
,"Geography","Kenya",
,"Sex","Both",
,"Age 2","15 to 24","45+"
"Level","Reference period"
,,"Percent",
"All","2018",5,6
,"2019",7,8
,"2020",9,10
-> area.name | period | value | unit | dimensions
Kenya | 2018 | 5 | Percent | AGE=15 to 24|LEVEL=All|SEX=Both
Kenya | 2018 | 6 | Percent | AGE=45+|LEVEL=All|SEX=Both
Kenya | 2019 | 7 | Percent | AGE=15 to 24|LEVEL=All|SEX=Both
Kenya | 2019 | 8 | Percent | AGE=45+|LEVEL=All|SEX=Both
Kenya | 2020 | 9 | Percent | AGE=15 to 24|LEVEL=All|SEX=Both
Kenya | 2020 | 10 | Percent | AGE=45+|LEVEL=All|SEX=Both
## rows below a name of all columns are parts
Residents
,As at,,
,Young,,Old
,Men,Women,Men
2018,5,6,7
2019,8,9,10
2020,11,12,13
-> period | value | dimensions
2018 | 5 | AS_AT=Young|PART=Men
2018 | 6 | AS_AT=Young|PART=Women
2018 | 7 | AS_AT=Old|PART=Men
2019 | 8 | AS_AT=Young|PART=Men
2019 | 9 | AS_AT=Young|PART=Women
2019 | 10 | AS_AT=Old|PART=Men
2020 | 11 | AS_AT=Young|PART=Men
2020 | 12 | AS_AT=Young|PART=Women
2020 | 13 | AS_AT=Old|PART=Men
## of a day on which a period ends, that period
DATE,TIME PERIOD,Rate
2018-01-31,Jan 2018,1
2018-02-28,2018 Feb,2
-> period | value
2018-01 | 1
2018-02 | 2
""")
        rows_of_words = "2018;x;5;-;A. B.\n2019;x;6;-;A. B.\n2020;y;7;-;C. D.\n"
        file = opened(f";;Sex;Sex;Kind\n;;women;men;made by\n{rows_of_words}")
        unread = [each.header for each in file.columns if each.use is Use.NOT_READ]
        self.assertEqual(unread, ["made by"])

    def test_the_frequency_of_a_series_says_what_its_days_stand_for(self) -> None:
        lines = (
            (None, "Employed", "Employed ;  Men"),
            ("Unit", "000", "000"),
            ("Frequency", "Month", "Quarter"),
            ("No. Obs", 3, 1),
            ("Series ID", "A1", "A2"),
            (date(2018, 3, 1), 5, 2),
            (date(2018, 4, 1), 6.5, None),
            (date(2018, 5, 1), 7, None),
        )
        data = workbook(Data1=(lines, ""))
        found = rows(data, options=ReadOptions(sheet="Data1"))
        fields = ["period", "value", "indicator", "title", "unit", "dimensions"]
        self.assert_rows(
            found,
            fields,
            [
                "2018-03 | 5 | A1 | Employed | 000 | -",
                "2018-Q1 | 2 | A2 | Employed ; Men | 000 | -",
                "2018-04 | 6.5 | A1 | Employed | 000 | -",
                "2018-05 | 7 | A1 | Employed | 000 | -",
            ],
        )

    def test_rows_above_periods_with_their_names_before_them(self) -> None:
        self.assert_cases("""
## the unit holds until there is another; an empty cell is like the one above; notes are not read
"Labour, monthly 1"
,"Geography 2","Kenya",,,
,"Sex 3","Men",,"Women",
"Measure","Kind","January 2018","February 2018","January 2018","February 2018"
,,"Thousands",,,
"Employed 12","Aged 15 to 24","1,234.5","2.5",3,4
,"Raw",5,6,7,..
,,"Percent",,,
"Rate","Raw",8,9,10,11

"Notes"
"1","It is all made up"
"2","It is all made up"
"3","It is all made up"
"12","It is all made up"
"24","It is all "made" up"
-> code | area.name | period | value | unit | dimensions
- | Kenya | 2018-01 | 1234.5 | Thousands | KIND=Aged 15 to 24|MEASURE=Employed|SEX=Men
- | Kenya | 2018-02 | 2.5 | Thousands | KIND=Aged 15 to 24|MEASURE=Employed|SEX=Men
- | Kenya | 2018-01 | 3 | Thousands | KIND=Aged 15 to 24|MEASURE=Employed|SEX=Women
- | Kenya | 2018-02 | 4 | Thousands | KIND=Aged 15 to 24|MEASURE=Employed|SEX=Women
- | Kenya | 2018-01 | 5 | Thousands | KIND=Raw|MEASURE=Employed|SEX=Men
- | Kenya | 2018-02 | 6 | Thousands | KIND=Raw|MEASURE=Employed|SEX=Men
- | Kenya | 2018-01 | 7 | Thousands | KIND=Raw|MEASURE=Employed|SEX=Women
- | Kenya | 2018-02 | None | Thousands | KIND=Raw|MEASURE=Employed|SEX=Women
- | Kenya | 2018-01 | 8 | Percent | KIND=Raw|MEASURE=Rate|SEX=Men
- | Kenya | 2018-02 | 9 | Percent | KIND=Raw|MEASURE=Rate|SEX=Men
- | Kenya | 2018-01 | 10 | Percent | KIND=Raw|MEASURE=Rate|SEX=Women
- | Kenya | 2018-02 | 11 | Percent | KIND=Raw|MEASURE=Rate|SEX=Women
## names of columns above a row of years, and a group of rows below it
,,Index,,
Rank,Country,Value,,Growth
,,2018,2019,2018-2019
,HIGH,,,
1,Kenya,0.5,0.25,7
-> area.name | code | period | value | dimensions
- | Kenya | 2018 | 0.5 | RANK=1
- | Kenya | 2019 | 0.25 | RANK=1
! 2018-2019: “2018-2019” is ambiguous
## what has its name there alone is no flag of the period before it
Area,Count,As of July,,Late Count
,,2018,2019,
Kenya,1,2,3,4.5
-> code | period | value | dimensions
Kenya | 2018 | 2 | COUNT=1|LATE_COUNT=4.5
Kenya | 2019 | 3 | COUNT=1|LATE_COUNT=4.5
## and days may stand there
Area,"April 1, 2018",As of July,,"April 1, 2020"
,,2018,2019,
Kenya,1,2,3,4
-> code | period | value
Kenya | 2018-04-01 | 1
Kenya | 2018 | 2
Kenya | 2019 | 3
Kenya | 2020-04-01 | 4
## of measures that have no periods in common one is asked for, each by all that is above it
,Country,Life,,Income,,Place,
HDI rank,,(years),,($),,,
,,2018,,2018,a,2018,b
1,Kenya,66.5,,5,c,7,
!! Choose one: “Life: (years)”, “Income: ($)”, “Place”.
## the one that is chosen has its own notes, and no part
,Country,Life,,Income,,Place,
HDI rank,,(years),,($),,,
,,2018,,2018,a,2018,b
1,Kenya,66.5,l,5,c,7,
2,Namibia,63.5,d,..,,3,
-> code | period | value | status | comment | dimensions | indicator where value_column=Income: ($)
Kenya | 2018 | 5 | - | c | - | Income: ($)
Namibia | 2018 | None | O | - | - | Income: ($)
## names may stand between measures and their periods
,Life,Income
Country,,
,2018,2017
Kenya,1,2
!! Choose one: “Life”, “Income”.
## parts are those that have the same periods
,Women,,Men,
Country,2018,2019,2018,2019
Kenya,1,2,3,4
-> period | value | dimensions
2018 | 1 | PART=Women
2019 | 2 | PART=Women
2018 | 3 | PART=Men
2019 | 4 | PART=Men
## a row of numbers is no header
A 1
,north,7225,2540
,north,7000,2500
!! column 1 has no header
""")

    def test_years_beside_other_words_in_headers(self) -> None:
        self.assert_cases("""
## of several series, and of notes and sources on a value
country,Score 2018,Rank 2018,score 2019,Rank 2019
Kenya,5,1,6,2
-> code | period | value | indicator
Kenya | 2018 | 5 | Score
Kenya | 2018 | 1 | Rank
Kenya | 2019 | 6 | Score
Kenya | 2019 | 2 | Rank
## of notes and sources
Name,2018_note,2018_source,2018_value,2019_note,2019_source,2019_value
Kenya,old,ITU,5,,,6
-> area.name | period | value | comment | source
Kenya | 2018 | 5 | old | ITU
Kenya | 2019 | 6 | - | -
## of flags behind years
Area,Y2018,Y2018F,Y2019,Y2019F
Kenya,5,E,6,A
-> code | period | value | comment
Kenya | 2018 | 5 | E
Kenya | 2019 | 6 | A
## a column of codes, and their words without a header
Title,"with a comma",,,
Region/Country/Area,,Year,Series,Value
4,Afghanistan,2018,X,1
8,Albania,2018,X,2
12,Algeria,2018,X,3
16,American Samoa,2018,X,4
-> area | period | value | indicator | dimensions
4:Afghanistan | 2018 | 1 | X | -
8:Albania | 2018 | 2 | X | -
12:Algeria | 2018 | 3 | X | -
16:American Samoa | 2018 | 4 | X | -
## codes of two letters and of digits in a column of ISO codes
ISO,Year,Value
DZ,2018,1
DZA,2018,2
12,2018,3
-> area | value
DZ::iso2 | 1
DZA::iso3 | 2
012::m49 | 3
""")
        self.assertIn("has no header", fault("year,,value\n2018,F,1\n2018,M,2\n"))
