"""Recording a change: the lock on the head, the clock, the event."""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connections, models, router, transaction
from django.db.models import DateTimeField, Func
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from recommendations.audit.snapshots import (
    GENESIS,
    canonical,
    changes_of,
    hash_of,
    payload_of,
    recommendation_id_of,
    text_digest,
)
from recommendations.faults import ClockFault
from recommendations.models import AuditEvent, AuditText, ChainHead, Recommendation, User
from recommendations.state import Touched, is_wordless, refresh_touched

# ---- The clock of an entry, refused where it cannot be right.
# A time that lies before the last event would order the record wrongly, so a clock that is behind
# by more than a moment is refused, and one that is ahead is found by that of the database, where it
# has one of its own. A chain that such a clock has taken into the future is continued once an
# administrator has accepted its last event, on record.

MOST_BEHIND = timedelta(seconds=1)
"""How far the clock may lie behind the last event: events of one entry follow by microseconds, and
clocks of machines that share a database differ a little."""

ACCEPTED = "accept_future_event"
"""The verb under which an administrator accepts that the chain is ahead of the clock."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The clock before and after the wait for the head, and that of the database in between."""

    asked: datetime
    now: datetime
    database: datetime | None


def lock_head() -> tuple[ChainHead, Reading]:
    """Lock the head of the chain, and read the clocks in the same statement."""
    alias, asked = router.db_for_write(ChainHead), timezone.now()
    rows = ChainHead.objects.using(alias).filter(pk=1).order_by().select_for_update()
    if connections[alias].vendor == "postgresql":
        # At some moment of the statement: it may be before the wait for the lock.
        clock = Func(function="CLOCK_TIMESTAMP", output_field=DateTimeField())
        rows = rows.annotate(database_clock=clock)
    if (head := next(iter(rows), None)) is None:
        # Somebody else may begin the chain at the same time.
        head, _is_new = ChainHead.objects.select_for_update().get_or_create(pk=1)
    return head, Reading(asked, timezone.now(), getattr(head, "database_clock", None))


def refuse_difference(reading: Reading) -> None:
    """``ClockFault`` where the clocks of machine and database differ by more than is allowed."""
    if reading.database is None:
        return
    bound = timedelta(seconds=settings.CLOCK_TOLERANCE)
    if reading.asked - bound <= reading.database <= reading.now + bound:
        return
    raise ClockFault(
        _(
            "The server clock shows %(clock)s and the database clock %(database)s. The "
            "permitted difference is %(bound)d seconds."
        )
        % {
            "clock": _text(reading.now),
            "database": _text(reading.database),
            "bound": settings.CLOCK_TOLERANCE,
        }
    )


def refuse_lag(last: datetime | None, now: datetime) -> None:
    """``ClockFault`` where the clock lies behind the last event, which nobody has accepted.

    What follows an accepted event follows it by microseconds; a later event of the future does not.
    """
    if last is None or last - now <= MOST_BEHIND:
        return
    if AuditEvent.objects.filter(verb=ACCEPTED, at__gte=last - MOST_BEHIND).exists():
        return
    raise ClockFault(
        _(
            "The server clock shows %(clock)s, but the last recorded change is dated "
            "%(last)s. If the clock is right, an administrator can accept that change "
            "with “manage.py accept_future_event”."
        )
        % {"clock": _text(now), "last": _text(last)}
    )


def _text(moment: datetime) -> str:
    return formats.date_format(timezone.localtime(moment), "j F Y, H:i:s e")


# ---- The record: one event for every change, in one chain that shows any later tampering.
# A writer opens an ``entry``. That starts a transaction, locks the head of the chain, and only then
# reads the clock: so all writers take their locks in the same order, times strictly rise and
# numbers have no gaps, on both databases. Everything the entry records is hashed with the hash
# before it (SHA-256).
# Free text enters an event as a salted digest; the text itself is kept in ``AuditText``, where it
# can be redacted later without breaking the chain.

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the act under way: of the web request, else of the command or the outermost entry."""

token: ContextVar[int | None] = ContextVar("token", default=None)
"""The key of the API token through which a request acts, if any."""

HISTORY_AFTER = timedelta(hours=1)
"""An entry under an earlier time than this before now loads history: it is news to nobody."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in one row, between two snapshots of it, and why."""

    verb: str
    thing: models.Model
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    reason: str = ""


@dataclass(slots=True)
class _Open:
    """What the outermost entry and all inside it share.

    That is the locked head, what they touched, and events and texts that are not written yet.
    """

    head: ChainHead
    touched: Touched
    events: list[AuditEvent] = field(default_factory=list)
    texts: list[AuditText] = field(default_factory=list)
    is_gathering: bool = False

    @contextmanager
    def undone_on_failure(self) -> Iterator[None]:
        """What is rolled back was never part of the chain."""
        head = self.head
        last = head.last_sequence, head.last_at, head.last_hash
        events, texts = len(self.events), len(self.texts)
        try:
            yield
        except BaseException:
            del self.events[events:], self.texts[texts:]
            head.last_sequence, head.last_at, head.last_hash = last
            raise


_open: ContextVar[_Open | None] = ContextVar("open", default=None)


class Entry:
    """An open place in the chain: its time, its writer, and the way to record changes."""

    def __init__(
        self, here: _Open, by: User | None, at: datetime, is_history: bool = False
    ) -> None:
        self.at = at
        self.by = by
        self.is_history = is_history
        self._here = here
        self._head = here.head

    @property
    def today(self) -> date:
        """The day of this entry in the time zone of the site."""
        return timezone.localdate(self.at)

    @property
    def next_sequence(self) -> int:
        """Number of the event that is recorded next."""
        return self._head.last_sequence + 1

    @property
    def last(self) -> tuple[int, str]:
        """Number and hash of the event before the next; 0 and zeros before the first."""
        return self._head.last_sequence, self._head.last_hash or GENESIS

    def touch(
        self,
        label: str,
        pk: Any,
        recommendation_id: int | None = None,
        *,
        is_wordless: bool = False,
    ) -> None:
        """Tell that a row was changed, so that the kept state which rests on it is refreshed.

        ``label`` is that of its model. Events tell it of what they record; this is for columns
        that follow from other rows, and change without an event of their own.
        """
        self._here.touched.add(label, pk, recommendation_id, is_wordless=is_wordless)

    def record(
        self,
        verb: str,
        thing: models.Model,
        *,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        reason: str = "",
        recommendation: Recommendation | None = None,
    ) -> AuditEvent:
        """Write one event: what changed between two snapshots of ``thing``, by whom and why."""
        change = Change(verb, thing, before, after, reason)
        event = self._event_of(change, recommendation)
        self._write()
        return event

    def record_all(self, changes: Iterable[Change]) -> None:
        """Write one event for each change, in their order, by one statement."""
        for change in changes:
            self._event_of(change)
        self._write()

    def _event_of(self, change: Change, recommendation: Recommendation | None = None) -> AuditEvent:
        thing = change.thing
        return self._next(
            change.verb,
            thing._meta.label_lower,
            str(thing.pk),
            changes_of(change.before, change.after, self._store),
            change.reason,
            recommendation.pk if recommendation else recommendation_id_of(thing),
            is_wordless=is_wordless(thing),
        )

    def record_counts(
        self,
        verb: str,
        name: str,
        counts: Mapping[str, Any],
        *,
        object_type: str = "file",
        reason: str = "",
    ) -> AuditEvent:
        """Write one event that tells of no single thing: a run of a command, or a bulk act.

        ``name`` can never be redacted: a file that somebody uploads goes by its digest, and what
        they called it is one of the ``counts``, as ``FreeText``.
        """
        changes = {key: [None, canonical(value, self._store)] for key, value in counts.items()}
        event = self._next(verb, object_type, name, changes, reason, None)
        self._write()
        return event

    def _next(
        self,
        verb: str,
        object_type: str,
        object_id: str,
        changes: Mapping[str, Any],
        reason: str,
        recommendation_id: int | None,
        *,
        is_wordless: bool = False,
    ) -> AuditEvent:
        """The next event of the chain, which waits to be written."""
        self.touch(object_type, object_id, recommendation_id, is_wordless=is_wordless)
        head = self._head
        # Several events of one entry follow each other by a microsecond: times strictly rise.
        at = _after_last(head, self.at)
        event = AuditEvent(
            sequence=head.last_sequence + 1,
            at=at,
            actor=self.by,
            verb=verb,
            object_type=object_type,
            object_id=object_id,
            recommendation_id=recommendation_id,
            request_id=request_id.get(),
            token_id=token.get(),
            reason_id=self._store(reason) if reason else None,
            previous_hash=head.last_hash or GENESIS,
        )
        event.payload = payload_of(event, changes)
        event.hash = hash_of(event.previous_hash, event.payload)
        head.last_sequence, head.last_at, head.last_hash = event.sequence, event.at, event.hash
        self._here.events.append(event)
        return event

    @contextmanager
    def gathered(self) -> Iterator[None]:
        """Write the events that are recorded inside by one statement, at the end.

        Nothing inside may ask for events of this entry.
        """
        here = self._here
        if here.is_gathering:
            yield
            return
        here.is_gathering = True
        try:
            yield
        finally:
            here.is_gathering = False
        self._write()

    def _write(self) -> None:
        """Write the events that wait, and their texts."""
        here = self._here
        if here.is_gathering or not here.events:
            return
        AuditText.objects.bulk_create(here.texts)
        AuditEvent.objects.bulk_create(here.events)
        here.texts.clear()
        here.events.clear()

    def _store(self, text: str) -> str:
        """Keep a text beside the chain, with the event; the digest that stands for it there."""
        made = text_of(text)
        self._here.texts.append(made)
        return made.digest


@contextmanager
def entry(*, by: User | None, at: datetime | None = None, may_lag: bool = False) -> Iterator[Entry]:
    """Open the chain for writing: transaction, lock on the head, clock, in this order.

    ``at`` is the time to write under, for loading history; by default the clock is read once the
    lock is held. Either way it is moved to just after the last event where it is not later.
    A clock that cannot be right is refused with ``ClockFault``; ``may_lag`` is for accepting a
    chain that is ahead of it.

    One entry inside another writes to the same chain in the same transaction: what fails inside
    is taken back alone where the outer one goes on. All of it is one act. At the end of the
    outermost, the kept state of all that was touched is refreshed.
    """
    with act(), transaction.atomic():
        outer = _open.get()
        here = outer or _Open(_checked_head(is_checked=at is None, may_lag=may_lag), Touched())
        head = here.head
        clock = timezone.now()
        now = _after_last(head, at or clock)
        last_sequence = head.last_sequence
        token = _open.set(here)
        try:
            with here.undone_on_failure():
                is_history = clock - (at or clock) > HISTORY_AFTER
                yield Entry(here, by, now, is_history)
        finally:
            _open.reset(token)
        if outer is None:
            if head.last_sequence != last_sequence:
                head.save(update_fields=["last_sequence", "last_at", "last_hash"])
            refresh_touched(here.touched, head.last_sequence)


def _checked_head(*, is_checked: bool, may_lag: bool) -> ChainHead:
    """The locked head. History is loaded under its own time, whatever the clock says."""
    head, reading = lock_head()
    if is_checked:
        refuse_difference(reading)
        if not may_lag:
            refuse_lag(head.last_at, reading.now)
    return head


def is_recording() -> bool:
    """Whether an entry is open here: what is read now may still be rolled back."""
    return _open.get() is not None


@contextmanager
def act() -> Iterator[str]:
    """Give everything recorded inside one id, so that the log shows it as one act.

    Inside a web request, or inside another act, it is the id of that one.
    """
    if current := request_id.get():
        yield current
        return
    token = request_id.set(uuid4().hex)
    try:
        yield request_id.get()
    finally:
        request_id.reset(token)


def text_of(text: str) -> AuditText:
    """A text with a salt of its own, not saved yet."""
    salt = secrets.token_hex(16)
    return AuditText(digest=text_digest(salt, text), salt=salt, text=text)


def _after_last(head: ChainHead, moment: datetime) -> datetime:
    """A moment, or just after the last event where it is not later."""
    return max(moment, head.last_at + timedelta(microseconds=1)) if head.last_at else moment
