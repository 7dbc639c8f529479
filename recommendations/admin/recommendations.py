"""Sources and recommendations, with whom they are addressed to and what they rest on."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from recommendations.actions import indicators, parts, relations, themes
from recommendations.actions import recommendations as actions
from recommendations.admin.bulk_changes import BulkChangesAdmin
from recommendations.admin.evidence import EvidenceLinkInline
from recommendations.admin.framework.base import TrackedInline, TrackedModelAdmin
from recommendations.admin.framework.lists import count, day
from recommendations.admin.recommendation_pages.listing import RecommendationList
from recommendations.admin.responses import ActionInline
from recommendations.choices import label_of_status
from recommendations.models import (
    Addressee,
    IndicatorLink,
    Part,
    Recommendation,
    RecommendationRelation,
    SavedView,
    Source,
    Theme,
    User,
)
from recommendations.queries.administration.beside import counts_by
from recommendations.queries.columns import names_of


def _add_theme(*, by: User, values: dict[str, Any]) -> Theme:
    slug = values.pop("slug", "")
    return themes.add_theme(by=by, values=values, slug=slug)


@admin.register(Source)
class SourceAdmin(TrackedModelAdmin):
    add_action = staticmethod(actions.add_source)
    change_action = staticmethod(actions.change_source)
    list_display = (
        "short_title",
        "title",
        "reference_prefix",
        count("recommendation_count", _("recommendations")),
        "author",
        day("published_on", _("date")),
    )
    list_filter = ("date_precision", "is_demonstration")
    search_fields = ("title", "short_title", "author", "publisher", "reference_prefix")
    ordering = ("title", "pk")
    prepopulated_fields = {"slug": ("short_title",)}
    readonly_fields = ("last_number",)
    fieldsets = (
        (None, {"fields": ("title", "short_title", "slug", "author", "publisher", "url")}),
        (
            _("Date of the source"),
            {"fields": ("published_on", "date_precision", "date_mark", "date_reason")},
        ),
        (
            _("References"),
            {
                "fields": ("reference_prefix", "last_number"),
                "description": _(
                    "References consist of the prefix and a number. The prefix is fixed "
                    "once the first recommendation exists."
                ),
            },
        ),
        (_("Text"), {"fields": ("language", "text_sha256")}),
    )

    def read_beside(self, rows: Sequence[Source]) -> None:
        counts = counts_by(Recommendation.objects.all(), "source", (row.pk for row in rows))
        for row in rows:
            row.recommendation_count = counts[row.pk]  # type: ignore[attr-defined]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Addresses and references that were given stay good."""
        fixed = actions.FIXED_ONCE_NUMBERED if obj is not None and obj.last_number else ()
        return (*super().get_readonly_fields(request, obj), *fixed)


@admin.register(Theme)
class ThemeAdmin(TrackedModelAdmin):
    add_action = staticmethod(_add_theme)
    change_action = staticmethod(themes.change_theme)
    set_once = ("slug",)
    list_display = ("name", "description", count("recommendation_count", _("recommendations")))
    search_fields = ("name", "description", "slug")
    ordering = ("name", "pk")
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "description")

    def read_beside(self, rows: Sequence[Theme]) -> None:
        through = Recommendation.themes.through.objects.all()
        counts = counts_by(through, "theme", (row.pk for row in rows))
        for row in rows:
            row.recommendation_count = counts[row.pk]  # type: ignore[attr-defined]


class AddresseeInline(TrackedInline):
    """Whom it speaks to. Another addressee is another row: updates may speak of this one."""

    model = Addressee
    autocomplete_fields = ("area", "organisation")
    fields = ("area", "organisation")
    fixed = ("area", "organisation")
    add_action = staticmethod(actions.add_addressee)
    remove_action = staticmethod(actions.remove_addressee)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("area", "organisation")


class PartInline(TrackedInline):
    """Its parts, in their order; published ones change with a reason."""

    model = Part
    fields = ("label", "text", "position", "amendment_reason")
    noun = "part"
    add_action = staticmethod(parts.add_part)
    change_action = staticmethod(parts.change_part)
    remove_action = staticmethod(parts.remove_part)


class RelationInline(TrackedInline):
    """On which others it depends, and to which it is related."""

    model = RecommendationRelation
    fk_name = "recommendation"
    autocomplete_fields = ("other",)
    fields = ("kind", "other", "why")
    fixed = ("kind", "other", "why")
    noun = "relation"
    add_action = staticmethod(relations.add_relation)
    remove_action = staticmethod(relations.remove_relation)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("other", "recommendation")


class IndicatorLinkInline(TrackedInline):
    model = IndicatorLink
    autocomplete_fields = ("indicator",)
    fields = ("indicator", "relation", "why")
    fixed = ("indicator",)
    noun = "link"
    add_action = staticmethod(indicators.link_indicator)
    change_action = staticmethod(indicators.change_indicator_link)
    remove_action = staticmethod(indicators.unlink_indicator)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("indicator")


def _add(*, by: User, values: dict[str, Any]) -> Recommendation:
    return actions.add_recommendation(source=values.pop("source"), by=by, values=values)


@admin.register(Recommendation)
class RecommendationAdmin(BulkChangesAdmin):
    add_action = staticmethod(_add)
    change_action = staticmethod(actions.revise_recommendation)
    set_once = ("source",)
    search_fields = ("reference", "title", "summary", "source__title", "lead__name")
    ordering = ("source", "number", "pk")
    autocomplete_fields = ("source", "lead", "lead_officer", "reviewer", "contributors", "themes")
    inlines = (
        AddresseeInline,
        PartInline,
        RelationInline,
        ActionInline,
        EvidenceLinkInline,
        IndicatorLinkInline,
    )
    readonly_fields = (
        "reference",
        "status_now",
        "current_update",
        "target_date",
        "opened_on",
        "next_due_on",
        "published_at",
        "archived_at",
        "archive_reason",
        "archive_note",
        "wording_amended_at",
    )
    fieldsets = (
        (None, {"fields": ("reference", "source", "title", "summary")}),
        (
            _("Original wording"),
            {"fields": ("quoted_text", "locator", "wording_reason", "wording_amended_at")},
        ),
        (
            _("Recommendation"),
            {"fields": ("modality", "nature", "rationale", "priority", "themes")},
        ),
        (_("Responsibilities"), {"fields": ("lead", "lead_officer", "contributors", "reviewer")}),
        (_("Dates"), {"fields": ("target_date", "review_on", "interval_months", "opened_on")}),
        (
            _("Status"),
            {
                "fields": (
                    "status_now",
                    "current_update",
                    "next_due_on",
                    "published_at",
                    "archived_at",
                    "archive_reason",
                    "archive_note",
                ),
                "description": _("Changed only by status updates and their approval."),
            },
        ),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[RecommendationList]:
        return RecommendationList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """With the code that a list of pages answers with where its filter is wrong."""
        may = {"has_actions": bool(self.get_actions(request))}
        response = super().changelist_view(request, {**(extra_context or {}), **may})
        if (shown := getattr(response, "context_data", None)) and "cl" in shown:
            response.status_code = shown["cl"].listing.status
        return response

    @admin.display(description=_("status"))
    def status_now(self, recommendation: Recommendation) -> Any:
        current = recommendation.current_update
        is_continuous = recommendation.is_continuous
        code = current.implementation_status if current is not None else ""
        return label_of_status(code, is_continuous=is_continuous)


@admin.register(SavedView)
class SavedViewAdmin(TrackedModelAdmin):
    """Shown only: a view is renamed, shared and removed by its owner, or by a manager."""

    list_display = ("name", "owner", "is_shared", "query", "removed_at")
    list_filter = ("is_shared",)
    list_select_related = ("owner",)
    list_reads = ("name", "is_shared", "query", "removed_at", *names_of("owner"))
    search_fields = ("name", "owner__username")
    ordering = ("name", "pk")
