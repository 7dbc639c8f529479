"""Whether tables, kept state and record agree, and what does not."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Max, Model
from django.utils.translation import gettext as _

from recommendations import guards, state
from recommendations.audit.chain import Verdict, verify_chain
from recommendations.audit.findings import FaultKind, Faults, TableFault, attempt, walk, why
from recommendations.audit.rewind import replay
from recommendations.audit.snapshots import (
    DERIVED,
    odd_values,
    plain,
    recorded_fields,
    snapshots,
    tracked_models,
    untold,
)
from recommendations.guards import GuardFault
from recommendations.models import (
    AuditEvent,
    AuditRow,
    ChainHead,
    Recommendation,
    RecommendationState,
    SourceStamp,
)

# ---- Comparing the tables with the record: each row, column and link of every tracked model

BATCH = 200
"""Rows that are held in memory at once, with what the record says of them."""

Derive = Callable[[Sequence[Any]], Mapping[Any, Mapping[str, Any]]]
"""Works out the derived columns of rows: by primary key and name, as the columns hold them."""


class TableReader:
    """Compares the table of one model, and the tables of its links, with the record."""

    def __init__(self, model: type[models.Model], derive: Derive | None, faults: Faults) -> None:
        self.model = model
        self.label = model._meta.label_lower
        self.table = model._meta.db_table
        self._derive = derive
        self._faults = faults
        self._fields = {each.name: each for each in recorded_fields(model)}
        self._known = 0

    def compare_counts(self) -> int:
        """Tell whether there are as many rows as the record has; how many there are."""
        count, told = self.model._base_manager.count(), count_recorded(self.label)
        if count != told:
            self._faults.add(FaultKind.COUNT, self.table, found=count, expected=told)
        return count

    def compare(self, advance: Callable[[int], None]) -> int:
        """Tell of every row and column that differs, and of rows that are gone; how many rows."""
        count = 0
        for rows in walk(self.model._base_manager.all(), BATCH, self._tell_unreadable):
            self._compare_batch(rows)
            count += len(rows)
            advance(len(rows))
        if count_recorded(self.label) > self._known:
            last = ""
            while keys := _recorded_keys(self.label, last):
                last = keys[-1]
                self._faults.in_parts(keys, self._compare_keys, lambda key: (self.table, key))
        return count

    def _compare_batch(self, rows: Sequence[models.Model], unread: Collection[str] = ()) -> None:
        """Compare rows; columns that are ``unread`` were told of already."""

        def compare(some: Sequence[models.Model], faults: Faults) -> None:
            told = replay(self.label, [str(row.pk) for row in some])
            odd = odd_values(self.model, some)
            for row, holds in zip(some, snapshots(some, as_stored=True), strict=True):
                known = told.get(str(row.pk))
                if known is None:
                    faults.add(FaultKind.UNRECORDED, self.table, str(row.pk), name_of(row))
                    continue
                held = {**holds, **odd.get(row.pk, {})}
                for name in held.keys() & self._fields.keys() - set(unread):
                    found = as_recorded(held[name])
                    may_hold = [known[name]] if name in known else untold(self._fields[name])
                    if found not in may_hold:
                        self._differs(row, name, found, may_hold[-1], faults)
            self._known += len(told)

        self._faults.in_parts(rows, compare, self._place)
        if self._derive is not None and not unread:
            self._faults.in_parts(rows, self._compare_derived, self._place_of_derived)

    def _compare_derived(self, rows: Sequence[models.Model], faults: Faults) -> None:
        derived = self._derive(rows) if self._derive else {}
        for row in rows:
            for name, expected in derived.get(row.pk, {}).items():
                column: Any = self.model._meta.get_field(name)
                found = getattr(row, column.attname)
                if found != expected:
                    self._differs(row, name, as_recorded(found), as_recorded(expected), faults)

    def _place(self, row: models.Model) -> tuple[str, ...]:
        return self.table, str(row.pk), name_of(row)

    def _place_of_derived(self, row: models.Model) -> tuple[str, ...]:
        return *self._place(row), ", ".join(sorted(DERIVED.get(self.label, ())))

    def _differs(
        self, row: models.Model, name: str, found: object, expected: object, faults: Faults
    ) -> None:
        each: Any = self.model._meta.get_field(name)
        table = each.remote_field.through._meta.db_table if each.many_to_many else self.table
        place = (str(row.pk), name_of(row), name, found, expected)
        faults.add(FaultKind.DIFFERS, table, *place)

    def _tell_unreadable(self, key: object, error: Exception) -> None:
        """Name the columns of a row that hold what they cannot, and compare all others of it."""
        if key is None:
            self._faults.add(FaultKind.NOT_COMPARED, self.table, found=why(error))
            return
        found: dict[str, Any] = {}
        failed: list[str] = []
        with self._faults.comparing(self.table, str(key)):
            row = self.model._base_manager.filter(pk=key)
            known = replay(self.label, [str(key)]).get(str(key), {})
            for each in self.model._meta.concrete_fields:
                with attempt(partial(_note, failed, each.name)):
                    found[each.attname] = row.values_list(each.attname, flat=True)[0]
            for name in failed:
                values = {"field": name, "expected": known.get(name)}
                self._faults.add(FaultKind.UNREADABLE, self.table, str(key), **values)
            if not failed:
                self._faults.add(FaultKind.NOT_COMPARED, self.table, str(key), found=why(error))
                return
            held = [found.get(each.attname) for each in self.model._meta.concrete_fields]
            names = [each.attname for each in self.model._meta.concrete_fields]
            self._compare_batch([self.model.from_db(None, names, held)], failed)

    def _compare_keys(self, keys: Sequence[str], faults: Faults) -> None:
        wanted = [pk for key in keys if (pk := as_key(self.model, key)) is not None]
        there = self.model._base_manager.filter(pk__in=wanted).values_list("pk", flat=True)
        present = {str(key) for key in there}
        for key in keys:
            if key not in present:
                faults.add(FaultKind.GONE, self.table, key)


def count_recorded(label: str) -> int:
    """How many things of a model the record knows."""
    own, rows = (found.values("object_id") for found in _recorded(label))
    return own.union(rows).count()


def name_of(row: models.Model) -> str:
    """What a row is called, where that can be told."""
    parts: list[str] = []
    with attempt(lambda _error: None):  # A row that was tampered with may lead nowhere.
        named = row.natural_key() if hasattr(row, "natural_key") else (str(row),)
        parts += [str(part) for part in named]
    return ", ".join(parts)


def _note(names: list[str], name: str, _error: Exception) -> None:
    names.append(name)


def _recorded(label: str, after: str = "") -> tuple[models.QuerySet[Any], models.QuerySet[Any]]:
    # A bulk event may have the kind of its rows, and no key.
    about = {"object_type": label, "object_id__gt": after}
    return (
        AuditEvent.objects.filter(**about).order_by(),
        AuditRow.objects.filter(**about).order_by(),
    )


def _recorded_keys(label: str, after: str) -> list[str]:
    """The next keys of things that the record knows, in order."""
    keys: set[str] = set()
    for found in _recorded(label, after):
        keys.update(
            found.values_list("object_id", flat=True).distinct().order_by("object_id")[:BATCH]
        )
    return sorted(keys)[:BATCH]


def as_key(model: type[models.Model], key: str) -> Any:
    """A key as its column has it; ``None`` where no row can have it."""
    try:
        return model._meta.pk.to_python(key)
    except ValidationError:
        return None


def as_recorded(value: object) -> Any:
    """A value as the record writes it; one of a kind that it knows not, as Python writes it."""
    try:
        return plain(value)
    except TypeError:
        return repr(value)


# ---- Comparing what is kept of recommendations and sources with what follows from their rows

BATCH_OF_STATES = 1_000
"""Kept states that are worked out again, and held in memory, at once."""

Counts = dict[str, int]


def compare_states(faults: Faults, advance: Callable[[int], None]) -> Counts:
    """Tell of every kept column that is not what it should be; how many rows each table has."""
    counts = compare_state_counts(faults)
    with faults.comparing(_STATES):
        for named in _batches():
            _compare_batch(faults, named)
            advance(len(named))
    with faults.comparing(_STAMPS):
        # A stamp is neither later than the head nor before an event about its source.
        head = ChainHead.objects.aggregate(last=Max("last_sequence"))["last"] or 0
        newest: dict[int, int] = {}
        tables: tuple[tuple[Any, str], ...] = ((AuditEvent, "sequence"), (AuditRow, "event"))
        for table, number in tables:
            about = table.objects.filter(recommendation__isnull=False).order_by()
            by_source = about.values_list("recommendation__source").annotate(newest=Max(number))
            for source, sequence in by_source:
                newest[source] = max(sequence, newest.get(source, 0))
        stamps = SourceStamp.objects.order_by("pk").values_list("pk", "source__slug", "sequence")
        for pk, slug, found in stamps:
            expected = min(max(found, newest.get(pk, 0)), head)
            if found != expected:
                place = (_STAMPS, str(pk), slug, "sequence")
                faults.add(FaultKind.DIFFERS, *place, found=found, expected=expected)
    return counts


def compare_state_counts(faults: Faults) -> Counts:
    """Tell whether each recommendation has one kept state, and each source with any one stamp."""
    counts: Counts = {}
    for model, of in (
        (RecommendationState, Recommendation.objects),
        (SourceStamp, Recommendation.objects.order_by().values("source").distinct()),
    ):
        with faults.comparing(model._meta.db_table):
            table, count, expected = model._meta.db_table, model._base_manager.count(), of.count()
            counts[table] = count
            if count != expected:
                faults.add(FaultKind.COUNT, table, found=count, expected=expected)
    return counts


def _compare_batch(faults: Faults, named: Mapping[int, str]) -> None:
    """Compare the states of these recommendations."""

    def compare(ids: Sequence[int], found: Faults) -> None:
        for each in state.drift(ids):
            place = (_STATES, str(each.recommendation_id), named.get(each.recommendation_id, ""))
            if not each.column:
                found.add(FaultKind.GONE, *place)
                continue
            values = {"found": as_recorded(each.kept), "expected": as_recorded(each.computed)}
            found.add(FaultKind.DIFFERS, *place, each.column, **values)

    faults.in_parts(list(named), compare, lambda key: (_STATES, str(key), named[key]))


_STATES, _STAMPS = (model._meta.db_table for model in (RecommendationState, SourceStamp))


def _batches() -> Iterator[dict[int, str]]:
    """References of recommendations by their ids, some at a time."""
    last = 0
    while True:
        following = Recommendation.objects.filter(pk__gt=last).order_by("pk")
        named = dict(following.values_list("pk", "reference")[:BATCH_OF_STATES])
        if not named:
            return
        yield named
        last = max(named)


# ---- Verification: the chain, the guards, and every table compared with what the chain says

Progress = Callable[[int, int], None]
"""Is told how much is done, and how much there is to do."""

TableCheck = Callable[[Faults], None]
"""Looks at tables that are not the app's own, and tells what is wrong with them."""


@dataclass(frozen=True, slots=True)
class Report:
    """What verification found in the chain, the guards and the tables.

    ``faults`` are the first of ``fault_count``. ``counts`` are events, rows of bulk events, and
    the rows of each table. ``not_compared`` of all faults are places that could not be compared.
    """

    chain: Verdict
    is_quick: bool
    guards: Mapping[str, GuardFault] = field(default_factory=dict)
    faults: tuple[TableFault, ...] = ()
    fault_count: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    not_compared: int = 0

    @property
    def is_whole(self) -> bool:
        return not self.total

    @property
    def total(self) -> int:
        """How many faults there are: of the chain, of guards and of tables."""
        return self.fault_count + len(self.guards) + self.chain.count

    def sentences(self) -> Iterator[str]:
        """Each fault that is told one by one, and how many more there are."""
        yield from self.chain.faults
        for name, fault in self.guards.items():
            yield fault.sentence(name)
        yield from map(str, self.faults)
        told = len(self.faults) + len(self.chain.faults)
        if more := self.fault_count + self.chain.count - told:
            yield _("And %d more.") % more
        if self.not_compared:
            yield _("Places that could not be compared: %(n)s.") % {"n": self.not_compared}


def verify(
    expect: tuple[int, str] | None = None,
    *,
    derive: Mapping[str, Derive],
    others: TableCheck,
    is_quick: bool = False,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Verify everything as of one moment, kept states included; writers are not held up.

    ``derive`` works out the derived columns of models, by label, and ``others`` looks at tables
    outside the record. ``is_quick`` compares the number of rows alone. Memory does not grow with
    the number of events or rows.
    """
    with one_moment():
        work = _Work(progress, is_quick)
        chain = verify_chain(expect, work.advance)
        faults, counts, found = Faults(), dict(work.counts), dict[str, GuardFault]()
        for model in tracked_models():
            table = TableReader(model, derive.get(model._meta.label_lower), faults)
            with faults.comparing(table.table):
                count = table.compare_counts() if is_quick else table.compare(work.advance)
                counts[table.table] = count
        if is_quick:
            counts |= compare_state_counts(faults)
        else:
            counts |= compare_states(faults, work.advance)
        others(faults)
        with faults.comparing(_("The guards")):
            found = guards.faults(connection)
        return Report(
            chain,
            is_quick,
            found,
            tuple(faults.first),
            faults.count,
            counts,
            faults.not_compared + chain.not_compared,
        )


def verify_states(progress: Progress = lambda done, total: None) -> Faults:
    """Compare the kept states alone, as of one moment, with the rows that they follow from."""
    with one_moment():
        faults, done, total = Faults(), 0, Recommendation.objects.count()

        def advance(count: int) -> None:
            nonlocal done
            done += count
            progress(done, total)

        compare_states(faults, advance)
        return faults


class _Work:
    """How much there is to read, and how much of it was read."""

    def __init__(self, progress: Progress, is_quick: bool) -> None:
        self.counts = {model._meta.db_table: self._count(model) for model in (AuditEvent, AuditRow)}
        # The kept states are as many as the recommendations, and read beside these.
        read: list[Any] = [] if is_quick else [*tracked_models(), Recommendation]
        self._total = sum(self.counts.values()) + sum(map(self._count, read))
        self._done = 0
        self._progress = progress

    def _count(self, model: type[Model]) -> int:
        """How many rows a table has; what is wrong with it is told when it is compared."""
        counted: list[int] = []
        with attempt(lambda _error: None):
            counted.append(model._base_manager.count())
        return sum(counted)

    def advance(self, count: int) -> None:
        self._done += count
        self._progress(self._done, self._total)


@contextmanager
def one_moment() -> Iterator[None]:
    """Let all that is read inside be as of one moment, and keep nobody from writing."""
    with _any_bytes(), _one_snapshot():
        yield


@contextmanager
def _any_bytes() -> Iterator[None]:
    """Read text of SQLite whose bytes are no UTF-8 with escapes in their place, not as an error."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    raw: Any = connection.connection
    before, raw.text_factory = raw.text_factory, lambda data: data.decode(errors="backslashreplace")
    try:
        yield
    finally:
        raw.text_factory = before


@contextmanager
def _one_snapshot() -> Iterator[None]:
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            _run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        # An atomic block would take the lock that writers need.
        _run("BEGIN DEFERRED")
        try:
            yield
        finally:
            _run("ROLLBACK")


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
