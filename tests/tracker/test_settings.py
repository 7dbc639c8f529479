"""The settings refuse to start a site that lacks what protects people."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase, override_settings

from recommendations.apps import start_error_collector
from tracker.evidence_storage import evidence_storage


def setting(name: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Read a setting in a process of its own, which starts in this environment and no other."""
    return python(f"import django.conf; print(django.conf.settings.{name})", **environment)


def python(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code beside the site, in this environment and no other."""
    own = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "tracker.settings"}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**own, **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


_STARTS = """
import json, os, sys, tempfile, traceback
import django.conf
for environment in json.loads(sys.argv[1]):
    with tempfile.TemporaryFile("w+") as told:
        if not (child := os.fork()):
            os.environ.update(environment)
            try:
                django.conf.settings.DEBUG
            except BaseException:
                traceback.print_exc(file=told)
                told.flush()
            os._exit(0)
        os.waitpid(child, 0)
        told.seek(0)
        print(json.dumps(told.read()))
"""


def starts(environments: Sequence[Mapping[str, str]]) -> list[str]:
    """What the settings say to each environment; nothing when they are fine with it.

    Each is read in a fork of one process, so that Python starts once.
    """
    done = python(_STARTS, json.dumps(environments))
    assert not done.returncode, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def start(**environment: str) -> str:
    """What the settings say to one environment."""
    [said] = starts([environment])
    return said


class StartTests(SimpleTestCase):
    whole = {"SECRET_KEY": "k" * 50, "ALLOWED_HOSTS": "tracker.example"}

    def test_what_is_fine(self) -> None:
        self.assertEqual(starts([{"DEBUG": "on"}, self.whole]), ["", ""])

    def test_what_a_site_lacks_or_has_wrong_is_named(self) -> None:
        cases = [
            ("SECRET_KEY", ""),
            ("ALLOWED_HOSTS", ""),
            ("DEBUG", "perhaps"),
            ("PUBLIC_PAGES", "perhaps"),
            ("TIME_ZONE", "Mars/Olympus"),
            ("LOG_LEVEL", "loud"),
            ("DATABASE_POOL_SIZE", "0"),
            ("DATABASE_LOCK_TIMEOUT", "0"),
            ("DATABASE_POOL_TIMEOUT", "61"),
            ("CLOCK_TOLERANCE", "none"),
            ("DATABASE_URL", "mysql://db/tracker"),
            ("EVIDENCE_MAX_MB", "0"),
            ("EVIDENCE_MAX_FILES", "many"),
            ("IMPORT_PAGE_MAX_ROWS", "0"),
            ("IMPORT_PAGE_MAX_VALUES", "all"),
            ("METRICS_TOKEN", "short"),
            ("METRICS_NETWORKS", "here"),
            ("EVIDENCE_TYPES", "pdf,,png"),
            ("MAIL_QUEUE_THREAD", "sometimes"),
            ("SITE_ADDRESS", "tracker.example.org"),
        ]
        told = starts([{**self.whole, name: value} for name, value in cases])
        for (name, value), error in zip(cases, told, strict=True):
            with self.subTest(name=name):
                is_missing = "not set" if not value else ""
                self.assertIn(f"ImproperlyConfigured: {name} is {is_missing}", error)


class EvidenceStorageTests(SimpleTestCase):
    """Where the files of evidence lie, as the environment says."""

    def entry(self, **environment):
        with mock.patch.dict(os.environ, {"EVIDENCE_S3_BUCKET": "", **environment}):
            return evidence_storage(Path("/srv/evidence"))

    def test_a_folder_for_this_user_alone_or_for_a_group_where_nginx_sends_the_files(self):
        for environment, file, folder in (
            ({}, 0o600, 0o700),
            ({"EVIDENCE_ACCEL_PREFIX": "/evidence-files/"}, 0o640, 0o750),
        ):
            with self.subTest(environment):
                options = self.entry(**environment)["OPTIONS"]
                self.assertEqual(options["location"], "/srv/evidence")
                self.assertEqual(options["file_permissions_mode"], file)
                self.assertEqual(options["directory_permissions_mode"], folder)

    def test_a_bucket_needs_its_client(self):
        missing = mock.patch.dict(sys.modules, {"storages.backends.s3": None})
        with missing, self.assertRaises(ImproperlyConfigured) as refused:
            self.entry(EVIDENCE_S3_BUCKET="files")
        self.assertEqual(
            str(refused.exception),
            "EVIDENCE_S3_BUCKET is set, but the S3 client is not installed; "
            "it should be used with what requirements/s3.txt lists.",
        )


class StartedTests(SimpleTestCase):
    """What runs beside the pages once a site has started."""

    CODE = "import threading, tracker.wsgi; print([one.name for one in threading.enumerate()])"

    def test_a_thread_sends_mail_where_the_setting_is_on(self) -> None:
        for value, is_there in (("off", False), ("on", True)):
            with self.subTest(value), tempfile.TemporaryDirectory() as folder:
                url = f"sqlite:///{folder}/none.sqlite3"
                told = python(self.CODE, DATABASE_URL=url, DEBUG="on", MAIL_QUEUE_THREAD=value)
                self.assertEqual("mail queue" in told.stdout, is_there, told.stderr)

    def test_a_collector_of_errors_is_called_once(self) -> None:
        set_up = "import django; django.setup()"
        told = python(set_up, DEBUG="on", ERROR_COLLECTOR="faulthandler.dump_traceback").stderr
        self.assertEqual(told.count("most recent call first"), 1)

    def test_a_collector_that_fails_is_logged_and_stops_nothing(self) -> None:
        for path in ("math.sqrt", f"{__name__}.missing", "no_such.module", "nothing"):
            with (
                self.subTest(path=path),
                override_settings(ERROR_COLLECTOR=path),
                self.assertLogs("recommendations.apps", "ERROR") as logged,
            ):
                start_error_collector()
            self.assertIn(path, logged.output[0])
