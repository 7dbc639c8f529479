"""What rows hold, field by field, and which tables and columns the record keeps track of."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any

from django.db import models

from recommendations.audit.payload import FreeText, plain

Snapshot = dict[str, Any]

RECORD = frozenset(
    f"recommendations.{name}" for name in ("auditevent", "auditrow", "audittext", "chainhead")
)
"""Tables of the record itself."""

LOGS = frozenset(
    f"recommendations.{name}"
    for name in ("mailfailure", "outgoingmail", "reminder", "resetrequest", "verification")
)
"""Tables of the machinery, which tell nothing that anybody decided; migrations know the first."""

STAGED = frozenset(
    f"recommendations.{name}"
    for name in ("draftentries", "stagedfigure", "stagedimport", "stagedtext")
)
"""Tables of imports and forms under way: nothing in them counts until it is written elsewhere."""

KEPT = frozenset(
    f"recommendations.{name}"
    for name in ("readmodel", "recommendationstate", "searchdocument", "sourcestamp")
)
"""Tables of what follows from other rows, for quick lists: verification compares them whole."""

UNTRACKED = RECORD | LOGS | STAGED | KEPT

DERIVED: Mapping[str, frozenset[str]] = {
    "recommendations.evidence": frozenset({"last_revision"}),
    "recommendations.indicator": frozenset({"movement"}),
    "recommendations.recommendation": frozenset(
        {"current_update", "next_due_on", "rating_valid_until"}
    ),
    "recommendations.source": frozenset({"last_number"}),
}
"""Columns that follow from other rows: these are recorded, and the columns worked out again."""

EXEMPT: Mapping[str, str] = {
    "version": "tells a stale form from a fresh one and nothing else; every change raises it",
    "updated_at": "when a row was changed last; the record has the times of all its changes",
    "last_login": "Django notes each sign-in here; nothing is decided by it",
    "signed_content": "its SHA-256 is recorded beside it; verification compares both",
    "compared_at": "the check of files notes itself here; what it finds is recorded",
    "id": "in a table of links alone: nothing refers to the number of a link, only to its ends",
}
"""Columns of tracked tables that neither are recorded nor follow from what is, and why."""

SECRET = frozenset({"password", "token_digest", "token_salt"})
"""Columns of which the SHA-256 is recorded in place of the value."""

NAMED: Mapping[str, str] = {"auth.group": "name", "auth.permission": "codename"}
"""Tables outside the record that links lead to: what a row is called stands for its number."""

# One step from a row to what names its recommendation.
_STEPS = {"update": "update", "response": "response__addressee", "addressee": "addressee"}


def tracked_models(apps: Any) -> list[type[models.Model]]:
    """Models whose rows the record keeps track of, in the order of their labels.

    ``apps`` is the registry, or the models as a migration knows them.
    """
    found = apps.get_app_config("recommendations").get_models()
    return sorted(
        (model for model in found if model._meta.label_lower not in UNTRACKED),
        key=lambda model: str(model._meta.label_lower),
    )


def recorded_fields(model: type[models.Model]) -> list[Any]:
    """The fields of a tracked model that events tell of: all but derived and exempt ones."""
    left_out = DERIVED.get(model._meta.label_lower, frozenset()) | EXEMPT.keys()
    columns = (field for field in model._meta.concrete_fields if not field.primary_key)
    return [
        *(field for field in columns if field.name not in left_out),
        *model._meta.many_to_many,
    ]


def untold(field: Any) -> list[Any]:
    """What a field may hold that the record tells nothing of, in a row that it knows.

    Nothing, or its default: the migration that added it gave that to every row there was.
    """
    if field.many_to_many:
        return [[]]
    if field.has_default() and callable(field.default) and field.default not in (dict, list):
        return [None]  # made anew for each row
    return [None, plain(field.get_default())]


def snapshot(thing: models.Model, *, links: Container[str] | None = None) -> Snapshot:
    """What a thing holds now, field by field; the empty snapshot of an unsaved one is ``{}``."""
    [values] = snapshots([thing], links=links)
    return values


def snapshots(
    things: Sequence[models.Model],
    *,
    as_stored: bool = False,
    links: Container[str] | None = None,
) -> list[Snapshot]:
    """What things of one model hold now; one query for each many-to-many field of theirs.

    ``links`` names those fields that are to be read, where not all are. A value is taken as the
    database gives it back, whatever kind it was set with. ``as_stored``: it came from there, and is
    not made to fit where it is of another kind.
    """
    if not things:
        return []
    fields = recorded_fields(type(things[0]))
    columns = [
        (field.name, field.attname, _reader(field, as_stored))
        for field in fields
        if not field.many_to_many
    ]
    joined = {
        field.name: _joined(field, things)
        for field in fields
        if field.many_to_many and (links is None or field.name in links)
    }
    return [
        {
            **{name: read(getattr(thing, attname)) for name, attname, read in columns},
            **{name: found.get(thing.pk, []) for name, found in joined.items()},
        }
        for thing in things
    ]


def stored(model: type[models.Model], keys: Sequence[Any]) -> list[models.Model]:
    """The rows with these keys as the database holds them, with what names their recommendation."""
    found = with_recommendation(model).in_bulk(keys)
    return [found[key] for key in keys if key in found]


def with_recommendation(model: type[models.Model]) -> models.QuerySet[Any]:
    """All rows of a model, so that ``recommendation_id_of`` asks nothing more of any of them."""
    names = {field.name for field in model._meta.concrete_fields}
    paths = [path for name, path in _STEPS.items() if name in names]
    rows = model._base_manager.all()
    return rows.select_related(*paths) if paths else rows


def recommendation_id_of(thing: models.Model) -> int | None:
    """Id of the recommendation that a thing is, or belongs to."""
    if thing._meta.label_lower == "recommendations.recommendation":
        return thing.pk  # type: ignore[no-any-return]
    direct: int | None = getattr(thing, "recommendation_id", None)
    for name in _STEPS:
        if direct is None and getattr(thing, f"{name}_id", None) is not None:
            direct = recommendation_id_of(getattr(thing, name))
    return direct


def _joined(many: Any, things: Sequence[models.Model]) -> dict[Any, list[Any]]:
    """The other ends of a many-to-many field, in order, by the key of each thing."""
    here, there = many.m2m_field_name(), many.m2m_reverse_field_name()
    name = NAMED.get(many.related_model._meta.label_lower)
    end = f"{there}__{name}" if name else f"{there}_id"
    pairs = many.remote_field.through._base_manager.filter(
        **{f"{here}__in": [thing.pk for thing in things]}
    ).values_list(f"{here}_id", end)
    found: dict[Any, list[Any]] = defaultdict(list)
    for key, other in pairs.order_by(end):
        found[key].append(other)
    return found


def _reader(field: Any, as_stored: bool) -> Callable[[Any], Any]:
    """Makes of the value of a field what a snapshot has of it."""
    to_python = (lambda value: value) if as_stored else _target(field).to_python
    if field.name in SECRET:
        return lambda value: hashlib.sha256(str(value).encode()).hexdigest()
    # Short names too: they are made of titles.
    if isinstance(field, models.CharField | models.TextField) and not field.choices:
        return lambda value: (
            FreeText(value) if isinstance(value := to_python(value), str) else value
        )
    return to_python


def _target(field: Any) -> Any:
    """The field whose values a column holds: of a foreign key, the one that it points to."""
    return _target(field.target_field) if field.is_relation else field


def batches(keys: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Keys in groups of at most ``size``."""
    return (keys[start : start + size] for start in range(0, len(keys), size))
