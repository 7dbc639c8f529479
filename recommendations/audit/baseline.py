"""The recorded starting point of what rows hold that no payload told of.

Earlier versions recorded an import and the loading of a file with its counts alone, and of a
password that it was changed. The upgrade records what the rows of every table hold that the chain
does not account for. From there on each row can be replayed from the chain; what it held before is
not provable, and the log says so.

A migration calls this: models and tables are those that it knows, never today's.
"""

from collections.abc import Iterator
from typing import Any

from django.db import models

from recommendations.audit.bulk import BATCH, BulkAct
from recommendations.audit.record import Tables, entry
from recommendations.audit.rewind import replay
from recommendations.audit.snapshots import (
    FreeText,
    Snapshot,
    plain,
    recorded_fields,
    snapshots,
    tracked_models,
    untold,
    with_recommendation,
)

VERB = "baseline"

Difference = tuple[models.Model, Snapshot, Snapshot]


def record_baselines(apps: Any) -> None:
    """Write one event for each table with rows that the chain does not account for.

    Where the chain accounts for all of them, and in an empty database, nothing is written.
    """
    tables, tracked = Tables.of(apps), tracked_models(apps)
    if not any(model._base_manager.exists() for model in tracked):
        return
    with entry(by=None, tables=tables) as opened:
        for model in tracked:
            act = BulkAct(opened)
            for thing, before, after in _unaccounted(model, tables):
                act.add(thing, before, after)
            if not act.is_empty:
                act.record(VERB, "", {}, object_type=model._meta.label_lower)


def _unaccounted(model: type[models.Model], tables: Tables) -> Iterator[Difference]:
    """Rows whose values no payload gives: what the chain says of them, and what they hold."""
    label = model._meta.label_lower
    rows = with_recommendation(model).order_by("pk")
    fields = {field.name: field for field in recorded_fields(model)}
    batch = list(rows[:BATCH])
    while batch:
        told = replay(label, [str(thing.pk) for thing in batch], tables)
        for thing, present in zip(batch, snapshots(batch), strict=True):
            known = told.get(str(thing.pk), {})
            names = [
                name
                for name, value in present.items()
                if plain(value) not in _told(known, fields[name])
            ]
            if names:
                after = {name: present[name] for name in names}
                before = {name: _recorded(known.get(name), after[name]) for name in names}
                yield thing, before, after
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:BATCH])


def _told(known: Snapshot, field: Any) -> list[Any]:
    """What a field may hold without another word; of a row that is not known at all, nothing."""
    if field.name in known:
        return [known[field.name]]
    return untold(field) if known else [None]


def _recorded(value: object, beside: object) -> Any:
    """A value from the chain, to be recorded again: a text where the value beside it is one."""
    is_text = isinstance(value, str) and isinstance(beside, FreeText | dict)
    return FreeText(value) if is_text else value
