"""Which errors are faults that pass, and which are errors of the program."""

import errno
import sqlite3

import psycopg
from django.db import (
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
)
from django.http import Http404, UnreadablePostError
from django.test import SimpleTestCase
from psycopg_pool import PoolTimeout

from recommendations.faults import ClockFault, Fault, fault_of


def wrapped(kind: type[Exception], cause: Exception) -> Exception:
    """As Django raises what its driver did."""
    return because_of(kind(*cause.args), cause)


def of_sqlite(code: int) -> Exception:
    cause = sqlite3.OperationalError("secret")
    cause.sqlite_errorcode = code
    return wrapped(OperationalError, cause)


def of_disk(code: int) -> OSError:
    return OSError(code, "secret")


def because_of(error: Exception, cause: Exception, how: str = "__cause__") -> Exception:
    setattr(error, how, cause)
    return error


class FaultTests(SimpleTestCase):
    def test_of_postgresql(self):
        for kind, cause, wanted in (
            (OperationalError, psycopg.errors.LockNotAvailable, Fault.BUSY),
            (OperationalError, psycopg.errors.DeadlockDetected, Fault.BUSY),
            (OperationalError, psycopg.errors.SerializationFailure, Fault.BUSY),
            (OperationalError, psycopg.errors.TooManyConnections, Fault.BUSY),
            (OperationalError, psycopg.errors.AdminShutdown, Fault.LOST),
            (OperationalError, psycopg.errors.CannotConnectNow, Fault.LOST),
            (OperationalError, psycopg.OperationalError, Fault.LOST),
            (OperationalError, PoolTimeout, Fault.LOST),
            (InterfaceError, psycopg.InterfaceError, Fault.LOST),
            (InternalError, psycopg.errors.ReadOnlySqlTransaction, Fault.READ_ONLY),
            (OperationalError, psycopg.errors.DiskFull, Fault.FULL),
            (ProgrammingError, psycopg.errors.UndefinedTable, None),
            (ProgrammingError, psycopg.ProgrammingError, None),
            (IntegrityError, psycopg.errors.UniqueViolation, None),
            (InternalError, psycopg.errors.InFailedSqlTransaction, None),
        ):
            with self.subTest(cause.__name__):
                self.assertIs(fault_of(wrapped(kind, cause("secret"))), wanted)
                self.assertIs(fault_of(cause("secret")), wanted)

    def test_of_everything_else(self):
        for error, wanted in (
            (of_sqlite(sqlite3.SQLITE_BUSY), Fault.BUSY),
            (of_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), Fault.BUSY),
            (of_sqlite(sqlite3.SQLITE_READONLY_DBMOVED), Fault.READ_ONLY),
            (of_sqlite(sqlite3.SQLITE_FULL), Fault.FULL),
            (of_sqlite(sqlite3.SQLITE_CANTOPEN), Fault.LOST),
            (of_sqlite(sqlite3.SQLITE_IOERR_WRITE), Fault.LOST),
            # No such table, a wrong word in a statement.
            (of_sqlite(sqlite3.SQLITE_ERROR), None),
            (of_sqlite(sqlite3.SQLITE_CONSTRAINT), None),
            (of_disk(errno.ENOSPC), Fault.FULL),
            (of_disk(errno.EDQUOT), Fault.FULL),
            (of_disk(errno.EROFS), Fault.READ_ONLY),
            (of_disk(errno.EIO), Fault.FILES),
            # As an unreachable bucket is told of.
            (OSError("EndpointConnectionError"), Fault.FILES),
            (PermissionError(errno.EACCES, "secret"), Fault.FILES),
            # The client broke off: nothing of ours failed.
            (UnreadablePostError("secret"), None),
            (ClockFault("behind"), Fault.CLOCK),
            *((error, None) for error in (None, ValueError("x"), Http404("x"), KeyError("x"))),
            # What fails while a fault is handled is that fault.
            (
                because_of(ProgrammingError("x"), of_sqlite(sqlite3.SQLITE_BUSY), "__context__"),
                Fault.BUSY,
            ),
            # A refusal that came of a fault stays a refusal.
            (because_of(Http404("x"), OperationalError("gone")), None),
        ):
            with self.subTest(repr(error)):
                self.assertIs(fault_of(error), wanted)
