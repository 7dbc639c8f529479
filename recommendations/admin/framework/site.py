"""The site of the administration: its first page by what people do, and its frame.

The site itself stays Django's own: another class would have to be named in the settings.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.models import AuditEvent
from recommendations.queries.log.words import LogRow, log_rows
from recommendations.queries.operation import failing_mail, health_of
from recommendations.views.access import words_given_back


@dataclass(frozen=True, slots=True)
class Group:
    """Models that belong to one kind of work, by their names, in the order of the page."""

    title: str | Promise
    about: str | Promise
    models: tuple[str, ...]


GROUPS = (
    Group(
        _("Recommendations"),
        _("What is tracked"),
        ("Source", "Recommendation", "Part", "Theme", "Action", "Addressee", "Response"),
    ),
    Group(
        _("Reporting"),
        _("How the status changes"),
        ("StatusUpdate", "TargetDateChange", "Comment", "ReportedStatus", "SavedView"),
    ),
    Group(
        _("Data"),
        _("Evidence and indicators"),
        (
            *(
                "Evidence",
                "EvidenceChange",
                "Indicator",
                "Target",
                "Observation",
                "ObservationConfirmation",
            ),
            *("ImportRun", "Area"),
        ),
    ),
    Group(
        capfirst(_("people")),
        _("Who may do what"),
        ("User", "Deputy", "Invitation", "Organisation", "Group"),
    ),
)
SYSTEM = Group(
    _("System"),
    _("How the site runs"),
    (
        *("AuditEvent", "AuditRow", "AuditText", "ChainHead", "Redaction"),
        *("OutgoingMail", "WebhookDelivery", "StoredFile", "AccessAttempt"),
    ),
)
"""Also what no other group names: internal tables."""


def grouped(request: HttpRequest) -> list[dict[str, Any]]:
    """What this person may open, in the shape of Django's list of apps."""
    found = {
        model["object_name"]: model
        for app in admin.AdminSite.get_app_list(admin.site, request)
        for model in app["models"]
    }
    if "Group" in found:
        found["Group"]["name"] = capfirst(_("roles"))
    groups = []
    for group in GROUPS:
        models = [found.pop(name) for name in group.models if name in found]
        groups.append((group, models))
    system = [found.pop(name) for name in SYSTEM.models if name in found]
    groups.append((SYSTEM, [*system, *found.values()]))
    return [
        {"name": group.title, "about": group.about, "models": models}
        for group, models in groups
        if models
    ]


def _app_list(request: HttpRequest, app_label: str | None = None) -> Any:
    """Groups, worked out where a page shows them; of one app its models, as Django has them."""
    if app_label is not None:
        return admin.AdminSite.get_app_list(admin.site, request, app_label)
    return SimpleLazyObject(lambda: grouped(request))


MOST_RECENT = 5
"""Own acts that the first page tells of."""


def recent_acts(person: Any) -> list[LogRow]:
    """What this person did last, as the audit log tells it; for its readers alone."""
    if not permissions.can_read_log(person):
        return []
    events = AuditEvent.objects.filter(actor=person.pk).order_by("-sequence")
    return log_rows(list(events.select_related("actor", "recommendation")[:MOST_RECENT]))


def first_page(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """The first page: models by what people do, the health of the site, and the reader's acts."""
    person: Any = request.user
    told = {
        "health": health_of(person),
        "recent_acts": recent_acts(person),
        "failing_mail": failing_mail() if permissions.can_administer(person) else (),
    }
    return admin.AdminSite.index(admin.site, request, {**(extra_context or {}), **told})


def _guarded(view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
    """A page of the administration; who is signed out by now gets back what they wrote, and who
    may not open it is refused as on the site."""
    page = admin.AdminSite.admin_view(admin.site, view, cacheable)

    @wraps(page)
    def respond(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return words_given_back(request) or page(request, *args, **kwargs)
        if not admin.site.has_permission(request):
            raise PermissionDenied
        return page(request, *args, **kwargs)

    return respond


def install() -> None:
    """Let the site be so: its groups, and no bar at the side, which lists need the width of."""
    admin.site.index = first_page  # type: ignore[method-assign, assignment]
    admin.site.admin_view = _guarded  # type: ignore[method-assign, assignment]
    admin.site.index_template = "admin/tracker_index.html"
    admin.site.get_app_list = _app_list  # type: ignore[method-assign]
    admin.site.enable_nav_sidebar = False
