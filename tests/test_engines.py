"""The plan by which the engines share the suite."""

import re
from itertools import chain

from django.conf import settings
from django.test import SimpleTestCase

from tests.engines import Outcome
from tests.shares import ONLY_ON, POSTGRESQL, SQLITE


class ShareTests(SimpleTestCase):
    def test_what_runs_on_one_engine_is_there_by_that_name(self):
        for entry in chain(*ONLY_ON.values()):
            with self.subTest(entry):
                path, *names = entry.split("::")
                self.assertTrue((settings.BASE_DIR / path).exists())
                for name in names:
                    text = (settings.BASE_DIR / path).read_text()
                    self.assertRegex(text, rf"\b(class|def) {re.escape(name)}\b")

    def test_nothing_runs_on_no_engine(self):
        everywhere = list(chain(*ONLY_ON.values()))
        self.assertEqual(len(everywhere), len(set(everywhere)))


class SkipTests(SimpleTestCase):
    def test_only_postgresql_has_to_run_everything(self) -> None:
        skipped = ["tests/queries/test_listed.py::ListedTests::test_cursors"]
        on = {engine: Outcome(engine, 0, 1, 0, 1, skipped) for engine in (SQLITE, POSTGRESQL)}
        self.assertTrue(on[SQLITE].is_good)
        self.assertEqual(on[SQLITE].wrongly_skipped, ())
        self.assertFalse(on[POSTGRESQL].is_good)
        self.assertEqual(on[POSTGRESQL].wrongly_skipped, skipped)

    def test_a_failure_is_no_reason_to_name_what_sqlite_skipped(self) -> None:
        failed = Outcome(SQLITE, 1, 1, 1, 1, ["tests/queries/test_listed.py::ListedTests::test_x"])
        self.assertFalse(failed.is_good)
        self.assertEqual(failed.wrongly_skipped, ())
