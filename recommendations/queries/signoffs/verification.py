"""Whether what was signed is still what the audit log and the tables say of that moment.

Today's rows are set back to the entry that was signed (``audit.rewind``), so later acts change
nothing, nor does a new label or column. Where words were redacted since, the log vouches for it.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Model

from recommendations.audit.chain import UNREADABLE
from recommendations.audit.findings import FaultKind, Faults, TableFault
from recommendations.audit.payload import text_digest
from recommendations.audit.redaction import is_redacted
from recommendations.audit.replay import recorded, references_in
from recommendations.audit.rewind import Past
from recommendations.audit.snapshots import recorded_fields, snapshots, untold
from recommendations.audit.tables import as_recorded
from recommendations.models import AuditEvent, AuditText, SignOff
from recommendations.queries.signoffs.content import SHORT

AT_ONCE = 500
"""Rows of a sign-off that are compared, and held in memory, at once."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a sign-off was found to be: rows that were compared, faults, redacted texts."""

    signed: SignOff
    rows: int
    faults: tuple[TableFault, ...]
    fault_count: int
    redacted: int

    @property
    def is_whole(self) -> bool:
        return not self.fault_count


def check_all(faults: Faults) -> None:
    """Tell of every sign-off that does not agree, as ``verify_audit`` does of tables."""
    table = SignOff._meta.db_table
    with faults.comparing(table):
        for pk in SignOff.objects.order_by("pk").values_list("pk", flat=True):
            with faults.comparing(table, str(pk)):
                _compare(SignOff.objects.get(pk=pk), faults)


def check(signed: SignOff) -> Checked:
    """Compare one sign-off, with its content, with the log and the tables."""
    faults = Faults()
    rows, redacted = _compare(signed, faults)
    return Checked(signed, rows, tuple(faults.first), faults.count, redacted)


def _compare(signed: SignOff, faults: Faults) -> tuple[int, int]:
    """How many rows were compared, and how many of their texts were redacted since."""
    told = _Told(signed, faults)
    found = hashlib.sha256(signed.signed_content.encode()).hexdigest()
    if found != signed.digest:
        told.differs("digest", found, signed.digest)
    entry = AuditEvent.objects.filter(pk=signed.sequence).values_list("hash", "at").first()
    if entry is None or entry[0] != signed.record_hash:
        told.differs("record_hash", entry and entry[0], signed.record_hash)
    try:
        rows = json.loads(signed.signed_content)["rows"]
        groups = _by_label(rows)
        if entry is not None:
            for label, held in groups:
                _compare_rows(told, label, held, entry[1])
    except (KeyError, *UNREADABLE):
        told.differs("signed_content", signed.signed_content, "JSON")
        return 0, 0
    return len(rows), told.redacted


class _Told:
    """Tells what differs in one sign-off, and counts what was redacted."""

    def __init__(self, signed: SignOff, faults: Faults) -> None:
        self.signed = signed
        self.redacted = 0
        self._faults = faults

    def differs(self, place: str, found: object, expected: object) -> None:
        signed = self.signed
        where = (SignOff._meta.db_table, str(signed.pk), signed.title, place)
        self._faults.add(FaultKind.SIGNED, *where, found=found, expected=expected)


def _by_label(rows: Sequence[Any]) -> Iterator[tuple[str, dict[int, dict[str, Any]]]]:
    """Signed rows by their keys, model by model, some at a time."""
    held: dict[int, dict[str, Any]] = {}
    last = ""
    for label, key, values in rows:
        if held and (label != last or len(held) >= AT_ONCE):
            yield last, held
            held = {}
        held[int(key)], last = dict(values), label
    if held:
        yield last, held


def _compare_rows(
    told: _Told, label: str, held: Mapping[int, Mapping[str, Any]], known: datetime
) -> None:
    """Compare signed rows of one model with the log, and with the table as it was."""
    log = recorded(label, [str(key) for key in held], until=told.signed.sequence)
    texts = AuditText.objects.in_bulk(set(references_in(list(held.values()))))
    then = _as_of(label, list(held), known)
    for key, values in held.items():
        place = f"{label.removeprefix('recommendations.')} {key}"
        in_log = log.get(str(key), {})
        for name in sorted({*values, *in_log}):
            if in_log.get(name) != values.get(name):
                told.differs(f"{place}, {name}", in_log.get(name), values.get(name))
        if then is None:
            continue  # The model is gone since: the log is what is left of its rows.
        if key not in then:
            told.differs(place, None, place)
            continue
        for name, (found, may_hold) in then[key].items():
            _compare_value(told, f"{place}, {name}", found, values.get(name, may_hold), texts)


def _compare_value(
    told: _Told, place: str, found: Any, signed: Any, texts: Mapping[str, AuditText]
) -> None:
    """``signed`` is a value as the record has it, or what a field may hold that it tells not."""
    match signed:
        case {"text": str(digest)}:
            stored = texts.get(digest)
            is_redacted_now = stored is not None and stored.redacted_at is not None
            now = text_digest(stored.salt, found or "") if stored else None
            if is_redacted_now and stored is not None:
                told.redacted += 1
                if found != stored.text or not is_redacted(stored):
                    told.differs(place, _short(now), _short(digest))
            elif now != digest:
                told.differs(place, _short(now), _short(digest))
        case _Untold():
            if found not in signed.values:
                told.differs(place, found, signed.values[-1])
        case _:
            if found != signed:
                told.differs(place, found, signed)


def _short(digest: str | None) -> str | None:
    """A digest that stands for a text, as a sentence about it repeats it."""
    return digest and f"SHA-256 {digest[:SHORT]}…"


@dataclass(frozen=True, slots=True)
class _Untold:
    """What a field may hold that nothing was recorded of."""

    values: Sequence[Any]


def _as_of(
    label: str, keys: Sequence[int], known: datetime
) -> dict[int, dict[str, tuple[Any, _Untold]]] | None:
    """Rows as they were: of each field its value, and what it may hold untold.

    ``None`` where there is no such model any more.
    """
    try:
        model: type[Model] = apps.get_model(label)
    except LookupError:
        return None
    today = list(model._base_manager.filter(pk__in=keys))
    past = Past(known)
    past.learn(today)
    rows = past.rows(today)
    links = {row.pk: row for row in today}
    many = [field.name for field in model._meta.many_to_many]
    now = {row.pk: held for row, held in zip(today, snapshots(today), strict=True)}
    fields = {field.name: _Untold(untold(field)) for field in recorded_fields(model)}
    found = {}
    for row, held in zip(rows, snapshots(rows, as_stored=True, links=()), strict=True):
        joined = {name: past.links(links[row.pk], name, now[row.pk][name]) for name in many}
        values = {**held, **joined}
        found[row.pk] = {name: (as_recorded(values[name]), fields[name]) for name in fields}
    return found
