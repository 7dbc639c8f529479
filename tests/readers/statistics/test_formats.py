"""Files of statistics as publishers write them, and what is read out of them.

Headers are those of the publishers' own downloads, as ``readers/statistics`` names them; all
figures are made up. What holds for every format stands in ``test_opening.py``.
"""

import json
from datetime import date
from pathlib import Path

from openpyxl import Workbook

from recommendations.readers.statistics import SeveralColumns
from recommendations.readers.statistics.areas import AGGREGATES
from tests.imports.files import saved
from tests.readers.statistics.files import ReadingTestCase, fault, figure, figures, opened

AMBIGUOUS = "is ambiguous. State if the decimal mark is a point or a comma"


class OurWorldInDataTests(ReadingTestCase):
    SEVERAL = "entity,code,year,rural,urban,owid_region\nNamibia,NAM,2018,1,2,Africa\n"

    def test_what_is_read(self) -> None:
        self.assert_cases(f"""
## countries, groups and places with a code of their own
Entity,Code,Year,Share of people online
Namibia,NAM,2018,1.234
World,OWID_WRL,2018,2
Africa,,2018,3
Kosovo,OWID_KOS,2018,4
Namibia,NAM,2018,n/a
Namibia,NAM,soon,5
-> area | value | indicator
NAM:Namibia:owid | 1.234 | Share of people online
OWID_WRL:World:owid:group | 2 | Share of people online
:Africa:owid:group | 3 | Share of people online
OWID_KOS:Kosovo:owid | 4 | Share of people online
! Line 6:
! Line 7:
## headers in lower case, and days
entity,code,day,share
Namibia,NAM,2020-03-31,5
-> period | indicator
2020-03-31 | share
## without codes a name is all there is
Entity,Year,share
Namibia,2018,5
-> area
:Namibia
## of several columns the one that is named
{self.SEVERAL}-> value | dimensions where value_column=Urban
2 | -
## or none where the name is none of theirs
{self.SEVERAL}!! “suburban” where value_column=suburban
## no column of values
Entity,Code,Year
Chad,TCD,2018
!! The column “Value” is missing.
""")

    def test_of_several_columns_one_is_to_be_named(self) -> None:
        with self.assertRaisesRegex(SeveralColumns, "Line 1: .*“rural”, “urban”") as refusal:
            opened(self.SEVERAL)
        self.assertEqual(refusal.exception.columns, ("rural", "urban"))


UN_SERIES = "Goal,Target,Indicator,SeriesCode,SeriesDescription,GeoAreaCode,GeoAreaName"
UN = (
    f"{UN_SERIES},TimePeriod,Value,Time_Detail,TimeCoverage,UpperBound,LowerBound,BasePeriod,"
    "Source,GeoInfoUrl,FootNote,[Age],[Nature],[Observation Status],[Reporting Type],[Sex],[Units]"
)


def un(
    value: str, nature: str = "C", status: str = "A", note: str = "", place: str = "516,A"
) -> str:
    return (
        f"9,9.c,9.c.1,M,Made up,{place},2018,{value},2018,,,,,Office,,{note},"
        f"15+,{nature},{status},G,FEMALE,PERCENT"
    )


class SustainableDevelopmentTests(ReadingTestCase):
    def test_the_global_database(self) -> None:
        self.assert_cases(f"""
## a row
{UN}
{un("1.234", note="a note")}
-> area | period | value | status | comment | dimensions | indicator | unit | source
516:A:m49 | 2018 | 1.234 | A | a note | AGE=15+|REPORTING_TYPE=G|SEX=FEMALE | M | PERCENT | Office
## zeros of codes, marks for no figure, a cell that claims nothing, less than, what is no figure
{UN}
{un("5", place="4,A")}
{un("NaN")}
{un("N")}
{un("nan")}
{un("")}
{un("<2.5")}
{un("about 5")}
{un("5", place=",")}
-> code | value | text | status
004 | 5 | - | A
516 | None | - | O
516 | None | - | O
516 | None | - | O
516 | None | <2.5 | A
! Line 8: Value: “about 5” contains more than a number
! Line 9: The row does not state an area.
## years as columns, as the data portal writes them
{UN_SERIES},Sex,Units,2018,2019
9,9.c,9.c.1,MA_DE,Made up,516,Namibia,FEMALE,PERCENT,5,
-> code | period | value | column | dimensions | indicator | unit
516 | 2018 | 5 | 2018 | SEX=FEMALE | MA_DE | PERCENT
""")

    def test_the_nature_of_a_figure(self) -> None:
        for nature, status, expected in (
            ("E", "", ("E", "")),
            ("E", "A", ("E", "")),
            ("E", "Normal value", ("E", "")),
            ("M", "A", ("E", "Modelled")),
            ("CA", "", ("", "Country data, adjusted")),
            ("E", "P", ("P", "")),
            ("NA", "A", ("A", "")),
            ("X", "", ("", "Nature: X")),
        ):
            with self.subTest(nature, status=status):
                found = figure(f"{UN}\n{un('5', nature, status)}\n")
                self.assertEqual((found.obs_status, found.comment), expected)

    def test_open_sdg(self) -> None:
        self.assert_cases("""
## a blank is the total, and the file is about one place
Year,Sex,Age,Units,Value
2018,,,Percent,1.234
2018,Female,15 to 24,Percent,5
-> area | period | value | dimensions | unit
- | 2018 | 1.234 | - | Percent
- | 2018 | 5 | AGE=15 to 24|SEX=Female | Percent
## parts of the country have codes of their own
Year,Country,Series,Observation status,GeoCode,Value
2018,North,S1,E,X001,5
-> area | indicator | status | dimensions
X001:North:own:COUNTRY | S1 | E | COUNTRY=North
## statuses by their full names
Year,Observation status,Value
2018,Normal value,5
2019,Estimated value,6
2020,Undefined,7
-> status | comment
A | -
E | -
- | Observation status undefined in the source
## notes are no parts
Year,Sex,See notes,Value
2018,Female,"a,b",5
-> value | dimensions | comment
5 | SEX=Female | a,b
## an empty value claims nothing
Year,Sex,Value
2018,,
2019,,0
2018,,5 %
all,,5
-> period | value
2019 | 0
! Line 4:
! Line 5:
## parts as columns: “all”, category:value, bars between pairs
year,all|unit:percent,sex:female|unit:percent,age:15-24|sex:female
2018,1.5,2,
2019,,x,
-> period | value | dimensions | unit
2018 | 1.5 | - | percent
2018 | 2 | SEX=female | percent
! Line 3: sex:female|unit:percent:
## what is no part
year,all,sex:female:x
2018,1,2
!! is not a part such as sex:female where format=open_sdg_wide
""")

    def test_what_names_a_country_is_no_part_of_one_area(self) -> None:
        """Else the values of all countries would be those of one, told apart as its parts."""
        for name in ("Reporter ISO", "Countries", "geo_unit", "Nation", "M49 of area"):
            with self.subTest(name):
                told = fault(f"{name},Year,Value\nTCD,2018,5\n")
                self.assertIn(f"Which column is “Area”? Choose one: “{name}”.", told)
        self.assertEqual(opened("Country of birth,Year,Value\nChad,2018,5\n").format, "open_sdg")


SDMX = "DATAFLOW,REF_AREA,SEX,AGE,FREQ,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MEASURE,UNIT_MULT"
KEY = "MA:DE(1.0),NA,F,T,A,2018"
SDMX_2 = "STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS"
NAMED = "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME"
NAMES = "geo,AreaReference,TIME_PERIOD,Time,OBS_VALUE,Value,OBS_FLAG,Flag,UPDATED"
EXACT = "1234567890123456789012345678901"
EL = "ESTAT:MADEUP(1.0),14/03/31 23:00:00,A,PC_IND,EL,2020"


class SdmxTests(ReadingTestCase):
    def test_the_first_version(self) -> None:
        self.assert_cases(f"""
## dimensions, attributes and the flow
{SDMX}
{KEY},1.234,E,PT,0
-> area | period | value | status | dimensions | unit | indicator | comment
NA | 2018 | 1.234 | E | AGE=T|SEX=F | PT | MA:DE(1.0) | -
## semicolons with a comma in numbers, and a point in one
{SDMX.replace(",", ";")}
{KEY.replace(",", ";")};1585,754;;;
{KEY.replace(",", ";")};1,234;;;
{KEY.replace(",", ";")};1.234;;;
-> value
1585.754
1.234
! Line 4: OBS_VALUE: “1.234” is ambiguous. State if the decimal mark is a point or a comma
## where a person states the mark, the other one separates thousands
{SDMX}
{KEY},"248,114",,,
-> value where decimal=.
248114
## multiples are worked out and said; statuses that say that there is no figure, or are not known
{SDMX}
{KEY},1.5,,PT,-2
{KEY},1.5,,PT,0
{KEY},1.5,,PT,
{KEY},1,,PT,dozens
{KEY},1,,PT,Thousands
{KEY},"1,234",,,
{KEY},,L,,3
{KEY},5,O,,
{KEY},,A,,
{KEY},5,Y,,
-> value | status | comment
0.015 | - | In the file as multiples of 10^-2.
1.5 | - | -
1.5 | - | -
! not a multiplier
1E+3 | - | In the file as multiples of 10^3.
! “1,234” is ambiguous. State
None | L | -
! The row has a value and the status of a missing value.
! “Y” is not a status
## a multiplier by its other name
DATAFLOW,REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MULTIPLIER:Unit multiplier
M,NA,2018,5,3: Thousands
-> value
5E+3
## attributes are no dimensions
DATAFLOW,REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,DECIMALS,OBS_CONF,COMMENT_OBS
M,NA,ONLINE,2018,5,1,F,a note
M,NA,ONLINE,2018,5,1,N,
-> indicator | dimensions | comment
ONLINE | - | a note
! confidential (N)
## what stands after the figure is a comment
DATAFLOW,REF_AREA,SEX,TIME_PERIOD,OBS_VALUE,UPPER_BOUND,SOURCE,NOTE,COMMENT_OBS
M,NA,F,2018,5,5.2,Office,,a note
-> dimensions | source | comment
SEX=F | Office | a note; UPPER_BOUND: 5.2
## periods as columns; a dimension that does not apply is none, and words beside a code are no part
STRUCTURE,REF_AREA,SEX,AGE,AGE_LABEL,DATABASE_ID,UNIT_MEASURE,UNIT_MEASURE_LABEL,OBS_CONF,2018,2019
datastructure,NA,_Z,T,All,DB,U,Unitless,PU,5,6
-> period | value | dimensions | unit | unit_words
2018 | 5 | AGE=T | U | Unitless
2019 | 6 | AGE=T | U | Unitless
## only the names of SDMX make no SDMX
FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS,SEX
A,NA,2018,5,E,F
-> dimensions | status | indicator
SEX=F | E | -
## a second column of places is a dimension
DATAFLOW,REF_AREA,COUNTERPART_AREA,LOCATION,TIME_PERIOD,OBS_VALUE
M,NA,ZA,URBAN,2018,5
-> dimensions
COUNTERPART_AREA=ZA|LOCATION=URBAN
## labels are taken off
DATAFLOW,REF_AREA:Area,SEX: Sex,FREQ:Frequency,TIME_PERIOD:Time,OBS_VALUE:Value,OBS_STATUS:Status
MA:DE(1.0): Made up,NA: Namibia,F: Female,A: A,2018,5,A: Normal
-> area | dimensions | status | indicator
NA:Namibia | SEX=F | A | MA:DE(1.0)
## no column of values
DATAFLOW,REF_AREA,TIME_PERIOD
M,NA,2018
!! is missing where format=sdmx_csv
""")
        found = figure(f"{SDMX}\n{KEY},{EXACT}.25,,PT,6: Millions\n")
        self.assertEqual(f"{found.value:f}", f"{EXACT}250000")
        self.assertEqual(found.comment, "In the file as multiples of 10^6.")
        only_names = "FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE,SEX\nA,NA,2018,5,F\n"
        self.assertEqual(opened(only_names).format, "long")

    def test_the_second_version(self) -> None:
        self.assert_cases(f"""
## a deletion is refused and the rest is read; rows of attributes alone claim no figure
{SDMX_2}
dataflow,MA:DE(1.0),I,NA,2018,5,A
dataflow,MA:DE(1.0),A,NA,2018,5,A
dataflow,MA:DE(1.0),R,NA,2018,5,A
dataflow,MA:DE(1.0),M,NA,2018,5,A
dataflow,MA:DE(1.0),D,NA,2018,5,A
dataflow,MA:DE(1.0),X,NA,2018,5,A
dataflow,M,I,,,,
-> value | indicator
5 | MA:DE(1.0)
5 | MA:DE(1.0)
5 | MA:DE(1.0)
5 | MA:DE(1.0)
! Line 6: The row requests the deletion of a value
! Line 7: “X” is not an action
## names in columns of their own
{NAMED},ACTION,REF_AREA,Reference area,SEX,Sex,TIME_PERIOD,Time period,OBS_VALUE,Observation value
DATAFLOW,M,Made up,I,NA,Namibia,F,Female,2018,,1.5,
-> area | value | dimensions
NA:Namibia | 1.5 | SEX=F
## names that are announced and do not come
{NAMED},ACTION,REF_AREA,SEX,AGE,TIME_PERIOD,OBS_VALUE
dataflow,M,Made up,I,NA,F,Y15T24,2018,5
-> value | dimensions
5 | AGE=Y15T24|SEX=F
## marks of lists of values are taken off
{SDMX_2.replace("STRUCTURE,", "STRUCTURE[;],", 1).replace("STATUS", "STATUS[]")}
dataflow,M,I,NA,2018,5,E
-> value | status
5 | E
## in the hand of Eurostat
DATAFLOW,LAST UPDATE,freq,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS
{EL},5.5,bp,
{EL},5,,
{EL},:,,
{EL},:,z,
{EL},5,c,
{EL},5,,C
{EL},5,x,
{EL},,c,
{EL},,,C
-> value | status | comment | area | unit | dimensions
5.5 | B | Provisional | EL::eurostat | PC_IND | -
5 | - | - | EL::eurostat | PC_IND | -
None | O | - | EL::eurostat | PC_IND | -
None | M | Not applicable | EL::eurostat | PC_IND | -
! confidential
! confidential
! flag
None | Q | - | EL::eurostat | PC_IND | -
None | Q | - | EL::eurostat | PC_IND | -
""")

    def test_names_beside_keys_and_without_an_action(self) -> None:
        for keys, values in (
            ("ACTION,SERIES_KEY,OBS_KEY,", "I,NA.F,NA.F.2018,"),
            ("OBS_KEY,", "NA.F.2018,"),
            ("", ""),
        ):
            self.assert_cases(f"""
## {keys}
{NAMED},{keys}freq,Time frequency,sex,Sex,{NAMES}
dataflow,M,Made up,{values}A,Annual,F,Female,NA,Namibia,2018,,5,,e,,today
-> area | dimensions | status
NA:Namibia | SEX=F | E
""")


class EurostatTests(ReadingTestCase):
    """Dimensions in the first column, periods padded with a blank, flags behind values."""

    def test_what_is_read(self) -> None:
        self.assert_cases("""
## a table
freq,indic_is,unit,geo\\TIME_PERIOD\t2019 \t2020\x20
A,I_ILT12,PC_IND,NA\t81.5 e\t: c
A,I_ILT12,PC_IND,EL\t: \t90 bp
A,PC_IND,NA\t1\t2
A,X,PC,DE\t1.5 c\tabout 5
A,X,PC,DE\t1
-> code | period | value | status | dimensions | unit
NA | 2019 | 81.5 | E | INDIC_IS=I_ILT12 | PC_IND
NA | 2020 | None | Q | INDIC_IS=I_ILT12 | PC_IND
EL | 2019 | None | O | INDIC_IS=I_ILT12 | PC_IND
EL | 2020 | 90 | B | INDIC_IS=I_ILT12 | PC_IND
! has 3 dimensions
! confidential
! more than a number
! cells
## periods of all lengths, and the older header
unit,geo\\time\t2019Q1\t2019M02 \t2019S2
PC,DE\t1\t2\t3
-> period
2019-Q1
2019-02
2019-S2
## a column that is no period
geo\\time\t2019\tx
DE\t1\t2
!! is not a period where format=eurostat_tsv
""")

    def test_months_of_many_years_and_no_more(self) -> None:
        months = [f"{year}-{month:02}" for year in range(1990, 2025) for month in range(1, 13)]
        head = "\t".join(["unit,geo\\TIME_PERIOD", *months])
        data = "\n".join([head, "\t".join(["PC,DE", *["1.5"] * len(months)]), ""])
        self.assertEqual(len(figures(data)), 420)
        wide = "\t".join(["area", *(f"c{n}" for n in range(2_000))])
        self.assertIn("more than 2000 columns", fault(f"{wide}\n"))


ABOVE = '"Data Source","Made-up Indicators",\n\n"Last Updated Date","2031-06-28",\n\n'
BANK = '"Country Name","Country Code","Indicator Name","Indicator Code","1960","2018","2019",\n'
NAMIBIA = '"Namibia","NAM","Users","MA.DE.UP","","12345678901234567.123456","1e-7",\n'
SAVED_ANEW = (
    "Country Name;Country Code;Indicator Name;Indicator Code;2018;2019\n"
    "Chad;TCD;Users;MA.DE.UP;1,7;1,234\n"
)


class WorldBankTests(ReadingTestCase):
    def test_what_is_read(self) -> None:
        self.assert_cases(f"""
## years are figures, an empty cell is none
{ABOVE}{BANK}{NAMIBIA}-> line | column | period | value | indicator | area
6 | 2018 | 2018 | 12345678901234567.123456 | MA.DE.UP | NAM:Namibia:world_bank
6 | 2019 | 2019 | 1E-7 | MA.DE.UP | NAM:Namibia:world_bank
## groups; places that are in no list; no figure; a cell or a row that cannot be read
{BANK}"World","WLD","Users","MA.DE.UP","1","2","",
"Kosovo","XKX","Users","MA.DE.UP","","","3",
"Chad","TCD","Users","MA.DE.UP","..","","",
"Chad","TCD","Users","MA.DE.UP","1","12 %","1,7",
"Chad","TCD"
"Mali","MLI","Users","MA.DE.UP","1","2","3","4"
"","","","","1","",""
"Kosovo","XKX","Users","MA.DE.UP","","","3",
-> line | area | period | value | status
2 | WLD:World:world_bank:group | 1960 | 1 | -
2 | WLD:World:world_bank:group | 2018 | 2 | -
3 | XKX:Kosovo:world_bank | 2019 | 3 | -
4 | TCD:Chad:world_bank | 1960 | None | O
5 | TCD:Chad:world_bank | 1960 | 1 | -
! Line 5: 2018: “12 %” has a percent sign
! Line 5: 2019: “1,7” is not a number with a decimal point
! Line 6: The row has 2 cells, the header has 7.
! Line 7: The row has 8 cells, the header has 7.
! Line 8
9 | XKX:Kosovo:world_bank | 2019 | 3 | -
## saved anew with semicolons what no cell of the table decides is refused
{SAVED_ANEW.replace("1,7", "7")}-> value
7
! {AMBIGUOUS}
## and read where another cell decides it
{SAVED_ANEW}-> value
1.7
1.234
## or where the mark is said
{SAVED_ANEW}-> value where decimal=,
1.7
1.234
## headers of the DataBank
Country Name,Country Code,Series Name,Series Code,2018 [YR2018]
Chad,TCD,U,M,5
-> period | indicator | value
2018 | M | 5
## quarters and months
Country Name,Country Code,Indicator Code,2018Q3,2018M06
Chad,TCD,M,5,6
-> period | value
2018-Q3 | 5
2018-06 | 6
## nothing below the lines above
{ABOVE}!! The file is empty
## a year twice
{BANK.replace('"1960"', '"2018"')}!! Line 1: columns 5 and 6 are both “2018”
## no year
"Country Name","Country Code"
"Chad","TCD"
!! “period”
## no year in a file that is said to be the World Bank's
"Country Name","Country Code"
"Chad","TCD"
!! Line 1: The file has no column with a year as header. where format=world_bank
""")

    def test_what_the_lines_above_say(self) -> None:
        for above, told in (
            (ABOVE, ("world_bank", "Made-up Indicators", date(2031, 6, 28))),
            (ABOVE.replace("2031-06-28", "soon"), ("world_bank", "Made-up Indicators", None)),
            ("", ("world_bank", "", None)),
        ):
            file = opened(above + BANK + NAMIBIA)
            self.assertEqual((file.format, file.source, file.vintage), told)
            self.assertEqual(len(list(file.rows)), 2)
            self.assertEqual((file.counts.lines, file.counts.figures, file.counts.empty), (1, 2, 1))

    def test_no_code_of_a_group_is_that_of_a_country(self) -> None:
        areas = json.loads(Path("fixtures/10_areas.json").read_text())
        countries = {area["fields"].get(name) for area in areas for name in ("iso2", "iso3")}
        self.assertGreater(len(countries), 400)
        self.assertEqual(AGGREGATES & countries, set())
        self.assertLessEqual({"WLD", "EUU", "ARB", "AFE", "1W", "EU"}, AGGREGATES)

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


WHO = (
    "IndicatorCode,Indicator,ValueType,ParentLocationCode,ParentLocation,Location type,"
    "SpatialDimValueCode,Location,Period type,Period,IsLatestYear,Dim1 type,Dim1,Dim1ValueCode,"
    "Dim2 type,Dim2,Dim2ValueCode,DataSourceDimValueCode,DataSource,FactValueNumericPrefix,"
    "FactValueNumeric,FactValueUoM,FactValueNumericLow,FactValueNumericHigh,Value,FactComments,"
    "Language,DateModified"
)
FAO = (
    "Domain Code,Domain,Area Code (M49),Area,Element Code,Element,Item Code (CPC),Item,Year Code,"
    "Year,Unit,Value,Flag,Flag Description,Note"
)
ITU = (
    "seriesID,seriesCode,seriesName,seriesParent,seriesUnits,entityID,entityIso,entityName,"
    "dataValue,dataYear,dataNote,dataSource"
)
OUTLOOK = (
    "WEO Country Code\tISO\tWEO Subject Code\tCountry\tSubject Descriptor\tSubject Notes\tUnits\t"
    "Scale\tCountry/Series-specific Notes\t2018\t2024\tEstimates Start After\n"
    'x\tTCD\tNGDP\tChad\tProduct\tn\tU.S. dollars\tBillions\tn\t"1,115.1"\t5\t2022\n'
)
UNCTAD = "Year,Economy,Economy Label,A,A Footnote,B,B Footnote\n2018,148,Chad,1,,2,\n"


def who(number: str, shown: str, prefix: str = "") -> str:
    return (
        "I_1,Made up,numeric,AFR,Africa,Country,TCD,Chad,Year,2018,true,Sex,Female,SEX_FMLE,"
        f",,,,,{prefix},{number},,,,{shown},,EN,2024-08-02T00:00:00Z"
    )


class AgenciesTests(ReadingTestCase):
    """Tables with columns of their own."""

    def test_what_is_read(self) -> None:
        self.assert_cases(f"""
## labour: codes
ref_area,source,indicator,sex,classif1,time,obs_value,obs_status,note_indicator,note_source
TCD,BA:1,UNE_NB,SEX_F,AGE_15,2018,500.3,B,,R1
-> code | period | value | status | indicator | dimensions | source | comment
TCD | 2018 | 500.3 | B | UNE_NB | CLASSIF1=AGE_15|SEX=SEX_F | BA:1 | R1
## labour: labels alone
ref_area.label,source.label,indicator.label,sex.label,time,obs_value,obs_status.label
Chad,Survey,Unemployment,Female,2018,5,Break in series
-> area.name | title | status | comment
Chad | Unemployment | - | Break in series
## labour: labels beside codes are no dimensions
ref_area,ref_area.label,indicator,sex,sex.label,time,obs_value
TCD,Chad,UNE,SEX_F,Female,2018,5
-> area.name | dimensions
Chad | SEX=SEX_F
## health: a number with its range; a limit and a word are no numbers
{WHO}
{who("66.09", "66.1 [64.7-67.5]")}
{who("5", "<5", "<")}
{who("", "Yes")}
-> value | text | comment | code | dimensions | indicator | title
66.09 | - | 66.1 [64.7-67.5] | TCD | SEX=SEX_FMLE | I_1 | Made up
None | <5 | - | TCD | SEX=SEX_FMLE | I_1 | Made up
None | Yes | - | TCD | SEX=SEX_FMLE | I_1 | Made up
## money, with a scale beside or instead of the unit
SERIES_CODE,OBS_MEASURE,COUNTRY.ID,COUNTRY,RATE.ID,RATE,SCALE.ID,SCALE,2018
TCD.I.A,V,TCD,Chad,AVG,Average,9,Billions,5
-> area | dimensions | unit
TCD:Chad:iso3 | RATE_ID=AVG | (Billions)
## telecommunication
{ITU}
1,i99H,Internet users,,%,120,TCD,Chad,19.5,2018,Estimated.,ITU
-> area | indicator | title | unit | comment | source
TCD:Chad:iso3 | i99H | Internet users | % | Estimated. | ITU
## agriculture; in bulk files an apostrophe keeps the zeros of codes
{FAO}
QCL,Crops,148,Chad,5510,Production,0112,Maize,2018,2018,t,5,X,From elsewhere,
QCL,Crops,'004,Chad,5510,Production,0112,Maize,2018,2018,t,5,E,Estimate,
-> code | dimensions | status | comment
148 | ELEMENT=Production|ITEM=Maize | - | From elsewhere
004 | ELEMENT=Production|ITEM=Maize | E | -
## agriculture with other codes
{FAO.replace("M49", "ISO3")}
QCL,Crops,GUF,French Guyana,5510,Production,0112,Maize,2018,2018,t,5,X,,
QCL,Crops,41,"China, mainland",5510,Production,0112,Maize,2018,2018,t,5,X,,
-> area
GUF:French Guyana:iso3
041:China, mainland:m49
## education
INDICATOR_ID,COUNTRY_ID,YEAR,VALUE,MAGNITUDE,QUALIFIER
CR.1,KEN,2018,83.1,,UIS_EST
CR.1,TCD,2018,,NA,
CR.1,FRA,2018,0,NIL,
-> code | value | status | comment
KEN | 83.1 | E | UIS_EST
TCD | None | M | -
FRA | 0 | - | Magnitude nil or negligible
## trade and its groups
Year,Economy,Economy Label,Flow,Flow Label,Exports,Exports Footnote,Exports Missing value
2018,0000,World,01,Imports,9,,
2018,148,Chad,01,Imports,5,,
-> area.is_aggregate | indicator | dimensions
True | Exports | FLOW=01
False | Exports | FLOW=01
## of several values one is chosen
{UNCTAD}-> value | dimensions where value_column=B
2 | -
## footnotes below a table are told
Country or Area,Year,Value,Value Footnotes
Chad,2018,5,1
"fnSeqID","Footnote"
-> value
5
! Line 3
""")
        with self.assertRaises(SeveralColumns) as caught:
            opened(UNCTAD)
        self.assertEqual(caught.exception.columns, ("A", "B"))

    def test_an_outlook_has_estimates_after_a_year(self) -> None:
        """With the codes of areas or, in a report, without them; a code beside one is no part."""
        for data in (OUTLOOK, OUTLOOK.replace("ISO\t", "").replace("TCD\t", "")):
            before, after = figures(data.encode("utf-16"), name="WEOApr2024all.xls")
            self.assertEqual((str(before.value), before.obs_status), ("1115.1", ""))
            self.assertEqual((str(after.value), after.obs_status), ("5", "E"))
            self.assertEqual(before.unit, "U.S. dollars (Billions)")
            told = (before.indicator, before.title, before.dimensions, before.area.name)
            self.assertEqual(told, ("NGDP", "Product", "", "Chad"))

    def test_other_files_of_a_publisher_are_told_with_what_to_do(self) -> None:
        for data, name, words in (
            ("country,name,is--country\nken,Kenya,TRUE\n", "ddf--entities--geo.csv", "entities"),
            ("concept,concept_type\na,measure\n", "ddf--concepts.csv", "concepts"),
            ('<?xml version="1.0"?><message:GenericData/>', "data.xml", "Download the data as CSV"),
            ('{"value":[{"IndicatorCode":"I"}]}', "I.json", "or download the data as CSV"),
            ('"Country Code","Region"\n"TCD","Africa"\n', "Metadata.csv", "Name the columns so"),
        ):
            with self.subTest(name):
                self.assertIn(words, fault(data, name=name))
