"""What the rows are called that events speak of, and where they are shown: one statement a page."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import CharField, F, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.urls import reverse

from recommendations.models.people import PERSON_NAME, person_name

Key = tuple[str, str]
"""The label of a model, and the key of a row as events write it."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a row is called, and the address of the page that shows it; empty where none does."""

    title: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class _Naming:
    """Where rows of a model have their title, and the argument of the page that shows them."""

    title: Any
    page: str = ""
    argument: Any = "pk"


def _joined(*parts: Any) -> Concat:
    return Concat(*parts, output_field=TextField())


def _of_recommendation(page: str, argument: str = "recommendation__reference") -> _Naming:
    title = _joined("recommendation__reference", Value(" "), "recommendation__title")
    return _Naming(title, page, argument)


def _of_evidence() -> _Naming:
    return _Naming("evidence__title", "evidence-detail", "evidence")


def _of_indicator(path: str = "indicator") -> _Naming:
    title = _joined(f"{path}__code", Value(" "), f"{path}__title")
    return _Naming(title, "indicator-detail", f"{path}__code")


def _of_addressee(path: str = "") -> _Naming:
    name = Coalesce(f"{path}area__name", f"{path}organisation__name", output_field=TextField())
    return _Naming(name, "response-list", f"{path}recommendation__reference")


_OF_PERSON = person_name("person__")

_NAMINGS: Mapping[str, _Naming] = {
    "action": _Naming("title", "recommendation-actions", "recommendation__reference"),
    "addressee": _of_addressee(),
    "area": _Naming("name", "area-detail", "code"),
    "areaalias": _Naming("alias", "area-detail", "area__code"),
    "calendaraddress": _Naming(_OF_PERSON),
    "comment": _Naming(
        Coalesce("recommendation__title", "update__recommendation__title"),
        "recommendation-comments",
        Coalesce("recommendation__reference", "update__recommendation__reference"),
    ),
    "deputy": _Naming(_OF_PERSON),
    "evidence": _Naming("title", "evidence-detail"),
    "evidencechange": _Naming("evidence__title", "evidence-change"),
    "evidencecheck": _of_evidence(),
    "evidencelink": _of_evidence(),
    "evidencerevision": _of_evidence(),
    "groupmembership": _Naming("member__name", "area-detail", "group__code"),
    "importrun": _Naming("file_name", "indicator-detail", "indicator__code"),
    "indicator": _Naming(_joined("code", Value(" "), "title"), "indicator-detail", "code"),
    "indicatorlink": _of_indicator(),
    "invitation": _Naming("email"),
    "notificationsettings": _Naming(_OF_PERSON),
    "observation": _of_indicator(),
    "observationconfirmation": _of_indicator("observation__indicator"),
    "openingbatch": _Naming("file_name", "opening-batch", "pk"),
    "openingrow": _of_recommendation("recommendation-detail"),
    "organisation": _Naming("name"),
    "part": _Naming(
        _joined("recommendation__reference", Value(" ("), "label", Value(")")),
        "recommendation-detail",
        "recommendation__reference",
    ),
    "partcompletion": _Naming(
        _joined("part__recommendation__reference", Value(" ("), "part__label", Value(")")),
        "update-detail",
        "update",
    ),
    "recommendation": _Naming(
        _joined("reference", Value(" "), "title"), "recommendation-detail", "reference"
    ),
    "recommendationrelation": _of_recommendation("recommendation-detail"),
    "reportedstatus": _of_recommendation("recommendation-reported"),
    "reportinground": _Naming("name", "round-detail"),
    "request": _of_recommendation("recommendation-detail"),
    "response": _of_addressee("addressee__"),
    "roundextension": _Naming(
        _joined("round__name", Value(", "), "organisation__name"), "round-detail", "round"
    ),
    "roundreminder": _Naming("round__name", "round-detail", "round"),
    "savedview": _Naming("name"),
    "signoff": _Naming(
        Coalesce("source__short_title", "recommendation__reference", output_field=TextField()),
        "sign-off",
    ),
    "source": _Naming("short_title", "source-detail", "slug"),
    "statusupdate": _of_recommendation("update-detail", "pk"),
    "target": _of_indicator(),
    "targetdatechange": _of_recommendation("recommendation-dates"),
    "theme": _Naming("name"),
    "user": _Naming(PERSON_NAME),
    "watch": _Naming(_OF_PERSON),
}


def names_of(wanted: Iterable[Key]) -> dict[Key, Named]:
    """What these rows are called, for readers of drafts; left out is what has no name of its own.

    One statement, however many rows of however many models.
    """
    keys: dict[str, set[Any]] = defaultdict(set)
    for label, key in wanted:
        name = label.removeprefix("recommendations.")
        if name in _NAMINGS and (pk := _key_of(name, key)) is not None:
            keys[name].add(pk)
    if not keys:
        return {}
    first, *others = (_rows(name, pks) for name, pks in sorted(keys.items()))
    found = first.union(*others, all=True) if others else first
    named = {}
    for name, key, title, argument in found:
        page = _NAMINGS[name].page
        url = reverse(page, args=[argument]) if page and argument else ""
        named[f"recommendations.{name}", key] = Named(title, url)
    return named


def _key_of(name: str, key: str) -> Any:
    """A key as its column has it; ``None`` where no row can have it."""
    try:
        return apps.get_model("recommendations", name)._meta.pk.to_python(key)
    except ValidationError:
        return None


def _rows(name: str, keys: set[Any]) -> QuerySet[Any, Any]:
    """Kind, key, title and argument of the page, of rows of one model."""
    naming = _NAMINGS[name]
    title = F(naming.title) if isinstance(naming.title, str) else naming.title
    model = apps.get_model("recommendations", name)
    rows: QuerySet[Any] = model._base_manager.filter(pk__in=keys)
    return rows.order_by().values_list(
        Value(name, output_field=CharField()),
        Cast("pk", CharField()),
        Cast(title, TextField()),
        Cast(naming.argument, CharField()),
    )
