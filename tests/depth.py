"""How much a run asks for: `make test` in reduced counts, `make test-deep` in large ones.

A deep run leaves out what it would repeat as it is.

`make test-fast` leaves out what ``SLOW`` names: tests that open every page, send nonsense to every
form, repeat a history or a race many times, or wait for a server. They run before a commit.
"""

import os
from collections.abc import Iterator
from pathlib import Path

IS_DEEP = os.environ.get("TEST_DEPTH") == "deep"

SIGNS = ("from tests.depth import", "from tests.forks import", "RaceTestCase", "@given")
"""What stands in a file of tests whose strength lies in how often something is repeated."""

SLOW = (
    "tests/actions/test_file_checks.py",
    "tests/actions/test_mail_queue.py",
    "tests/actions/test_redaction",
    "tests/admin/test_bad_input.py",
    "tests/admin/test_races.py",
    "tests/audit/test_concurrency.py",
    "tests/audit/test_load_database.py",
    "tests/audit/test_verify_tables.py",
    "tests/backup",
    "tests/cases",
    "tests/charts/test_every_chart.py",
    "tests/demonstration",
    "tests/deployment/test_behind_nginx.py",
    "tests/deployment/test_ending_instances.py",
    "tests/deployment/test_evidence_folder.py",
    # It asks for the table of migrations, which the fast run does not make.
    "tests/deployment/test_health.py",
    "tests/deployment/test_replica.py",
    "tests/exports/test_round_trip.py",
    "tests/histories",
    "tests/imports/test_large.py",
    "tests/readers/test_tables.py",
    "tests/storage",
    "tests/test_guard",
    "tests/test_in_force.py",
    "tests/tracker/test_masking.py",
    "tests/views/test_budgets",
    "tests/views/test_dates_elsewhere.py",
    "tests/views/test_decisions_as_seen.py",
    "tests/views/test_errors.py",
    "tests/views/test_hostile_files.py",
    "tests/views/test_kept_for_whom.py",
    "tests/views/test_overview.py",
    "tests/views/test_public.py",
    "tests/views/test_recommendation_list.py",
    "tests/views/test_recommendation_list_readers.py",
    "tests/views/test_request_size.py",
    "tests/views/test_responses.py",
    "tests/views/test_update_bad_input.py",
    "tests/views/test_work_budgets.py",
)


def times(usual: int, deep: int) -> int:
    """How often something is repeated in this run."""
    return deep if IS_DEEP else usual


def deep_files() -> Iterator[str]:
    """Test files that ask for more in a deep run, by their paths from the project's folder."""
    folder = Path(__file__).parent
    for path in sorted(folder.rglob("test_*.py")):
        text = path.read_text()
        if any(sign in text for sign in SIGNS):
            yield str(path.relative_to(folder.parent))


def is_slow(path: str) -> bool:
    """Whether a test file, by its path from the project's folder, is left out of the fast run."""
    return path.startswith(SLOW)
