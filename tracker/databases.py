"""DATABASE_URL → Django's DATABASES entry. Two engines are supported, because both are tested."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from tracker import env

WANTED = "sqlite:///file, postgresql://user:password@host/name, or not set (a SQLite file)"

# recursive_triggers: without it INSERT OR REPLACE slips past the delete guards.
# synchronous NORMAL is safe from corruption in WAL mode; a power cut may lose the last commits.
SQLITE_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA recursive_triggers=ON"


def database(name: str, *, base: Path, pool_size: int) -> dict[str, Any]:
    """Read the variable called `name`. Messages never repeat its value: it may hold a password."""
    url = env.text(name)
    scheme, _, rest = url.partition("://")
    if not url:
        return sqlite(base / "db.sqlite3")
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        # Three slashes: relative to the project. Four: an absolute path.
        return sqlite(base / rest[1:])
    if scheme in {"postgres", "postgresql"}:
        return postgresql(name, url, pool_size=pool_size)
    raise env.refuse(name, f"of the kind {scheme!r}" if rest else "not an address", WANTED)


def sqlite(path: Path) -> dict[str, Any]:
    """A SQLite file in WAL mode. Django itself turns foreign keys on for each connection."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            # Any atomic block takes the write lock at its start: two writers wait for each other
            # instead of failing half-way. The price: no ATOMIC_REQUESTS, no atomic block in a GET.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": SQLITE_PRAGMAS,
        },
    }


def postgresql(name: str, url: str, *, pool_size: int) -> dict[str, Any]:
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
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": found.pop("dbname"),
        "USER": found.pop("user", None) or "",
        "PASSWORD": found.pop("password", None) or "",
        "HOST": found.pop("host", None) or "",
        "PORT": str(found.pop("port", None) or ""),
        # The pool keeps connections open, so Django must not (CONN_MAX_AGE stays 0).
        "OPTIONS": {**found, "pool": {"min_size": 1, "max_size": pool_size}},
    }
