"""The set-up of a site: who holds which role, its steps, what it lacks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from recommendations import permissions
from recommendations.choices import FINISHED_STATUSES, Age, BulkChange, Nature, Role
from recommendations.models import (
    Invitation,
    Recommendation,
    Source,
    User,
    people_in,
)
from recommendations.permissions import Person
from recommendations.queries.people import names_in_words, without_approver
from recommendations.queries.recommendations.rows import Help, bulk_help
from recommendations.queries.uses import DONE

# ---- How far the set-up of a site is: who holds which role, and which steps are done

NAMED = 6
"""People of a role that are named; of more the number is told."""

MAY: Mapping[str, Promise] = {
    Role.VIEWER: gettext_lazy("Reads all but drafts and internal evidence."),
    Role.STAFF: gettext_lazy("Writes updates where their organisation leads or contributes."),
    Role.MANAGER: gettext_lazy(
        "Writes updates on all, approves those of others, sets target dates."
    ),
    Role.AUDITOR: gettext_lazy("Reads everything, the audit log included; changes nothing."),
    Role.ADMINISTRATOR: gettext_lazy(
        "Adds sources and people, sets first target dates, imports, redacts; approves nothing."
    ),
}
"""What each role is for, in a line."""


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
    return [
        RoleHolders(role, n, list(people_in(role)[:NAMED]) if n else [])
        for role, n in ((role, counts.get(role, 0)) for role in Role)
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
    """The steps in their order; one query."""
    [done] = User.objects.order_by().values_list(*DONE.values())[:1]
    return [
        SetupStep(name, label, is_done)
        for (name, label), is_done in zip(_LABELS.items(), done, strict=True)
    ]


_LABELS: Mapping[str, Promise] = {
    "set-up-source": gettext_lazy("Source"),
    "set-up-people": gettext_lazy("People and roles"),
    "set-up-recommendations": gettext_lazy("Recommendations"),
}


# ---- What a site still lacks before its recommendations can be reported on and approved

LISTED = 60
"""References that one line knows; they fit an address."""


@dataclass(frozen=True, slots=True)
class Missing:
    """One line of the check list: what is missing, and the page where it is done.

    ``url`` is empty where the reader may not do it; ``who`` says who may. ``rows`` are the
    first recommendations that it is about.
    """

    text: str
    url: str = ""
    action: str = ""
    who: str = ""
    rows: Sequence[Any] = ()
    others: int = 0


def missing_for(person: Person, holders: Sequence[RoleHolders]) -> list[Missing]:
    """All that is missing, in the order of the steps; at most 20 queries."""
    return [*_sources(person, holders), *_people(person, holders), *_recommendations(person)]


def _sources(person: Person, holders: Sequence[RoleHolders]) -> Iterator[Missing]:
    may_add = permissions.can_manage(person)
    if not Source.objects.exists():
        yield _doable(_("No source"), "set-up-source", _("Add source"), may_add, holders)
        return
    rows = Recommendation.objects.order_by().filter(source=OuterRef("pk"))
    empty = Source.objects.filter(~Exists(rows)).order_by("title", "pk")
    for source in empty[:5]:
        yield Missing(
            _("%s has no recommendations") % source,
            f"{reverse('set-up-recommendations')}?{urlencode({'source': source.slug})}",
            _("Add recommendations"),
        )


def _people(person: Person, holders: Sequence[RoleHolders]) -> Iterator[Missing]:
    may_invite = permissions.can_invite(person)
    held = {each.role: each.count for each in holders}
    pending = Invitation.objects.pending().exclude(email="").order_by()
    invited = set(pending.values_list("role", flat=True))

    def line(text: str, role: str = "") -> Missing:
        action = _("Open invitations") if role in invited else _("Invite people")
        return _doable(text, "set-up-people", action, may_invite, holders)

    if not held[Role.MANAGER]:
        yield line(_("No manager: no one can approve updates"), Role.MANAGER)
    elif held[Role.MANAGER] == 1:
        told = _("Only one manager: what that person reports cannot be approved")
        yield line(told, Role.MANAGER)
    if not held[Role.STAFF]:
        yield line(_("No policy staff"), Role.STAFF)
    if not held[Role.ADMINISTRATOR]:
        yield Missing(_("No administrator"))
    if n := pending.filter(expires_at__lte=timezone.now()).count():
        told = ngettext("%d invitation has expired", "%d invitations have expired", n)
        yield line(told % n)


def _doable(
    text: str, page: str, action: str, is_allowed: bool, holders: Sequence[RoleHolders]
) -> Missing:
    """For who may do it a link, for others the names of administrators."""
    if is_allowed:
        return Missing(text, reverse(page), action)
    names = next((each.names for each in holders if each.role == Role.ADMINISTRATOR), "")
    return Missing(text, who=_("Administrators: %s") % names if names else "")


def _recommendations(person: Person) -> Iterator[Missing]:
    """What followed and open recommendations lack; two queries a line that is shown."""
    for rows, told, help_for in _LACKING:
        found = rows(Recommendation.objects.followed().exclude(kept__status__in=FINISHED_STATUSES))
        count = found.count()
        if not count:
            continue
        first = list(found.order_by("source", "number", "pk").only("reference", "title")[:LISTED])
        action, url = help_for([row.reference for row in first])
        yield Missing(told % count, url, action, rows=first[:5], others=max(count - 5, 0))


def _no_active(name: str, *roles: Role) -> Callable[[QuerySet[Any]], QuerySet[Any]]:
    """Those without an active person with one of these roles in a post."""

    def rows(found: QuerySet[Any]) -> QuerySet[Any]:
        fit = User.objects.filter(pk=OuterRef(name), is_active=True, groups__name__in=roles)
        return found.filter(~Exists(fit))

    return rows


_LACKING: Sequence[tuple[Any, Any, Any]] = (
    (
        lambda found: found.filter(lead__isnull=True),
        ngettext_lazy(
            "%d recommendation without a lead organisation",
            "%d recommendations without a lead organisation",
        ),
        partial(bulk_help, BulkChange.LEAD),
    ),
    (
        _no_active("lead_officer", Role.STAFF, Role.MANAGER),
        ngettext_lazy(
            "%d recommendation without an active lead officer",
            "%d recommendations without an active lead officer",
        ),
        partial(bulk_help, BulkChange.LEAD_OFFICER),
    ),
    (
        _no_active("reviewer", Role.MANAGER),
        ngettext_lazy(
            "%d recommendation without an active reviewer",
            "%d recommendations without an active reviewer",
        ),
        partial(bulk_help, BulkChange.REVIEWER),
    ),
    (
        lambda found: found.filter(
            Q(nature=Nature.TIME_BOUND), target_date__isnull=True, date_changes__isnull=True
        ),
        ngettext_lazy(
            "%d recommendation without a first target date",
            "%d recommendations without a first target date",
        ),
        lambda first: Help(
            _("%(label)s: %(value)s") % {"label": _("Set target date"), "value": first[0]},
            reverse("recommendation-dates", args=first[:1]),
        ),
    ),
    (
        lambda found: found.filter(opened_on__isnull=True),
        ngettext_lazy(
            "%d open recommendation without a known day of opening",
            "%d open recommendations without a known day of opening",
        ),
        lambda _first: Help(
            _("Show these recommendations"),
            f"{reverse('recommendation-list')}?age={Age.UNKNOWN}",
        ),
    ),
    (
        without_approver,
        ngettext_lazy(
            "%d recommendation that no one can approve",
            "%d recommendations that no one can approve",
        ),
        lambda _first: Help(_("Invite people"), reverse("set-up-people")),
    ),
    (
        lambda found: found.filter(published_at__isnull=True),
        ngettext_lazy("%d recommendation not published", "%d recommendations not published"),
        partial(bulk_help, BulkChange.PUBLISH),
    ),
)
"""What a recommendation can lack: which lack it, how that is told, and where it is done."""
