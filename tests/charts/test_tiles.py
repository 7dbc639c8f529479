"""The map of tiles: every country once, its class in a number, its words in a title."""

import json
from collections import Counter

from django.conf import settings
from django.test import SimpleTestCase

from recommendations.charts import tile_chart
from recommendations.charts.tile_grid import GRID, ONLY_WHEN_GIVEN, WORLD_REGIONS
from recommendations.charts.tiles import classes_of
from tests.charts.examples import MAP, country_tiles, frame, tile
from tests.charts.reading import every, read, table_rows, words

# ISO's list without what is neither a member nor an observer of the United Nations, but for the
# three that the list has under names of their own.
DEPENDENT = (
    "ABW AIA ALA ASM ATA ATF BES BLM BMU BVT CCK COK CUW CXR CYM ESH FLK FRO GGY GIB GLP GRL GUF"
    " GUM HMD IMN IOT JEY MAF MNP MSR MTQ MYT NCL NFK NIU PCN PRI PYF REU SGS SHN SJM SPM SXM TCA"
    " TKL UMI VGB VIR WLF"
).split()


def fixture_codes() -> set[str]:
    rows = json.loads((settings.BASE_DIR / "fixtures" / "10_areas.json").read_text())
    countries = (row["fields"] for row in rows if row["fields"]["kind"] == "country")
    return {fields["iso3"] for fields in countries if fields.get("iso3")}


class GridTests(SimpleTestCase):
    def test_every_country_has_a_place(self):
        self.assertEqual(set(GRID), fixture_codes() - set(DEPENDENT) | ONLY_WHEN_GIVEN)
        # 193 members, 2 observers, 3 more of ISO's list, 1 code for users of the list.
        self.assertEqual(len(GRID), 199)

    def test_each_country_stands_in_one_part_only(self):
        codes = Counter(code for region in WORLD_REGIONS for code in region.cells)
        self.assertEqual([code for code, times in codes.items() if times > 1], [])

    def test_no_two_share_a_tile(self):
        self.assertEqual([p for p, times in Counter(GRID.values()).items() if times > 1], [])

    def test_neighbours_are_near(self):
        for pair in ("FRA DEU", "IND NPL", "KEN UGA", "PER BRA", "EGY LBY", "AUS NZL", "DJI YEM"):
            one, other = (GRID[code] for code in pair.split())
            with self.subTest(pair):
                self.assertLessEqual(abs(one.column - other.column), 3)
                self.assertLessEqual(abs(one.row - other.row), 3)


class TileTests(SimpleTestCase):
    def setUp(self):
        self.root = read(tile_chart(MAP, frame()))
        self.titles = {
            item.find("{*}title").text: item
            for item in self.root.iter()
            if "tile" in item.get("class", "").split() and item.find("{*}title") is not None
        }

    def test_each_tile_says_name_value_unit_and_period(self):
        self.assertEqual(
            set(self.titles),
            {
                "Nepal: 52 % (2024)",
                "India: 61 %, provisional (2024)",
                "Sri Lanka: 44.5 % (2024)",
                "Bhutan: no data",
                "Greenland: 70 % (2023)",
            },
        )

    def test_a_tile_with_an_address_is_a_link_that_is_named(self):
        nepal = self.titles["Nepal: 52 % (2024)"]
        self.assertEqual(nepal.get("href"), "/areas/NPL/?a=1&b=2")
        self.assertEqual(nepal.get("aria-label"), "Nepal: 52 % (2024)")
        self.assertIsNone(self.titles["Greenland: 70 % (2023)"].get("href"))

    def test_a_class_is_a_number_on_the_tile_and_in_the_key(self):
        nepal = self.titles["Nepal: 52 % (2024)"]
        self.assertEqual(words(nepal), ["NPL", "2"])
        shown = words(self.root)
        self.assertEqual(shown[shown.index("2") + 1], "52")

    def test_no_data_is_hatched_without_a_number_and_never_0(self):
        bhutan = self.titles["Bhutan: no data"]
        self.assertEqual(words(bhutan), ["BTN"])
        self.assertIn("url(#use-hatch)", [box.get("fill") for box in every(bhutan, "rect")])

    def test_what_has_no_place_stands_below(self):
        self.assertIn("Other areas", words(self.root))

    def test_links_are_24_pixels_at_least(self):
        for link in every(self.root, "a"):
            (box,) = every(link, "rect")
            self.assertGreaterEqual(float(box.get("width")), 24)
            self.assertGreaterEqual(float(box.get("height")), 24)

    def test_a_phone_shows_the_parts_of_the_world_that_were_asked_for(self):
        shown = words(read(tile_chart(MAP, frame().narrow())))
        self.assertIn("Asia", shown)
        self.assertNotIn("Africa", shown)
        self.assertIn("GRL", shown)

    def test_countries_not_given_are_empty_places(self):
        empty = every(self.root, "rect", "chart-elsewhere")
        drawn = len(GRID.keys() - {"NPL", "IND", "LKA", "BTN"} - ONLY_WHEN_GIVEN)
        self.assertEqual(len(empty), drawn + 1)  # and the one in the key

    def test_the_same_country_twice_is_refused(self):
        with self.assertRaisesMessage(ValueError, "Given twice: NPL."):
            country_tiles(tile("NPL", 1), tile("NPL", 2))


class ClassTests(SimpleTestCase):
    def classes(self, *values) -> list[int | None]:
        data = country_tiles(*(tile(f"X{n}", value) for n, value in enumerate(values)))
        found = classes_of(data)
        return [found.get(f"X{n}") for n in range(len(values))]

    def test_each_class_holds_about_as_many(self):
        self.assertEqual(self.classes(*range(10)), [1, 1, 2, 2, 3, 3, 4, 4, 5, 5])

    def test_equal_figures_share_a_class_and_numbers_leave_none_out(self):
        self.assertEqual(self.classes(*[7] * 9, 8), [1] * 9 + [2])

    def test_missing_has_none(self):
        self.assertEqual(self.classes(1, None, 2), [1, None, 2])

    def test_the_table_has_the_class_too(self):
        rows = list(table_rows(MAP))
        self.assertEqual(rows[0], ["Country", "Code", "Period", "Value", "Class", "Note"])
        self.assertEqual(rows[1], ["Bhutan", "BTN", "", "", "", ""])
        self.assertEqual(rows[3], ["India", "IND", "2024", "61", "3", "provisional"])
