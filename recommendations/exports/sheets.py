"""What an export is made of: named columns, and rows that are read a batch at a time."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from recommendations.characters import FORMULA, replace_invalid
from recommendations.columns import Column, Value

BATCH = 500
"""Rows that are held at once."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list that is ready to be written; ``rows`` can be read once."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Any]

    @property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]

    def lines(self) -> Iterator[list[Value]]:
        """The cells of each row. An empty text is missing; invalid characters are replaced."""
        for row in self.rows:
            yield [_cell(column.value(row)) for column in self.columns]


def _cell(value: Value) -> Value:
    return (replace_invalid(value) or None) if isinstance(value, str) else value


_RISKY = re.compile(rf"'*{FORMULA}")
_PLAIN_NUMBER = re.compile(r"-\d+(?:\.\d+)?")


def is_risky(text: str) -> bool:
    """Whether a program may take a text for a formula. A plain negative number is none."""
    return bool(_RISKY.match(text)) and not _PLAIN_NUMBER.fullmatch(text)


def in_batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """Rows, a batch at a time, for what is asked for a batch at once."""
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        yield batch
