"""The settings refuse to start a site that lacks what protects people."""

import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase

from tracker.evidence_storage import evidence_storage


def setting(name, **environment):
    """Read a setting in a process of its own, which starts in this environment and no other."""
    return subprocess.run(
        [sys.executable, "-c", f"import django.conf; print(django.conf.settings.{name})"],
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "tracker.settings",
            **environment,
        },
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


def start(**environment):
    """What the settings say to an environment; empty when they are fine with it."""
    done = setting("DEBUG", **environment)
    return done.stderr if done.returncode else ""


class StartTests(SimpleTestCase):
    whole = {"SECRET_KEY": "k" * 50, "ALLOWED_HOSTS": "tracker.example"}

    def test_debug_needs_nothing(self):
        self.assertEqual(start(DEBUG="on"), "")

    def test_outside_debug(self):
        self.assertEqual(start(**self.whole), "")
        for name in self.whole:
            with self.subTest(name=name):
                rest = {key: value for key, value in self.whole.items() if key != name}
                self.assertIn(f"ImproperlyConfigured: {name} is not set", start(**rest))

    def test_a_wrong_value_is_named(self):
        for name, value in (
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
        ):
            with self.subTest(name=name):
                error = start(**self.whole, **{name: value})
                self.assertIn(f"ImproperlyConfigured: {name} is ", error)


class EvidenceStorageTests(SimpleTestCase):
    """Where the files of evidence lie, as the environment says."""

    def entry(self, **environment):
        with mock.patch.dict(os.environ, {"EVIDENCE_S3_BUCKET": "", **environment}):
            return evidence_storage(Path("/srv/evidence"))

    def test_a_folder_for_this_user_alone(self):
        entry = self.entry()
        self.assertEqual(entry["OPTIONS"]["location"], "/srv/evidence")
        self.assertEqual(entry["OPTIONS"]["file_permissions_mode"], 0o600)
        self.assertEqual(entry["OPTIONS"]["directory_permissions_mode"], 0o700)

    def test_a_folder_whose_group_may_read_it_where_nginx_sends_the_files(self):
        entry = self.entry(EVIDENCE_ACCEL_PREFIX="/evidence-files/")
        self.assertEqual(entry["OPTIONS"]["file_permissions_mode"], 0o640)
        self.assertEqual(entry["OPTIONS"]["directory_permissions_mode"], 0o750)

    def test_a_bucket(self):
        entry = self.entry(
            EVIDENCE_S3_BUCKET="files",
            EVIDENCE_S3_ENDPOINT="https://s3.example.org",
            EVIDENCE_S3_REGION="eu",
            EVIDENCE_S3_PREFIX="tracker",
        )
        self.assertEqual(entry["BACKEND"], "storages.backends.s3.S3Storage")
        named = {
            "bucket_name": "files",
            "endpoint_url": "https://s3.example.org",
            "region_name": "eu",
            "location": "tracker",
            "default_acl": None,
        }
        self.assertEqual({**entry["OPTIONS"], **named}, entry["OPTIONS"])

    def test_a_bucket_needs_its_client(self):
        missing = mock.patch.dict(sys.modules, {"storages.backends.s3": None})
        with missing, self.assertRaises(ImproperlyConfigured) as refused:
            self.entry(EVIDENCE_S3_BUCKET="files")
        self.assertEqual(
            str(refused.exception),
            "EVIDENCE_S3_BUCKET is set, but the S3 client is not installed; "
            "it should be used with what requirements/s3.txt lists.",
        )
