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
    # Folders.
    "tests/admin/",
    "tests/audit/",
    "tests/backup/",
    "tests/briefings/",
    "tests/browser/",
    "tests/cases/",
    "tests/demonstration/",
    "tests/deployment/",
    "tests/histories/",
    "tests/releases/",
    "tests/storage/",
    # Files.
    "tests/actions/test_at_once.py",
    "tests/actions/test_bulk_changes.py",
    "tests/actions/test_evidence.py",
    "tests/actions/test_file_checks.py",
    "tests/actions/test_redaction.py",
    "tests/actions/test_replacements.py",
    "tests/actions/test_updates.py",
    "tests/actions/test_who_may.py",
    "tests/api/test_at_once.py",
    "tests/api/test_client.py",
    "tests/api/test_permissions.py",
    "tests/article/test_kept.py",
    "tests/bench/test_seed.py",
    "tests/exports/test_round_trip.py",
    "tests/exports/test_within_pages.py",
    "tests/figures/test_undoing.py",
    "tests/forms/test_rendering.py",
    "tests/imports/test_large.py",
    "tests/imports/test_openings.py",
    "tests/imports/test_openings_as_seen.py",
    "tests/models/test_constraints.py",
    "tests/models/test_once.py",
    "tests/queries/test_changed_accounts.py",
    "tests/queries/test_ever_public.py",
    "tests/queries/test_figures.py",
    "tests/queries/test_log_words.py",
    "tests/queries/test_orders.py",
    "tests/readers/statistics/test_opening.py",
    "tests/readers/test_mutations.py",
    "tests/readers/test_tables.py",
    "tests/test_catalogues.py",
    "tests/test_database_faults.py",
    "tests/test_guard_conditions.py",
    "tests/test_guards.py",
    "tests/test_guards_bypassed.py",
    "tests/test_in_force.py",
    "tests/test_initial.py",
    "tests/test_ways_to_decide.py",
    "tests/test_write_path.py",
    "tests/tracker/test_listed_settings.py",
    "tests/tracker/test_masking.py",
    "tests/tracker/test_settings.py",
    "tests/views/test_audit_log.py",
    "tests/views/test_bad_input.py",
    "tests/views/test_budgets.py",
    "tests/views/test_bulk_changes.py",
    "tests/views/test_citations.py",
    "tests/views/test_decisions_as_seen.py",
    "tests/views/test_errors.py",
    "tests/views/test_evidence_files.py",
    "tests/views/test_evidence_pages.py",
    "tests/views/test_exceptions.py",
    "tests/views/test_feeds.py",
    "tests/views/test_figure_pages.py",
    "tests/views/test_gap.py",
    "tests/views/test_growth_of_management.py",
    "tests/views/test_indicator_pages.py",
    "tests/views/test_kept_for_whom.py",
    "tests/views/test_looking_back.py",
    "tests/views/test_over_time.py",
    "tests/views/test_overview.py",
    "tests/views/test_parts.py",
    "tests/views/test_public.py",
    "tests/views/test_recommendation_list.py",
    "tests/views/test_refusals_of_management.py",
    "tests/views/test_refusals_of_progress.py",
    "tests/views/test_reminder_words.py",
    "tests/views/test_replaced_updates.py",
    "tests/views/test_request_size.py",
    "tests/views/test_responses.py",
    "tests/views/test_review.py",
    "tests/views/test_roll_up.py",
    "tests/views/test_rounds.py",
    "tests/views/test_sign_in_throttle.py",
    "tests/views/test_signoffs.py",
    "tests/views/test_update_form.py",
    "tests/views/test_update_page.py",
)


FIRST = ("tests/browser/test_walks.py", "tests/histories/", "tests/cases/", "tests/browser/")
"""The longest, which workers take first, in this order; then the others of ``SLOW``."""


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


def turn(path: str) -> int:
    """Where among the others a test comes: the lower the earlier."""
    found = (number for number, start in enumerate(FIRST) if path.startswith(start))
    return next(found, len(FIRST) + (not is_slow(path)))


def is_slow(path: str) -> bool:
    """Whether a test file, by its path from the project's folder, is left out of the fast run."""
    return path.startswith(SLOW)
