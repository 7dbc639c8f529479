"""Statements whose plans a connection keeps: planning one often takes longer than running it."""

import re
from collections.abc import Sequence
from hashlib import sha256
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from django.db.backends.postgresql.base import CursorMixin
from psycopg import ClientCursor

_PLACE = re.compile("%[s%]")

LONGEST = 1024 * 1024
"""Bytes of a statement from which on its connection is given up after the request.

A connection keeps the memory that its longest statement took, and those of past days are long.
"""

_ready: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
"""The names of the statements that each connection holds ready."""


class Prepared(str):
    """The text of a statement, with ``%s`` for each value that is given with every call.

    ``types`` are those of the values. Whatever else it depends on is written out in it, so that
    its one plan knows which partial index serves.
    """

    name: str
    making: str
    call: str

    def __new__(cls, statement: str, types: Sequence[str]) -> "Prepared":
        made = super().__new__(cls, statement)
        made.name = f"kept_{sha256(statement.encode()).hexdigest()[:24]}"
        places = count(1)
        numbered = _PLACE.sub(
            lambda found: "%" if found[0] == "%%" else f"${next(places)}", statement
        )
        made.making = f"PREPARE {made.name}{_in_brackets(types)} AS {numbered}"
        made.call = f"EXECUTE {made.name}{_in_brackets(['%s'] * len(types))}"
        return made


def _in_brackets(items: Sequence[str]) -> str:
    return f" ({', '.join(items)})" if items else ""


class Cursor(CursorMixin, ClientCursor[Any]):
    """Makes what is ``Prepared`` ready once for its connection, and then calls it by its name.

    A transaction that is rolled back leaves it ready.
    """

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        if not isinstance(query, Prepared):
            found = super().execute(query, params, **options)
            if self._query and len(self._query.query) > LONGEST:
                self.connection._expire_at = 0
            return found
        ready = _ready.setdefault(self.connection, set())
        if query.name not in ready:
            super().execute(query.making)
            ready.add(query.name)
        return super().execute(query.call, params, **options)
