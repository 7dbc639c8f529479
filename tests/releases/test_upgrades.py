"""From the first release on: a database filled by a release is upgraded with every row, whole.

A table that a migration empties or splits on purpose is named in ``MOVED`` with the reason.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase

RELEASES = sorted(Path(__file__).parent.glob("*.jsonl.gz"))

MOVED: Mapping[str, str] = {}


class UpgradeTests(TransactionTestCase):
    """Commits nothing here: the upgraded database is another one of the same engine."""

    def _fixture_teardown(self) -> None:
        pass

    def upgraded(self, release: Path, url: str, folder: str) -> dict[str, tuple[int, int]]:
        done = subprocess.run(
            [sys.executable, "-m", "tests.releases.upgrading", release],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tracker.settings",
                "DATABASE_URL": url,
                "EVIDENCE_ROOT": folder,
            },
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        counts: dict[str, tuple[int, int]] = json.loads(done.stdout.splitlines()[-1])
        return counts

    def test_every_row_is_kept_and_the_record_is_whole(self) -> None:
        self.assertTrue(RELEASES)
        for release in RELEASES:
            with self.subTest(release.name), TemporaryDirectory() as folder:
                if connection.vendor == "sqlite":
                    counts = self.upgraded(release, f"sqlite:///{folder}/old.sqlite3", folder)
                else:
                    counts = self.upgraded_on_server(release, folder)
                self.assertGreater(counts["recommendations_auditevent"][0], 100)
                lost = {name: of for name, of in counts.items() if of[0] != of[1]}
                self.assertLessEqual(lost.keys(), MOVED.keys(), lost)

    def upgraded_on_server(self, release: Path, folder: str) -> dict[str, tuple[int, int]]:
        name = f"upgrade_{os.getpid()}"
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
        try:
            server = urlsplit(os.environ["TEST_DATABASE_URL"])
            return self.upgraded(release, server._replace(path=f"/{name}").geturl(), folder)
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
