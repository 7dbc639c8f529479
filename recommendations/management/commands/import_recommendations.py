"""``import_recommendations``: recommendations from a spreadsheet, planned, then written at once."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.core.management.base import CommandError

from recommendations.actions.imports.pipeline import Upload
from recommendations.actions.imports.spreadsheet import (
    SpreadsheetImport,
    SpreadsheetOptions,
    SpreadsheetPlan,
    open_list,
    proposed_map,
    remembered,
)
from recommendations.actions.imports.spreadsheet.plans import ColumnMap, read_map
from recommendations.management.console import line_text, readable_path
from recommendations.management.imports import ImportCommand
from recommendations.models import Source
from recommendations.readers.meanings import DateOrder, MapError


class Command(ImportCommand):
    help = (
        "Import recommendations from CSV, XLSX or JSON into a source. Without --map the mapping "
        "stored with the source is used. If there is none, one is proposed and nothing written."
    )
    CHOICES = SpreadsheetOptions

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--source", type=line_text, required=True, metavar="SLUG")
        parser.add_argument(
            "--map", type=readable_path, metavar="FILE", help="column mapping as JSON"
        )
        parser.add_argument("--date-order", choices=DateOrder.values, default="")
        parser.add_argument(
            "--header-row", type=int, default=0, help="row with the column names, if not found"
        )

        told = "submit statuses as a batch of opening statuses, for another manager to approve"
        parser.add_argument("--take-over", action="store_true", help=told)

    def find(self, options: dict[str, Any]) -> None:
        options["into"] = Source.objects.filter(slug=options["source"]).first()
        if options["into"] is None:
            raise CommandError(f"There is no source “{options['source']}”.")

    def job(self, upload: Upload, options: dict[str, Any]) -> SpreadsheetImport:
        column_map, is_confirmed = self._map(upload, options["into"], options)
        # What is only proposed counts for nothing: such statuses are reported as open.
        counted = column_map if is_confirmed else replace(column_map, statuses={})
        if not is_confirmed:
            self.stdout.write(
                "No mapping is confirmed yet. Save this proposal and pass it with --map:"
            )
            self.stdout.write(json.dumps(column_map.as_json(), indent=2, ensure_ascii=False))
            if not options["dry_run"]:
                raise CommandError("Nothing was written. Confirm the mapping first.")
        takes_over = counted.takes_over or options["take_over"]
        choices = self.chosen(options, column_map=replace(counted, takes_over=takes_over))
        return SpreadsheetImport(upload, None, choices, options["into"])

    def about(self, plan: SpreadsheetPlan) -> Iterator[str]:
        if plan.statuses_left:
            yield f"{plan.statuses_left} (--take-over)"
        yield from (f"New organisation: {body.name}" for body in plan.organisations)

    def _map(
        self, upload: Upload, source: Source, options: dict[str, Any]
    ) -> tuple[ColumnMap, bool]:
        """The map to read the file by, and whether a person has confirmed it."""
        table, found, order = open_list(upload), remembered(source), options["date_order"]
        is_confirmed = found is not None and found.fits(table.header)
        if options["map"]:
            try:
                found = read_map(json.loads(options["map"].read_text(encoding="utf-8")))
            except ValueError as error:
                raise MapError(f"{options['map']}: {error}") from error
            is_confirmed = True
        if found is None or not is_confirmed:
            table.rows = list(table.rows)
            found = proposed_map(table, found)
        return replace(found, date_order=order or found.date_order), is_confirmed
