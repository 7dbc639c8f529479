"""One visit to a form of the administration: what it showed, and the entry that it writes in.

Everything that a form writes goes through ``write`` and ``take_out``: the row first, then its
event, both in the transaction of the entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import models
from django.http import HttpRequest

from recommendations import audit
from recommendations.audit.snapshots import Snapshot
from recommendations.models import ChainHead
from recommendations.models.base import Versioned

ATTRIBUTE = "admin_visit"


class Seen(NamedTuple):
    """What a form showed: the version of its thing, and the last event known by then.

    Both only ever rise, so two edits within the same instant are still told apart. The number of
    the event also covers the rows under the thing, and things that have no version.
    """

    version: int
    sequence: int

    def __str__(self) -> str:
        return f"{self.version}:{self.sequence}"

    @classmethod
    def read(cls, text: str) -> Seen | None:
        """What a form sends back; ``None`` where it sends something else."""
        version, _colon, sequence = text.partition(":")
        try:
            return cls(int(version), int(sequence))
        except ValueError:
            return None


@dataclass
class EditContext:
    """One request. Only one that may write has an ``entry``, and then holds the chain's lock."""

    entry: audit.Entry | None = None
    head: int = 0
    """Number of the last event when the page was read."""
    seen: Seen | None = None
    """What the form that is sent back had shown."""
    is_stale: bool = False
    has_written: bool = False
    before: Snapshot = field(default_factory=dict)
    """What the thing of the form held before it was saved."""


def edit_context_of(request: HttpRequest) -> EditContext:
    """The visit under way; one that only reads begins here."""
    visit: EditContext | None = getattr(request, ATTRIBUTE, None)
    if visit is None:
        visit = EditContext(head=_last_sequence())
        setattr(request, ATTRIBUTE, visit)
    return visit


@contextmanager
def writing(request: HttpRequest) -> Iterator[EditContext]:
    """Lock the chain, before anything is read that the visit may change."""
    by: Any = request.user
    with audit.entry(by=by) as entry:
        visit = EditContext(entry, _last_sequence(), Seen.read(request.POST.get("seen", "")))
        setattr(request, ATTRIBUTE, visit)
        yield visit


def stored(thing: models.Model) -> Any:
    """The thing as the database holds it."""
    return type(thing)._base_manager.get(pk=thing.pk)


def write(visit: EditContext, thing: models.Model, *, verb: str) -> None:
    """Save a thing and record what changed."""
    before = {} if thing._state.adding else audit.snapshot(stored(thing))
    thing.save()
    settle(visit, thing, before, verb=verb)


def settle(visit: EditContext, thing: models.Model, before: Snapshot, *, verb: str) -> None:
    """Record what changed in a saved thing since ``before``; nothing where nothing did.

    The version rises with the event, so many-to-many fields raise it as well.
    """
    entry = _entry(visit)
    after = audit.snapshot(thing)
    if after == before:
        return
    if before and isinstance(thing, Versioned):
        thing.version += 1
        thing.updated_at = entry.at
        thing.save(update_fields=["version", "updated_at"])
    entry.record(verb, thing, before=before, after=after)
    visit.has_written = True


def take_out(visit: EditContext, row: Any, *, verb: str) -> None:
    """Take a row out of use, as it stands in the database; it stays on record."""
    current = stored(row)
    if current.removed_at is None:
        entry = _entry(visit)
        current.removed_at, current.removed_by = entry.at, entry.by
        write(visit, current, verb=verb)


def watched(visit: EditContext, thing: models.Model, act: Callable[[], Any], *, verb: str) -> Any:
    """Do what saves a thing by itself, and record what it changed."""
    before = audit.snapshot(stored(thing))
    answer = act()
    settle(visit, stored(thing), before, verb=verb)
    return answer


def _entry(visit: EditContext) -> audit.Entry:
    if visit.entry is None:
        raise RuntimeError("nothing is written outside an entry of the record")
    return visit.entry


def _last_sequence() -> int:
    return ChainHead.objects.filter(pk=1).values_list("last_sequence", flat=True).first() or 0
