"""Columns that only describe, beside those that tell figures apart. All figures are made up."""

from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations.readers.statistics import FigureRow
from tests.depth import times
from tests.readers.statistics.files import ReadingTestCase, figures, opened

REGIONS = "country,region,rank,2018,2019\n" + "".join(
    f"C{n},{'North' if n % 2 else 'South'},{n},{n},{n + 0.5}\n" for n in range(1, 9)
)


def of(*rows: str, header: str, **said: object) -> list[FigureRow]:
    return figures("\n".join((header, *rows, "")), **{"kept": frozenset(), **said})


class DescribingTests(ReadingTestCase):
    def test_what_follows_from_the_area_is_a_comment_and_told_as_such(self) -> None:
        found = figures(REGIONS, kept=frozenset())
        self.assertEqual({row.dimensions for row in found}, {""})
        self.assertEqual(found[0].comment, "region: North; rank: 1")
        uses = {column.header: column.use for column in opened(REGIONS, kept=frozenset()).columns}
        self.assertEqual(uses["region"], "description")
        # All stay where nobody said which are on record, and those that are.
        self.assertEqual(figures(REGIONS)[0].dimensions, "RANK=1|REGION=North")
        kept = figures(REGIONS, kept=frozenset({"REGION"}))
        self.assertEqual((kept[0].dimensions, kept[0].comment), ("REGION=North", "rank: 1"))

    def test_what_tells_rows_apart_or_is_the_same_for_all_areas_stays(self) -> None:
        header = "country,year,sex,label,kind,value"
        rows = [
            f"C{n},2018,{sex},{label},women and men,{n}"
            for n in range(9)
            for sex, label in (("F", "Women"), ("M", "Men"))
        ]
        self.assertEqual(
            of(*rows, header=header)[0].dimensions, "KIND=women and men|LABEL=Women|SEX=F"
        )
        # Two dimensions that happen to go together are both parts.
        rows = [f"C{n},2018,{part},x,{n}" for n in range(9) for part in ("F,young", "M,old")]
        found = of(*rows, header="country,year,sex,age,kind,value")
        self.assertEqual(found[0].dimensions, "AGE=young|KIND=x|SEX=F")

    def test_what_differs_by_period_describes_only_where_that_is_no_chance(self) -> None:
        header = "country,year,survey,value"
        rows = [f"C{n},{year},S{n}/{year},{n}" for n in range(9) for year in (2018, 2019)]
        found = of(*rows, header=header)
        self.assertEqual((found[0].dimensions, found[0].comment), ("", "survey: S0/2018"))
        few = of(*rows[:10], header=header)
        self.assertEqual(few[0].dimensions, "SURVEY=S0/2018")
        # Bounds are no codes, however few areas there are.
        low = ("C1,2018,4.5,5", "C1,2019,..,6", "C2,2018,7,7")
        self.assertEqual(of(*low, header="country,year,lower,value")[0].comment, "lower: 4.5")
        whole = ("7,C1,2018,4,5", "8,C1,2018,4,6", "9,C2,2018,4,7")
        [first, *_more] = of(*whole, header="id,country,year,CILow,value")
        self.assertEqual((first.dimensions, first.comment), ("", "id: 7; CILow: 4"))
        # An empty cell may stand for the total.
        rows = [f"C{n},{told},{n}" for n in range(9) for told in ("2018,", "2019,urban")]
        self.assertEqual(of(*rows, header="country,year,place,value")[1].dimensions, "PLACE=urban")
        # A file about one area leaves all of its columns as they are, but for bounds.
        one = of("2018,F,.5,1", "2019,M,1.5,2", header="year,sex,lower,value")
        told = [(row.dimensions, row.comment) for row in one]
        self.assertEqual(told, [("SEX=F", "lower: .5"), ("SEX=M", "lower: 1.5")])

    def test_what_was_a_comment_stays_one(self) -> None:
        rows = ("C1,2018,North,1", "C1,2018,South,2")
        found = of(*rows, header="country,year,region,value", described=frozenset({"REGION"}))
        self.assertEqual([row.comment for row in found], ["region: North", "region: South"])
        self.assertEqual({row.dimensions for row in found}, {""})

    @settings(max_examples=times(60, 2000))
    @given(
        st.lists(
            st.tuples(*[st.sampled_from(each) for each in ("abcdefgh", "789", " xy", "pq", " r")]),
            unique_by=lambda row: row,
            min_size=1,
            max_size=40,
        )
    )
    def test_no_rows_are_merged_that_were_apart(self, rows: list[tuple[str, ...]]) -> None:
        lines = [f"{area}{area},201{year},{','.join(more)},1" for area, year, *more in rows]
        header = "country,year,one,two,three,value"

        def keys(found: list[FigureRow]) -> int:
            return len({(row.area, row.period, row.dimensions) for row in found})

        found = of(*lines, header=header)
        self.assertEqual(keys(found), keys(of(*lines, header=header, kept=None)))
