"""``scan_evidence``: ask the scanner of the site about files that are stored already."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations import audit
from recommendations.actions.errors import ActionRefused
from recommendations.actions.evidence.file_checks import scan_files
from recommendations.models import StoredFile


class Command(BaseCommand):
    help = (
        "Ask EVIDENCE_SCANNER about the files that wait for it. Exits with 1 when one was refused, "
        "or got no answer."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="about every file, not those alone")

    @audit.act()
    def handle(self, *args: Any, **options: Any) -> None:
        def tell(file: StoredFile) -> None:
            self.stdout.write(f"{file.pk} is refused: {file.scan_note}")

        try:
            scans = scan_files(is_all=options["all"], report=tell)
        except (ActionRefused, ImportError) as error:
            raise CommandError(str(error)) from error
        words = (
            f"Found clean: {scans.clean:,}; refused: {scans.refused:,}; "
            f"without an answer: {scans.unanswered:,}."
        )
        if scans.refused or scans.unanswered:
            raise CommandError(words, returncode=1)
        self.stdout.write(self.style.SUCCESS(words))
