"""The site of the administration: its first page by what people do, and its frame.

The site itself stays Django's own: another class would have to be named in the settings.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _


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
            *("Evidence", "Indicator", "Target", "Observation", "ObservationConfirmation"),
            *("ImportRun", "Area"),
        ),
    ),
    Group(
        _("People"),
        _("Who may do what"),
        ("User", "Invitation", "Organisation", "Group"),
    ),
)
SYSTEM = Group(
    _("System"),
    _("How the site runs"),
    (
        *("AuditEvent", "AuditRow", "AuditText", "ChainHead", "Verification", "Redaction"),
        *("OutgoingMail", "StoredFile", "AccessAttempt"),
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


def install() -> None:
    """Let the site be so: its groups, and no bar at the side, which lists need the width of."""
    admin.site.get_app_list = _app_list  # type: ignore[method-assign]
    admin.site.enable_nav_sidebar = False
