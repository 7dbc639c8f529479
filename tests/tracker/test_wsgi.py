"""The entry point of the site: a thread in it sends mail where that is wanted."""

import os
import subprocess
import sys
import tempfile

from django.conf import settings
from django.test import SimpleTestCase

CODE = "import threading, tracker.wsgi; print([one.name for one in threading.enumerate()])"


class MailQueueThreadTests(SimpleTestCase):
    def threads(self, **environment: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, "-c", CODE],
                env={
                    "PATH": os.environ["PATH"],
                    "DJANGO_SETTINGS_MODULE": "tracker.settings",
                    "DATABASE_URL": f"sqlite:///{folder}/none.sqlite3",
                    "DEBUG": "on",
                    **environment,
                },
                cwd=settings.BASE_DIR,
                capture_output=True,
                text=True,
                check=True,
            )
        return done.stdout

    def test_it_runs_only_where_the_setting_is_on(self) -> None:
        self.assertNotIn("mail queue", self.threads())
        self.assertIn("mail queue", self.threads(MAIL_QUEUE_THREAD="on"))
