"""Fields of a row in words: their labels and their values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import models
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.models import StatusUpdate
from recommendations.permissions import Person


def field_label(thing: models.Model, name: str) -> str:
    """The label of a field, for people."""
    return str(getattr(thing._meta.get_field(name), "verbose_name", name))


def field_text(thing: models.Model, name: str) -> str:
    """What a field holds, for people."""
    return value_in_words(thing, name, getattr(thing, name))


def value_in_words(thing: models.Model, name: str, value: object) -> str:
    """A value that a field may hold, for people: the label of a choice, empty for nothing."""
    if isinstance(value, models.Manager):
        value = value.all()
    if isinstance(value, models.QuerySet | list):
        return ", ".join(str(row) for row in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(localtime(value), "j F Y, H:i")
    if isinstance(value, date):
        return date_format(value)
    labels = dict(getattr(thing._meta.get_field(name), "flatchoices", ()))
    return "" if value is None else str(labels.get(value, value))


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which two versions differ; ``before`` is theirs or earlier, ``after`` yours."""

    field: str
    label: str
    before: str
    after: str


INTERNAL = frozenset({"internal_note"})
"""Fields for readers of drafts alone."""


@dataclass(frozen=True, slots=True)
class LabelledValue:
    """One thing that an update says, under its label; some are for the office alone."""

    label: str
    text: str
    is_internal: bool = False


def labelled_values(
    update: StatusUpdate | None, names: Iterable[str], person: Person
) -> tuple[LabelledValue, ...]:
    """Those of the named fields that hold something and that the person may read, in this order."""
    if update is None:
        return ()
    may_read_all = permissions.can_read_drafts(person)
    return tuple(
        LabelledValue(
            capfirst(field_label(update, name)), field_text(update, name), name in INTERNAL
        )
        for name in names
        if getattr(update, name) and (may_read_all or name not in INTERNAL)
    )
