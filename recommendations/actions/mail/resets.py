"""Links for a forgotten password: asked for by anybody, sent to whoever has the address.

A request does the same work whether or not somebody has the address, so its answer and its time
tell nobody who has an account. Whom it concerns is found out when the queue is sent.
"""

import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.db import transaction
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.actions.mail.queue import Notification, new_mail, password_advice
from recommendations.models import AuditEvent, OutgoingMail, ResetRequest, User

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
                letter = _letter(person, asked.site)
            new_mail(letter, to=person, language=language, site=asked.site).save(force_insert=True)


def _owners(address: str) -> Iterator[User]:
    """Whom Django writes to, and who was invited and let the link for their first password expire.

    An account whose password an administrator took away has had one, and stays without.
    """
    found: list[User] = list(PasswordResetForm().get_users(address))
    yield from found
    for person in User.objects.filter(email__iexact=address, is_active=True).order_by("pk"):
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


def _letter(person: User, site: str) -> Notification:
    return Notification(
        subject=_("Recommendation Tracker: reset your password"),
        lines=(
            _("A new password was requested for your account at %s.") % site,
            _("Your username is: %s") % person.get_username(),
            password_advice(),
            _("If you did not request this, ignore this message. Your password stays unchanged."),
        ),
        link=_("Set your password"),
        is_asked_for=False,
        sets_password=True,
    )


def _folded(address: str) -> str:
    """An address as Django compares it with those of accounts."""
    return unicodedata.normalize("NFKC", address).casefold()


def _digest(text: str) -> str:
    return salted_hmac("recommendations.resets", text, algorithm="sha256").hexdigest()
