"""How far the set-up of a site is: who holds which role, and which steps are done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from recommendations.choices import Role
from recommendations.models import Recommendation, Source, User, with_roles

NAMED = 6
"""People of a role that are named; of more the number is told."""

MAY: Mapping[str, Promise] = {
    Role.VIEWER: _("Reads all but drafts and internal evidence."),
    Role.STAFF: _("Writes updates where their organisation leads or contributes."),
    Role.MANAGER: _("Writes updates on all, approves those of others, sets target dates."),
    Role.AUDITOR: _("Reads everything, the audit log included; changes nothing."),
    Role.ADMINISTRATOR: _(
        "Adds sources and people, sets first target dates, imports, redacts; approves nothing."
    ),
}
"""What each role is for, in a line."""


def names_in_words(named: Sequence[Any], count: int) -> str:
    """Who are named of so many people, and how many others there are."""
    names = ", ".join(str(person) for person in named)
    if not (others := count - len(named)):
        return names
    told = ngettext("%(names)s and %(n)d other", "%(names)s and %(n)d others", others)
    return told % {"names": names, "n": others}


@dataclass(frozen=True, slots=True)
class RoleHolders:
    """A role: what it may do, how many active people hold it, and the first of them."""

    role: Role
    count: int
    people: Sequence[Any]

    @property
    def label(self) -> str:
        return str(self.role.label)

    @property
    def may(self) -> Promise:
        return MAY[self.role]

    @property
    def names(self) -> str:
        """Those who hold it, in words; empty where there are none."""
        return names_in_words(self.people, self.count)


def role_holders() -> list[RoleHolders]:
    """Each role with those who hold it; at most six queries, however many people there are."""
    counts = dict(
        User.groups.through.objects.filter(user__is_active=True)
        .order_by()
        .values_list("group__name")
        .annotate(n=Count("pk"))
    )
    named = {
        role: User.objects.filter(is_active=True, groups__name=role).order_by(
            "last_name", "first_name", "username", "pk"
        )[:NAMED]
        for role in Role
    }
    return [
        RoleHolders(role, counts.get(role, 0), list(people) if counts.get(role) else [])
        for role, people in named.items()
    ]


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One step of the set-up, and its page."""

    name: str
    label: Promise
    is_done: bool

    @property
    def url(self) -> str:
        return reverse(self.name)


def setup_steps() -> list[SetupStep]:
    """The steps in their order; three queries."""
    people = list(with_roles(User.objects.filter(is_active=True).filter(_DECIDES | _WRITES))[:50])
    managers = [person for person in people if Role.MANAGER in person.role_names]
    return [
        SetupStep("set-up-source", _("Source"), Source.objects.exists()),
        SetupStep("set-up-people", _("People and roles"), bool(managers) and len(people) > 1),
        SetupStep(
            "set-up-recommendations",
            _("Recommendations"),
            Recommendation.objects.followed().exists(),
        ),
    ]


_DECIDES = Q(groups__name=Role.MANAGER)
_WRITES = Q(groups__name=Role.STAFF)
