"""Upgrade the database of a release, in a process of its own whose database is empty.

    python -m tests.releases.upgrading FILE

Prints how many rows each table had and has, as JSON; ends with an error where the record of the
upgraded database is not whole.
"""

import gzip
import json
import sys
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402

from recommendations import guards, state  # noqa: E402
from recommendations.actions.oversight import backups  # noqa: E402


def counted() -> dict[str, int]:
    """How many rows each table has."""
    with connection.cursor() as cursor:
        counts = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
            [(counts[table],)] = cursor.fetchall()
    return counts


def follows(table: str) -> bool:
    """Whether its rows follow from other tables, or from the models of a release."""
    of_models = {"auth_permission", "auth_group_permissions", "django_content_type"}
    return table in {*backups.LEFT_OUT, *of_models} or table.startswith("recommendations_search_")


def upgrade(path: Path) -> dict[str, list[int]]:
    """Rows of each table before and after."""
    with gzip.open(path) as lines:
        applied = json.loads(next(lines))
        nodes = [(app, names[-1]) for app, names in applied.items()]
        for app, name in nodes:
            call_command("migrate", app, name, verbosity=0)
        executor = MigrationExecutor(connection)
        historic = executor.loader.project_state(nodes).apps
        guarded = [guard.table for guard in guards.GUARDS]
        with transaction.atomic(), guards.lifted(connection, guarded):
            backups.replace_rows(lines, 0, lambda _done, _total: None, historic)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        state.rebuild()
    # What is kept follows from the rest, and the list of migrations grows.
    before = {name: n for name, n in counted().items() if not follows(name)}
    call_command("migrate", verbosity=0)
    after = counted()
    call_command("verify_audit", stdout=sys.stderr)
    return {table: [count, after.get(table, 0)] for table, count in before.items()}


if __name__ == "__main__":
    print(json.dumps(upgrade(Path(sys.argv[1]))))
