"""For operators: alive, and ready or not and why."""

import json
import tempfile
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.db import OperationalError, connection
from django.test import SimpleTestCase, TestCase, override_settings

from recommendations import guards
from recommendations.views import health
from tracker.evidence_storage import evidence_storage


class AliveTests(SimpleTestCase):
    # No database is open to this test: it asks nothing of one.
    def test_it_answers_whatever_else_is_broken(self):
        response = self.client.get("/healthz")
        self.assertEqual((response.status_code, response.content), (200, b"ok\n"))
        self.assertIn("no-store", response["Cache-Control"])

    def test_head_and_nothing_else(self):
        self.assertEqual(self.client.head("/healthz").status_code, 200)
        self.assertEqual(self.client.post("/healthz").status_code, 405)


class ReadyTests(TestCase):
    def answer(self, status: int) -> dict:
        response = self.client.get("/readyz")
        self.assertEqual(response.status_code, status)
        self.assertEqual(response["Content-Type"], "application/json")
        self.assertIn("no-store", response["Cache-Control"])
        return json.loads(response.content)

    def test_ready(self):
        self.assertEqual(
            self.answer(200),
            {"ready": True, "database": "ok", "migrations": [], "guards": [], "storage": ""},
        )

    def test_a_missing_guard_is_named(self):
        guard = guards.GUARDS[0]
        name = next(guards.names(guard, connection.vendor))
        on = f" ON {guard.table}" if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER {name}{on}")
        self.assertEqual(self.answer(503)["guards"], [name])
        self.assertIs(self.answer(503)["ready"], False)

    def test_a_migration_that_is_not_applied_is_named(self):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'recommendations'")
        answer = self.answer(503)
        self.assertIn("recommendations.0001_initial", answer["migrations"])

    def test_a_storage_that_takes_nothing_is_named(self):
        with tempfile.NamedTemporaryFile() as file:
            entry = evidence_storage(Path(file.name))
            with override_settings(STORAGES={**settings.STORAGES, "evidence": entry}):
                answer = self.answer(503)
        self.assertEqual(answer["storage"], f"{file.name} is not a folder that can be written to")
        self.assertEqual(answer["database"], "ok")

    def test_a_database_that_does_not_answer_is_no_error_of_ours(self):
        broken = mock.patch.object(health.guards, "faults", side_effect=OperationalError("secret"))
        with broken:
            answer = self.answer(503)
        self.assertEqual(answer, {"ready": False, "database": "OperationalError"})
