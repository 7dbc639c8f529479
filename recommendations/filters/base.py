"""What every filter form shares."""

import copy
from datetime import date
from typing import Any, NamedTuple

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.models.fields import validate_readable
from recommendations.pickers import FIND, Picker, RowField, kept_options, read_together
from recommendations.queries.cache import version_for
from recommendations.queries.dates import day_text
from recommendations.search.queries import holding

LONGEST_TEXT = 200


class _Shallow(dict[str, Any]):
    """A dict that Django copies as deeply as it needs to, and no deeper."""

    def __deepcopy__(self, memo: object) -> dict[str, Any]:
        return {name: self.copied(entry) for name, entry in self.items()}

    def copied(self, entry: Any) -> Any:
        return entry


class _Filters(_Shallow):
    """The filters of a class: their choices and querysets are shared, nothing changes these."""

    def copied(self, entry: Any) -> Any:
        found = copy.copy(entry)
        found.extra = dict(entry.extra)
        found.method = entry.method  # which is bound to the one filter
        return found


class Tag(NamedTuple):
    """One thing that a list is narrowed by, in words; ``query`` asks for the rest alone."""

    name: str
    text: str
    query: str


class ListFilter(django_filters.FilterSet):
    """What all filters of lists are: made for each request, so made cheaply.

    Left to themselves Django and django-filter copy every choice of every field, three times.
    """

    WORDS = "text"
    """The name of the field of words, which stands beside all others."""

    NOT_TOLD: tuple[str, ...] = ("sort",)
    """Fields that narrow nothing."""

    @property
    def most_counted(self) -> int | None:
        """Where counting what was found stops, if before the cap of all lists."""
        return None

    def ordered(self, found: QuerySet[Any], count: int) -> QuerySet[Any]:
        """What was found in the order in which it is shown; ``count`` is how much that is."""
        return found

    @classmethod
    def get_filters(cls) -> Any:
        return _Filters(super().get_filters())

    def get_form_class(self) -> Any:
        """The form of this filter alone, which needs no copy of the fields that it was given."""
        form_class = super().get_form_class()
        if self.request is not None:
            read_together(form_class.base_fields.values(), self.request.user)
        form_class.base_fields = _Shallow(form_class.base_fields)
        return form_class

    filters: dict[str, django_filters.Filter]

    def leave_unasked(self) -> None:
        """Forget the fields of which nothing is asked: they filter nothing, and cost most.

        The form is then good for what was found and for what is wrong, not for being drawn whole;
        words have a field of their own beside it, so it keeps that.
        """
        self.filters = {
            name: entry
            for name, entry in self.filters.items()
            if name == self.WORDS or name in self.data
        }

    @property
    def drawn_from(self) -> str:
        """All that its fields show, but for words: what is asked, and what is offered.

        Where a row is chosen or looked for, what it is called counts too: then the record does.
        """
        person = self.request.user
        rows = {n: each for n, each in self.filters.items() if isinstance(each, RowFilter)}
        finding = [FIND, *(part for name in rows for part in (name, f"{name}-words"))]
        names = [name for name in (*finding, *self.filters) if name != self.WORDS]
        asked = [(name, self.data.getlist(name)) for name in names if name in self.data]
        options = kept_options(person, [each.picker for each in rows.values()]) if rows else ()
        version = version_for(person).hash if any(n in self.data for n in finding) else ""
        audience = permissions.can_read_internally(person)
        path = self.request.path  # which its link to clear it leads to
        return repr((type(self).__name__, path, asked, options, audience, version))

    @property
    def asked(self) -> list[tuple[str, str]]:
        """All that is asked of it, order and words too, each once: what its address needs."""
        return [
            (name, value)
            for name in self.filters
            for value in dict.fromkeys(self.data.getlist(name))
            if value
        ]

    @property
    def tags(self) -> list[Tag]:
        """Each value that a valid filter narrows by; an order narrows nothing."""
        asked = self.asked
        return [
            Tag(
                name,
                self._told(name, value),
                urlencode([each for each in asked if each != (name, value)]),
            )
            for name, value in asked
            if name not in self.NOT_TOLD
        ]

    @property
    def clear(self) -> str:
        """The address of the whole list."""
        return str(self.request.path)

    def _told(self, name: str, value: str) -> str:
        """One value with the label of its field, as the form shows both."""
        field, found = self.form.fields[name], self.form.cleaned_data[name]
        if not isinstance(field, RowField):
            found = dict(getattr(field, "choices", ())).get(value, found)
        shown = day_text(found) if isinstance(found, date) else found
        return _("%(label)s: %(value)s") % {"label": field.label, "value": shown}

    @property
    def is_finding(self) -> bool:
        """Whether the reader looks for rows to filter by, so that the form has to be seen."""
        self.is_valid()  # which tells the widgets what was sent
        widgets = [field.widget for field in self.form.fields.values()]
        return any(getattr(widget, "words", "") for widget in widgets)


class RowFilterField(RowField):
    """Words that are looked for are no mistake in a filter: nothing is filtered by them."""

    refuses_words = False


class RowFilter(django_filters.ModelChoiceFilter):
    """One row of those that a ``Picker`` lets the reader choose."""

    field_class = RowFilterField

    def __init__(self, picker: Picker, **kwargs: Any) -> None:
        def rows(request: HttpRequest) -> QuerySet[Any]:
            return picker.rows(request.user, {})

        super().__init__(queryset=rows, picker=picker, **kwargs)
        self.picker = picker


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
    """Words, each of which must be found in one of ``over``, as one or as many in any case.

    ``hint`` says in the empty field where they are looked for.
    """

    def __init__(
        self, *args: Any, over: tuple[str, ...], hint: str | Promise = "", **kwargs: Any
    ) -> None:
        kwargs["widget"] = forms.TextInput(attrs={"type": "search", "placeholder": hint})
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
        return holding(word, self.over)
