"""Invitations: making one, withdrawing it, and accepting it, which makes the account."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions import notifications, people
from recommendations.actions.base import add_row, change, free_slug, require
from recommendations.actions.errors import ActionRefused
from recommendations.actions.organisations import add_organisation
from recommendations.models import Invitation, Organisation, User
from recommendations.queries.invitations import digest_of, has_account, refusal_of, token_of

LASTS = timedelta(days=14)
"""For how long an invitation can be accepted."""


class InvitationRefused(ActionRefused):
    """An invitation that cannot be accepted; that it was tried is on record."""


def invite(
    *,
    by: User,
    email: str,
    role: str,
    organisation: Organisation | None = None,
    is_mailed: bool = True,
    at: datetime | None = None,
) -> Invitation:
    """Invite whoever has this address into one role; what was open for the address is withdrawn.

    ``is_mailed`` sends the link; else whoever invites hands it on.
    """
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_invite(by), _("You may not invite people."))
        address = email.strip().lower()
        if not address:
            raise ValidationError({"email": _("Enter an email address for the invitation.")})
        if has_account(address):
            raise ValidationError({"email": _("A person with this address has an account.")})
        for older in Invitation.objects.pending().filter(email=address):
            _end(entry, older)
        salt = secrets.token_hex(16)
        invitation = Invitation(
            email=address,
            role=role,
            organisation=organisation,
            token_salt=salt,
            token_digest=digest_of(token_of(salt)),
            invited_by=by,
            invited_at=entry.at,
            expires_at=entry.at + LASTS,
        )
        add_row(entry, invitation, verb="invite")
        if is_mailed:
            notifications.invitation_made(entry, invitation)
        return invitation


def invite_all(
    *,
    by: User,
    people: Mapping[int, tuple[str, str]],
    organisation: Organisation | None = None,
    new_organisation: str = "",
    is_mailed: bool = True,
    at: datetime | None = None,
) -> list[Invitation]:
    """Invite several people of one organisation, which is added where it has a new name.

    All of them or nobody. ``people`` are addresses and roles by the number of their row; what is
    wrong is told under ``email`` and the number.
    """
    made = []
    with audit.entry(by=by, at=at):
        if new_organisation:
            name = new_organisation.strip()
            values = {"slug": free_slug(Organisation, name), "name": name}
            known = Organisation.objects.filter(name__iexact=name).first()
            organisation = known or add_organisation(by=by, values=values)
        for number, (email, role) in people.items():
            try:
                made.append(
                    invite(
                        by=by,
                        email=email,
                        role=role,
                        organisation=organisation,
                        is_mailed=is_mailed,
                    )
                )
            except ValidationError as error:
                raise ValidationError({f"email{number}": error.messages}) from error
    return made


def withdraw_invitation(
    *, invitation: Invitation, by: User, at: datetime | None = None
) -> Invitation:
    """End an invitation that was not accepted yet; its link works no more."""
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_invite(by), _("You may not withdraw invitations."))
        current = Invitation.objects.get(pk=invitation.pk)
        if current.accepted_at is not None or current.withdrawn_at is not None:
            raise ActionRefused(_("This invitation was already accepted or withdrawn."))
        _end(entry, current)
        return current


def accept_invitation(
    *,
    invitation: Invitation,
    by: User | None,
    values: Mapping[str, Any],
    at: datetime | None = None,
) -> User:
    """Make the account that an invitation is for. ``password`` is given as it is stored.

    ``by`` is whoever is signed in, which no invitation is for. ``InvitationRefused`` where it
    cannot be accepted; that is recorded, and nothing else.
    """
    with audit.entry(by=by, at=at) as entry:
        current = Invitation.objects.get(pk=invitation.pk)
        refusal = refusal_of(current, by, entry.at)
        if not refusal:
            return _accept(entry, current, values)
        entry.record("refuse_invitation", current, before={}, after={}, reason=refusal)
    raise InvitationRefused(refusal)


def _accept(entry: audit.Entry, invitation: Invitation, values: Mapping[str, Any]) -> User:
    person = people.add_account(
        entry,
        None,
        {
            **values,
            "email": invitation.email,
            "organisation": invitation.organisation,
            "groups": [Group.objects.get(name=invitation.role)],
            "is_staff": invitation.role in permissions.USERS_OF_THE_ADMINISTRATION,
        },
        verb="create",
    )
    with audit.entry(by=person, at=entry.at) as own:
        change(own, invitation, verb="accept_invitation", accepted_at=entry.at, accepted_by=person)
    return person


def _end(entry: audit.Entry, invitation: Invitation) -> None:
    change(
        entry,
        invitation,
        verb="withdraw_invitation",
        withdrawn_at=entry.at,
        withdrawn_by=entry.by,
    )
