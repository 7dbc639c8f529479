"""People: their passwords, how they are invited, and how an account is closed and opened again."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import change, require
from recommendations.actions.errors import ActionRefused
from recommendations.actions.mail import Letter, tell
from recommendations.models import User

INVITED = ("username", "first_name", "last_name", "email", "organisation", "language", "is_staff")
"""What is said of a person who is invited."""


def set_password(*, person: User, by: User, password: str, at: datetime | None = None) -> User:
    """Give a person another password. The record says that it was changed, and nothing of it."""
    with audit.entry(by=by, at=at) as entry:
        current = User.objects.get(pk=person.pk)
        current.set_password(password)
        change(entry, current, verb="set_password", seen=None, password=current.password)
        return current


def invite(
    *,
    by: User,
    values: Mapping[str, Any],
    roles: Iterable[Group] = (),
    at: datetime | None = None,
) -> User:
    """Make an account without a password, and mail the link under which its owner sets one."""
    unknown = set(values) - set(INVITED)
    if unknown:
        raise TypeError(f"not said in an invitation: {', '.join(sorted(unknown))}")
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_administer(by), _("invite people"))
        person = User(**values, date_joined=entry.at)
        if not person.email:
            raise ValidationError({"email": _("The invitation goes to an address: give one.")})
        person.set_unusable_password()
        person.full_clean()
        person.save(force_insert=True)
        person.groups.set(roles)
        entry.record("invite", person, before={}, after=audit.snapshot(person))
        _mail_link(entry, person)
        return person


def invite_again(*, person: User, by: User, at: datetime | None = None) -> User:
    """Mail the link once more to somebody who has not set a password yet."""
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_administer(by), _("invite people"))
        current = User.objects.get(pk=person.pk)
        if current.has_usable_password():
            raise ActionRefused(_("%s has set a password already.") % current)
        if not current.is_active or not current.email:
            raise ActionRefused(_("%s has no active account with an e-mail address.") % current)
        entry.record("invite", current, before={}, after={"email": audit.FreeText(current.email)})
        _mail_link(entry, current)
        return current


def deactivate(*, person: User, by: User, at: datetime | None = None) -> User:
    """Close an account: nobody signs in with it, and where it is signed in that ends."""
    return _set_active(person, by, False, at)


def reactivate(*, person: User, by: User, at: datetime | None = None) -> User:
    """Open an account again."""
    return _set_active(person, by, True, at)


def switch(entry: audit.Entry, person: User, by: User, *, is_active: bool) -> None:
    """Close or open an account within a step that does more."""
    require(permissions.can_administer(by), _("close or open accounts"))
    require(person.pk != by.pk, _("close your own account: ask a colleague"))
    # Whoever could shut a superuser out could also take their place.
    require(by.is_superuser or not person.is_superuser, _("close or open that account"))
    if person.is_active != is_active:
        verb = "reactivate" if is_active else "deactivate"
        change(entry, person, verb=verb, seen=None, is_active=is_active)
    if not is_active:
        end_sessions(person)


def end_sessions(person: User) -> int:
    """Sign a person out everywhere, for good: also for the day the account is opened again."""
    store = SessionStore()
    rows = Session.objects.values_list("session_key", "session_data")
    keys = [key for key, data in rows if store.decode(data).get(SESSION_KEY) == str(person.pk)]
    Session.objects.filter(pk__in=keys).delete()
    return len(keys)


def _set_active(person: User, by: User, is_active: bool, at: datetime | None) -> User:
    with audit.entry(by=by, at=at) as entry:
        current = User.objects.get(pk=person.pk)
        if current.is_active == is_active:
            said = _("%s is active already.") if is_active else _("%s is not active already.")
            raise ActionRefused(said % current)
        switch(entry, current, by, is_active=is_active)
        return current


def _mail_link(entry: audit.Entry, person: User) -> None:
    by = str(entry.by)

    def write(reader: User) -> Letter:
        key = urlsafe_base64_encode(force_bytes(reader.pk))
        token = default_token_generator.make_token(reader)
        return Letter(
            subject=_("You are invited to the recommendation tracker"),
            lines=(
                _("%s opened an account for you. Your user name is:") % by,
                reader.username,
                _("The link below lets you set a password. It works once and for a short time."),
            ),
            path=reverse("password_reset_confirm", args=[key, token]),
            link=_("Set your password"),
            is_asked_for=False,
        )

    tell(entry, lambda: User.objects.filter(pk=person.pk), write)
