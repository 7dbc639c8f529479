"""Sending mail: after the commit, one template in text and HTML, and never in the way of the work.

A message is written once its work is safely on record. What cannot be sent is logged, and kept as
``MailFailure`` for the administrators; nobody else notices.
"""

import logging
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from recommendations import audit
from recommendations.models import MailFailure, User

logger = logging.getLogger(__name__)

PAUSE = 60.0
"""Seconds for which a server that did not answer is not tried again: fifty messages after another
would else keep somebody waiting for fifty times ten seconds."""

site_address: ContextVar[Callable[[], str] | None] = ContextVar("site_address", default=None)
"""Gives the address of the site while a request is under way, such as https://tracker.example."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What one message says. ``quoted`` is a text that somebody wrote, ``path`` where to go on."""

    subject: str
    lines: tuple[str, ...]
    path: str
    link: str
    quoted: str = ""
    is_asked_for: bool = True
    """Whether a person's wish to get no mail holds for it; an invitation comes all the same."""


Recipients = Callable[[], Iterable[User]]
Write = Callable[[User], Letter | None]


class _Server:
    """When the mail server was last found not to answer."""

    silent_since: float | None = None

    @classmethod
    def is_silent(cls) -> bool:
        return cls.silent_since is not None and time.monotonic() - cls.silent_since < PAUSE


class _Line:
    """A connection to the mail server: opened for the first message, and anew after a failure."""

    connection: Any = None

    def send(self, message: EmailMultiAlternatives) -> None:
        start = time.monotonic()
        try:
            if self.connection is None:
                self.connection = _open()
            self.connection.send_messages([message])
        except Exception:
            # It took the call and then kept us waiting: it would do so again.
            if time.monotonic() - start > settings.EMAIL_TIMEOUT / 2:
                _Server.silent_since = time.monotonic()
            self.close()
            raise

    def close(self) -> None:
        if self.connection is None:
            return
        try:
            self.connection.close()
        except Exception:
            logger.exception("The connection to the mail server could not be closed")
        self.connection = None


def tell(entry: audit.Entry, recipients: Recipients, write: Write) -> None:
    """Once the entry is on record, write to each of the recipients, in their own language.

    Who acted is not told of their own deed, and history that is being loaded tells nobody.
    """
    if entry.is_history:
        return
    by = entry.by.pk if entry.by else None

    def post() -> None:
        # A function of its own: of what fails here Django logs the name, and a partial has none.
        deliver(recipients, write, by)

    transaction.on_commit(post, robust=True)


def deliver(recipients: Recipients, write: Write, by: int | None = None) -> None:
    """Write and send; whatever fails is told to the administrators and to nobody else."""
    line = _Line()
    for person in recipients():
        if person.pk == by or not person.is_active or not person.email:
            continue
        with translation.override(person.language or settings.LANGUAGE_CODE):
            letter = write(person)
            if letter is None or (letter.is_asked_for and not person.wants_mail):
                continue
            message = _message(letter, person)
        try:
            line.send(message)
        except Exception as error:
            # Whatever the server, the network or a strange address can think of.
            _keep(person, letter, error)
    line.close()


def recent_failures(most: int = 5) -> list[MailFailure]:
    """The newest messages that did not get through."""
    return list(MailFailure.objects.select_related("to")[:most])


def _open() -> Any:
    if _Server.is_silent():
        raise ConnectionError(_("not tried: the mail server did not answer a moment ago"))
    connection = get_connection()
    try:
        connection.open()
    except Exception:
        _Server.silent_since = time.monotonic()
        raise
    _Server.silent_since = None
    return connection


def _message(letter: Letter, person: User) -> EmailMultiAlternatives:
    address = site_address.get()
    context = {"letter": letter, "person": person, "address": address() if address else ""}
    message = EmailMultiAlternatives(
        subject=" ".join(letter.subject.split()),
        body=render_to_string("mail/message.txt", context),
        to=[person.email],
        # Tells the out-of-office answers of others to keep quiet (RFC 3834).
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("mail/message.html", context), "text/html")
    return message


def _keep(person: User, letter: Letter, error: Exception) -> None:
    """Log the failure and keep it. That, too, may fail, and must not hurt the work."""
    logger.error(
        "Mail was not sent",
        exc_info=error,
        extra={"person": person.pk, "subject": letter.subject},
    )
    try:
        MailFailure.objects.create(
            at=timezone.now(),
            to=person,
            subject=_line(letter.subject),
            error=_line(f"{type(error).__name__}: {error}"),
        )
    except Exception:
        logger.exception("The mail that failed could not be kept")


def _line(text: str) -> str:
    """One readable line that the column holds."""
    readable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(readable.split())[:300]
