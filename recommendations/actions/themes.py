"""Themes: adding and changing one. Which a recommendation has is part of the recommendation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import add_row, change_row, free_slug, require
from recommendations.actions.errors import ActionRefused
from recommendations.models import Theme, User

MOST_THEMES = 100
"""Themes of a site: a list that a form shows whole, and that a reader can survey."""


def add_theme(
    *, by: User, values: Mapping[str, Any], slug: str = "", at: datetime | None = None
) -> Theme:
    """Add a theme; ``slug`` is its short name, if one was chosen."""
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_change_recommendations(by), _("You may not add themes."))
        if Theme.objects.count() >= MOST_THEMES:
            raise ActionRefused(_("A site has at most %d themes.") % MOST_THEMES)
        theme = Theme(**values)
        theme.slug = slug or free_slug(Theme, theme.name)
        return add_row(entry, theme)


def change_theme(
    *,
    theme: Theme,
    by: User,
    expected_version: int | None,
    values: Mapping[str, Any],
    at: datetime | None = None,
) -> Theme:
    """Change the name or the description of a theme, on all recommendations that have it."""
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_change_recommendations(by), _("You may not change themes."))
        current = Theme.objects.get(pk=theme.pk)
        return change_row(entry, current, expected_version, values)
