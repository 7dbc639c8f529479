"""The record, to be read: events with their rows and texts, and the head of the chain."""

from collections.abc import Iterable, Sequence
from operator import itemgetter

from django.apps import apps
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from recommendations.admin.framework.base import TrackedModelAdmin
from recommendations.admin.framework.filters import Choice, by_row, one_of
from recommendations.admin.framework.lists import beside, moment
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


def _kinds(request: HttpRequest) -> list[Choice]:
    """All that are tracked: asking a long record which kinds it has is slow."""
    kinds = [*(model._meta.label_lower for model in tracked_models(apps)), *KINDS]
    told = sorted(((kind, kind_text(kind)) for kind in kinds), key=itemgetter(1))
    return [(kind, text, Q(object_type=kind)) for kind, text in told]


def _verbs(request: HttpRequest) -> list[Choice]:
    told = sorted(ACTIONS.items(), key=lambda found: str(found[1]))
    return [(verb, text, Q(verb=verb)) for verb, text in told]


def _one_thing(request: HttpRequest) -> list[Choice]:
    """The one that the address names, bulk events with a row about it included.

    There are as many as rows in all tables.
    """
    asked = request.GET.get("thing", "")
    kind, _colon, key = asked.partition(":")
    own, rows = events_of_object(kind, key), rows_of_object(kind, key)
    return [(asked, asked, Q(sequence__in=numbers_with_rows(own, rows)))] if key else []


_BY_KIND = one_of("object_type", _("type of record"), _kinds)


def _as_list(changes: Iterable[Change]) -> SafeString:
    items = format_html_join(
        "",
        "<li>{}: “{}” → “{}”</li>",
        ((change.label, change.before, change.after) for change in changes),
    )
    return format_html("<ul>{}</ul>", items)


def _about(events: Sequence[AuditEvent]) -> dict[int, str]:
    """What each is about, by its name; by its kind and number where it has none."""
    names = names_in_events(events)
    return {
        event.pk: str(names[event.pk].title)
        if event.pk in names
        else f"{kind_text(event.object_type)} {Truncator(event.object_id).chars(12)}"
        for event in events
    }


_ABOUT = beside(_("record"), _about, ordering="object_type")


@admin.register(AuditEvent)
class AuditEventAdmin(TrackedModelAdmin):
    list_display = ("sequence", moment("at"), "action", _ABOUT, "actor", "why")
    list_filter = (
        ("at", admin.DateFieldListFilter),
        _BY_KIND,
        one_of("verb", _("event"), _verbs),
        ("actor", by_row(kinds.ACTORS)),
        one_of("thing", _("record"), _one_thing),
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
    list_filter = (_BY_KIND,)
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
