"""What every database holds from its first migration on: the areas of the world, on record.

As long as nothing else was recorded a database counts as empty: another can be loaded into it, and
the demonstration, whose history is in the past, begins anew.
"""

from django.apps import apps
from django.conf import settings
from django.db import connections, router, transaction

from recommendations import audit, guards
from recommendations.actions import article
from recommendations.models import (
    Area,
    AreaAlias,
    AuditEvent,
    AuditRow,
    AuditText,
    ChainHead,
)

FILES = ("10_areas.json", "11_area_aliases.json")
"""Their names in ``fixtures/``, which the article is loaded from as well."""

ROWS = (AreaAlias, Area, AuditRow, AuditText, AuditEvent, ChainHead)
"""Models of the rows that are there then, those first that refer to others."""


def add_areas() -> None:
    """Add the areas of the world to a database in which nothing was recorded yet."""
    if not AuditEvent.objects.exists() and not Area.objects.exists():
        for name in FILES:
            article.load_file(settings.BASE_DIR / "fixtures" / name)


def is_empty() -> bool:
    """Whether the database holds nothing but what migrations make."""
    others = AuditEvent.objects.exclude(verb="load", actor=None, object_id__in=FILES)
    return not others.exists() and not any(
        model._base_manager.exists() for model in audit.tracked_models(apps) if model not in ROWS
    )


def clear() -> None:
    """Take away what migrations made, with its record; only of a database that ``is_empty``."""
    using = router.db_for_write(AuditEvent)
    tables = [model._meta.db_table for model in ROWS]
    with transaction.atomic(using=using), guards.lifted(connections[using], tables):
        for model in ROWS:
            model._base_manager.using(using).all()._raw_delete(using)
