"""Filters over the addressees of a recommendation, and over areas."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.choices import AreaKind, ResponsePosition
from recommendations.filters.base import ListFilter, TextFilter
from recommendations.models import Addressee, Area, AreaAlias
from recommendations.names import NAMED_IN
from recommendations.queries.areas import areas_in_use


class PublicAddresseeFilter(ListFilter):
    """What the public may ask of addressees: what they are called and what they say."""

    text = TextFilter(
        over=("area__name", "area__code", "organisation__name"),
        hint=_("Name or code of an addressee"),
        label=_("Search"),
    )
    position = django_filters.ChoiceFilter(
        choices=ResponsePosition.choices, method="with_position", label=_("Response")
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


class AreaTextFilter(TextFilter):
    """Words of a name in any language, of another name, or of a code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        columns = ("name", "code", *(f"name_{language}" for language in NAMED_IN))
        super().__init__(*args, over=columns, hint=_("Name or code of an area"), **kwargs)

    def holding(self, word: str) -> Q:
        aliases = AreaAlias.objects.filter(removed_at__isnull=True, alias__icontains=word)
        return super().holding(word) | Q(pk__in=aliases.values("area"))


class PublicAreaFilter(ListFilter):
    """What the public may ask of the areas that something public speaks to."""

    text = AreaTextFilter(label=_("Search"))
    kind = django_filters.ChoiceFilter(choices=AreaKind.choices, label=_("Type"))

    class Meta:
        model = Area
        fields: list[str] = []


class AreaFilter(PublicAreaFilter):
    """What people with a role may ask: also for the areas of which nothing is said here."""

    among = django_filters.ChoiceFilter(
        choices=[("all", _("All records"))],
        method="with_all",
        label=_("Scope"),
        empty_label=_("Records in use"),
    )

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found = super().filter_queryset(queryset)
        if self.is_of_those_in_use:
            found = found.filter(pk__in=areas_in_use(self.request.user))
        return found

    @property
    def is_of_those_in_use(self) -> bool:
        """Whether the table is cut down. Whoever looks for words looks for them everywhere."""
        asked = self.form.cleaned_data
        return not (asked.get("among") or asked.get("text"))

    def with_all(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return qs
