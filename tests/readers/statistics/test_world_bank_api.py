"""Answers of the World Bank's API. All figures are made up."""

import json
from dataclasses import replace
from datetime import date
from typing import Any
from unittest import TestCase

from recommendations.readers.statistics import AreaCodeList, AreaReference
from recommendations.readers.text_tables import JSON_CHUNK_BYTES, LONGEST_OBJECT
from tests.readers.statistics.files import fault, figure, figures, opened, rejections, rows

EXACT = "12345678901234567.123456"


def row(code: str = "NAM", value: str = "1.5", **said: Any) -> str:
    found = {
        "indicator": {"id": "MA.DE.UP", "value": "Made up"},
        "country": {"id": "NA", "value": "Namibia"},
        "countryiso3code": code,
        "date": "2018",
        "value": "%",
        "unit": "",
        "obs_status": "",
        "decimal": 1,
    }
    return json.dumps(found | said).replace('"%"', value)


def head(page: int = 1, pages: int = 1, **said: Any) -> str:
    found = {"page": page, "pages": pages, "per_page": 50, "total": 2, "lastupdated": "2031-06-28"}
    return json.dumps(found | said)


def answer(*found: str, page: int = 1, pages: int = 1) -> str:
    return f"[{head(page, pages)},[{','.join(found)}]]"


class ApiTests(TestCase):
    def test_a_row_keeps_its_digits_and_null_claims_nothing(self) -> None:
        rows = (row(value=EXACT), row(value="1e-7", date="2018Q3"), row(value="null"))
        file = opened(answer(*rows, row(value="0")))
        first, second, zero = file.rows
        self.assertEqual((file.format, file.vintage), ("world_bank_api", date(2031, 6, 28)))
        self.assertEqual(first.area, AreaReference("NAM", "Namibia", AreaCodeList.WORLD_BANK))
        self.assertEqual((str(first.value), first.indicator), (EXACT, "MA.DE.UP"))
        self.assertEqual((str(second.value), second.period), ("1E-7", "2018-Q3"))
        self.assertEqual((zero.value, file.counts.empty), (0, 1))

    def test_groups_and_codes_of_two_letters_statuses_and_units(self) -> None:
        world = AreaReference("WLD", "World", AreaCodeList.WORLD_BANK, is_aggregate=True)
        for code, country, place in (
            ("WLD", "1W", world),
            ("", "1W", replace(world, code="1W")),
            ("", "NA", AreaReference("NA", "World", AreaCodeList.ISO2)),
            ("XKX", "XK", AreaReference("XKX", "World", AreaCodeList.WORLD_BANK)),
        ):
            found = figure(answer(row(code, country={"id": country, "value": "World"})))
            self.assertEqual(found.area, place)
        found = figure(answer(row(obs_status="F", unit="percent")))
        self.assertEqual((found.obs_status, found.unit), ("F", "percent"))

    def test_pages_one_after_the_other_or_in_a_list_and_some_that_are_lacking(self) -> None:
        pages = [answer(row(date=str(2018 + n)), page=n, pages=3) for n in (1, 2, 3)]
        for data in ("".join(pages), "\n".join(pages), f"[{','.join(pages)}]"):
            self.assertEqual([each.period for each in figures(data)], ["2019", "2020", "2021"])
        told = rejections(pages[0].replace('"pages": 3', '"pages": 4') + pages[2])[0]
        self.assertIn("lacks these pages of the API response: 2, 4", told)

    def test_pieces_of_a_file_end_anywhere(self) -> None:
        for before in range(JSON_CHUNK_BYTES - 400, JSON_CHUNK_BYTES + 10, 7):
            data = " " * before + answer(row(), row(date="2019"))
            found = figures(data[before - 20 :] if before % 2 else data, format="world_bank_api")
            self.assertEqual([each.period for each in found], ["2018", "2019"])

    def test_rows_that_cannot_be_read_are_told(self) -> None:
        for bad, words in (
            (row(country=None), "no “country”"),
            (row(date="soon"), "not a period"),
            (row(obs_status="?"), "not a status"),
            (row(value='"5 %"'), "percent sign"),
            (row(value="true"), "not a number"),
            (row(value="NaN"), "not a number"),
            (row(country={"id": "N\0", "value": ""}), "invalid character"),
            (row("", country={"id": "", "value": ""}), "The row does not state an area."),
        ):
            with self.subTest(words):
                found = rows(f"[{head()},[\n{bad},\n{row()}]]")
                self.assertIn("Row 1: ", str(found[0]))
                self.assertIn(words, str(found[0]))
                self.assertEqual(str(found[1].value), "1.5")

    def test_what_is_broken_is_named_with_its_line(self) -> None:
        good = answer(row())
        error = '[{"message":[{"id":"120","key":"Invalid value","value":"No such indicator"}]}]'
        deep = '{"a":' * 1000 + "1" + "}" * 1000
        for data, words in (
            ("", "empty"),
            (error, "answered with an error: No such indicator"),
            (good[:-1], "Line 1: "),
            (good[:-40], "Line 1: "),
            (good + "x", "Line 1: "),
            (good.replace("]]", "]"), "Line 1: "),
            (f"[{head()},[{deep}]]", "not the JSON that is expected"),
            (f"[{head()},[\n[1]]]", "Line 2: "),
            (f"[{head()},[\n{row(unit='u' * 2 * LONGEST_OBJECT)}]]", "Line 2: "),
            (f'[{head()},[\n{row()[:-1]},"date":"2018"}}]]', "Line 2: "),
            (f"[{head(pages='many')},[]]", "is not a number"),
            (f"[{head()},null]", "The file has a header but no rows."),
            (f"[{head()}]", "The file has a header but no rows."),
            (good.encode().replace(b"Namibia", b"Nam\xffbia"), "Line 1 is not UTF-8"),
            (good.encode("utf-16"), "is not recognised"),
        ):
            with self.subTest(data=data[:60]):
                self.assertIn(words, fault(data))
