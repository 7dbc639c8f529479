"""``load_database``: a whole database out of a file of ``dumpdata``, verified and on record."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from recommendations.actions.oversight.backups import load_database
from recommendations.management.console import add_accept_faults, add_expect
from recommendations.management.refusals import refusals


class Command(BaseCommand):
    help = (
        "Load a file of dumpdata into an empty, migrated database, completely and verified, or "
        "not at all. The audit log records the digest of the file and its latest hash."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="json or jsonl, also as .gz")
        add_expect(parser)
        add_accept_faults(parser)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        with refusals():
            loaded = load_database(
                path=file, expect=options["expect"], accepts_faults=options["accept_faults"]
            )
        for sentence in loaded.report.sentences():
            self.stderr.write(sentence)
        self.stdout.write(
            self.style.SUCCESS(f"{loaded.rows} rows were loaded. Head of the file: {loaded.head}")
        )
