"""Status updates: read here, decided on through the same door as on the pages, never edited."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from recommendations.actions.updates import decisions, drafts
from recommendations.actions.updates.content import WORDS
from recommendations.admin.framework.base import ViewOnlyAdmin, ViewOnlyInline
from recommendations.admin.framework.transitions import answered, ask, attempt, seen_version
from recommendations.forms.fields import ProseFormField
from recommendations.models import EvidenceLink, ReportedStatus, StatusUpdate


class ReturnForm(forms.Form):
    """What the author is asked to do."""

    note = ProseFormField(label=_("What should the author do?"), required=True, rows=3)


class ClaimLinkInline(ViewOnlyInline):
    """Evidence for and against. It is added and taken away on the page of the update."""

    model = EvidenceLink
    fields = ("evidence", "stance", "why", "added_at", "added_by", "removed_at", "removed_by")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("evidence", "added_by", "removed_by")


@admin.register(StatusUpdate)
class StatusUpdateAdmin(ViewOnlyAdmin):
    list_display = (
        "recommendation",
        "addressee",
        "kind",
        "as_of",
        "state",
        "implementation_status",
        "confidence",
        "author",
        "decided_by",
        "decided_at",
    )
    list_filter = (
        "state",
        "kind",
        "implementation_status",
        "confidence",
        ("recommendation__source", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = (
        "recommendation",
        "addressee__area",
        "addressee__organisation",
        "author",
        "decided_by",
    )
    search_fields = (
        "recommendation__reference",
        "recommendation__title",
        "author__username",
        "author__last_name",
    )
    ordering = ("-pk",)
    actions = ("approve", "return_to_author", "withdraw")
    inlines = (ClaimLinkInline,)
    fieldsets = (
        (None, {"fields": ("recommendation", "addressee", "kind", "state", "as_of")}),
        (
            _("What it states"),
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
            _("What it says"),
            {"fields": WORDS},
        ),
        (
            _("On record"),
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

    def action_checkbox(self, obj: StatusUpdate) -> SafeString:
        """With the version that the list shows: a decision is on that one and no other."""
        box = super().action_checkbox(obj)
        return format_html(
            '{}<input type="hidden" name="seen-{}" value="{}">', box, obj.pk, obj.version
        )

    @admin.action(description=_("Approve"), permissions=["view"])
    def approve(self, request: HttpRequest, queryset: QuerySet[StatusUpdate]) -> None:
        by: Any = request.user
        attempt(
            request,
            queryset,
            lambda thing: decisions.approve(update=thing, by=by, seen=seen_version(request, thing)),
            _now("approved"),
        )

    @admin.action(description=_("Return to the author …"), permissions=["view"])
    def return_to_author(
        self, request: HttpRequest, queryset: QuerySet[StatusUpdate]
    ) -> HttpResponse | None:
        by: Any = request.user
        form = answered(request, ReturnForm)
        if not form.is_valid():
            title = _now("Return to the author")
            return ask(self, request, queryset, form, title=title, action="return_to_author")
        attempt(
            request,
            queryset,
            lambda thing: decisions.return_update(
                update=thing,
                by=by,
                seen=seen_version(request, thing),
                note=form.cleaned_data["note"],
            ),
            _now("returned to its author"),
        )
        return None

    @admin.action(description=_("Withdraw what you wrote"), permissions=["view"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[StatusUpdate]) -> None:
        by: Any = request.user
        attempt(
            request,
            queryset,
            lambda thing: drafts.withdraw(update=thing, by=by, seen=seen_version(request, thing)),
            _now("withdrawn"),
        )


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
