"""The clock of an entry, refused where it cannot be right.

A time that lies before the last event would order the record wrongly, so a clock that is behind by
more than a moment is refused, and one that is ahead is found by that of the database, where it has
one of its own. A chain that such a clock has taken into the future is continued once an
administrator has accepted its last event, on record.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connections, router
from django.db.models import DateTimeField, Func
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from recommendations.faults import ClockFault
from recommendations.models import AuditEvent, ChainHead

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


def lock_head(heads: type[ChainHead]) -> tuple[ChainHead, Reading]:
    """Lock the head of the chain, and read the clocks in the same statement."""
    alias, asked = router.db_for_write(heads), timezone.now()
    rows = heads.objects.using(alias).filter(pk=1).order_by().select_for_update()
    if connections[alias].vendor == "postgresql":
        # At some moment of the statement: it may be before the wait for the lock.
        clock = Func(function="CLOCK_TIMESTAMP", output_field=DateTimeField())
        rows = rows.annotate(database_clock=clock)
    if (head := next(iter(rows), None)) is None:
        # Somebody else may begin the chain at the same time.
        head, _is_new = heads.objects.select_for_update().get_or_create(pk=1)
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


def refuse_lag(last: datetime | None, now: datetime, events: type[AuditEvent]) -> None:
    """``ClockFault`` where the clock lies behind the last event, which nobody has accepted.

    What follows an accepted event follows it by microseconds; a later event of the future does not.
    """
    if last is None or last - now <= MOST_BEHIND:
        return
    if events.objects.filter(verb=ACCEPTED, at__gte=last - MOST_BEHIND).exists():
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
