"""``backup``: database, evidence files and signed head in one file, while people go on working."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from recommendations.actions.oversight import backups
from recommendations.management.console import steps
from recommendations.storage.archive import dated_path, delete_older

NOT_WHOLE, NOT_MADE = 1, 2
"""Exit codes; 0: the backup is whole."""


class Command(BaseCommand):
    help = (
        "Write the database, the evidence files and the signed latest hash, as of one moment, to "
        "one file for restore on either engine. Exit code 0: complete; 1: evidence files are "
        "missing; 2: no backup was made."
    )
    # What is not as it should be is worth a backup too.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("file", type=Path, nargs="?", metavar="FILE")
        where.add_argument("--directory", type=Path, help="write a file named by the time")
        parser.add_argument(
            "--keep",
            type=int,
            metavar="N",
            help="with --directory: keep the latest N files after a complete backup",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder, keep = options["directory"], options["keep"]
        if keep is not None and (folder is None or keep < 1):
            raise CommandError("--keep needs --directory and a number above 0.")
        path = dated_path(folder) if folder else options["file"]
        try:
            made = backups.back_up(path, steps(self.stderr))
        except (DatabaseError, OSError) as error:
            raise CommandError(f"No backup was made: {error}", returncode=NOT_MADE) from error
        self._tell(path, made)
        if made.faulty:
            raise CommandError("The backup lacks evidence files.", returncode=NOT_WHOLE)
        if keep:
            for old in delete_older(path, keep):
                self.stdout.write(f"Deleted: {old}")

    def _tell(self, path: Path, made: backups.Backup) -> None:
        said = f"{path}: {made.rows:,} rows, {made.files:,} files. Head: {made.head}"
        self.stdout.write(self.style.SUCCESS(said))
        self.stdout.write(f"SHA-256 {made.sha256}")
        for sha256, why in made.not_copied.items():
            self.stderr.write(f"File {sha256} is not in the backup: {why}")
        if not backups.record(made):
            self.stderr.write("The audit log is not writable and does not record this backup.")
