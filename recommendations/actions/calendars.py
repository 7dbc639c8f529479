"""Creating and revoking the private address of one's own calendar."""

import secrets
from datetime import datetime

from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import add_row, change, require
from recommendations.models import CalendarAddress, User
from recommendations.queries.invitations import digest_of, token_of


def create_calendar_address(*, by: User, at: datetime | None = None) -> CalendarAddress:
    """A new address for a person’s own due dates; the one before it ends."""
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_write(by), _("Your role has no due dates."))
        _revoke(entry, by)
        salt = secrets.token_hex(16)
        address = CalendarAddress(
            person=by,
            token_salt=salt,
            token_digest=digest_of(token_of(salt)),
            created_at=entry.at,
        )
        return add_row(entry, address, verb="create_calendar")


def revoke_calendar_address(*, by: User, at: datetime | None = None) -> None:
    """End the address of a person’s own calendar; nothing where there is none."""
    with audit.entry(by=by, at=at) as entry:
        _revoke(entry, by)


def _revoke(entry: audit.Entry, person: User) -> None:
    for current in CalendarAddress.objects.in_use().filter(person=person):
        change(entry, current, verb="revoke_calendar", revoked_at=entry.at, revoked_by=entry.by)
