"""Loading the article: its fixtures, saved through the audited door.

Django's own ``loaddata`` would write past the record, and over what people changed since. Here
each file leaves one event with its digest and counts. A field that nobody touched follows the
file; one that people touched is theirs from then on. They touched it when an event of that object
names it, because loading leaves events of files alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.base import DeserializationError
from django.core.serializers.python import Deserializer
from django.db import IntegrityError, models

from recommendations import audit
from recommendations.actions.base import validate
from recommendations.actions.indicators import place
from recommendations.actions.recommendations import WORDING, wording_digest
from recommendations.actions.updates.state import refresh_state
from recommendations.models import (
    AuditEvent,
    Evidence,
    EvidenceLink,
    Observation,
    Recommendation,
    Source,
    Target,
)
from recommendations.models.base import Versioned

REPLACING = "The file that it was loaded from now says otherwise."
"""Why a target is replaced; targets and observations are followed by new rows, never edited."""


class LoadRefused(Exception):
    """A file cannot be loaded; tells which row and why. Nothing of that file was written."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading one file came to, in objects.

    ``kept`` names what differs from the file and stays, because people changed it or took it out.
    """

    name: str
    digest: str
    new: int
    updated: int
    unchanged: int
    kept: tuple[str, ...]

    @property
    def is_written(self) -> bool:
        return bool(self.new or self.updated)

    @property
    def counts(self) -> dict[str, str | int]:
        """What the event of the file says."""
        return {
            "sha256": self.digest,
            "new": self.new,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "kept": len(self.kept),
        }


@dataclass(slots=True)
class _Tally:
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: list[str] = field(default_factory=list)

    def loaded(self, name: str, digest: str) -> Loaded:
        return Loaded(name, digest, self.new, self.updated, self.unchanged, tuple(self.kept))


def load(*, folder: Path, at: datetime | None = None) -> list[Loaded]:
    """Load the fixtures of a folder in the order of their names; write nothing where all is there.

    ``at`` is the time to load under, for a history that begins in the past.
    """
    files = sorted(folder.glob("*.json"))
    if not files:
        raise LoadRefused(f"There are no fixtures in {folder}.")
    with audit.act():
        return [_load_file(path, at) for path in files]


def _load_file(path: Path, at: datetime | None) -> Loaded:
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    rows = json.loads(data)
    tally = _Tally()
    with audit.entry(by=None, at=at) as entry:
        act = audit.BulkAct(entry)
        for number, row in enumerate(rows, start=1):
            try:
                _load_row(entry, act, row, tally)
            except (DeserializationError, ValidationError, IntegrityError) as error:
                where = f"{path.name}, object {number} ({row.get('model')})"
                raise LoadRefused(f"{where}: {error}") from error
        loaded = tally.loaded(path.name, digest)
        if loaded.is_written:
            act.record("load", path.name, loaded.counts)
    return loaded


def _load_row(entry: audit.Entry, act: audit.BulkAct, row: dict[str, Any], tally: _Tally) -> None:
    thing: Any = next(iter(Deserializer([row]))).object
    current = _current(thing)
    if current is None:
        _insert(entry, act, thing)
        tally.new += 1
        return
    if getattr(current, "removed_at", None) is not None:
        tally.kept.append(f"{_label(current)}: taken out")
        return
    differing = {name for name in row["fields"] if _value(current, name) != _value(thing, name)}
    held = _held(current, differing)
    if held:
        tally.kept.append(f"{_label(current)}: {', '.join(sorted(held))}")
    if free := differing - held:
        _update(entry, act, current, thing, sorted(free))
        tally.updated += 1
    elif not held:
        tally.unchanged += 1


def _current(thing: Any) -> Any:
    """The row that stands for this thing; of a figure, its last revision."""
    if thing.pk is None:
        return None
    if isinstance(thing, Observation):
        revisions = Observation.objects.filter(
            indicator=thing.indicator_id,
            area=thing.area_id,
            period=thing.period,
            dimensions=thing.dimensions,
        )
        return revisions.order_by("-revision").first()
    return type(thing)._default_manager.get(pk=thing.pk)


def _held(current: Any, names: Set[str]) -> Set[str]:
    """Those of these fields that stay as they are, because people decide about them by now."""
    if not names:
        return frozenset()
    held = names & _touched(current)
    if isinstance(current, Recommendation) and current.published_at is not None:
        # Public wording is amended with a reason, which only a person can give.
        held |= names & set(WORDING)
    if isinstance(current, Observation | Target):
        is_theirs = held or current.recorded_by_id is not None
        is_replaced = isinstance(current, Target) and hasattr(current, "replaced_by")
        return names if is_theirs or is_replaced else frozenset()
    return held


def _touched(thing: models.Model) -> Set[str]:
    """Names of the fields that some event of this very thing changed."""
    payloads = AuditEvent.objects.filter(
        object_type=thing._meta.label_lower, object_id=str(thing.pk)
    ).values_list("payload", flat=True)
    return {name for payload in payloads for name in json.loads(payload)["changes"]}


def _insert(entry: audit.Entry, act: audit.BulkAct, thing: Any) -> None:
    """Save a new row, with what the file leaves out because only the day of loading knows it."""
    match thing:
        case Evidence() | Target():
            thing.recorded_at = entry.at
        case EvidenceLink():
            thing.added_at = entry.at
        case Observation():
            place(entry, thing, None)
        case Recommendation():
            thing.opened_on = entry.today
            thing.quoted_sha256 = wording_digest(thing.quoted_text)
    thing.clean_fields()
    thing.save(force_insert=True)
    act.follow_new([thing])
    if isinstance(thing, Recommendation):
        # The counter stays ahead of every number that was given here.
        act.follow([thing.source])
        Source.objects.filter(pk=thing.source_id, last_number__lt=thing.number).update(
            last_number=thing.number
        )
        refresh_state(entry, thing.pk)


def _update(
    entry: audit.Entry, act: audit.BulkAct, current: Any, thing: Any, names: Sequence[str]
) -> None:
    """Bring these fields up to date."""
    validate(thing, names)
    if isinstance(current, Observation | Target):
        _follow(entry, act, current, thing)
    else:
        act.follow([current])
        for name in names:
            setattr(current, _attname(current, name), _value(thing, name))
        if isinstance(current, Recommendation):
            current.quoted_sha256 = wording_digest(current.quoted_text)
        if isinstance(current, Versioned):
            current.version += 1
            current.updated_at = entry.at
        current.save()
        if isinstance(current, Recommendation):
            refresh_state(entry, current.pk)


def _follow(
    entry: audit.Entry, act: audit.BulkAct, current: Observation | Target, thing: Any
) -> None:
    """Let a new row follow one that is never edited: a revision, or a target that replaces it."""
    thing.pk = None
    if isinstance(current, Target):
        thing.replaces, thing.reason = current, REPLACING
    _insert(entry, act, thing)


def _value(thing: Any, name: str) -> Any:
    return getattr(thing, _attname(thing, name))


def _attname(thing: models.Model, name: str) -> str:
    """The attribute that holds a field's own value: of a foreign key, the key."""
    attname: str = thing._meta.get_field(name).attname  # type: ignore[union-attr]
    return attname


def _label(thing: Any) -> str:
    """A thing by its kind and its natural key, for the person at the command line."""
    return " ".join([str(thing._meta.verbose_name), *map(str, thing.natural_key())])
