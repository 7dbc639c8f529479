"""Verifications that the audit log tells of, and what each of them proves.

A verification is an event: it carries the head that was reached and what was found, signed by the
site. Whoever can write to the database can write an event, but none that fits the chain and has
the signature. So one that has not is named as no proof, and a later head as not verified yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare

from recommendations.audit.heads import HEAD, signature_of
from recommendations.audit.payload import GENESIS, columns_of, hash_of, written
from recommendations.audit.replay import changes_in, parsed
from recommendations.models import AuditEvent, ChainHead

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
