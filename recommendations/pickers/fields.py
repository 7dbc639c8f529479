"""The field of a form that chooses one row, and how it is drawn.

Of at most ``MOST_OPTIONS`` rows it is a select like any other. Of more it is a box for words, a
button that looks for them, and a select of what is chosen and what was found; a script makes one
box with a list out of these. No statement and no page grows with the table.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.permissions import Person
from recommendations.pickers.rows import (
    LONGEST_WORDS,
    MOST_FOUND,
    MOST_OPTIONS,
    Option,
    Picker,
    first_options,
    kept_options,
)

First = Callable[[], list[Option]]

FIND = "find"
"""The name of the button that looks for words; its value is the name of the field."""


def found_text(count: int) -> str:
    """How many were found, for people; more than ``MOST_FOUND`` are the first of more."""
    if count > MOST_FOUND:
        return _("The first %d results are shown. Type more to narrow the search.") % MOST_FOUND
    if not count:
        return _("No results.")
    return ngettext("%d result.", "%d results.", count) % count


class RowIterator(ModelChoiceIterator):  # type: ignore[type-arg]
    """The options of a ``RowField``: all rows, or of many those that were found and chosen."""

    field: "RowField"

    def __init__(self, field: "RowField") -> None:
        super().__init__(field)
        self.read_with: Sequence[RowIterator] = [self]
        self.reader: Person | None = None
        self.read_first: First | None = None

    @cached_property
    def first(self) -> list[Option]:
        """All options, or one more than a select lists; read once they are drawn."""
        if self.read_first:
            return self.read_first()
        if self.reader:
            read = kept_options(self.reader, [rows.field.picker for rows in self.read_with])
        else:
            read = first_options((rows.field.picker, rows.queryset) for rows in self.read_with)
        for rows, options in zip(self.read_with, read, strict=True):
            vars(rows)["first"] = options
        return self.first

    @property
    def is_many(self) -> bool:
        return len(self.first) > MOST_OPTIONS

    def __len__(self) -> int:
        """Asked for where a list is made of it; the one above would count the table."""
        return (self.field.empty_label is not None) + (0 if self.is_many else len(self.first))

    @cached_property
    def found(self) -> list[Option]:
        """What the words of the form hold that was sent; one more than is shown."""
        words = self.field.widget.words
        return self.field.picker.find(self.queryset, words) if words else []

    def chosen(self, value: str) -> list[Option]:
        """The row that is chosen, if there is such a one."""
        picker = self.field.picker
        try:
            return picker.options(self.queryset.filter(**{picker.key: value}))
        except (ValueError, TypeError):
            return []

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        yield from [] if self.is_many else self.first


class _Searched(forms.Select):
    """A select below a box for words; ``words`` are those of the form that was sent."""

    words = ""
    is_asked = False
    choices: Any

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        self.words = str(data.get(f"{name}-words", ""))[:LONGEST_WORDS].strip()
        self.is_asked = data.get(FIND) == name
        return super().value_from_datadict(data, files, name)

    def draw(
        self, name: str, attrs: Mapping[str, Any], select: str, found: int, **context: Any
    ) -> SafeString:
        context |= {
            "name": name,
            "id": attrs.get("id", name),
            "form_id": self.attrs.get("form", ""),
            "words": self.words,
            "most": LONGEST_WORDS,
            "told": found_text(found) if self.words else "",
            "select": select,
        }
        return SafeString(render_to_string("components/picker.html", context))


class RowSelect(_Searched):
    """Draws a ``RowField``."""

    def is_finding(self, value: object) -> bool:
        """Whether words are looked for, so that nothing is chosen yet."""
        is_sought = bool(self.words) and (self.is_asked or not value)
        return is_sought and isinstance(self.choices, RowIterator) and self.choices.is_many

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        rows = self.choices
        if not isinstance(rows, RowIterator) or not rows.is_many:
            return super().render(name, value, attrs, renderer)
        attrs, value = attrs or {}, str(value or "")
        found = [option for option in rows.found[:MOST_FOUND] if option[0] != value]
        options = [*rows, *(rows.chosen(value) if value else []), *found]
        select = forms.Select({**self.attrs, **attrs}, options).render(name, value, {}, renderer)
        field = rows.field
        return self.draw(
            name, attrs, select, len(rows.found), label=field.label, address=field.address
        )


class ListSelect(_Searched):
    """Draws a choice of a list that its page reads anyway: of many what is chosen and found.

    It has no script: the form is sent, and comes back with what was found.
    """

    def __init__(self, *args: Any, label: str | Promise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label = label

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        every = self.choices = list(self.choices)
        if len(every) <= MOST_OPTIONS:
            return super().render(name, value, attrs, renderer)
        chosen = {str(one) for one in (value if isinstance(value, list | tuple) else [value])}
        kept = [option for option in every if str(option[0]) in {"", *chosen}]
        words = self.words.casefold().split()
        others = (option for option in every if option not in kept)
        held = (one for one in others if all(word in str(one[1]).casefold() for word in words))
        found = list(islice(held, MOST_FOUND + 1))
        self.choices = [*kept, *found[:MOST_FOUND]]
        select = super().render(name, value, attrs, renderer)
        self.choices = every
        return self.draw(name, attrs or {}, select, len(found), label=self.label)


class ListSelectMultiple(ListSelect, forms.SelectMultiple):
    """The same where several can be chosen."""


class RowField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Chooses one of the rows of a ``Picker``; what is offered is given to each form.

    Where words are sent and nothing is chosen the form is not complete: what was found is shown.
    """

    widget: Any = RowSelect
    iterator = RowIterator
    refuses_words = True

    def __init__(self, queryset: Any = None, *, picker: Picker, **kwargs: Any) -> None:
        self.picker = picker
        self.scope: dict[str, Any] = {}
        kwargs.setdefault("to_field_name", None if picker.key == "pk" else picker.key)
        super().__init__(queryset, **kwargs)

    def offer(self, person: Person, *, first: First | None = None, **scope: Any) -> None:
        """Let this person choose among the rows that they may choose in this scope."""
        self.offer_rows(self.picker.rows(person, scope), first=first, **scope)

    def offer_rows(self, rows: QuerySet[Any], *, first: First | None = None, **scope: Any) -> None:
        """Let these be chosen, which are those of the picker in this scope.

        ``first`` gives all of its options, or more than a select lists, where they are known.
        """
        self.queryset = rows
        self.scope = scope
        self.widget.choices.read_first = first

    @property
    def address(self) -> str:
        """Where words are sent to while they are typed."""
        address = reverse("pick", args=[self.picker.name])
        return f"{address}?{urlencode(self.scope)}" if self.scope else address

    def clean(self, value: Any) -> Any:
        if self.refuses_words and self.widget.is_finding(value):
            raise ValidationError(self._finding_text(), code=FIND)
        return super().clean(value)

    def _finding_text(self) -> str:
        count = len(self.widget.choices.found)
        told = found_text(count)
        return _("%s Choose an option from the list.") % told if count else told


def read_together(fields: Iterable[forms.Field], reader: Person) -> None:
    """Let all that a filter offers this reader be read by one statement, and kept."""
    every = [field.widget.choices for field in fields if isinstance(field, RowField)]
    for rows in every:
        rows.read_with, rows.reader = every, reader
