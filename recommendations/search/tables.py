"""The indexes over search documents, which each database has in its own way.

PostgreSQL has the words of each text in a column of their own, which follows from the text, under
an index of inverted lists. SQLite has a table of FTS5 beside each, which holds no text: triggers
keep it, whatever writes a document.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from recommendations.models import SearchDocument
from recommendations.models.search import index_name, words_column
from recommendations.search.documents import COLUMNS

_TABLE = SearchDocument._meta.db_table
_KEY = "recommendation_id"


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the indexes in place; harmless where they stand already.

    After every migration, since one that remakes a table of SQLite drops its triggers.
    """
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for statement in (_in_postgresql if is_postgresql else _in_sqlite)(connection):
            cursor.execute(statement)


def forget(connection: BaseDatabaseWrapper) -> None:
    """Write the indexes of SQLite anew without what no document holds any more.

    Those of PostgreSQL keep a word that was once in them until an administrator runs REINDEX, which
    takes long where there is much (docs/deployment.md).
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for index in _names():
                cursor.execute(_FORGET.format(index=index))


def _in_postgresql(connection: BaseDatabaseWrapper) -> Iterator[str]:
    # Also in a transaction that has written documents, in which no table can be altered.
    if _count(connection, "SELECT count(*) FROM pg_class WHERE relname", *_names()) == len(COLUMNS):
        return
    # Words were folded already: no configuration of text search is asked, and no position is kept,
    # since a long text has more of them than fit. To be compared they are not fetched from aside.
    yield f'ALTER TABLE "{_TABLE}" SET (toast_tuple_target = 8160)'
    columns = (
        f'ADD COLUMN IF NOT EXISTS "{words_column(column)}" tsvector GENERATED ALWAYS AS '
        f"(array_to_tsvector(array_remove(string_to_array(\"{column}\", ' '), ''))) STORED"
        for column in COLUMNS
    )
    yield f'ALTER TABLE "{_TABLE}" {", ".join(columns)}'
    for column in COLUMNS:
        # Without a list of what came last, which every search would read besides.
        yield (
            f'CREATE INDEX IF NOT EXISTS "{index_name(column)}" ON "{_TABLE}" '
            f'USING gin ("{words_column(column)}") WITH (fastupdate = off)'
        )


def _in_sqlite(connection: BaseDatabaseWrapper) -> Iterator[str]:
    for column, index in zip(COLUMNS, _names(), strict=True):
        parts = (index, f"{index}_insert", f"{index}_delete", f"{index}_update")
        if _count(connection, "SELECT count(*) FROM sqlite_master WHERE name", *parts) < len(parts):
            names = {"index": index, "column": column, "table": _TABLE, "key": _KEY}
            yield from (statement.format(**names) for statement in _SQLITE)


def _names() -> list[str]:
    return [index_name(column) for column in COLUMNS]


def _count(connection: BaseDatabaseWrapper, question: str, *names: str) -> int:
    """How many of these there are."""
    with connection.cursor() as cursor:
        cursor.execute(f"{question} IN ({', '.join(['%s'] * len(names))})", names)
        return int(cursor.fetchone()[0])


_GONE = """INSERT INTO "{index}" ("{index}", rowid, "{column}")
    VALUES ('delete', OLD."{key}", OLD."{column}");"""
_HERE = """INSERT INTO "{index}" (rowid, "{column}") VALUES (NEW."{key}", NEW."{column}");"""

_SQLITE = (
    # Words of other scripts are left as they are by this tokenizer: all were folded before.
    """CREATE VIRTUAL TABLE IF NOT EXISTS "{index}" USING fts5(
        "{column}", content='{table}', content_rowid='{key}', tokenize='ascii', detail='none')""",
    f"""CREATE TRIGGER IF NOT EXISTS "{{index}}_insert" AFTER INSERT ON "{{table}}"
        BEGIN {_HERE} END""",
    f"""CREATE TRIGGER IF NOT EXISTS "{{index}}_delete" AFTER DELETE ON "{{table}}"
        BEGIN {_GONE} END""",
    f"""CREATE TRIGGER IF NOT EXISTS "{{index}}_update" AFTER UPDATE ON "{{table}}"
        WHEN OLD."{{column}}" <> NEW."{{column}}" BEGIN {_GONE} {_HERE} END""",
    """INSERT INTO "{index}" ("{index}") VALUES ('rebuild')""",
)
_FORGET = """INSERT INTO "{index}" ("{index}") VALUES ('optimize')"""
