"""Verification: the chain, the guards, and every table compared with what the chain says."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from recommendations import guards
from recommendations.audit.chain import Verdict, verify_chain
from recommendations.audit.findings import Faults, TableFault, attempt
from recommendations.audit.kept import compare_state_counts, compare_states
from recommendations.audit.snapshots import tracked_models
from recommendations.audit.tables import Derive, TableReader
from recommendations.guards import GuardFault
from recommendations.models import AuditEvent, AuditRow, Recommendation

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
            yield _("Places that could not be compared: %d.") % self.not_compared


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
        for model in tracked_models(apps):
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
        read: list[Any] = [] if is_quick else [*tracked_models(apps), Recommendation]
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
