"""DATABASE_URL: the two engines, and everything else refused without repeating a password."""

import os
import resource
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from unittest import mock

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.test import SimpleTestCase, TestCase

from recommendations.faults import Fault, fault_of
from tracker.databases import Waits, database, replica, sqlite
from tracker.sqlite.base import DatabaseWrapper

BASE = Path("/srv/tracker")


def read(url):
    with mock.patch.dict(os.environ, {"DATABASE_URL": url}):
        return database("DATABASE_URL", base=BASE, pool_size=7, waits=Waits(lock=3, connection=5))


class ReplicaTests(SimpleTestCase):
    """DATABASE_REPLICA_URL: a PostgreSQL beside a PostgreSQL, never written to."""

    def read(self, url: str, engine: str = "tracker.postgresql"):
        with mock.patch.dict(os.environ, {"DATABASE_REPLICA_URL": url}):
            return replica("DATABASE_REPLICA_URL", engine)

    def test_none(self):
        self.assertIsNone(self.read(""))

    def test_it_is_read_only_and_each_transaction_is_of_one_moment(self):
        found = self.read("postgresql://ann@db.example/tracker")
        self.assertEqual((found["HOST"], found["NAME"]), ("db.example", "tracker"))
        options = found["OPTIONS"]
        self.assertIn("-c default_transaction_read_only=on", options["options"])
        self.assertEqual(options["isolation_level"].name, "REPEATABLE_READ")
        self.assertNotIn("pool", options)

    def test_refused_beside_sqlite_and_as_another_kind(self):
        for url, engine in (
            ("postgresql://ann:secret@db.example/tracker", "tracker.sqlite"),
            ("sqlite:///copy.sqlite3", "tracker.postgresql"),
            ("mysql://ann:secret@db.example/tracker", "tracker.postgresql"),
        ):
            with self.subTest(url), self.assertRaises(ImproperlyConfigured) as refusal:
                self.read(url, engine)
            self.assertNotIn("secret", str(refusal.exception))


class AddressTests(SimpleTestCase):
    def test_sqlite(self):
        for url, path in (
            ("", "/srv/tracker/db.sqlite3"),
            ("sqlite:///a/b.sqlite3", "/srv/tracker/a/b.sqlite3"),
            ("sqlite:////var/b.sqlite3", "/var/b.sqlite3"),
        ):
            with self.subTest(url=url):
                found = read(url)
                self.assertEqual(found["ENGINE"], "tracker.sqlite")
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
                    "options": "-c lock_timeout=3s -c plan_cache_mode=force_generic_plan"
                    " -c max_parallel_workers_per_gather=0",
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


class UnwritableTests(TestCase):
    """A file beside which SQLite can make no other, as on a full disk."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.path = self.folder / "site.sqlite3"
        with closing(sqlite3.connect(self.path)) as made:
            made.executescript(
                "PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES (1)"
            )
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        # No file may grow beyond this, whoever writes it.
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_FSIZE, (soft, hard))

    def open(self):
        entry = sqlite(self.path, Waits(lock=3, connection=5))
        given = {**connection.settings_dict, **entry}
        wrapper = DatabaseWrapper(given, "unwritable")
        self.addCleanup(wrapper.close)
        return wrapper

    def test_it_is_read_and_every_change_is_refused_as_read_only(self):
        with self.open().cursor() as cursor:
            cursor.execute("SELECT a FROM t")
            self.assertEqual(cursor.fetchall(), [(1,)])
            with self.assertRaises(OperationalError) as refused:
                cursor.execute("INSERT INTO t VALUES (2)")
        self.assertIs(fault_of(refused.exception), Fault.READ_ONLY)

    def test_it_is_not_read_past_changes_that_are_in_its_log(self):
        (self.folder / "site.sqlite3-wal").write_bytes(b"changes")
        with self.assertRaises(OperationalError) as refused:
            self.open().cursor()
        self.assertIs(fault_of(refused.exception), Fault.LOST)
