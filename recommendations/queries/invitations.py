"""Invitations: which one a link is of, and why it does not work for somebody, if it does not."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.http import urlsafe_base64_encode
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.choices import MailState
from recommendations.models import Invitation, OutgoingMail, User
from recommendations.permissions import Person


def token_of(salt: str) -> str:
    """The token of a link: made with the secret key of the site, and stored nowhere."""
    made = salted_hmac("recommendations.invitations", salt, algorithm="sha256")
    return urlsafe_base64_encode(made.digest())


def digest_of(token: str) -> str:
    """What is stored of a token: its SHA-256."""
    return hashlib.sha256(token.encode()).hexdigest()


def invitation_of(token: str) -> Invitation | None:
    """The invitation that a link with this token is of."""
    rows = Invitation.objects.select_related("organisation", "invited_by", "accepted_by")
    return rows.filter(token_digest=digest_of(token)).first()


def open_invitations() -> Sequence[Any]:
    """All that are neither accepted nor withdrawn, the newest first; two queries.

    With the roles of who made them, which ``works_no_more`` asks for, and ``is_undelivered``:
    whether the mail with the link could not be delivered.
    """
    dead = OutgoingMail.objects.filter(invitation=OuterRef("pk"), state=MailState.DEAD)
    rows = Invitation.objects.pending().exclude(email="").annotate(is_undelivered=Exists(dead))
    return list(rows.select_related("organisation", "invited_by").prefetch_related(_INVITERS))


_INVITERS = "invited_by__groups"


def works_no_more(invitation: Invitation, now: datetime) -> str:
    """Why an open invitation cannot be accepted, in a word or two; empty where it can be."""
    if invitation.is_expired(now):
        return _("Expired")
    return "" if permissions.can_invite(invitation.invited_by) else _("Inviter no longer active")


def refusal_of(invitation: Invitation, reader: Person | None, now: datetime) -> str:
    """Why an invitation cannot be accepted, in a sentence; empty where it can be.

    ``reader`` is whoever is signed in, if anybody. At most two queries.
    """
    if invitation.accepted_at is not None:
        return _("This invitation was already used. Sign in with the account it created.")
    if invitation.withdrawn_at is not None or not invitation.email:
        return _("This invitation was withdrawn. Use the latest invitation, or ask for another.")
    if invitation.is_expired(now):
        day = date_format(localtime(invitation.expires_at))
        return _("This invitation expired on %s. Ask for another.") % day
    inviter = User.objects.get(pk=invitation.invited_by_id)
    if not permissions.can_invite(inviter):
        return _(
            "%s, who sent this invitation, may no longer invite people. Ask an administrator "
            "for another."
        ) % (inviter)
    if has_account(invitation.email):
        return _("An account with this address exists already. Sign in, or reset your password.")
    if reader is not None and reader.is_authenticated:
        return _("You are signed in as %s. Sign out first: the invitation is for a new person.") % (
            reader
        )
    return ""


def has_account(email: str) -> bool:
    """Whether somebody with this address has an account that is open."""
    return User.objects.filter(email__iexact=email, is_active=True).exists()


def free_username(email: str) -> str:
    """A user name that nobody has, made of what an address begins with."""
    allowed = (
        c for c in email.partition("@")[0].lower() if (c.isascii() and c.isalnum()) or c in "._-"
    )
    base = "".join(allowed)[:100] or "person"
    taken = {
        name.lower()
        for name in User.objects.filter(username__istartswith=base).values_list(
            "username", flat=True
        )
    }
    return next(
        name
        for name in (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3)))
        if name not in taken
    )
