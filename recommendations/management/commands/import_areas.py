"""``import_areas``: organisations, areas, their other names, or members of groups, from a file."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations import audit
from recommendations.actions.imports.pipeline import ImportRefused
from recommendations.actions.imports.reference import (
    ReferencePlan,
    import_reference,
    plan_reference,
)
from recommendations.management.console import add_file_arguments
from recommendations.management.import_report import MOST_LISTED, importing_user, opened

_SORTS = {"groups": "new groups", "members": "new members", "aliases": "other names"}


class Command(BaseCommand):
    help = (
        "Import groups of countries with their members (columns group, group_name, member, from, "
        "to, year, source), other names of areas (area, alias, code_list), areas (code, name, "
        "kind …) or organisations (slug, name, kind …). Rejected rows stop the import unless they "
        "are skipped. What is recorded and not in the file stays."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_file_arguments(parser)
        parser.add_argument("--leave-out", action="store_true", help="skip rejected rows")

    @audit.act()
    def handle(self, *args: Any, **options: Any) -> None:
        skip_rejected = options["leave_out"]
        with opened(options) as upload:
            if options["dry_run"]:
                self._report(plan_reference(upload=upload, skip_rejected=skip_rejected))
                self.stdout.write("Nothing was written (dry run).")
                return
            by = importing_user(options)
            try:
                plan = import_reference(upload=upload, by=by, skip_rejected=skip_rejected)
            except ImportRefused as refusal:
                self._report(refusal.plan)
                raise CommandError(f"Nothing was written. {refusal} (--leave-out)") from refusal
        self._report(plan)
        if not plan.changes_anything:
            self.stdout.write("Nothing was written: all of it is recorded already.")

    def _report(self, plan: ReferencePlan) -> None:
        for note in plan.notes:
            self.stdout.write(note)
        told = [f"{n} {_SORTS.get(name, name)}" for name, n in plan.counts.items()]
        self.stdout.write(f"{', '.join(told)}.")
        for refused in plan.rejected[:MOST_LISTED]:
            self.stdout.write(str(refused))
        if (more := len(plan.rejected) - MOST_LISTED) > 0:
            self.stdout.write(f"and {more} more")
