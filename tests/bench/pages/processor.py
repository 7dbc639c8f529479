"""How long processors worked for an answer: what other programs do at the time is no part of it."""

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

import psycopg

BACKENDS = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"


def backends(url: str) -> list[int]:
    """The processes of PostgreSQL that answer on a database of this machine; none for SQLite."""
    if not url.startswith("postgresql:"):
        return []
    with psycopg.connect(url) as connection:
        return [pid for (pid,) in connection.execute(BACKENDS, [connection.info.dbname])]


def seconds_of(processes: Collection[int]) -> float:
    """Seconds that all threads of these processes were on a processor so far."""
    nanoseconds = 0
    for process in processes:
        for task in Path(f"/proc/{process}/task").glob("*/schedstat"):
            with suppress(OSError):
                nanoseconds += int(task.read_text().split()[0])
    return nanoseconds / 1e9
