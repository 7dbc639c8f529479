"""Comparing the tables with the record: each row, column and link of every tracked model."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from recommendations.audit.findings import FaultKind, Faults, attempt, walk, why
from recommendations.audit.payload import plain
from recommendations.audit.replay import replay
from recommendations.audit.snapshots import DERIVED, recorded_fields, snapshots, untold
from recommendations.audit.stored_form import odd_values
from recommendations.models import AuditEvent, AuditRow

BATCH = 200
"""Rows that are held in memory at once, with what the record says of them."""

Derive = Callable[[Sequence[Any]], Mapping[Any, Mapping[str, Any]]]
"""Works out the derived columns of rows: by primary key and name, as the columns hold them."""


class TableReader:
    """Compares the table of one model, and the tables of its links, with the record."""

    def __init__(self, model: type[models.Model], derive: Derive | None, faults: Faults) -> None:
        self.model = model
        self.label = model._meta.label_lower
        self.table = model._meta.db_table
        self._derive = derive
        self._faults = faults
        self._fields = {each.name: each for each in recorded_fields(model)}
        self._known = 0

    def compare_counts(self) -> int:
        """Tell whether there are as many rows as the record has; how many there are."""
        count, told = self.model._base_manager.count(), count_recorded(self.label)
        if count != told:
            self._faults.add(FaultKind.COUNT, self.table, found=count, expected=told)
        return count

    def compare(self, advance: Callable[[int], None]) -> int:
        """Tell of every row and column that differs, and of rows that are gone; how many rows."""
        count = 0
        for rows in walk(self.model._base_manager.all(), BATCH, self._tell_unreadable):
            self._compare_batch(rows)
            count += len(rows)
            advance(len(rows))
        if count_recorded(self.label) > self._known:
            self._tell_gone()
        return count

    def _compare_batch(self, rows: Sequence[models.Model], unread: Collection[str] = ()) -> None:
        """Compare rows; columns that are ``unread`` were told of already."""

        def compare(some: Sequence[models.Model], faults: Faults) -> None:
            told = replay(self.label, [str(row.pk) for row in some])
            odd = odd_values(self.model, some)
            for row, holds in zip(some, snapshots(some, as_stored=True), strict=True):
                known = told.get(str(row.pk))
                if known is None:
                    faults.add(FaultKind.UNRECORDED, self.table, str(row.pk), name_of(row))
                    continue
                held = {**holds, **odd.get(row.pk, {})}
                for name in held.keys() & self._fields.keys() - set(unread):
                    self._compare_value(row, name, held[name], known, faults)
            self._known += len(told)

        self._faults.in_parts(rows, compare, self._place)
        if self._derive is not None and not unread:
            self._faults.in_parts(rows, self._compare_derived, self._place_of_derived)

    def _compare_value(
        self, row: models.Model, name: str, value: object, known: Mapping[str, Any], faults: Faults
    ) -> None:
        found = as_recorded(value)
        may_hold = [known[name]] if name in known else untold(self._fields[name])
        if found not in may_hold:
            self._differs(row, name, found, may_hold[-1], faults)

    def _compare_derived(self, rows: Sequence[models.Model], faults: Faults) -> None:
        derived = self._derive(rows) if self._derive else {}
        for row in rows:
            for name, expected in derived.get(row.pk, {}).items():
                column: Any = self.model._meta.get_field(name)
                found = getattr(row, column.attname)
                if found != expected:
                    self._differs(row, name, as_recorded(found), as_recorded(expected), faults)

    def _place(self, row: models.Model) -> tuple[str, ...]:
        return self.table, str(row.pk), name_of(row)

    def _place_of_derived(self, row: models.Model) -> tuple[str, ...]:
        return *self._place(row), ", ".join(sorted(DERIVED.get(self.label, ())))

    def _differs(
        self, row: models.Model, name: str, found: object, expected: object, faults: Faults
    ) -> None:
        each: Any = self.model._meta.get_field(name)
        table = each.remote_field.through._meta.db_table if each.many_to_many else self.table
        place = (str(row.pk), name_of(row), name, found, expected)
        faults.add(FaultKind.DIFFERS, table, *place)

    def _tell_unreadable(self, key: object, error: Exception) -> None:
        """Name the columns of a row that hold what they cannot, and compare all others of it."""
        if key is None:
            self._faults.add(FaultKind.NOT_COMPARED, self.table, found=why(error))
            return
        found: dict[str, Any] = {}
        failed: list[str] = []
        with self._faults.comparing(self.table, str(key)):
            row = self.model._base_manager.filter(pk=key)
            known = replay(self.label, [str(key)]).get(str(key), {})
            for each in self.model._meta.concrete_fields:
                with attempt(partial(_note, failed, each.name)):
                    found[each.attname] = row.values_list(each.attname, flat=True)[0]
            for name in failed:
                values = {"field": name, "expected": known.get(name)}
                self._faults.add(FaultKind.UNREADABLE, self.table, str(key), **values)
            if not failed:
                self._faults.add(FaultKind.NOT_COMPARED, self.table, str(key), found=why(error))
                return
            held = [found.get(each.attname) for each in self.model._meta.concrete_fields]
            names = [each.attname for each in self.model._meta.concrete_fields]
            self._compare_batch([self.model.from_db(None, names, held)], failed)

    def _tell_gone(self) -> None:
        """Name the rows that the record has and the table has not."""
        last = ""
        while keys := _recorded_keys(self.label, last):
            last = keys[-1]
            self._faults.in_parts(keys, self._compare_keys, lambda key: (self.table, key))

    def _compare_keys(self, keys: Sequence[str], faults: Faults) -> None:
        wanted = [pk for key in keys if (pk := _as_key(self.model, key)) is not None]
        there = self.model._base_manager.filter(pk__in=wanted).values_list("pk", flat=True)
        present = {str(key) for key in there}
        for key in keys:
            if key not in present:
                faults.add(FaultKind.GONE, self.table, key)


def count_recorded(label: str) -> int:
    """How many things of a model the record knows."""
    own, rows = (found.values("object_id") for found in _recorded(label))
    return own.union(rows).count()


def name_of(row: models.Model) -> str:
    """What a row is called, where that can be told."""
    parts: list[str] = []
    with attempt(lambda _error: None):  # A row that was tampered with may lead nowhere.
        named = row.natural_key() if hasattr(row, "natural_key") else (str(row),)
        parts += [str(part) for part in named]
    return ", ".join(parts)


def _note(names: list[str], name: str, _error: Exception) -> None:
    names.append(name)


def _recorded(label: str, after: str = "") -> tuple[models.QuerySet[Any], models.QuerySet[Any]]:
    # A bulk event may have the kind of its rows, and no key.
    about = {"object_type": label, "object_id__gt": after}
    return (
        AuditEvent.objects.filter(**about).order_by(),
        AuditRow.objects.filter(**about).order_by(),
    )


def _recorded_keys(label: str, after: str) -> list[str]:
    """The next keys of things that the record knows, in order."""
    keys: set[str] = set()
    for found in _recorded(label, after):
        keys.update(
            found.values_list("object_id", flat=True).distinct().order_by("object_id")[:BATCH]
        )
    return sorted(keys)[:BATCH]


def _as_key(model: type[models.Model], key: str) -> Any:
    try:
        return model._meta.pk.to_python(key)
    except ValidationError:
        return None


def as_recorded(value: object) -> Any:
    """A value as the record writes it; one of a kind that it knows not, as Python writes it."""
    try:
        return plain(value)
    except TypeError:
        return repr(value)
