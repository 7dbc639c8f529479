"""The list of recommendations: columns and filters over the kept state beside each of them."""

import re
from datetime import date
from operator import attrgetter
from typing import Any

from django.contrib.admin.views.main import ERROR_FLAG, ORDER_VAR
from django.db.models import F, OrderBy, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dates import MONTHS_3
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.admin.framework.filters import Choice, RowsFilter, by_row, one_of
from recommendations.admin.framework.lists import NarrowList, column, narrow_day
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
from recommendations.filters.recommendations import TIES
from recommendations.models import Recommendation, RecommendationState, Source, flag_tests
from recommendations.models.state import WAITS
from recommendations.pickers import kinds
from recommendations.pickers.rows import Picker
from recommendations.queries.administration.beside import years_of_dates
from recommendations.queries.cache import cached
from recommendations.queries.listed import ids_of, rows_in_order
from recommendations.queries.recommendations.narrowed import only_tests
from recommendations.queries.version import version_for

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
    return _day(due, due) if due else _quiet(gettext("None due"))


def _lead(row: Recommendation) -> str:
    no_lead = format_html('<span class="missing">{}</span>', gettext("No lead"))
    return no_lead if row.lead is None else row.lead.name


def _published(row: Any) -> str:
    if row.kept.is_archived:
        return gettext("Archived")
    return gettext("Yes") if row.kept.is_published else _quiet(gettext("No"))


TITLE = column(attrgetter("title"), _("Title"), ordering="recommendation__title")
COLUMNS: tuple[Any, ...] = (
    column(attrgetter("reference"), _("Reference"), ordering="number"),
    TITLE,
    column(attrgetter("source.short_title"), _("Source")),
    column(_status, _("Status")),
    column(_confidence, _("Confidence")),
    column(_target_date, _("Target date"), ordering=MissingLast("target_date")),
    column(_next_update, _("Next update")),
    column(_lead, _("Lead organisation")),
    column(lambda row: row.kept.submitted + row.kept.has_date_request, _("Awaiting review")),
    column(_published, _("Published")),
)

STATUSES: list[Choice] = [
    ("open", _("All open"), Q(open_since__isnull=False)),
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
    ("yes", _("Published"), Q(is_published=True)),
    ("no", _("Not published"), Q(is_published=False)),
    ("archived", _("Archived"), Q(is_archived=True)),
]


def _reasons(request: HttpRequest) -> list[Choice]:
    today = timezone.localdate()
    flags = flag_tests(request.user, today)
    attention = only_tests(request.user, today)[Only.ATTENTION]
    return [
        ("any", _("Any reason"), attention),
        *((flag, Flag(flag).label, flags[flag]) for flag in SEVERITY),
        ("undated", _("No target date"), Q(open_without_date_since__isnull=False)),
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
    ("source", by_row(kinds.SOURCES, is_used=True)),
    one_of("status", _("Status"), lambda request: STATUSES),
    one_of("confidence", _("Delivery confidence"), lambda request: RATINGS),
    ("lead", by_row(kinds.LEADS, is_used=True)),
    ("lead_officer", _elsewhere(kinds.OFFICERS)),
    ("themes", _elsewhere(kinds.THEMES)),
    one_of("priority", _("Priority"), lambda request: PRIORITIES),
    one_of("flag", _("Needs attention"), _reasons),
    one_of("waiting", _("Awaiting review"), lambda request: WAITING),
    one_of("published", _("Publication"), lambda request: PUBLICATIONS),
    one_of("due", _("Target date"), _periods),
)

MOVED = {
    "page": "p",
    "source": "source__id__exact",
    "lead": "lead__id__exact",
    "officer": "lead_officer__id__exact",
    "theme": "themes__id__exact",
    "sort": ERROR_FLAG,  # no order: Django leaves it out
}
"""Names that addresses of the list had before, and what they are now."""


def moved(asked: QueryDict) -> str:
    """The address now of a list that was narrowed under old names; a source had its short name."""
    found = {MOVED.get(name, name): str(value) for name, value in asked.items() if value}
    if key := Source.objects.filter(slug=asked.get("source", "")).values_list("pk").first():
        found[MOVED["source"]] = str(*key)
    return f"?{urlencode(found)}"
