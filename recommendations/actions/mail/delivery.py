"""Sending from the mail queue, and what cannot be delivered."""

import logging
import time
from dataclasses import dataclass
from datetime import datetime
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from recommendations import permissions
from recommendations.actions.deliveries import PassResult, claimed, end, note_failure, prune
from recommendations.actions.mail import letters
from recommendations.actions.mail.letters import is_still_for, warn_owners
from recommendations.choices import KEPT_MAIL, MailState
from recommendations.models import Invitation, OutgoingMail, Reminder, User, with_roles
from recommendations.queries.people import digest_of, refusal_of, token_of
from recommendations.queries.reminders import token_for

logger = logging.getLogger(__name__)


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


def send_queue() -> PassResult:
    """Send what is due, over one connection, until nothing is or the server does not answer."""
    _prune(timezone.now())
    result, line = PassResult(), _Line()
    try:
        while not line.is_silent and (mail := claimed(OutgoingMail.objects.all())):
            _deliver(mail, line, result)
    finally:
        line.close()
    result.is_stopped = line.is_silent
    # For the next pass: what hinders the warnings hinders no other mail.
    warn_owners(timezone.now())
    return result


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
        end(mail, MailState.SENT)


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
        end(mail, MailState.DROPPED)
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


def _note_failure(mail: OutgoingMail, error: Exception) -> None:
    """Log it, and try again later unless the server refused for good."""
    logger.error("Mail was not sent", exc_info=error, extra={"mail": mail.pk, "person": mail.to_id})
    note_failure(mail, error, is_final=_is_final(error))


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
    prune(OutgoingMail, now)
