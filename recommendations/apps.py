"""The app, what happens at its start, and before and after every migration."""

import logging
from collections.abc import Callable
from typing import Any

from django.apps import AppConfig
from django.apps import apps as registry
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)


def prepare_database(using: str, apps: Any = registry, **kwargs: Any) -> None:
    """Put the guards, the roles and the areas of the world in place, where the tables are.

    With ``make_way`` the one signal receiver: groups made in a migration would get no permissions
    on a fresh database, and a migration that remakes a table drops its triggers.
    """
    from recommendations import guards, state
    from recommendations.actions import fixtures
    from recommendations.actions.people import ensure_roles
    from recommendations.search import queries

    if not guards.are_wanted(connections[using]):
        return
    guards.install(connections[using])
    # Our turn comes before that of django.contrib.auth, which makes the permissions given out here.
    for label in ("auth", "recommendations"):
        create_permissions(registry.get_app_config(label), verbosity=0, using=using, apps=apps)
    ensure_roles(using=using)
    # A migration to an earlier release has no table for it.
    if state.is_there(connections[using]):
        tell = _told_to(kwargs.get("stdout") if kwargs.get("verbosity") else None)
        # What a migration wrote refreshed nothing.
        state.bring_up_to_date(tell, is_stale=bool(kwargs.get("plan")))
        queries.install(connections[using])
        if using == DEFAULT_DB_ALIAS and is_migrated(connections[using]):
            fixtures.add_areas()


def is_migrated(connection: BaseDatabaseWrapper) -> bool:
    """Whether the tables are those of this release: somebody may migrate to an earlier one."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _told_to(stdout: Any) -> Callable[[int, int], None]:
    """Tells how much of the kept state is built, where anybody reads it."""

    def tell(done: int, total: int) -> None:
        if stdout is not None:
            stdout.write(f"  Building the kept state: {done:,} of {total:,}")

    return tell


def make_way(using: str, plan: Any, **kwargs: Any) -> None:
    """Let migrations, where there are any to run, remake the tables that guards look into."""
    from recommendations import guards

    if plan:
        guards.make_way(connections[using])


def start_error_collector() -> None:
    """Call the function that sets a collector of errors up. The site starts also if that fails."""
    if not settings.ERROR_COLLECTOR:
        return
    try:
        import_string(settings.ERROR_COLLECTOR)()
    except Exception:
        logger.exception("ERROR_COLLECTOR is %r, which failed", settings.ERROR_COLLECTOR)


class RecommendationsConfig(AppConfig):
    name = "recommendations"
    verbose_name = _("Recommendations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from recommendations import checks  # noqa: F401 - registers the system checks

        start_error_collector()
        pre_migrate.connect(make_way, sender=self)
        post_migrate.connect(prepare_database, sender=self)
