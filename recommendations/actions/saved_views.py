"""Keeping filters of the list under a name, sharing them, and removing them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import add_row, change_row, remove, require
from recommendations.models import SavedView, User


def save_view(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> SavedView:
    """Keep a filter for oneself; a manager may share it. ``query`` is what its filter asks."""
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_read_internally(by), _("You may not save views."))
        _require_may_share(by, values)
        return add_row(entry, SavedView(owner=by, **values), verb="save_view")


def change_view(
    *,
    view: SavedView,
    by: User,
    expected_version: int,
    values: Mapping[str, Any],
    at: datetime | None = None,
) -> SavedView:
    """Rename a view, share it, or stop sharing it."""
    with audit.entry(by=by, at=at) as entry:
        current = SavedView.objects.get(pk=view.pk)
        require(permissions.can_change_view(by, current), _("You may not change this view."))
        if not current.is_shared:
            _require_may_share(by, values)
        return change_row(entry, current, expected_version, values, verb="change_view")


def remove_view(
    *, view: SavedView, by: User, expected_version: int | None = None, at: datetime | None = None
) -> None:
    """Take a view out of use; its name is free again."""
    with audit.entry(by=by, at=at) as entry:
        current = SavedView.objects.get(pk=view.pk)
        require(permissions.can_change_view(by, current), _("You may not remove this view."))
        remove(entry, current, expected_version=expected_version, verb="remove_view")


def _require_may_share(by: User, values: Mapping[str, Any]) -> None:
    if values.get("is_shared"):
        require(permissions.can_share_views(by), _("Only managers share views."))
