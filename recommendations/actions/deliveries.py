"""What is sent from a queue, mail and webhooks: each row claimed first, retried, and given an end.

A row is claimed by moving its ``due_at`` ahead by the ``LEASE``, on the condition that nobody else
did. A sender that is killed leaves it at that: the row is due again after the lease, and goes out
under the same id. So none is lost, and one that was just being sent may be repeated.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import audit
from recommendations.actions.base import ActionRefused, require_administrator
from recommendations.choices import KEPT_MAIL, MailState
from recommendations.models import Queued, QueuedQuerySet, User

LEASE = timedelta(minutes=5)
"""For how long one sender has a row to itself: longer than a server takes to accept it, with the
time limits of each step of it."""

BACK_OFF = (
    *(timedelta(minutes=minutes) for minutes in (1, 5, 15)),
    *(timedelta(hours=hours) for hours in (1, 2, 4, 8, 16, 17, 24)),
)
"""How long to wait after each failed try, three days in all. After one more it is a dead letter."""

KEPT = timedelta(days=30)
"""For how long it is known that something was sent, dropped or given up."""


@dataclass
class PassResult:
    """What one pass over the queues came to."""

    sent: int = 0
    dropped: int = 0
    failed: int = 0
    is_stopped: bool = False
    """Whether the mail server did not answer, so that the rest was left for later."""


def claimed(rows: QueuedQuerySet) -> Any:
    """The next of these rows that is due, from now on ours for the lease; ``None`` without one."""
    now = timezone.now()
    while row := rows.due(now).order_by("due_at", "pk").first():
        seen, row.due_at = row.due_at, now + LEASE
        if type(row).objects.due(now).filter(pk=row.pk, due_at=seen).update(due_at=row.due_at):
            return row
    return None


def end(row: Queued, state: MailState) -> None:
    """Whoever else has it by now: it is not sent once more."""
    type(row).objects.filter(pk=row.pk, state__in=KEPT_MAIL).update(
        state=state, ended_at=timezone.now(), **row.EMPTIED
    )


def note_failure(row: Queued, error: Exception, *, is_final: bool) -> None:
    """Try it again later; a refusal that ``is_final``, or one too many, is the end of trying."""
    is_over = row.failures >= len(BACK_OFF) or is_final
    values: dict[str, Any] = (
        {"state": MailState.DEAD}
        if is_over
        else {"due_at": timezone.now() + BACK_OFF[row.failures]}
    )
    # Only while the lease is ours: another sender may have it by now.
    type(row).objects.filter(pk=row.pk, state=MailState.QUEUED, due_at=row.due_at).update(
        failures=F("failures") + 1, error=error_text(error), **values
    )


def error_text(error: Exception) -> str:
    """What went wrong, as the column of an error holds it; a refusal says it in its own words."""
    name = "" if isinstance(error, ActionRefused) else f"{type(error).__name__}: "
    return one_line(f"{name}{error}")


def one_line(text: str) -> str:
    """One readable line that the column of a subject or an error holds."""
    readable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(readable.split())[:300]


def prune(model: type[Queued], now: datetime) -> None:
    """Forget what ended long ago."""
    model.objects.filter(ended_at__lt=now - KEPT).delete()


# ---- What an administrator does about what could not be delivered


def send_again(*, row: Queued, by: User, at: datetime | None = None) -> None:
    """Put what was not delivered back into its queue, with all its tries before it."""
    with audit.entry(by=by, at=at) as entry:
        if not row.has_content:
            raise ActionRefused(_("Only the subject of this message was kept."))
        _change(entry, by, row, "send_again", MailState.QUEUED, due_at=entry.at, failures=0)


def give_up(*, row: Queued, by: User, at: datetime | None = None) -> None:
    """Let go of what was not delivered; its words go."""
    with audit.entry(by=by, at=at) as entry:
        _change(entry, by, row, "give_up", MailState.GIVEN_UP, ended_at=entry.at, **row.EMPTIED)


def _change(
    entry: audit.Entry, by: User, row: Queued, verb: str, state: MailState, **values: Any
) -> None:
    require_administrator(by)
    dead = type(row).objects.filter(pk=row.pk, state=MailState.DEAD)
    if not dead.update(state=state, **values):
        raise ActionRefused(_("This message is not on the list of undelivered messages."))
    entry.record(verb, row, before={"state": MailState.DEAD}, after={"state": state})
