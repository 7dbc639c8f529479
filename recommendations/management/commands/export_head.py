"""``export_head``: the head of the audit log as a signed file, to be kept outside the database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations.audit.chain import current_head


class Command(BaseCommand):
    help = "Write the number, hash and time of the latest event, signed; for verify_audit --expect."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        head = current_head()
        try:
            file.write_text(head.signed(), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error}") from error
        self.stdout.write(self.style.SUCCESS(str(head)))
