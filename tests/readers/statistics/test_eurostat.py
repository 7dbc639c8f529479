"""Tab-separated tables of Eurostat. All figures are made up.

The shape is that of its bulk download and of its API with ``format=TSV``: dimensions in the first
column, periods padded with a blank, flags behind values.
"""

from decimal import Decimal
from unittest import TestCase

from tests.readers.statistics.files import fault, figures, opened, rejections, spelt

HEAD = "freq,indic_is,unit,geo\\TIME_PERIOD\t2019 \t2020 \n"
DATA = HEAD + "A,I_ILT12,PC_IND,NA\t81.5 e\t: c\nA,I_ILT12,PC_IND,EL\t: \t90 bp\n"


class EurostatTests(TestCase):
    def test_a_table(self) -> None:
        file = opened(DATA)
        found = list(file.rows)
        self.assertEqual(file.format, "eurostat_tsv")
        self.assertIn("geo\\TIME_PERIOD", file.why)
        self.assertEqual(
            [(row.area.code, row.period, row.value, row.obs_status) for row in found],
            [
                ("NA", "2019", Decimal("81.5"), "E"),
                ("NA", "2020", None, "Q"),
                ("EL", "2019", None, "O"),
                ("EL", "2020", Decimal(90), "B"),
            ],
        )
        self.assertEqual({row.dimensions for row in found}, {"INDIC_IS=I_ILT12"})
        self.assertEqual({row.unit for row in found}, {"PC_IND"})

    def test_periods_of_all_lengths_and_the_older_header(self) -> None:
        data = "unit,geo\\time\t2019Q1\t2019M02 \t2019S2\nPC,DE\t1\t2\t3\n"
        periods = [row.period for row in figures(data)]
        self.assertEqual(periods, ["2019-Q1", "2019-02", "2019-S2"])

    def test_months_of_many_years_and_no_more(self) -> None:
        months = [f"{year}-{month:02}" for year in range(1990, 2025) for month in range(1, 13)]
        head = "\t".join(["unit,geo\\TIME_PERIOD", *months])
        data = "\n".join([head, "\t".join(["PC,DE", *["1.5"] * len(months)]), ""])
        self.assertEqual(len(figures(data)), 420)
        wide = "\t".join(["area", *(f"c{n}" for n in range(2_000))])
        self.assertIn("more than 2000 columns", fault(f"{wide}\n"))

    def test_ends_of_lines_and_marks_of_encodings_change_nothing(self) -> None:
        for data in spelt(DATA):
            self.assertEqual(figures(data), figures(DATA))

    def test_what_cannot_be_read_is_told(self) -> None:
        told = rejections(HEAD + "A,PC_IND,NA\t1\t2\nA,X,PC,DE\t1.5 c\tabout 5\nA,X,PC,DE\t1\n")
        for row, words in zip(
            told, ("has 3 dimensions", "confidential", "more than a number", "cells"), strict=True
        ):
            self.assertIn(words, row)
        self.assertIn(
            "is not a period", fault("geo\\time\t2019\tx\nDE\t1\t2\n", format="eurostat_tsv")
        )
        self.assertIn("header but no rows", fault(HEAD))
