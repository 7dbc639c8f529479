"""Names of columns, for rows that are read with no more than what is shown of them."""

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

from django.core.exceptions import FieldError
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.db.models.query import ModelIterable


def columns_of(model: type[Model], path: str = "") -> list[str]:
    """Every column of a model; ``path`` leads to it, as ``evidence__``."""
    return [f"{path}{field.name}" for field in model._meta.concrete_fields]


def column_names(*people: str) -> list[str]:
    """The columns from which people are named, to whom these paths lead."""
    return [
        f"{person}__{name}" for person in people for name in ("first_name", "last_name", "username")
    ]


def how_many(rows: QuerySet[Any], by: str) -> Coalesce:
    """How many of these rows refer by a column to the row of another query, as its column."""
    own = rows.filter(**{by: OuterRef("pk")}).order_by().values(by)
    return Coalesce(Subquery(own.annotate(n=Count("*")).values("n")), 0)


# ---- Long lists, ids first: a narrow query finds the ids, in order; the rows are read by them.
# What a list shows of a row is asked for the rows of one page (or of one batch of a file) alone, so
# the query that filters, sorts and counts stays small, and a later page costs as much as the first.

A_PAGE = 50
"""Rows of a page, at most; a file has more at once."""

RowsOf = Callable[[Sequence[Any]], Mapping[Any, Any]]
"""The rows with these ids, by id, with all that is shown of them; ``in_bulk`` of a queryset is one.

Asks a fixed number of queries, however many ids it is given; a row that is gone is left out.
"""


def named_only(rows: QuerySet[Any], *columns: str) -> QuerySet[Any]:
    """Rows of which these columns are read, and no other ever is: asking for one raises.

    For readers outside: what the query does not name stands on no page and in no file of theirs,
    whatever a template asks of a row, or of one that is read with it.
    """
    found = rows.only(*columns)
    found._iterable_class = _Closed
    return found


class _Closed(ModelIterable):  # type: ignore[type-arg]
    def __iter__(self) -> Iterator[Any]:
        for row in super().__iter__():
            _close(row)
            yield row


def _close(row: Model) -> None:
    if "refresh_from_db" in vars(row):
        return  # One to one, and back.
    # Django asks this of a row for each column that was not read.
    vars(row)["refresh_from_db"] = partial(_refuse, type(row).__name__)
    for beside in row._state.fields_cache.values():
        if isinstance(beside, Model):
            _close(beside)


def _refuse(kind: str, *_given: Any, fields: Sequence[str] = (), **_more: Any) -> None:
    raise FieldError(f"{kind}.{', '.join(fields)} is not for this reader.")


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

    The ids of a query are read at once, which takes eight bytes each: so nothing stays open in the
    database for as long as somebody downloads, and a fault of it is met before anything was sent.
    What the query does not find any more when the turn comes to its batch is left out: it may have
    been unpublished. ``found`` may also be the ids themselves.
    """
    keys: Any = found
    if isinstance(found, QuerySet):
        keys = array("q", ids_of(found).iterator(chunk_size=10_000))
    batches = (list(keys[start : start + batch]) for start in range(0, len(keys), batch))
    if isinstance(found, QuerySet):
        batches = (_still_found(found, some) for some in batches)
    return chain.from_iterable(rows_in_order(some, rows_of) for some in batches)


def _still_found(found: QuerySet[Any], ids: list[int]) -> list[int]:
    still = set(ids_of(found.filter(pk__in=ids).order_by()))
    return [pk for pk in ids if pk in still]
