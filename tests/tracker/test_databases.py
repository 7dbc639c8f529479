"""DATABASE_URL: the two engines, and everything else refused without repeating a password."""

import os
from pathlib import Path
from unittest import mock

from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import SimpleTestCase, TestCase

from tracker.databases import Waits, database

BASE = Path("/srv/tracker")


def read(url):
    with mock.patch.dict(os.environ, {"DATABASE_URL": url}):
        return database("DATABASE_URL", base=BASE, pool_size=7, waits=Waits(lock=3, connection=5))


class AddressTests(SimpleTestCase):
    def test_sqlite(self):
        for url, path in (
            ("", "/srv/tracker/db.sqlite3"),
            ("sqlite:///a/b.sqlite3", "/srv/tracker/a/b.sqlite3"),
            ("sqlite:////var/b.sqlite3", "/var/b.sqlite3"),
        ):
            with self.subTest(url=url):
                found = read(url)
                self.assertEqual(found["ENGINE"], "django.db.backends.sqlite3")
                self.assertEqual(found["NAME"], Path(path))
                self.assertEqual(found["OPTIONS"]["transaction_mode"], "IMMEDIATE")
                self.assertEqual(found["OPTIONS"]["timeout"], 3)

    def test_postgresql(self):
        found = read("postgresql://ann:p%40ss@db.example:5433/tracker?sslmode=require")
        self.assertEqual(
            found,
            {
                "ENGINE": "tracker.postgresql",
                "NAME": "tracker",
                "USER": "ann",
                "PASSWORD": "p@ss",
                "HOST": "db.example",
                "PORT": "5433",
                "OPTIONS": {
                    "sslmode": "require",
                    "connect_timeout": 3,
                    "keepalives_idle": 10,
                    "keepalives_interval": 5,
                    "options": "-c lock_timeout=3s",
                    "pool": {
                        "min_size": 1,
                        "max_size": 7,
                        "timeout": 5,
                        "reconnect_timeout": 5,
                        "max_lifetime": 1800,
                    },
                },
            },
        )

    def test_postgresql_through_a_socket(self):
        found = read("postgresql://ann@/tracker?host=/run/postgresql")
        self.assertEqual(found["HOST"], "/run/postgresql")
        self.assertEqual(found["PORT"], "")

    def test_what_the_address_says_of_waiting_wins(self):
        url = "postgresql://db/tracker?connect_timeout=9&options=-c%20lock_timeout%3D9s"
        options = read(url)["OPTIONS"]
        self.assertEqual(options["options"], "-c lock_timeout=3s -c lock_timeout=9s")
        self.assertEqual(options["connect_timeout"], "9")

    def test_anything_else_is_refused_without_the_password(self):
        for url in (
            "mysql://ann:hidden@db/tracker",
            "postgresql://ann:hidden@db",
            "postgresql://ann:hidden@db:port/tracker?no_such_option=hidden",
            "sqlite://hidden",
            "sqlite:///",
            "hidden",
        ):
            with self.subTest(url=url), self.assertRaises(ImproperlyConfigured) as caught:
                read(url)
            self.assertIn("DATABASE_URL", str(caught.exception))
            self.assertIn("sqlite:///file", str(caught.exception))
            self.assertNotIn("hidden", str(caught.exception))


class ConnectionTests(TestCase):
    def test_sqlite_is_opened_as_the_guards_and_keys_need_it(self):
        if connection.vendor != "sqlite":
            # PostgreSQL has no such switches: there is nothing to look at, and nothing skipped.
            return
        wanted = {"journal_mode": "wal", "recursive_triggers": 1, "foreign_keys": 1}
        for pragma, value in wanted.items():
            with self.subTest(pragma=pragma), connection.cursor() as cursor:
                cursor.execute(f"PRAGMA {pragma}")
                self.assertEqual(cursor.fetchone()[0], value)
