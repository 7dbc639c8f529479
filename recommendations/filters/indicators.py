"""Filters of indicators and of their values."""

from collections.abc import Iterable
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recommendations import periods
from recommendations.choices import (
    ConfirmationState,
    Direction,
    Relation,
)
from recommendations.filters.base import ListFilter, TextFilter
from recommendations.models import (
    Indicator,
    IndicatorLink,
    Observation,
    Recommendation,
)
from recommendations.pickers import ListSelectMultiple

LONGEST_PERIOD = 20


class PeriodFormField(forms.CharField):
    """A period as statistics write it, cleaned into a ``Period``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_length=LONGEST_PERIOD, **kwargs)

    def clean(self, value: object) -> Any:
        """The period, or none where nothing is asked."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return periods.parse(periods.normalise(text))
        except ValueError as error:
            raise ValidationError(str(error), code="period") from error


class PeriodFilter(django_filters.Filter):
    """A period that bounds the figures; ``lookup_expr`` compares its day with ``field_name``."""

    field_class = PeriodFormField

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value is None:
            return qs
        day = value.first_day if self.lookup_expr == "gte" else value.last_day
        return qs.filter(**{f"{self.field_name}__{self.lookup_expr}": day})


class FigureFilter(ListFilter):
    """What anybody may ask of figures that they can see."""

    area = django_filters.MultipleChoiceFilter(
        field_name="area__code",
        distinct=False,
        label=_("Countries and regions"),
        help_text=_("The chart shows up to five areas. Hold Ctrl or Cmd to select several."),
        widget=ListSelectMultiple(attrs={"size": 6}, label=_("Countries and regions")),
    )
    first = PeriodFilter(
        field_name="last_day",
        lookup_expr="gte",
        label=_("From"),
        help_text=_("A year, or a period such as 2018-Q3."),
    )
    last = PeriodFilter(field_name="first_day", lookup_expr="lte", label=_("To"))

    confirmation = django_filters.ChoiceFilter(
        method="of_confirmation",
        label=_("Confirmation"),
        choices=[(ConfirmationState.UNCONFIRMED.value, ConfirmationState.UNCONFIRMED.label)],
    )

    class Meta:
        model = Observation
        fields: list[str] = []

    def of_confirmation(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return qs.unconfirmed()  # type: ignore[attr-defined]

    def __init__(self, *args: Any, areas: Iterable[Any] = (), **kwargs: Any) -> None:
        """``areas`` are those that there are figures for, to choose from."""
        super().__init__(*args, **kwargs)
        choices = [(area.code, area.shown_name) for area in areas]
        self.filters["area"].extra["choices"] = choices


class IndicatorFilter(ListFilter):
    """What anybody may ask of the indicators they can see."""

    text = TextFilter(
        over=("code", "title", "definition"),
        hint=_("Code, title or definition"),
        label=_("Search"),
    )
    direction = django_filters.ChoiceFilter(choices=Direction.choices, label=_("Direction"))
    relation = django_filters.ChoiceFilter(
        choices=Relation.choices, method="with_relation", label=capfirst(_("relation"))
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
