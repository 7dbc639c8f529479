"""What was worked out before, kept in the memory of this process for as long as it holds.

It is kept under the version of what it was worked out from, so nothing needs to be invalidated;
what nobody asks for any more is pushed out. How much is kept at most, ``CACHES`` says.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.core.cache import cache
from django.db import router
from django.utils import timezone
from django.utils.translation import get_language

from recommendations import audit, permissions
from recommendations.models import ChainHead
from recommendations.permissions import Person

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
        found = compute()
        cache.set(key, found)
    return found  # type: ignore[no-any-return]


def cached_each(
    what: str,
    compute: Callable[[Sequence[int]], Mapping[int, T]],
    *,
    audience: str,
    versions: Mapping[int, str | None],
) -> dict[int, T]:
    """As ``cached``, of several rows at once: ``compute`` is given all that are not kept.

    ``versions`` is that of each row by its id; without one it is never kept.
    """
    if audit.is_recording():
        return dict(compute(list(versions)))
    keys = {_key(what, audience, version, pk): pk for pk, version in versions.items() if version}
    found = {keys[key]: value for key, value in cache.get_many(keys).items()}
    if missing := [pk for pk in versions if pk not in found]:
        computed = compute(missing)
        found |= computed
        cache.set_many({key: computed[pk] for key, pk in keys.items() if pk in computed})
    return {pk: found[pk] for pk in versions}


def recall(what: str, audience: str, rows: Iterable[Any]) -> dict[Any, Any]:
    """What was remembered of these rows, by their ids; it tells itself whether it holds."""
    if audit.is_recording():
        return {}
    keys = {_key(what, audience, pk): pk for pk in rows}
    return {keys[key]: value for key, value in cache.get_many(keys).items()}


def remember(what: str, audience: str, values: Mapping[Any, Any]) -> None:
    """Keep a value of each row until another is kept; it tells itself of which version it is."""
    if not audit.is_recording():
        cache.set_many({_key(what, audience, pk): value for pk, value in values.items()})


@dataclass(frozen=True, slots=True)
class Drawing:
    """A part of a page that is drawn once: what ``cached`` is told of it (``{% kept %}``).

    ``read`` gives what its template is drawn from, by name, where it is not kept yet. ``own`` are
    values by name, safe in HTML, that each page has of its own.
    """

    what: str
    audience: str
    version: str
    parts: tuple[Any, ...] = ()
    read: Callable[[], dict[str, Any]] = dict
    own: Mapping[str, str] = field(default_factory=dict)

    def is_kept(self) -> bool:
        """Whether it was drawn, so that nothing needs to be read for it."""
        return cache.has_key(_key(self.what, self.audience, self.version, *self.parts))

    def beside(self, what: str, pick: Callable[[dict[str, Any]], T]) -> T:
        """A small value that the page needs outside this part, kept as the part is.

        ``pick`` takes it from what ``read`` gives. That is asked for here and where the part is
        drawn, so it remembers what it read (``functools.cache``).
        """
        return cached(
            what,
            lambda: pick(self.read()),
            audience=self.audience,
            version=self.version,
            parts=self.parts,
        )


def pack(drawn: str) -> bytes:
    """What was drawn, as it is kept: rows of a table shrink to a tenth at the fastest level."""
    return zlib.compress(drawn.encode(), 1)


def unpack(packed: bytes) -> str:
    return zlib.decompress(packed).decode()


def audience_of(person: Person) -> str:
    """People who may be shown the same: their roles together, or the public.

    Not for what depends on who they are, such as what waits for them.
    """
    return ", ".join(sorted(permissions.roles(person))) or "public"


def readers_of(person: Person) -> str:
    """The same for a whole page: visitors apart, and each writer, who finds what is theirs."""
    if permissions.can_write(person):
        return alone(person)
    return audience_of(person) if person.is_authenticated else "visitors"


def alone(person: Any) -> str:
    """One person and nobody else."""
    return f"person {person.pk}"


def _key(*parts: Any) -> str:
    depends_on = (timezone.localdate(), get_language(), router.db_for_read(ChainHead), parts)
    return hashlib.sha256(repr(depends_on).encode()).hexdigest()
