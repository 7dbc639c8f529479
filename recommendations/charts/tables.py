"""The twin of every picture: the same data as a table. A missing figure is an empty cell."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

Cell = str | int | Decimal | None


@dataclass(frozen=True, slots=True)
class Table:
    """A header and rows as long as it; None is a missing figure."""

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Data(Protocol):
    """What every picture is drawn from."""

    def table(self) -> Table: ...


def table_of(data: Data) -> Table:
    """The data of a picture for a page, which formats the figures as it does elsewhere."""
    return data.table()
