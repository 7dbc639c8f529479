"""Filters over the addressees of a recommendation, and over areas."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.filters.base import TextFilter
from recommendations.models import Addressee, Area
from recommendations.vocabulary import AreaKind, ResponsePosition


class PublicAddresseeFilter(django_filters.FilterSet):
    """What the public may ask of addressees: what they are called and what they say."""

    text = TextFilter(over=("area__name", "area__code", "organisation__name"), label=_("Text"))
    position = django_filters.ChoiceFilter(
        choices=ResponsePosition.choices, method="with_position", label=_("What they say")
    )

    class Meta:
        model = Addressee
        fields: list[str] = []

    def with_position(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return qs.with_position(value)  # type: ignore[attr-defined]


class AddresseeFilter(PublicAddresseeFilter):
    """What people with a role may ask: also who is late."""

    due = django_filters.ChoiceFilter(
        choices=[("overdue", _("Overdue"))], method="with_due", label=_("Response")
    )

    def with_due(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return qs.with_overdue_response(timezone.localdate())  # type: ignore[attr-defined]


class AreaFilter(django_filters.FilterSet):
    """What anybody may ask of the areas they can see."""

    text = TextFilter(over=("name", "code"), label=_("Text"))
    kind = django_filters.ChoiceFilter(choices=AreaKind.choices, label=_("Kind"))

    class Meta:
        model = Area
        fields: list[str] = []
