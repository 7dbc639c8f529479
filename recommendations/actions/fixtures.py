"""Rows from files: the article, areas of the world, and what a new site begins with."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, connections, models, router, transaction

from recommendations import audit, guards
from recommendations.actions import recommendations
from recommendations.actions.base import validate
from recommendations.actions.evidence.changes import VERIFIED_FIELDS, verifications
from recommendations.actions.indicators import (
    complete_observation,
    observe_many,
    refresh_movement,
    refresh_movements_in,
)
from recommendations.actions.recommendations import WORDING
from recommendations.models import (
    Addressee,
    Area,
    AreaAlias,
    AuditEvent,
    AuditRow,
    AuditText,
    ChainHead,
    Evidence,
    EvidenceLink,
    Observation,
    Part,
    Recommendation,
    Target,
)
from recommendations.models.base import Versioned
from recommendations.models.fields import validate_readable
from recommendations.queries.evidence.items import PUBLIC_WORDING, is_settled
from recommendations.queries.publicity import was_public

# ---- Rows of fixtures as unsaved objects; what they refer to is found in one query a table.
# Django's own deserialiser asks for each reference of each row by itself.

Key = tuple[Any, ...]

IDENTITIES: Mapping[Any, tuple[str, ...]] = {
    Addressee: ("recommendation", "area", "organisation"),
    EvidenceLink: ("evidence", *EvidenceLink.TARGETS),
    Part: ("recommendation", "label"),
    Observation: ("indicator", "area", "period", "dimensions"),
    Target: ("indicator", "kind", "area", "period"),
}
"""Fields that identify a row, where these are not the ones of its natural key."""


@dataclass(frozen=True, slots=True)
class FixtureRow:
    """One object of a fixture: its place in the file, its model, and its fields as written."""

    number: int
    model: Any
    fields: Mapping[str, Any]

    @property
    def references(self) -> Iterator[tuple[Any, Key]]:
        """Models and natural keys of the rows that it refers to."""
        for name, value in self.fields.items():
            if isinstance(value, list):
                yield self.model._meta.get_field(name).related_model, tuple(value)


def read_row(number: int, raw: Mapping[str, Any]) -> FixtureRow:
    """An object of a fixture; ``LookupError`` where there is no such model."""
    return FixtureRow(number, apps.get_model(str(raw.get("model"))), raw.get("fields", {}))


class FixtureObjects:
    """Builds the objects of a file, and finds the existing rows of the same identity."""

    def __init__(self, rows: Iterable[FixtureRow]) -> None:
        self._rows: dict[Any, list[FixtureRow]] = defaultdict(list)
        named: dict[Any, set[Key]] = defaultdict(set)
        for row in rows:
            self._rows[row.model].append(row)
            for model, key in row.references:
                named[model].add(key)
        self._keys = {model: _keys_of(model, keys) for model, keys in named.items()}
        self._existing: dict[Any, dict[Key, Any]] = {}

    def build(self, row: FixtureRow) -> Any:
        """The unsaved object; ``ObjectDoesNotExist`` where it refers to a row that is missing."""
        values = {}
        for name, value in row.fields.items():
            field: Any = row.model._meta.get_field(name)
            if isinstance(value, list):
                values[field.attname] = self._pk(field.related_model, tuple(value))
            else:
                values[field.attname] = field.to_python(value)
        return row.model(**values)

    def existing(self, obj: models.Model | None) -> Any:
        """The existing row of the same identity, if any: the one in use, and its last revision."""
        model = type(obj)
        if model not in self._existing:
            # The later row takes the place of the earlier, and one in use of one that is not.
            found = sorted(_candidates(model, self._rows[model]), key=_precedence)
            self._existing[model] = {_identity(row): row for row in found}
        return self._existing[model].get(_identity(obj))

    def add(self, obj: models.Model | None) -> None:
        """Remember an object that is new."""
        self._existing[type(obj)][_identity(obj)] = obj

    def add_keys(self, objs: Iterable[Any]) -> None:
        """Remember the keys of objects that were saved, where other rows refer to them."""
        for obj in objs:
            if type(obj) in self._keys:
                self._keys[type(obj)][obj.natural_key()] = obj.pk

    def _pk(self, model: Any, key: Key) -> Any:
        keys = self._keys[model]
        if key not in keys:
            keys[key] = model._default_manager.get_by_natural_key(*key).pk
        return keys[key]


def _identity_fields(model: Any) -> tuple[str, ...]:
    return IDENTITIES.get(model) or tuple(name.partition("__")[0] for name in model.NATURAL_KEY)


def _identity(obj: Any) -> Key:
    fields = (obj._meta.get_field(name) for name in _identity_fields(type(obj)))
    return tuple(getattr(obj, field.attname) for field in fields)


def _candidates(model: Any, rows: Iterable[FixtureRow]) -> Iterable[Any]:
    """Existing rows that share the first field of their identity with rows of the file."""
    field = model._meta.get_field(_identity_fields(model)[0])
    stated = [row.fields.get(field.name, field.get_default()) for row in rows]
    if field.is_relation:
        name, values = f"{field.name}__{_key_column(field.related_model)}", [v[0] for v in stated]
    else:
        name, values = field.name, stated
    found = model._default_manager.filter(**{f"{name}__in": set(values)})
    return found.standing() if model is Observation else found  # type: ignore[no-any-return]


def _precedence(row: Any) -> tuple[bool, int]:
    return getattr(row, "removed_at", None) is None, row.pk


def _key_column(model: Any) -> str:
    """The column that is the natural key; empty where it has several, or is no column."""
    names: tuple[str, ...] = getattr(model, "NATURAL_KEY", ())
    return names[0] if len(names) == 1 else ""


def _keys_of(model: Any, keys: Iterable[Key]) -> dict[Key, Any]:
    column = _key_column(model)
    if not column:
        return {}  # Asked for one by one: only evidence of figures and responses names such rows.
    found = model._default_manager.filter(**{f"{column}__in": [key[0] for key in keys]})
    return {(key,): pk for key, pk in found.values_list(column, "pk")}


# ---- Loading the article from its fixtures, with an audit event for each file.
# Django's own ``loaddata`` would write without the audit log, and over what people changed since. A
# field that nobody changed follows the file; one that people changed is theirs from then on.

REPLACING = "The file that it was loaded from now says otherwise."
"""Why a target is replaced; targets and observations are followed by new rows, never edited."""


WRONG = (FieldDoesNotExist, IntegrityError, LookupError, ObjectDoesNotExist, ValidationError)
"""Errors that an object of a file may cause."""


class LoadRefused(Exception):
    """A file cannot be loaded; names the object and the fault. Nothing of the file was written."""


def validate_values(value: object) -> None:
    """Refuse unreadable characters in any text of an object, whatever it is for."""
    match value:
        case str():
            validate_readable(value)
        case dict():
            validate_values([*value, *value.values()])
        case list():
            for item in value:
                validate_values(item)


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many objects of one file were new, updated or unchanged.

    ``kept`` names what differs from the file and stays, because people changed or removed it.
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
        """What the event of the file holds."""
        return {
            "sha256": self.digest,
            "new": self.new,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "kept": len(self.kept),
        }


def load(*, folder: Path, at: datetime | None = None) -> list[Loaded]:
    """Load the fixtures of a folder in the order of their names; write nothing where all is there.

    ``at`` is the time to load under, for a history that begins in the past.
    """
    files = sorted(folder.glob("*.json"))
    if not files:
        raise LoadRefused(f"There are no fixtures in {folder}.")
    return [load_file(path, at) for path in files]


def load_file(path: Path, at: datetime | None = None) -> Loaded:
    """Load one file, in one entry; nothing is recorded where all of it is there."""
    data = path.read_bytes()
    with audit.entry(by=None, at=at) as entry:
        act = audit.BulkAct(entry)
        loader = FileLoader(act, path.name, json.loads(data))
        loader.load()
        loaded = Loaded(
            path.name,
            hashlib.sha256(data).hexdigest(),
            loader.new,
            loader.updated,
            loader.unchanged,
            tuple(loader.kept),
        )
        if loaded.is_written:
            act.record("load", path.name, loaded.counts)
    return loaded


class FileLoader:
    """Loads the objects of one file. New ones of one model that follow each other are one batch."""

    def __init__(self, act: audit.BulkAct, name: str, raw: Sequence[Mapping[str, Any]]) -> None:
        self.act, self.entry, self.name, self.raw = act, act.entry, name, raw
        self.new = self.updated = self.unchanged = 0
        self.kept: list[str] = []
        self._batch: list[Any] = []

    def load(self) -> None:
        """Write what is new or follows the file; ``LoadRefused`` names the object that is wrong."""
        rows = []
        for number, raw in enumerate(self.raw, start=1):
            with self._naming(number, raw.get("model")):
                validate_values(raw)
                rows.append(read_row(number, raw))
        self._objects = FixtureObjects(rows)
        for row in rows:
            with self._naming(row.number, row.model._meta.label_lower):
                self._load_row(row)
        with self._naming(len(rows), "the last objects"):
            self._write_batch()

    def _load_row(self, row: FixtureRow) -> None:
        obj = self._build(row)
        current = self._objects.existing(obj)
        if current is not None and current.pk is None:
            self._write_batch()
        if current is None:
            self._add(obj)
        elif getattr(current, "removed_at", None) is not None:
            self.kept.append(f"{_label(current)}: removed")
        else:
            self._compare(current, obj, row.fields)

    def _build(self, row: FixtureRow) -> Any:
        try:
            return self._objects.build(row)
        except ObjectDoesNotExist:
            if not self._batch:
                raise
        # What it refers to may be among those that are not written yet.
        self._write_batch()
        return self._objects.build(row)

    def _compare(self, current: Any, obj: Any, names: Iterable[str]) -> None:
        """Update an existing row, but for the fields that people decide about by now."""
        differing = {name for name in names if _value(current, name) != _value(obj, name)}
        held = _held(current, differing)
        if held:
            self.kept.append(f"{_label(current)}: {', '.join(sorted(held))}")
        if followed := differing - held:
            self._update(current, obj, sorted(followed))
            self.updated += 1
        elif not held:
            self.unchanged += 1

    def _add(self, obj: Any) -> None:
        """Complete a new object by what only the day of loading decides, and check it."""
        if self._batch and type(self._batch[0]) is not type(obj):
            self._write_batch()
        match obj:
            case Evidence() | Target():
                obj.recorded_at = self.entry.at
            case EvidenceLink():
                obj.added_at = self.entry.at
            case Observation():
                complete_observation(self.entry, obj)
            case Recommendation():
                obj.opened_on = self.entry.today
        obj.clean_fields(exclude={field.name for field in obj._meta.fields if field.is_relation})
        self._objects.add(obj)
        self._batch.append(obj)
        self.new += 1

    def _write_batch(self) -> None:
        batch, self._batch = self._batch, []
        match batch:
            case [Recommendation(), *_]:
                recommendations.add_many(self.act, batch)
            case [Observation(), *_]:
                observe_many(self.act, batch)
                for indicator in {observation.indicator for observation in batch}:
                    refresh_movement(self.act.entry, indicator)
            case [first, *_]:
                self.act.follow_new(type(first)._default_manager.bulk_create(batch))
        self._objects.add_keys(batch)

    def _update(self, current: Any, obj: Any, names: Sequence[str]) -> None:
        validate(obj, names)
        values = {_attname(obj, name): _value(obj, name) for name in names}
        match current:
            case Observation() | Target():
                # Never edited: a revision, or a target that replaces the earlier one.
                if isinstance(current, Target):
                    obj.replaces, obj.reason = current, REPLACING
                self._add(obj)
                self.new -= 1
            case Recommendation():
                recommendations.revise_many(self.act, [(current, values)])
            case _:
                self.act.follow([current])
                if isinstance(current, Versioned):
                    values |= {"version": current.version + 1, "updated_at": self.entry.at}
                for name, value in values.items():
                    setattr(current, name, value)
                current.save()
                if isinstance(current, Area) and "kind" in names:
                    refresh_movements_in(self.act.entry, current)

    @contextmanager
    def _naming(self, number: int, model: Any) -> Iterator[None]:
        """Name the object, or the last of the batch, in what is wrong with it."""
        try:
            yield
        except WRONG as error:
            raise LoadRefused(f"{self.name}, object {number} ({model}): {error}") from error


def _held(current: Any, names: Set[str]) -> Set[str]:
    """Those of these fields that stay as they are, because people decide about them by now."""
    if not names:
        return frozenset()
    held = names & _touched(current)
    if isinstance(current, Recommendation) and was_public(current):
        # Public wording is amended with a reason, which only a person can give.
        held |= names & set(WORDING)
    if isinstance(current, Evidence) and verifications(current).exists():
        # A person found it as described, and only a person can end that.
        held |= names & set(VERIFIED_FIELDS)
    if isinstance(current, Evidence) and is_settled(current):
        # Two people decide on what readers outside read of it.
        held |= names & set(PUBLIC_WORDING)
    if isinstance(current, Observation | Target):
        is_theirs = held or current.recorded_by_id is not None
        is_replaced = isinstance(current, Target) and hasattr(current, "replaced_by")
        return names if is_theirs or is_replaced else frozenset()
    return held


def _touched(obj: models.Model) -> Set[str]:
    """Names of the fields that people changed: by an event of this object, or within a bulk act."""
    this = {"object_type": obj._meta.label_lower, "object_id": str(obj.pk)}
    payloads = AuditEvent.objects.filter(**this).values_list("payload", flat=True)
    rows = AuditRow.objects.filter(**this, event__actor__isnull=False)
    found = [json.loads(payload)["changes"] for payload in payloads]
    found += [json.loads(changes) for changes in rows.values_list("changes", flat=True)]
    return {name for changes in found for name in changes}


def _value(obj: Any, name: str) -> Any:
    return getattr(obj, _attname(obj, name))


def _attname(obj: models.Model, name: str) -> str:
    """The attribute that holds a field's own value: of a foreign key, the key."""
    attname: str = obj._meta.get_field(name).attname  # type: ignore[union-attr]
    return attname


def _label(obj: Any) -> str:
    """An object by its model and its natural key, for the person at the command line."""
    return " ".join([str(obj._meta.verbose_name), *map(str, obj.natural_key())])


# ---- What every database holds from its first migration on: the areas of the world, on record.
# As long as nothing else was recorded a database counts as empty: another can be loaded into it,
# and the demonstration, whose history is in the past, begins anew.

FILES = ("10_areas.json", "11_area_aliases.json")
"""Their names in ``fixtures/``, which the article is loaded from as well."""

ROWS = (AreaAlias, Area, AuditRow, AuditText, AuditEvent, ChainHead)
"""Models of the rows that are there then, those first that refer to others."""


def add_areas() -> None:
    """Add the areas of the world to a database in which nothing was recorded yet."""
    if not AuditEvent.objects.exists() and not Area.objects.exists():
        for name in FILES:
            load_file(settings.BASE_DIR / "fixtures" / name)


def is_empty() -> bool:
    """Whether the database holds nothing but what migrations make."""
    others = AuditEvent.objects.exclude(verb="load", actor=None, object_id__in=FILES)
    return not others.exists() and not any(
        model._base_manager.exists() for model in audit.tracked_models() if model not in ROWS
    )


def clear() -> None:
    """Take away what migrations made, with its record; only of a database that ``is_empty``."""
    using = router.db_for_write(AuditEvent)
    tables = [model._meta.db_table for model in ROWS]
    with transaction.atomic(using=using), guards.lifted(connections[using], tables):
        for model in ROWS:
            model._base_manager.using(using).all()._raw_delete(using)
