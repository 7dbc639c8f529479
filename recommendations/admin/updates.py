"""Status updates: read here, written and decided on their pages."""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from recommendations.actions.updates.content import TEXT_FIELDS
from recommendations.admin.framework.base import TrackedInline, TrackedModelAdmin
from recommendations.admin.framework.filters import by_row
from recommendations.admin.framework.lists import beside, day
from recommendations.models import EvidenceLink, ReportedStatus, StatusUpdate
from recommendations.pickers import kinds
from recommendations.queries.columns import names_of
from recommendations.queries.replaced import Mark, marks_of


class UpdateEvidenceInline(TrackedInline):
    """Evidence for and against. It is added and taken away on the page of the update."""

    model = EvidenceLink
    fields = ("evidence", "stance", "why", "added_at", "added_by", "removed_at", "removed_by")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("evidence", "added_by", "removed_by")


def _marks(rows: Sequence[StatusUpdate]) -> Mapping[int, Mark]:
    """Whether and when each was retracted, corrected or undone."""
    return marks_of(row.pk for row in rows)


@admin.register(StatusUpdate)
class StatusUpdateAdmin(TrackedModelAdmin):
    list_display = (
        "recommendation",
        "addressee",
        "kind",
        day("as_of"),
        "state",
        "implementation_status",
        "confidence",
        "author",
        "decided_by",
        day("decided_at", _("decided at")),
        beside(_("replaced"), _marks, attrgetter("text")),
    )
    list_filter = (
        "state",
        "kind",
        "implementation_status",
        "confidence",
        ("recommendation__source", by_row(kinds.ALL_SOURCES, is_used=True)),
    )
    list_select_related = (
        "recommendation",
        "addressee__area",
        "addressee__organisation",
        "author",
        "decided_by",
    )
    list_reads = (
        *("recommendation__reference", "recommendation__title"),
        *("addressee__area__name", "addressee__organisation__name"),
        *names_of("author", "decided_by"),
    )
    search_fields = (
        "recommendation__reference",
        "recommendation__title",
        "author__username",
        "author__last_name",
    )
    ordering = ("-pk",)
    inlines = (UpdateEvidenceInline,)

    fieldsets = (
        (None, {"fields": ("recommendation", "addressee", "kind", "state", "as_of")}),
        (
            _("Content"),
            {
                "fields": (
                    "implementation_status",
                    "confidence",
                    "rated_on",
                    "completed_on",
                    "review_on",
                    "successor",
                )
            },
        ),
        (
            _("Content"),
            {"fields": TEXT_FIELDS},
        ),
        (
            _("Record response"),
            {
                "fields": (
                    "author",
                    "editors",
                    "created_at",
                    "submitted_at",
                    "decided_at",
                    "decided_by",
                    "decision_note",
                    "based_on",
                    "corrects",
                    "retracts",
                )
            },
        ),
    )


@admin.register(ReportedStatus)
class ReportedStatusAdmin(TrackedModelAdmin):
    list_display = (
        "recommendation",
        day("as_of"),
        *("words", "implementation_status", "file_name"),
    )
    list_filter = ("implementation_status",)
    list_select_related = ("recommendation",)
    search_fields = ("words", "recommendation__reference", "file_name")
    ordering = ("-recorded_at", "-pk")
