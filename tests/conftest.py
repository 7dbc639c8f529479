"""Plumbing for both engines. People and rows that tests share stand in tests/base.py.

The network is closed by the options in pyproject.toml.
"""

import gc
import json
import os
import shutil
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from _pytest.unittest import TestCaseFunction
from django.core.cache import cache
from django.db import connection
from hypothesis import settings
from pytest_django import DjangoDbBlocker

from tests.depth import is_slow, times, turn


@pytest.hookimpl(trylast=True)  # pytest-django has loaded the models by then.
def pytest_configure(config: pytest.Config) -> None:
    """Watch what is written in this run (tests/write_path/statements.py), and what is shown.

    The same histories are drawn every time, for everyone, but where a seed is stated.
    """
    from recommendations.views import health
    from tests import shown_words
    from tests.write_path import statements

    # A slow machine is not a failure.
    settings.register_profile(
        "tracker",
        derandomize=config.getoption("--hypothesis-seed") is None,
        deadline=None,
        database=None,
        max_examples=times(100, 500),
    )
    settings.load_profile("tracker")
    statements.start()
    shown_words.start()
    tell_failed_subtests_alone()
    health.DEADLINE = 30


def tell_failed_subtests_alone() -> None:
    """A report of each subtest that passes takes 2 ms, more from a worker, and says nothing."""
    tell = TestCaseFunction.addSubTest

    def tell_failed(self: Any, case: Any, test: Any, error: Any) -> None:
        if error is not None:
            tell(self, case, test, error)

    TestCaseFunction.addSubTest = tell_failed  # type: ignore[assignment,method-assign]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Generator[None]:
    """Tests begin with empty tables: what migrations put there is taken away."""
    from recommendations.actions import fixtures

    with django_db_blocker.unblock():
        fixtures.clear()
    yield
    with django_db_blocker.unblock():
        wait_for_sessions()


def wait_for_sessions() -> None:
    """Wait for the end of what has used the database, which is about to be dropped.

    PostgreSQL itself waits five seconds for it, and a machine under load takes longer.
    """
    from tests.processes import until

    if connection.vendor != "postgresql":
        return
    name = connection.settings_dict["NAME"]
    connection.close()
    connection.close_pool()
    with connection._nodb_cursor() as cursor:

        def are_over() -> bool:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [name])
            return cursor.fetchone() == (0,)

        until(are_over, "the end of the last session")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None]:
    from tests import kept

    # What is rolled back between tests is numbered again.
    cache.clear()
    yield from refusing_faults()
    # What a class has put in place for all of its tests: the database is as it left it.
    kept.renew()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None]:
    cache.clear()
    yield from refusing_faults()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None]:
    from tests import kept

    yield from refusing_faults()
    kept.forget()


def refusing_faults() -> Generator[None]:
    """A test fails where the site wrote a tracked row outside an entry, or showed a code."""
    from tests import shown_words
    from tests.write_path import statements

    yield
    if shown := shown_words.found():
        pytest.fail("shown to a person:\n" + "\n".join(shown), pytrace=False)
    if found := statements.found():
        pytest.fail("written outside an entry of the record:\n" + "\n".join(found), pytrace=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make test-fast` leaves out; workers take the longest first."""
    for item in items:
        if is_slow(item.nodeid):
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: turn(item.nodeid))


def pytest_collection_finish() -> None:
    """Look for garbage seldom: what the start has loaded stays to the end of the run anyway.

    Left to itself Python searches through all of it again and again, for a fifth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def may_skip(report: pytest.TestReport | pytest.CollectReport) -> bool:
    """Whether a test needs chromium or nginx, which `make` does not install."""
    parts = ("tests/browser/", "tests/deployment/")
    return "browser" in report.keywords or report.nodeid.startswith(parts)


def pytest_unconfigure() -> None:
    """Take away what tests put in the folder of this process."""
    from tests.settings import SCRATCH

    shutil.rmtree(SCRATCH, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Leave counts for tests/engines.py in the file that it names."""
    if not (path := os.environ.get("TEST_REPORT")):
        return
    stats = terminalreporter.stats
    skipped = stats.get("skipped", [])
    report = {
        "passed": len(stats.get("passed", [])),
        "failed": len(stats.get("failed", [])) + len(stats.get("error", [])),
        "skipped": len(skipped),
        "skipped_unexpectedly": [r.nodeid for r in skipped if not may_skip(r)],
    }
    Path(path).write_text(json.dumps(report))
