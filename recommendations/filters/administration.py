"""The filter over recommendations in the administration: one choice of each kind, in one form."""

from datetime import date, timedelta
from typing import Any

import django_filters
from django.core.validators import RegexValidator
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.choices import (
    Confidence,
    Flag,
    Only,
    Priority,
)
from recommendations.filters.base import RowFilter
from recommendations.filters.recommendations import (
    FLAG_CHOICES,
    STATUS_CHOICES,
    RecommendationFilter,
    SearchFilter,
)
from recommendations.models import Recommendation, SearchDocument, User
from recommendations.pickers import kinds
from recommendations.queries.recommendations.narrowed import only_tests
from recommendations.search import queries as search

ANY, UNDATED, OPEN, ARCHIVED = "any", "undated", "open", "archived"

FLAGS = [
    (ANY, _("Any reason")),
    *FLAG_CHOICES,
    (UNDATED, _("No target date")),
]
STATUSES = [(OPEN, _("All open")), *STATUS_CHOICES]
PUBLICATIONS = [
    ("yes", _("Published")),
    ("no", _("Not published")),
    (ARCHIVED, _("Archived")),
]
WAITING = [("yes", _("Awaiting review")), ("no", _("Nothing awaiting review"))]


class OfficerSearchFilter(SearchFilter):
    """Words in what is searched of a recommendation, or in the name of its lead officer.

    Names of people stand in no search document. A union, so that each half has its index.
    """

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        held = SearchDocument.objects.filter(
            search.matching(self.parent.request.user, search.parse(value), "")
        )
        officers = kinds.OFFICERS.holding(User.objects.all(), value)
        led = Recommendation.objects.filter(lead_officer__in=officers.order_by().values("pk"))
        found = held.order_by().values("pk").union(led.order_by().values("pk"))
        return qs.filter(pk__in=found)


class AdministrationFilter(RecommendationFilter):
    """What the list in the administration is narrowed by; what is archived is shown with the rest.

    ``due`` is a year or a month of target dates: 2027, or 2027-03.
    """

    WORDS = "q"
    SHOWN = (
        *("q", "source", "status", "confidence", "lead", "officer", "theme", "priority"),
        *("flag", "waiting", "published", "due", "sort"),
    )

    q = OfficerSearchFilter(label=_("Search"))
    status = django_filters.ChoiceFilter(
        choices=STATUSES, method="with_one_status", label=_("Status")
    )
    confidence = django_filters.ChoiceFilter(
        choices=Confidence.choices, method="with_one_confidence", label=_("Delivery confidence")
    )
    priority = django_filters.ChoiceFilter(
        choices=Priority.choices, method="with_one_priority", label=_("Priority")
    )
    officer = RowFilter(
        kinds.OFFICERS, field_name="recommendation__lead_officer", label=_("Lead officer")
    )
    flag = django_filters.ChoiceFilter(
        choices=FLAGS, method="with_one_flag", label=_("Needs attention")
    )
    waiting = django_filters.ChoiceFilter(
        choices=WAITING, method="with_waiting", label=_("Awaiting review")
    )
    published = django_filters.ChoiceFilter(
        choices=PUBLICATIONS, method="with_publication", label=_("Publication")
    )
    due = django_filters.CharFilter(
        method="due_within",
        label=_("Target date"),
        max_length=7,
        validators=[RegexValidator(r"^\d{4}(-(0[1-9]|1[0-2]))?\Z", _("Enter a year or a month."))],
    )

    @classmethod
    def get_filters(cls) -> Any:
        found = super().get_filters()
        return type(found)({name: found[name] for name in cls.SHOWN if name in found})

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Archived ones too: here they are looked for and restored."""
        for name, value in self.form.cleaned_data.items():
            queryset = self.filters[name].filter(queryset, value)
        return queryset

    def with_one_status(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == OPEN:
            return qs.filter(open_since__isnull=False)
        return self.with_status(qs, name, [value])

    def with_one_confidence(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return self.with_confidence(qs, name, [value])

    def with_one_priority(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return self.with_priority(qs, name, [value])

    def with_one_flag(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == UNDATED:
            return qs.filter(open_without_date_since__isnull=False)
        if value == ANY:
            tests = only_tests(self.request.user, timezone.localdate())
            return qs.filter(tests[Only.ATTENTION])
        return self.with_flag(qs, name, [Flag(value)])

    def with_waiting(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        waits = Q(submitted__gt=0) | Q(has_date_request=True)
        return qs.filter(waits) if value == "yes" else qs.exclude(waits)

    def with_publication(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == ARCHIVED:
            return qs.filter(is_archived=True)
        return qs.filter(is_published=value == "yes")

    def due_within(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those with a target date in this year, or in this month."""
        return qs.filter(target_date__range=_days_of(value))


def _days_of(period: str) -> tuple[date, date]:
    """The first and the last day of a year or a month."""
    year, _dash, month = period.partition("-")
    first = date(max(int(year), 1), int(month or 1), 1)
    after = first.replace(day=28) + timedelta(days=4) if month else date(first.year, 12, 31)
    return first, after.replace(day=1) - timedelta(days=1) if month else after
