"""Tables of agencies with columns of their own, each headed as its publisher writes it.

The headers are those of the downloads that ``readers/statistics/agencies.py`` names. All figures
are made up.
"""

from decimal import Decimal
from unittest import TestCase

from recommendations.readers import ReadOptions
from recommendations.readers.statistics import (
    AreaCodeList,
    AreaReference,
    FigureRow,
    SeveralColumns,
)
from tests.imports.files import xlsx_bytes
from tests.readers.statistics.files import fault, figure, figures, opened, rejections

ILO = (
    "ref_area,source,indicator,sex,classif1,time,obs_value,obs_status,note_indicator,note_source\n"
)
ILO_LABELS = (
    "ref_area.label,source.label,indicator.label,sex.label,classif1.label,time,obs_value,"
    "obs_status.label,note_indicator.label,note_source.label\n"
)
WHO = (
    "IndicatorCode,Indicator,ValueType,ParentLocationCode,ParentLocation,Location type,"
    "SpatialDimValueCode,Location,Period type,Period,IsLatestYear,Dim1 type,Dim1,Dim1ValueCode,"
    "Dim2 type,Dim2,Dim2ValueCode,DataSourceDimValueCode,DataSource,FactValueNumericPrefix,"
    "FactValueNumeric,FactValueUoM,FactValueNumericLow,FactValueNumericHigh,Value,FactComments,"
    "Language,DateModified\n"
)
ITU = (
    "seriesID,seriesCode,seriesName,seriesParent,seriesUnits,entityID,entityIso,entityName,"
    "dataValue,dataYear,dataNote,dataSource\n"
)
FAO = (
    "Domain Code,Domain,Area Code (M49),Area,Element Code,Element,Item Code (CPC),Item,Year Code,"
    "Year,Unit,Value,Flag,Flag Description,Note\n"
)
UIS = "INDICATOR_ID,COUNTRY_ID,YEAR,VALUE,MAGNITUDE,QUALIFIER\n"
UNCTAD = (
    "Year,Economy,Economy Label,Flow,Flow Label,Exports in millions,Exports in millions Footnote,"
    "Exports in millions Missing value\n"
)
OUTLOOK = (
    "WEO Country Code\tISO\tWEO Subject Code\tCountry\tSubject Descriptor\tSubject Notes\tUnits\t"
    "Scale\tCountry/Series-specific Notes\t2018\t2024\tEstimates Start After\n"
)


def who(number: str, shown: str, prefix: str = "") -> str:
    return WHO + (
        "I_1,Made up,numeric,AFR,Africa,Country,TCD,Chad,Year,2018,true,Sex,Female,SEX_FMLE,"
        f",,,,,{prefix},{number},,,,{shown},,EN,2024-08-02T00:00:00Z\n"
    )


class LabourTests(TestCase):
    def test_codes(self) -> None:
        found = figure(ILO + "TCD,BA:1,UNE_NB,SEX_F,AGE_15,2018,500.3,B,,R1\n")
        self.assertEqual((found.area.code, found.period), ("TCD", "2018"))
        self.assertEqual((found.value, found.obs_status), (Decimal("500.3"), "B"))
        self.assertEqual(
            (found.indicator, found.dimensions), ("UNE_NB", "CLASSIF1=AGE_15|SEX=SEX_F")
        )
        self.assertEqual((found.source, found.comment), ("BA:1", "R1"))

    def test_labels_alone(self) -> None:
        found = figure(
            ILO_LABELS + "Chad,Survey,Unemployment,Female,15+,2018,5,Break in series,,\n"
        )
        self.assertEqual((found.area.name, found.title), ("Chad", "Unemployment"))
        self.assertEqual((found.obs_status, found.comment), ("", "Break in series"))

    def test_labels_beside_codes_are_no_dimensions(self) -> None:
        head = "ref_area,ref_area.label,indicator,sex,sex.label,time,obs_value\n"
        found = figure(head + "TCD,Chad,UNE,SEX_F,Female,2018,5\n")
        self.assertEqual((found.area.name, found.dimensions), ("Chad", "SEX=SEX_F"))


class HealthTests(TestCase):
    def test_a_number_with_its_range(self) -> None:
        found = figure(who("66.09", "66.1 [64.7-67.5]"))
        self.assertEqual((found.value, found.comment), (Decimal("66.09"), "66.1 [64.7-67.5]"))
        self.assertEqual((found.area.code, found.dimensions), ("TCD", "SEX=SEX_FMLE"))
        self.assertEqual((found.indicator, found.title), ("I_1", "Made up"))

    def test_a_limit_and_a_word_are_no_numbers(self) -> None:
        self.assertEqual(
            (figure(who("5", "<5", "<")).value, figure(who("5", "<5", "<")).text), (None, "<5")
        )
        self.assertEqual((figure(who("", "Yes")).value, figure(who("", "Yes")).text), (None, "Yes"))


class OtherAgenciesTests(TestCase):
    def test_telecommunication(self) -> None:
        found = figure(ITU + "1,i99H,Internet users,,%,120,TCD,Chad,19.5,2018,Estimated.,ITU\n")
        self.assertEqual(found.area, AreaReference("TCD", "Chad", AreaCodeList.ISO3))
        self.assertEqual((found.indicator, found.title), ("i99H", "Internet users"))
        self.assertEqual((found.unit, found.comment, found.source), ("%", "Estimated.", "ITU"))

    def test_agriculture(self) -> None:
        row = "QCL,Crops,{},Chad,5510,Production,0112,Maize,2018,2018,t,5,{},{},\n"
        found = figure(FAO + row.format("148", "X", "Figure from external organization"))
        self.assertEqual(found.area.code, "148")
        self.assertEqual(found.dimensions, "ELEMENT=Production|ITEM=Maize")
        self.assertEqual(
            (found.obs_status, found.comment), ("", "Figure from external organization")
        )
        # In bulk files codes have an apostrophe in front, so that spreadsheets keep their zeros.
        self.assertEqual(figure(FAO + row.format("'004", "E", "Estimate")).area.code, "004")

    def test_education(self) -> None:
        rows = figures(
            UIS + "CR.1,KEN,2018,83.1,,UIS_EST\nCR.1,TCD,2018,,NA,\nCR.1,FRA,2018,0,NIL,\n"
        )
        told = [(row.area.code, row.value, row.obs_status, row.comment) for row in rows]
        self.assertEqual(
            told,
            [
                ("KEN", Decimal("83.1"), "E", "UIS_EST"),
                ("TCD", None, "M", ""),
                ("FRA", Decimal(0), "", "Magnitude nil or negligible"),
            ],
        )

    def test_trade_and_its_groups(self) -> None:
        rows = figures(UNCTAD + "2018,0000,World,01,Imports,9,,\n2018,148,Chad,01,Imports,5,,\n")
        self.assertEqual([row.area.is_aggregate for row in rows], [True, False])
        self.assertEqual(
            (rows[1].indicator, rows[1].dimensions), ("Exports in millions", "FLOW=01")
        )

    def test_of_several_values_one_is_chosen(self) -> None:
        head = "Year,Economy,Economy Label,A,A Footnote,B,B Footnote\n"
        with self.assertRaises(SeveralColumns) as caught:
            opened(head + "2018,148,Chad,1,,2,\n")
        self.assertEqual(caught.exception.columns, ("A", "B"))
        found = figure(head + "2018,148,Chad,1,,2,\n", value_column="B")
        self.assertEqual((found.value, found.dimensions), (Decimal(2), ""))

    def test_an_outlook_has_estimates_after_a_year(self) -> None:
        row = 'x\tTCD\tNGDP\tChad\tProduct\tn\tU.S. dollars\tBillions\tn\t"1,115.1"\t5\t2022\n'
        before, after = figures((OUTLOOK + row).encode("utf-16"), name="WEOApr2024all.xls")
        self.assertEqual((before.value, before.obs_status), (Decimal("1115.1"), ""))
        self.assertEqual((after.value, after.obs_status), (Decimal(5), "E"))
        self.assertEqual(before.unit, "U.S. dollars (Billions)")

    def test_footnotes_below_a_table_are_told(self) -> None:
        data = 'Country or Area,Year,Value,Value Footnotes\nChad,2018,5,1\n"fnSeqID","Footnote"\n'
        self.assertEqual(len(rejections(data)), 1)


class AroundTheTableTests(TestCase):
    """Workbooks and tables as offices save them, with a page of notes or a title."""

    NOTES = (("Source", "Office"), ("Updated", "2024"))
    TABLE = (("area", "period", "value"), ("KEN", "2018", 5))

    def test_a_title_above_the_headings_is_told(self) -> None:
        data = "Internet users\n\narea,period,value\nKEN,2018,5\n"
        file = opened(data)
        self.assertEqual([row.value for row in file.rows if isinstance(row, FigureRow)], [5])
        self.assertEqual(
            file.notes, ["Row 1 above the column headings is not read: “Internet users”."]
        )
        self.assertIn("The format is not recognised", fault("a title\nalone\n"))

    def test_the_one_sheet_with_values_is_read_and_the_others_are_told(self) -> None:
        file = opened(xlsx_bytes({"Notes": self.NOTES, "Values": self.TABLE}))
        self.assertEqual([row.sheet for row in file.rows], ["Sheet “Values”"])
        self.assertIn("Sheet “Notes” is not read.", file.notes)

    def test_of_several_sheets_with_values_one_is_chosen(self) -> None:
        sheets = {"Notes": self.NOTES, "Values": self.TABLE, "Shares": self.TABLE}
        self.assertEqual(
            fault(xlsx_bytes(sheets)),
            "Several sheets have values. Choose one: “Values”, “Shares”.",
        )
        found = figure(xlsx_bytes(sheets), options=ReadOptions(sheet="Shares"))
        self.assertEqual(found.sheet, "Sheet “Shares”")
        self.assertIn("Sheet “Notes”", fault(xlsx_bytes({"Notes": self.NOTES, "More": self.NOTES})))


class OneAreaTests(TestCase):
    def test_a_column_of_countries_is_no_part_of_one_area(self) -> None:
        """Else the values of all countries would be those of one, told apart as its parts."""
        for name in ("Reporter ISO", "Countries", "geo_unit", "Nation", "M49 of area"):
            with self.subTest(name):
                self.assertIn(
                    "The format is not recognised", fault(f"{name},Year,Value\nTCD,2018,5\n")
                )
        self.assertEqual(opened("Country of birth,Year,Value\nChad,2018,5\n").format, "open_sdg")

    def test_other_files_of_a_publisher_are_told_with_what_to_do(self) -> None:
        for data, name, words in (
            ("country,name,is--country\nken,Kenya,TRUE\n", "ddf--entities--geo.csv", "entities"),
            ("concept,concept_type\na,measure\n", "ddf--concepts.csv", "concepts"),
            ('<?xml version="1.0"?><message:GenericData/>', "data.xml", "Download the data as CSV"),
            ('{"value":[{"IndicatorCode":"I"}]}', "I.json", "Download or save the data as CSV"),
            ('"Country Code","Region"\n"TCD","Africa"\n', "Metadata.csv", "Name the columns so"),
        ):
            with self.subTest(name):
                self.assertIn(words, fault(data, name=name))
