"""People and organisations: accounts, roles, invitations, deputies, hand-over and succession."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions import notifications
from recommendations.actions.base import (
    BATCH,
    ActionRefused,
    RowActions,
    add_row,
    change,
    change_row,
    differences,
    free_slug,
    mark_fictional,
    only_named,
    require,
    require_administrator,
    require_ahead,
    require_manager,
    require_previewed,
    split_values,
)
from recommendations.actions.mail import letters
from recommendations.actions.personal import end_programs
from recommendations.choices import Role, UpdateState
from recommendations.lookalikes import mixed_word
from recommendations.models import Deputy, Invitation, Organisation, Recommendation, User
from recommendations.models.fields import validate_readable, validate_single_line
from recommendations.queries.dates import day_text
from recommendations.queries.people import (
    Holdings,
    Workload,
    digest_of,
    hand_over_obstacles,
    has_account,
    holdings_of,
    lookalike_problems,
    refusal_of,
    token_of,
    workload_of,
)

# ---- Naming a deputy for a time, and ending that early


def add_deputy(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> Deputy:
    """Let somebody stand in for a person: oneself, or anybody where ``by`` hands over work.

    ``values`` are ``person``, ``deputy``, ``starts_on``, ``ends_on`` and perhaps ``reason``. The
    deputy gets no right by it.
    """
    with audit.entry(by=by, at=at) as entry:
        row = Deputy(recorded_at=entry.at, recorded_by=by, **values)
        require(
            permissions.can_set_deputy(by, row.person_id),
            _("You cannot name a deputy for this person."),
        )
        require_ahead(entry, ends_on=row.ends_on)
        deputy = User.objects.get(pk=row.deputy_id)
        if not permissions.can_write(deputy):
            raise ValidationError(
                {"deputy": _("This person is inactive, or their role does not allow it.")}
            )
        _require_free(row)
        made = add_row(entry, row, verb="add_deputy")
        notifications.deputy_named(entry, made, deputy)
        return made


def end_deputy(*, deputy: Deputy, by: User, at: datetime | None = None) -> Deputy:
    """End it before its last day; ``ActionRefused`` where it is over."""
    with audit.entry(by=by, at=at) as entry:
        current = Deputy.objects.get(pk=deputy.pk)
        require(
            permissions.can_set_deputy(by, current.person_id),
            _("You cannot end this."),
        )
        if current.ended_at is not None or current.ends_on < entry.today:
            raise ActionRefused(_("This has already ended."))
        change(entry, current, verb="end_deputy", ended_at=entry.at, ended_by=by)
        return current


def end_all_of_deputy(entry: audit.Entry, person: User) -> None:
    """Within a step that takes a person the account or the role: they stand in for nobody now.

    Whoever they stood in for would be shown as looked after, and could name nobody else.
    """
    for row in Deputy.objects.not_over(entry.today).filter(deputy=person.pk).order_by("pk"):
        change(entry, row, verb="end_deputy", ended_at=entry.at, ended_by=entry.by)


def _require_free(row: Deputy) -> None:
    """One deputy at a time: no other of the person stands in on any of these days."""
    others = Deputy.objects.filter(
        person=row.person_id,
        ended_at__isnull=True,
        starts_on__lte=row.ends_on,
        ends_on__gte=row.starts_on,
    )
    if (other := others.select_related("deputy").order_by("starts_on").first()) is not None:
        raise ValidationError(
            {
                "starts_on": _("%(who)s is already deputy from %(first)s to %(last)s.")
                % {
                    "who": other.deputy,
                    "first": day_text(other.starts_on),
                    "last": day_text(other.ends_on),
                }
            }
        )


# ---- People and the organisations they act for: accounts, roles, hand-over and succession

KEPT = (
    *("username", "first_name", "last_name", "email", "organisation", "language", "is_staff"),
    *("groups", "is_active", "is_superuser", "wants_mail"),
)
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
        if by is not None:
            require_manager(by)
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
    only_named(values, KEPT)
    with audit.entry(by=by, at=at) as entry:
        require_manager(by)
        current = User.objects.get(pk=user.pk)
        require_not_above(by, current, values)
        if current.pk == by.pk:
            _require_not_own(current, values)
        _check_names(values, current)
        _check_roles(values, current)
        before = copy(current)
        told = differences(current, {name: values[name] for name in TOLD if name in values})
        change_row(entry, current, expected_version, values)
        if not permissions.can_write(User.objects.get(pk=current.pk)):
            end_all_of_deputy(entry, current)
        if not current.is_active:
            end_sessions(current)
            end_programs(entry, current)
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
            _("You cannot set the password of another person. Send them a link instead."),
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
    _check_roles(values, person)
    return add_row(entry, person, verb=verb, related=related)


def require_not_above(by: User, person: User, values: Mapping[str, Any]) -> None:
    """Whoever could change a superuser could become one."""
    is_above = person.is_superuser or values.get("is_superuser", False)
    require(by.is_superuser or not is_above, _("You cannot change that account."))


def _check_roles(values: Mapping[str, Any], person: User) -> None:
    """A service account never decides, so it is no manager."""
    if person.is_service and any(group.name == Role.MANAGER for group in values.get("groups", ())):
        refusal = _("This person is inactive, or their role does not allow it.")
        raise ValidationError({"groups": refusal})


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
        require_administrator(by)
        current = User.objects.get(pk=person.pk)
        if current.has_usable_password():
            raise ActionRefused(_("%s has already set a password.") % current)
        if not current.is_active or not current.email or current.is_service:
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
    require_administrator(by)
    require(person.pk != by.pk, _("You cannot close your own account. Ask another administrator."))
    # Whoever could shut a superuser out could also take their place.
    require(by.is_superuser or not person.is_superuser, _("You cannot change that account."))
    if person.is_active != is_active:
        verb = "reactivate" if is_active else "deactivate"
        change(entry, person, verb=verb, is_active=is_active)
        if is_active:
            label = str(User._meta.get_field("is_active").verbose_name)
            notifications.account_changed(entry, person, person, [label])
    if not is_active:
        end_all_of_deputy(entry, person)
        end_sessions(person)
        end_programs(entry, person)


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
        require(permissions.can_hand_over_all(by), _("You cannot hand over the work of others."))
        of, to = (User.objects.get(pk=person.pk) for person in (of, to))
        load = workload_of(of)
        require_previewed(expected, load.digest)
        if hindering := hand_over_obstacles(load, of, to):
            raise ActionRefused(" ".join(hindering))
        _hand_over(entry, load, of, to)
        listed = {
            "to": to.pk,
            "recommendations": sorted({r.pk for r in (*load.officer_of, *load.reviewer_of)}),
            "updates": [update.pk for update in load.updates],
            "date_changes": [row.pk for row in load.date_requests],
            "withdrawn": [update.pk for update in load.orphaned_updates],
        }
        entry.record("hand_over_all", of, before={}, after=listed, reason=reason)
        if is_deactivated:
            switch(entry, of, by, is_active=False)
        if load.count:
            notifications.handed_over_all(entry, of, to, load.count)
        return load


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


# ---- Organisations: adding and changing one, and that another takes its place


def add_organisation(
    *, by: User | None, values: Mapping[str, Any], at: datetime | None = None
) -> Organisation:
    """Add an organisation; it may lead, contribute or be addressed, and have people.

    ``by`` is ``None`` at the command line, where there may be no account yet.
    """
    with audit.entry(by=by, at=at) as entry:
        if by is not None:
            require_manager(by)
        return add_row(entry, Organisation(**values))


def add_organisations(act: audit.BulkAct, organisations: Sequence[Organisation]) -> None:
    """Insert organisations that an import names, each with a checked name and a free slug."""
    mark_fictional(organisations, act.entry.by)
    act.follow_new(Organisation.objects.bulk_create(organisations, batch_size=BATCH))


change_organisation = RowActions(Organisation, "organisation", require_manager).change


def succeed(
    *,
    organisation: Organisation,
    successor: Organisation,
    on: date,
    by: User,
    expected: str,
    moves_work: bool = False,
    moves_people: bool = False,
    at: datetime | None = None,
) -> Holdings:
    """Say that ``successor`` took the place of an organisation, whose last day was ``on``.

    If asked, what it leads and contributes to goes with it, and so do its people and those who are
    invited into it; else open invitations are withdrawn. ``expected`` is the digest of the holdings
    that were shown. What is archived stays with the old name.
    """
    with audit.entry(by=by, at=at) as entry:
        require_administrator(by)
        current = Organisation.objects.get(pk=organisation.pk)
        heir = Organisation.objects.get(pk=successor.pk)
        _check(current, heir, on)
        if moves_people and by.organisation_id == current.pk:
            words = _(
                "You cannot change your own organisation. Ask a colleague to move its people."
            )
            raise ValidationError({"moves_people": words})
        holdings = holdings_of(current)
        require_previewed(expected, holdings.digest)
        change(entry, current, verb="succeed", successor=heir, valid_to=on)
        if moves_work:
            _move_work(entry, holdings, current, heir)
        if moves_people:
            for person in holdings.people:
                change(entry, person, verb="change_hands", organisation=heir)
        for invitation in holdings.invitations:
            if moves_people:
                change(entry, invitation, verb="change_hands", organisation=heir)
            else:  # Nobody joins an organisation that is no more.
                _end(entry, invitation)
        return holdings


def _move_work(
    entry: audit.Entry, holdings: Holdings, current: Organisation, heir: Organisation
) -> None:
    led = {found.pk: found for found in holdings.led}
    for found in led.values():
        change(entry, found, verb="change_hands", lead=heir)
    for found in holdings.contributed:
        helped = led.get(found.pk, found)
        bodies = {*helped.contributors.all(), heir} - {current}
        change(entry, helped, verb="change_hands", contributors=bodies)


def _check(current: Organisation, heir: Organisation, on: date) -> None:
    if current.successor_id is not None:
        raise ActionRefused(
            _("%(body)s was already succeeded by %(heir)s.")
            % {"body": current, "heir": current.successor}
        )
    later: Organisation | None = heir
    while later is not None:
        if later.pk == current.pk:
            raise ValidationError({"successor": _("An organisation cannot succeed itself.")})
        later = later.successor
    if heir.valid_to is not None and heir.valid_to <= on:
        raise ValidationError({"successor": _("%s no longer existed on that day.") % heir})
    if current.valid_from is not None and on < current.valid_from:
        raise ValidationError({"on": _("The organisation did not exist on that day.")})


# ---- The groups of the roles, and what the administration lets each do

# Decisions are not permissions of Django's kind: ``permissions.py`` asks for the role itself.
# The administration alone goes by these, and only administrators use it to change things.
_ACTIONS = {
    Role.ADMINISTRATOR: ("add", "change", "view"),
    Role.AUDITOR: ("view",),
    Role.MANAGER: ("view",),
    Role.STAFF: (),
    Role.VIEWER: (),
}


def role_permissions(using: str = DEFAULT_DB_ALIAS) -> Iterator[tuple[Role, set[Permission]]]:
    """Every role with the permissions that its group has."""
    tracked = list(
        Permission.objects.using(using)
        .filter(content_type__app_label__in=["recommendations", "auth"])
        .select_related("content_type")
    )
    for role, actions in _ACTIONS.items():
        yield role, {each for each in tracked if each.codename.partition("_")[0] in actions}


def ensure_roles(using: str = DEFAULT_DB_ALIAS) -> None:
    """Create the groups and give each the permissions of its role; changes nothing when right."""
    for role, wanted in role_permissions(using):
        group, _created = Group.objects.using(using).get_or_create(name=role.value)
        if set(group.permissions.all()) != wanted:
            group.permissions.set(wanted)


# ---- Links under which owners of accounts set another password: all that others can do about it


def send_password_link(
    *, person: User, by: User, address: str, client: str = "", at: datetime | None = None
) -> User:
    """Mail a person the link under which they set another password themselves.

    It goes to the ``address`` of the account that was shown, and to no other. There are as many in
    an hour as of those that people ask for themselves; ``client`` is where this one came from.
    """
    with audit.entry(by=by, at=at) as entry:
        require_manager(by)
        current = User.objects.get(pk=person.pk)
        require_not_above(by, current, {})
        if refusal := _no_link_text(current, by):
            raise ActionRefused(refusal)
        if current.email != address:
            raise ActionRefused(
                _("The email address changed after you opened this page. Check it again.")
            )
        if not letters.is_within_limits(address=address, client=client):
            raise ActionRefused(_("Too many links were requested in the last hour. Try later."))
        told = {"email": audit.FreeText(address)}
        entry.record("send_password_link", current, before={}, after=told)
        notifications.password_link(entry, current)
        return current


def _no_link_text(person: User, by: User) -> str:
    """Why nobody sends this person a link for another password; empty where somebody may."""
    if person.pk == by.pk:
        return _("You can change your own password under “Change password”.")
    if not person.is_active or not person.email or person.is_service:
        return _("%s has no active account with an email address.") % person
    return shut_out_text(person) if permissions.is_shut_out(person) else ""


# ---- Invitations: making one, withdrawing it, and accepting it, which makes the account

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
        require(permissions.can_invite(by), _("You cannot invite people."))
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
    people: Mapping[int, tuple[str, str, Organisation | str | None]],
    is_mailed: bool = True,
    at: datetime | None = None,
) -> list[Invitation]:
    """Invite several people; an organisation that is named and not known is added.

    All of them or nobody. ``people`` are addresses, roles and organisations by the number of their
    row; what is wrong is told under ``email`` and the number.
    """
    made = []
    with audit.entry(by=by, at=at):
        for number, (email, role, body) in people.items():
            organisation = _named(body.strip(), by) if isinstance(body, str) else body
            told: dict[str, Any] = {"by": by, "organisation": organisation}
            try:
                made.append(invite(email=email, role=role, is_mailed=is_mailed, **told))
            except ValidationError as error:
                raise ValidationError({f"email{number}": error.messages}) from error
    return made


def _named(name: str, by: User) -> Organisation:
    """The organisation of a name, which is added where there is none."""
    values = {"slug": free_slug(Organisation, name), "name": name}
    known = Organisation.objects.filter(name__iexact=name).first()
    return known or add_organisation(by=by, values=values)


def withdraw_invitation(
    *, invitation: Invitation, by: User, at: datetime | None = None
) -> Invitation:
    """End an invitation that was not accepted yet; its link works no more."""
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_invite(by), _("You cannot invite people."))
        current = Invitation.objects.get(pk=invitation.pk)
        if current.accepted_at is not None or current.withdrawn_at is not None:
            raise ActionRefused(_("This invitation is no longer open."))
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
    person = add_account(
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
