"""Which errors are faults that pass, and which are errors of the program; and what manage.py, which
is more patient than a page, says of them."""

import errno
import os
import sqlite3
import sys
from typing import Any
from unittest import mock

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

import manage
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


class ManageTests(SimpleTestCase):
    def run_command(self, *arguments: str, error: Exception | None = None, **given: str) -> Any:
        """The environment in which the command ran."""
        seen: dict[str, str] = {}

        def execute(_arguments: list[str]) -> None:
            seen.update(os.environ)
            if error is not None:
                raise error

        with (
            mock.patch.dict(os.environ, given),
            mock.patch.object(sys, "argv", ["manage.py", *arguments]),
            mock.patch("django.core.management.execute_from_command_line", execute),
        ):
            if "DATABASE_LOCK_TIMEOUT" not in given:
                del os.environ["DATABASE_LOCK_TIMEOUT"]
            manage.main()
        return seen

    def test_a_command_waits_longer_for_a_lock_than_a_page(self):
        self.assertEqual(self.run_command("migrate")["DATABASE_LOCK_TIMEOUT"], "60")
        for command in ("runserver", "demo"):
            self.assertNotIn("DATABASE_LOCK_TIMEOUT", self.run_command(command))
        given = self.run_command("migrate", DATABASE_LOCK_TIMEOUT="9")
        self.assertEqual(given["DATABASE_LOCK_TIMEOUT"], "9")

    def test_a_fault_is_told_in_a_sentence(self):
        for error, words in (
            (ClockFault("It is 9:00."), "clock: It is 9:00."),
            (of_sqlite(sqlite3.SQLITE_READONLY), "read only: secret"),
        ):
            with self.subTest(words), self.assertRaisesMessage(SystemExit, words):
                self.run_command("migrate", error=error)

    def test_an_error_of_the_program_keeps_its_trace(self):
        with self.assertRaises(ValueError):
            self.run_command("migrate", error=ValueError("x"))
