"""People and the organisations they act for: accounts, roles, hand-over and succession."""

from collections.abc import Iterable, Mapping
from copy import copy
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions import notifications
from recommendations.actions.base import (
    add_row,
    change,
    change_row,
    differences,
    free_slug,
    require,
    split_values,
)
from recommendations.actions.deputies import end_all_of_deputy
from recommendations.actions.errors import ActionRefused
from recommendations.choices import Role, UpdateState
from recommendations.lookalikes import mixed_word
from recommendations.models import Organisation, Recommendation, User
from recommendations.models.fields import validate_readable, validate_single_line
from recommendations.queries.people import (
    Workload,
    hand_over_obstacles,
    lookalike_problems,
    workload_of,
)

INVITED = ("username", "first_name", "last_name", "email", "organisation", "language", "is_staff")
"""What is said of a person who is invited."""


KEPT = (*INVITED, "groups", "is_active", "is_superuser", "wants_mail")
"""What the administration keeps of a person."""

ROLE_FIELDS = ("groups", "is_superuser", "organisation")
"""What decides on what a person may do: nobody changes these of their own account.

Of another organisation a verification would be independent, and a decision of somebody else's.
"""

TOLD = ("username", "groups", "is_superuser", "is_staff", "is_active", "email")
"""What its owner is told of when an administrator changes it."""


def add_user(*, by: User | None, values: Mapping[str, Any], at: datetime | None = None) -> User:
    """Make an account. Nobody signs in with it until its owner has set a password.

    ``by`` is ``None`` at the command line, where there may be no account yet. There, and for people
    of the demonstration, a ``password`` may be given, as it is stored.
    """
    if by is not None and "password" in values and not values.get("is_demonstration"):
        raise TypeError("an account is given no password by another person")
    with audit.entry(by=by, at=at) as entry:
        require(by is None or permissions.can_manage(by), _("You may not add people."))
        return add_account(entry, by, {"password": make_password(None), **values}, verb="create")


def change_user(
    *,
    user: User,
    by: User,
    expected_version: int,
    values: Mapping[str, Any],
    at: datetime | None = None,
) -> User:
    """Change who somebody is and what they may do; whoever is shut out is signed out as well."""
    if unknown := set(values) - set(KEPT):
        raise TypeError(f"not kept of a person: {', '.join(sorted(unknown))}")
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_manage(by), _("You may not change people."))
        current = User.objects.get(pk=user.pk)
        require_not_above(by, current, values)
        if current.pk == by.pk:
            _require_not_own(current, values)
        _check_names(values, current)
        before = copy(current)
        told = differences(current, {name: values[name] for name in TOLD if name in values})
        change_row(entry, current, expected_version, values)
        if not permissions.can_write(User.objects.get(pk=current.pk)):
            end_all_of_deputy(entry, current)
        if not current.is_active:
            end_sessions(current)
        if told:
            notifications.account_changed(entry, before, current, [each.label for each in told])
        return current


def set_password(
    *, person: User, by: User | None, password: str, at: datetime | None = None
) -> User:
    """Give a person another password: they themselves, or ``None`` at the command line.

    Nobody else: who sets the password of another can act as them. The record says that it was
    changed, and nothing of it. The owner is told by mail, but of the first one that they set
    themselves.
    """
    with audit.entry(by=by, at=at) as entry:
        current = User.objects.get(pk=person.pk)
        require(
            by is None or current.pk == by.pk,
            _("You may not set the password of another person. Send them a link instead."),
        )
        if permissions.is_shut_out(current):
            raise ActionRefused(shut_out_text(current))
        had_one = current.has_usable_password()
        change(
            entry,
            current,
            verb="set_password",
            password=make_password(password),
        )
        if by is None:
            label = str(User._meta.get_field("password").verbose_name)
            notifications.account_changed(entry, current, current, [label])
        elif had_one:
            notifications.password_changed(entry, current)
        return current


def shut_out_text(person: User) -> str:
    """Why an account of the demonstration gets no password where it is shut out."""
    return _("%s is a demonstration account and cannot be used to sign in.") % person


def renew_password_hash(*, person: User, password: str) -> None:
    """Store the password that somebody signs in with anew, as passwords are hashed by now.

    As with any change of a stored password, other sessions of theirs end.
    """
    with audit.entry(by=person) as entry:
        current = User.objects.get(pk=person.pk)
        if current.check_password(password):
            change(entry, current, verb="renew_hash", password=make_password(password))
            person.password = current.password


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
        require(permissions.can_administer(by), _("You may not invite people."))
        if not values.get("email"):
            raise ValidationError({"email": _("Enter an email address for the invitation.")})
        given = {**values, "groups": roles, "password": make_password(None)}
        person = add_account(entry, by, given, verb="invite")
        notifications.invited(entry, person)
        return person


def create_administrator(
    *,
    values: Mapping[str, Any],
    organisation: str,
    is_another: bool = False,
    at: datetime | None = None,
) -> User:
    """Make the first administrator at the command line, and their organisation where it is new.

    They have the role and no more: a superuser could change what everybody else is.
    ``organisation`` is its name. ``ActionRefused`` where somebody is an administrator already,
    unless another is wanted, because nobody of them can sign in.
    """
    with audit.entry(by=None, at=at) as entry:
        present = User.objects.filter(is_active=True, groups__name=Role.ADMINISTRATOR)
        if not is_another and (names := sorted(str(person) for person in present)):
            raise ActionRefused(
                _("An administrator who can add people already exists: %s.") % ", ".join(names)
            )
        body = Organisation.objects.filter(name__iexact=organisation.strip()).first()
        if body is None:
            slug = free_slug(Organisation, organisation)
            body = add_row(entry, Organisation(slug=slug, name=organisation.strip()))
        role = Group.objects.get(name=Role.ADMINISTRATOR)
        given = {**values, "organisation": body, "groups": [role], "is_staff": True}
        return add_account(entry, None, given, verb="create")


def _require_not_own(current: User, values: Mapping[str, Any]) -> None:
    """Nobody shuts themselves out, and nobody gives themselves a role or an organisation."""
    lost = [name for name in ("is_active", "is_staff") if not values.get(name, True)]
    problems = dict.fromkeys(
        lost, _("You cannot close your own account. Ask another administrator.")
    )
    roles = {name: values[name] for name in ROLE_FIELDS if name in values}
    words = _("You cannot change your own role or organisation. Ask another administrator.")
    problems |= {each.field: words for each in differences(current, roles)}
    if problems:
        raise ValidationError(problems)


def add_account(
    entry: audit.Entry, by: User | None, values: Mapping[str, Any], *, verb: str
) -> User:
    """Insert an account within a step that does more; ``by`` is nobody who is not signed in."""
    related, columns = split_values(User, values)
    person = User(**columns, date_joined=entry.at)
    if by is not None:
        require_not_above(by, person, values)
    if User.objects.filter(username__iexact=person.username).exists():
        raise ValidationError({"username": person.unique_error_message(User, ("username",))})
    _check_names(values, User())
    return add_row(entry, person, verb=verb, related=related)


def require_not_above(by: User, person: User, values: Mapping[str, Any]) -> None:
    """Whoever could change a superuser could become one."""
    is_above = person.is_superuser or values.get("is_superuser", False)
    require(by.is_superuser or not is_above, _("You may not change that account."))


def _check_names(values: Mapping[str, Any], current: User) -> None:
    """Names are one readable line and look like those of nobody else, as far as they are new.

    Columns of Django's own do not say so. An account from before keeps the names that it has.
    """
    new = {
        name: text
        for name in ("username", "first_name", "last_name")
        if (text := values.get(name, "")) and text != getattr(current, name)
    }
    for name, text in new.items():
        try:
            validate_readable(text)
            validate_single_line(text)
        except ValidationError as error:
            raise ValidationError({name: error}) from error
        if word := mixed_word(text):
            words = _("“%(word)s” mixes letters of different scripts. Write each word in one.")
            raise ValidationError({name: words % {"word": word}})
    if new and (problems := lookalike_problems(current, new)):
        raise ValidationError(problems)


def invite_again(*, person: User, by: User, at: datetime | None = None) -> User:
    """Mail the link once more to somebody who has not set a password yet."""
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_administer(by), _("You may not invite people."))
        current = User.objects.get(pk=person.pk)
        if current.has_usable_password():
            raise ActionRefused(_("%s has already set a password.") % current)
        if not current.is_active or not current.email:
            raise ActionRefused(_("%s has no active account with an email address.") % current)
        entry.record("invite", current, before={}, after={"email": audit.FreeText(current.email)})
        notifications.invited(entry, current)
        return current


def deactivate(*, person: User, by: User, at: datetime | None = None) -> User:
    """Close an account: nobody signs in with it, and where it is signed in that ends."""
    return _set_active(person, by, False, at)


def reactivate(*, person: User, by: User, at: datetime | None = None) -> User:
    """Open an account again."""
    return _set_active(person, by, True, at)


def switch(entry: audit.Entry, person: User, by: User, *, is_active: bool) -> None:
    """Close or open an account within a step that does more."""
    require(permissions.can_administer(by), _("You may not close or open accounts."))
    require(person.pk != by.pk, _("You cannot close your own account. Ask another administrator."))
    # Whoever could shut a superuser out could also take their place.
    require(
        by.is_superuser or not person.is_superuser, _("You may not close or open that account.")
    )
    if person.is_active != is_active:
        verb = "reactivate" if is_active else "deactivate"
        change(entry, person, verb=verb, is_active=is_active)
        if is_active:
            label = str(User._meta.get_field("is_active").verbose_name)
            notifications.account_changed(entry, person, person, [label])
    if not is_active:
        end_all_of_deputy(entry, person)
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
            said = _("%s is already active.") if is_active else _("%s is already inactive.")
            raise ActionRefused(said % current)
        switch(entry, current, by, is_active=is_active)
        return current


def hand_over_all(
    *,
    of: User,
    to: User,
    by: User,
    expected: str,
    reason: str = "",
    is_deactivated: bool = False,
    at: datetime | None = None,
) -> Workload:
    """Give all that waits for ``of`` to ``to``: one event a thing, and one that tells of it all.

    ``expected`` is the digest of the load that was shown. Who handed something in or asked for a
    date keeps having written it: neither of the two decides on it. With ``is_deactivated`` the
    account of ``of`` closes in the same step.
    """
    try:
        validate_readable(reason)
    except ValidationError as error:
        raise ValidationError({"reason": error.messages}) from error
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_hand_over_all(by), _("You may not hand over the work of others."))
        of, to = (User.objects.get(pk=person.pk) for person in (of, to))
        load = workload_of(of)
        if load.digest != expected:
            raise ActionRefused(_("Records changed since the preview. Check the preview again."))
        if hindering := hand_over_obstacles(load, of, to):
            raise ActionRefused(" ".join(hindering))
        _hand_over(entry, load, of, to)
        entry.record("hand_over_all", of, before={}, after=_handed_over(load, to), reason=reason)
        if is_deactivated:
            switch(entry, of, by, is_active=False)
        if load.count:
            notifications.handed_over_all(entry, of, to, load.count)
        return load


def _handed_over(load: Workload, to: User) -> dict[str, Any]:
    """What the event of a hand-over lists, by primary key."""
    return {
        "to": to.pk,
        "recommendations": sorted({r.pk for r in (*load.officer_of, *load.reviewer_of)}),
        "updates": [update.pk for update in load.updates],
        "date_changes": [row.pk for row in load.date_requests],
        "withdrawn": [update.pk for update in load.orphaned_updates],
    }


def _hand_over(entry: audit.Entry, load: Workload, of: User, to: User) -> None:
    led = {found.pk: found for found in (*load.officer_of, *load.reviewer_of)}
    for recommendation in led.values():
        change(
            entry,
            recommendation,
            verb="change_hands",
            **_posts(recommendation, of, to),
        )
    for update in load.updates:
        change(entry, update, verb="hand_over", author=to)
    for update in load.orphaned_updates:
        change(entry, update, verb="withdraw", state=UpdateState.WITHDRAWN)
    for row in load.date_requests:
        change(entry, row, verb="hand_over", requested_by=to)


def _posts(recommendation: Recommendation, of: User, to: User) -> dict[str, Any]:
    """What becomes of the posts that somebody held; who may not review leaves it to any manager."""
    posts: dict[str, Any] = {}
    if recommendation.lead_officer_id == of.pk:
        posts["lead_officer"] = to
    if recommendation.reviewer_id == of.pk:
        posts["reviewer"] = to if permissions.can_review(to) else None
    return posts
