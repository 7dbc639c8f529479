"""Filters over evidence, indicators and the event log."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from recommendations.filters.base import DayFilter, TextFilter
from recommendations.models import (
    AuditEvent,
    Evidence,
    Indicator,
    IndicatorLink,
    Recommendation,
    User,
)
from recommendations.vocabulary import (
    Direction,
    EvidenceKind,
    Relation,
    Reliability,
    Visibility,
)


class PublicEvidenceFilter(django_filters.FilterSet):
    """What the public may ask of evidence."""

    text = TextFilter(over=("title", "publisher", "citation"), label=_("Text"))
    kind = django_filters.ChoiceFilter(choices=EvidenceKind.choices, label=_("Kind"))

    class Meta:
        model = Evidence
        fields: list[str] = []


class EvidenceFilter(PublicEvidenceFilter):
    """What people with a role may ask of evidence."""

    reliability = django_filters.ChoiceFilter(choices=Reliability.choices, label=_("Reliability"))
    visibility = django_filters.ChoiceFilter(choices=Visibility.choices, label=_("Visibility"))


class IndicatorFilter(django_filters.FilterSet):
    """What anybody may ask of the indicators they can see."""

    text = TextFilter(over=("code", "title", "definition"), label=_("Text"))
    direction = django_filters.ChoiceFilter(choices=Direction.choices, label=_("Direction"))
    relation = django_filters.ChoiceFilter(
        choices=Relation.choices, method="with_relation", label=_("Relation")
    )

    class Meta:
        model = Indicator
        fields: list[str] = []

    def with_relation(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        person = self.request.user  # a relation to something unpublished tells the public nothing
        shown = Recommendation.objects.visible_to(person).order_by()
        links = IndicatorLink.objects.filter(
            relation=value, removed_at__isnull=True, recommendation__in=shown.values("pk")
        )
        return qs.filter(pk__in=links.values("indicator"))


class AuditEventFilter(django_filters.FilterSet):
    """What readers of the log may ask of it."""

    actor = django_filters.ModelChoiceFilter(queryset=User.objects.all(), label=_("By"))
    verb = django_filters.CharFilter(label=_("What was done"), max_length=40)
    object_type = django_filters.CharFilter(
        lookup_expr="iendswith", label=_("Kind of thing"), max_length=60
    )
    object_id = django_filters.CharFilter(label=_("Number of the thing"), max_length=60)
    reference = django_filters.CharFilter(
        field_name="recommendation__reference", label=_("Recommendation"), max_length=40
    )
    request_id = django_filters.CharFilter(label=_("Request"), max_length=64)
    day_from = DayFilter(field_name="at", lookup_expr="date__gte", label=_("Day from"))
    day_to = DayFilter(field_name="at", lookup_expr="date__lte", label=_("Day to"))

    class Meta:
        model = AuditEvent
        fields: list[str] = []
