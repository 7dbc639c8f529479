"""Proving the chain whole: each number, time, hash, column, text and row of its events."""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from recommendations.audit.payload import (
    GENESIS,
    ROWS,
    ROWS_DIGEST,
    columns_of,
    hash_of,
    line_of,
    text_digest,
)
from recommendations.audit.redaction import is_redacted
from recommendations.audit.replay import parsed, references_in
from recommendations.models import AuditEvent, AuditRow, AuditText, ChainHead

BATCH = 500
"""Events, or rows of bulk events, that are held in memory at once."""

UNREADABLE = (ArithmeticError, AttributeError, RecursionError, TypeError, ValueError)
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


def verify_chain(
    expect: tuple[int, str] | None = None, advance: Callable[[int], None] = lambda count: None
) -> Verdict:
    """Walk the chain from its first event and stop at the first that does not fit.

    ``expect`` is a head noted down earlier: the chain must still hold that event with that hash.
    Only this shows that the last events were cut off together with the head. ``advance`` is told
    how many events and rows of bulk events were read since it was told last.
    """
    previous: AuditEvent | None = None
    rows = RowReader(advance)
    fault = ""
    try:
        head = ChainHead.objects.filter(pk=1).first() or ChainHead()
    except UNREADABLE:
        head = None
    try:
        for event, texts in _events(advance):
            fault = (
                _fault_of(event, previous, texts)
                or rows.fault_of(event)
                or _surprise(event, expect)
            )
            if fault:
                return Verdict(event.sequence, event.hash, fault)
            previous = event
        fault = rows.fault_of_rest()
    except UNREADABLE:
        fault = _("The record after event %d cannot be read: a value has an unexpected type.") % (
            previous.sequence if previous else 0
        )
    fault = fault or _fault_of_head(head, previous, expect)
    if previous is None:
        return Verdict(0, GENESIS, fault)
    return Verdict(previous.sequence, previous.hash, fault)


def _events(advance: Callable[[int], None]) -> Iterator[tuple[AuditEvent, dict[str, AuditText]]]:
    """Every event in order, with the texts that it and its neighbours refer to."""
    events, size = AuditEvent.objects.order_by("sequence"), BATCH
    last: int | None = None
    while True:
        following = events if last is None else events.filter(sequence__gt=last)
        try:
            batch = list(following[:size])
        except UNREADABLE:
            if size == 1:
                raise
            size = 1  # One by one, so that the fault names the last event that can be read.
            continue
        if not batch:
            return
        texts = AuditText.objects.in_bulk({d for event in batch for d in _digests_in(event)})
        yield from ((event, texts) for event in batch)
        last = batch[-1].sequence
        advance(len(batch))


def _digests_in(event: AuditEvent) -> set[str]:
    """Digests of the texts that a payload refers to; none when it cannot be read."""
    payload = parsed(event.payload)
    found = {payload.get("reason")} if isinstance(payload, dict) else set()
    found |= set(references_in(payload))
    return {digest for digest in found if isinstance(digest, str)}


def _fault_of(event: AuditEvent, previous: AuditEvent | None, texts: dict[str, AuditText]) -> str:
    number = event.sequence
    expected = previous.sequence + 1 if previous else 1
    if number != expected:
        return _("Event %(expected)d is missing. Event %(number)d follows instead.") % {
            "expected": expected,
            "number": number,
        }
    if event.previous_hash != (previous.hash if previous else GENESIS):
        return _("Event %d does not continue the previous event.") % number
    if event.hash != hash_of(event.previous_hash, event.payload):
        return _("The payload of event %d does not match its hash.") % number
    differing = _columns_that_differ(event)
    if differing:
        return _("Event %(number)d: %(columns)s differs from the payload.") % {
            "number": number,
            "columns": ", ".join(differing),
        }
    if previous and event.at <= previous.at:
        return _("Event %d is not later than the previous event.") % number
    return _fault_of_texts(number, _digests_in(event), texts)


def _columns_that_differ(event: AuditEvent) -> list[str]:
    payload = parsed(event.payload)
    if not isinstance(payload, dict):
        return ["payload"]
    return [name for name, value in columns_of(event).items() if payload.get(name) != value]


def _fault_of_texts(number: int, digests: Iterable[str], texts: dict[str, AuditText]) -> str:
    """What is wrong with the texts that event ``number`` or one of its rows refers to."""
    for digest in sorted(digests):
        text = texts.get(digest)
        if text is None:
            return _("Event %d refers to a missing text.") % number
        is_as_written = text_digest(text.salt, text.text) == digest
        if not (is_as_written if text.redacted_at is None else is_redacted(text)):
            return _("A text of event %d was changed.") % number
    return ""


def _surprise(event: AuditEvent, expect: tuple[int, str] | None) -> str:
    """The fault when this is the event that is expected, and it is not the one noted down."""
    if expect and event.sequence == expect[0] and event.hash != expect[1]:
        return _("Event %d does not have the expected hash.") % event.sequence
    return ""


def _fault_of_head(
    head: ChainHead | None, previous: AuditEvent | None, expect: tuple[int, str] | None
) -> str:
    last = previous.sequence if previous else 0
    if head is None or not isinstance(head.last_sequence, int):
        return _("The latest hash cannot be read.")
    if max(head.last_sequence, expect[0] if expect else 0) > last:
        return _("Event %(number)d is missing. The audit log ends at event %(last)d.") % {
            "number": last + 1,
            "last": last,
        }
    if head.last_sequence < last:
        return _("Event %d was added after the latest hash.") % (head.last_sequence + 1)
    if previous and (head.last_hash != previous.hash or head.last_at != previous.at):
        return _("The latest hash does not match event %d.") % last
    return ""


class RowReader:
    """Reads the rows of bulk events once, in step with the events.

    Ids rise with the events, since every writer holds the head of the chain: what does not come
    with its event was added later, or taken from another.
    """

    def __init__(self, advance: Callable[[int], None]) -> None:
        self._advance = advance
        self._waiting: deque[AuditRow] = deque()
        self._texts: dict[str, AuditText] = {}
        self._last: int | None = None

    def fault_of(self, event: AuditEvent) -> str:
        """What is wrong with the rows of the next event; most have none, and none are there."""
        told = _told_by(event)
        if told is None:
            return ""
        count, digest = 0, hashlib.sha256()
        while (row := self._next()) is not None and row.event_id <= event.sequence:
            if row.event_id < event.sequence:
                return _added_to(row.event_id)
            count += 1
            digest.update(line_of(row))
            digests = set(references_in(parsed(row.changes)))
            if fault := _fault_of_texts(event.sequence, digests, self._texts):
                return fault
            self._waiting.popleft()
        if count != told[0]:
            return _("Event %(number)d records %(told)s rows but has %(count)d.") % {
                "number": event.sequence,
                "told": told[0],
                "count": count,
            }
        if digest.hexdigest() != told[1]:
            return _("The rows of event %d do not match its digest.") % event.sequence
        return ""

    def fault_of_rest(self) -> str:
        """What is wrong with rows that came with no event."""
        row = self._next()
        return "" if row is None else _added_to(row.event_id)

    def _next(self) -> AuditRow | None:
        """The first row that was not compared yet."""
        if not self._waiting:
            found = AuditRow.objects.order_by("pk")
            if self._last is not None:
                found = found.filter(pk__gt=self._last)
            rows = list(found[:BATCH])
            if not rows:
                return None
            self._waiting.extend(rows)
            self._last = rows[-1].pk
            digests = {d for row in rows for d in references_in(parsed(row.changes))}
            self._texts = AuditText.objects.in_bulk(digests)
            self._advance(len(rows))
        return self._waiting[0]


def _told_by(event: AuditEvent) -> tuple[Any, Any] | None:
    """The number of rows and their digest, as the payload of a bulk event gives them."""
    changes = parsed(event.payload).get("changes")
    if not isinstance(changes, dict) or ROWS_DIGEST not in changes:
        return None
    try:
        return changes[ROWS][1], changes[ROWS_DIGEST][1]
    except (LookupError, TypeError):
        return None, None


def _added_to(number: int) -> str:
    return _("A row was added to event %d.") % number
