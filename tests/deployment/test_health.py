"""For operators: alive, and ready or not and why."""

import errno
import json
import tempfile
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from django.conf import settings
from django.db import OperationalError, connection
from django.test import SimpleTestCase, TestCase, override_settings

from recommendations import guards
from recommendations.models import ReadModel
from recommendations.storage import evidence
from recommendations.views import health
from tests.base import GuardedTransactionTestCase
from tests.threads import PATIENCE
from tracker.evidence_storage import evidence_storage

READY = {
    "ready": True,
    "database": "ok",
    "migrations": [],
    "guards": [],
    "state": "",
    "storage": "",
    "disk": "",
}


class AliveTests(SimpleTestCase):
    # No database is open to this test: it asks nothing of one.
    def test_it_answers_whatever_else_is_broken(self):
        response = self.client.get("/healthz")
        self.assertEqual((response.status_code, response.content), (200, b"ok\n"))
        self.assertIn("no-store", response["Cache-Control"])
        self.assertEqual(self.client.head("/healthz").status_code, 200)
        self.assertEqual(self.client.post("/healthz").status_code, 405)


class ReadyTestCase(GuardedTransactionTestCase):
    """The database is asked in a thread of its own, which sees what was committed."""

    def setUp(self) -> None:
        """Without people: nobody asks who it is."""

    def answer(self, status: int) -> dict[str, Any]:
        response = self.client.get("/readyz")
        self.assertEqual(response.status_code, status, response.content)
        self.assertEqual(response["Content-Type"], "application/json")
        self.assertIn("no-store", response["Cache-Control"])
        found: dict[str, Any] = json.loads(response.content)
        return found


class ReadyTests(ReadyTestCase):
    def test_ready(self):
        before = set(evidence.list_stored())
        self.assertEqual(self.answer(200), READY)
        self.assertEqual(set(evidence.list_stored()), before)
        response = self.client.head("/readyz")
        self.assertEqual((response.status_code, response.content), (200, b""))

    def test_a_storage_that_takes_nothing_is_named(self):
        with tempfile.NamedTemporaryFile() as file:
            entry = evidence_storage(Path(file.name))
            with override_settings(STORAGES={**settings.STORAGES, "evidence": entry}):
                answer = self.answer(503)
        wanted = f"{file.name} is not a folder that can be written to"
        self.assertEqual(answer, {**READY, "ready": False, "storage": wanted})

    def test_a_full_disk_is_named(self):
        full = OSError(errno.ENOSPC, "No space left on device")
        with mock.patch.object(health.os, "fsync", side_effect=full):
            answer = self.answer(503)
        self.assertIn(f"{tempfile.gettempdir()}: No space left on device", answer["disk"])
        self.assertEqual(answer["storage"], "No space left on device")
        self.assertEqual(answer["database"], "ok")

    def test_a_database_that_does_not_answer_is_no_error_of_ours(self):
        broken = mock.patch.object(health.guards, "faults", side_effect=OperationalError("secret"))
        with broken:
            answer = self.answer(503)
        self.assertEqual(
            answer, {"ready": False, "database": "OperationalError", "storage": "", "disk": ""}
        )


class HangingTests(ReadyTestCase):
    """What never answers is named in time, and holds one thread however often it is asked."""

    def hanging(self, module: Any, name: str) -> AbstractContextManager[Any]:
        end = threading.Event()

        def hang(*_given: Any) -> dict[str, str]:
            end.wait(PATIENCE)
            return {}

        def stop() -> None:
            end.set()
            for probe in health._under_way.values():
                probe.join(PATIENCE)

        self.addCleanup(stop)
        return mock.patch.object(module, name, hang)

    def test_each_alone(self):
        short = mock.patch.object(health, "DEADLINE", 0.05)
        for name in ("database", "storage", "disk"):
            threads = threading.active_count()
            with self.subTest(name), self.hanging(health, f"ask_{name}"), short:
                for _time in range(3):
                    self.assertEqual(self.answer(503)[name], "no answer in 0.05 s")
                self.assertLessEqual(threading.active_count(), threads + 3)
            self.doCleanups()
        self.assertEqual(self.answer(200), READY)


class DatabaseTests(TestCase):
    def test_a_missing_guard_is_named(self):
        guard = guards.GUARDS[0]
        name = next(guards.names(guard, connection.vendor))
        on = f" ON {guard.table}" if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER {name}{on}")
        self.assertEqual(health.ask_database()["guards"], [name])

    def test_a_migration_that_is_not_applied_is_named(self):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'recommendations'")
        self.assertIn("recommendations.0001_initial", health.ask_database()["migrations"])

    def test_a_kept_state_of_another_release_is_named(self):
        self.assertEqual(health.ask_database()["state"], "")
        ReadModel.objects.update(digest="0" * 64)
        self.assertEqual(health.ask_database()["state"], "of another release")

    def test_one_that_takes_no_changes_is_named(self):
        self.assertEqual(health.ask_database()["database"], "")
        with self.read_only():
            self.assertEqual(health.ask_database()["database"], "read-only")

    @contextmanager
    def read_only(self) -> Iterator[None]:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL transaction_read_only = on")
            yield
        else:
            with mock.patch.object(health.os, "access", return_value=False):
                yield
