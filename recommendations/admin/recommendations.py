"""Sources, recommendations, themes and saved views."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ORDER_VAR
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from recommendations.actions import dates, themes
from recommendations.actions import recommendations as actions
from recommendations.admin.bulk_changes import BulkChangesAdmin
from recommendations.admin.framework.base import TrackedModelAdmin
from recommendations.admin.framework.lists import count, day
from recommendations.admin.framework.refusals import writes_of
from recommendations.admin.recommendation_pages.form import RecommendationForm, fieldsets_for
from recommendations.admin.recommendation_pages.inlines import INLINES
from recommendations.admin.recommendation_pages.listing import (
    COLUMNS,
    FILTERS,
    MOVED,
    TITLE,
    RecommendationList,
    moved,
)
from recommendations.filters.recommendations import DOCUMENT
from recommendations.models import (
    Recommendation,
    SavedView,
    SearchDocument,
    Source,
    Theme,
    User,
)
from recommendations.pickers import kinds
from recommendations.queries.administration.of_one import surroundings_of
from recommendations.queries.columns import names_of
from recommendations.search import queries as search
from recommendations.views.lists import CappedPaginator


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
        count(_("recommendations"), Recommendation.objects.all, "source"),
        "author",
        day("published_on"),
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
        (_("Text"), {"fields": ("language", "text_sha256", "notes")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Addresses and references that were given stay good."""
        fixed = actions.FIXED_ONCE_NUMBERED if obj is not None and obj.last_number else ()
        return (*super().get_readonly_fields(request, obj), *fixed)


@admin.register(Theme)
class ThemeAdmin(TrackedModelAdmin):
    add_action = staticmethod(_add_theme)
    change_action = staticmethod(themes.change_theme)
    set_once = ("slug",)
    list_display = (
        *("name", "description"),
        count(_("recommendations"), Recommendation.themes.through.objects.all, "theme"),
    )
    search_fields = ("name", "description", "slug")
    ordering = ("name", "pk")
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "description")


def _add(*, by: User, values: dict[str, Any]) -> Recommendation:
    # As in the grid of the set-up.
    values["summary"] = values.get("summary") or values.get("title", "")
    return actions.add_recommendation(source=values.pop("source"), by=by, values=values)


ALIKE = (
    *("source", "modality", "nature", "lead", "lead_officer", "reviewer"),
    *("priority", "interval_months"),
)
"""Fields that are mostly those of the recommendation that was added last."""


@admin.register(Recommendation)
class RecommendationAdmin(BulkChangesAdmin):
    add_action = staticmethod(_add)
    change_action = staticmethod(actions.revise_recommendation)
    set_once = ("source",)
    list_display = COLUMNS
    list_display_links = (TITLE,)
    list_filter = FILTERS
    search_fields = ("reference", "title", "summary", "source__title", "lead__name")
    search_help_text = _("Reference, title, text, lead or officer")
    ordering = ("source", "number", "pk")
    list_max_show_all = 0
    autocomplete_fields = ("source", "lead", "lead_officer", "reviewer", "contributors", "themes")
    form = RecommendationForm
    inlines = INLINES
    readonly_fields = (
        "reference",
        "target_date",
        "opened_on",
        "next_due_on",
        "published_at",
        "archived_at",
        "archive_reason",
        "archive_note",
        "wording_amended_at",
    )

    def sections(self, request: HttpRequest, obj: Any) -> Any:
        """As the recommendation is: see ``fieldsets_for``."""
        may_write = self._may_write(request, obj) if obj else self.has_add_permission(request)
        return fieldsets_for(request, obj, may_write=may_write)

    def write_beside(self, request: HttpRequest, form: Any) -> None:
        """Set the first target date, where one was entered."""
        day = form.cleaned_data.get("new_date")
        if day is not None:
            reason, by = form.cleaned_data["reason"], request.user
            given = {"recommendation": form.instance, "new_date": day, "reason": reason, "by": by}
            writes_of(request).attempt(form, partial(dates.set_first, **given))

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """“Save and add another” begins the next form with what is mostly alike."""
        response = super().response_add(request, obj, post_url_continue)
        if "_addanother" in request.POST and response.has_header("Location"):
            # Django reads the first values of a form from its address.
            held = {name: getattr(obj, obj._meta.get_field(name).attname) for name in ALIKE}
            given = {name: value for name, value in held.items() if value not in (None, "")}
            response["Location"] += f"?{urlencode(given)}"
        return response

    def view_on_site(self, obj: Recommendation) -> str:
        return obj.get_absolute_url()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        found = context["original"]
        if found is not None:
            context["beside"] = surroundings_of(found, request.user, timezone.localdate())
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        if MOVED.keys() & request.GET.keys():
            return HttpResponseRedirect(moved(request.GET))
        return super().changelist_view(request, extra_context)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[RecommendationList]:
        return RecommendationList

    def get_paginator(
        self, request: HttpRequest, queryset: Any, per_page: int, *args: Any, **kwargs: Any
    ) -> CappedPaginator:
        """Of keys alone: what is shown of the rows of a page is read once."""
        return CappedPaginator(queryset, lambda keys: dict(zip(keys, keys, strict=True)), per_page)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Those that hold the words, or whose lead officer is called so; the best match first.

        Names of people stand in no search document. A union, so that each half has its index.
        """
        if not search_term.strip():
            return queryset, False
        terms = search.parse(search_term)
        held = SearchDocument.objects.filter(search.matching(request.user, terms, ""))
        officers = kinds.OFFICERS.holding(User.objects.all(), search_term).order_by().values("pk")
        led = Recommendation.objects.filter(lead_officer__in=officers)
        found = queryset.filter(
            pk__in=held.order_by().values("pk").union(led.order_by().values("pk"))
        )
        most = search.MOST_RANKED
        if not terms or found.order_by().values("pk")[: most + 1].count() > most:
            return found, False
        is_sorted = ORDER_VAR in request.GET
        path = "document__" if queryset.model is Recommendation else DOCUMENT
        first = search.gathered() if is_sorted else search.relevance(terms, path)
        return found.order_by(first, *found.query.order_by), False


@admin.register(SavedView)
class SavedViewAdmin(TrackedModelAdmin):
    """Shown only: a view is renamed, shared and removed by its owner, or by a manager."""

    list_display = ("name", "owner", "is_shared", "query", "removed_at")
    list_filter = ("is_shared",)
    list_select_related = ("owner",)
    list_reads = tuple(names_of("owner"))
    search_fields = ("name", "owner__username")
    ordering = ("name", "pk")
