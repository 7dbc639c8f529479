"""System checks of this app: the guards stand in the database."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from recommendations import guards


@register(Tags.database)
def guards_are_in_place(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Fail when a trigger that keeps the record is missing; ``check --database default``.

    A database without our tables has nothing to guard yet: ``migrate`` runs the checks first.
    """
    return [
        Error(
            f"The guard {name} is missing in the database “{alias}”.",
            hint="Run “manage.py migrate --skip-checks”: it puts every guard in place again.",
            id="recommendations.E001",
        )
        for alias in databases or ()
        if guards.are_wanted(connections[alias])
        for name in guards.missing(connections[alias])
    ]
