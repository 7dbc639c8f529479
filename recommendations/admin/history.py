"""What spreadsheets reported before the tracker was there: to be read."""

from __future__ import annotations

from django.contrib import admin

from recommendations.admin.base import ViewOnlyAdmin
from recommendations.models import ReportedStatus


@admin.register(ReportedStatus)
class ReportedStatusAdmin(ViewOnlyAdmin):
    list_display = ("recommendation", "as_of", "words", "implementation_status", "file_name")
    list_filter = ("implementation_status",)
    list_select_related = ("recommendation",)
    search_fields = ("words", "recommendation__reference", "file_name")
    ordering = ("-recorded_at", "-pk")
    fields = (
        "recommendation",
        "as_of",
        "words",
        "implementation_status",
        "note",
        "file_name",
        "file_sha256",
        "recorded_at",
        "recorded_by",
    )
