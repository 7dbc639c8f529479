"""Sending from the mail queue, and what cannot be delivered."""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused
from threading import Event
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection, transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import ActionRefused, require
from recommendations.actions.mail import letters
from recommendations.actions.mail.letters import is_still_for, warn_owners
from recommendations.actions.mail.queue import one_line
from recommendations.choices import KEPT_MAIL, MailState
from recommendations.models import Invitation, OutgoingMail, Reminder, User, with_roles
from recommendations.queries.people import digest_of, refusal_of, token_of
from recommendations.queries.reminders import token_for

# ---- Sending the queue: one message after the other, each claimed first, retried, and given an
# end.
# A message is claimed by moving its ``due_at`` ahead by the ``LEASE``, on the condition that nobody
# else did. A sender that is killed leaves it at that: the message is due again after the lease, and
# goes out under the same Message-ID. So none is lost, and one that was just being sent may be
# repeated.

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""For how long one sender has a message to itself: longer than a server takes to accept one, with
``EMAIL_TIMEOUT`` for each step of it."""

BACK_OFF = (
    *(timedelta(minutes=minutes) for minutes in (1, 5, 15)),
    *(timedelta(hours=hours) for hours in (1, 2, 4, 8, 16, 24)),
)
"""How long to wait after each failed try. After one more the message is a dead letter."""

KEPT = timedelta(days=30)
"""For how long it is known that a message was sent, dropped or given up."""

PAUSE, LONG_PAUSE = 5.0, 60.0
"""Seconds between two passes, and after one in which the server or the database failed."""

WORDS: dict[str, Any] = {
    **dict.fromkeys(("subject", "quoted", "path", "link", "address", "error"), ""),
    "lines": [],
}
"""The words of a message, emptied."""


@dataclass
class PassResult:
    """What one pass over the queue came to."""

    sent: int = 0
    dropped: int = 0
    failed: int = 0
    is_stopped: bool = False
    """Whether the mail server did not answer, so that the rest was left for later."""


class _Line:
    """A connection to the mail server: opened for the first message, and anew after a failure."""

    connection: Any = None
    is_silent = False
    """Whether the server could not be reached, or took the call and kept us waiting."""

    def send(self, message: EmailMultiAlternatives) -> None:
        start = time.monotonic()
        try:
            if self.connection is None:
                self._open()
            self.connection.send_messages([message])
        except Exception:
            self.is_silent |= time.monotonic() - start > settings.EMAIL_TIMEOUT / 2
            self.close()
            raise

    def _open(self) -> None:
        opened = get_connection()
        try:
            opened.open()
        except Exception:
            self.is_silent = True
            raise
        self.connection = opened

    def close(self) -> None:
        if self.connection is None:
            return
        try:
            self.connection.close()
        except Exception:
            logger.exception("The connection to the mail server could not be closed")
        self.connection = None


def watch(stop: Event) -> None:
    """Send the queue again and again until ``stop`` is set; no failure ends it."""
    while not stop.is_set():
        try:
            is_stopped = _send_apart()
        except Exception:
            logger.exception("The mail queue could not be worked on")
            is_stopped = True
        stop.wait(LONG_PAUSE if is_stopped else PAUSE)


def _send_apart() -> bool:
    """One pass on a database connection of its own: one that broke is not used again."""
    try:
        return send_queue().is_stopped
    finally:
        connection.close()


def send_queue() -> PassResult:
    """Send what is due, over one connection, until nothing is or the server does not answer."""
    _prune(timezone.now())
    result, line = PassResult(), _Line()
    try:
        while not line.is_silent and (mail := _claimed()):
            _deliver(mail, line, result)
    finally:
        line.close()
    result.is_stopped = line.is_silent
    # For the next pass: what hinders the warnings hinders no other mail.
    warn_owners(timezone.now())
    return result


def _claimed() -> OutgoingMail | None:
    """The next message that is due, from now on ours for the length of the lease."""
    now = timezone.now()
    while mail := OutgoingMail.objects.due(now).order_by("due_at", "pk").first():
        seen, mail.due_at = mail.due_at, now + LEASE
        if OutgoingMail.objects.due(now).filter(pk=mail.pk, due_at=seen).update(due_at=mail.due_at):
            return mail
    return None


def _deliver(mail: OutgoingMail, line: _Line, result: PassResult) -> None:
    """Send one message; whatever fails is told to the administrators and stops no other."""
    if mail.to_id is None and mail.invitation_id is None:
        letters.answer(mail)
        return
    recipient = _recipient(mail)
    if recipient is None:
        result.dropped += 1
        _drop(mail)
        return
    try:
        line.send(_message(mail, recipient))
    except Exception as error:
        # Whatever a template, the server, the network or a strange address can think of.
        result.failed += 1
        _note_failure(mail, error)
    else:
        result.sent += 1
        _end(mail, MailState.SENT)


@dataclass(frozen=True, slots=True)
class _Recipient:
    """To whom a message goes: what they are called, their address, and where its link leads."""

    name: str
    address: str
    path: str
    quoted: str = ""


def _recipient(mail: OutgoingMail) -> _Recipient | None:
    """To whom it may still be sent, if to anybody: much can have changed since it was queued."""
    if mail.invitation is not None:
        return _invited(mail.invitation)
    person = _person(mail)
    if person is None:
        return None
    return _Recipient(
        name=str(person),
        address=mail.address or person.email,
        path=_password_path(person) if mail.sets_password else mail.path,
        quoted=mail.quoted if permissions.can_read_drafts(person) else "",
    )


def _drop(mail: OutgoingMail) -> None:
    """What is sent to nobody; of a reminder the next one tells again what it told."""
    if mail.reminder is None:
        _end(mail, MailState.DROPPED)
        return
    with transaction.atomic():
        OutgoingMail.objects.filter(pk=mail.pk, state__in=KEPT_MAIL).delete()
        Reminder.objects.filter(pk=mail.reminder.pk, mails=None).delete()


def _invited(invitation: Invitation) -> _Recipient | None:
    """Whoever an invitation is for that still works, also under the key that the site has now."""
    token = token_of(invitation.token_salt)
    is_open = not refusal_of(invitation, None, timezone.now())
    if not is_open or invitation.token_digest != digest_of(token):
        return None
    path = reverse("invitation", args=[token])
    return _Recipient(name=invitation.email, address=invitation.email, path=path)


def _person(mail: OutgoingMail) -> User | None:
    """Whom it is for, where they may still be sent it.

    An address that was taken from an account is told so even if the account was closed meanwhile.
    """
    person = with_roles(User.objects.filter(pk=mail.to_id or 0)).first()
    if person is None or not (mail.address or (person.is_active and person.email)):
        return None
    is_wanted = person.wants_mail and permissions.can_read_internally(person)
    if mail.reminder is not None:
        is_wanted = is_wanted and is_still_for(person, mail.reminder)
    return person if is_wanted or not mail.is_asked_for else None


def _message(mail: OutgoingMail, recipient: _Recipient) -> EmailMultiAlternatives:
    context: dict[str, Any] = {
        "mail": mail,
        "person": recipient.name,
        "address": mail.site + recipient.path,
        "quoted": recipient.quoted,
        "reminder": mail.reminder,
    }
    name, headers = (
        "message",
        {
            "Message-ID": mail.message_id,
            # Tells the out-of-office answers of others to keep quiet (RFC 3834).
            "Auto-Submitted": "auto-generated",
        },
    )
    if mail.reminder is not None and mail.to is not None:
        off = mail.site + reverse("unsubscribe", args=[token_for(mail.to)])
        # A mail program offers a button that sends a POST there (RFC 8058).
        headers["List-Unsubscribe"] = f"<{off}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        name, context["off"] = "reminder", off
    with translation.override(mail.language):
        message = EmailMultiAlternatives(
            subject=mail.subject,
            body=render_to_string(f"mail/{name}.txt", context),
            to=[recipient.address],
            headers=headers,
        )
        message.attach_alternative(render_to_string(f"mail/{name}.html", context), "text/html")
    return message


def _password_path(person: User) -> str:
    """Where a person sets a password; the token in it works once and for a short time."""
    key = urlsafe_base64_encode(force_bytes(person.pk))
    token = default_token_generator.make_token(person)
    return reverse("password_reset_confirm", args=[key, token])


def _end(mail: OutgoingMail, state: MailState) -> None:
    """Whoever else has it by now: it is not sent once more."""
    OutgoingMail.objects.filter(pk=mail.pk, state__in=KEPT_MAIL).update(
        state=state, ended_at=timezone.now(), **WORDS
    )


def _note_failure(mail: OutgoingMail, error: Exception) -> None:
    """Log it, and try again later; a refusal for good, or one too many, is the end of trying."""
    logger.error("Mail was not sent", exc_info=error, extra={"mail": mail.pk, "person": mail.to_id})
    is_over = mail.failures >= len(BACK_OFF) or _is_final(error)
    values: dict[str, Any] = (
        {"state": MailState.DEAD}
        if is_over
        else {"due_at": timezone.now() + BACK_OFF[mail.failures]}
    )
    # Only while the lease is ours: another sender may have it by now.
    OutgoingMail.objects.filter(pk=mail.pk, state=MailState.QUEUED, due_at=mail.due_at).update(
        failures=F("failures") + 1, error=one_line(f"{type(error).__name__}: {error}"), **values
    )


def _is_final(error: Exception) -> bool:
    """Whether the server refused this message, or its only recipient, for good (RFC 5321: 5yz)."""
    match error:
        case SMTPRecipientsRefused(recipients=refused):
            return all(code >= 500 for code, _said in refused.values())
        case SMTPDataError(smtp_code=code):
            return code >= 500
    return False


def _prune(now: datetime) -> None:
    letters.prune(now)
    OutgoingMail.objects.filter(ended_at__lt=now - KEPT).delete()


# ---- What an administrator does about mail that could not be delivered


def send_again(*, mail: OutgoingMail, by: User, at: datetime | None = None) -> None:
    """Put a message that was not delivered back into the queue, with all its tries before it."""
    with audit.entry(by=by, at=at) as entry:
        if not mail.lines:
            raise ActionRefused(_("Only the subject of this message was kept."))
        _change(entry, by, mail, "send_again", MailState.QUEUED, due_at=entry.at, failures=0)


def give_up(*, mail: OutgoingMail, by: User, at: datetime | None = None) -> None:
    """Let go of a message that was not delivered; its words go."""
    with audit.entry(by=by, at=at) as entry:
        _change(entry, by, mail, "give_up", MailState.GIVEN_UP, ended_at=entry.at, **WORDS)


def _change(
    entry: audit.Entry, by: User, mail: OutgoingMail, verb: str, state: MailState, **values: Any
) -> None:
    require(permissions.can_administer(by), _("You cannot decide on undelivered mail."))
    dead = OutgoingMail.objects.filter(pk=mail.pk, state=MailState.DEAD)
    if not dead.update(state=state, **values):
        raise ActionRefused(_("This message is not on the list of undelivered messages."))
    entry.record(verb, mail, before={"state": MailState.DEAD}, after={"state": state})
