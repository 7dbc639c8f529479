"""What verification finds: places that differ, and places that could not be compared, with why.

A database that was tampered with may fail anywhere that it is read: a key leads nowhere, a column
holds what it cannot, a table is gone. So whatever is compared is compared inside ``attempt``,
``Faults.comparing`` or ``Faults.in_parts``: what fails there becomes a finding, and the rest goes
on. Only where the database itself does not answer verification ends.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from recommendations.faults import fault_of

MOST = 100
"""Faults that are told one by one; the rest is counted."""

LONGEST = 80
"""Characters of a value that a sentence about a fault repeats."""

T = TypeVar("T")

LONGEST_WHY = 200
"""Characters of an error that are repeated."""


class FaultKind(StrEnum):
    DIFFERS = "differs"
    UNRECORDED = "unrecorded"
    GONE = "gone"
    COUNT = "count"
    UNREADABLE = "unreadable"
    SIGNED = "signed"
    NOT_COMPARED = "not_compared"


@dataclass(frozen=True, slots=True)
class TableFault:
    """One place where a table and the record differ, or could not be compared.

    ``row`` is the key, ``name`` what the row is called, where that can be told; both are empty,
    and so is ``field``, where the fault is in more than one row or column. Of a place that could
    not be compared, ``found`` says why.
    """

    kind: FaultKind
    table: str
    row: str = ""
    name: str = ""
    field: str = ""
    found: Any = None
    expected: Any = None

    def __str__(self) -> str:
        values = {
            **asdict(self),
            "row": f"{self.row} ({self.name})" if self.name else self.row,
            "found": _shown(self.found),
            "expected": _shown(self.expected),
            "why": self.found,
        }
        return self._sentence() % values

    def _sentence(self) -> str:
        match self.kind:
            case FaultKind.NOT_COMPARED if self.field:
                return _("%(table)s, row %(row)s, %(field)s could not be compared: %(why)s")
            case FaultKind.NOT_COMPARED if self.row:
                return _("%(table)s, row %(row)s could not be compared: %(why)s")
            case FaultKind.NOT_COMPARED:
                return _("%(table)s could not be compared: %(why)s")
        return _SENTENCES[self.kind]()


_SENTENCES: dict[FaultKind, Callable[[], str]] = {
    FaultKind.DIFFERS: lambda: _(
        "%(table)s, row %(row)s, %(field)s: the table has %(found)s, the audit log %(expected)s."
    ),
    FaultKind.UNRECORDED: lambda: _("%(table)s, row %(row)s: no event recorded this row."),
    FaultKind.GONE: lambda: _(
        "%(table)s, row %(row)s: the row is in the audit log but not in the table."
    ),
    FaultKind.COUNT: lambda: _("%(table)s has %(found)s rows, the audit log %(expected)s."),
    FaultKind.SIGNED: lambda: _(
        "Sign-off %(row)s, %(field)s: now %(found)s, signed as %(expected)s."
    ),
    FaultKind.UNREADABLE: lambda: _(
        "%(table)s, row %(row)s, %(field)s: unreadable in the table, %(expected)s in the audit log."
    ),
}


def _shown(value: object) -> str:
    if value is None:
        return _("nothing")
    text = str(value)
    return f"“{text[:LONGEST]}…”" if len(text) > LONGEST else f"“{text}”"


@contextmanager
def attempt(failed: Callable[[Exception], object]) -> Iterator[None]:
    """Read and compare; where that fails ``failed`` is told, and what follows goes on.

    Where the database itself does not answer, the error goes up.
    """
    is_postgresql = connection.vendor == "postgresql"
    try:
        # Without a savepoint PostgreSQL would refuse all that follows an error.
        with transaction.atomic() if is_postgresql else nullcontext():
            yield
    except Exception as error:
        code = getattr(error.__cause__ or error, "sqlite_errorcode", 0)
        # Where a page of the file of SQLite is damaged, others can still be read.
        if fault_of(error) and code & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
        failed(error)


def why(error: Exception) -> str:
    """An error in words, as the reason why something could not be compared."""
    text = " ".join(str(error).split())[:LONGEST_WHY]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


@dataclass
class Faults:
    """Faults that were found: the first of them, and how many there are.

    ``not_compared`` are places of which nothing can be said.
    """

    first: list[TableFault] = field(default_factory=list)
    count: int = 0
    not_compared: int = 0

    def add(self, kind: FaultKind, table: str, *place: Any, **values: Any) -> None:
        self.count += 1
        self.not_compared += kind in (FaultKind.NOT_COMPARED, FaultKind.UNREADABLE)
        if self.count <= MOST:
            self.first.append(TableFault(kind, table, *place, **values))

    @contextmanager
    def comparing(self, table: str, *place: str) -> Iterator[None]:
        """Compare one place; where that fails it is told as not compared, with why."""

        def tell(error: Exception) -> None:
            self.add(FaultKind.NOT_COMPARED, table, *place, found=why(error))

        with attempt(tell):
            yield

    def in_parts(
        self,
        items: Sequence[T],
        compare: Callable[[Sequence[T], "Faults"], object],
        place: Callable[[T], tuple[str, ...]],
    ) -> None:
        """Compare items together; where that fails by halves, so that each that fails is named.

        ``place`` is the table, row, name and field by which one is told.
        """
        found = Faults()
        failed: list[Exception] = []
        with attempt(failed.append):
            compare(items, found)
        if not failed:
            self.first += found.first[: max(0, MOST - self.count)]
            self.count += found.count
            self.not_compared += found.not_compared
        elif len(items) > 1:
            half = len(items) // 2
            for some in (items[:half], items[half:]):
                self.in_parts(some, compare, place)
        else:
            self.add(FaultKind.NOT_COMPARED, *place(items[0]), found=why(failed[0]))


def walk(
    rows: models.QuerySet[Any], size: int, unreadable: Callable[[Any, Exception], object]
) -> Iterator[list[Any]]:
    """All rows in the order of their keys, at most so many at once.

    The key of each row that cannot be read is told, and ``None`` where the following keys cannot.
    """
    rows, last = rows.order_by("pk"), None
    while True:
        failed: list[Exception] = []
        keys: list[Any] = []
        with attempt(failed.append):
            following = rows if last is None else rows.filter(pk__gt=last)
            keys = list(following.values_list("pk", flat=True)[:size])
        # A key that is none has nothing after it that could be asked for.
        if failed or (keys and keys[-1] == last):
            unreadable(None, failed[0] if failed else ValueError(f"key {last!r}"))
            return
        if not keys:
            return
        yield from _read(rows, keys, unreadable)
        last = keys[-1]


def _read(
    rows: models.QuerySet[Any],
    keys: Sequence[Any],
    unreadable: Callable[[Any, Exception], object],
) -> Iterator[list[Any]]:
    failed: list[Exception] = []
    found: list[Any] = []
    with attempt(failed.append):
        found = list(rows.filter(pk__in=keys))
    if failed and len(keys) > 1:
        half = len(keys) // 2
        for some in (keys[:half], keys[half:]):
            yield from _read(rows, some, unreadable)
        return
    for key in set(keys) - {row.pk for row in found}:
        unreadable(key, failed[0] if failed else ValueError(f"key {key!r}"))
    if found:
        yield found
