"""``scan_evidence``: ask the scanner of the site about files that are stored already."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations import audit
from recommendations.actions.base import ActionRefused
from recommendations.actions.evidence.files import scan_files
from recommendations.models import StoredFile


class Command(BaseCommand):
    help = (
        "Scan waiting evidence files with EVIDENCE_SCANNER. Exit code 1: a file was refused or "
        "could not be scanned."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="scan every file")

    @audit.act()
    def handle(self, *args: Any, **options: Any) -> None:
        def tell(file: StoredFile) -> None:
            self.stdout.write(f"{file.pk} is refused: {file.scan_note}")

        try:
            scans = scan_files(is_all=options["all"], report=tell)
        except (ActionRefused, ImportError) as error:
            raise CommandError(str(error)) from error
        words = (
            f"Clean: {scans.clean:,}; refused: {scans.refused:,}; "
            f"not scanned: {scans.unanswered:,}."
        )
        if scans.refused or scans.unanswered:
            raise CommandError(words, returncode=1)
        self.stdout.write(self.style.SUCCESS(words))
