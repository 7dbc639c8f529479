"""``check_evidence``: prove that stored files are what was uploaded, and keep the storage clean."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from recommendations import audit
from recommendations.actions.evidence.files import FileFinding, Outcome, Problem, check_files
from recommendations.models import StoredFile

EVERY = 1_000
"""Files between two lines about how far it is."""


class Command(BaseCommand):
    help = (
        "Compare every evidence file with its digest. Report files that are missing or altered, "
        "redacted but still stored, or without an item. Exit code 1: a fault was found."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quick", action="store_true", help="compare existence and size only")
        parser.add_argument(
            "--prune",
            action="store_true",
            help="delete files without an item for a day, and redacted files",
        )

    @audit.act()
    def handle(self, *args: Any, quick: bool, prune: bool, **options: Any) -> None:
        count = StoredFile.objects.filter(redacted_at__isnull=True).count()

        def progress(done: int) -> None:
            if done % EVERY == 0:
                self.stderr.write(f"{done:,} of {count:,} files …")

        try:
            outcome = check_files(
                at=timezone.now(),
                is_quick=quick,
                is_pruning=prune,
                report=lambda found: self.stdout.write(fault_text(found)),
                progress=progress,
            )
        except OSError as error:
            raise CommandError(f"The storage cannot be read: {error}") from error
        if outcome.faults:
            raise CommandError(closing(outcome), returncode=1)
        self.stdout.write(self.style.SUCCESS(closing(outcome)))


def fault_text(found: FileFinding) -> str:
    """One line: what it is, which file, and whose."""
    whose = f": {'; '.join(found.items)}" if found.items else ""
    deleted = " (deleted)" if found.is_pruned else ""
    return f"{found.name} is {found.kind.label}{deleted}{whose}"


def closing(outcome: Outcome) -> str:
    """How many files were looked at, and what was found."""
    said = [f"{kind.label}: {outcome.found[kind]:,}" for kind in Problem if outcome.found[kind]]
    pruned = f" Deleted: {outcome.pruned:,}." if outcome.pruned else ""
    waiting = f" Younger than a day, not deleted: {outcome.waiting:,}." if outcome.waiting else ""
    return (
        f"{outcome.files:,} files on record, {outcome.compared:,} of them compared with their "
        f"digests. {'; '.join(said) or 'No fault found'}.{pruned}{waiting}"
    )
