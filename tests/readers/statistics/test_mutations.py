"""Files of each format with anything changed in them: read or refused, and every row counted."""

import io
import random
from collections.abc import Callable
from unittest import TestCase

from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations.readers import TableError
from recommendations.readers.statistics import FigureRow, Rejected, open_figures
from recommendations.readers.statistics.reading import Use
from tests.depth import times
from tests.readers.statistics.test_opening import ANSWER, SAMPLES

WIDE = {"world_bank": 3, "eurostat_tsv": 3, "open_sdg_wide": 3, "imf_weo": 3, "undp_hdr": 2}
"""Formats with several figures a row: how many periods or parts the files here have."""

CELLS = (
    *("", "NA", ".", ":", ": c", "12.3 bp", "1,5", "1.234.567", "<2.5", "5 %", "=1+1", "'=1"),
    *("2018", "2018-Q5", "2018-06-31", "x" * 300, "é", "\u202e", "\u0000", '"', "1e999", "-0"),
    *("|", ";", "\t", "\\", "NaN", "Infinity", "१२", "A|B", "SEX=F", "0" * 70),
)


def of_several_rows(code: str) -> str:
    """The sample of a format with ten rows, and in wide tables with several columns."""
    if code == "world_bank_api":
        row = SAMPLES[code].split("[", 2)[2][:-2]
        return ANSWER % ",\n".join([row] * 10)
    head, row = SAMPLES[code].splitlines()
    mark = "\t" if "\t" in head else ","
    if code in ("world_bank", "eurostat_tsv", "imf_weo"):
        head, row = f"{head}{mark}2019{mark}2020", f"{row}{mark}6{mark}7"
    if code == "open_sdg_wide":
        head, row = f"{head},age:15-24|sex:female", f"{row}6"
        row += "," * (head.count(",") - row.count(","))
    return "\n".join([head, *[row] * 10, ""])


def other_cell(chance: random.Random, data: str) -> str:
    lines = data.split("\n")
    at = chance.randrange(len(lines))
    mark = "\t" if "\t" in lines[at] else ","
    cells = lines[at].split(mark)
    cells[chance.randrange(len(cells))] = chance.choice(CELLS)
    lines[at] = mark.join(cells)
    return "\n".join(lines)


def other_line(chance: random.Random, data: str) -> str:
    lines = data.split("\n")
    at = chance.randrange(len(lines))
    lines[at : at + 1] = chance.choice([[], ["", lines[at]], [lines[at]] * 2, [lines[at][:-3]]])
    return "\n".join(lines)


def other_mark(chance: random.Random, data: str) -> str:
    return data.replace(chance.choice(',\t:"['), chance.choice(',;\t|:"'), chance.randint(1, 40))


def other_character(chance: random.Random, data: str) -> str:
    at = chance.randrange(len(data) + 1)
    return (
        data[:at] + chance.choice(["\ufeff", "\r", "\n", "\u2028", "0", "x", ""]) + data[at + 1 :]
    )


CHANGES: tuple[Callable[[random.Random, str], str], ...] = (
    *(other_cell, other_cell, other_line, other_mark, other_character),
)


class MutationTests(TestCase):
    def test_whatever_is_changed_every_row_is_taken_refused_or_skipped(self) -> None:
        for code in SAMPLES:
            with self.subTest(code):
                file = open_figures(io.BytesIO(of_several_rows(code).encode()))
                self.assertEqual(len(list(file.rows)) + file.counts.empty, 10 * WIDE.get(code, 1))
                self.change(code)

    def change(self, code: str) -> None:
        whole = of_several_rows(code)

        @settings(max_examples=times(8, 500))
        @given(seed=st.integers(0, 2**32), is_named=st.booleans())
        def changed(seed: int, is_named: bool) -> None:
            chance = random.Random(seed)
            data = whole
            for _time in range(chance.randint(1, 4)):
                data = chance.choice(CHANGES)(chance, data)
            encoding = chance.choice(["utf-8", "utf-8", "utf-16", "cp1252"])
            self.assert_counted(data.encode(encoding, "replace"), code if is_named else "")

        changed()

    def assert_counted(self, data: bytes, code: str) -> None:
        try:
            file = open_figures(io.BytesIO(data), format=code)
            found = list(file.rows)
        except TableError as error:
            self.assertTrue(str(error))
            return
        counts = file.counts
        self.assertEqual(counts.figures, sum(isinstance(row, FigureRow) for row in found))
        self.assertEqual(counts.rejected, sum(isinstance(row, Rejected) for row in found))
        told = counts.figures + counts.rejected + counts.empty
        if file.format == "world_bank_api":
            told -= sum("lacks these pages" in str(row) for row in found)
        # A changed header may have more columns of values than its sample.
        most = max(1, sum(column.use is Use.VALUE for column in file.columns))
        self.assertLessEqual(counts.lines, told)
        self.assertLessEqual(told, counts.lines * most)
