"""Proving the chain whole: each number, time, hash, column, text and row of its events."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from recommendations.audit.payload import GENESIS, columns_of, hash_of, text_digest
from recommendations.audit.redaction import is_redacted
from recommendations.audit.replay import references_in
from recommendations.audit.verify_rows import RowReader
from recommendations.models import AuditEvent, AuditText, ChainHead

BATCH = 500
"""Events that are held in memory at once."""

UNREADABLE = (AttributeError, RecursionError, TypeError, ValueError)
"""What comes up when a column holds what it cannot: SQLite keeps any text in any column."""


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
    head: ChainHead | None = None
    rows = RowReader(fault_of_texts)
    try:
        for head_before, batch, texts in _batches():
            head = head_before
            for event in batch:
                fault = (
                    _fault_of(event, previous, texts)
                    or rows.fault_of(event)
                    or _surprise(event, expect)
                )
                if fault:
                    return Verdict(event.sequence, event.hash, fault)
                previous = event
        fault = rows.fault_of_rest(previous.sequence if previous else 0)
    except UNREADABLE:
        fault = _("What follows event %d cannot be read: a value is of another kind.") % (
            previous.sequence if previous else 0
        )
    fault = fault or _fault_of_head(head, previous, expect)
    if previous is None:
        return Verdict(0, GENESIS, fault)
    return Verdict(previous.sequence, previous.hash, fault)


def _batches() -> Iterator[tuple[ChainHead | None, list[AuditEvent], dict[str, AuditText]]]:
    """Every event in order, in batches, with the texts they refer to; the last batch is empty.

    With each comes the head as it stood just before: on a site at work only the head of the last
    batch can be compared with the last event, since whatever was written later would have come.
    """
    last, size = None, BATCH
    while True:
        head = _head()
        events = AuditEvent.objects.order_by("sequence")
        if last is not None:
            events = events.filter(sequence__gt=last)
        try:
            batch = list(events[:size])
        except UNREADABLE:
            if size == 1:
                raise
            size = 1  # One by one, so that the fault names the last event that can be read.
            continue
        yield head, batch, AuditText.objects.in_bulk({d for e in batch for d in _digests_in(e)})
        if not batch:
            return
        last = batch[-1].sequence


def _head() -> ChainHead | None:
    """The head of the chain, one that holds nothing where there is none; ``None`` if unreadable."""
    try:
        head = ChainHead.objects.filter(pk=1).first() or ChainHead()
    except UNREADABLE:
        return None
    number: Any = head.last_sequence
    return head if isinstance(number, int) else None


def _digests_in(event: AuditEvent) -> set[str]:
    """Digests of the texts that a payload refers to; none when it cannot be read."""
    try:
        payload = json.loads(event.payload)
    except ValueError:
        return set()
    found = {payload.get("reason")} if isinstance(payload, dict) else set()
    found |= set(references_in(payload))
    return {digest for digest in found if isinstance(digest, str)}


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
    return fault_of_texts(number, _digests_in(event), texts)


def _columns_that_differ(event: AuditEvent) -> list[str]:
    try:
        payload = json.loads(event.payload)
    except ValueError:
        return ["payload"]
    if not isinstance(payload, dict):
        return ["payload"]
    return [name for name, value in columns_of(event).items() if payload.get(name) != value]


def fault_of_texts(number: int, digests: Iterable[str], texts: dict[str, AuditText]) -> str:
    """What is wrong with the texts that event ``number`` or one of its rows refers to."""
    for digest in sorted(digests):
        text = texts.get(digest)
        if text is None:
            return _("Event %d refers to a text that is gone.") % number
        is_as_written = text_digest(text.salt, text.text) == digest
        if not (is_as_written if text.redacted_at is None else is_redacted(text)):
            return _("A text of event %d was changed.") % number
    return ""


def _surprise(event: AuditEvent, expect: tuple[int, str] | None) -> str:
    """The fault when this is the event that is expected, and it is not the one noted down."""
    if expect and event.sequence == expect[0] and event.hash != expect[1]:
        return _("Event %d has another hash than the one expected.") % event.sequence
    return ""


def _fault_of_head(
    head: ChainHead | None, previous: AuditEvent | None, expect: tuple[int, str] | None
) -> str:
    last = previous.sequence if previous else 0
    if head is None:
        return _("The head of the chain cannot be read.")
    if max(head.last_sequence, expect[0] if expect else 0) > last:
        return _("Event %(number)d is missing: the chain ends at %(last)d.") % {
            "number": last + 1,
            "last": last,
        }
    if head.last_sequence < last:
        return _("Event %d was added past the head of the chain.") % (head.last_sequence + 1)
    if previous and (head.last_hash != previous.hash or head.last_at != previous.at):
        return _("The head of the chain does not fit event %d.") % last
    return ""
