"""Which engine runs what in `make test`.

SQLite runs nearly all. What an engine can change runs on PostgreSQL as well: rules of the database,
what writes, filters, sorts, searches and verifies, and one pass over all pages. What is about
several sessions at once runs on PostgreSQL alone, since SQLite lets one write at a time. Templates,
words, charts, readers, formats and pages that only show are the same on both.
"""

from collections.abc import Iterable

from tests.depth import IS_DEEP, deep_files

SQLITE = "SQLite"
POSTGRESQL = "PostgreSQL"

ON_BOTH = (
    "tests/actions",
    "tests/article/test_kept.py",
    "tests/article/test_load.py",
    "tests/audit",
    "tests/backup",
    "tests/exports/test_round_trip.py",
    "tests/figures",
    "tests/histories/test_past.py",
    "tests/imports",
    "tests/models",
    "tests/queries",
    "tests/releases",
    "tests/search",
    "tests/test_database_faults.py",
    "tests/test_guard_conditions.py",
    "tests/test_guards.py",
    "tests/test_guards_bypassed.py",
    "tests/test_in_force.py",
    "tests/test_initial.py",
    # One pass over all pages.
    "tests/views/test_public.py::EveryAddressTests::"
    "test_who_opens_which_page_which_escapes_what_people_wrote_and_writes_nothing",
    # A database that can only be read is another one on each engine.
    "tests/views/test_sign_in_throttle.py",
)

ON_POSTGRESQL_ALONE = (
    # Two instances of the site share one database.
    "tests/deployment/test_behind_nginx.py",
    "tests/deployment/test_ending_instances.py",
    "tests/deployment/test_evidence_folder.py",
    "tests/views/test_update_form.py::PressesAtOnceTests",
)
"""An entry is a folder, a file, or a class or test in a file."""


DEEP_ON_BOTH = (*ON_BOTH, "tests/cases", "tests/histories")
"""What PostgreSQL runs of a deep run, if it asks for more there."""


def share_of(engine: str, engines: Iterable[str]) -> list[str]:
    """What pytest is told for one engine, where these run: paths, or what to leave out.

    An engine that runs alone runs everything. In a deep run PostgreSQL draws other examples.
    """
    if IS_DEEP:
        files = [*deep_files()]
        if engine == SQLITE:
            return [file for file in files if file not in ON_POSTGRESQL_ALONE]
        chosen = [file for file in files if file.startswith((*DEEP_ON_BOTH, *ON_POSTGRESQL_ALONE))]
        return [*chosen, "--hypothesis-seed=1"]
    if set(engines) == {engine}:
        return []
    if engine == POSTGRESQL:
        return [*ON_BOTH, *ON_POSTGRESQL_ALONE]
    return [f"--{'deselect' if '::' in path else 'ignore'}={path}" for path in ON_POSTGRESQL_ALONE]
