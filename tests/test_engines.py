"""The plan by which the engines share the suite."""

from unittest import mock

from django.conf import settings
from django.test import SimpleTestCase

from tests.depth import FIRST, SLOW, deep_files
from tests.engines import ENGINES, Outcome
from tests.shares import (
    ON_BOTH,
    ON_POSTGRESQL_ALONE,
    ON_SQLITE_ALONE,
    POSTGRESQL,
    SQLITE,
    share_of,
)


class ShareTests(SimpleTestCase):
    def test_what_has_an_engine_or_a_turn_is_there_by_that_name(self):
        for entry in (*ON_BOTH, *ON_POSTGRESQL_ALONE, *ON_SQLITE_ALONE, *SLOW, *FIRST):
            with self.subTest(entry):
                path, *names = entry.split("::")
                self.assertTrue((settings.BASE_DIR / path).exists())
                for name in names:
                    text = (settings.BASE_DIR / path).read_text()
                    self.assertRegex(text, rf"\b(class|def) {name}\b")

    @mock.patch("tests.shares.IS_DEEP", False)
    def test_what_one_leaves_out_the_other_runs(self):
        left_out = {argument.partition("=")[2] for argument in share_of(SQLITE, ENGINES)}
        given = tuple(share_of(POSTGRESQL, ENGINES))
        self.assertTrue(left_out)
        for path in left_out:
            self.assertTrue(path.startswith(given), path)
        self.assertFalse(left_out & {*ON_SQLITE_ALONE})
        self.assertEqual([share_of(engine, [engine]) for engine in ENGINES], [[], []])

    def test_a_deep_run_takes_the_files_that_ask_for_more(self):
        files = {*deep_files()}
        self.assertIn("tests/histories/test_past.py", files)
        self.assertNotIn("tests/tracker/test_settings.py", files)
        for engine in ENGINES:
            with mock.patch("tests.shares.IS_DEEP", True):
                share = share_of(engine, ENGINES)
            paths = {part for part in share if not part.startswith("--")}
            self.assertLessEqual(paths, files)
            self.assertIn("tests/histories/test_past.py", paths)


class SkipTests(SimpleTestCase):
    def test_only_postgresql_has_to_run_everything(self) -> None:
        for engine, is_good in ((SQLITE, True), (POSTGRESQL, False)):
            outcome = Outcome(engine, 0, skipped=1, skipped_unexpectedly=["tests/x.py::XTests"])
            self.assertEqual(outcome.is_good, is_good)
            self.assertEqual(bool(outcome.wrongly_skipped), not is_good)
        self.assertFalse(Outcome(SQLITE, 1).is_good)
