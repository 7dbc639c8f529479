"""Fields in words: their labels and their values, for people."""

from datetime import date
from typing import Any

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def label_of(thing: models.Model, name: str) -> str:
    """The label of a field, for people."""
    return str(getattr(thing._meta.get_field(name), "verbose_name", name))


def as_text(thing: Any, name: str) -> str:
    """What a field holds, for people."""
    return in_words(thing, name, getattr(thing, name))


def in_words(thing: models.Model, name: str, value: Any) -> str:
    """A value that a field may hold, for people: the label of a choice, empty for nothing."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return date_format(value)
    labels = dict(getattr(thing._meta.get_field(name), "flatchoices", ()))
    return "" if value is None else str(labels.get(value, value))
