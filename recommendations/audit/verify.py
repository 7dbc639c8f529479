"""Verification: the chain, the guards, and every table compared with what the chain says."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.utils.translation import gettext as _

from recommendations import guards
from recommendations.audit.chain import UNREADABLE, Verdict, verify_chain
from recommendations.audit.kept import compare_state_counts, compare_states
from recommendations.audit.snapshots import tracked_models
from recommendations.audit.tables import Derive, FaultKind, Faults, TableFault, TableReader
from recommendations.models import AuditEvent, AuditRow, Recommendation

Progress = Callable[[int, int], None]
"""Is told how much is done, and how much there is to do."""

TableCheck = Callable[[Faults], None]
"""Looks at tables that are not the app's own, and tells what is wrong with them."""


@dataclass(frozen=True, slots=True)
class Report:
    """What verification found in the chain, the guards and the tables.

    ``faults`` are the first of ``fault_count``. ``counts`` are events, rows of bulk events, and
    the rows of each table.
    """

    chain: Verdict
    is_quick: bool
    guards: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[TableFault, ...] = ()
    fault_count: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        return not self.total

    @property
    def total(self) -> int:
        """How many faults there are: that of the chain, those of guards and of tables."""
        return self.fault_count + len(self.guards) + (not self.chain.is_whole)

    def sentences(self) -> Iterator[str]:
        """Each fault that is told one by one, and how many more there are."""
        if self.chain.fault:
            yield self.chain.fault
        for name, fault in self.guards.items():
            yield _("The guard %(name)s is %(fault)s.") % {"name": name, "fault": fault}
        yield from map(str, self.faults)
        if more := self.fault_count - len(self.faults):
            yield _("And %d more.") % more


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
        faults, counts = Faults(), dict(work.counts)
        for model in tracked_models(apps):
            table = TableReader(model, derive.get(model._meta.label_lower), faults)
            try:
                count = table.compare_counts() if is_quick else table.compare(work.advance)
            except UNREADABLE:
                faults.add(FaultKind.UNREADABLE, table.table)
                continue
            counts[table.table] = count
        if is_quick:
            counts |= compare_state_counts(faults)
        else:
            counts |= compare_states(faults, work.advance)
        others(faults)
        return Report(
            chain, is_quick, guards.faults(connection), tuple(faults.first), faults.count, counts
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
        self.counts = {
            model._meta.db_table: model._base_manager.count() for model in (AuditEvent, AuditRow)
        }
        # The kept states are as many as the recommendations, and read beside these.
        read: list[Any] = [] if is_quick else [*tracked_models(apps), Recommendation]
        self._total = sum(self.counts.values()) + sum(m._base_manager.count() for m in read)
        self._done = 0
        self._progress = progress

    def advance(self, count: int) -> None:
        self._done += count
        self._progress(self._done, self._total)


@contextmanager
def one_moment() -> Iterator[None]:
    """Let all that is read inside be as of one moment, and keep nobody from writing."""
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
