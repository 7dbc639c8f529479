"""Events of the record, readable: each change with its field, before and after."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from itertools import groupby
from operator import or_
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import CharField, Exists, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations.audit.baseline import VERB as BASELINE
from recommendations.audit.snapshots import SECRET
from recommendations.models import (
    AuditEvent,
    AuditRow,
    AuditText,
    ChainHead,
    ImportRun,
    Indicator,
    Observation,
    ObservationConfirmation,
    User,
    Verification,
)

LONGEST = 300
"""Characters of a text that a row of the log shows; the thing itself has all of it."""

MOST_ROWS = 200
"""Rows of bulk events that one page of the log shows; the administration has all of them."""

ACCOUNT_FIELDS = ("groups", "is_superuser", "is_staff", "password", "email")
"""Fields of an account by which somebody could act in another's place."""

DECISIONS = (
    "approve",
    "return",
    "check",
    "confirm",
    "confirm_import",
    "set_date",
    "approve_date",
    "reject_date",
    "publish",
    "unpublish",
    "archive",
    "restore",
)
"""Verbs of events by which somebody decides on what another wrote or asked for."""

NEW_ROLE_DAYS = 30
"""Days after a change of somebody's roles in which their decisions are worth another look."""

Changes = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one event, before and after, as text."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RowChanges:
    """What a bulk event changed in one row."""

    thing: str
    object_id: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class LogRow:
    """One event as the log shows it, with those rows of a bulk event that were asked for."""

    event: AuditEvent
    thing: str
    reason: str
    changes: tuple[Change, ...]
    rows: tuple[RowChanges, ...] = ()

    @property
    def is_baseline(self) -> bool:
        """Whether it records what was found, and nothing says how it came to be so."""
        return self.event.verb == BASELINE


@dataclass(frozen=True, slots=True)
class LogAct:
    """Events that were recorded together: in one request, or by one run of a command."""

    rows: tuple[LogRow, ...]

    @property
    def is_group(self) -> bool:
        return len(self.rows) > 1

    @property
    def level(self) -> int:
        """Level of the headings of its events: that of a group is above them."""
        return 4 if self.is_group else 3


def log_rows(
    events: Iterable[AuditEvent], wanted: QuerySet[AuditRow] | None = None
) -> list[LogRow]:
    """Rows for one page of events; the texts they refer to take one query.

    Where rows of bulk events are ``wanted``, those of these events take one more.
    """
    shown = list(events)
    payloads: dict[int, Changes] = {
        event.sequence: json.loads(event.payload)["changes"] for event in shown
    }
    rows = [] if wanted is None else list(wanted.filter(event__in=payloads)[:MOST_ROWS])
    changes_of_rows: list[Changes] = [json.loads(row.changes) for row in rows]
    texts = texts_in([*payloads.values(), *changes_of_rows])
    by_event: dict[int, list[RowChanges]] = defaultdict(list)
    for row, changes in zip(rows, changes_of_rows, strict=True):
        told = _changes(row.object_type, changes, texts)
        by_event[row.event_id].append(RowChanges(_thing(row.object_type), row.object_id, told))
    return [
        LogRow(
            event=event,
            thing=_thing(event.object_type),
            reason=event.reason.text if event.reason else "",
            changes=_changes(event.object_type, payloads[event.sequence], texts),
            rows=tuple(by_event[event.sequence]),
        )
        for event in shown
    ]


def log_acts(rows: Iterable[LogRow]) -> list[LogAct]:
    """Rows of the log, those together that follow each other and were recorded together.

    Events of versions before acts had an id stand alone.
    """
    grouped = groupby(rows, lambda row: row.event.request_id or row.event.sequence)
    return [LogAct(tuple(act)) for _key, act in grouped]


def head_of_chain() -> ChainHead | None:
    """The head of the chain, in one query with what was found when it was verified.

    ``run_…`` is of the latest run, ``whole_…`` of the latest that compared everything and found
    it whole; ``None`` where there was none.
    """
    runs = Verification.objects.order_by("-pk")
    whole = runs.filter(faults=0, is_quick=False)
    names = ("at", "is_quick", "faults", "sequence", "hash")
    last = {f"run_{name}": Subquery(runs.values(name)[:1]) for name in names}
    found = {f"whole_{name}": Subquery(whole.values(name)[:1]) for name in names}
    return ChainHead.objects.filter(pk=1).annotate(**last, **found).first()


def rows_of_object(kind: str, key: str) -> QuerySet[AuditRow]:
    """Rows of bulk events about the thing with this key, of a kind that ends like this."""
    return AuditRow.objects.filter(_about(kind, key))


def events_of_object(kind: str, key: str) -> QuerySet[AuditEvent]:
    """Events about the thing with this key, of a kind that ends like this."""
    return AuditEvent.objects.filter(_about(kind, key))


def kinds_like(kind: str) -> Q:
    """Condition on events and their rows: about things of a kind that ends like this.

    The kinds are named, so that an index finds them; one of which there is no model is compared
    with each event.
    """
    if not kind:
        return Q()
    labels = [model._meta.label_lower for model in apps.get_models()]
    named = [label for label in labels if label.endswith(kind.lower())]
    return Q(object_type__in=named) if named else Q(object_type__iendswith=kind)


def _about(kind: str, key: str) -> Q:
    """What names a thing, or a row that belongs to it.

    An import of values belongs to its indicator, a confirmation to its value.
    """
    found = Q(kinds_like(kind), object_id=key)
    for model, name, owner in _BELONGING:
        is_owner = bool(kind) and owner._meta.label_lower.endswith(kind.lower())
        if is_owner and key.isdecimal() and len(key) < 19:
            rows = model._default_manager.filter(**{name: int(key)}).values_list("pk", flat=True)
            keys = [str(row) for row in rows]
            found |= Q(object_id__in=keys, object_type=model._meta.label_lower)
    return found


_BELONGING: tuple[tuple[type[Model], str, type[Model]], ...] = (
    (ImportRun, "indicator", Indicator),
    (ObservationConfirmation, "observation", Observation),
)


def rows_of_recommendation(reference: str) -> QuerySet[AuditRow]:
    """Rows of bulk events about a recommendation, or about what belongs to it."""
    return AuditRow.objects.filter(recommendation__reference=reference)


def numbers_with_rows(own: QuerySet[AuditEvent], rows: QuerySet[AuditRow]) -> QuerySet[Any]:
    """Numbers of events of one condition, and of bulk events with one of these rows.

    A union, and not a condition with "or": each half has an index of its own.
    """
    return own.order_by().values("sequence").union(rows.order_by().values("event"))


def account_changes() -> QuerySet[AuditEvent]:
    """What somebody else set of an account that decides on who its owner is and what they may do.

    A payload has names of fields and digests of texts, so a name in quotes is that field.
    """
    fields = (Q(payload__contains=f'"{name}":[') for name in ACCOUNT_FIELDS)
    return _account_events().filter(reduce(or_, fields)).exclude(object_id=_text("actor_id"))


def decisions_after_role(events: QuerySet[Any]) -> QuerySet[Any]:
    """Decisions that somebody made within ``NEW_ROLE_DAYS`` days after their roles changed."""
    given = _account_events().filter(
        payload__contains='"groups":[',
        object_id=_text(OuterRef("actor_id")),
        at__lte=OuterRef("at"),
        at__gte=OuterRef("at") - timedelta(days=NEW_ROLE_DAYS),
    )
    return events.filter(Exists(given), verb__in=DECISIONS)


def _account_events() -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(object_type=User._meta.label_lower).order_by()


def _text(number: str | OuterRef) -> Cast:
    """A key as events write it."""
    return Cast(number, CharField())


def texts_in(payloads: Iterable[Changes]) -> dict[str, AuditText]:
    """The stored texts that the changes of some events refer to, by digest."""
    digests = {
        side["text"]
        for changes in payloads
        for sides in changes.values()
        for side in sides
        if isinstance(side, dict)
    }
    return AuditText.objects.in_bulk(digests)


def _changes(object_type: str, changes: Changes, texts: dict[str, AuditText]) -> tuple[Change, ...]:
    return tuple(
        Change(_label(object_type, name), *_in_words(name, before, after, texts))
        for name, (before, after) in changes.items()
    )


def _in_words(
    name: str, before: object, after: object, texts: dict[str, AuditText]
) -> tuple[str, str]:
    if name in SECRET:
        return _("set"), _("changed")
    return _show(before, texts), _show(after, texts)


def _thing(object_type: str) -> str:
    """The kind of thing in words."""
    try:
        return capfirst(str(apps.get_model(object_type)._meta.verbose_name))
    except (LookupError, ValueError):
        return capfirst(object_type)


def _label(object_type: str, name: str) -> str:
    try:
        field: Any = apps.get_model(object_type)._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return name
    return str(getattr(field, "verbose_name", name))


def _show(side: object, texts: dict[str, AuditText]) -> str:
    if isinstance(side, dict):
        stored = texts.get(side["text"])
        text = stored.text if stored else _("(text not available)")
    elif isinstance(side, bool):
        text = _("yes") if side else _("no")
    elif isinstance(side, list):
        text = ", ".join(str(item) for item in side)
    else:
        text = "" if side is None else str(side)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
