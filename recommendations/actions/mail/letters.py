"""Mail that no act brings about: reminders, links for passwords, warnings about signing in."""

import logging
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Max, Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import permissions
from recommendations.actions.mail.queue import (
    Notification,
    language_of,
    new_mail,
    password_advice,
    queue_mail,
)
from recommendations.choices import MailState, ReminderFrequency
from recommendations.models import (
    AuditEvent,
    ChainHead,
    NotificationSettings,
    OutgoingMail,
    Recommendation,
    Reminder,
    ResetRequest,
    User,
    with_roles,
)
from recommendations.queries.deputies import absent_people
from recommendations.queries.frame import frame_for
from recommendations.queries.people import managers
from recommendations.queries.reminders import (
    FIRST_LOOK,
    LOOK_BACK,
    Line,
    Members,
    Span,
    content_of,
    is_message_day,
    lines_for,
)

# ---- Queueing reminders: at most one message a person a day, however often it is tried.
# Each person is a transaction of its own: the row of their day and their message are written, or
# neither. So a run that is killed goes on where it was, and a second one on the same day finds the
# rows of the first. The Message-ID follows from person and day.

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
    uses: frozenset[str]
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
    uses = frame_for(AnonymousUser()).uses
    run = _Run(now, _recorded_until(now), managers(), members, absent, uses, is_dry)
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
            uses=run.uses,
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


# ---- Links for a forgotten password: asked for by anybody, sent to whoever has the address.
# A request does the same work whether or not somebody has the address, so its answer and its time
# tell nobody who has an account. Whom it concerns is found out when the queue is sent.

SPAN = timedelta(hours=1)
MOST_FOR_ADDRESS = 3
"""Requests for one address within the span that are answered."""
MOST_FROM_CLIENT = 10
"""Requests of one client, which may be a whole office."""

_ASKED = Notification(subject="", lines=(), link="", is_asked_for=False, sets_password=True)


def ask_for_reset(*, address: str, client: str) -> None:
    """Queue a request, unless there were too many of late; nothing tells which it was."""
    if is_within_limits(address=address, client=client):
        language = translation.get_language() or settings.LANGUAGE_CODE
        new_mail(_ASKED, address=address, language=language).save(force_insert=True)


def is_within_limits(*, address: str, client: str) -> bool:
    """Whether this client may ask for one more link to this address; where it may, it counts."""
    now = timezone.now()
    # Counted once it is stored: of two at a time at least one sees the other. One that is refused
    # is taken back, so that nobody is kept from a link by somebody else who goes on asking.
    request = ResetRequest.objects.create(
        at=now, address_digest=_digest(_folded(address)), client_digest=_digest(client)
    )
    recent = ResetRequest.objects.filter(at__gt=now - SPAN)
    for_address = recent.filter(address_digest=request.address_digest).count()
    from_client = recent.filter(client_digest=request.client_digest).count()
    if for_address > MOST_FOR_ADDRESS or from_client > MOST_FROM_CLIENT:
        request.delete()
        return False
    return True


def answer(asked: OutgoingMail) -> None:
    """Put a message to each account of the address in place of the request: as Django chooses
    them, active and with a password that can be used."""
    with transaction.atomic():
        ours = OutgoingMail.objects.filter(pk=asked.pk, due_at=asked.due_at)
        if not ours.delete()[0]:
            return  # Another sender has it by now.
        for person in _owners(asked.address):
            if permissions.is_shut_out(person):
                continue
            language = person.language or asked.language
            with translation.override(language):
                letter = password_letter(
                    person,
                    _("A new password was requested for your account at %s.") % asked.site,
                    _(
                        "If you did not request this, ignore this message. Your password stays "
                        "unchanged."
                    ),
                )
            new_mail(letter, to=person, language=language, site=asked.site).save(force_insert=True)


def _owners(address: str) -> Iterator[User]:
    """Whom Django writes to, and who was invited and let the link for their first password expire.

    An account whose password an administrator took away has had one, and stays without.
    """
    found: list[User] = list(PasswordResetForm().get_users(address))
    yield from found
    rows = User.objects.filter(email__iexact=address, is_active=True, is_service=False)
    for person in rows.order_by("pk"):
        is_theirs = person not in found and _folded(person.email) == _folded(address)
        if is_theirs and _awaits_first_password(person):
            yield person


def _awaits_first_password(person: User) -> bool:
    set_or_invited = AuditEvent.objects.filter(
        object_type=User._meta.label_lower,
        object_id=str(person.pk),
        verb__in=("invite", "set_password"),
    )
    last = set_or_invited.order_by("-sequence").values_list("verb", flat=True).first()
    return last == "invite" and not person.has_usable_password()


def prune(now: datetime) -> None:
    """Forget requests that count no more."""
    ResetRequest.objects.filter(at__lte=now - SPAN).delete()


def password_letter(person: User, why: str, *more: str, subject: str = "") -> Notification:
    """The link under which the owner of an account sets a password, and why it is sent."""
    return Notification(
        subject=subject or _("Recommendation Tracker: reset your password"),
        lines=(why, _("Your username is: %s") % person.username, password_advice(), *more),
        link=_("Set password"),
        is_asked_for=False,
        sets_password=True,
    )


def _folded(address: str) -> str:
    """An address as Django compares it with those of accounts."""
    return unicodedata.normalize("NFKC", address).casefold()


def _digest(text: str) -> str:
    return salted_hmac("recommendations.resets", text, algorithm="sha256").hexdigest()


# ---- Telling the owner of an account that somebody may be guessing its password.
# Looked for outside of requests, so that no answer takes longer where there is an account; but for
# the case that somebody got in, which tells as much by itself.

MANY, WITHIN = 10, timedelta(hours=1)
"""Failures of which an owner is told, at all places where one was within that time."""


def warn_owners(now: datetime) -> None:
    """Queue a warning to everybody whose account many tries failed to get into; once a day."""
    _warn(User.objects.filter(username__in=_many_failures(now, MANY).values("username")), now)


def warn_of_entry(person: User, now: datetime) -> None:
    """The same where somebody has just got in, after whose try the failures are forgotten."""
    # The try that got in was counted as well.
    if _many_failures(now, MANY + 1).filter(username=person.get_username()).exists():
        _warn([person], now, _("Afterwards, a sign-in with the correct password succeeded."))


def _many_failures(now: datetime, least: int) -> QuerySet[AccessAttempt]:
    """The names that are tried, with how often."""
    tried = AccessAttempt.objects.filter(attempt_time__gt=now - WITHIN).order_by()
    counted = tried.values("username").annotate(failures=Sum("failures_since_start"))
    found: QuerySet[AccessAttempt] = counted.filter(failures__gte=least)
    return found


def _warn(people: QuerySet[User] | list[User], now: datetime, outcome: str = "") -> None:
    def write(person: User) -> Notification:
        told = (
            _("Many sign-in attempts with your username failed within an hour."),
            outcome or _("Further attempts are delayed. You can still sign in."),
            _("If these attempts were not yours, change your password and tell an administrator."),
        )
        return Notification(
            subject=_("Many failed sign-ins with your username"),
            lines=told,
            path=reverse("password_reset"),
            link=_("Change password"),
            is_asked_for=False,
        )

    queue_mail(people, write, once=f"sign-in-{timezone.localdate(now)}")
