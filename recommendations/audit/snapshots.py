"""What rows hold, field by field, and which tables the record keeps track of."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import models

from recommendations.audit.payload import UNTRACKED, FreeText

Snapshot = dict[str, Any]

RECORD = frozenset(
    f"recommendations.{name}" for name in ("auditevent", "auditrow", "audittext", "chainhead")
)
"""Tables of the record itself."""

LOGS = frozenset({"recommendations.mailfailure"})
"""Tables that tell what the machinery met with, not what anybody decided."""

# One step from a row to what names its recommendation.
_STEPS = {"update": "update", "response": "response__addressee", "addressee": "addressee"}


def tracked_models(apps: Any) -> list[type[models.Model]]:
    """Models whose rows the record keeps track of, in the order of their labels.

    ``apps`` is the registry, or the models as a migration knows them.
    """
    found = apps.get_app_config("recommendations").get_models()
    return sorted(
        (model for model in found if model._meta.label_lower not in RECORD | LOGS),
        key=lambda model: str(model._meta.label_lower),
    )


def snapshot(thing: models.Model) -> Snapshot:
    """What a thing holds now, field by field; the empty snapshot of an unsaved one is ``{}``."""
    [values] = snapshots([thing])
    return values


def snapshots(things: Sequence[models.Model]) -> list[Snapshot]:
    """What things of one model hold now; one query for each many-to-many field of theirs.

    A value is taken as the database gives it back, whatever kind it was set with.
    """
    if not things:
        return []
    meta = things[0]._meta
    fields = [
        (field.name, field.attname, _target(field).to_python, _is_free(field))
        for field in meta.concrete_fields
        if not field.primary_key and field.name not in UNTRACKED
    ]
    joined = {many.name: _joined(many, things) for many in meta.many_to_many}
    return [
        {
            **{
                name: _value(to_python(getattr(thing, attname)), is_free)
                for name, attname, to_python, is_free in fields
            },
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
    """Keys at the other end of a many-to-many field, in order, by the key of each thing."""
    here, there = many.m2m_field_name(), many.m2m_reverse_field_name()
    pairs = many.remote_field.through._base_manager.filter(
        **{f"{here}__in": [thing.pk for thing in things]}
    ).values_list(f"{here}_id", f"{there}_id")
    found: dict[Any, list[Any]] = defaultdict(list)
    for key, other in pairs.order_by(f"{there}_id"):
        found[key].append(other)
    return found


def _target(field: Any) -> Any:
    """The field whose values a column holds: of a foreign key, the one that it points to."""
    return _target(field.target_field) if field.is_relation else field


def _is_free(field: Any) -> bool:
    # Short names too: they are made of titles.
    return isinstance(field, models.CharField | models.TextField) and not field.choices


def _value(value: object, is_free: bool) -> Any:
    return FreeText(value) if is_free and isinstance(value, str) else value


def batches(keys: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Keys in groups of at most ``size``."""
    return (keys[start : start + size] for start in range(0, len(keys), size))
