"""Forms that another write overtook: what is stored by now, beside what was typed.

Nothing of such a form is saved. Sending it again is an answer to what it shows: fields that one
had left alone show the new value, so that sending it again does not undo it.
"""

from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from recommendations.actions.errors import timestamp_text
from recommendations.models import AuditEvent
from recommendations.queries.fields import field_label, value_in_words


def show_conflict(form: Any, current: models.Model) -> None:
    """Say on a form, field by field, what is stored and what was sent.

    ``current`` is the row that the action found; for a form that adds one, the row like it.
    """
    if not form.is_there:
        form.show_row(current)
        form.add_error(None, _recorded(form, current))
        return
    if getattr(form.instance, "removed_at", None) is not None:
        form.add_error(None, _removed(form.instance))
        return
    form.add_error(None, headline(form.instance))
    form.show("seen", form.stored["seen"])
    for name in form.overtaken_fields():
        mine = form.cleaned_data[name]
        words = {
            "theirs": value_in_words(form.instance, name, getattr(form.instance, name))
            or _("(empty)"),
            "mine": value_in_words(form.instance, name, mine) or _("(empty)"),
        }
        if name in form.changed_data:
            note = _("Saved meanwhile: “%(theirs)s”. Your version, not saved yet: “%(mine)s”.")
        else:
            form.show(name, form.stored[name])
            note = _(
                "Changed meanwhile from “%(mine)s” to “%(theirs)s”. The new version is shown here."
            )
        form.add_error(name, note % words)


def headline(thing: models.Model) -> str:
    """Who changed a thing last, and when; without a name where no event tells of the change."""
    events = AuditEvent.objects.filter(object_type=thing._meta.label_lower, object_id=str(thing.pk))
    if hasattr(thing, "updated_at"):
        events = events.filter(at__gte=thing.updated_at) if thing.updated_at else events.none()
    event = events.select_related("actor").order_by("-sequence").first()
    if event is None:
        return _("This record was changed after you opened it. Your changes were not saved.")
    return _("%(who)s changed this on %(when)s, after you opened it. %(what)s") % {
        "who": event.actor or _("The system"),
        "when": timestamp_text(event.at),
        "what": _("Your changes are not saved yet. Check them, then save again."),
    }


def _recorded(form: Any, row: Any) -> str:
    """What stands already where a row was to be added."""
    words = {name: value_in_words(row, name, getattr(row, name)) for name in form.values()}
    told = [f"{field_label(row, name)} “{value}”" for name, value in words.items() if value]
    return _(
        "%(who)s recorded this on %(when)s: %(what)s. Your changes are not saved yet. "
        "Check them, then save again to add a revision."
    ) % {
        "who": row.recorded_by or _("The system"),
        "when": timestamp_text(row.recorded_at),
        "what": ", ".join(told),
    }


def _removed(row: Any) -> str:
    return _(
        "%(who)s removed this row on %(when)s. Your change cannot be saved. Select "
        "“Delete?” to continue."
    ) % {"who": row.removed_by, "when": timestamp_text(row.removed_at)}
