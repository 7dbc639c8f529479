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
    error = kind(*cause.args)
    error.__cause__ = cause
    return error


def of_sqlite(code: int) -> Exception:
    cause = sqlite3.OperationalError("secret")
    cause.sqlite_errorcode = code
    return wrapped(OperationalError, cause)


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

    def test_of_sqlite(self):
        for code, wanted in (
            (sqlite3.SQLITE_BUSY, Fault.BUSY),
            (sqlite3.SQLITE_BUSY_SNAPSHOT, Fault.BUSY),
            (sqlite3.SQLITE_READONLY_DBMOVED, Fault.READ_ONLY),
            (sqlite3.SQLITE_FULL, Fault.FULL),
            (sqlite3.SQLITE_CANTOPEN, Fault.LOST),
            (sqlite3.SQLITE_IOERR_WRITE, Fault.LOST),
            # No such table, a wrong word in a statement.
            (sqlite3.SQLITE_ERROR, None),
            (sqlite3.SQLITE_CONSTRAINT, None),
        ):
            with self.subTest(code):
                self.assertIs(fault_of(of_sqlite(code)), wanted)

    def test_what_fails_while_a_fault_is_handled_is_that_fault(self):
        error = ProgrammingError("Cannot open a new connection in an atomic block.")
        error.__context__ = of_sqlite(sqlite3.SQLITE_BUSY)
        self.assertIs(fault_of(error), Fault.BUSY)

    def test_of_disk_and_storage(self):
        for error, wanted in (
            (OSError(errno.ENOSPC, "secret"), Fault.FULL),
            (OSError(errno.EDQUOT, "secret"), Fault.FULL),
            (OSError(errno.EROFS, "secret"), Fault.READ_ONLY),
            (OSError(errno.EIO, "secret"), Fault.FILES),
            # As an unreachable bucket is told of.
            (OSError("EndpointConnectionError"), Fault.FILES),
            (PermissionError(errno.EACCES, "secret"), Fault.FILES),
            # The client broke off: nothing of ours failed.
            (UnreadablePostError("secret"), None),
        ):
            with self.subTest(repr(error)):
                self.assertIs(fault_of(error), wanted)

    def test_of_the_clock(self):
        self.assertIs(fault_of(ClockFault("behind")), Fault.CLOCK)

    def test_anything_else_is_none(self):
        for error in (None, ValueError("x"), Http404("x"), KeyError("x")):
            self.assertIsNone(fault_of(error))

    def test_a_refusal_that_came_of_a_fault_stays_a_refusal(self):
        error = Http404("x")
        error.__cause__ = OperationalError("gone")
        self.assertIsNone(fault_of(error))
