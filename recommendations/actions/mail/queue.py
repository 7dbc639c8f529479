"""Putting mail in the queue. Nothing is sent here: a request never waits for a mail server."""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from email.utils import parseaddr
from uuid import uuid4

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import ngettext

from recommendations.actions.deliveries import one_line
from recommendations.models import OutgoingMail, Reminder, User

site_address: ContextVar[Callable[[], str]] = ContextVar(
    "site_address", default=lambda: settings.SITE_ADDRESS
)
"""Gives the address that links in mail begin with: in a request the one under which it came."""


@dataclass(frozen=True, slots=True)
class Notification:
    """What one message says. ``quoted`` is an internal text, ``path`` where to go on."""

    subject: str
    lines: tuple[str, ...]
    link: str
    path: str = ""
    quoted: str = ""
    is_asked_for: bool = True
    """Whether a person's wish to get no mail holds for it; an invitation comes all the same."""
    sets_password: bool = False
    """Whether the link lets them set a password; it is made when the message is sent."""


Write = Callable[[User], Notification | None]


def queue_mail(
    people: Iterable[User],
    write: Write,
    *,
    address: str = "",
    once: str = "",
    reminder: Reminder | None = None,
) -> None:
    """Queue one message for each of these people, in their own language.

    Call it within the transaction of the act: what is rolled back sends nothing. ``write`` gives
    what to say to a person, or nothing. ``address`` is written to in place of their own, also where
    their account is closed: it is one that was theirs. Of
    messages with the same key ``once`` a person gets the first; it stands in their Message-ID.
    What a ``reminder`` says stands there.
    """
    found = [
        new_mail(
            letter, to=person, language=language_of(person), address=address, reminder=reminder
        )
        for person in people
        if (address or (person.is_active and person.email)) and (letter := _written(person, write))
    ]
    for mail in found if once else ():
        mail.message_id = f"<{once}.{mail.to_id}@{_domain()}>"
    OutgoingMail.objects.bulk_create(found, ignore_conflicts=bool(once))


def new_mail(letter: Notification, **values: object) -> OutgoingMail:
    """A message that is due now, not saved yet, with the Message-ID that it keeps."""
    now = timezone.now()
    said = {
        "site": site_address.get()(),
        "subject": one_line(letter.subject),
        "lines": list(letter.lines),
        "quoted": letter.quoted,
        "path": letter.path,
        "link": letter.link,
        "is_asked_for": letter.is_asked_for,
        "sets_password": letter.sets_password,
    }
    message_id = f"<{uuid4().hex}@{_domain()}>"
    return OutgoingMail(message_id=message_id, queued_at=now, due_at=now, **{**said, **values})


def language_of(person: User) -> str:
    """The language that a person reads, else that of the site."""
    return person.language or settings.LANGUAGE_CODE


def password_advice() -> str:
    """What is said beside a link that sets a password."""
    days = settings.PASSWORD_RESET_TIMEOUT // 86_400
    return ngettext(
        "Use the link below to set a password. The link works once, within %(n)d day.",
        "Use the link below to set a password. The link works once, within %(n)d days.",
        days,
    ) % {"n": days}


def _written(person: User, write: Write) -> Notification | None:
    with translation.override(language_of(person)):
        letter = write(person)
    return None if letter and letter.is_asked_for and not person.wants_mail else letter


def _domain() -> str:
    """The domain that mail comes from: the name of the machine may take long to find out."""
    _name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return address.rpartition("@")[2] or "localhost"
