"""Names that somebody fails to sign in with, and from where; an administrator ends a pause."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from axes.models import AccessAttempt
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.actions.oversight.sign_ins import pause_after, release
from recommendations.admin.framework.base import TrackedModelAdmin
from recommendations.admin.framework.list_actions import attempt_each
from recommendations.admin.framework.lists import beside, column


def pauses(attempts: Sequence[AccessAttempt]) -> dict[int, datetime]:
    """Until when those are paused that are now."""
    ends = {row.pk: row.attempt_time + pause_after(row.failures_since_start) for row in attempts}
    return {key: end for key, end in ends.items() if end > timezone.now()}


@admin.register(AccessAttempt)
class AccessAttemptAdmin(TrackedModelAdmin):
    """For administrators alone: what was typed as a name may be anything, a password too."""

    list_display = (
        *("username", "address", "in_known_browser"),
        column(attrgetter("failures_since_start"), _("failures"), ordering="failures_since_start"),
        column(attrgetter("attempt_time"), _("last attempt"), ordering="attempt_time"),
        beside(_("paused until"), pauses),
    )
    list_display_links = None
    search_fields = ("username", "ip_address")
    ordering = ("-failures_since_start", "-attempt_time")
    actions = ("release",)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        title = {"title": _("Failed sign-ins")}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def has_module_permission(self, request: HttpRequest) -> bool:
        return permissions.can_administer(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return permissions.can_administer(request.user)

    def has_release_permission(self, request: HttpRequest) -> bool:
        return permissions.can_administer(request.user)

    @admin.display(description=_("address"), ordering="ip_address")
    def address(self, attempt: AccessAttempt) -> str:
        found = attempt.ip_address or ""
        return f"{found}/64" if ":" in found else found

    @admin.display(description=_("known browser"), boolean=True)
    def in_known_browser(self, attempt: AccessAttempt) -> bool:
        return bool(attempt.user_agent)

    @admin.action(description=_("End sign-in pause"), permissions=["release"])
    def release(self, request: HttpRequest, queryset: QuerySet[AccessAttempt]) -> None:
        by: Any = request.user
        done = gettext("may sign in again now")
        attempt_each(
            request, queryset, lambda row: release(attempt=row, by=by), done, called=self._called
        )

    def _called(self, attempt: AccessAttempt) -> str:
        return f"{attempt.username} ({self.address(attempt)})"
