"""What ``manage.py`` adds to Django's: patience, and faults in a sentence."""

import os
import sqlite3
import sys
from typing import Any
from unittest import mock

from django.test import SimpleTestCase

import manage
from recommendations.faults import ClockFault
from tests.test_faults import of_sqlite


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
