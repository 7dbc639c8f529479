"""What every filter form shares."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from recommendations.models.fields import validate_readable

LONGEST_TEXT = 200


class DayInput(forms.DateInput):
    """A date as browsers pick it; the value is always ISO 8601."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DayFilter(django_filters.DateFilter):
    """A day, written as 2026-11-24."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", DayInput())
        kwargs.setdefault("input_formats", ["%Y-%m-%d"])
        super().__init__(*args, **kwargs)


class TextFilter(django_filters.CharFilter):
    """Words, each of which must be found in one of ``over``; case does not matter."""

    def __init__(self, *args: Any, over: tuple[str, ...], **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"type": "search"}))
        super().__init__(
            *args,
            max_length=LONGEST_TEXT,
            validators=[validate_readable],
            **kwargs,
        )
        self.over = over

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        for word in (value or "").split():
            qs = qs.filter(self.holding(word))
        return qs

    def holding(self, word: str) -> Q:
        """The condition that a row holds this word."""
        found = Q()
        for field in self.over:
            found |= Q(**{f"{field}__icontains": word})
        return found
