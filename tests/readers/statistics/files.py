"""Opening made-up files of statistics."""

import codecs
import io
import re
from operator import attrgetter
from typing import Any
from unittest import TestCase

from recommendations.readers import TableError
from recommendations.readers.statistics import (
    AreaReference,
    FigureFile,
    FigureRow,
    Rejected,
    open_figures,
)


def opened(data: str | bytes, **said: Any) -> FigureFile:
    return open_figures(io.BytesIO(data.encode() if isinstance(data, str) else data), **said)


def rows(data: str | bytes, **said: Any) -> list[FigureRow | Rejected]:
    return list(opened(data, **said).rows)


def figures(data: str | bytes, **said: Any) -> list[FigureRow]:
    """The figures of a file in which nothing is rejected."""
    found = rows(data, **said)
    refused = [str(row) for row in found if isinstance(row, Rejected)]
    assert not refused, refused
    return [row for row in found if isinstance(row, FigureRow)]


def figure(data: str | bytes, **said: Any) -> FigureRow:
    """The only figure of a file."""
    (found,) = figures(data, **said)
    return found


def rejections(data: str | bytes, **said: Any) -> list[str]:
    return [str(row) for row in rows(data, **said) if isinstance(row, Rejected)]


def fault(data: str | bytes, **said: Any) -> str:
    """Why a file cannot be read at all, or not to its end."""
    try:
        rows(data, **said)
    except TableError as error:
        return str(error)
    raise AssertionError("it was read")


def spelt(text: str) -> list[bytes]:
    """The same text with each end of line, with and without a mark of its encoding."""
    assert "\r" not in text
    encoded = [text.encode(), text.replace("\n", "\r\n").encode(), text.rstrip("\n").encode()]
    encoded.append(text.replace("\n", "\n\r").encode())
    return [
        *encoded,
        *(codecs.BOM_UTF8 + data for data in encoded),
        codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    ]


SHORT = {"code": "area.code", "status": "obs_status"}
"""Fields in tables of cases that have another name in a row."""


class ReadingTestCase(TestCase):
    """What a file holds and what comes out of it, as a text: the cases, one after the other.

    Behind ``##`` stands what a case is about, and below it the file. Then either ``!!`` with words
    why it is not read, or ``->`` with names of fields and below them each row: these fields of a
    figure, or ``!`` with words of its rejection. ``-`` is an empty field, an area is
    ``code:name:code list:group``. Behind ``where`` stands what a person states of the file.
    """

    def assert_cases(self, text: str) -> None:
        for case in f"\n{text}".split("\n## ")[1:]:
            title, rest = case.split("\n", 1)
            data, mark, told = re.split(r"^(!!|->) ?", rest, maxsplit=1, flags=re.MULTILINE)
            first, *expected = told.strip("\n").split("\n")
            first, _where, stated = first.partition(" where ")
            said = dict(each.split("=", 1) for each in stated.split("; ") if each)
            with self.subTest(title):
                if mark == "!!":
                    self.assertIn(first, fault(data, **said))
                else:
                    self.assert_rows(rows(data, **said), first.split(" | "), expected)

    def assert_rows(
        self, found: list[FigureRow | Rejected], fields: list[str], expected: list[str]
    ) -> None:
        self.assertEqual(len(found), len(expected), [*map(str, found)])
        for row, line in zip(found, expected, strict=True):
            if isinstance(row, Rejected):
                self.assertEqual(line[:2], "! ", row)
                self.assertIn(line[2:], str(row))
            else:
                self.assertEqual(" | ".join(_shown(row, field) for field in fields), line)


def _shown(row: FigureRow, field: str) -> str:
    found = attrgetter(SHORT.get(field, field))(row)
    if isinstance(found, AreaReference):
        is_group = ["group"] if found.is_aggregate else []
        parts = [found.code, found.name, found.code_list, *is_group, *found.described_by]
        found = ":".join(parts).rstrip(":")
    return "-" if found == "" else str(found)
