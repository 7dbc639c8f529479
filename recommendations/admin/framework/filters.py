"""Filters of the lists: whether something is set at all."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


def is_set(column: str, label: str | Promise) -> type[admin.SimpleListFilter]:
    """A filter “yes / no” on whether a column holds anything; it costs no query."""

    class IsSet(admin.SimpleListFilter):
        title = label  # type: ignore[assignment]
        parameter_name = f"has_{column}"

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
            return [("yes", _("Yes")), ("no", _("No"))]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            if self.value() not in {"yes", "no"}:
                return queryset
            return queryset.filter(**{f"{column}__isnull": self.value() == "no"})

    return IsSet
