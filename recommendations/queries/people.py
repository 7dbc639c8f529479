"""Who may decide, what a person is responsible for, and whom an invitation is of."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.http import urlsafe_base64_encode
from django.utils.text import capfirst
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import permissions
from recommendations.choices import DateChangeState, MailState, Role, UpdateState
from recommendations.lookalikes import folded, skeleton
from recommendations.models import (
    Deputy,
    EvidenceLink,
    Invitation,
    Organisation,
    OutgoingMail,
    Recommendation,
    StatusUpdate,
    TargetDateChange,
    User,
    full_name,
    people_in,
    with_roles,
)
from recommendations.permissions import Person
from recommendations.queries.shown import preview_mark
from recommendations.transitions import UNDECIDED

# ---- Who may decide, what a person is responsible for, and what an organisation holds


def names_in_words(named: Sequence[Any], count: int) -> str:
    """Who are named of so many people, and how many others there are."""
    names = ", ".join(str(person) for person in named)
    if not (others := count - len(named)):
        return names
    told = ngettext("%(names)s and %(n)d other", "%(names)s and %(n)d others", others)
    return told % {"names": names, "n": others}


def managers() -> list[User]:
    """Everybody who may decide on what others wrote, with their roles; one query.

    Each ``stands_in`` for somebody today or not.
    """
    active = Deputy.objects.active_on(localdate()).filter(deputy=OuterRef("pk"))
    return list(with_roles(people_in(Role.MANAGER)).annotate(stands_in=Exists(active)))


def deciders(update: StatusUpdate, among: Collection[User]) -> list[User]:
    """Those of ``among`` who may decide on an update: its named reviewer alone, else all of them.

    A reviewer who wrote it, was deactivated or is no manager any more decides on nothing, and then
    every other manager may.
    """
    writers = {update.author_id, *update.editor_ids()}
    free = [person for person in among if person.pk not in writers]
    named = [person for person in free if person.pk == update.recommendation.reviewer_id]
    return named or free


def deciders_of(updates: Sequence[StatusUpdate]) -> list[str]:
    """Who decides on each of these updates, in words: two queries, none where there are none.

    With the named reviewer, if that is a manager who wrote no version of it, else with any other.
    """
    if not updates:
        return []
    people = User.objects.filter(is_active=True, groups__name=Role.MANAGER).order_by("pk")
    among = list(people.only("first_name", "last_name", "username"))
    wrote: dict[int, set[int]] = {update.pk: {update.author_id} for update in updates}
    editors = StatusUpdate.editors.through.objects.filter(statusupdate__in=wrote)
    for pk, person in editors.values_list("statusupdate", "user"):
        wrote[pk].add(person)
    return [_deciders_text(update, among, wrote[update.pk]) for update in updates]


def _deciders_text(update: StatusUpdate, among: Sequence[User], wrote: set[int]) -> str:
    free = [person for person in among if person.pk not in wrote]
    named = [person for person in free if person.pk == update.recommendation.reviewer_id]
    if not free:
        return _("No eligible reviewer: requires a manager who is not an author")
    if len(free) > 1 and not named:
        return _("Reviewer: any manager other than the author")
    return _("Reviewer: %(who)s") % {"who": (named or free)[0]}


@dataclass(frozen=True, slots=True)
class Workload:
    """All that waits for one person, or will come back to them.

    ``orphaned_updates`` are their open updates on what is archived: nobody goes on with those.
    """

    officer_of: tuple[Any, ...]
    reviewer_of: tuple[Any, ...]
    drafts: tuple[StatusUpdate, ...]
    returned: tuple[StatusUpdate, ...]
    submitted: tuple[StatusUpdate, ...]
    date_requests: tuple[TargetDateChange, ...]
    orphaned_updates: tuple[StatusUpdate, ...]

    @property
    def updates(self) -> tuple[StatusUpdate, ...]:
        return (*self.drafts, *self.returned, *self.submitted)

    @property
    def count(self) -> int:
        """How many things change hands; to be officer and reviewer of one counts once."""
        led = {found.pk for found in (*self.officer_of, *self.reviewer_of)}
        return len(led) + len(self.updates) + len(self.date_requests) + len(self.orphaned_updates)

    @property
    def digest(self) -> str:
        """Stands for this load: what was shown and what is handed over can be compared."""
        told = [[thing.pk for thing in getattr(self, name)] for name in self.__dataclass_fields__]
        return preview_mark(None, told)


def workload_of(person: User) -> Workload:
    """What this person has on their hands now; three queries and one for contributors."""
    led = Recommendation.objects.followed().order_by("source", "number", "pk")
    written = (
        StatusUpdate.objects.filter(author=person.pk, state__in=UNDECIDED)
        .select_related("recommendation", "decided_by")
        .prefetch_related("recommendation__contributors")
        .order_by("recommendation__source", "recommendation__number", "pk")
    )
    live = [update for update in written if update.recommendation.archived_at is None]
    by_state = {
        state: tuple(update for update in live if update.state == state) for state in UNDECIDED
    }
    asked = (
        TargetDateChange.objects.filter(
            requested_by=person.pk,
            state=DateChangeState.REQUESTED,
            recommendation__archived_at__isnull=True,
        )
        .select_related("recommendation")
        .prefetch_related("recommendation__contributors")
        .order_by("recommendation__source", "recommendation__number", "pk")
    )
    return Workload(
        officer_of=tuple(led.filter(lead_officer=person.pk)),
        reviewer_of=tuple(led.filter(reviewer=person.pk)),
        drafts=by_state[UpdateState.DRAFT],
        returned=by_state[UpdateState.RETURNED],
        submitted=by_state[UpdateState.SUBMITTED],
        date_requests=tuple(asked),
        orphaned_updates=tuple(
            update for update in written if update.recommendation.archived_at is not None
        ),
    )


def hand_over_obstacles(load: Workload, of: User, to: User) -> list[str]:
    """Why ``to`` cannot take all of it, each in a sentence; empty where they can."""
    found: list[str] = []
    if of.pk == to.pk:
        found.append(_("Choose another person."))
    if not permissions.can_write(to):
        found.append(_("This person is inactive, or their role does not allow it."))
        return found
    for about in _recommendations_of(load):
        # That post changes hands in the same step, and with it comes the right.
        is_officer_then = about.lead_officer_id == of.pk
        if not is_officer_then and not permissions.can_log(to, about):
            found.append(
                _("%(what)s: %(to)s cannot log updates on it.") % {"what": about, "to": to}
            )
    for update in load.returned:
        if update.decided_by_id == to.pk:
            found.append(
                _(
                    "%(what)s: %(to)s returned this update and cannot become an author. Hand "
                    "it over first."
                )
                % {"what": update.recommendation, "to": to}
            )
    updates = {update.pk: update for update in load.updates}
    answered = EvidenceLink.objects.live().filter(update__in=list(updates), answered_by=to.pk)
    for pk in answered.values_list("update", flat=True):
        found.append(
            _(
                "%(what)s: %(to)s answered a contradiction of this update and cannot become "
                "an author."
            )
            % {"what": updates[pk].recommendation, "to": to}
        )
    return list(dict.fromkeys(found))


def _recommendations_of(load: Workload) -> Iterator[Any]:
    """The recommendations on which something was begun."""
    for update in load.updates:
        yield update.recommendation
    for row in load.date_requests:
        yield row.recommendation


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an organisation leads and contributes to, as far as it is followed, and its people.

    ``invitations`` are those into it that are neither accepted nor withdrawn.
    """

    led: tuple[Any, ...]
    contributed: tuple[Any, ...]
    people: tuple[User, ...]
    invitations: tuple[Invitation, ...]

    @property
    def digest(self) -> str:
        """Stands for these holdings: what was shown and what moves can be compared."""
        told = [[thing.pk for thing in things] for things in (self.led, self.contributed)]
        told.append([person.pk for person in self.people])
        told.append([invitation.pk for invitation in self.invitations])
        return preview_mark(None, told)


def holdings_of(organisation: Organisation) -> Holdings:
    """What an organisation holds now; four queries."""
    followed = Recommendation.objects.followed().order_by("source", "number", "pk")
    return Holdings(
        led=tuple(followed.filter(lead=organisation.pk)),
        contributed=tuple(followed.filter(contributors=organisation.pk)),
        people=tuple(User.objects.filter(organisation=organisation.pk).order_by("username", "pk")),
        invitations=tuple(Invitation.objects.pending().filter(organisation=organisation.pk)),
    )


def lookalike_problems(person: User, new: Mapping[str, str]) -> dict[str, str]:
    """What is wrong, by its field, with ``new`` names of a person that look like those of others.

    No username looks like another, and no full name like one that is spelled otherwise: people may
    have the same name, but nobody one that only a computer can tell from theirs. Reads all people.
    """
    columns = ("username", "first_name", "last_name")
    others = list(User.objects.exclude(pk=person.pk).order_by().values_list(*columns))
    username, first, last = (new.get(name, getattr(person, name)) for name in columns)
    if "username" in new and skeleton(username) in {skeleton(other[0]) for other in others}:
        words = _("This username looks like that of another account. Choose a different username.")
        return {"username": words}
    name = full_name(first, last, username)
    names = (full_name(first, last, username) for username, first, last in others)
    alike = (other for other in names if skeleton(other) == skeleton(name))
    if any(folded(other) != folded(name) for other in alike):
        words = _(
            "This name looks like that of another person, but it is written with other characters."
        )
        return {next(each for each in reversed(columns) if each in new): words}
    return {}


# ---- Who can approve what is reported on a recommendation, and why others cannot


def has_several_managers() -> Exists:
    """Whether there are two active managers at least, as a column; the same in every row."""
    held = User.groups.through.objects.filter(group__name=Role.MANAGER, user__is_active=True)
    return Exists(held.order_by()[1:2])


def has_manager() -> Exists:
    """Whether there is an active manager, as a column."""
    return Exists(User.objects.filter(is_active=True, groups__name=Role.MANAGER))


def without_approver(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those of these recommendations on which nobody can approve what is reported.

    Nobody decides on what they wrote themselves: one manager alone approves what staff report.
    """
    helped = Recommendation.contributors.through.objects.filter(
        recommendation=OuterRef(OuterRef("pk"))
    )
    near = (
        Q(organisation=OuterRef("lead"))
        | Q(pk=OuterRef("lead_officer"))
        | Q(organisation__in=helped.values("organisation"))
    )
    alone = rows.annotate(
        has_manager=has_manager(),
        has_several=has_several_managers(),
        has_staff=Exists(User.objects.filter(near, is_active=True, groups__name=Role.STAFF)),
    )
    found: QuerySet[Any] = alone.filter(
        Q(has_manager=False) | Q(has_several=False, has_staff=False)
    )
    return found


def is_without_approver(recommendation: Recommendation) -> bool:
    """Whether nobody can approve what is reported on this one; one query."""
    return without_approver(Recommendation.objects.filter(pk=recommendation.pk)).exists()


@dataclass(frozen=True, slots=True)
class Approver:
    """A manager, and why they cannot approve; empty where they can."""

    person: User
    why_not: str
    is_reviewer: bool


@dataclass(frozen=True, slots=True)
class Approvers:
    """Managers with what each can do; of the update that waits, or of whatever is reported next."""

    rows: Sequence[Approver]
    update: StatusUpdate | None
    notes: Sequence[str]

    @property
    def able(self) -> list[Approver]:
        return [row for row in self.rows if not row.why_not]

    @property
    def unable(self) -> list[Approver]:
        return [row for row in self.rows if row.why_not]


def approvers_of(recommendation: Recommendation) -> Approvers:
    """Who can approve the newest update that awaits review, else the next one; at most four
    queries."""
    submitted = StatusUpdate.objects.filter(
        recommendation=recommendation.pk, state=UpdateState.SUBMITTED
    )
    update = submitted.select_related("author").order_by("-submitted_at", "-pk").first()
    people = managers()
    rows = [
        Approver(person, _why_not(person, update), person.pk == recommendation.reviewer_id)
        for person in people
    ]
    notes = []
    reviewer = recommendation.reviewer
    if reviewer is not None and reviewer.pk not in {person.pk for person in people}:
        notes.append(
            _("%s, the named reviewer, is no active manager. Any manager may approve.") % reviewer
        )
    if is_without_approver(recommendation):
        notes.append(lacking_text(has_manager=bool(people)))
    elif len(people) == 1:
        notes.append(
            _("Only one person can approve. What %s reports needs a second manager.") % people[0]
        )
    if update is not None and rows and all(row.why_not for row in rows):
        notes.append(
            _(
                "No one can approve the update that awaits review: each manager wrote a version of "
                "it. Invite another manager."
            )
        )
    return Approvers(rows, update, notes)


def _why_not(person: User, update: StatusUpdate | None) -> str:
    if update is None or permissions.can_decide(person, update):
        return ""
    if update.author_id == person.pk:
        return _("Wrote the update that awaits review.")
    return _("Edited the update that awaits review.")


def lacking_text(*, has_manager: bool) -> str:
    """Why nobody can approve, and what to do."""
    if not has_manager:
        return _("No one can approve updates: there is no active manager. Invite a manager.")
    return _(
        "No one can approve updates: only one manager may report here, and an own update cannot "
        "be approved. Assign policy staff, or invite a second manager."
    )


# ---- Invitations: which one a link is of, and why it does not work for somebody, if it does not


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
        return capfirst(_("expired"))
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
            "%s, who sent this invitation, can no longer invite people. Ask an administrator "
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
