"""Lists of the administration, and their filters."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import chain
from operator import attrgetter
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin, IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList, ChangeListSearchForm
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.forms.fields import LONGEST_KEY
from recommendations.models.fields import validate_readable
from recommendations.pickers import LONGEST_WORDS, MOST_FOUND, MOST_OPTIONS, Picker, found_text
from recommendations.queries.administration import counts_by
from recommendations.queries.cache import alone, cached, version_for
from recommendations.queries.dates import known_day_text, short_day_text

# ---- Keys of rows in what is sent: a number that no column holds is the key of no row.
# PostgreSQL finds nothing by it, SQLite fails.


def is_beyond(text: str) -> bool:
    """Whether a text, or one of several with commas between, is a number that no column holds."""
    parts = (part.strip().lstrip("+-") for part in text.replace("_", "").split(","))
    return any(part.isdecimal() and len(part) > LONGEST_KEY for part in parts)


class _WithinColumns:
    def optgroups(self, name: str, value: Sequence[Any], attr: Any = None) -> Any:
        """The chosen rows as options; a field that is shown again asks for what was sent."""
        held = [key for key in value if str(key).isdecimal() and not is_beyond(str(key))]
        return super().optgroups(name, held, attr)  # type: ignore[misc]


class RowSelect(_WithinColumns, AutocompleteSelect):
    """A box that finds one row by words."""


class RowsSelect(_WithinColumns, AutocompleteSelectMultiple):
    """A box that finds several rows by words."""


class FindsRows(BaseModelAdmin):
    """Fields of ``autocomplete_fields`` have these boxes."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", RowSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", RowsSelect(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


# ---- Filters of the lists: by one of some choices, and by one row of a table that grows

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
        return [
            ("yes", capfirst(gettext_lazy("yes")), condition),
            ("no", capfirst(gettext_lazy("no")), ~Q(condition)),
        ]

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


# ---- What a list of the administration reads of its rows, and columns that lists have alike

Column = Callable[[Any], Any]
Words = str | Promise


class SearchForm(ChangeListSearchForm):
    """Words that a list is searched for; characters that no text holds are refused."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[SEARCH_VAR].validators.append(validate_readable)


class NarrowList(ChangeList):
    """A list that reads what it shows alone, and ``list_reads`` of its administration, if any.

    Only what is shown: actions on ticked rows read these whole.
    """

    search_form_class = SearchForm
    model_admin: Any
    filter_params: dict[str, list[str]]
    is_wrong = False
    """Whether the address asks for what no filter knows: then the list is empty."""

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The rows that the address asks for.

        Refused with a key that no column holds, and with words that cannot be looked for: Django
        would leave them out and show every row.
        """
        is_unread = bool(request.GET.get(SEARCH_VAR)) and not self.query
        if is_unread or any(map(is_beyond, chain.from_iterable(self.filter_params.values()))):
            raise IncorrectLookupParameters
        return super().get_queryset(request, *args, **kwargs)

    def get_results(self, request: HttpRequest) -> None:
        if (beside := self.model_admin.list_reads) is not None:
            columns = {f.name for f in self.opts.concrete_fields if not f.is_relation}
            shown = {getattr(each, "admin_order_field", each) for each in self.list_display}
            self.queryset = self.queryset.only(*(columns & shown), *beside)
        super().get_results(request)
        rows: Sequence[Any] = list(self.result_list)
        for each in self.list_display:
            if hasattr(each, "read_all"):
                each.read_all(rows)
        self.result_list = rows

    @property
    def may_go_on(self) -> bool:
        """Whether a page may follow that nobody counted."""
        is_last = self.page_num >= self.paginator.num_pages
        return self.paginator.is_capped and is_last and len(self.result_list) == self.list_per_page

    def empty(self, request: HttpRequest) -> None:
        """Show no row, and say that the address is wrong."""
        self.is_wrong = self.has_active_filters = True
        self.queryset = self.queryset.none()
        self.get_results(request)


def column(text: Column, label: Any, *, ordering: Any = None, empty: Words = "–") -> Column:
    """A column of a list: what ``text`` gives of a row; without a label under its field's."""

    @admin.display(description=label, ordering=ordering, empty_value=str(empty))
    def shown(row: Any) -> Any:
        return text(row)

    return shown


def beside(
    label: Words,
    read: Callable[[Sequence[Any]], Any],
    text: Column = lambda found: found,
    *,
    ordering: str | None = None,
    empty: Words = "–",
) -> Column:
    """A column of what ``read`` gives by their keys of all rows of a page, by one statement or so.

    ``text`` says it in words; of a row that it gives nothing of, the column is empty.
    """

    def shown(row: Any) -> Any:
        found = row.beside.get(shown)
        return None if found is None else text(found)

    def read_all(rows: Sequence[Any]) -> None:
        found = read(rows)
        for row in rows:
            vars(row).setdefault("beside", {})[shown] = found.get(row.pk)

    made = column(shown, label, ordering=ordering, empty=empty)
    made.read_all = read_all  # type: ignore[attr-defined]
    return made


def count(label: Words, counted: Callable[[], QuerySet[Any]], by: str) -> Column:
    """How many of the ``counted`` rows point to each by the column ``by``; 0 where none does."""

    def read(rows: Sequence[Any]) -> dict[Any, int]:
        keys = [row.pk for row in rows]
        counts = counts_by(counted(), by, keys)
        return {key: counts[key] for key in keys}

    return beside(label, read)


def day(
    path: str, label: Words | None = None, *, precision: str = "", empty: Words = "–"
) -> Column:
    """A date, or the day of a time, as narrow columns of the site write it.

    ``precision`` is the column that says how exactly it is known.
    """
    read = attrgetter(path)
    known = attrgetter(precision) if precision else lambda row: ""
    return column(
        lambda row: day_text(read(row), known(row)), label, ordering=_order(path), empty=empty
    )


def day_text(value: date | datetime | None, precision: str = "") -> str | None:
    """A day, or the day of a time; nothing where there is none."""
    found = localtime(value).date() if isinstance(value, datetime) else value
    return _unbroken(known_day_text(found, precision, is_short=True)) if found else None


def moment(path: str, label: Words | None = None) -> Column:
    """The day and the minute of a time."""
    read = attrgetter(path)

    def text(row: Any) -> str | None:
        value: datetime | None = read(row)
        if value is None:
            return None
        found = localtime(value)
        told = {"first": short_day_text(found.date()), "second": date_format(found, "H:i")}
        return _unbroken(_("%(first)s, %(second)s") % told)

    return column(text, label, ordering=_order(path))


def _order(path: str) -> str:
    return path.replace(".", "__")


def narrow_day(day: date) -> str:
    """A day as narrow columns have it: not divided between lines."""
    return _unbroken(short_day_text(day))


def _unbroken(text: str) -> str:
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def yes_no(path: str, label: Words | None = None) -> Column:
    """A truth in words; of a date or a time whether there is one."""
    read = attrgetter(path)
    return column(lambda row: yes_or_no(read(row)), label, ordering=_order(path))


def yes_or_no(value: object) -> str:
    return capfirst(_("yes")) if value else capfirst(_("no"))


FICTIONAL = yes_no("is_demonstration", gettext_lazy("demonstration data"))


def label_columns(model: type[Model], columns: Iterable[Any]) -> None:
    """Give columns without a label of their own that of the field they are ordered by."""
    for each in columns:
        if callable(each) and not hasattr(each, "short_description"):
            field: Any = model._meta.get_field(each.admin_order_field)
            each.short_description = field.verbose_name
