"""Long lists, ids first: a narrow query finds the ids, in order; the rows are read by them.

What a list shows of a row is asked for the rows of one page (or of one batch of a file) alone, so
the query that filters, sorts and counts stays small, and a later page costs as much as the first.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.db.models import QuerySet

RowsOf = Callable[[Sequence[Any]], Mapping[Any, Any]]
"""The rows with these ids, by id, with all that is shown of them; ``in_bulk`` of a queryset is one.

Asks a fixed number of queries, however many ids it is given; a row that is gone is left out.
"""


def rows_in_order(ids: Sequence[Any], rows_of: RowsOf) -> list[Any]:
    """The rows with these ids, in the order of the ids. Nothing is asked where there are none."""
    rows = rows_of(ids) if ids else {}
    return [rows[pk] for pk in ids if pk in rows]


def ids_of(found: QuerySet[Any]) -> QuerySet[Any, Any]:
    """The ids of a query in its order, without the columns of its rows."""
    return found.values_list("pk", flat=True)


def read_rows(found: QuerySet[Any], rows_of: RowsOf, batch: int) -> Iterator[Any]:
    """All rows of a list one after the other, a batch of them held at once."""
    ids = ids_of(found).iterator(chunk_size=batch)
    while some := list(islice(ids, batch)):
        yield from rows_in_order(some, rows_of)
