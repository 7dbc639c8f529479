"""``fetch_world_bank``: figures of World Bank indicators from its API, brought in as a file is."""

import tempfile
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from recommendations import audit
from recommendations.actions.errors import ActionRefused
from recommendations.actions.imports.figures import FigureOptions
from recommendations.actions.imports.pipeline import Upload
from recommendations.management import world_bank
from recommendations.management.arguments import (
    ACCEPT_DOUBTS,
    ALLOW_OLDER,
    REASON,
    TEXT,
    line_text,
)
from recommendations.management.import_report import find_indicator, import_and_report
from recommendations.models import Indicator
from recommendations.readers import TableError
from recommendations.readers.statistics.world_bank import API_CODE


class Command(BaseCommand):
    help = (
        "Fetch values from the World Bank and import them. CODE is an indicator code of the World "
        "Bank, or of an indicator here whose vocabulary code it is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("codes", type=line_text, nargs="+", metavar="CODE")
        parser.add_argument(
            "--areas", type=line_text, nargs="+", default=[], metavar="ISO", help="all by default"
        )
        parser.add_argument("--since", type=int, metavar="YEAR")
        parser.add_argument(
            "--by", **TEXT, metavar="USERNAME", help="importing user; required to write"
        )
        parser.add_argument("--dry-run", action="store_true", help="show the preview only")
        parser.add_argument("--leave-out", action="store_true", help="skip rows of unknown areas")
        parser.add_argument("--allow-older", **ALLOW_OLDER)
        parser.add_argument("--reason", **REASON)
        parser.add_argument("--accept-doubts", **ACCEPT_DOUBTS)
        parser.add_argument("--source", **TEXT, help="name of the data source")
        parser.add_argument("--server", default=world_bank.SERVER, metavar="ADDRESS")
        parser.add_argument("--timeout", type=float, default=60, metavar="SECONDS")

    @audit.act()
    def handle(self, *args: Any, **options: Any) -> None:
        for code in options["codes"]:
            self.stdout.write(f"{code}:")
            try:
                self._fetch(code, options)
            except (world_bank.NoAnswer, TableError, ActionRefused, PermissionDenied) as error:
                raise CommandError(f"{code}: {error}") from error

    def _fetch(self, code: str, options: dict[str, Any]) -> None:
        indicator = find_indicator(code)
        choices = FigureOptions(
            format=API_CODE,
            source=options["source"] or _source(options["server"]),
            skip_rejected=options["leave_out"],
            allow_older=options["allow_older"],
            reason=options["reason"],
            accept_doubts=options["accept_doubts"],
        )
        with tempfile.TemporaryFile() as kept:
            for number, answer in enumerate(self._answers(indicator, code, options), start=1):
                kept.write(answer)
                if self.stderr.isatty():
                    self.stderr.write(f"\r{number} pages fetched", ending="")
            upload = Upload(kept, f"World Bank API, {code}")
            import_and_report(self, upload, indicator, choices, options)

    def _answers(self, indicator: Indicator, code: str, options: dict[str, Any]) -> Any:
        return world_bank.answers(
            indicator.vocabulary_code or code,
            options["areas"],
            options["since"],
            server=options["server"],
            seconds=options["timeout"],
        )


def _source(server: str) -> str:
    """Who was asked; an answer itself names nobody."""
    return "World Bank" if server == world_bank.SERVER else server
