"""What people keep for themselves: what they watch, saved views, calendar, tokens, webhooks."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import ActionRefused, add_row, change, change_row, remove, require
from recommendations.actions.webhooks import signing
from recommendations.actions.webhooks.posting import AddressRefused, target_of
from recommendations.choices import ReminderFrequency
from recommendations.models import (
    ApiRequest,
    ApiToken,
    CalendarAddress,
    NotificationSettings,
    SavedView,
    User,
    Watch,
    Webhook,
)
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


# ---- Tokens under which programs act for a person through the API

LASTS = timedelta(days=365)
"""How long a token is good for, where nothing else is asked and at most."""

MARK = "prt_"
"""What every token begins with, so that those who look for secrets in files know one."""


def create_token(
    *, of: User, by: User, values: Mapping[str, Any], at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A token of a person, made by themselves, or of a service account, by an administrator.

    ``values`` are its name, its scopes, and perhaps ``expires_on``, its last day. The token itself
    is given back beside the row, and kept nowhere.
    """
    given = dict(values)
    last: date | None = given.pop("expires_on", None)
    with audit.entry(by=by, at=at) as entry:
        owner = User.objects.get(pk=of.pk)
        require(permissions.can_keep_tokens(by, owner), _("You cannot change that account."))
        if not owner.is_active:
            raise ActionRefused(_("%s is already inactive.") % owner)
        for scope, may_give in permissions.SCOPES.items():
            if given.get(scope) and not may_give(owner):
                raise ValidationError(
                    {scope: _("This person is inactive, or their role does not allow it.")}
                )
        most = entry.today + LASTS
        if last is not None and last > most:
            raise ValidationError({"expires_on": _("Choose a day within a year.")})
        expires = datetime.combine(last or most, time.max)
        prefix, secret = MARK + secrets.token_hex(4), secrets.token_urlsafe(32)
        row = ApiToken(
            person=owner,
            prefix=prefix,
            token_digest=digest_of(f"{prefix}_{secret}"),
            created_at=entry.at,
            created_by=by,
            expires_at=timezone.make_aware(expires),
            **given,
        )
        return add_row(entry, row, verb="create_token"), f"{prefix}_{secret}"


def revoke_token(*, token: ApiToken, by: User, at: datetime | None = None) -> None:
    """End a token at once; nothing where it was revoked already."""
    with audit.entry(by=by, at=at) as entry:
        current = ApiToken.objects.select_related("person").get(pk=token.pk)
        may_revoke = permissions.can_keep_tokens(by, current.person)
        require(may_revoke, _("You cannot change that account."))
        _revoke_tokens(entry, ApiToken.objects.filter(pk=current.pk))


def end_programs(entry: audit.Entry, person: User) -> None:
    """Within a step that closes an account: its programs act no more, and are told nothing more,
    also once it is reopened."""
    _revoke_tokens(entry, ApiToken.objects.filter(person=person.pk))
    for row in Webhook.objects.in_use().filter(person=person.pk).order_by("pk"):
        remove(entry, row)


def _revoke_tokens(entry: audit.Entry, tokens: QuerySet[ApiToken]) -> None:
    for row in tokens.filter(revoked_at__isnull=True).order_by("pk"):
        change(entry, row, verb="revoke_token", revoked_at=entry.at, revoked_by=entry.by)


def note_use(token: ApiToken, today: date) -> None:
    """Note the day on which a token is used: on each the first time alone, without an event."""
    if token.last_used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)


# ---- Webhooks, which tell the programs of others


def create_webhook(
    *, by: User, values: Mapping[str, Any], at: datetime | None = None
) -> tuple[Webhook, str]:
    """A webhook of one's own, which is told of what is recorded from now on.

    ``values`` are its columns, and ``url``. The secret that signs is given back beside the row.
    """
    given = dict(values)
    url, secret = given.pop("url"), signing.new_secret()
    try:
        domain = target_of(url).host
    except AddressRefused as error:
        told = _("Enter an address that begins with https:// and is on the public internet.")
        raise ValidationError({"url": told}) from error
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_have_webhooks(by), _("Your role cannot add webhooks."))
        row = Webhook(
            person=by,
            domain=domain,
            sealed=signing.seal(url, secret),
            created_at=entry.at,
            seen_event=entry.next_sequence,
            seen_day=entry.today,
            **given,
        )
        return add_row(entry, row), secret


def remove_webhook(*, webhook: Webhook, by: User, at: datetime | None = None) -> None:
    """End a webhook: what waits for it is not sent."""
    with audit.entry(by=by, at=at) as entry:
        may_remove = Webhook.objects.visible_to(by).filter(pk=webhook.pk).exists()
        require(may_remove, _("You cannot change that account."))
        remove(entry, webhook)


# ---- What is asked through the API under a key, which is done once

KEPT_FOR = timedelta(days=1)
"""How long a request that is sent again is known."""


class KeyUsed(ActionRefused):
    """Something else was asked under this key before."""


class DoneBefore(Exception):
    """What is asked was done under this key; carries the row that it made or changed."""

    def __init__(self, made: int) -> None:
        self.made = made
        super().__init__()


def require_new(*, by: User, key: str, asked: str) -> None:
    """``DoneBefore`` where this was asked under this key within a day."""
    since = timezone.now() - KEPT_FOR
    of_key = ApiRequest.objects.filter(person=by, key_digest=digest_of(key), at__gte=since)
    if not key or (found := of_key.first()) is None:
        return
    if found.asked_digest != digest_of(asked):
        raise KeyUsed(_("Something else was sent with this key. Use a new key."))
    raise DoneBefore(found.made)


@contextmanager
def once(
    made: Callable[[], int | None],
    *,
    by: User,
    key: str,
    asked: str,
    at: datetime | None = None,
) -> Iterator[audit.Entry]:
    """An entry in which what is asked under a key is done, unless that was: ``DoneBefore``.

    In the same transaction as the act, whose row ``made`` tells then: what is refused leaves no
    trace, and of two at once one finds the other's. Without a key it is done each time, and what
    made nothing, not even 0, is not known again.
    """
    with audit.entry(by=by, at=at) as entry:
        ApiRequest.objects.filter(at__lt=entry.at - KEPT_FOR).delete()
        require_new(by=by, key=key, asked=asked)
        yield entry
        if key and (row := made()) is not None:
            asked_digest, key_digest = digest_of(asked), digest_of(key)
            ApiRequest.objects.create(
                person=by, key_digest=key_digest, asked_digest=asked_digest, made=row, at=entry.at
            )
