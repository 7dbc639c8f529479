"""How far the record is, and what is kept in memory for as long."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock, RLock
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, router
from django.db.models import QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language

from recommendations import audit, permissions
from recommendations.models import ChainHead, User
from recommendations.permissions import Person

# ---- How far the record is: what every page asks first, and what is kept in memory goes by


@dataclass(frozen=True, slots=True)
class Version:
    """The last event: everything tracked changes by one. ``sequence`` orders, ``hash`` identifies.

    The hash names all that came before it, so it also tells apart what was recorded before and
    after a backup was restored, where numbers are given out again. 0 and nothing before the first.
    """

    sequence: int = 0
    hash: str = ""


def with_version(people: QuerySet[User]) -> QuerySet[User]:
    """The version as columns of the query that finds a person."""
    head = ChainHead.objects.filter(pk=1).order_by()
    return people.annotate(
        last_sequence=Coalesce(Subquery(head.values("last_sequence")), 0),
        last_hash=Coalesce(Subquery(head.values("last_hash")), Value(""), output_field=TextField()),
    )


def version_for(person: Any) -> Version:
    """The version when this person was loaded; of a visitor when it is first asked for.

    One query for a visitor, and none for who is signed in.
    """
    if not hasattr(person, "last_hash"):
        set_version(person, version_of(DEFAULT_DB_ALIAS))
    return Version(person.last_sequence, person.last_hash)


def set_version(person: Any, version: Version) -> None:
    """Let this be the version that a person reads, for the rest of their request."""
    person.last_sequence, person.last_hash = version.sequence, version.hash


def version_of(alias: str) -> Version:
    """How far the record is in a database."""
    heads = ChainHead.objects.using(alias).filter(pk=1).order_by()
    head = heads.values_list("last_sequence", "last_hash").first()
    return Version(*head) if head else Version()


# ---- What was worked out before, kept in the memory of this process for as long as it holds.
# It is kept under the version of what it was worked out from, so nothing needs to be invalidated;
# what nobody asks for any more is pushed out. How much is kept at most, ``CACHES`` says.

T = TypeVar("T")

_MISSING = object()


def cached(
    what: str,
    compute: Callable[[], T],
    *,
    audience: str,
    version: int | str,
    parts: tuple[Any, ...] = (),
) -> T:
    """What ``compute`` gives, from memory where it was worked out before.

    ``what`` names it; ``audience`` says who may be shown it (``audience_of``, or one person);
    ``version`` is the number or hash of the last event that could change it, read before it is
    computed; ``parts`` are plain values that it depends on besides. Day, language and database are
    taken into account here. Each caller gets a copy of its own, so the result must be picklable: a
    frozen dataclass of plain values, no queryset, and small.

    Within an open entry nothing is kept: its rows may be rolled back.
    """
    if audit.is_recording():
        return compute()
    key = _key(what, audience, version, *parts)
    found: Any = cache.get(key, _MISSING)
    if found is _MISSING:
        with _alone_with(key):
            found = cache.get(key, _MISSING)
            if found is _MISSING:
                found = compute()
                cache.set(key, found)
    return found  # type: ignore[no-any-return]


_at_work: WeakValueDictionary[str, Any] = WeakValueDictionary()
_listed = Lock()

_MOST_WAIT = 5
"""Seconds for which a thread waits for what another works out, at most."""


@contextmanager
def _alone_with(key: str) -> Iterator[None]:
    """Let one thread work it out while others wait, who all ask for it after each event.

    Whoever has waited too long works it out as well.
    """
    with _listed:
        lock = _at_work.setdefault(key, RLock())
    is_mine = lock.acquire(timeout=_MOST_WAIT)
    try:
        yield
    finally:
        if is_mine:
            lock.release()


def extended(
    what: str,
    extend: Callable[[T | None], T],
    *,
    audience: str,
    version: int | str,
    parts: tuple[Any, ...] = (),
) -> T:
    """As ``cached``, of what grows: ``extend`` is given what was found last, and makes more of it.

    So what takes long need not be done at once, and holds beyond the ``version``.
    """
    if audit.is_recording():
        return extend(None)
    key = _key(what, audience, version, *parts)
    held = cache.get(key)
    found = extend(held)
    if found is not held:
        cache.set(key, found)
    return found


def audience_of(person: Person) -> str:
    """People who may be shown the same: their roles together, or the public.

    Not for what depends on who they are, such as what waits for them.
    """
    return ", ".join(sorted(permissions.roles(person))) or "public"


def alone(person: Any) -> str:
    """One person and nobody else."""
    return f"person {person.pk}"


def _key(*parts: Any) -> str:
    depends_on = (timezone.localdate(), get_language(), router.db_for_read(ChainHead), parts)
    return hashlib.sha256(repr(depends_on).encode()).hexdigest()
