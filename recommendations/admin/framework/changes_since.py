"""Forms that somebody else overtook: what happened since, and how the form says so.

Nothing of such a form is saved. It comes back with the other person's value beside one's own, and
sending it again is then an answer to what was seen. Fields that one had not touched show the new
value, so that sending again does not undo it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.db import models
from django.utils import formats
from django.utils.translation import gettext as _

from recommendations.actions.errors import moment_in_words
from recommendations.audit.payload import written
from recommendations.models import AuditEvent, AuditText
from recommendations.queries.fields import value_in_words
from recommendations.queries.log import texts_in

UNKNOWN = object()
"""A value that cannot be told any more; equal to nothing that a form sends."""


@dataclass(frozen=True)
class ChangesSince:
    """The events on one thing after a form had shown it, oldest first."""

    events: Sequence[AuditEvent] = ()
    changes: Sequence[Mapping[str, Any]] = ()
    """For each event, field by field, before and after."""

    def __contains__(self, name: str) -> bool:
        return any(name in changed for changed in self.changes)

    def was(self, name: str) -> Any:
        """What a field held when the form was opened, if it was changed since."""
        return next(changed[name][0] for changed in self.changes if name in changed)

    def headline(self) -> str:
        """Who changed it last, and when."""
        if not self.events:
            return _("This was changed elsewhere since you opened it. Nothing of yours was saved.")
        return _("%(who)s changed this on %(when)s, after you opened it. %(what)s") % {
            **who_and_when(self.events[-1]),
            "what": _("Nothing of yours was saved yet: look, then save again."),
        }


def who_and_when(event: AuditEvent) -> dict[str, Any]:
    """The words that name the hand behind an event."""
    return {
        "who": event.actor or _("The system"),
        "when": moment_in_words(event.at),
    }


def changes_since(
    model: type[models.Model], keys: Iterable[Any], sequence: int
) -> dict[str, ChangesSince]:
    """What happened to each of some things after an event, by primary key; two queries at most."""
    events = list(
        AuditEvent.objects.filter(
            object_type=model._meta.label_lower,
            object_id__in=[str(key) for key in keys],
            sequence__gt=sequence,
        )
        .select_related("actor")
        .order_by("sequence")
    )
    payloads = [json.loads(event.payload)["changes"] for event in events]
    texts = texts_in(payloads)
    found: dict[str, tuple[list[AuditEvent], list[Any]]] = defaultdict(lambda: ([], []))
    for event, changes in zip(events, payloads, strict=True):
        of_thing = found[event.object_id]
        of_thing[0].append(event)
        of_thing[1].append(
            {name: [_plain(side, texts) for side in changes[name]] for name in changes}
        )
    return {key: ChangesSince(*of_thing) for key, of_thing in found.items()}


def refuse(form: forms.ModelForm, since: ChangesSince, current: models.Model) -> None:
    """Say on a form, field by field, what ``current`` holds and what was sent."""
    form.add_error(None, since.headline())
    for name in form.changed_data:
        field = next((f for f in _columns(form) if f.name == name), None)
        if field is None or (since.events and name not in since):
            continue  # Nobody else touched it: it will be saved as it was sent.
        mine = form.cleaned_data.get(name, UNKNOWN)
        theirs = getattr(current, name)
        is_untouched = (
            bool(since.events) and mine is not UNKNOWN and since.was(name) == _canonical(mine)
        )
        words = {"theirs": _said(form, name, theirs), "mine": _said(form, name, mine)}
        if is_untouched:
            show(form, name)
            note = _("Changed meanwhile from “%(mine)s” to “%(theirs)s”, which is shown here.")
        else:
            note = _("Stored meanwhile: “%(theirs)s”. Yours, not saved yet: “%(mine)s”.")
        form.add_error(name, note % words)


def show(form: forms.ModelForm, name: str) -> None:
    """Let a form that was sent show the stored value of one field in place of what was sent."""
    bound = form[name]
    value = bound.field.prepare_value(form.initial.get(name))
    data: Any = form.data
    if not data._mutable:
        data = data.copy()
    if isinstance(bound.field, forms.BooleanField):
        data.pop(bound.html_name, None)
        if value:
            data[bound.html_name] = "on"
    elif isinstance(value, (list, tuple)):
        data.setlist(bound.html_name, [str(item) for item in value])
    else:
        text = bound.field.widget.format_value(value)
        # Select boxes give a list, also those in which one value is chosen.
        data[bound.html_name] = (text[0] if isinstance(text, list) and text else text) or ""
    form.data = data


def _columns(form: forms.ModelForm) -> list[Any]:
    options = form._meta.model._meta
    return [*options.concrete_fields, *options.many_to_many]


def _said(form: forms.ModelForm, name: str, value: Any) -> str:
    """A value in words."""
    return _words_of(form, name, value) or _("(empty)")


def _words_of(form: forms.ModelForm, name: str, value: Any) -> str:
    if value is UNKNOWN:
        return form.data.get(form.add_prefix(name)) or ""
    if isinstance(value, models.Manager):
        value = value.all()
    if isinstance(value, (models.QuerySet, list)):
        return ", ".join(str(item) for item in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date) and not isinstance(value, datetime):
        return formats.date_format(value)
    return value_in_words(form.instance, name, value)


def _canonical(value: Any) -> Any:
    """A value of a form in the way that events write values."""
    match value:
        case models.Model():
            return value.pk
        case models.QuerySet() | list():
            return sorted(item.pk for item in value)
    return written(value)


def _plain(side: Any, texts: Mapping[str, AuditText]) -> Any:
    """One side of a change with its text in place of the digest; redacted texts are unknown."""
    if not isinstance(side, dict):
        return side
    stored = texts.get(side["text"])
    return stored.text if stored is not None and stored.salt else UNKNOWN
