"""Deputies: named here for anybody, and ended early on their own page."""

from typing import Any

from django.contrib import admin

from recommendations.actions import deputies
from recommendations.admin.framework.base import TrackedModelAdmin
from recommendations.admin.framework.lists import day
from recommendations.models import Deputy
from recommendations.queries.columns import names_of


@admin.register(Deputy)
class DeputyAdmin(TrackedModelAdmin):
    """A row is never changed: it is ended early, and another is named."""

    add_action = staticmethod(deputies.add_deputy)
    list_display: Any = (
        "person",
        "deputy",
        day("starts_on"),
        day("ends_on"),
        day("ended_at"),
    )
    list_select_related = ("person", "deputy")
    list_reads = tuple(names_of("person", "deputy"))
    search_fields = ("person__username", "deputy__username")
    autocomplete_fields = ("person", "deputy")
    ordering = ("-starts_on", "-pk")
    readonly_fields = ("recorded_at", "recorded_by", "ended_at", "ended_by")
    fields = (
        *("person", "deputy", "starts_on", "ends_on", "reason"),
        *("recorded_at", "recorded_by", "ended_at", "ended_by"),
    )
