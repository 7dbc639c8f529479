"""Areas, indicators and their values in the administration."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations import permissions, pickers
from recommendations.actions import areas
from recommendations.actions import indicators as actions
from recommendations.admin.framework.base import ReferenceAdmin, TrackedInline, TrackedModelAdmin
from recommendations.admin.framework.lists import beside, by_row, column, count, day, yes_no
from recommendations.choices import AreaKind
from recommendations.models import (
    Addressee,
    Area,
    AreaAlias,
    GroupMembership,
    ImportRun,
    Indicator,
    IndicatorLink,
    Observation,
    ObservationConfirmation,
    Target,
    User,
)
from recommendations.names import NAMED_IN
from recommendations.queries.administration import counts_by
from recommendations.queries.indicators.values import MOST_LISTED, disagreements_of
from recommendations.queries.listed import column_names

# ---- Areas: countries, regions and groups of countries, with what else they are called


class AliasInline(TrackedInline):
    """What files call it. Another spelling is another row: loaded figures went by this one."""

    model = AreaAlias
    fields = ("alias", "code_list")
    fixed = ("alias", "code_list")
    noun = "alias"
    add_action = staticmethod(areas.add_alias)
    remove_action = staticmethod(areas.remove_alias)


class MembershipInline(TrackedInline):
    """The members of a group. One that left keeps its row, with the last day."""

    model = GroupMembership
    fk_name = "group"
    autocomplete_fields = ("member",)
    fields = ("member", "valid_from", "valid_to", "source")
    fixed = ("member",)
    noun = "membership"
    add_action = staticmethod(areas.add_member)
    change_action = staticmethod(areas.change_member)
    remove_action = staticmethod(areas.remove_member)


def _members(rows: Sequence[Area]) -> dict[int, int]:
    """How many each group has; no other area has any."""
    groups = [row.pk for row in rows if row.kind == AreaKind.GROUP]
    counts = counts_by(GroupMembership.objects.living(), "group", groups)
    return {key: counts[key] for key in groups}


@admin.register(Area)
class AreaAdmin(ReferenceAdmin):
    add_action = staticmethod(areas.add_area)
    change_action = staticmethod(areas.change_area)
    list_display = (
        *("name", "code", "kind", "parent"),
        beside(_("members"), _members),
        count(_("recommendations addressed"), Addressee.objects.living, "area"),
    )
    list_filter = ("kind", ("parent", by_row(pickers.PLACES)))
    list_select_related = ("parent",)
    search_fields = ("name", "code", "iso2", "iso3", "m49", *(f"name_{x}" for x in NAMED_IN))
    autocomplete_fields = ("parent",)
    inlines = (AliasInline, MembershipInline)
    # Figures and imports name areas by their code.
    set_once = ("code",)
    fieldsets = (
        (None, {"fields": ("name", "code", "kind", "parent", "iso2", "iso3", "m49", "notes")}),
        (_("Names in other languages"), {"fields": tuple(f"name_{x}" for x in NAMED_IN)}),
    )

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Once an area is there; and only a group has members."""
        if obj is None:
            return ()
        return self.inlines if obj.kind == AreaKind.GROUP else (AliasInline,)


# ---- Indicators, their baselines and targets, and their figures, which are only ever added to

STACKED = admin.StackedInline.template
"""Rows that are too wide for a table."""

NEWEST = 25
"""Figures that are shown: the form sends each back, and a request may have 1,000 fields."""


def _set_target(*, by: User, values: dict[str, Any]) -> Target:
    return actions.set_target(indicator=values.pop("indicator"), by=by, values=values)


def _observe(*, by: User, values: dict[str, Any], shown: set[int]) -> Observation:
    """Record a value; ``shown`` are the keys of those that the form showed."""
    key = {name: values.pop(name) for name in ("indicator", "area", "period", "dimensions")}
    there = Observation.objects.standing().filter(pk__in=shown, **key)
    last = there.order_by("-revision").first()
    revision = last.revision if last is not None else 0
    return actions.observe(**key, by=by, values=values, expected_revision=revision)


class TargetInline(TrackedInline):
    """A change is a new row that names the one it replaces and says why. The newest are shown."""

    model = Target
    add_action = staticmethod(_set_target)
    newest = NEWEST
    autocomplete_fields = ("area", "replaces")
    fields = (
        ("kind", "area", "period"),
        ("value", "text", "mark"),
        ("replaces", "reason", "comment"),
    )
    template = STACKED


class ObservationInline(TrackedInline):
    """A figure given again is the next revision. The newest are shown, none that was withdrawn.

    Numerators, denominators and marks have their place on the page of a figure.
    """

    model = Observation
    add_action = staticmethod(_observe)
    adds_revisions = True
    newest = NEWEST
    autocomplete_fields = ("area",)
    fields = (
        ("area", "period", "dimensions"),
        ("value", "text", "obs_status", "source_status"),
        ("source", "comment"),
    )
    template = STACKED

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).standing()


class LinkInline(TrackedInline):
    """What it says about recommendations."""

    model = IndicatorLink
    called = "recommendation"
    autocomplete_fields = ("recommendation",)
    fields = ("recommendation", "relation", "why")
    fixed = ("recommendation",)
    noun = "link"
    add_action = staticmethod(actions.link_indicator)
    change_action = staticmethod(actions.change_indicator_link)
    remove_action = staticmethod(actions.unlink_indicator)


def _tell_disagreements(request: HttpRequest, indicator: Indicator, **of: Any) -> None:
    """Warn of figures that disagree, once they are recorded."""
    for found in disagreements_of(indicator, **of)[:MOST_LISTED]:
        messages.warning(request, gettext("Values disagree: %s") % found)


def _links() -> QuerySet[IndicatorLink]:
    return IndicatorLink.objects.filter(removed_at__isnull=True)


@admin.register(Indicator)
class IndicatorAdmin(TrackedModelAdmin):
    add_action = staticmethod(actions.add_indicator)
    change_action = staticmethod(actions.change_indicator)
    list_display = (
        "code",
        "title",
        "unit",
        "level",
        "frequency",
        count(_("recommendations"), _links, "indicator"),
        count(_("baselines and targets"), Target.objects.all, "indicator"),
        yes_no("asks_confirmation", _("needs confirmation")),
        yes_no("is_published"),
    )
    list_display_links = ("code", "title")
    list_filter = (
        *("level", "measure", "direction", "frequency", "is_published", "asks_confirmation"),
        ("links__recommendation", by_row(pickers.OTHERS)),
    )
    list_reads = ()
    search_fields = ("code", "title", "definition")
    # Pages and files name indicators by their code.
    set_once = ("code",)
    inlines = (LinkInline, TargetInline, ObservationInline)
    fieldsets = (
        (None, {"fields": ("code", "title", "definition", ("is_published", "asks_confirmation"))}),
        (
            _("Measurement"),
            {"fields": ("unit", "measure", "decimals", "direction", "reporting", "level")},
        ),
        (
            _("Data source"),
            {"fields": ("source", "method", "limitations", "frequency")},
        ),
        (capfirst(_("code list")), {"fields": ("vocabulary", "vocabulary_code", "vocabulary_uri")}),
        (_("Data files"), {"fields": ("way_to_import",)}),
    )
    readonly_fields = ("way_to_import",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"asks_confirmation": True, **super().get_changeform_initial_data(request)}

    def response_change(self, request: HttpRequest, obj: Indicator) -> HttpResponse:
        _tell_disagreements(request, obj)
        return super().response_change(request, obj)

    @admin.display(description=_("import"))
    def way_to_import(self, obj: Indicator) -> SafeString | str:
        """A file is looked at and brought in on a page of the site, by whoever records figures."""
        if not obj.code:
            return "–"
        url = reverse("figure-import", args=[obj.code])
        return format_html('<a href="{}">{}</a>', url, gettext("Import a data file"))


FIGURE_COLUMNS: Any = (
    *("indicator", "area", "period"),
    column(
        lambda figure: figure.text if figure.value is None else figure.value,
        _("value"),
        empty=_("No data"),
    ),
)
FIGURE_FILTERS: Any = (("indicator", by_row(pickers.INDICATORS)), ("area", by_row(pickers.PLACES)))


class FigureAdmin(TrackedModelAdmin):
    """Figures are added and never edited."""

    list_reads: ClassVar[Any] = (
        *("value", "text", "indicator__code", "indicator__title"),
        "area__name",
    )
    list_select_related: ClassVar[tuple[str, ...]] = ("indicator", "area")
    search_fields = ("indicator__code", "indicator__title", "area__name", "period")
    ordering = ("-pk",)


@admin.register(Target)
class TargetAdmin(FigureAdmin):
    add_action = staticmethod(_set_target)
    list_display = ("kind", *FIGURE_COLUMNS, "mark", day("recorded_at"))
    list_display_links = ("kind", "indicator")
    list_filter = (*FIGURE_FILTERS, "kind", "mark")
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
    add_action = staticmethod(_observe)
    adds_revisions = True
    list_display = (
        *FIGURE_COLUMNS,
        *("obs_status", "revision", day("recorded_at")),
        column(
            lambda figure: gettext("Withdrawn") if figure.is_withdrawn else None,
            _("import undone"),
        ),
    )
    list_select_related = ("indicator", "area", "import_run")
    list_filter = (
        *(*FIGURE_FILTERS, "obs_status", "asks_confirmation"),
        ("import_run__undone_at", admin.EmptyFieldListFilter),
    )
    list_reads = (*FigureAdmin.list_reads, "import_run__undone_at")
    autocomplete_fields = ("indicator", "area")
    readonly_fields = ("revision", "recorded_at", "recorded_by", "asks_confirmation")
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
        "source_status",
        "is_lower_bound",
        "is_approximate",
        "is_derived",
        "is_assumed",
        "comment",
        "source",
        "revision",
        "recorded_at",
        "recorded_by",
        "asks_confirmation",
    )

    def response_add(
        self, request: HttpRequest, obj: Observation, post_url_continue: str | None = None
    ) -> HttpResponse:
        _tell_disagreements(request, obj.indicator, area=obj.area_id, period=obj.period)
        return super().response_add(request, obj, post_url_continue)


@admin.register(ObservationConfirmation)
class ObservationConfirmationAdmin(TrackedModelAdmin):
    """Confirmations of values; they are given on the pages of the site."""

    list_display = ("observation", "confirmed_by", "confirmed_at")
    list_select_related = ("observation", "confirmed_by")
    ordering = ("-pk",)


@admin.register(ImportRun)
class ImportRunAdmin(TrackedModelAdmin):
    """Files of statistics that came in; the pages of an indicator import them, and undo that."""

    list_display = (
        day("at"),
        *("indicator", "file_name", "format"),
        day("vintage"),
        *("new", "revised", "unchanged", "left_out", "by"),
        *(day("undone_at"), "undo_reason"),
    )
    list_select_related = ("indicator", "by")
    list_reads = ("indicator__code", "indicator__title", *column_names("by"))
    list_filter = (
        ("undone_at", admin.EmptyFieldListFilter),
        ("indicator", by_row(pickers.INDICATORS, is_used=True)),
        ("by", by_row(pickers.ACTORS, is_used=True)),
        "format",
    )
    search_fields = ("indicator__code", "file_name", "=file_sha256", "source")

    def told_of(self, request: HttpRequest, found: Any = None) -> dict[str, Any]:
        is_open = found is not None and found.undone_at is None
        if not (is_open and permissions.can_undo_import(request.user)):
            return {}
        page = reverse("import-undo", args=[found.indicator.code, found.pk])
        return {"tools": [(gettext("Undo import"), page)]}
