"""Queueing reminders: at most one message a person a day, however often it is tried.

Each person is a transaction of its own: the row of their day and their message are written, or
neither. So a run that is killed goes on where it was, and a second one on the same day finds the
rows of the first. The Message-ID follows from person and day.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import permissions
from recommendations.actions.mail.queue import Notification, language_of, queue_mail
from recommendations.choices import MailState, ReminderFrequency
from recommendations.models import (
    ChainHead,
    NotificationSettings,
    OutgoingMail,
    Recommendation,
    Reminder,
    User,
    with_roles,
)
from recommendations.queries.deputies import absent_people
from recommendations.queries.people import managers
from recommendations.queries.reminders.calendar import (
    FIRST_LOOK,
    LOOK_BACK,
    Span,
    is_message_day,
)
from recommendations.queries.reminders.changes import Members
from recommendations.queries.reminders.content import content_of, lines_for
from recommendations.queries.reminders.lines import Line

logger = logging.getLogger(__name__)

READABLE_FOR = timedelta(days=30)
"""For how long a message can be read here after its day."""

KNOWN_FOR = timedelta(days=400)
"""For how long it is known that there was a message, but for the last one of each person."""


@dataclass(slots=True)
class Outcome:
    """What a run came to: people by what became of them, each by name; ``queued`` with lines."""

    queued: list[tuple[str, list[Line]]] = field(default_factory=list)
    without_address: list[str] = field(default_factory=list)
    inactive: list[str] = field(default_factory=list)
    without_role: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    turned_off: int = 0
    not_today: int = 0
    nothing: int = 0


@dataclass(frozen=True, slots=True)
class _Run:
    now: datetime
    until: datetime
    managers: Sequence[User]
    members: Members
    absent: Mapping[int, Sequence[User]]
    is_dry: bool

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)


def queue_reminders(*, now: datetime, members: Members, is_dry: bool = False) -> Outcome:
    """Queue the message of this day to everybody who has something to be told.

    ``members`` gives what a saved view shows. A dry run writes nothing.
    """
    outcome = Outcome()
    absent = absent_people(timezone.localdate(now))
    run = _Run(now, _recorded_until(now), managers(), members, absent, is_dry)
    if not is_dry:
        _prune(run.today)
    _note_inactive(outcome)
    wanted = {row.person_id: row for row in NotificationSettings.objects.all()}
    last = _last_days()
    for person in _people():
        if not permissions.can_read_internally(person) or permissions.is_shut_out(person):
            if _answers(person.pk):
                outcome.without_role.append(str(person))
        elif not person.email:
            outcome.without_address.append(str(person))
        elif not person.wants_mail:
            outcome.turned_off += 1
        else:
            own = wanted.get(person.pk) or NotificationSettings(person=person)
            try:
                _remind(person, own, last.get(person.pk), run, outcome)
            except Exception:
                # What is wrong with the work of one person keeps no other from their message.
                logger.exception("A reminder was not queued", extra={"person": person.pk})
                outcome.failed.append(str(person))
    return outcome


def _remind(
    person: User,
    wanted: NotificationSettings,
    last: tuple[date, datetime] | None,
    run: _Run,
    outcome: Outcome,
) -> None:
    if not is_message_day(wanted, last[0] if last else None, run.today):
        outcome.not_today += 1
        return
    with translation.override(language_of(person)):
        lines = lines_for(
            person,
            _span(last, run),
            managers=run.managers,
            members=run.members,
            absent=run.absent.get(person.pk, ()),
        )
        if not lines:
            outcome.nothing += 1
        elif run.is_dry or _queue(person, lines, run):
            outcome.queued.append((str(person), lines))
        else:
            outcome.not_today += 1


def _queue(person: User, lines: Sequence[Line], run: _Run) -> bool:
    """Write the row of the day and the message; whether nobody else did before."""
    with transaction.atomic():
        reminder, is_new = Reminder.objects.get_or_create(
            person=person,
            day=run.today,
            defaults={
                "told_until": run.until,
                "roles": roles_of(person),
                "content": content_of(lines),
            },
        )
        if is_new:
            letter = _letter(len(lines), person)
            once = f"reminder-{run.today}"
            queue_mail([person], lambda _person: letter, once=once, reminder=reminder)
            _take_back_undelivered(person, run.today)
    return is_new


def _take_back_undelivered(person: User, today: date) -> None:
    """Let the message of a day stand for those before it that could not be delivered.

    It tells again what they told. So a wrong address leaves one undelivered message, not one a
    day, and who mends it sends one.
    """
    dead = OutgoingMail.objects.filter(
        reminder__person=person, reminder__day__lt=today, state=MailState.DEAD
    )
    told = list(dead.values_list("reminder", flat=True))
    if told:
        dead.delete()
        Reminder.objects.filter(pk__in=told, mails=None).delete()


def _letter(count: int, person: User) -> Notification:
    is_writer = permissions.can_write(person)
    return Notification(
        subject=ngettext(
            "Recommendation Tracker: %(n)d reminder",
            "Recommendation Tracker: %(n)d reminders",
            count,
        )
        % {"n": count},
        lines=(),
        link=_("Open My work") if is_writer else _("Open Home"),
        path=reverse("my-work" if is_writer else "overview"),
    )


def roles_of(person: User) -> str:
    """What a message is written for: the roles and the organisation of its reader."""
    names = ",".join(sorted(permissions.roles(person)))
    return f"{names}/{permissions.organisation_id(person) or ''}"


def is_still_for(person: User, reminder: Reminder) -> bool:
    """Whether a message that waits may still be sent to its person, as they are now."""
    wanted = NotificationSettings.of(person).frequency != ReminderFrequency.NONE
    return wanted and bool(reminder.content) and reminder.roles == roles_of(person)


def _span(last: tuple[date, datetime] | None, run: _Run) -> Span:
    """What the next message covers: from the last one on, as far as that is not long ago."""
    earliest = run.today - LOOK_BACK, run.now - LOOK_BACK
    since, told = last or (earliest[0], run.now - FIRST_LOOK)
    return Span(max(since, earliest[0]), run.today, max(told, earliest[1]), run.until)


def _recorded_until(now: datetime) -> datetime:
    """Up to when all that was recorded can be read: later events are told of the next time."""
    head = ChainHead.objects.filter(pk=1).values_list("last_at", flat=True).first()
    return min(head, now) if head else now


def _last_days() -> dict[int, tuple[date, datetime]]:
    """The day of the last message to each person, and up to when it told them of changes.

    What could not be delivered told nobody.
    """
    told = Reminder.objects.exclude(mails__state=MailState.DEAD)
    rows = told.order_by().values_list("person")
    return {
        person: (day, until)
        for person, day, until in rows.annotate(last=Max("day"), until=Max("told_until"))
    }


def _people() -> Iterable[User]:
    rows: QuerySet[User] = with_roles(User.objects.filter(is_active=True))
    return rows.order_by("username", "pk")


def _note_inactive(outcome: Outcome) -> None:
    """People without an active account on whom something of the record waits."""
    followed = Recommendation.objects.followed().order_by()
    officers, reviewers = (
        followed.exclude(**{name: None}).values(name) for name in ("lead_officer", "reviewer")
    )
    rows = User.objects.filter(Q(pk__in=officers) | Q(pk__in=reviewers), is_active=False)
    outcome.inactive += [str(person) for person in rows.order_by("username", "pk")]


def _answers(person: int) -> bool:
    """Whether something waits for a person, whoever they are by now."""
    is_theirs = Q(lead_officer=person) | Q(reviewer=person)
    return Recommendation.objects.followed().filter(is_theirs).exists()


def _prune(today: date) -> None:
    """Empty messages of some weeks ago; forget very old ones but for the last of each person."""
    old = Reminder.objects.filter(day__lt=today - READABLE_FOR).exclude(content={})
    old.update(content={})
    newest = Reminder.objects.order_by().values("person").annotate(last=Max("pk")).values("last")
    gone = Reminder.objects.filter(day__lt=today - KNOWN_FOR, mails=None)
    gone.exclude(pk__in=list(newest.values_list("last", flat=True))).delete()
