"""``restore``: a backup into an empty, migrated database and an empty storage of evidence."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from recommendations.actions.base import ActionRefused
from recommendations.actions.oversight.backups import restore
from recommendations.management.console import add_accept_faults, add_expect, steps


class Command(BaseCommand):
    help = (
        "Restore a backup into an empty, migrated database and an empty evidence storage, "
        "completely and verified against its signed latest hash, or not at all. Exit code 0: "
        "complete; 1: nothing was restored, or evidence files are missing."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="a file written by backup")
        add_expect(parser)
        parser.add_argument(
            "--again",
            action="store_true",
            help="accept evidence files left by an interrupted restore",
        )
        add_accept_faults(parser)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            restored = restore(
                path=file,
                begin=steps(self.stderr),
                expect=options["expect"],
                is_again=options["again"],
                accepts_faults=options["accept_faults"],
            )
        except (ActionRefused, OSError) as error:
            raise CommandError(f"Nothing was restored: {error}") from error
        for sentence in restored.loaded.report.sentences():
            self.stderr.write(sentence)
        for sha256, why in restored.not_copied.items():
            self.stderr.write(f"File {sha256} was not in the backup: {why}")
        said = f"{restored.rows:,} rows and {restored.files:,} files were restored."
        self.stdout.write(self.style.SUCCESS(f"{said} Head: {restored.loaded.head}"))
        call_command("check_evidence", stdout=self.stdout, stderr=self.stderr)
