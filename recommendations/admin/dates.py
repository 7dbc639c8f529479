"""Date changes: read here, decided on the page that shows all of them."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recommendations.admin.framework.base import TrackedModelAdmin
from recommendations.admin.framework.filters import by_row
from recommendations.admin.framework.lists import day
from recommendations.models import TargetDateChange
from recommendations.pickers import kinds


@admin.register(TargetDateChange)
class TargetDateChangeAdmin(TrackedModelAdmin):
    list_display = (
        "recommendation",
        "number",
        day("old_date", _("old date")),
        day("new_date", empty=_("No target date")),
        "state",
        "requested_by",
        day("requested_at"),
        "decided_by",
        day("decided_at"),
    )
    list_filter = ("state", ("recommendation__source", by_row(kinds.ALL_SOURCES, is_used=True)))
    list_select_related = ("recommendation", "requested_by", "decided_by")
    search_fields = (
        "recommendation__reference",
        "recommendation__title",
        "requested_by__username",
        "requested_by__last_name",
    )
    ordering = ("-pk",)

    def view_on_site(self, obj: Any) -> str:
        return reverse("recommendation-dates", args=[obj.recommendation.reference])
