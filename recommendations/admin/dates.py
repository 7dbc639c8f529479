"""Date changes: read here, decided on through the same door as on the pages, never edited."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from recommendations.actions import dates
from recommendations.admin.framework.base import ViewOnlyAdmin
from recommendations.admin.framework.transitions import answered, ask, attempt
from recommendations.forms.fields import ProseFormField
from recommendations.models import TargetDateChange


class RejectForm(forms.Form):
    """Why the date stays."""

    note = ProseFormField(label=_("Why does the date stay?"), required=True, rows=3)


@admin.register(TargetDateChange)
class TargetDateChangeAdmin(ViewOnlyAdmin):
    list_display = (
        "recommendation",
        "number",
        "old_date",
        "new_date",
        "state",
        "requested_by",
        "requested_at",
        "decided_by",
        "decided_at",
    )
    list_filter = ("state", ("recommendation__source", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("recommendation", "requested_by", "decided_by")
    search_fields = (
        "recommendation__reference",
        "recommendation__title",
        "requested_by__username",
        "requested_by__last_name",
    )
    ordering = ("-pk",)
    actions = ("approve", "reject")
    fields = (
        "recommendation",
        "number",
        "old_date",
        "new_date",
        "reason",
        "requested_by",
        "requested_at",
        "state",
        "decided_by",
        "decided_at",
        "decision_note",
    )

    @admin.action(description=_("Approve"), permissions=["view"])
    def approve(self, request: HttpRequest, queryset: QuerySet[TargetDateChange]) -> None:
        by: Any = request.user
        rows = queryset.select_related("recommendation")
        done = _now("approved, the date has moved")
        attempt(request, rows, lambda thing: dates.approve(date_change=thing, by=by), done)

    @admin.action(description=_("Reject …"), permissions=["view"])
    def reject(
        self, request: HttpRequest, queryset: QuerySet[TargetDateChange]
    ) -> HttpResponse | None:
        by: Any = request.user
        rows = queryset.select_related("recommendation")
        form = answered(request, RejectForm)
        if not form.is_valid():
            title = _now("Reject the date change")
            return ask(self, request, rows, form, title=title, action="reject")
        note = form.cleaned_data["note"]
        attempt(
            request,
            rows,
            lambda thing: dates.reject(date_change=thing, by=by, note=note),
            _now("rejected, the date stays"),
        )
        return None
