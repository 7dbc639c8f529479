"""SDMX-CSV in both versions and in Eurostat's hand. All figures are made up."""

from decimal import Decimal
from unittest import TestCase

from recommendations.readers.statistics import AreaCodeList, AreaReference
from tests.readers.statistics.files import fault, figure, figures, opened, rejections, rows, spelt

ONE = "DATAFLOW,REF_AREA,SEX,AGE,FREQ,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MEASURE,UNIT_MULT\n"
TWO = "STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS\n"
EUROSTAT = "DATAFLOW,LAST UPDATE,freq,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\n"


class FirstVersionTests(TestCase):
    def test_dimensions_attributes_and_the_flow(self) -> None:
        data = ONE + "MA:DE(1.0),NA,F,Y15T24,A,2018,1.234,E,PT,0\n"
        found = figure(data)
        self.assertEqual(opened(data).format, "sdmx_csv")
        self.assertEqual((found.area, found.period), (AreaReference("NA"), "2018"))
        self.assertEqual((found.value, found.obs_status), (Decimal("1.234"), "E"))
        self.assertEqual((found.dimensions, found.unit), ("AGE=Y15T24|SEX=F", "PT"))
        self.assertEqual((found.indicator, found.comment), ("MA:DE(1.0)", ""))

    def test_ends_of_lines_and_marks_of_encodings_change_nothing(self) -> None:
        text = ONE + "MA:DE(1.0),NA,F,Y15T24,A,2018-Q1,1.234,E,PT,0\n"
        for data in spelt(text):
            self.assertEqual(figures(data), figures(text))

    def test_semicolons_with_a_comma_or_a_point_in_numbers(self) -> None:
        head = ONE.replace(",", ";")
        for number in ("1585,754", "1,234", "1.234"):
            found = figure(head + f"MA:DE(1.0);NA;F;Y15T24;A;2018;{number};;;\n")
            self.assertEqual(str(found.value), number.replace(",", "."))
        told = rejections(ONE + 'MA:DE(1.0),NA,F,Y15T24,A,2018,"1,234",,,\n')
        self.assertIn("decimal point", told[0])

    def test_multiples_are_worked_out_to_the_last_digit_and_said(self) -> None:
        value = "1234567890123456789012345678901.25"
        found = figure(ONE + f"MA:DE(1.0),NA,F,T,A,2018,{value},,PT,6: Millions\n")
        self.assertEqual(format(found.value, "f"), "1234567890123456789012345678901250000")
        self.assertEqual(found.comment, "In the file as multiples of 10^6.")
        for multiplier, expected in (("-2", "0.015"), ("0", "1.5"), ("", "1.5")):
            found = figure(ONE + f"MA:DE(1.0),NA,F,T,A,2018,1.5,,PT,{multiplier}\n")
            self.assertEqual(str(found.value), expected)
        self.assertIn(
            "not a multiplier", rejections(ONE + "MA:DE(1.0),NA,F,T,A,2018,1,,PT,thousands\n")[0]
        )

    def test_statuses_that_say_that_there_is_no_figure(self) -> None:
        found = rows(ONE + "M,NA,F,T,A,2018,,L,,3\nM,NA,F,T,A,2018,5,O,,\nM,NA,F,T,A,2018,,A,,\n")
        self.assertEqual((found[0].value, found[0].obs_status, found[0].comment), (None, "L", ""))
        self.assertIn("The row has a value and the status of a missing value.", str(found[1]))
        self.assertEqual(len(found), 2)  # an empty cell with any other status claims nothing

    def test_an_unknown_status_is_refused(self) -> None:
        self.assertIn("“Y” is not a status", rejections(ONE + "M,NA,F,T,A,2018,5,Y,,\n")[0])

    def test_attributes_are_no_dimensions(self) -> None:
        head = "DATAFLOW,REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,DECIMALS,OBS_CONF,COMMENT_OBS\n"
        found = figure(head + "M,NA,ONLINE,2018,5,1,F,a note\n")
        self.assertEqual((found.indicator, found.dimensions), ("ONLINE", ""))
        self.assertEqual(found.comment, "a note")
        told = rejections(head + "M,NA,ONLINE,2018,5,1,N,\n")
        self.assertIn("confidential (N)", told[0])

    def test_what_stands_after_the_figure_is_a_comment(self) -> None:
        head = "DATAFLOW,REF_AREA,SEX,TIME_PERIOD,OBS_VALUE,UPPER_BOUND,SOURCE,NOTE,COMMENT_OBS\n"
        found = figure(head + "M,NA,F,2018,5,5.2,Office,,a note\n")
        self.assertEqual((found.dimensions, found.source), ("SEX=F", "Office"))
        self.assertEqual(found.comment, "a note; UPPER_BOUND: 5.2")

    def test_only_the_names_of_sdmx_make_no_sdmx(self) -> None:
        data = "FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS,SEX\nA,NA,2018,5,E,F\n"
        self.assertEqual(opened(data).format, "long")
        self.assertEqual((figure(data).dimensions, figure(data).obs_status), ("SEX=F", "E"))

    def test_a_second_column_of_places_is_a_dimension(self) -> None:
        head = "DATAFLOW,REF_AREA,COUNTERPART_AREA,LOCATION,TIME_PERIOD,OBS_VALUE\n"
        found = figure(head + "M,NA,ZA,URBAN,2018,5\n")
        self.assertEqual(found.dimensions, "COUNTERPART_AREA=ZA|LOCATION=URBAN")

    def test_labels_are_taken_off(self) -> None:
        head = "DATAFLOW,REF_AREA:Reference area,SEX: Sex,FREQ:Frequency,TIME_PERIOD:Time,"
        data = head + "OBS_VALUE:Value,OBS_STATUS:Status\n"
        found = figure(data + "MA:DE(1.0): Made up,NA: Namibia,F: Female,A: A,2018,5,A: Normal\n")
        self.assertEqual(found.area, AreaReference("NA", "Namibia"))
        self.assertEqual((found.dimensions, found.obs_status), ("SEX=F", "A"))
        self.assertEqual(found.indicator, "MA:DE(1.0)")

    def test_what_is_lacking_is_named(self) -> None:
        self.assertIn("The file has a header but no rows.", fault(ONE))
        self.assertIn(
            "is missing",
            fault("DATAFLOW,REF_AREA,TIME_PERIOD\nM,NA,2018\n", format="sdmx_csv"),
        )
        self.assertIn("The row has 2 cells, the header has 10", rejections(ONE + "M,NA\n")[0])


class SecondVersionTests(TestCase):
    def test_a_deletion_is_refused_and_the_rest_is_read(self) -> None:
        data = "".join(f"dataflow,MA:DE(1.0),{action},NA,2018,5,A\n" for action in "IARMDX")
        found = rows(TWO + data)
        self.assertEqual([row.value for row in found[:4]], [5] * 4)
        self.assertEqual(found[0].indicator, "MA:DE(1.0)")
        self.assertIn("Line 6: The row requests the deletion of a value", str(found[4]))
        self.assertIn("Line 7: “X” is not an action", str(found[5]))

    def test_names_in_columns_of_their_own(self) -> None:
        head = "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,REF_AREA,Reference area,SEX,Sex,"
        head += "TIME_PERIOD,Time period,OBS_VALUE,Observation value,DECIMALS,Decimals\n"
        found = figure(head + "DATAFLOW,M,Made up,I,NA,Namibia,F,Female,2018,,1.5,,1,One\n")
        self.assertEqual(found.area, AreaReference("NA", "Namibia"))
        self.assertEqual((found.value, found.dimensions), (Decimal("1.5"), "SEX=F"))

    def test_names_beside_keys_and_without_an_action(self) -> None:
        for fixed, values in (
            ("ACTION,SERIES_KEY,OBS_KEY,", "I,NA.F,NA.F.2018,"),
            ("OBS_KEY,", "NA.F.2018,"),
            ("", ""),
        ):
            head = f"STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,{fixed}freq,Time frequency,sex,Sex,"
            head += "geo,AreaReference,TIME_PERIOD,Time,OBS_VALUE,Value,OBS_FLAG,Flag,UPDATED\n"
            line = f"dataflow,M,Made up,{values}A,Annual,F,Female,NA,Namibia,2018,,5,,e,,today\n"
            found = figure(head + line)
            self.assertEqual(found.area, AreaReference("NA", "Namibia"))
            self.assertEqual((found.dimensions, found.obs_status), ("SEX=F", "E"))

    def test_names_that_are_announced_and_do_not_come(self) -> None:
        head = "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,REF_AREA,SEX,AGE,TIME_PERIOD,OBS_VALUE"
        found = figure(head + "\ndataflow,M,Made up,I,NA,F,Y15T24,2018,5\n")
        self.assertEqual((found.value, found.dimensions), (5, "AGE=Y15T24|SEX=F"))

    def test_rows_of_attributes_alone_claim_no_figure(self) -> None:
        file = opened(TWO + "dataflow,M,I,,,,\ndataflow,M,I,NA,2018,5,\n")
        self.assertEqual([row.value for row in file.rows], [5])

    def test_marks_of_lists_of_values_are_taken_off(self) -> None:
        head = TWO.replace("STRUCTURE,", "STRUCTURE[;],", 1).replace("OBS_STATUS", "OBS_STATUS[]")
        found = figure(head + "dataflow,M,I,NA,2018,5,E\n")
        self.assertEqual((found.value, found.obs_status), (5, "E"))


class EurostatTests(TestCase):
    def test_its_flags_and_marks(self) -> None:
        found = rows(
            EUROSTAT
            + "".join(
                f"ESTAT:MADEUP(1.0),14/03/31 23:00:00,A,PC_IND,EL,2020,{rest}\n"
                for rest in ("5.5,bp,", "5,,", ":,,", ":,z,", "5,c,", "5,,C", "5,x,")
            )
        )
        self.assertEqual(
            [(row.value, row.obs_status, row.comment) for row in found[:4]],
            [
                (Decimal("5.5"), "B", "Provisional"),
                (5, "", ""),
                (None, "O", ""),
                (None, "M", "Not applicable"),
            ],
        )
        self.assertEqual(
            {(row.area, row.unit) for row in found[:4]},
            {(AreaReference("EL", "", AreaCodeList.EUROSTAT), "PC_IND")},
        )
        self.assertEqual({row.dimensions for row in found[:4]}, {""})
        for row, words in zip(found[4:], ("confidential", "confidential", "flag"), strict=True):
            self.assertIn(words, str(row))
