"""Which engine runs what in `make test`.

SQLite runs nearly all. What an engine can change runs on PostgreSQL as well: rules of the database,
what writes, filters, sorts, searches and verifies. What is about several sessions at once runs on
PostgreSQL alone, since SQLite lets one write at a time; so does one pass over all pages. Templates,
words, charts, readers, formats and pages that only show are the same on both; so are rules in
Python on rows that random histories (``tests/histories/test_past.py``) write on PostgreSQL too.
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
    # A database that can only be read is another one on each engine.
    "tests/views/test_sign_in_throttle.py",
)

ON_POSTGRESQL_ALONE = (
    # Where one waits for the other nothing happens at once.
    "tests/actions/test_at_once.py",
    "tests/api/test_at_once.py",
    "tests/figures/test_confirmed_at_once.py",
    "tests/imports/test_openings_at_once.py",
    # Two instances of the site share one database.
    "tests/deployment/test_behind_nginx.py",
    "tests/deployment/test_ending_instances.py",
    "tests/deployment/test_evidence_folder.py",
    "tests/views/test_update_form.py::PressesAtOnceTests",
    # One pass over all pages, which walks and other tests open on SQLite.
    "tests/views/test_public.py::EveryAddressTests::"
    "test_who_opens_which_page_which_escapes_what_people_wrote_and_writes_nothing",
)

ON_SQLITE_ALONE = (
    "tests/actions/test_bulk_changes.py::AsSeenTests",
    "tests/actions/test_who_may.py",
    # All but what happens at once.
    "tests/actions/test_file_checks.py::CommandTests",
    "tests/actions/test_file_checks.py::FolderTests",
    "tests/actions/test_mail_queue.py::ToldTests",
    "tests/actions/test_passwords.py::AnsweredTests",
    "tests/actions/test_passwords.py::ThrottledTests",
    "tests/actions/test_passwords.py::WarningTests",
    "tests/actions/test_people.py::AcceptingTests",
    "tests/actions/test_people.py::ChangedTests",
    "tests/actions/test_people.py::HandedOverTests",
    "tests/actions/test_people.py::HandoverRefusedTests",
    "tests/actions/test_people.py::InvitedTests",
    "tests/actions/test_people.py::LinkTests",
    "tests/actions/test_people.py::MakingTests",
    "tests/actions/test_people.py::NameTests",
    "tests/actions/test_people.py::OwnerIsToldTests",
    "tests/actions/test_reminders.py::LineTests",
    "tests/actions/test_reminders.py::SendingTests",
    "tests/actions/test_reminders.py::WatchedTests",
    # Files that are signed, refused or kept: no row is read otherwise.
    "tests/audit/test_verify_command.py::HeadFileTests",
    "tests/audit/test_verify_command.py::RenewedHashTests",
    "tests/backup/test_archive.py",
    "tests/backup/test_backup.py::FilesTests",
    "tests/backup/test_backup.py::FolderTests",
    "tests/backup/test_restore.py::FromAndToABucket",
    "tests/backup/test_restore.py::RefusalTests",
    "tests/backup/test_restore.py::StorageTests",
    "tests/figures/test_agreement.py",
    "tests/figures/test_areas_of_files.py",
    "tests/figures/test_commands.py",
    "tests/figures/test_confirmation_pages.py",
    "tests/figures/test_identity.py",
    "tests/figures/test_provenance.py",
    "tests/figures/test_rounding.py",
    "tests/figures/test_undoing.py::UndoPageTests",
    "tests/imports/test_areas.py",
    "tests/imports/test_columns.py",
    "tests/imports/test_command.py",
    "tests/imports/test_lists_of_offices.py",
    "tests/imports/test_parts_and_relations.py",
    "tests/queries/test_approvers.py",
    "tests/queries/test_changed_accounts.py",
    "tests/queries/test_ever_public.py",
    "tests/queries/test_log_words.py",
    "tests/queries/test_progress.py",
    "tests/queries/test_review_queue.py",
    "tests/queries/test_shown.py",
    "tests/test_in_force.py::HistoryTests",
)
"""What no engine can change of what runs on both.

An entry of each is a folder, a file, or a class or test in a file.
"""


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
        others = [path for path in ON_POSTGRESQL_ALONE if not path.startswith(ON_BOTH)]
        return [*ON_BOTH, *others, *map(_without, ON_SQLITE_ALONE)]
    return [*map(_without, ON_POSTGRESQL_ALONE)]


def _without(path: str) -> str:
    return f"--{'deselect' if '::' in path else 'ignore'}={path}"
