"""Long lists, ids first: a narrow query finds the ids, in order; the rows are read by them.

What a list shows of a row is asked for the rows of one page (or of one batch of a file) alone, so
the query that filters, sorts and counts stays small, and a later page costs as much as the first.
"""

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
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


Found = QuerySet[Any] | Sequence[Any]
"""What a filter finds: a query, or ids that are kept."""


def ids_of(found: Found) -> Any:
    """The ids of what was found in its order, without the columns of its rows."""
    return found.values_list("pk", flat=True) if isinstance(found, QuerySet) else found


def read_rows(found: Found, rows_of: RowsOf, batch: int) -> Iterator[Any]:
    """All rows of a list one after the other, a batch of them held at once.

    The ids are read at once, which takes eight bytes each: so nothing stays open in the database
    for as long as somebody downloads, and a fault of it is met before anything was sent. What the
    list does not find any more when the turn comes to its batch is left out: it may have been
    unpublished.
    """
    is_query = isinstance(found, QuerySet)
    ids = array("q", ids_of(found).iterator(chunk_size=10_000) if is_query else found)
    batches = (ids[start : start + batch].tolist() for start in range(0, len(ids), batch))
    return chain.from_iterable(_still_found(found, some, rows_of) for some in batches)


def _still_found(found: Found, ids: list[int], rows_of: RowsOf) -> list[Any]:
    if not isinstance(found, QuerySet):
        return rows_in_order(ids, rows_of)
    still = set(ids_of(found.filter(pk__in=ids).order_by()))
    return rows_in_order([pk for pk in ids if pk in still], rows_of)
