"""``rebuild_state``: work the kept state of every recommendation out again, or compare it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations import audit, state
from recommendations.audit.findings import Faults
from recommendations.management.console import ProgressLine


class Command(BaseCommand):
    help = (
        "Rebuild the kept state of every recommendation, which lists, overviews and filters read. "
        "Upgrades and restores rebuild it automatically. With --check nothing is written; exit "
        "code 0: correct; 1: differences were found."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="report differences and write nothing"
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        progress = ProgressLine(self.stderr)
        if check:
            faults: Faults = audit.verify_states(progress)
            for fault in faults.first:
                self.stdout.write(str(fault))
            if faults.count:
                told = f"The kept state differs in {faults.count:,} places. Run rebuild_state."
                raise CommandError(told, returncode=1)
            said = "The kept state of every recommendation is correct."
            self.stdout.write(self.style.SUCCESS(said))
            return
        changed = state.rebuild(progress)
        self.stdout.write(self.style.SUCCESS(f"Rebuilt. States corrected: {changed:,}."))
