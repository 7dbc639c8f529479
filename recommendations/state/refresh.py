"""Refreshing what was touched, and rebuilding all of the kept state."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Coalesce

from recommendations.choices import UpdateState
from recommendations.models import (
    AuditEvent,
    AuditRow,
    ChainHead,
    EvidenceLink,
    Observation,
    ReadModel,
    Recommendation,
    RecommendationState,
    SearchDocument,
    StatusUpdate,
)
from recommendations.search import documents
from recommendations.state import urgency
from recommendations.state.statement import (
    COLUMNS,
    DIFFERS,
    IDS,
    drift_statement,
    refresh_statement,
)

# ---- Which rows an entry of the record touched, and whose state follows from them

KEYS_AT_ONCE = 5_000
"""Keys in one question: databases take so many parameters and no more."""


class Touched:
    """What was changed so far: recommendations, and rows of other models by their label.

    Of those that are ``wordless`` no words changed that are searched.
    """

    def __init__(self) -> None:
        self.recommendations: set[int] = set()
        self.wordless: set[int] = set()
        self.others: dict[str, set[Any]] = defaultdict(set)

    def add(
        self, label: str, pk: Any, recommendation_id: int | None, *, is_wordless: bool = False
    ) -> None:
        """Take in one row; of what belongs to a recommendation that alone is of interest."""
        if recommendation_id is not None:
            (self.wordless if is_wordless else self.recommendations).add(recommendation_id)
        elif pk and (label in DEPENDENT or label == SOURCE):  # some acts are of no one row
            self.others[label].add(pk)

    def recommendation_ids(self) -> list[int]:
        """All recommendations whose state and words may have changed, in order."""
        found = set(self.recommendations)
        for label, keys in self.others.items():
            if dependent := DEPENDENT.get(label):
                for some in batches(sorted(keys, key=str)):
                    found.update(dependent(some).order_by().values_list("pk", flat=True))
        return sorted(found)

    def source_ids(self) -> list[int]:
        """Sources that were changed themselves."""
        return sorted(map(int, self.others.get(SOURCE, ())))


SOURCE = "recommendations.source"


def is_wordless(thing: Model) -> bool:
    """Whether no words of a row are searched: of an update that is not approved, and beside one."""
    update = thing if isinstance(thing, StatusUpdate) else thing._state.fields_cache.get("update")
    return isinstance(update, StatusUpdate) and update.state != UpdateState.APPROVED


def batches(keys: Collection[Any]) -> Iterable[list[Any]]:
    """Keys in lists that one statement takes."""
    rows = list(keys)
    return (rows[start : start + KEYS_AT_ONCE] for start in range(0, len(rows), KEYS_AT_ONCE))


def _through_evidence(path: str) -> Callable[[list[Any]], QuerySet[Any]]:
    name = f"current_update__evidence_links__evidence{path}__in"
    return lambda keys: Recommendation.objects.filter(**{name: keys})


def _with_evidence(keys: list[Any]) -> QuerySet[Any]:
    """Those to which it is linked, or to any update of which."""
    links = EvidenceLink.objects.filter(evidence__in=keys)
    linked = links.values(about=Coalesce("recommendation", "update__recommendation"))
    return Recommendation.objects.filter(pk__in=linked)


DEPENDENT: dict[str, Callable[[list[Any]], QuerySet[Any]]] = {
    "recommendations.evidence": _with_evidence,
    "recommendations.evidencecheck": _through_evidence("__checks"),
    "recommendations.evidencerevision": _through_evidence("__revisions"),
    "recommendations.storedfile": _through_evidence("__revisions__file"),
    "recommendations.indicator": lambda keys: Recommendation.objects.filter(
        indicator_links__indicator__in=keys
    ),
    "recommendations.organisation": lambda keys: Recommendation.objects.filter(lead__in=keys),
    "recommendations.theme": lambda keys: Recommendation.objects.filter(themes__in=keys),
    "recommendations.user": lambda keys: Recommendation.objects.filter(lead_officer__in=keys),
}
"""Rows that belong to no one recommendation: which ones rest on them, by the label of the model."""


def touched_since(known: datetime) -> set[int]:
    """All recommendations whose state, or what else lists show, may have changed after a moment.

    What belongs to none of these is as it was. A fixed number of statements for each kind of row
    that was changed.
    """
    touched = Touched()
    for found in (
        AuditEvent.objects.filter(at__gt=known),
        AuditRow.objects.filter(event__at__gt=known),
    ):
        own = found.filter(recommendation__isnull=False).order_by()
        touched.recommendations.update(own.values_list("recommendation", flat=True).distinct())
        others = found.filter(recommendation__isnull=True).order_by()
        for label, key in others.values_list("object_type", "object_id").distinct():
            touched.others[label].add(key)
    ids = set(touched.recommendation_ids())
    renamed = Recommendation.objects.filter(source__in=touched.source_ids())
    areas = map(int, touched.others.get("recommendations.area", ()))
    figures = Observation.objects.filter(
        Q(recorded_at__gt=known) | Q(import_run__undone_at__gt=known) | Q(area__in=list(areas))
    )
    # Which way an indicator moved follows from its figures.
    moved = figures.order_by().values("indicator")
    measured = Recommendation.objects.filter(indicator_links__indicator__in=moved)
    for rows in (renamed, measured):
        ids.update(rows.order_by().values_list("pk", flat=True))
    return ids


# ---- Refreshing kept states: a fixed number of statements, however many recommendations

MANY = 32
"""Recommendations from which on a wrong idea of the sizes of tables costs more than a look."""

_SEEM_EMPTY = """
SELECT oid::regclass::text FROM pg_class
WHERE oid = ANY(SELECT to_regclass(name) FROM unnest(%s::text[]) AS named(name))
AND reltuples BETWEEN 0 AND %s AND pg_relation_size(oid) > 8192
AND reltuples < 4 * pg_relation_size(oid) / current_setting('block_size')::int
"""
"""A page holds at least four rows: longer ones are stored elsewhere. So a small table that is
known to be small is left alone."""

_STAMPS = """
INSERT INTO recommendations_sourcestamp (source_id, sequence)
SELECT DISTINCT r.source_id, %s FROM recommendations_recommendation r WHERE r.id IN ({ids})
ON CONFLICT (source_id) DO UPDATE SET sequence = excluded.sequence
"""

_TITLES = """
UPDATE recommendations_state SET source_title = (
    SELECT s.title FROM recommendations_source s
    WHERE s.id = recommendations_state.source_id
)
WHERE source_id IN ({ids}) AND source_title {differs} (
    SELECT s.title FROM recommendations_source s
    WHERE s.id = recommendations_state.source_id
)
"""


def refresh_touched(touched: Touched, sequence: int) -> None:
    """Refresh all that follows from what was touched.

    ``sequence`` is the number of the last event of the entry.
    """
    if sources := touched.source_ids():
        _run(_TITLES, sources)
    worded = touched.recommendation_ids()
    for ids in batches(worded):
        refresh(ids)
        stamp(ids, sequence)
    for ids in batches(sorted(touched.wordless.difference(worded))):
        refresh_states(ids)
        stamp(ids, sequence)


def stamp(ids: Sequence[int], sequence: int) -> None:
    """Stamp the sources of these recommendations with the number of an event."""
    _run(_STAMPS, ids, sequence)


def refresh(ids: Sequence[int]) -> int:
    """Work the states and the words of these recommendations out; how many rows changed."""
    return refresh_states(ids) + documents.refresh(ids)


def refresh_states(ids: Sequence[int]) -> int:
    """The states alone."""
    connection = _connection()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(ids) >= MANY:
            _count_rows(cursor, len(ids))
        cursor.execute(_ready(connection.alias), [as_parameter(connection, ids)])
        changed = int(cursor.rowcount)
        urgency.turn(cursor, connection)
        return changed


@cache
def _ready(alias: str) -> str:
    """The statement; PostgreSQL plans it once for a connection.

    Planning it takes several times as long as running it for one recommendation.
    """
    connection: Any = connections[alias]
    statement = refresh_statement(connection.vendor)
    is_planned = connection.vendor == "postgresql"
    return connection.prepared(statement, ["bigint[]"]) if is_planned else statement


def _count_rows(cursor: Any, least: int) -> None:
    """Have PostgreSQL look again at tables that it takes for nearly empty and that are not.

    So they seem after many rows were rolled back, until it has looked by itself: not before they
    are committed. It would then go through all of them for each, which takes minutes for forty.
    """
    if found := seem_empty(cursor, _tables(), least):
        cursor.execute(f"ANALYZE {', '.join(found)}")


def seem_empty(cursor: Any, tables: Sequence[str], least: int) -> list[str]:
    """Those of these tables that PostgreSQL takes for empty beside their pages.

    It believes that they have ``least`` rows at most, and far fewer than their pages would hold.
    """
    cursor.execute(_SEEM_EMPTY, [tables, least])
    return [name for (name,) in cursor.fetchall()]


@cache
def _tables() -> list[str]:
    """The tables that the statement reads."""
    return sorted(set(re.findall(r"recommendations_[a-z_]+", refresh_statement("postgresql"))))


def as_parameter(connection: Any, ids: Sequence[int]) -> Any:
    """Ids as the one parameter that the statement takes them by."""
    return list(ids) if connection.vendor == "postgresql" else json.dumps(list(ids))


def _run(statement: str, ids: Sequence[int], *values: Any) -> None:
    """Run a statement that takes these values, and the ids."""
    connection = _connection()
    vendor = connection.vendor
    with connection.cursor() as cursor:
        cursor.execute(
            statement.format(ids=IDS[vendor], differs=DIFFERS[vendor]),
            [*values, as_parameter(connection, ids)],
        )


def _connection() -> Any:
    return connections[router.db_for_write(RecommendationState)]


# ---- Making all kept states again, and finding those that are not what they should be

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
    definition = refresh_statement("postgresql") + documents.definition() + urgency.definition()
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
