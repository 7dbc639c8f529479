"""Links under which owners of accounts set another password: all that others can do about it."""

from datetime import datetime

from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions import notifications, people
from recommendations.actions.base import require
from recommendations.actions.errors import ActionRefused
from recommendations.actions.mail import resets
from recommendations.models import User


def send_password_link(
    *, person: User, by: User, address: str, client: str = "", at: datetime | None = None
) -> User:
    """Mail a person the link under which they set another password themselves.

    It goes to the ``address`` of the account that was shown, and to no other. There are as many in
    an hour as of those that people ask for themselves; ``client`` is where this one came from.
    """
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_manage(by), _("You may not change people."))
        current = User.objects.get(pk=person.pk)
        people.require_not_above(by, current, {})
        if refusal := _no_link_text(current, by):
            raise ActionRefused(refusal)
        if current.email != address:
            raise ActionRefused(
                _("The email address changed after you opened this page. Check it again.")
            )
        if not resets.is_within_limits(address=address, client=client):
            raise ActionRefused(_("Too many links were requested in the last hour. Try later."))
        told = {"email": audit.FreeText(address)}
        entry.record("send_password_link", current, before={}, after=told)
        notifications.password_link(entry, current)
        return current


def _no_link_text(person: User, by: User) -> str:
    """Why nobody sends this person a link for another password; empty where somebody may."""
    if person.pk == by.pk:
        return _("You can change your own password under “Change password”.")
    if not person.is_active or not person.email:
        return _("%s has no active account with an email address.") % person
    return people.shut_out_text(person) if permissions.is_shut_out(person) else ""
