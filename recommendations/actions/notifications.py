"""Notifications by mail: who is told what, and how it is sent."""

import logging
import time
from collections.abc import Callable, Collection, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import audit, permissions
from recommendations.choices import UpdateState
from recommendations.models import Comment, MailFailure, StatusUpdate, User, with_roles
from recommendations.queries.people import deciders, managers

logger = logging.getLogger(__name__)

PAUSE = 60.0
"""Seconds for which a server that did not answer is not tried again: fifty messages after another
would else keep somebody waiting for fifty times ten seconds."""

site_address: ContextVar[Callable[[], str] | None] = ContextVar("site_address", default=None)
"""Gives the address of the site while a request is under way, such as https://tracker.example."""


@dataclass(frozen=True, slots=True)
class Notification:
    """What one message says. ``quoted`` is a text that somebody wrote, ``path`` where to go on."""

    subject: str
    lines: tuple[str, ...]
    path: str
    link: str
    quoted: str = ""
    is_asked_for: bool = True
    """Whether a person's wish to get no mail holds for it; an invitation comes all the same."""


Recipients = Callable[[], Iterable[User]]
Write = Callable[[User], Notification | None]


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


def notify(entry: audit.Entry, recipients: Recipients, write: Write) -> None:
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


def _message(letter: Notification, person: User) -> EmailMultiAlternatives:
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


def _keep(person: User, letter: Notification, error: Exception) -> None:
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


def submitted(entry: audit.Entry, update: StatusUpdate) -> None:
    """Tell the named reviewer, else every manager who may decide on it."""
    by = str(entry.by)

    def recipients() -> Iterable[User]:
        current = _current(update)
        is_waiting = current.state == UpdateState.SUBMITTED
        return deciders(current, managers()) if is_waiting else []

    def write(person: User) -> Notification:
        return Notification(
            subject=_("%s: an update waits for review") % update.recommendation.reference,
            lines=(
                _("%(who)s handed in an update on %(what)s, as of %(day)s.") % _told(update, by),
            ),
            path=reverse("review-item", args=[update.pk]),
            link=_("Review it"),
        )

    notify(entry, recipients, write)


def decided(entry: audit.Entry, update: StatusUpdate) -> None:
    """Tell the author that their update was approved or returned, with the note."""
    by, note = str(entry.by), update.decision_note
    is_approved = update.state == UpdateState.APPROVED

    def write(person: User) -> Notification | None:
        if not permissions.can_read_internally(person):
            return None
        if is_approved:
            subject = _("%s: your update was approved")
            line = _("%(who)s approved your update on %(what)s, as of %(day)s.")
        else:
            subject = _("%s: your update came back")
            line = _("%(who)s returned your update on %(what)s, as of %(day)s.")
        return Notification(
            subject=subject % update.recommendation.reference,
            lines=(line % _told(update, by),),
            path=update.get_absolute_url(),
            link=_("Open the update") if is_approved else _("Amend it"),
            quoted=note if permissions.can_read_drafts(person) else "",
        )

    notify(entry, lambda: _people([update.author_id]), write)


def handed_over(entry: audit.Entry, update: StatusUpdate) -> None:
    """Tell the new author of a draft that it is theirs."""
    by = str(entry.by)

    def write(person: User) -> Notification | None:
        if not permissions.can_write(person):
            return None
        return Notification(
            subject=_("%s: a draft was handed over to you") % update.recommendation.reference,
            lines=(
                _("%(who)s gave you the draft on %(what)s, as of %(day)s.") % _told(update, by),
            ),
            path=update.get_absolute_url(),
            link=_("Go on with it"),
        )

    notify(entry, lambda: _people([update.author_id]), write)


def handed_over_all(entry: audit.Entry, of: User, to: User, count: int) -> None:
    """Tell somebody that all the work of another is theirs, in one message."""
    by, whose = str(entry.by), str(of)

    def write(person: User) -> Notification | None:
        if not permissions.can_write(person):
            return None
        told = ngettext(
            "%(who)s handed over to you what %(whose)s had: %(n)d thing.",
            "%(who)s handed over to you what %(whose)s had: %(n)d things.",
            count,
        )
        return Notification(
            subject=_("The work of %s was handed over to you") % whose,
            lines=(told % {"who": by, "whose": whose, "n": count},),
            path=reverse("my-work"),
            link=_("See it in My work"),
        )

    notify(entry, lambda: _people([to.pk]), write)


def account_changed(entry: audit.Entry, before: User, after: User, labels: Collection[str]) -> None:
    """Tell the owner of an account what an administrator changed of it.

    An address that was taken away is written to as well: a message to the new one alone would
    reach whoever took the account over.
    """
    by = str(entry.by or _("somebody at the command line of the site"))

    def recipients() -> Iterable[User]:
        return [after] if before.email == after.email else [before, after]

    def write(person: User) -> Notification:
        return Notification(
            subject=_("Your account was changed"),
            lines=(
                _("%(who)s changed your account: %(what)s.")
                % {"who": by, "what": ", ".join(labels)},
                _("If you did not expect this, tell an administrator whom you know."),
            ),
            path=reverse("password_change"),
            link=_("Look at your account"),
            is_asked_for=False,
        )

    notify(entry, recipients, write)


def mentioned(entry: audit.Entry, comment: Comment, people: Collection[User]) -> None:
    """Tell those whom a comment mentions what it says, as far as they may read comments."""
    by, ids = str(entry.by), [person.pk for person in people]
    about = comment.recommendation

    def write(person: User) -> Notification | None:
        if not permissions.can_read_drafts(person):
            return None
        name = "update-comments" if comment.update_id else "recommendation-comments"
        return Notification(
            subject=_("%s: you are mentioned in a comment") % about.reference,
            lines=(
                _("%(who)s mentioned you in a comment on %(what)s.") % {"who": by, "what": about},
            ),
            path=reverse(name, args=[comment.update_id or about.reference])
            + f"#comment-{comment.pk}",
            link=_("Read and answer"),
            quoted=comment.text,
        )

    notify(entry, lambda: _people(ids), write)


def _told(update: StatusUpdate, by: str) -> dict[str, str]:
    return {
        "who": by,
        "what": str(update.recommendation),
        "day": date_format(update.as_of),
    }


def _current(update: StatusUpdate) -> StatusUpdate:
    return StatusUpdate.objects.select_related("recommendation").get(pk=update.pk)


def _people(ids: Iterable[int]) -> Iterable[User]:
    return with_roles(User.objects.filter(pk__in=list(ids))).order_by("pk")
