"""``fetch_world_bank``: figures of World Bank indicators from its API, brought in as a file is."""

import tempfile
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from recommendations import audit
from recommendations.actions.imports.figures import FigureImport
from recommendations.actions.imports.pipeline import Upload
from recommendations.management import world_bank
from recommendations.management.commands import import_observations
from recommendations.management.console import line_text
from recommendations.management.imports import ImportCommand
from recommendations.management.refusals import refusals
from recommendations.readers import TableError
from recommendations.readers.statistics.world_bank import API_CODE


class Command(import_observations.Command):
    help = (
        "Fetch values from the World Bank and import them. CODE is an indicator code of the World "
        "Bank, or of an indicator here whose vocabulary code it is."
    )

    ONLY = ("source", "skip_rejected", "allow_older", "reason", "accept_doubts")
    HAS_FILE = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        ImportCommand.add_arguments(self, parser)
        parser.add_argument("codes", type=line_text, nargs="+", metavar="CODE")
        parser.add_argument(
            "--areas", type=line_text, nargs="+", default=[], metavar="ISO", help="all by default"
        )
        parser.add_argument("--since", type=int, metavar="YEAR")
        parser.add_argument("--server", default=world_bank.SERVER, metavar="ADDRESS")
        parser.add_argument("--timeout", type=float, default=60, metavar="SECONDS")

    @audit.act()
    def handle(self, *args: Any, **options: Any) -> None:
        for code in options["codes"]:
            self.stdout.write(f"{code}:")
            try:
                with refusals(f"{code}: "):
                    self._fetch(code, options)
            except (world_bank.NoAnswer, TableError) as error:
                raise CommandError(f"{code}: {error}") from error

    def _fetch(self, code: str, options: dict[str, Any]) -> None:
        indicator, server = import_observations.find_indicator(code), options["server"]
        # An answer itself names nobody.
        asked = "World Bank" if server == world_bank.SERVER else server
        choices = self.chosen(options, format=API_CODE, source=options["source"] or asked)
        with tempfile.TemporaryFile() as kept:
            answers = world_bank.answers(
                indicator.vocabulary_code or code,
                options["areas"],
                options["since"],
                server=server,
                seconds=options["timeout"],
            )
            for number, answer in enumerate(answers, start=1):
                kept.write(answer)
                if self.stderr.isatty():
                    self.stderr.write(f"\r{number} pages fetched", ending="")
            upload = Upload(kept, f"World Bank API, {code}")
            self.bring(FigureImport(upload, None, choices, indicator), options)
