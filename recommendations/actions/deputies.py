"""Naming a deputy for a time, and ending that early."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions import notifications
from recommendations.actions.base import add_row, change, require
from recommendations.actions.errors import ActionRefused
from recommendations.models import Deputy, User
from recommendations.queries.dates import day_text


def add_deputy(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> Deputy:
    """Let somebody stand in for a person: oneself, or anybody where ``by`` hands over work.

    ``values`` are ``person``, ``deputy``, ``starts_on``, ``ends_on`` and perhaps ``reason``. The
    deputy gets no right by it.
    """
    with audit.entry(by=by, at=at) as entry:
        row = Deputy(recorded_at=entry.at, recorded_by=by, **values)
        require(
            permissions.can_set_deputy(by, row.person_id),
            _("You may not name a deputy for this person."),
        )
        if row.ends_on < entry.today and not entry.is_history:
            raise ValidationError({"ends_on": _("The last day must not be in the past.")})
        deputy = User.objects.get(pk=row.deputy_id)
        if not permissions.can_write(deputy):
            raise ValidationError(
                {"deputy": _("%s may not log updates and cannot be a deputy.") % deputy}
            )
        _require_free(row)
        made = add_row(entry, row, verb="add_deputy")
        notifications.deputy_named(entry, made, deputy)
        return made


def end_deputy(*, deputy: Deputy, by: User, at: datetime | None = None) -> Deputy:
    """End it before its last day; ``ActionRefused`` where it is over."""
    with audit.entry(by=by, at=at) as entry:
        current = Deputy.objects.get(pk=deputy.pk)
        require(
            permissions.can_set_deputy(by, current.person_id),
            _("You may not end this."),
        )
        if current.ended_at is not None or current.ends_on < entry.today:
            raise ActionRefused(_("This has already ended."))
        change(entry, current, verb="end_deputy", ended_at=entry.at, ended_by=by)
        return current


def end_all_of_deputy(entry: audit.Entry, person: User) -> None:
    """Within a step that takes a person the account or the role: they stand in for nobody now.

    Whoever they stood in for would be shown as looked after, and could name nobody else.
    """
    for row in Deputy.objects.not_over(entry.today).filter(deputy=person.pk).order_by("pk"):
        change(entry, row, verb="end_deputy", ended_at=entry.at, ended_by=entry.by)


def _require_free(row: Deputy) -> None:
    """One deputy at a time: no other of the person stands in on any of these days."""
    others = Deputy.objects.filter(
        person=row.person_id,
        ended_at__isnull=True,
        starts_on__lte=row.ends_on,
        ends_on__gte=row.starts_on,
    )
    if (other := others.select_related("deputy").order_by("starts_on").first()) is not None:
        raise ValidationError(
            {
                "starts_on": _("%(who)s is already deputy from %(first)s to %(last)s.")
                % {
                    "who": other.deputy,
                    "first": day_text(other.starts_on),
                    "last": day_text(other.ends_on),
                }
            }
        )
