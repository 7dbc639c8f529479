"""The filter of the audit log."""

import django_filters
from django.utils.translation import gettext_lazy as _

from recommendations.filters.base import DayFilter
from recommendations.models import (
    AuditEvent,
    User,
)


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
