"""The record, to be read: events with their rows and texts, and the head of the chain."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recommendations.admin.framework.base import TrackedModelAdmin
from recommendations.models import AuditEvent, AuditRow, AuditText, ChainHead
from recommendations.queries.log import log_rows


class KindOfThing(admin.SimpleListFilter):
    """By kind, from the list of models: asking a long record which kinds it has is slow."""

    title = _("kind of thing")
    parameter_name = "object_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        models = apps.get_app_config("recommendations").get_models()
        kinds = [(m._meta.label_lower, capfirst(m._meta.verbose_name)) for m in models]
        return sorted(kinds, key=lambda kind: str(kind[1]))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(object_type=self.value()) if self.value() else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(TrackedModelAdmin):
    list_display = ("sequence", "at", "actor", "verb", "object_type", "object_id", "recommendation")
    list_filter = (KindOfThing,)
    list_select_related = ("actor", "recommendation")
    search_fields = ("=verb", "=object_id", "=request_id", "=actor__username")
    search_help_text = _("A verb, the number of a thing, the id of a request or a user name.")
    ordering = ("-sequence",)
    fields = (
        "sequence",
        "at",
        "actor",
        "verb",
        "object_type",
        "object_id",
        "recommendation",
        "reason",
        "changes",
        "request_id",
        "payload",
        "previous_hash",
        "hash",
    )
    readonly_fields = ("changes",)

    @admin.display(description=_("what changed"))
    def changes(self, event: AuditEvent) -> SafeString:
        [row] = log_rows([event])
        items = format_html_join(
            "",
            "<li>{}: “{}” → “{}”</li>",
            ((change.label, change.before, change.after) for change in row.changes),
        )
        return format_html("<ul>{}</ul>", items)


@admin.register(AuditRow)
class AuditRowAdmin(TrackedModelAdmin):
    list_display = ("event", "object_type", "object_id", "recommendation")
    list_filter = (KindOfThing,)
    list_select_related = ("event", "recommendation")
    search_fields = ("=event__sequence", "=object_id")
    search_help_text = _("The number of an event or of a thing.")
    ordering = ("-pk",)


@admin.register(AuditText)
class AuditTextAdmin(TrackedModelAdmin):
    list_display = ("digest",)
    search_fields = ("digest__startswith",)
    ordering = ("digest",)
    fields = ("digest", "text")


@admin.register(ChainHead)
class ChainHeadAdmin(TrackedModelAdmin):
    list_display = ("last_sequence", "last_at", "last_hash")
