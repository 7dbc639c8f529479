"""Every kind of rows that a field chooses among, and who may choose."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Coalesce, Concat
from django.utils import timezone

from recommendations import permissions
from recommendations.choices import AreaKind, Role
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
)
from recommendations.models.fields import parse_int
from recommendations.models.people import PERSON_NAME
from recommendations.names import NAMED_IN
from recommendations.permissions import Person
from recommendations.pickers.rows import MOST_OPTIONS, Option, Picker, Scope, first_options
from recommendations.queries.bulk_changes import bodies_on, people_in
from recommendations.queries.cache import audience_of, cached
from recommendations.queries.version import version_for


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
    people = User.objects.filter(may_log, is_active=True).exclude(pk=update.author_id)
    return people.order_by("last_name", "first_name", "username", "pk")


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


def _areas(person: Person, scope: Scope) -> QuerySet[Any]:
    return areas_to_measure(_number(scope.get("indicator", "")))


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
    people = User.objects.filter(is_active=True).exclude(pk=_number(scope.get("but", "")))
    return people.order_by("last_name", "first_name", "username", "pk")


def _possible_leads(person: Person, scope: Scope) -> QuerySet[Organisation]:
    return bodies_on(timezone.localdate())


def _possible_officers(person: Person, scope: Scope) -> QuerySet[User]:
    return people_in(Role.STAFF, Role.MANAGER)


def _heirs(person: Person, scope: Scope) -> QuerySet[User]:
    """Who may log updates, and so may take over work, but the one whose work it is."""
    return people_in(Role.STAFF, Role.MANAGER).exclude(pk=_number(scope.get("but", "")))


def _possible_reviewers(person: Person, scope: Scope) -> QuerySet[User]:
    return people_in(Role.MANAGER)


def _other_bodies(person: Person, scope: Scope) -> QuerySet[Organisation]:
    return Organisation.objects.exclude(pk=_number(scope.get("but", "")))


def _number(text: str) -> int:
    """A key, or 0, which none is."""
    return parse_int(text) or 0


def _reads_public_pages(person: Person) -> bool:
    return settings.PUBLIC_PAGES or permissions.can_read_internally(person)


_ADDRESSEE: dict[str, Any] = {
    "label": Coalesce("area__name", "organisation__name", output_field=TextField()),
    "over": ("area__name", "area__code", "organisation__name"),
}

SOURCES = Picker("sources", _sources_shown, open_to=_reads_public_pages, **_SOURCE)
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
    _areas,
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
DEPUTIES = Picker("deputies", _possible_officers, open_to=permissions.can_name_deputies, **_PERSON)
NEW_LEADS = Picker("new-leads", _possible_leads, open_to=permissions.can_change_many, **_BODY)
NEW_OFFICERS = replace(DEPUTIES, name="new-officers", open_to=permissions.can_change_many)
NEW_REVIEWERS = Picker(
    "new-reviewers", _possible_reviewers, open_to=permissions.can_change_many, **_PERSON
)
ALL_THEMES = Picker(
    "all-themes",
    lambda person, scope: Theme.objects.all(),
    open_to=permissions.can_change_many,
    **_THEME,
)
ORGANISATIONS = Picker("organisations", _other_bodies, open_to=permissions.can_administer, **_BODY)


INDICATORS = Picker(
    "indicators",
    lambda person, scope: Indicator.objects.all(),
    label=_joined("code", Value(" "), "title"),
    over=("code", "title"),
    open_to=permissions.can_manage,
)
"""For filters of lists in the administration alone: no address gives them."""


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


PICKERS = {
    picker.name: picker
    for picker in (
        *(
            SOURCES,
            THEMES,
            LEADS,
            EVER_LEADS,
            EVER_THEMES,
            OFFICERS,
            DEPUTIES,
            PLACES,
            BODIES,
            ACTORS,
            SUCCESSORS,
            AUTHORS,
            AREAS,
            FILE_AREAS,
            ADDRESSEES,
        ),
        *(ALL_SOURCES, OTHERS, RESPONDENTS, PEOPLE, HEIRS, ORGANISATIONS),
        *(NEW_LEADS, NEW_OFFICERS, NEW_REVIEWERS, ALL_THEMES),
    )
}
"""All of them, by their names in addresses."""
