"""Comparing the tables with the record: each row, column and link of every tracked model."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from recommendations.audit.chain import UNREADABLE
from recommendations.audit.payload import plain
from recommendations.audit.replay import replay
from recommendations.audit.snapshots import Snapshot, recorded_fields, snapshots, untold
from recommendations.models import AuditEvent, AuditRow

BATCH = 200
"""Rows that are held in memory at once, with what the record says of them."""

MOST = 100
"""Faults that are told one by one; the rest is counted."""

LONGEST = 80
"""Characters of a value that a sentence about a fault repeats."""

Derive = Callable[[Sequence[Any]], Mapping[Any, Mapping[str, Any]]]
"""Works out the derived columns of rows: by primary key and name, as the columns hold them."""


class FaultKind(StrEnum):
    DIFFERS = "differs"
    UNRECORDED = "unrecorded"
    GONE = "gone"
    COUNT = "count"
    UNREADABLE = "unreadable"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class TableFault:
    """One place where a table and the record differ.

    ``row`` is the key, ``name`` what the row is called, where that can be told; both are empty,
    and so is ``field``, where the fault is in more than one row or column.
    """

    kind: FaultKind
    table: str
    row: str = ""
    name: str = ""
    field: str = ""
    found: Any = None
    expected: Any = None

    def __str__(self) -> str:
        values = {
            **asdict(self),
            "row": f"{self.row} ({self.name})" if self.name else self.row,
            "found": _shown(self.found),
            "expected": _shown(self.expected),
        }
        return _sentence(self.kind) % values


def _sentence(kind: FaultKind) -> str:
    return {
        FaultKind.DIFFERS: _(
            "%(table)s, row %(row)s, %(field)s: the table has %(found)s, the audit log "
            "%(expected)s."
        ),
        FaultKind.UNRECORDED: _("%(table)s, row %(row)s: no event recorded this row."),
        FaultKind.GONE: _(
            "%(table)s, row %(row)s: the row is in the audit log but not in the table."
        ),
        FaultKind.COUNT: _("%(table)s has %(found)s rows, the audit log %(expected)s."),
        FaultKind.SIGNED: _("Sign-off %(row)s, %(field)s: now %(found)s, signed as %(expected)s."),
        FaultKind.UNREADABLE: _(
            "%(table)s, row %(row)s, %(field)s: unreadable in the table, %(expected)s in "
            "the audit log."
        ),
    }[kind]


def _shown(value: object) -> str:
    if value is None:
        return _("nothing")
    text = str(value)
    return f"“{text[:LONGEST]}…”" if len(text) > LONGEST else f"“{text}”"


@dataclass
class Faults:
    """Faults that were found: the first of them, and how many there are."""

    first: list[TableFault] = field(default_factory=list)
    count: int = 0

    def add(self, kind: FaultKind, table: str, *place: Any, **values: Any) -> None:
        self.count += 1
        if self.count <= MOST:
            self.first.append(TableFault(kind, table, *place, **values))


class TableReader:
    """Compares the table of one model, and the tables of its links, with the record."""

    def __init__(self, model: type[models.Model], derive: Derive | None, faults: Faults) -> None:
        self.model = model
        self.label = model._meta.label_lower
        self.table = model._meta.db_table
        self._derive = derive
        self._faults = faults
        self._fields = {each.name: each for each in recorded_fields(model)}

    def compare_counts(self) -> int:
        """Tell whether there are as many rows as the record has; how many there are."""
        count, told = self.model._base_manager.count(), count_recorded(self.label)
        if count != told:
            self._faults.add(FaultKind.COUNT, self.table, found=count, expected=told)
        return count

    def compare(self, advance: Callable[[int], None]) -> int:
        """Tell of every row and column that differs, and of rows that are gone; how many rows."""
        count = known = 0
        for rows in self._batches():
            known += self._compare_batch(rows)
            count += len(rows)
            advance(len(rows))
        if count_recorded(self.label) > known:
            self._tell_gone()
        return count

    def _batches(self) -> Iterator[list[models.Model]]:
        rows, size = self.model._base_manager.order_by("pk"), BATCH
        last: Any = None
        while True:
            following = rows if last is None else rows.filter(pk__gt=last)
            try:
                batch = list(following[:size])
            except UNREADABLE:
                if size == 1:
                    last = following.values_list("pk", flat=True)[0]
                    self._tell_unreadable(last)
                size = 1  # One by one, so that the row is found.
                continue
            if not batch:
                return
            yield batch
            last = batch[-1].pk

    def _compare_batch(self, rows: Sequence[models.Model]) -> int:
        """Compare rows; answers how many of them the record knows."""
        told = replay(self.label, [str(row.pk) for row in rows])
        derived = self._derived(rows)
        for row, holds in zip(rows, snapshots(rows, as_stored=True), strict=True):
            known = told.get(str(row.pk))
            if known is None:
                self._faults.add(FaultKind.UNRECORDED, self.table, str(row.pk), name_of(row))
            else:
                self._compare_row(row, holds, known)
            for name, expected in derived.get(row.pk, {}).items():
                column: Any = self.model._meta.get_field(name)
                found = getattr(row, column.attname)
                if found != expected:
                    self._differs(row, name, as_recorded(found), as_recorded(expected))
        return len(told)

    def _compare_row(self, row: models.Model, holds: Snapshot, known: Mapping[str, Any]) -> None:
        for name, value in holds.items():
            found = as_recorded(value)
            may_hold = [known[name]] if name in known else untold(self._fields[name])
            if found not in may_hold:
                self._differs(row, name, found, may_hold[-1])

    def _derived(self, rows: Sequence[models.Model]) -> Mapping[Any, Mapping[str, Any]]:
        try:
            return self._derive(rows) if self._derive else {}
        except UNREADABLE:
            return {}  # The table that they follow from tells which column cannot be read.

    def _differs(self, row: models.Model, name: str, found: object, expected: object) -> None:
        each: Any = self.model._meta.get_field(name)
        table = each.remote_field.through._meta.db_table if each.many_to_many else self.table
        place = (str(row.pk), name_of(row), name, found, expected)
        self._faults.add(FaultKind.DIFFERS, table, *place)

    def _tell_unreadable(self, key: object) -> None:
        """Name the columns of a row that hold what they cannot."""
        row = self.model._base_manager.filter(pk=key)
        known = replay(self.label, [str(key)]).get(str(key), {})
        for each in self.model._meta.concrete_fields:
            try:
                row.values_list(each.attname)[0]
            except UNREADABLE:
                values = {"field": each.name, "expected": known.get(each.name)}
                self._faults.add(FaultKind.UNREADABLE, self.table, str(key), **values)

    def _tell_gone(self) -> None:
        """Name the rows that the record has and the table has not."""
        last = ""
        while keys := _recorded_keys(self.label, last):
            last = keys[-1]
            wanted = [pk for key in keys if (pk := _as_key(self.model, key)) is not None]
            there = self.model._base_manager.filter(pk__in=wanted).values_list("pk", flat=True)
            present = {str(key) for key in there}
            for key in keys:
                if key not in present:
                    self._faults.add(FaultKind.GONE, self.table, key)


def count_recorded(label: str) -> int:
    """How many things of a model the record knows."""
    own, rows = (found.values("object_id") for found in _recorded(label))
    return own.union(rows).count()


def name_of(row: models.Model) -> str:
    """What a row is called, where that can be told."""
    try:
        named = row.natural_key() if hasattr(row, "natural_key") else (str(row),)
        return ", ".join(str(part) for part in named)
    except Exception:  # A row that was tampered with may lead nowhere.
        return ""


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
