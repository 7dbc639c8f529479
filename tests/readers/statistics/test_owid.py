"""Tables of Our World in Data. All figures are made up."""

from unittest import TestCase

from recommendations.readers.statistics import AreaCodeList, AreaReference, SeveralColumns
from tests.readers.statistics.files import fault, figure, figures, opened, rejections, spelt

ONE = "Entity,Code,Year,Share of people online\n"
TWO = "entity,code,year,rural,urban,owid_region\nNamibia,NAM,2018,1,2,Africa\n"


class OwidTests(TestCase):
    def test_countries_groups_and_places_with_a_code_of_their_own(self) -> None:
        data = ONE + "Namibia,NAM,2018,1.234\nWorld,OWID_WRL,2018,2\nAfrica,,2018,3\n"
        found = figures(data + "Kosovo,OWID_KOS,2018,4\n")
        self.assertEqual(
            [row.area for row in found],
            [
                AreaReference("NAM", "Namibia", AreaCodeList.ISO3),
                AreaReference("OWID_WRL", "World", AreaCodeList.OWN, is_aggregate=True),
                AreaReference("", "Africa", is_aggregate=True),
                AreaReference("OWID_KOS", "Kosovo", AreaCodeList.OWN),
            ],
        )
        self.assertEqual([str(row.value) for row in found], ["1.234", "2", "3", "4"])
        self.assertEqual({row.indicator for row in found}, {"Share of people online"})

    def test_headers_in_lower_case_and_days(self) -> None:
        found = figure("entity,code,day,share\nNamibia,NAM,2020-03-31,5\n")
        self.assertEqual((found.period, found.indicator), ("2020-03-31", "share"))

    def test_without_codes_a_name_is_all_there_is(self) -> None:
        self.assertEqual(
            figure("Entity,Year,share\nNamibia,2018,5\n").area, AreaReference("", "Namibia")
        )

    def test_ends_of_lines_and_marks_of_encodings_change_nothing(self) -> None:
        text = ONE + "Namibia,NAM,2018,1.234\nWorld,OWID_WRL,2018,\n"
        for data in spelt(text):
            self.assertEqual(figures(data), figures(text))
        self.assertEqual(opened(text).format, "owid")

    def test_of_several_columns_one_is_to_be_named(self) -> None:
        with self.assertRaises(SeveralColumns) as refusal:
            opened(TWO)
        self.assertEqual(refusal.exception.columns, ("rural", "urban"))
        self.assertIn("Line 1: ", str(refusal.exception))
        self.assertIn("“rural”, “urban”", str(refusal.exception))
        found = figure(TWO, value_column="Urban")
        self.assertEqual((found.value, found.dimensions), (2, ""))
        self.assertIn("“suburban”", fault(TWO, value_column="suburban"))

    def test_what_cannot_be_read_is_told(self) -> None:
        told = rejections(ONE + "Namibia,NAM,2018,n/a\nNamibia,NAM,soon,5\nNamibia,NAM\n")
        self.assertEqual([row[:7] for row in told], ["Line 2:", "Line 3:", "Line 4:"])
        self.assertIn("The file has a header but no rows.", fault(ONE))
        self.assertIn("The file has no value column.", fault("Entity,Code,Year\nChad,TCD,2018\n"))
