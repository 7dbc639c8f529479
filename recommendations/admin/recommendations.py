"""Sources and recommendations in the administration."""

import re
from datetime import date
from functools import partial
from operator import attrgetter
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ORDER_VAR
from django.contrib.admin.widgets import AdminDateWidget
from django.db.models import F, OrderBy, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dates import MONTHS_3
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations import permissions, pickers
from recommendations.actions import dates, indicators, responses, structure
from recommendations.actions import recommendations as actions
from recommendations.admin.bulk_changes import BulkChangesAdmin
from recommendations.admin.evidence import EvidenceLinkInline
from recommendations.admin.framework.base import TrackedInline, TrackedModelAdmin
from recommendations.admin.framework.forms import TrackedForm, writes_of
from recommendations.admin.framework.lists import (
    Choice,
    NarrowList,
    RowsFilter,
    by_row,
    column,
    count,
    day,
    narrow_day,
    one_of,
)
from recommendations.choices import (
    NO_REPORT_YET,
    PRIORITY_ORDER,
    SEVERITY,
    Confidence,
    Flag,
    ImplementationStatus,
    Nature,
    Only,
    Priority,
)
from recommendations.filters.recommendations import DOCUMENT, TIES
from recommendations.forms.fields import ProseFormField, add_missing_errors
from recommendations.models import (
    Action,
    Addressee,
    IndicatorLink,
    Part,
    Recommendation,
    RecommendationRelation,
    RecommendationState,
    SavedView,
    SearchDocument,
    Source,
    Theme,
    User,
    flag_tests,
)
from recommendations.models.state import IS_OPEN, WAITS
from recommendations.pickers import Picker
from recommendations.queries.administration import surroundings_of, years_of_dates
from recommendations.queries.cache import cached, version_for
from recommendations.queries.dates import day_text
from recommendations.queries.frame import frame_for
from recommendations.queries.listed import column_names, ids_of, rows_in_order
from recommendations.queries.publicity import was_public
from recommendations.queries.recommendations.tally import only_tests
from recommendations.search import queries as search
from recommendations.views.lists import CappedPaginator

# ---- Rows under a recommendation, folded away, each written by an action of its own


class AddresseeInline(TrackedInline):
    """Whom it speaks to. Another addressee is another row: updates may speak of this one."""

    model = Addressee
    autocomplete_fields = ("area", "organisation")
    fields = ("area", "organisation")
    fixed = ("area", "organisation")
    add_action = staticmethod(actions.add_addressee)
    remove_action = staticmethod(actions.remove_addressee)


class PartInline(TrackedInline):
    """Its parts, in their order; published ones change with a reason."""

    model = Part
    fields = ("label", "text", "position", "amendment_reason")
    noun = "part"
    add_action = staticmethod(structure.add_part)
    change_action = staticmethod(structure.change_part)
    remove_action = staticmethod(structure.remove_part)


class RelationInline(TrackedInline):
    """On which others it depends, and to which it is related."""

    model = RecommendationRelation
    called = "other"
    fk_name = "recommendation"
    autocomplete_fields = ("other",)
    fields = ("kind", "other", "why")
    fixed = ("kind", "other", "why")
    reads = ("recommendation",)
    noun = "relation"
    add_action = staticmethod(structure.add_relation)
    remove_action = staticmethod(structure.remove_relation)


def _add_action(*, by: User, values: dict[str, Any]) -> Action:
    return responses.add_action(recommendation=values.pop("recommendation"), by=by, values=values)


class ActionInline(TrackedInline):
    """Steps towards it. One is cancelled on its own page, with a reason; none is removed."""

    model = Action
    fields = ("title", "owner", "state", "started_on", "due_on", "done_on")
    show_change_link = True
    noun = "action"
    add_action = staticmethod(_add_action)
    change_action = staticmethod(responses.change_action)


class IndicatorLinkInline(TrackedInline):
    """By which indicators it is measured."""

    model = IndicatorLink
    called = "indicator"
    autocomplete_fields = ("indicator",)
    fields = ("indicator", "relation", "why")
    fixed = ("indicator",)
    noun = "link"
    add_action = staticmethod(indicators.link_indicator)
    change_action = staticmethod(indicators.change_indicator_link)
    remove_action = staticmethod(indicators.unlink_indicator)


INLINES = (
    AddresseeInline,
    PartInline,
    ActionInline,
    EvidenceLinkInline,
    IndicatorLinkInline,
    RelationInline,
)


# ---- The form of a recommendation: its fields in sections that fold, and its first target date

FOLDED: dict[str, Any] = {"classes": ("collapse",)}

TEXT = (
    "title",
    "summary",
    ("modality", "nature", "priority"),
    "themes",
)
RESPONSIBILITY = (
    ("lead", "lead_officer", "reviewer"),
    "contributors",
    ("interval_months", "review_on"),
)
WORDING = ("quoted_text", "locator", "rationale", "wording_reason", "wording_amended_at")
FIRST_DATE = ("new_date", "reason")
PUBLICATION = ("published_at", "archived_at", "archive_reason", "archive_note")


class RecommendationForm(TrackedForm):
    """With the first target date, which an action of its own sets; later ones are requested.

    A new one may do without a summary in own words: then its title stands for it.
    """

    new_date = forms.DateField(
        label=_("Original target date"),
        required=False,
        widget=AdminDateWidget,
        help_text=_("Set once. Later changes are requested and decided."),
    )
    reason = ProseFormField(label=capfirst(_("reason for this date")), required=False, rows=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_there and "summary" in self.fields:
            summary = self.fields["summary"]
            summary.required = False
            summary.help_text = _("In your own words. Shown to the public. If empty, the title.")

    def clean(self) -> dict[str, Any]:
        """A reason without a date would be lost in silence."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("reason") and not cleaned.get("new_date"):
            self.add_error("new_date", _("Enter the target date, or clear its reason."))
        is_reworded = not set(actions.WORDING).isdisjoint(self.changed_data)
        if self.errors and self.is_there and is_reworded and was_public(self.instance):
            # What the action would refuse besides is told at once.
            reason = cleaned.get("wording_reason", "")
            add_missing_errors(self, actions.reason_problems(self.instance, reason))
        return cleaned


def fieldsets_for(
    request: HttpRequest, found: Recommendation | None, *, may_write: bool
) -> tuple[Any, ...]:
    """The sections: of one that has no target date yet, whoever may set it is asked for it.

    One that another person set meanwhile stands beside what was entered, which is shown as well.
    """
    is_open = found is None or not (found.is_finished or found.archived_at)
    has_none = found is None or not found.date_changes.exists()
    was_entered = bool(request.POST.get("new_date"))
    may_set = may_write and permissions.can_set_first_date(request.user)
    days = ("opened_on",) if found is None else (("target_date", "next_due_on", "opened_on"),)
    first = (FIRST_DATE,) if may_set and (was_entered or (is_open and has_none)) else ()
    source = ("source",) if found is None else (("reference", "source"),)
    # Beside the words of which a change needs it.
    reason = ("wording_reason",) if found is not None and found.published_at else ()
    wording = tuple(name for name in WORDING if name not in reason)
    return (
        (None, {"fields": (*source, *TEXT[:2], *reason, *TEXT[2:])}),
        (_("Responsibility and reporting"), {"fields": RESPONSIBILITY}),
        (_("Dates"), {"fields": (*first, *days)}),
        (
            _folded(_("Original wording"), found.quoted_text if found else ""),
            {**FOLDED, "fields": wording},
        ),
        *(
            [
                (
                    _folded(_("Publication and archive"), _publication(found)),
                    {**FOLDED, "fields": PUBLICATION},
                )
            ]
            if found is not None
            else []
        ),
    )


def _folded(title: Any, told: str) -> SafeString:
    """The heading of a section that is folded away, with what it holds."""
    held = Truncator(told or gettext("Not set")).chars(80)
    return format_html("{} <small>{}</small>", title, held)


def _publication(found: Recommendation) -> str:
    if found.archived_at:
        told, at = _("archived"), found.archived_at
    elif found.published_at:
        told, at = _("published"), found.published_at
    else:
        return str(capfirst(gettext("not published")))
    day = day_text(timezone.localdate(at))
    return gettext("%(label)s: %(value)s") % {"label": capfirst(told), "value": day}


# ---- The list of recommendations: columns and filters over the kept state beside each of them

MOST_YEARS = 15
"""Years of target dates that are offered, the latest; others are asked for by the address."""

READ = (
    *("reference", "title", "source__short_title", "lead__name", "kept__nature", "kept__status"),
    *("kept__confidence", "kept__rating_out_of_date_after", "kept__target_date"),
    *("kept__date_overdue_after", "kept__update_due_on", "kept__submitted"),
    *("kept__has_date_request", "kept__is_published", "kept__is_archived"),
)
"""What the columns read."""

CELLS = "admin/recommendations/recommendation/cells/"


class RecommendationList(NarrowList):
    """Finds, narrows and counts kept states, each of whose indexes is of one order of the list.

    Of the recommendations themselves those of one page are read.
    """

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.root_queryset: Any = RecommendationState.objects.order_by(*TIES)
        return super().get_queryset(request, *args, **kwargs)

    def apply_select_related(self, qs: QuerySet[Any]) -> QuerySet[Any]:
        return qs

    def _get_default_ordering(self) -> list[Any]:
        """No heading is marked while none is asked for."""
        return []

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """As the kept states are, where no heading is asked for."""
        asked = super().get_ordering(request, queryset) if self.params.get(ORDER_VAR) else ()
        return [*asked, *TIES]

    def get_results(self, request: HttpRequest) -> None:
        self.queryset: Any = ids_of(self.queryset)
        super().get_results(request)
        rows = Recommendation.objects.select_related("kept", "source", "lead").only(*READ)
        self.result_list = rows_in_order(self.result_list, rows.in_bulk)


class MissingLast(F):
    """A column to sort by, both ways with what is missing at the end."""

    def asc(self, **kwargs: Any) -> OrderBy:
        return super().asc(nulls_last=True)

    def desc(self, **kwargs: Any) -> OrderBy:
        return super().desc(nulls_last=True)


def _quiet(text: str) -> SafeString:
    return format_html('<span class="quiet">{}</span>', text)


def _day(day: date, overdue_after: date | None) -> str:
    """A day, marked where it is over."""
    if overdue_after is None or overdue_after >= timezone.localdate():
        return narrow_day(day)
    told = '<span class="late">{}</span> <span class="visually-hidden">{}</span>'
    return format_html(told, narrow_day(day), gettext("Overdue"))


def _status(row: Any) -> SafeString:
    shown = {"kept": row.kept, "is_continuous": row.kept.nature == Nature.CONTINUOUS}
    return render_to_string(f"{CELLS}status.html", shown)


def _confidence(row: Any) -> SafeString:
    last_day = row.kept.rating_out_of_date_after
    is_past = last_day is not None and last_day < timezone.localdate()
    return render_to_string(f"{CELLS}confidence.html", {"kept": row.kept, "is_past": is_past})


def _target_date(row: Any) -> str:
    if row.kept.target_date:
        return _day(row.kept.target_date, row.kept.date_overdue_after)
    is_continuous = row.kept.nature == Nature.CONTINUOUS
    return _quiet(gettext("Continuous") if is_continuous else gettext("No target date"))


def _next_update(row: Any) -> str:
    due = row.kept.update_due_on
    if due:
        return _day(due, due)
    is_known = row.kept.status or row.kept.is_archived
    return _quiet(gettext("None due") if is_known else gettext("Not known"))


def _lead(row: Recommendation) -> str:
    no_lead = format_html('<span class="missing">{}</span>', gettext("No lead"))
    return no_lead if row.lead is None else row.lead.name


def _published(row: Any) -> str:
    if row.kept.is_archived:
        return capfirst(gettext("archived"))
    return capfirst(gettext("yes")) if row.kept.is_published else _quiet(capfirst(gettext("no")))


TITLE = column(attrgetter("title"), capfirst(_("title")), ordering="recommendation__title")
COLUMNS: tuple[Any, ...] = (
    column(attrgetter("reference"), capfirst(_("reference")), ordering="number"),
    TITLE,
    column(attrgetter("source.short_title"), _("Source")),
    column(_status, _("Status")),
    column(_confidence, _("Confidence")),
    column(_target_date, _("Target date"), ordering=MissingLast("target_date")),
    column(_next_update, _("Next update")),
    column(_lead, capfirst(_("lead organisation"))),
    column(lambda row: row.kept.submitted + row.kept.has_date_request, _("Awaiting review")),
    column(_published, capfirst(_("published"))),
)

STATUSES: list[Choice] = [
    ("open", _("All open"), IS_OPEN),
    ("none", NO_REPORT_YET, Q(status="")),
    *((code, text, Q(status=code)) for code, text in ImplementationStatus.choices),
]
RATINGS: list[Choice] = [
    # What has no report yet is not rated.
    (code, text, Q(confidence__in=[code, ""] if code == Confidence.NOT_RATED else [code]))
    for code, text in Confidence.choices
]
PRIORITIES: list[Choice] = [
    *(
        (code, Priority(code).label, Q(priority_rank=rank))
        for rank, code in enumerate(PRIORITY_ORDER)
    ),
    (Priority.NOT_SET, Priority.NOT_SET.label, Q(priority_rank=None)),
]
WAITING: list[Choice] = [
    ("yes", _("Awaiting review"), WAITS),
    ("no", _("Nothing awaiting review"), ~WAITS),
]
PUBLICATIONS: list[Choice] = [
    ("yes", capfirst(_("published")), Q(is_published=True)),
    ("no", capfirst(_("not published")), Q(is_published=False)),
    ("archived", capfirst(_("archived")), Q(is_archived=True)),
]


def _reasons(request: HttpRequest) -> list[Choice]:
    today = timezone.localdate()
    flags = flag_tests(request.user, today)
    attention = only_tests(request.user, today)[Only.ATTENTION]
    return [
        ("any", _("Any reason"), attention),
        *((flag, Flag(flag).label, flags[flag]) for flag in SEVERITY),
    ]


def _periods(request: HttpRequest) -> list[Choice]:
    """The years of target dates; of a chosen year its months."""
    asked = re.fullmatch("([0-9]{4})(-(0[1-9]|1[0-2]))?", request.GET.get("due", ""))
    if not asked:
        years = cached(
            "years of target dates",
            years_of_dates,
            audience="inside",
            version=version_for(request.user).hash,
        )
        some = years[-MOST_YEARS:]
        return [(str(year), str(year), Q(target_date__year=year)) for year in some]
    within = Q(target_date__year=max(int(asked[1]), 1))
    months = (
        (f"{asked[1]}-{n:02}", capfirst(MONTHS_3[n]), within & Q(target_date__month=n))
        for n in range(1, 13)
    )
    return [(asked[1], asked[1], within), *months]


def _elsewhere(picker: Picker) -> type[RowsFilter]:
    """A filter by rows that recommendations point to, and no kept state."""

    class Elsewhere(by_row(picker, is_used=True)):  # type: ignore[misc]
        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            if not self.used_parameters:
                return queryset
            found = super().queryset(request, Recommendation.objects.order_by())
            return queryset.filter(pk__in=found.values("pk"))

    return Elsewhere


FILTERS: tuple[Any, ...] = (
    ("source", by_row(pickers.SOURCES, is_used=True)),
    one_of("status", _("Status"), lambda request: STATUSES),
    one_of("confidence", capfirst(_("delivery confidence")), lambda request: RATINGS),
    ("lead", by_row(pickers.LEADS, is_used=True)),
    ("lead_officer", _elsewhere(pickers.OFFICERS)),
    ("themes", _elsewhere(pickers.THEMES)),
    one_of("priority", capfirst(_("priority")), lambda request: PRIORITIES),
    one_of("flag", _("Needs attention"), _reasons),
    one_of("waiting", _("Awaiting review"), lambda request: WAITING),
    one_of("published", _("Publication"), lambda request: PUBLICATIONS),
    one_of("due", _("Target date"), _periods),
)

# ---- Sources, recommendations, themes and saved views


def _add_theme(*, by: User, values: dict[str, Any]) -> Theme:
    slug = values.pop("slug", "")
    return structure.add_theme(by=by, values=values, slug=slug)


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
        day("published_on", precision="date_precision"),
    )
    list_filter = ("date_precision", "is_demonstration")
    precisions = {"published_on": "date_precision"}
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
        (capfirst(_("text")), {"fields": ("language", "text_sha256", "notes")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Addresses and references that were given stay good."""
        fixed = actions.FIXED_ONCE_NUMBERED if obj is not None and obj.last_number else ()
        return (*super().get_readonly_fields(request, obj), *fixed)


@admin.register(Theme)
class ThemeAdmin(TrackedModelAdmin):
    add_action = staticmethod(_add_theme)
    change_action = staticmethod(structure.change_theme)
    set_once = ("slug",)
    list_display = (
        *("name", "description"),
        count(_("recommendations"), Recommendation.themes.through.objects.all, "theme"),
    )
    list_filter = ("is_demonstration",)
    search_fields = ("name", "description", "slug")
    ordering = ("name", "pk")
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "description", "is_demonstration")
    readonly_fields = ("is_demonstration",)


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
        "next_due_on",
        "published_at",
        "archived_at",
        "archive_reason",
        "archive_note",
        "wording_amended_at",
    )

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Parts where the tracker has them."""
        uses = frame_for(request.user).uses
        return [each for each in INLINES if each is not PartInline or "parts" in uses]

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

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        today = {"opened_on": timezone.localdate()}
        return today | super().get_changeform_initial_data(request)

    def told_of(self, request: HttpRequest, found: Any = None) -> dict[str, Any]:
        if found is None:
            return {}
        return {"beside": surroundings_of(found, request.user, timezone.localdate())}

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
        officers = pickers.OFFICERS.holding(User.objects.all(), search_term).order_by().values("pk")
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
    list_reads = tuple(column_names("owner"))
    search_fields = ("name", "owner__username")
    ordering = ("name", "pk")
