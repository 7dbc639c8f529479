"""What people keep for themselves: what they watch, saved views, the address of their calendar."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import ActionRefused, add_row, change, change_row, remove, require
from recommendations.choices import ReminderFrequency
from recommendations.models import CalendarAddress, NotificationSettings, SavedView, User, Watch
from recommendations.queries.people import digest_of, token_of
from recommendations.queries.watches import watchable

# ---- Watching what changes, and when a person wants to be told of it

MOST_WATCHED = 200
"""Items that one person watches at most."""


def watch(*, by: User, kind: str, key: int, at: datetime | None = None) -> Watch:
    """Watch one item, of a kind of ``WATCHED``; what is watched already stays as it is.

    ``ActionRefused`` where the person may not see it, or watches too many.
    """
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_read_internally(by), _("Your role cannot watch items."))
        if not watchable(kind, by).filter(pk=key).exists():
            raise ActionRefused(_("This item is not available to you."))
        own = Watch.objects.in_use().filter(person=by)
        if (found := own.filter(**{kind: key}).first()) is not None:
            return found
        if own.count() >= MOST_WATCHED:
            raise ActionRefused(
                _("You watch %(n)d items, which is the most. Stop watching another one first.")
                % {"n": MOST_WATCHED}
            )
        row = Watch(person=by, since=entry.at, **{f"{kind}_id": key})
        return add_row(entry, row, verb="watch")


def stop_watching(*, by: User, kind: str, key: int, at: datetime | None = None) -> None:
    """Watch an item no longer, whether or not it can still be seen; nothing where it is not."""
    with audit.entry(by=by, at=at) as entry:
        for row in Watch.objects.in_use().filter(person=by, **{kind: key}):
            remove(entry, row, verb="stop_watching")


def set_notifications(
    *,
    by: User,
    values: Mapping[str, Any],
    expected_version: int | None = None,
    at: datetime | None = None,
) -> NotificationSettings:
    """Choose how often, and on which days, one is sent reminders.

    ``expected_version`` is that of the settings that the form showed; of those by default, which
    are not stored, 0.
    """
    with audit.entry(by=by, at=at) as entry:
        current = NotificationSettings.objects.filter(person=by).first()
        if current is None:
            row = NotificationSettings(person=by, **values)
            return add_row(entry, row, verb="set_notifications")
        return change_row(entry, current, expected_version, values, verb="set_notifications")


def unsubscribe(*, person: User, at: datetime | None = None) -> None:
    """Send a person no more reminders, as their link asks; nothing where that is so already.

    Whoever holds the link need not be signed in, and the account need not be active.
    """
    with audit.entry(by=person, at=at) as entry:
        current = NotificationSettings.objects.filter(person=person).first()
        values = {"frequency": ReminderFrequency.NONE}
        if current is None:
            add_row(entry, NotificationSettings(person=person, **values), verb="unsubscribe")
        else:
            change_row(entry, current, current.version, values, verb="unsubscribe")


# ---- Keeping filters of the list under a name, sharing them, and removing them


def save_view(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> SavedView:
    """Keep a filter for oneself; a manager may share it. ``query`` is what its filter asks."""
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_read_internally(by), _("You cannot save views."))
        _require_may_share(by, values)
        return add_row(entry, SavedView(owner=by, **values), verb="save_view")


def change_view(
    *,
    view: SavedView,
    by: User,
    expected_version: int,
    values: Mapping[str, Any],
    at: datetime | None = None,
) -> SavedView:
    """Rename a view, share it, or stop sharing it."""
    with audit.entry(by=by, at=at) as entry:
        current = SavedView.objects.get(pk=view.pk)
        require(
            permissions.can_change_view(by, current), _("You cannot change or remove this view.")
        )
        if not current.is_shared:
            _require_may_share(by, values)
        return change_row(entry, current, expected_version, values, verb="change_view")


def remove_view(
    *, view: SavedView, by: User, expected_version: int | None = None, at: datetime | None = None
) -> None:
    """Take a view out of use; its name is free again."""
    with audit.entry(by=by, at=at) as entry:
        current = SavedView.objects.get(pk=view.pk)
        require(
            permissions.can_change_view(by, current), _("You cannot change or remove this view.")
        )
        remove(entry, current, expected_version=expected_version, verb="remove_view")


def _require_may_share(by: User, values: Mapping[str, Any]) -> None:
    if values.get("is_shared"):
        require(permissions.can_share_views(by), _("Only managers share views."))


# ---- Creating and revoking the private address of one's own calendar


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
