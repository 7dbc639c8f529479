"""Evidence items, what they are linked to, and who checked them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from recommendations import audit
from recommendations.actions.evidence.items import require_kept_as_checked
from recommendations.admin.framework.base import AuditedModelAdmin, ViewOnlyInline
from recommendations.admin.framework.forms import AuditedForm
from recommendations.admin.recommendations import EvidenceLinkInline
from recommendations.models import (
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    EvidenceRevision,
)


class EvidenceForm(AuditedForm):
    def clean(self) -> Any:
        """What somebody has checked stays as it was checked."""
        cleaned = super().clean()
        if not self.instance._state.adding:
            require_kept_as_checked(self.instance, self.cleaned_data)
        return cleaned

    def prepare(self, entry: audit.Entry) -> None:
        if self.instance._state.adding:
            self.instance.recorded_at, self.instance.recorded_by = entry.at, entry.by


class RecommendationLinkInline(EvidenceLinkInline):
    """What it is need or background for."""

    autocomplete_fields = ("recommendation",)
    fields = ("recommendation", "stance", "is_placed_by_source", "why")
    fixed = ("recommendation",)

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).filter(recommendation__isnull=False)
        return rows.select_related("recommendation")


class ClaimLinkInline(ViewOnlyInline):
    """Claims that it stands for or against; changed on their own pages."""

    model = EvidenceLink
    fields = (
        "update",
        "observation",
        "response",
        "stance",
        "why",
        "added_at",
        "added_by",
        "removed_at",
    )
    readonly_fields = fields
    verbose_name_plural = _("links to claims")

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).filter(recommendation__isnull=True)
        return rows.select_related("update__recommendation", "observation", "response", "added_by")


class CheckInline(ViewOnlyInline):
    """Who looked it up. A check is made on the page of the item, by the checker alone."""

    model = EvidenceCheck
    fields = ("by", "organisation", "at", "revision", "note", "removed_at", "removed_by")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("by", "organisation", "removed_by")


class RevisionInline(ViewOnlyInline):
    """Its files, newest first. A file is given to an item on the item's own page."""

    model = EvidenceRevision
    fields = ("number", "original_name", "file", "added_at", "added_by", "note")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("file", "added_by")


@admin.register(Evidence)
class EvidenceAdmin(AuditedModelAdmin):
    form = EvidenceForm
    list_display = ("title", "kind", "publisher", "effective_on", "reliability", "visibility")
    list_filter = ("kind", "reliability", "visibility")
    search_fields = ("title", "slug", "publisher", "citation")
    prepopulated_fields = {"slug": ("title",)}
    readonly_fields = ("recorded_at", "recorded_by")
    inlines = (RevisionInline, RecommendationLinkInline, ClaimLinkInline, CheckInline)
    fieldsets = (
        (None, {"fields": ("title", "slug", "kind", "description")}),
        (_("Where it is"), {"fields": ("url", "citation", "publisher")}),
        (
            _("When"),
            {"fields": ("effective_on", "effective_precision", "retrieved_on", "expires_on")},
        ),
        (_("How far it goes"), {"fields": ("reliability", "visibility")}),
        (_("On record"), {"fields": ("recorded_at", "recorded_by")}),
    )
