"""Upgrade the database of a release, in a process of its own whose database is empty.

    python -m tests.releases.upgrading FILE

Prints how many rows each table had and has, as JSON; ends with an error where the record of the
upgraded database is not whole.
"""

import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.core.management.color import no_style  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402

from recommendations import guards, state  # noqa: E402
from recommendations.actions import initial  # noqa: E402


def load(lines: Iterable[bytes], models: dict[str, Any]) -> Counter[str]:
    """Put rows in place of all there are, into tables as they were; how many came to each."""
    counts: Counter[str] = Counter()
    quoted = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in models:
            cursor.execute(f"DELETE FROM {quoted(table)}")
        for line in lines:
            held = json.loads(line)
            if isinstance(held, dict):
                table, by_name = held["table"], _fields(models[held["table"]])
                fields = [by_name[name] for name in held["columns"]]
                columns = ", ".join(quoted(field.column) for field in fields)
                places = ", ".join(["%s"] * len(fields))
                insert = f"INSERT INTO {quoted(table)} ({columns}) VALUES ({places})"
                continue
            counts[table] += len(held)
            cursor.executemany(
                insert,
                [
                    [
                        field.get_db_prep_save(field.to_python(value), connection)
                        for field, value in zip(fields, row, strict=True)
                    ]
                    for row in held
                ],
            )
        for statement in connection.ops.sequence_reset_sql(no_style(), [*models.values()]):
            cursor.execute(statement)
    return counts


def _fields(model: Any) -> dict[str, Any]:
    return {field.attname: field for field in model._meta.concrete_fields}


def upgrade(path: Path) -> dict[str, list[int]]:
    """Rows of each table before and after."""
    with gzip.open(path) as lines:
        applied = json.loads(next(lines))
        nodes = [(app, names[-1]) for app, names in applied.items()]
        for app, name in nodes:
            call_command("migrate", app, name, verbosity=0)
        executor = MigrationExecutor(connection)
        historic = executor.loader.project_state(nodes).apps
        models = {
            model._meta.db_table: model
            for model in historic.get_models(include_auto_created=True)
            if model._meta.managed and not model._meta.proxy
        }
        with transaction.atomic():
            if initial.is_empty():
                initial.clear()
            with guards.lifted(connection, [guard.table for guard in guards.GUARDS]):
                before = load(lines, models)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        state.rebuild()
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        after = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
            [(after[table],)] = cursor.fetchall()
    call_command("verify_audit", stdout=sys.stderr)
    return {table: [count, after.get(table, 0)] for table, count in before.items()}


if __name__ == "__main__":
    print(json.dumps(upgrade(Path(sys.argv[1]))))
