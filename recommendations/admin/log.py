"""The record, to be read: events with their rows and texts, and the head of the chain."""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from recommendations.admin.framework.base import TrackedModelAdmin
from recommendations.admin.framework.filters import by_row
from recommendations.admin.framework.lists import moment
from recommendations.audit import tracked_models
from recommendations.models import AuditEvent, AuditRow, AuditText, ChainHead
from recommendations.pickers import kinds
from recommendations.queries.administration.beside import names_in_events
from recommendations.queries.columns import names_of as columns_of
from recommendations.queries.log.conditions import (
    events_of_object,
    numbers_with_rows,
    rows_of_object,
)
from recommendations.queries.log.rows import Change, log_rows
from recommendations.queries.log.words import ACTIONS, KINDS, action_text, kind_text


class KindOfThing(admin.SimpleListFilter):
    """By kind, of all that are tracked: asking a long record which kinds it has is slow."""

    title = _("type of record")
    parameter_name = "object_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        kinds = [*(model._meta.label_lower for model in tracked_models(apps)), *KINDS]
        return sorted(((kind, kind_text(kind)) for kind in kinds), key=itemgetter(1))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(object_type=self.value()) if self.value() else queryset


class WhatHappened(admin.SimpleListFilter):
    """By what was done, in words."""

    title = _("event")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return sorted(ACTIONS.items(), key=lambda found: str(found[1]))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(verb=self.value()) if self.value() else queryset


class OneThing(admin.SimpleListFilter):
    """The history of one thing, bulk events with a row about it included."""

    title = _("record")
    parameter_name = "thing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        # Only the one that the address names: there are as many as rows in all tables.
        asked = self.value()
        return [(asked, asked)] if asked else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        kind, _colon, key = (self.value() or "").partition(":")
        if not key:
            return queryset
        own, rows = events_of_object(kind, key), rows_of_object(kind, key)
        return queryset.filter(sequence__in=numbers_with_rows(own, rows))


def _as_list(changes: Iterable[Change]) -> SafeString:
    items = format_html_join(
        "",
        "<li>{}: “{}” → “{}”</li>",
        ((change.label, change.before, change.after) for change in changes),
    )
    return format_html("<ul>{}</ul>", items)


@admin.register(AuditEvent)
class AuditEventAdmin(TrackedModelAdmin):
    list_display = ("sequence", moment("at"), "action", "about", "actor", "why")
    list_filter = (
        ("at", admin.DateFieldListFilter),
        KindOfThing,
        WhatHappened,
        ("actor", by_row(kinds.ACTORS)),
        OneThing,
    )
    list_select_related = ("actor", "reason")
    # A payload may be long: it is read on the page of one event.
    list_reads = ("verb", "object_type", "object_id", "reason__text", *columns_of("actor"))
    search_fields = ("=verb", "=object_id", "=request_id", "=actor__username")
    search_help_text = _("An action, a record number, a request ID or a username.")
    ordering = ("-sequence",)
    fields = (
        "sequence",
        "at",
        "action",
        "actor",
        "object_id",
        "recommendation",
        "reason",
        "changes",
        "rows",
        "request_id",
        "payload",
        "previous_hash",
        "hash",
    )
    readonly_fields = ("action", "changes", "rows")

    @admin.display(description=_("event"), ordering="verb")
    def action(self, event: AuditEvent) -> str:
        return action_text(event.verb, event.object_type)

    def read_beside(self, rows: Sequence[AuditEvent]) -> None:
        names = names_in_events(rows)
        for row in rows:
            row.named = names.get(row.pk)  # type: ignore[attr-defined]

    @admin.display(description=_("record"), ordering="object_type")
    def about(self, event: Any) -> str:
        """What it is about, by its name; by its kind and number where it has none."""
        if event.named is not None:
            return str(event.named.title)
        return f"{kind_text(event.object_type)} {Truncator(event.object_id).chars(12)}"

    @admin.display(description=_("reason"), empty_value="–")
    def why(self, event: AuditEvent) -> str | None:
        return Truncator(event.reason.text).words(20) if event.reason else None

    @admin.display(description=_("changes"))
    def changes(self, event: AuditEvent) -> SafeString:
        [row] = log_rows([event])
        return _as_list(row.changes)

    @admin.display(description=_("rows"))
    def rows(self, event: AuditEvent) -> SafeString:
        """How many rows a bulk event has, with the way to them."""
        count = event.rows.count()
        listing = reverse("admin:recommendations_auditrow_changelist")
        return format_html('<a href="{}?event={}">{}</a>', listing, event.pk, count)


@admin.register(AuditRow)
class AuditRowAdmin(TrackedModelAdmin):
    list_display = ("event", "kind", "object_id", "recommendation")
    list_filter = (KindOfThing,)
    list_select_related = ("event", "recommendation")
    search_fields = ("=event__sequence", "=object_id")
    ordering = ("-pk",)
    fields = ("event", "kind", "object_id", "recommendation", "readable", "changes")
    readonly_fields = ("kind", "readable")

    @admin.display(description=_("type of record"), ordering="object_type")
    def kind(self, row: AuditRow) -> str:
        return kind_text(row.object_type)

    @admin.display(description=_("changes"))
    def readable(self, row: AuditRow) -> SafeString:
        [shown] = log_rows([row.event], AuditRow.objects.filter(pk=row.pk))
        return _as_list(shown.rows[0].changes)


@admin.register(AuditText)
class AuditTextAdmin(TrackedModelAdmin):
    list_display = ("digest",)
    search_fields = ("digest__startswith",)
    ordering = ("digest",)
    fields = ("digest", "text")


@admin.register(ChainHead)
class ChainHeadAdmin(TrackedModelAdmin):
    list_display = ("last_sequence", "last_at", "last_hash")
