"""The chain of events: its head, and proving it whole."""

import hashlib
import json
import re
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from recommendations.audit.findings import MOST, attempt, walk, why
from recommendations.audit.redaction import is_redacted
from recommendations.audit.rewind import parsed, references_in
from recommendations.audit.snapshots import (
    GENESIS,
    ROWS,
    ROWS_DIGEST,
    columns_of,
    hash_of,
    json_text,
    line_of,
    text_digest,
    written,
)
from recommendations.models import AuditEvent, AuditRow, AuditText, ChainHead

# ---- The head of the chain as a signed file, to be kept outside the database

HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")
"""A head as it is printed: number, colon, hash."""

LONGEST_FILE = 10_000
"""Characters that a file of a head has at most."""

Head = tuple[int, str]


class HeadRefused(Exception):
    """A file that holds no head of this site: its message says why."""


@dataclass(frozen=True, slots=True)
class HeadFile:
    """What a file of a head holds; ``at`` is the time of the last event, in UTC."""

    sequence: int
    hash: str
    at: str
    site: str

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"

    def signed(self) -> str:
        """The text of the file."""
        told = {"sequence": self.sequence, "hash": self.hash, "at": self.at, "site": self.site}
        return json.dumps({**told, "signature": signature_of(told)}, indent=2) + "\n"


def current_head() -> HeadFile:
    """The head of the chain as it is now; 0 and zeros where there are no events."""
    head = ChainHead.objects.filter(pk=1).first() or ChainHead()
    at = written(head.last_at) or ""
    return HeadFile(head.last_sequence, head.last_hash or GENESIS, at, settings.AUDIT_SITE)


def read_head(text: str) -> Head:
    """Number and hash in the text of a file; ``HeadRefused`` where it is not one of this site."""
    try:
        told: dict[str, Any] = json.loads(text)
        signature = told.pop("signature")
        head, site = (int(told["sequence"]), str(told["hash"])), str(told["site"])
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise HeadRefused(_("The file contains no latest hash of an audit log.")) from error
    if not constant_time_compare(str(signature), signature_of(told)):
        raise HeadRefused(
            _("The signature is invalid: the file was altered, or signed with another key.")
        )
    if site != settings.AUDIT_SITE:
        raise HeadRefused(
            _("The file belongs to the site “%(found)s”. This site is “%(here)s”.")
            % {"found": site, "here": settings.AUDIT_SITE}
        )
    return head


def signature_of(told: dict[str, Any]) -> str:
    """The signature of this site on what is told of the chain, such as a head of it."""
    key = settings.AUDIT_SIGNING_KEY or settings.SECRET_KEY
    made = salted_hmac(
        "recommendations.audit.head", json_text(told), secret=key, algorithm="sha256"
    )
    return made.hexdigest()


# ---- Proving the chain whole: each number, time, hash, column, text and row of its events

BATCH = 500
"""Events, or rows of bulk events, that are held in memory at once."""

UNREADABLE = (ArithmeticError, AttributeError, RecursionError, TypeError, ValueError)
"""What comes up when a column holds what it cannot: SQLite keeps any text in any column."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification found: the head it reached, and the faults, if any.

    ``faults`` are the first of ``count``, in the order of the events: each is a sentence that names
    the event and what does not fit.
    """

    sequence: int
    hash: str
    faults: tuple[str, ...] = ()
    count: int = 0
    not_compared: int = 0

    @property
    def is_whole(self) -> bool:
        return not self.count

    @property
    def fault(self) -> str:
        """The first fault; empty when all fits."""
        return self.faults[0] if self.faults else ""

    @property
    def head(self) -> str:
        """The head as it is printed and expected: number, colon, hash."""
        return f"{self.sequence}:{self.hash}"


def verify_chain(
    expect: tuple[int, str] | None = None, advance: Callable[[int], None] = lambda count: None
) -> Verdict:
    """Walk the chain from its first event to its last, whatever does not fit on the way.

    Each event is compared with the one that is there before it, so that what follows a fault is
    compared as well. ``expect`` is a head noted down earlier: the chain must still hold that event
    with that hash. Only this shows that the last events were cut off together with the head.
    ``advance`` is told how many events and rows of bulk events were read since it was told last.
    """
    found = _Found()
    previous: AuditEvent | None = None
    rows = RowReader(advance, found)
    for event, texts in _events(advance, found):
        with found.comparing(event.sequence):
            for fault in _faults_of(event, previous, texts, found.unread):
                found.add(fault)
        with found.comparing(event.sequence):
            rows.compare(event)
        if expect and event.sequence == expect[0] and event.hash != expect[1]:
            found.add(_("Event %d does not have the expected hash.") % event.sequence)
        previous = event
    rows.compare_rest()
    with attempt(lambda _error: found.add(_("The latest hash cannot be read."))):
        head = ChainHead.objects.filter(pk=1).first() or ChainHead()
        if fault := _fault_of_head(head, previous, expect):
            found.add(fault)
    reached = (previous.sequence, str(previous.hash)) if previous else (0, GENESIS)
    return Verdict(*reached, tuple(found.first), found.count, found.not_compared)


@dataclass
class _Found:
    """Faults of the chain: the first of them, and how many there are."""

    first: list[str] = field(default_factory=list)
    count: int = 0
    not_compared: int = 0
    unread: set[Any] = field(default_factory=set)
    """Numbers of events that are there and could not be read."""

    def add(self, fault: str) -> None:
        self.count += 1
        if self.count <= MOST:
            self.first.append(fault)

    def unreadable(self, number: object, error: Exception) -> None:
        """An event, or all after the last one that was read where its number is ``None``."""
        self.not_compared += 1
        self.unread.add(number)
        values = {"number": number, "why": why(error)}
        self.add(
            _("Further events could not be compared: %(why)s") % values
            if number is None
            else _("Event %(number)s could not be compared: %(why)s") % values
        )

    def comparing(self, number: int) -> AbstractContextManager[None]:
        """Compare one event; where that fails it is told as not compared, with why."""
        return attempt(lambda error: self.unreadable(number, error))


def _events(
    advance: Callable[[int], None], found: _Found
) -> Iterator[tuple[AuditEvent, dict[str, AuditText]]]:
    """Every event in order, with the texts that it and its neighbours refer to."""
    for batch in walk(AuditEvent.objects.all(), BATCH, found.unreadable):
        texts = _texts({d for event in batch for d in _digests_in(event)})
        yield from ((event, texts) for event in batch)
        advance(len(batch))


def _texts(digests: Iterable[str]) -> dict[str, AuditText]:
    """Texts by their digests. One that cannot be read is empty, and so not as it was written."""
    found: dict[str, AuditText] = {}
    for texts in walk(
        AuditText.objects.filter(pk__in=list(digests)),
        BATCH,
        lambda digest, _error: found.update({digest: AuditText(digest=digest)}),
    ):
        found.update({text.digest: text for text in texts})
    return found


def _digests_in(event: AuditEvent) -> set[str]:
    """Digests of the texts that a payload refers to; none when it cannot be read."""
    payload = parsed(event.payload)
    found = {payload.get("reason")} if isinstance(payload, dict) else set()
    found |= set(references_in(payload))
    return {digest for digest in found if isinstance(digest, str)}


def _faults_of(
    event: AuditEvent,
    previous: AuditEvent | None,
    texts: dict[str, AuditText],
    unread: Container[Any],
) -> Iterator[str]:
    number = event.sequence
    expected = previous.sequence + 1 if previous else 1
    between = (each for each in range(expected, number) if each not in unread)
    if (missing := next(between, None)) is not None or number < expected:
        yield _("Event %(expected)d is missing. Event %(number)d follows instead.") % {
            "expected": expected if missing is None else missing,
            "number": number,
        }
    elif number == expected and event.previous_hash != (previous.hash if previous else GENESIS):
        yield _("Event %d does not continue the previous event.") % number
    if event.hash != hash_of(event.previous_hash, event.payload):
        yield _("The payload of event %d does not match its hash.") % number
    if not isinstance(parsed(event.payload), dict):
        yield _("The payload of event %d cannot be read.") % number
    elif differing := _columns_that_differ(event):
        yield _("Event %(number)d: %(columns)s differs from the payload.") % {
            "number": number,
            "columns": ", ".join(differing),
        }
    times = [each.at for each in (previous, event) if each and isinstance(each.at, datetime)]
    if len(times) == 2 and times[1] <= times[0]:
        yield _("Event %d is not later than the previous event.") % number
    if fault := _fault_of_texts(number, _digests_in(event), texts):
        yield fault


def _columns_that_differ(event: AuditEvent) -> list[str]:
    payload = parsed(event.payload)
    at: Any = event.at
    if not isinstance(at, datetime):
        return ["at"]
    told = {"token": None, **columns_of(event)}
    return [name for name, value in told.items() if payload.get(name) != value]


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
    """Compares the rows of bulk events, event by event.

    Ids rise with the events, since every writer holds the head of the chain: rows whose ids do not
    were added later, or taken from another.
    """

    def __init__(self, advance: Callable[[int], None], found: _Found) -> None:
        self._advance = advance
        self._found = found
        self._count = self._last = 0

    def compare(self, event: AuditEvent) -> None:
        """Tell what is wrong with the rows of an event; most have none, and none are looked for."""
        told = _told_by(event)
        if told is None:
            return
        number, count, digest = event.sequence, 0, hashlib.sha256()
        ids: list[int] = []
        for rows in walk(
            AuditRow.objects.filter(event=number),
            BATCH,
            lambda _key, error: self._found.unreadable(number, error),
        ):
            digests = {digest for row in rows for digest in references_in(parsed(row.changes))}
            if fault := _fault_of_texts(number, digests, _texts(digests)):
                self._found.add(fault)
            for row in rows:
                digest.update(line_of(row))
            count += len(rows)
            ids = [*ids[:1], rows[0].pk, rows[-1].pk]
            self._advance(len(rows))
        if count != told[0]:
            values = {"number": number, "told": told[0], "count": count}
            self._found.add(_("Event %(number)d records %(told)s rows but has %(count)d.") % values)
        elif digest.hexdigest() != told[1]:
            self._found.add(_("The rows of event %d do not match its digest.") % number)
        elif ids and ids[0] < self._last:
            self._found.add(_("The rows of event %d were numbered again.") % number)
        self._last = max([self._last, *ids])
        self._count += count

    def compare_rest(self) -> None:
        """Tell of rows that came with no event."""
        with attempt(lambda error: self._found.unreadable(None, error)):
            if AuditRow.objects.count() <= self._count:
                return
            events = AuditRow.objects.order_by("event_id").values_list("event_id", flat=True)
            for number in events.distinct().iterator(BATCH):
                event = None
                with attempt(lambda _error: None):
                    event = AuditEvent.objects.filter(pk=number).first()
                if event is None or _told_by(event) is None:
                    self._found.add(_("A row was added to event %s.") % number)


def _told_by(event: AuditEvent) -> tuple[Any, Any] | None:
    """The number of rows and their digest, as the payload of a bulk event gives them."""
    payload = parsed(event.payload)
    changes = payload.get("changes") if isinstance(payload, dict) else None
    if not isinstance(changes, dict) or ROWS_DIGEST not in changes:
        return None
    try:
        return changes[ROWS][1], changes[ROWS_DIGEST][1]
    except (LookupError, TypeError):
        return None, None
