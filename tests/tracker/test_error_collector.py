"""A collector of errors is set up once at the start, and never keeps the site from starting."""

import os
import subprocess
import sys
from unittest import mock

from django.conf import settings
from django.test import SimpleTestCase, override_settings

from recommendations.apps import start_error_collector

CALLS: list[str] = []


def collector() -> None:
    CALLS.append("called")


def failing() -> None:
    raise SystemError("no key")


class ErrorCollectorTests(SimpleTestCase):
    def test_off_by_default(self) -> None:
        with mock.patch("recommendations.apps.import_string") as imported:
            start_error_collector()
        imported.assert_not_called()

    @override_settings(ERROR_COLLECTOR=f"{__name__}.collector")
    def test_the_function_is_called(self) -> None:
        CALLS.clear()
        start_error_collector()
        self.assertEqual(CALLS, ["called"])

    def test_what_fails_is_logged_and_stops_nothing(self) -> None:
        for path in (f"{__name__}.failing", f"{__name__}.missing", "no_such.module", "nothing"):
            with (
                self.subTest(path=path),
                override_settings(ERROR_COLLECTOR=path),
                self.assertLogs("recommendations.apps", "ERROR") as logged,
            ):
                start_error_collector()
            self.assertIn(path, logged.output[0])

    def test_it_is_called_once_by_a_start(self) -> None:
        code = "import django; django.setup()"
        environment = {"DEBUG": "on", "ERROR_COLLECTOR": "faulthandler.dump_traceback"}
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={
                "PATH": os.environ["PATH"],
                "DJANGO_SETTINGS_MODULE": "tracker.settings",
                **environment,
            },
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=True,
        )
        self.assertEqual(done.stderr.count("most recent call first"), 1)
