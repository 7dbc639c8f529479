"""Filters of the lists: by one of some choices, and by one row of a table that grows."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.pickers.fields import found_text
from recommendations.pickers.rows import LONGEST_WORDS, MOST_FOUND, MOST_OPTIONS, Picker
from recommendations.queries.cache import alone, cached
from recommendations.queries.version import version_for

Condition = Q | Exists
Choice = tuple[str, str | Promise, Condition]
"""The value in an address, its label, and the condition on rows."""


def one_of(
    name: str, label: str | Promise, choices_for: Callable[[HttpRequest], Iterable[Choice]]
) -> type[admin.SimpleListFilter]:
    """A filter by one of some choices. Any other value is refused; Django would show every row."""

    class OneOf(admin.SimpleListFilter):
        title = label  # type: ignore[assignment]
        parameter_name = name
        conditions: dict[str, Condition]

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
            choices = list(choices_for(request))
            self.conditions = {value: condition for value, _label, condition in choices}
            return [(value, text) for value, text, _condition in choices]

        def has_output(self) -> bool:
            return self.value() is not None or super().has_output()

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            if (value := self.value()) is None:
                return queryset
            if value not in self.conditions:
                raise IncorrectLookupParameters
            return queryset.filter(self.conditions[value])

    return OneOf


def holds(
    name: str, label: str | Promise, condition_for: Callable[[], Condition]
) -> type[admin.SimpleListFilter]:
    """A filter “yes / no” on whether a condition holds."""

    def choices(request: HttpRequest) -> list[Choice]:
        condition = condition_for()
        return [("yes", _("Yes"), condition), ("no", _("No"), ~Q(condition))]

    return one_of(name, label, choices)


def is_set(column: str, label: str | Promise) -> type[admin.SimpleListFilter]:
    """A filter “yes / no” on whether a column holds anything; it costs no query."""
    return holds(f"has_{column}", label, lambda: Q(**{f"{column}__isnull": False}))


class RowsFilter(admin.RelatedFieldListFilter):
    """By one row of those of ``picker``: a list of links, and of many what is found by words.

    It counts for the list as Django's own does.
    """

    picker: Picker
    is_used = False
    """Whether only rows are offered that something in the list points to."""
    is_many, words, told = False, "", ""
    kept: list[tuple[str, str]]
    """What else the address asks for; a search keeps it."""

    @property
    def words_name(self) -> str:
        return f"{self.field_path}-words".replace("__", "-")

    def expected_parameters(self) -> list[str | None]:
        return [*super().expected_parameters(), self.words_name]

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        used: dict[str, Any] = self.used_parameters
        [words] = used.pop(self.words_name, [""])[-1:]

        def rows() -> QuerySet[Any]:
            order = self.field_admin_ordering(field, request, model_admin)
            found: QuerySet[Any] = field.remote_field.model.objects.order_by(*order)
            if not self.is_used:
                return found
            listed = model_admin.get_queryset(request).order_by()
            return found.filter(Exists(listed.filter(**{self.field_path: OuterRef("pk")})))

        first = cached(
            f"options of {model_admin.opts.label} by {self.field_path}",
            lambda: self.picker.options(rows()[: MOST_OPTIONS + 1]),
            audience=alone(request.user),
            version=version_for(request.user).hash,
        )
        if len(first) <= MOST_OPTIONS:
            return [(int(key), label) for key, label in first]
        return self._search(request, rows(), words[:LONGEST_WORDS].strip())

    def has_output(self) -> bool:
        """Also where there is one row alone: an address that names it is to be heard."""
        return bool(self.lookup_val) or self.is_many or super().has_output()

    def _search(self, request: HttpRequest, rows: QuerySet[Any], words: str) -> Any:
        self.is_many, self.words = True, words
        own = {self.words_name, "p"}
        asked = request.GET.lists()
        self.kept = [(name, value) for name, all_ in asked if name not in own for value in all_]
        found = self.picker.find(rows, words) if words else []
        self.told = found_text(len(found)) if words else ""
        chosen = self.lookup_val[-1:] if self.lookup_val else []
        held = rows.filter(pk__in=[key for key in chosen if key.isdecimal() and len(key) < 10])
        shown = dict([*self.picker.options(held), *found[:MOST_FOUND]])
        return [(int(key), label) for key, label in shown.items()]


def by_row(picker: Picker, *, is_used: bool = False) -> type[RowsFilter]:
    """A filter by one row of this kind; ``is_used``: only those that the list has to do with."""
    by_key = replace(picker, key="pk")
    return type("RowFilter", (RowsFilter,), {"picker": by_key, "is_used": is_used})
