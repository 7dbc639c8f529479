"""Faults of what the site stands on: database, disk, storage of files, clock.

A fault is nobody's mistake and passes: the request that met it is answered 503 and can be sent
again. Everything else that is raised is an error of this program, and stays one.
"""

import errno
import sqlite3
from collections.abc import Iterator
from enum import Enum, auto
from smtplib import SMTPException

from django.db import Error
from django.http import UnreadablePostError


class Fault(Enum):
    """What does not work."""

    BUSY = auto()
    LOST = auto()
    READ_ONLY = auto()
    FULL = auto()
    FILES = auto()
    CLOCK = auto()
    UNFINISHED = auto()


class UnfinishedError(Exception):
    """Takes longer than one request may; what is done is kept, and ``str`` tells how far it is."""


class ClockFault(Exception):
    """The clock cannot be trusted, so nothing is recorded under it; ``str`` gives both times."""


_SQLSTATES = {
    # Lock not available, deadlock, conflict of transactions, too many connections, cancelled.
    **dict.fromkeys(("55P03", "40P01", "40001", "53300", "57014"), Fault.BUSY),
    "25006": Fault.READ_ONLY,
    "53100": Fault.FULL,
}
# Connections, resources, what an operator does, errors of the machine. Others are of the program.
_SQLSTATE_CLASSES = {"08", "53", "57", "58"}

_SQLITE = {
    sqlite3.SQLITE_BUSY: Fault.BUSY,
    sqlite3.SQLITE_LOCKED: Fault.BUSY,
    sqlite3.SQLITE_READONLY: Fault.READ_ONLY,
    sqlite3.SQLITE_FULL: Fault.FULL,
    **dict.fromkeys(
        (
            *(sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PROTOCOL),
            *(sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_NOMEM),
        ),
        Fault.LOST,
    ),
}

_ERRNOS = {
    errno.ENOSPC: Fault.FULL,
    errno.EDQUOT: Fault.FULL,
    errno.EROFS: Fault.READ_ONLY,
}


def fault_of(error: BaseException | None) -> Fault | None:
    """The fault behind an exception; none where it is anything else."""
    if isinstance(error, ClockFault):
        return Fault.CLOCK
    if isinstance(error, UnfinishedError):
        return Fault.UNFINISHED
    if isinstance(error, OSError):
        return _of_system(error)
    return next(filter(None, map(_of_database, _causes(error))), None)


def _of_system(error: OSError) -> Fault | None:
    # The client broke off, or a mail server did: neither is the storage.
    if isinstance(error, UnreadablePostError | SMTPException):
        return None
    return _ERRNOS.get(error.errno or 0, Fault.FILES)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error of the database, and what it came of: the driver, or an earlier one."""
    while error is not None:
        yield error
        error = (error.__cause__ or error.__context__) if isinstance(error, Error) else None


def _of_database(error: BaseException) -> Fault | None:
    if isinstance(error, sqlite3.Error):
        # The low byte is the kind; what is above it says more.
        return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    if state := getattr(error, "sqlstate", None):
        return _SQLSTATES.get(state, Fault.LOST if state[:2] in _SQLSTATE_CLASSES else None)
    if isinstance(error, Error) and error.__cause__ is not None:
        # Django's own wrapper: what the driver said is asked next.
        return None
    # Nothing that a server said: the connection is gone, or none was to be had.
    is_unreachable = any(kind.__name__ in _UNREACHABLE for kind in type(error).__mro__)
    return Fault.LOST if is_unreachable else None


_UNREACHABLE = {"OperationalError", "InterfaceError"}
"""Of Django and of each driver, by name: psycopg is not there where the engine is SQLite."""
