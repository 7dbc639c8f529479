"""Watching what changes, and when a person wants to be told of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import add_row, change_row, remove, require
from recommendations.actions.errors import ActionRefused
from recommendations.choices import ReminderFrequency
from recommendations.models import NotificationSettings, User, Watch
from recommendations.queries.watches import watchable

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
