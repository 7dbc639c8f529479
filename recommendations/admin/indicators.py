"""Indicators, their baselines and targets, and their figures, which are only ever added to."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from recommendations import audit
from recommendations.actions import indicators as actions
from recommendations.actions.indicators import refresh_movement
from recommendations.admin.framework.base import (
    AddOnlyInline,
    AuditedModelAdmin,
    RemovableInline,
    ViewOnlyAdmin,
)
from recommendations.admin.framework.forms import AuditedForm, CheckedForm, RowForm
from recommendations.models import ImportRun, Indicator, IndicatorLink, Observation, Target

STACKED = admin.StackedInline.template
"""Rows that are too wide for a table."""


class _ObservationChecks(CheckedForm):
    def prepare(self, entry: audit.Entry) -> None:
        """Its days and its number among the revisions, for which these three must be known."""
        if self.instance._state.adding and not {"indicator", "area", "period"} & set(self.errors):
            actions.place(entry, self.instance, entry.by)


class _TargetChecks(CheckedForm):
    def prepare(self, entry: audit.Entry) -> None:
        target = self.instance
        if target._state.adding:
            target.recorded_at, target.recorded_by = entry.at, entry.by
            replaced = target.replaces
            if replaced is not None and replaced.indicator_id != target.indicator_id:
                raise ValidationError({"replaces": _now("It belongs to another indicator.")})


class ObservationForm(_ObservationChecks, AuditedForm):
    pass


class ObservationRow(_ObservationChecks, RowForm):
    pass


class TargetForm(_TargetChecks, AuditedForm):
    pass


class TargetRow(_TargetChecks, RowForm):
    pass


class TargetInline(AddOnlyInline):
    """A change is a new row that names the one it replaces and says why. The newest are shown."""

    model = Target
    form = TargetRow
    autocomplete_fields = ("area", "replaces")
    fields = (
        ("kind", "area", "period"),
        ("value", "text", "mark"),
        ("replaces", "reason", "comment"),
    )
    template = STACKED
    verbs = ("set_target", "change", "remove")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("area", "replaces")


class ObservationInline(AddOnlyInline):
    """A figure given again is the next revision. The newest are shown.

    Numerators, denominators and marks have their place on the page of a figure.
    """

    model = Observation
    form = ObservationRow
    autocomplete_fields = ("area",)
    fields = (
        ("area", "period", "dimensions"),
        ("value", "text", "obs_status"),
        ("source", "comment"),
    )
    template = STACKED
    verbs = ("observe", "change", "remove")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("area")


class LinkInline(RemovableInline):
    """What it says about recommendations."""

    model = IndicatorLink
    autocomplete_fields = ("recommendation",)
    fields = ("recommendation", "relation", "why")
    fixed = ("recommendation",)
    verbs = ("attach", "change", "detach")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("recommendation")


@admin.register(Indicator)
class IndicatorAdmin(AuditedModelAdmin):
    list_display = ("code", "title", "unit", "measure", "direction", "frequency", "is_published")
    list_display_links = ("code", "title")
    list_filter = ("measure", "direction", "level", "frequency", "is_published")
    search_fields = ("code", "title", "definition")
    # Pages and files name indicators by their code.
    set_once = ("code",)
    inlines = (LinkInline, TargetInline, ObservationInline)
    fieldsets = (
        (None, {"fields": ("code", "title", "definition", "is_published")}),
        (
            _("How it is measured"),
            {"fields": ("unit", "measure", "decimals", "direction", "reporting", "level")},
        ),
        (
            _("Where the figures come from"),
            {"fields": ("source", "method", "limitations", "frequency")},
        ),
        (_("In a code list"), {"fields": ("vocabulary", "vocabulary_code", "vocabulary_uri")}),
        (_("Files of figures"), {"fields": ("way_to_import",)}),
    )
    readonly_fields = ("way_to_import",)

    @admin.display(description=_("import"))
    def way_to_import(self, obj: Indicator) -> SafeString | str:
        """A file is looked at and brought in on a page of the site, by whoever records figures."""
        if not obj.code:
            return "–"
        url = reverse("figure-import", args=[obj.code])
        return format_html('<a href="{}">{}</a>', url, _now("Bring in a file of figures"))

    def after_save(self, request: HttpRequest, obj: Any) -> None:
        """Another direction, or a figure below it, may turn what its movement means."""
        refresh_movement(obj)


class FigureAdmin(AuditedModelAdmin):
    """Figures are added and never edited."""

    list_display: Any = ("indicator", "area", "period", "value", "text", "recorded_at")
    list_select_related = ("indicator", "area")
    search_fields = ("indicator__code", "indicator__title", "area__name", "period")
    ordering = ("-pk",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Target)
class TargetAdmin(FigureAdmin):
    form = TargetForm
    verbs: ClassVar[tuple[str, str]] = ("set_target", "change")
    list_display = (*FigureAdmin.list_display[:1], "kind", *FigureAdmin.list_display[1:])
    list_filter = ("kind", "mark")
    autocomplete_fields = ("indicator", "area", "replaces")
    readonly_fields = ("recorded_at", "recorded_by")
    fields = (
        "indicator",
        "kind",
        "area",
        "period",
        "value",
        "text",
        "mark",
        "comment",
        "replaces",
        "reason",
        "recorded_at",
        "recorded_by",
    )


@admin.register(Observation)
class ObservationAdmin(FigureAdmin):
    form = ObservationForm
    verbs: ClassVar[tuple[str, str]] = ("observe", "change")
    list_display = (*FigureAdmin.list_display, "revision")
    list_filter = ("obs_status",)
    autocomplete_fields = ("indicator", "area")
    readonly_fields = ("revision", "recorded_at", "recorded_by")
    fields = (
        "indicator",
        "area",
        "period",
        "dimensions",
        "value",
        "text",
        "numerator",
        "denominator",
        "obs_status",
        "is_lower_bound",
        "is_approximate",
        "is_derived",
        "is_assumed",
        "comment",
        "source",
        "revision",
        "recorded_at",
        "recorded_by",
    )

    def after_save(self, request: HttpRequest, obj: Any) -> None:
        refresh_movement(obj.indicator)


@admin.register(ImportRun)
class ImportRunAdmin(ViewOnlyAdmin):
    """Files of statistics that came in; they are brought in on the page of an indicator."""

    list_display = ("at", "indicator", "file_name", "format", "vintage", "new", "revised", "by")
    list_select_related = ("indicator", "by")
    list_filter = ("format",)
    search_fields = ("indicator__code", "file_name", "=file_sha256", "source")
    fields = (
        "indicator",
        "at",
        "by",
        "file_name",
        "file_sha256",
        "format",
        "series",
        "source",
        "vintage",
        "new",
        "revised",
        "unchanged",
        "left_out",
    )
    readonly_fields = fields
