"""Who can approve what is reported on a recommendation, and why others cannot."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.choices import Role, UpdateState
from recommendations.models import Recommendation, StatusUpdate, User
from recommendations.queries.people import managers


def has_several_managers() -> Exists:
    """Whether there are two active managers at least, as a column; the same in every row."""
    held = User.groups.through.objects.filter(group__name=Role.MANAGER, user__is_active=True)
    return Exists(held.order_by()[1:2])


def has_manager() -> Exists:
    """Whether there is an active manager, as a column."""
    return Exists(User.objects.filter(is_active=True, groups__name=Role.MANAGER))


def has_reporting_staff() -> Any:
    """Whether active policy staff may report on a recommendation, as a column."""
    helped = Recommendation.contributors.through.objects.filter(
        recommendation=OuterRef(OuterRef("pk"))
    )
    near = (
        Q(organisation=OuterRef("lead"))
        | Q(pk=OuterRef("lead_officer"))
        | Q(organisation__in=helped.values("organisation"))
    )
    return Exists(User.objects.filter(near, is_active=True, groups__name=Role.STAFF))


def without_approver(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those of these recommendations on which nobody can approve what is reported.

    Nobody decides on what they wrote themselves: one manager alone approves what staff report.
    """
    alone = rows.annotate(
        has_manager=has_manager(),
        has_several=has_several_managers(),
        has_staff=has_reporting_staff(),
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
    notes = _notes(recommendation, people)
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


def _notes(recommendation: Recommendation, people: Sequence[User]) -> list[str]:
    """What hinders approval, or will."""
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
    return notes


def lacking_text(*, has_manager: bool) -> str:
    """Why nobody can approve, and what to do."""
    if not has_manager:
        return _("No one can approve updates: there is no active manager. Invite a manager.")
    return _(
        "No one can approve updates: only one manager may report here, and an own update cannot "
        "be approved. Assign policy staff, or invite a second manager."
    )
