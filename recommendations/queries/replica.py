"""Reading pages from a copy of the database that follows it: each from one, as of one moment.

Whoever has just written something reads the copy once it has that. A copy that is far behind, or
does not answer, is left alone for a while. Sessions, people and all that is written stay with the
database itself, which ``DATABASES`` calls default.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, transaction
from django.db.models import Model
from django.utils import timezone

from recommendations.models import AuditEvent
from recommendations.queries.cache import Version, version_of

T = TypeVar("T")

logger = logging.getLogger(__name__)

REPLICA = "replica"
FAULTS = (DatabaseError, InterfaceError)

REST = 10.0
"""Seconds for which a copy that did not answer is left alone."""

CHECKED_FOR = 2.0
"""Seconds for which a process goes by what it found of how far the copy is behind."""

_is_reading: ContextVar[bool] = ContextVar("is_reading_replica", default=False)


class ReplicaRouter:
    """Reads go to the copy while a page is read from it; writes never."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        return REPLICA if _is_reading.get() else None

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, first: Model, second: Model, **hints: Any) -> bool:
        return True

    def allow_migrate(self, alias: str, app_label: str, **hints: Any) -> bool | None:
        return False if alias == REPLICA else None


@dataclass(slots=True)
class _Watch:
    """What this process knows of the copy; times are of the monotonic clock."""

    rests_until: float = 0.0
    checked_at: float = float("-inf")
    seconds_behind: float = 0.0


_watch = _Watch()


def is_configured() -> bool:
    return REPLICA in settings.DATABASES


def read_page(needed: int, read: Callable[[Version | None], T]) -> tuple[T, str]:
    """What ``read`` gives, from the copy where it may be; ``needed`` is an event it must have.

    And from where: ``replica``, or why not: ``own write``, ``behind``, ``fault``.
    ``read`` is told the version of the copy, or nothing where it reads the database itself: after a
    fault of the copy it is called a second time.
    """
    if time.monotonic() < _watch.rests_until:
        return read(None), "fault"
    try:
        if seconds_behind() > settings.DATABASE_REPLICA_MAX_LAG:
            return read(None), "behind"
        with one_moment() as version:
            if version.sequence >= needed:
                return read(version), "replica"
    except FAULTS as error:
        _watch.rests_until = time.monotonic() + REST
        logger.warning("the replica failed, pages are read from the primary: %s", error)
        return read(None), "fault"
    return read(None), "own write"


@contextmanager
def one_moment() -> Iterator[Version]:
    """Read from the copy, all as of the version that this gives.

    One transaction, repeatable and read-only by the settings of the connection.
    """
    with transaction.atomic(using=REPLICA):
        token = _is_reading.set(True)
        try:
            yield version_of(REPLICA)
        finally:
            _is_reading.reset(token)


def seconds_behind() -> float:
    """The age of the first event that the copy lacks, 0 where it has all: asked now and then."""
    now = time.monotonic()
    if now - _watch.checked_at > CHECKED_FOR:
        before = _watch.seconds_behind
        _watch.seconds_behind = ask_seconds_behind()
        _watch.checked_at = now
        most = settings.DATABASE_REPLICA_MAX_LAG
        if before <= most < _watch.seconds_behind:
            behind = round(_watch.seconds_behind)
            logger.warning("the replica is %d s behind, pages are read from the primary", behind)
    return _watch.seconds_behind


def ask_seconds_behind() -> float:
    """The same, asked now. Where the database itself does not answer nothing newer is to be had."""
    last = version_of(REPLICA).sequence
    later = AuditEvent.objects.using(DEFAULT_DB_ALIAS).filter(sequence__gt=last)
    try:
        lacked = later.order_by("sequence").values_list("at", flat=True).first()
    except FAULTS:
        return 0.0
    return 0.0 if lacked is None else max(0.0, (timezone.now() - lacked).total_seconds())
