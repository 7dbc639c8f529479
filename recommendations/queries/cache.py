"""What was worked out before, kept in the memory of this process for as long as it holds.

It is kept under the version of what it was worked out from, so nothing needs to be invalidated;
what nobody asks for any more is pushed out. How much is kept at most, ``CACHES`` says.
"""

import hashlib
from collections.abc import Callable
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
