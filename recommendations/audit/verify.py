"""Proving the chain of events whole: every number, time, hash, column and text in its place."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from recommendations.audit.record import GENESIS, columns_of, hash_of, text_digest
from recommendations.models import AuditEvent, AuditText, ChainHead

BATCH = 500
"""Events that are held in memory at once."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification found: the head it reached, and the first fault, if any.

    ``fault`` is a sentence that names the event and what does not fit; empty when all fits.
    """

    sequence: int
    hash: str
    fault: str = ""

    @property
    def is_whole(self) -> bool:
        return not self.fault

    @property
    def head(self) -> str:
        """The head as it is printed and expected: number, colon, hash."""
        return f"{self.sequence}:{self.hash}"


def verify(expect: tuple[int, str] | None = None) -> Verdict:
    """Walk the chain from its first event and stop at the first that does not fit.

    ``expect`` is a head noted down earlier: the chain must still hold that event with that hash.
    Only this shows that the last events were cut off together with the head.
    """
    previous: AuditEvent | None = None
    seen_hash = GENESIS
    for event, texts in _events_with_texts():
        fault = _fault_of(event, previous, texts)
        if not fault and expect and event.sequence == expect[0] and event.hash != expect[1]:
            fault = _("Event %d has another hash than the one expected.") % event.sequence
        if fault:
            return Verdict(event.sequence, event.hash, fault)
        previous, seen_hash = event, event.hash
    last = previous.sequence if previous else 0
    return Verdict(last, seen_hash, _fault_of_head(last, seen_hash, previous, expect))


def _events_with_texts() -> Iterator[tuple[AuditEvent, dict[str, AuditText]]]:
    """Every event in order, with the stored texts that its batch refers to."""
    last = None
    while True:
        events = AuditEvent.objects.order_by("sequence")
        if last is not None:
            events = events.filter(sequence__gt=last)
        batch = list(events[:BATCH])
        if not batch:
            return
        texts = AuditText.objects.in_bulk({d for event in batch for d in _digests_in(event)})
        for event in batch:
            yield event, texts
        last = batch[-1].sequence


def _digests_in(event: AuditEvent) -> set[str]:
    """Digests of the texts that a payload refers to; none when it cannot be read."""
    try:
        payload = json.loads(event.payload)
    except ValueError:
        return set()
    found = {payload.get("reason")} if isinstance(payload, dict) else set()
    found |= set(_text_references(payload))
    return {digest for digest in found if isinstance(digest, str)}


def _text_references(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        if set(node) == {"text"}:
            yield node["text"]
        for value in node.values():
            yield from _text_references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _text_references(value)


def _fault_of(event: AuditEvent, previous: AuditEvent | None, texts: dict[str, AuditText]) -> str:
    number = event.sequence
    expected = previous.sequence + 1 if previous else 1
    if number != expected:
        return _("Event %(expected)d is missing: %(number)d follows in its place.") % {
            "expected": expected,
            "number": number,
        }
    if event.previous_hash != (previous.hash if previous else GENESIS):
        return _("Event %d does not continue the event before it.") % number
    if event.hash != hash_of(event.previous_hash, event.payload):
        return _("The payload of event %d does not give its hash.") % number
    differing = _columns_that_differ(event)
    if differing:
        return _("Event %(number)d: %(columns)s differs from the payload.") % {
            "number": number,
            "columns": ", ".join(differing),
        }
    if previous and event.at <= previous.at:
        return _("Event %d is not later than the event before it.") % number
    return _fault_of_texts(event, texts)


def _columns_that_differ(event: AuditEvent) -> list[str]:
    try:
        payload = json.loads(event.payload)
    except ValueError:
        return ["payload"]
    return [name for name, value in columns_of(event).items() if payload.get(name) != value]


def _fault_of_texts(event: AuditEvent, texts: dict[str, AuditText]) -> str:
    for digest in sorted(_digests_in(event)):
        stored = texts.get(digest)
        if stored is None:
            return _("Event %d refers to a text that is gone.") % event.sequence
        if text_digest(stored.salt, stored.text) != digest:
            return _("A text of event %d was changed.") % event.sequence
    return ""


def _fault_of_head(
    last: int, last_hash: str, previous: AuditEvent | None, expect: tuple[int, str] | None
) -> str:
    if expect and expect[0] > last:
        return _("Event %(number)d is missing: the chain ends at %(last)d.") % {
            "number": expect[0],
            "last": last,
        }
    head = ChainHead.objects.filter(pk=1).first() or ChainHead()
    if head.last_sequence > last:
        return _("Event %(number)d is missing: the chain ends at %(last)d.") % {
            "number": last + 1,
            "last": last,
        }
    if head.last_sequence < last:
        return _("Event %d was added past the head of the chain.") % (head.last_sequence + 1)
    if last and (head.last_hash != last_hash or (previous and head.last_at != previous.at)):
        return _("The head of the chain does not fit event %d.") % last
    return ""
