"""Fields that choose one row of a table, however many rows it has."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, TextField, Value, When, Window
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Concat, RowNumber
from django.forms.models import ModelChoiceIterator
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.audiences import Audience, audience
from recommendations.characters import parse_int
from recommendations.choices import AreaKind, Role
from recommendations.fixed import fixed
from recommendations.models import (
    Addressee,
    Area,
    Indicator,
    Observation,
    Organisation,
    Recommendation,
    Source,
    StatusUpdate,
    Theme,
    User,
    people_in,
)
from recommendations.models.people import PERSON_NAME
from recommendations.names import NAMED_IN
from recommendations.permissions import Person
from recommendations.queries.bulk_changes import bodies_on
from recommendations.queries.cache import audience_of, cached, version_for
from recommendations.search.queries import holding

# ---- Rows that fields choose among: which ones a person may choose, and how they are looked for.
# A field and the address that its words are sent to ask the same ``Picker``, so that neither offers
# what the other refuses.

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
            rows = rows.filter(holding(word, self.over))
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
        lambda: _by_part(
            _offered(audience(person), get_language(), timezone.localdate(), *pickers), len(pickers)
        ),
        audience="inside" if permissions.can_read_internally(person) else "public",
        version=version_for(person).hash,
    )


def first_options(asked: Iterable[Asked], most: int = MOST_OPTIONS + 1) -> list[list[Option]]:
    """Of each its options, or enough to tell that they are too many; one statement for all."""
    parts = [picker.numbered(rows, n, most) for n, (picker, rows) in enumerate(asked)]
    return _by_part(_together(parts), len(parts))


@fixed
def _offered(
    reader: Audience, _language: str | None, _today: date, *pickers: Picker
) -> QuerySet[Any]:
    """Rows of kinds without a scope, as they are read in a language on a day."""
    rows = (picker.rows(reader, {}) for picker in pickers)
    asked = enumerate(zip(pickers, rows, strict=True))
    return _together([picker.numbered(found, n, MOST_OPTIONS + 1) for n, (picker, found) in asked])


def _together(parts: Sequence[QuerySet[Any]]) -> QuerySet[Any]:
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]


def _by_part(rows: Iterable[Any], parts: int) -> list[list[Option]]:
    options: list[list[Option]] = [[] for _part in range(parts)]
    for part, _place, value, label in sorted(rows):
        options[part].append((value, label))
    return options


# ---- Every kind of rows that a field chooses among, and who may choose


def _joined(*parts: Any) -> Any:
    return Concat(*parts, output_field=TextField())


_PERSON: dict[str, Any] = {
    "label": PERSON_NAME,
    "over": ("first_name", "last_name", "username"),
}
_BODY: dict[str, Any] = {"label": "name", "over": ("name", "slug")}
_PLACE = ("name", "code", *(f"name_{language}" for language in NAMED_IN))
_SOURCE: dict[str, Any] = {
    "label": "short_title",
    "over": ("short_title", "title"),
    "key": "slug",
}


def _of(model: Any, rows: Any, column: str) -> QuerySet[Any]:
    """Rows of a model to which one of these leads."""
    leading = rows.order_by().filter(**{column: OuterRef("pk")})
    found: QuerySet[Any] = model.objects.filter(Exists(leading))
    return found


def _sources_shown(person: Person, scope: Scope) -> QuerySet[Any]:
    """Sources of what the reader may see: the name of any other is not theirs to know."""
    return _of(Source, Recommendation.objects.visible_to(person), "source")


def _successors(person: Person, scope: Scope) -> QuerySet[Recommendation]:
    """What may take the place of the recommendation ``of``: every other."""
    shown = Recommendation.objects.visible_to(person).order_by("reference", "pk")
    return shown.exclude(reference=scope.get("of", ""))


def possible_authors(update: StatusUpdate) -> QuerySet[User]:
    """Active people who may log on the recommendation of an update, its author apart."""
    recommendation = update.recommendation
    in_role = User.groups.through.objects.filter(user=OuterRef("pk"))
    is_near = Q(organisation__in=recommendation.organisation_ids()) | Q(
        pk=recommendation.lead_officer_id
    )
    may_log = Exists(in_role.filter(group__name=Role.MANAGER)) | (
        Exists(in_role.filter(group__name=Role.STAFF)) & is_near
    )
    return people_in().filter(may_log).exclude(pk=update.author_id)


def _authors(person: Person, scope: Scope) -> QuerySet[User]:
    """Who may go on with the draft ``update``, for whom may give it away."""
    updates = StatusUpdate.objects.visible_to(person).select_related("recommendation")
    update = updates.filter(pk=_number(scope.get("update", ""))).first()
    if update is None or not permissions.can_hand_over(person, update):
        return User.objects.none()
    return possible_authors(update)


def areas_to_measure(indicator_id: int) -> QuerySet[Any]:
    """All areas, those first that an indicator has values of."""
    own = Observation.objects.standing().filter(indicator=indicator_id, area=OuterRef("pk"))
    areas: QuerySet[Any] = Area.objects.localised().annotate(is_used=Exists(own))
    return areas.order_by("-is_used", "shown_name", "pk")


def _single_areas(person: Person, scope: Scope) -> QuerySet[Area]:
    """What a file can be about: countries first, and not all areas at once."""
    single = Area.objects.exclude(kind=AreaKind.ALL)
    is_country = Case(When(kind=AreaKind.COUNTRY, then=0), default=1)
    return single.order_by(is_country, "name", "pk")


def _living_addressees(person: Person, scope: Scope) -> QuerySet[Addressee]:
    """Those of the recommendation ``of``."""
    shown = Recommendation.objects.visible_to(person).filter(reference=scope.get("of", ""))
    return Addressee.objects.living().filter(recommendation__in=shown.order_by().values("pk"))


def respondents() -> QuerySet[Addressee]:
    """Addressees of all that is followed, by its reference."""
    followed = Addressee.objects.living().filter(recommendation__archived_at__isnull=True)
    return followed.order_by("recommendation__source", "recommendation__number", "pk")


def _active_people(person: Person, scope: Scope) -> QuerySet[User]:
    """Everybody with an account but the one that it is about."""
    return people_in().exclude(pk=_number(scope.get("but", "")))


def _heirs(person: Person, scope: Scope) -> QuerySet[User]:
    """Who may log updates, and so may take over work, but the one whose work it is."""
    return people_in(Role.STAFF, Role.MANAGER).exclude(pk=_number(scope.get("but", "")))


def _number(text: str) -> int:
    """A key, or 0, which none is."""
    return parse_int(text) or 0


_ADDRESSEE: dict[str, Any] = {
    "label": Coalesce("area__name", "organisation__name", output_field=TextField()),
    "over": ("area__name", "area__code", "organisation__name"),
}

SOURCES = Picker("sources", _sources_shown, open_to=permissions.is_reader, **_SOURCE)
_THEME: dict[str, Any] = {"label": "name", "over": ("name", "description")}
THEMES = Picker(
    "themes",
    lambda person, scope: _of(Theme, Recommendation.themes.through.objects, "theme"),
    **_THEME,
)
EVER_THEMES = Picker("ever-themes", lambda person, scope: Theme.objects.all(), **_THEME)
"""For past days: whatever has a theme now or not."""
LEADS = Picker(
    "leads", lambda person, scope: _of(Organisation, Recommendation.objects, "lead"), **_BODY
)
EVER_LEADS = Picker("ever-leads", lambda person, scope: Organisation.objects.all(), **_BODY)
"""For past days: whoever led something then, whether they lead anything now or not."""
OFFICERS = Picker(
    "officers", lambda person, scope: _of(User, Recommendation.objects, "lead_officer"), **_PERSON
)
PLACES = Picker(
    "places",
    lambda person, scope: _of(Area, Addressee.objects, "area"),
    label="name",
    over=_PLACE,
    key="code",
)
BODIES = Picker(
    "bodies",
    lambda person, scope: _of(Organisation, Addressee.objects, "organisation"),
    key="slug",
    **_BODY,
)
ACTORS = Picker(
    "actors", lambda person, scope: User.objects.all(), open_to=permissions.can_read_log, **_PERSON
)
SUCCESSORS = Picker(
    "successors",
    _successors,
    label=_joined("reference", Value(" "), "title"),
    over=("reference", "title"),
    open_to=permissions.can_write,
)
OTHERS = replace(SUCCESSORS, name="others", open_to=permissions.can_change_recommendations)
AUTHORS = Picker("authors", _authors, open_to=permissions.can_write, **_PERSON)
AREAS = Picker(
    "areas",
    lambda person, scope: areas_to_measure(_number(scope.get("indicator", ""))),
    label=_joined("shown_name", Value(" ("), "code", Value(")")),
    over=_PLACE,
)
FILE_AREAS = Picker(
    "file-areas",
    _single_areas,
    label=_joined("name", Value(" ("), "code", Value(")")),
    over=_PLACE,
    key="code",
)
ADDRESSEES = Picker("addressees", _living_addressees, open_to=permissions.can_write, **_ADDRESSEE)
ALL_SOURCES = Picker(
    "all-sources",
    lambda person, scope: Source.objects.all(),
    open_to=permissions.can_import,
    **_SOURCE,
)
RESPONDENTS = Picker(
    "respondents",
    lambda person, scope: respondents(),
    label=_joined("recommendation__reference", Value(": "), _ADDRESSEE["label"]),
    over=("recommendation__reference", *_ADDRESSEE["over"]),
    open_to=permissions.can_change_recommendations,
)
PEOPLE = Picker("people", _active_people, open_to=permissions.can_hand_over_all, **_PERSON)
HEIRS = Picker("heirs", _heirs, open_to=permissions.can_hand_over_all, **_PERSON)
DEPUTIES = Picker(
    "deputies",
    lambda person, scope: people_in(Role.STAFF, Role.MANAGER),
    open_to=permissions.can_name_deputies,
    **_PERSON,
)
NEW_LEADS = Picker(
    "new-leads",
    lambda person, scope: bodies_on(timezone.localdate()),
    open_to=permissions.can_change_many,
    **_BODY,
)
NEW_OFFICERS = replace(DEPUTIES, name="new-officers", open_to=permissions.can_change_many)
NEW_REVIEWERS = Picker(
    "new-reviewers",
    lambda person, scope: people_in(Role.MANAGER),
    open_to=permissions.can_change_many,
    **_PERSON,
)
ALL_THEMES = Picker(
    "all-themes",
    lambda person, scope: Theme.objects.all(),
    open_to=permissions.can_change_many,
    **_THEME,
)
ORGANISATIONS = Picker(
    "organisations",
    lambda person, scope: Organisation.objects.exclude(pk=_number(scope.get("but", ""))),
    open_to=permissions.can_administer,
    **_BODY,
)


def first_successors(person: Person, recommendation: Recommendation) -> list[Option]:
    """The options of ``SUCCESSORS``, or enough to tell that they are too many for a select.

    Read once for each event of the record, whichever recommendation they are for.
    """
    every = cached(
        "successors",
        lambda: first_options([(SUCCESSORS, _successors(person, {}))], MOST_OPTIONS + 2)[0],
        audience=audience_of(person),
        version=version_for(person).hash,
    )
    return [option for option in every if option[0] != str(recommendation.pk)]


PICKERS = {each.name: each for each in tuple(globals().values()) if isinstance(each, Picker)}
"""All of the above, by their names in addresses."""


INDICATORS = Picker(
    "indicators",
    lambda person, scope: Indicator.objects.all(),
    label=_joined("code", Value(" "), "title"),
    over=("code", "title"),
    open_to=permissions.can_manage,
)
"""For filters of lists in the administration alone: no address gives them."""


# ---- The field of a form that chooses one row, and how it is drawn.
# Of at most ``MOST_OPTIONS`` rows it is a select like any other. Of more it is a box for words, a
# button that looks for them, and a select of what is chosen and what was found; a script makes one
# box with a list out of these. No statement and no page grows with the table.

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
