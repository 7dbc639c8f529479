"""Switching parts of the tracker on and off."""

from collections.abc import Mapping
from datetime import datetime

from recommendations import audit
from recommendations.actions.base import add_row, change_row, require_administrator
from recommendations.models import TrackerUses, User


def switch_parts(
    *,
    by: User,
    values: Mapping[str, str],
    expected_version: int | None = None,
    at: datetime | None = None,
) -> TrackerUses:
    """Set a ``Switch`` for each part that is named; of switches never set the version is 0."""
    with audit.entry(by=by, at=at) as entry:
        require_administrator(by)
        current = TrackerUses.objects.first()
        if current is None:
            return add_row(entry, TrackerUses(pk=1, **values))
        return change_row(entry, current, expected_version, values)
