"""The settings refuse to start a site that lacks what protects people."""

import os
import subprocess
import sys

from django.conf import settings
from django.test import SimpleTestCase


def start(**environment):
    """Read the settings in a process of their own; its error text, empty when they are fine."""
    code = "import django.conf; print(django.conf.settings.DEBUG)"
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
        check=False,
    )
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
            ("DATABASE_URL", "mysql://db/tracker"),
        ):
            with self.subTest(name=name):
                error = start(**self.whole, **{name: value})
                self.assertIn(f"ImproperlyConfigured: {name} is ", error)
