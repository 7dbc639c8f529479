"""Which events there are of what, and verifications that the audit log tells of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db.models import CharField, Exists, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.utils.crypto import constant_time_compare

from recommendations.audit.chain import HEAD, signature_of
from recommendations.audit.rewind import changes_in, parsed
from recommendations.audit.snapshots import GENESIS, columns_of, hash_of, written
from recommendations.models import (
    AuditEvent,
    AuditRow,
    ChainHead,
    ImportRun,
    Indicator,
    Observation,
    ObservationConfirmation,
    User,
)

# ---- Which events there are of an object, of a recommendation, and for an auditor to review

ACCOUNT_FIELDS = ("groups", "is_superuser", "is_staff", "username", "password", "email")
"""Fields of an account by which somebody could act in another's place."""

REOPENED = '"is_active":[false,true]'
"""What the payload of an event says by which an account was opened again."""

BY_OTHERS = ("change", "set_password", "reactivate", "send_password_link")
"""Verbs of events by which others than its owner change an account that there is already."""

DECISIONS = (
    "approve",
    "approve_batch",
    "undo_batch",
    "sign_off",
    "return",
    "check",
    "confirm",
    "confirm_import",
    "set_date",
    "approve_date",
    "reject_date",
    "approve_undo",
    "reject_undo",
    "publish",
    "publish_many",
    "undo_import",
    "undo_list",
    "undo_many",
    "unpublish",
    "unpublish_many",
    "archive",
    "archive_many",
    "restore",
    "restore_many",
)
"""Verbs of events by which somebody decides on what another wrote or asked for."""


def rows_of_object(kind: str, key: str) -> QuerySet[AuditRow]:
    """Rows of bulk events about an object: its kind as ``of_kind`` has it, and its key."""
    return AuditRow.objects.filter(_about(kind, key))


def events_of_object(kind: str, key: str) -> QuerySet[AuditEvent]:
    """Events about an object."""
    return AuditEvent.objects.filter(_about(kind, key))


def of_kind(kind: str) -> Q:
    """Condition on events and their rows: about rows of one model, or of any without one.

    ``kind`` is the name of the model, with or without its app, or one of ``KINDS``.
    """
    return Q(object_type__in=[kind, _label_of(kind)]) if kind else Q()


def _label_of(kind: str) -> str:
    return kind if "." in kind else f"recommendations.{kind}"


def _about(kind: str, key: str) -> Q:
    """What names a row of a model, or a row that belongs to it.

    An import of values belongs to its indicator, and to each of its values, which it withdraws once
    it is undone; a confirmation belongs to its value.
    """
    found = Q(of_kind(kind), object_id=key)
    for model, name, owner in _BELONGING:
        is_owner = _label_of(kind) == owner._meta.label_lower
        if is_owner and key.isdecimal() and len(key) < 19:
            rows = model._default_manager.filter(**{name: int(key)}).values_list("pk", flat=True)
            keys = [str(row) for row in rows]
            found |= Q(object_id__in=keys, object_type=model._meta.label_lower)
    return found


_BELONGING: tuple[tuple[type[Model], str, type[Model]], ...] = (
    (ImportRun, "indicator", Indicator),
    (ImportRun, "observations", Observation),
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

    At the command line there is nobody: of what was done there, what changed an account counts that
    there was already.
    """
    # A payload has names of fields and digests of texts, so a name in quotes is that field.
    fields = (Q(payload__contains=f'"{name}":[') for name in ACCOUNT_FIELDS)
    found = _account_events().filter(reduce(or_, fields, Q(payload__contains=REOPENED)))
    at_command_line = Q(actor__isnull=True, verb__in=BY_OTHERS)
    by_another = Q(actor__isnull=False) & ~Q(object_id=_text("actor_id"))
    return found.filter(at_command_line | by_another, ~Q(verb="baseline"))


def after_role(*, days: int) -> Exists:
    """Whether an event is within so many days after the roles of whoever made it changed."""
    return _after(_account_events().filter(payload__contains='"groups":['), days)


def after_account_change(*, days: int) -> Exists:
    """Whether an event is within so many days after another changed the account it was made with.

    That is its address, its name to sign in with, its password, its roles or flags, or that it was
    opened again or sent a link; not that it was made, or that an invitation was accepted.
    """
    return _after(account_changes().filter(verb__in=BY_OTHERS), days)


def _after(changes: QuerySet[AuditEvent], days: int) -> Exists:
    return Exists(
        changes.filter(
            object_id=_text(OuterRef("actor_id")),
            at__lte=OuterRef("at"),
            at__gte=OuterRef("at") - timedelta(days=days),
        )
    )


def decisions_after_role(events: QuerySet[Any], *, days: int) -> QuerySet[Any]:
    """Decisions that somebody made within so many days after their roles changed."""
    return events.filter(after_role(days=days), verb__in=DECISIONS)


def _account_events() -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(object_type=User._meta.label_lower).order_by()


def _text(number: str | OuterRef) -> Cast:
    """A key as events write it."""
    return Cast(number, CharField())


# ---- Verifications that the audit log tells of, and what each of them proves.
# A verification is an event: it carries the head that was reached and what was found, signed by the
# site. Whoever can write to the database can write an event, but none that fits the chain and has
# the signature. So one that has not is named as no proof, and a later head as not verified yet.

VERB = "verify_audit"
"""Verb of the event that a verification leaves."""

SIGNED = ("head", "is_quick", "faults", "not_compared")
"""What of the event is signed, with its time and the site."""

_WHOLE = ('"faults":[null,0]', '"is_quick":[null,false]')


@dataclass(frozen=True, slots=True)
class Run:
    """One verification: the event that tells of it, the head that it reached, what it found."""

    event: int
    at: datetime
    is_quick: bool
    sequence: int
    hash: str
    faults: int
    not_compared: int
    is_proof: bool

    @property
    def head(self) -> str:
        return f"{self.sequence}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Verified:
    """The latest verification, and the latest that compared everything and found it whole.

    ``since`` counts the events that were recorded since the head of the latter, without those of
    verifications; ``None`` where there is none that is a proof.
    """

    run: Run | None = None
    whole: Run | None = None
    since: int | None = None


def signature(at: datetime, told: Mapping[str, Any]) -> str:
    """What the event of a verification is signed with."""
    content = {name: told.get(name) for name in SIGNED}
    return signature_of({**content, "at": written(at), "site": settings.AUDIT_SITE, "verb": VERB})


def last_verified(head: ChainHead | None) -> Verified:
    """What the audit log tells of the last verifications, in four statements at most."""
    runs = AuditEvent.objects.filter(verb=VERB).order_by("-sequence")
    last = runs.first() if head else None
    if head is None or last is None:
        return Verified()
    is_whole = all(part in last.payload for part in _WHOLE)
    first, second = _WHOLE
    with_whole = runs.filter(payload__contains=first).filter(payload__contains=second)
    whole = last if is_whole else with_whole.first()
    # The events before and after each of these, and those of the heads that they carry.
    events = [last, whole or last]
    numbers = {event.pk + step for event in events for step in (-1, 1)}
    numbers |= {_head_in(_told(event))[0] for event in events}
    around = AuditEvent.objects.defer("payload").in_bulk(numbers)
    run = _run(last, around, head)
    full = _run(whole, around, head) if whole else None
    if full is None or not full.is_proof:
        return Verified(run, full)
    others = runs.filter(sequence__gt=full.sequence).count()
    return Verified(run, full, max(0, head.last_sequence - full.sequence - others))


def _run(event: AuditEvent, around: Mapping[int, AuditEvent], head: ChainHead) -> Run:
    told = _told(event)
    sequence, digest = _head_in(told)
    return Run(
        event=event.pk,
        at=event.at,
        is_quick=told.get("is_quick") is not False,
        sequence=sequence,
        hash=digest,
        faults=_count(told.get("faults"), otherwise=1),
        not_compared=_count(told.get("not_compared"), otherwise=0),
        is_proof=constant_time_compare(str(told.get("signature")), signature(event.at, told))
        and _fits(event, around, head)
        and (sequence, digest)
        in {(0, GENESIS), *((each.pk, each.hash) for each in around.values())},
    )


def _told(event: AuditEvent) -> dict[str, Any]:
    """What the event records, by name."""
    return {name: both[1] for name, both in changes_in(event.payload).items()}


def _head_in(told: Mapping[str, Any]) -> tuple[int, str]:
    found = HEAD.fullmatch(str(told.get("head")))
    return (int(found[1]), found[2]) if found else (-1, "")


def _count(value: Any, *, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise


def _fits(event: AuditEvent, around: Mapping[int, AuditEvent], head: ChainHead) -> bool:
    """Whether the event is in the chain: as it was hashed, behind the last and before the next."""
    payload = parsed(event.payload)
    before, after = around.get(event.pk - 1), around.get(event.pk + 1)
    following = after.previous_hash if after else head.last_hash
    return (
        event.hash == hash_of(event.previous_hash, event.payload) == following
        and event.previous_hash == (before.hash if before else GENESIS)
        and isinstance(payload, dict)
        and columns_of(event).items() <= payload.items()
        and event.pk <= head.last_sequence
    )
