"""Rows of fixtures as unsaved objects; what they refer to is found in one query a table.

Django's own deserialiser asks for each reference of each row by itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from recommendations.models import Addressee, EvidenceLink, Observation, Part, Target

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
