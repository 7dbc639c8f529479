"""``import_areas``: groups of countries with their members, or other names, from a file."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from recommendations import audit
from recommendations.actions.errors import ActionRefused
from recommendations.actions.imports.areas import AreaPlan, import_areas, plan_areas
from recommendations.actions.imports.pipeline import ImportRefused, Upload
from recommendations.management.arguments import TEXT, readable_path
from recommendations.management.import_report import MOST_LISTED, find_user
from recommendations.readers import ReadOptions, TableError


class Command(BaseCommand):
    help = (
        "Import groups of countries with their members (columns group, group_name, member, from, "
        "to, year, source), or other names of areas (area, alias, code_list). Rejected rows stop "
        "the import unless they are skipped. What is recorded and not in the file stays."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=readable_path)
        parser.add_argument("--name", **TEXT, help="original file name")
        parser.add_argument(
            "--by", **TEXT, metavar="USERNAME", help="importing user; required to write"
        )
        parser.add_argument("--dry-run", action="store_true", help="show the preview only")
        parser.add_argument("--encoding", **TEXT, help="encoding of a CSV file, if not UTF-8")
        parser.add_argument("--sheet", **TEXT, help="sheet of a workbook; default: the first")
        parser.add_argument("--leave-out", action="store_true", help="skip rejected rows")

    @audit.act()
    def handle(self, *args: Any, **options: Any) -> None:
        path = options["file"]
        try:
            with path.open("rb") as file:
                read = ReadOptions(options["encoding"], options["sheet"])
                self._import(Upload(file, options["name"] or path.name, read), options)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        except TableError as error:
            raise CommandError(f"{path.name}: {error}") from error
        except ImportRefused as refusal:
            self._report(refusal.plan)
            raise CommandError(f"Nothing was written. {refusal} (--leave-out)") from refusal
        except (ActionRefused, PermissionDenied) as refusal:
            raise CommandError(str(refusal)) from refusal

    def _import(self, upload: Upload, options: dict[str, Any]) -> None:
        skip_rejected = options["leave_out"]
        if options["dry_run"]:
            self._report(plan_areas(upload=upload, skip_rejected=skip_rejected))
            self.stdout.write("Nothing was written (dry run).")
            return
        by = find_user(options["by"])
        if by is None:
            raise CommandError("Nothing was written. Name the importing user with --by USERNAME.")
        plan = import_areas(upload=upload, by=by, skip_rejected=skip_rejected)
        self._report(plan)
        if not plan.changes_anything:
            self.stdout.write("Nothing was written: all of it is recorded already.")

    def _report(self, plan: AreaPlan) -> None:
        for note in plan.notes:
            self.stdout.write(note)
        counts = plan.counts
        self.stdout.write(
            f"{counts['groups']} new groups, {counts['members']} new members, "
            f"{counts['changed']} changed members, {counts['aliases']} other names, "
            f"{counts['unchanged']} unchanged, {counts['rejected']} rejected."
        )
        for refused in plan.rejected[:MOST_LISTED]:
            self.stdout.write(str(refused))
        if (more := len(plan.rejected) - MOST_LISTED) > 0:
            self.stdout.write(f"and {more} more")
