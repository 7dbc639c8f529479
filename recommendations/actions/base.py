"""What every action does alike: permission, conditional write, event."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from recommendations import audit
from recommendations.actions.errors import Difference, NotAllowed, StaleWrite
from recommendations.queries.fields import as_text, in_words, label_of


def require(is_allowed: bool, what: str) -> None:
    """Refuse with ``NotAllowed`` unless allowed; ``what`` completes "You may not …"."""
    if not is_allowed:
        raise NotAllowed(_("You may not %s.") % what)


def validate(thing: models.Model, names: Iterable[str]) -> None:
    """Run the field checks of these fields, as a form would; ``ValidationError`` names each."""
    chosen = set(names)
    thing.clean_fields(exclude={f.name for f in thing._meta.fields if f.name not in chosen})


def clean_text(column: Any, text: str, *, under: str) -> str:
    """A text that passed the checks of the column it goes to.

    What is wrong with it is told ``under`` the name that the door gave it.
    """
    try:
        return str(column.field.clean(text, None))
    except ValidationError as error:
        raise ValidationError({under: error}) from error


def create(
    entry: audit.Entry, thing: models.Model, *, verb: str = "create", reason: str = ""
) -> None:
    """Insert a new row and record it."""
    thing.save(force_insert=True)
    entry.record(verb, thing, before={}, after=audit.snapshot(thing), reason=reason)


def change(
    entry: audit.Entry,
    thing: Any,
    *,
    verb: str,
    seen: int | None,
    reason: str = "",
    **values: Any,
) -> None:
    """Write ``values`` to a row that still has version ``seen``, and record what changed.

    One conditional UPDATE: where another write came first nothing is written and ``StaleWrite``
    carries the row as it stands. ``seen=None`` is for what has no version that a person saw.
    The object itself then holds the new values.
    """
    model = type(thing)
    current = model._default_manager.get(pk=thing.pk)
    has_version = hasattr(current, "version")
    if seen is not None and current.version != seen:
        raise StaleWrite(current, differences(current, values))
    before = audit.snapshot(current)
    rows = model._default_manager.filter(pk=thing.pk)
    extra: dict[str, Any] = {}
    if has_version:
        rows = rows.filter(version=current.version)
        extra = {"version": current.version + 1, "updated_at": entry.at}
    if not rows.update(**values, **extra):
        raise StaleWrite(model._default_manager.get(pk=thing.pk))
    for name, value in {**values, **extra}.items():
        setattr(thing, name, value)
    thing.refresh_from_db()
    entry.record(verb, thing, before=before, after=audit.snapshot(thing), reason=reason)


def differences(current: Any, values: dict[str, Any]) -> list[Difference]:
    """Fields in which a row as it stands differs from the values somebody wants to write.

    Only what people write themselves: states and times are told in the words of the refusal.
    """
    return [
        Difference(
            name, label_of(current, name), as_text(current, name), in_words(current, name, value)
        )
        for name, value in values.items()
        if current._meta.get_field(name).editable and getattr(current, name) != value
    ]
