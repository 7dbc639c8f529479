"""Rows that fields choose among: which ones a person may choose, and how they are looked for.

A field and the address that its words are sent to ask the same ``Picker``, so that neither offers
what the other refuses.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet, TextField, Value, Window
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, RowNumber

from recommendations import permissions
from recommendations.permissions import Person
from recommendations.queries.cache import cached
from recommendations.queries.version import version_for

MOST_OPTIONS = 100
"""Rows that a select lists; where there are more, they are looked for."""
MOST_FOUND = 20
LONGEST_WORDS = 200

Scope = Mapping[str, str]
"""What else the rows depend on, as an address carries it."""
Option = tuple[str, str]
"""The value of a row in a form, and its label."""


@dataclass(frozen=True)
class Picker:
    """Rows of one kind. Its ``name`` is part of an address.

    ``rows`` gives those that a person may choose, in their order; nobody chooses any who is not
    ``open_to`` them. ``label`` is what the row is called, as ``str`` of it is; ``key`` the column
    of the value.
    """

    name: str
    rows: Callable[[Person, Scope], QuerySet[Any]]
    label: str | Combinable
    over: tuple[str, ...]
    open_to: Callable[[Person], bool] = permissions.can_read_internally
    key: str = "pk"

    def find(self, rows: QuerySet[Any], words: str) -> list[Option]:
        """The first of those that hold all these words, one more than are shown."""
        return self.options(self.holding(rows, words)[: MOST_FOUND + 1])

    def holding(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Those that hold all these words."""
        for word in words.replace("\0", " ").split():
            held = Q()
            for column in self.over:
                held |= Q(**{f"{column}__icontains": word})
            rows = rows.filter(held)
        return rows

    def options(self, rows: QuerySet[Any]) -> list[Option]:
        found = rows.annotate(picked_label=self._label).values_list(self.key, "picked_label")
        return [(str(value), label) for value, label in found]

    def numbered(self, rows: QuerySet[Any], part: int, most: int) -> QuerySet[Any]:
        """So many of these rows, all of them in their order where there are no more."""
        some = rows.order_by().values("pk")[:most]
        order: Any = rows.query.order_by or rows.model._meta.ordering
        numbered: QuerySet[Any] = (
            rows.model._base_manager.filter(pk__in=some)
            .order_by()
            .annotate(
                part=Value(part),
                place=Window(RowNumber(), order_by=list(order)),
                value=Cast(self.key, TextField()),
                picked_label=Cast(self._label, TextField()),
            )
            .values_list("part", "place", "value", "picked_label")
        )
        return numbered

    @property
    def _label(self) -> Any:
        return F(self.label) if isinstance(self.label, str) else self.label


Asked = tuple[Picker, QuerySet[Any]]


def kept_options(person: Person, pickers: Sequence[Picker]) -> list[list[Option]]:
    """``first_options`` of kinds without a scope, kept until something is recorded."""
    return cached(
        "options " + " ".join(picker.name for picker in pickers),
        lambda: first_options((picker, picker.rows(person, {})) for picker in pickers),
        audience="inside" if permissions.can_read_internally(person) else "public",
        version=version_for(person).hash,
    )


def first_options(asked: Iterable[Asked], most: int = MOST_OPTIONS + 1) -> list[list[Option]]:
    """Of each its options, or enough to tell that they are too many; one statement for all."""
    parts = [picker.numbered(rows, n, most) for n, (picker, rows) in enumerate(asked)]
    options: list[list[Option]] = [[] for _part in parts]
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    for part, _place, value, label in sorted(rows):
        options[part].append((value, label))
    return options
