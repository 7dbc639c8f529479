"""Making all kept states again, and finding those that are not what they should be."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from recommendations.models import (
    ChainHead,
    ReadModel,
    Recommendation,
    RecommendationState,
    SearchDocument,
)
from recommendations.search import documents
from recommendations.state.refresh import as_parameter, refresh, stamp
from recommendations.state.statement import COLUMNS, drift_statement, refresh_statement

AT_ONCE = 5_000
"""Recommendations that are worked out by one statement; others may write in between."""

NAME = "recommendations"

Progress = Callable[[int, int], None]
"""Is told how much is done, and how much there is to do."""


@dataclass(frozen=True, slots=True)
class Drift:
    """A column of the kept state that is not what it should be; a row that lacks has no column."""

    recommendation_id: int
    column: str
    kept: Any = None
    computed: Any = None


def rebuild(progress: Progress = lambda done, total: None) -> int:
    """Work every kept state out again; how many rows changed. Writers wait a chunk at most."""
    total, done, changed = Recommendation.objects.count(), 0, 0
    for ids in _chunks():
        with transaction.atomic():
            # As every writer does, so that nobody changes what is being read.
            head, _is_new = ChainHead.objects.select_for_update().get_or_create(pk=1)
            changed += refresh(ids)
            # What was counted before is not asked for any more.
            stamp(ids, head.last_sequence)
        done += len(ids)
        progress(done, max(total, done))
    ReadModel.objects.update_or_create(name=NAME, defaults={"digest": digest()})
    return changed


def bring_up_to_date(
    progress: Progress = lambda done, total: None, *, is_stale: bool = False
) -> bool:
    """Rebuild where the tables hold the states of another release; whether that was so.

    ``is_stale``: rows were written without an entry of the record, so rebuild in any case.
    """
    if is_up_to_date() and not is_stale:
        return False
    rebuild(progress)
    return True


def is_up_to_date() -> bool:
    """Whether the tables hold states as this release works them out."""
    return ReadModel.objects.filter(name=NAME, digest=digest()).exists()


def is_there(connection: BaseDatabaseWrapper) -> bool:
    """Whether the tables of the kept state are in this database, all of them."""
    wanted = {model._meta.db_table for model in (ReadModel, RecommendationState, SearchDocument)}
    return wanted <= set(connection.introspection.table_names())


def digest() -> str:
    """Stands for the definition of the kept state, words included."""
    definition = refresh_statement("postgresql") + documents.definition()
    return hashlib.sha256(definition.encode()).hexdigest()


def drift(ids: Sequence[int]) -> Iterator[Drift]:
    """What differs between the kept states of these recommendations and what they should be."""
    connection = connections[router.db_for_write(RecommendationState)]
    names = [name for name in COLUMNS if name != "recommendation_id"]
    with connection.cursor() as cursor:
        cursor.execute(drift_statement(connection.vendor), [as_parameter(connection, ids)])
        rows = cursor.fetchall()
    for key, is_missing, *values in rows:
        if is_missing:
            yield Drift(key, "")
            continue
        triples = zip(names, values[::3], values[1::3], values[2::3], strict=True)
        for name, kept, computed, differs in triples:
            if differs:
                yield Drift(key, name, *(_python(name, value) for value in (kept, computed)))
    for key, name in documents.drift(ids):
        yield Drift(key, f"words ({name})")


def _python(name: str, value: Any) -> Any:
    """SQLite knows no truth values."""
    is_truth = RecommendationState._meta.get_field(name).get_internal_type() == "BooleanField"
    return bool(value) if is_truth and value in (0, 1) else value


def _chunks() -> Iterator[list[int]]:
    last = 0
    while True:
        following = Recommendation.objects.filter(pk__gt=last).order_by("pk")
        ids = list(following.values_list("pk", flat=True)[:AT_ONCE])
        if not ids:
            return
        yield ids
        last = ids[-1]
