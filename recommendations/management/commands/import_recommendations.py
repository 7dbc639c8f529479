"""``import_recommendations``: recommendations from a spreadsheet, planned, then written at once."""

import json
from argparse import ArgumentParser
from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations import audit
from recommendations.actions.imports.pipeline import ImportRefused, Upload
from recommendations.actions.imports.spreadsheet import (
    FindingCode,
    SpreadsheetOptions,
    SpreadsheetPlan,
    import_spreadsheet,
    open_list,
    plan_spreadsheet,
    statuses_in,
)
from recommendations.actions.imports.spreadsheet.plans import ColumnMap, propose, read_map
from recommendations.management.console import (
    REPLACE_CHARACTERS,
    add_file_arguments,
    day_text,
    line_text,
    readable_path,
)
from recommendations.management.import_report import find_user, importing_user, opened
from recommendations.models import Source
from recommendations.readers.meanings import DateOrder, MapError, meaning_of
from recommendations.readers.tables import fold_text

MOST_LISTED = 100
"""Rows, or sentences, that are listed of one kind before the rest is only counted."""


class Command(BaseCommand):
    help = (
        "Import recommendations from CSV, XLSX or JSON into a source. Without --map the mapping "
        "stored with the source is used. If there is none, one is proposed and nothing written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_file_arguments(parser)
        parser.add_argument("--source", type=line_text, required=True, metavar="SLUG")
        parser.add_argument(
            "--map", type=readable_path, metavar="FILE", help="column mapping as JSON"
        )
        parser.add_argument("--date-order", choices=DateOrder.values, default="")
        parser.add_argument(
            "--header-row", type=int, default=0, help="row with the column names, if not found"
        )
        parser.add_argument(
            "--create-organisations", action="store_true", help="add unknown organisations"
        )
        parser.add_argument("--leave-out-rejected", action="store_true", help="skip rejected rows")
        parser.add_argument("--replace-characters", **REPLACE_CHARACTERS)
        parser.add_argument(
            "--take-over",
            action="store_true",
            help="submit statuses as a batch of opening statuses, for another manager to approve",
        )
        parser.add_argument(
            "--stated-on", type=day_text, metavar="DATE", help="date of statuses without one"
        )

    @audit.act()
    def handle(self, *args: Any, **options: Any) -> None:
        source = Source.objects.filter(slug=options["source"]).first()
        if source is None:
            raise CommandError(f"There is no source “{options['source']}”.")
        with opened(options) as upload:
            try:
                self._import(upload, source, options)
            except ImportRefused as refusal:
                self._report(refusal.plan)
                codes = {group.code for group in refusal.plan.groups}
                is_invalid = FindingCode.INVALID_CHARACTER in codes
                advice = " or --replace-characters" if is_invalid else ""
                raise CommandError(f"{refusal} (--leave-out-rejected{advice})") from refusal

    def _import(self, upload: Upload, source: Source, options: dict[str, Any]) -> None:
        column_map, is_confirmed = self._map(upload, source, options)
        chosen = SpreadsheetOptions(
            # What is only proposed counts for nothing: such statuses are reported as open.
            column_map if is_confirmed else replace(column_map, statuses={}),
            create_organisations=options["create_organisations"],
            skip_rejected=options["leave_out_rejected"],
            takes_over=options["take_over"],
            stated_on=options["stated_on"],
            replaces_invalid=options["replace_characters"],
        )
        by = find_user(options["by"])
        if not is_confirmed:
            self.stdout.write(
                "No mapping is confirmed yet. Save this proposal and pass it with --map:"
            )
            self.stdout.write(json.dumps(column_map.as_json(), indent=2, ensure_ascii=False))
        if options["dry_run"]:
            self._report(plan_spreadsheet(upload=upload, source=source, by=by, options=chosen))
            self.stdout.write("Nothing was written (dry run).")
            return
        if not is_confirmed:
            raise CommandError("Nothing was written. Confirm the mapping first.")
        by = importing_user(options)
        done = import_spreadsheet(upload=upload, source=source, by=by, options=chosen)
        self._report(done)
        words = (
            "Imported."
            if done.changes_anything
            else "Nothing to do: all rows are imported already."
        )
        self.stdout.write(self.style.SUCCESS(words))

    def _map(
        self, upload: Upload, source: Source, options: dict[str, Any]
    ) -> tuple[ColumnMap, bool]:
        """The map to read the file by, and whether a person has confirmed it."""
        data = source.column_map
        if options["map"]:
            try:
                data = json.loads(options["map"].read_text(encoding="utf-8"))
            except ValueError as error:
                raise MapError(f"{options['map']}: {error}") from error
        if data:
            if options["date_order"]:
                data = {**data, "date_order": options["date_order"]}
            return read_map(data), True
        table = open_list(upload)
        columns = ColumnMap(propose(table.header), date_order=options["date_order"])
        statuses = {
            fold_text(words): meaning_of(words, is_response=is_response)
            for words, is_response in statuses_in(table, columns)
        }
        return ColumnMap(columns.columns, statuses, columns.date_order), False

    def _report(self, plan: SpreadsheetPlan) -> None:
        for note in plan.notes:
            self.stdout.write(note)
        counts = plan.counts
        self.stdout.write(
            f"{counts['new']} new, {counts['changed']} changed, {counts['unchanged']} unchanged, "
            f"{counts['rejected']} rejected"
        )
        if plan.statuses_left:
            self.stdout.write(f"{plan.statuses_left} (--take-over)")
        for group in plan.groups:
            self.stdout.write(
                f"{group.code.label} ({len(group.lines)}): rows {_listed(group.lines)}"
            )
            for words, rows in group.messages[:MOST_LISTED]:
                self.stdout.write(f"  {words} ({len(rows)}): {_listed(rows)}")
            if len(group.messages) > MOST_LISTED:
                self.stdout.write(f"  … and {len(group.messages) - MOST_LISTED} more")
        for organisation in plan.organisations:
            self.stdout.write(f"New organisation: {organisation.name}")


def _listed(rows: list[int]) -> str:
    more = f" and {len(rows) - MOST_LISTED} more" if len(rows) > MOST_LISTED else ""
    return ", ".join(map(str, rows[:MOST_LISTED])) + more
