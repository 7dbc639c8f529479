"""What a site still lacks before its recommendations can be reported on and approved."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from recommendations import permissions
from recommendations.choices import BulkChange, Nature, Role
from recommendations.models import Invitation, Recommendation, Source, User
from recommendations.permissions import Person
from recommendations.queries.approvers import without_approver
from recommendations.queries.setup.steps import RoleHolders

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

    def line(text: str) -> Missing:
        return _doable(text, "set-up-people", _("Invite people"), may_invite, holders)

    if not held[Role.MANAGER]:
        yield line(_("No manager: no one can approve updates"))
    elif held[Role.MANAGER] == 1:
        yield line(_("Only one manager: what that person reports cannot be approved"))
    if not held[Role.STAFF]:
        yield line(_("No policy staff"))
    if not held[Role.ADMINISTRATOR]:
        yield Missing(_("No administrator"))
    late = Invitation.objects.pending().filter(expires_at__lte=timezone.now()).exclude(email="")
    if n := late.count():
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
    for rows, told, link in _LACKING:
        found = rows(Recommendation.objects.followed().filter(kept__open_since__isnull=False))
        count = found.count()
        if not count:
            continue
        first = list(found.order_by("source", "number", "pk").only("reference", "title")[:LISTED])
        url, action = link([row.reference for row in first])
        yield Missing(told % count, url, action, rows=first[:5], others=max(count - 5, 0))


def _bulk(change: BulkChange) -> Callable[[list[str]], tuple[str, str]]:
    """A bulk change of these recommendations."""

    def link(references: list[str]) -> tuple[str, str]:
        asked = [("scope", "picked"), ("change", str(change))]
        query = urlencode([*asked, *(("pick", each) for each in references)])
        return f"{reverse('bulk-new')}?{query}", str(change.label)

    return link


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
        _bulk(BulkChange.LEAD),
    ),
    (
        _no_active("lead_officer", Role.STAFF, Role.MANAGER),
        ngettext_lazy(
            "%d recommendation without an active lead officer",
            "%d recommendations without an active lead officer",
        ),
        _bulk(BulkChange.LEAD_OFFICER),
    ),
    (
        _no_active("reviewer", Role.MANAGER),
        ngettext_lazy(
            "%d recommendation without an active reviewer",
            "%d recommendations without an active reviewer",
        ),
        _bulk(BulkChange.REVIEWER),
    ),
    (
        lambda found: found.filter(
            Q(nature=Nature.TIME_BOUND), target_date__isnull=True, date_changes__isnull=True
        ),
        ngettext_lazy(
            "%d recommendation without a first target date",
            "%d recommendations without a first target date",
        ),
        lambda first: (reverse("recommendation-dates", args=[first[0]]), _("Set target date")),
    ),
    (
        without_approver,
        ngettext_lazy(
            "%d recommendation that no one can approve",
            "%d recommendations that no one can approve",
        ),
        lambda first: (reverse("set-up-people"), _("Invite people")),
    ),
    (
        lambda found: found.filter(published_at__isnull=True),
        ngettext_lazy("%d recommendation not published", "%d recommendations not published"),
        _bulk(BulkChange.PUBLISH),
    ),
)
"""What a recommendation can lack: which lack it, how that is told, and where it is done."""
