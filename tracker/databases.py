"""DATABASE_URL → Django's DATABASES entry. Two engines are supported, because both are tested."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from tracker import env

WANTED = "sqlite:///file, postgresql://user:password@host/name, or not set (a SQLite file)"

WANTED_REPLICA = (
    "postgresql://user:password@host/name of a server that follows that of DATABASE_URL, or not set"
)

# recursive_triggers: without it INSERT OR REPLACE slips past the delete guards.
# synchronous NORMAL is safe from corruption in WAL mode; a power cut may lose the last commits.
SQLITE_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA recursive_triggers=ON"

# Seconds until a server that says nothing counts as gone: while connecting, and in mid-sentence.
PATIENCE = {"connect_timeout": 3, "keepalives_idle": 10, "keepalives_interval": 5}


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds that a request waits, at most: for a lock, and for a connection of the pool."""

    lock: int
    connection: int


def database(name: str, *, base: Path, pool_size: int, waits: Waits) -> dict[str, Any]:
    """Read the variable called `name`. Messages never repeat its value: it may hold a password."""
    url = env.text(name)
    scheme, _, rest = url.partition("://")
    if not url:
        return sqlite(base / "db.sqlite3", waits)
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        # Three slashes: relative to the project. Four: an absolute path.
        return sqlite(base / rest[1:], waits)
    if scheme in {"postgres", "postgresql"}:
        return postgresql(name, url, pool_size=pool_size, waits=waits)
    raise env.refuse(name, f"of the kind {scheme!r}" if rest else "not an address", WANTED)


def replica(name: str, engine: str) -> dict[str, Any] | None:
    """A copy to read from, which follows the database of PostgreSQL; nothing where none is named.

    Each thread keeps its one connection, so that one which does not answer is found out at once: a
    pool would try again for as long as a request waits. A transaction is as of one moment.
    """
    url = env.text(name)
    if not url:
        return None
    if engine != "tracker.postgresql" or not url.startswith(("postgres://", "postgresql://")):
        raise env.refuse(name, "not beside a PostgreSQL of the same kind", WANTED_REPLICA)
    from psycopg import IsolationLevel

    found = postgresql(name, url, pool_size=1, waits=Waits(lock=1, connection=1))
    options = {key: value for key, value in found["OPTIONS"].items() if key != "pool"}
    options["options"] += " -c default_transaction_read_only=on"
    options["isolation_level"] = IsolationLevel.REPEATABLE_READ
    return {
        **found,
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"MIRROR": "default"},
    }


def sqlite(path: Path, waits: Waits) -> dict[str, Any]:
    """A SQLite file in WAL mode. Django itself turns foreign keys on for each connection."""
    return {
        "ENGINE": "tracker.sqlite",
        "NAME": path,
        "OPTIONS": {
            # Any atomic block takes the write lock at its start: two writers wait for each other
            # instead of failing half-way. The price: no ATOMIC_REQUESTS, no atomic block in a GET.
            "transaction_mode": "IMMEDIATE",
            "timeout": waits.lock,
            "init_command": SQLITE_PRAGMAS,
        },
    }


def postgresql(name: str, url: str, *, pool_size: int, waits: Waits) -> dict[str, Any]:
    """PostgreSQL through psycopg and its own pool; `pool_size` connections a process at most."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        found = dict(conninfo_to_dict(url))
    except ProgrammingError:
        # "from None": the driver's message quotes the address.
        raise env.refuse(name, "an address that PostgreSQL cannot read", WANTED) from None
    if not found.get("dbname"):
        raise ImproperlyConfigured(f"{name} names no database; it should be {WANTED}.")
    # What is prepared (tracker/postgresql/prepared.py) finds rows by keys, few or many: one plan
    # suits it. Starting further processes takes longer than most statements of a page. What the
    # address says itself comes later, and wins.
    ours = (
        f"-c lock_timeout={waits.lock}s -c plan_cache_mode=force_generic_plan"
        " -c max_parallel_workers_per_gather=0"
    )
    options = f"{ours} {found.pop('options', None) or ''}".strip()
    pool = {
        "min_size": 1,
        "max_size": pool_size,
        "timeout": waits.connection,
        # No longer than a request waits: the pauses between tries double, and a server that is
        # there again would not be noticed for minutes.
        "reconnect_timeout": waits.connection,
        "max_lifetime": 1800,
    }
    return {
        "ENGINE": "tracker.postgresql",
        "NAME": found.pop("dbname"),
        "USER": found.pop("user", None) or "",
        "PASSWORD": found.pop("password", None) or "",
        "HOST": found.pop("host", None) or "",
        "PORT": str(found.pop("port", None) or ""),
        # The pool keeps connections open, so Django must not (CONN_MAX_AGE stays 0).
        "OPTIONS": {**PATIENCE, **found, "options": options, "pool": pool},
    }
