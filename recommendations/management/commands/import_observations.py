"""``import_observations``: figures of one indicator from a file of a statistical office."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations import audit
from recommendations.actions.imports.figures import FigureOptions
from recommendations.choices import AreaCodes
from recommendations.management.console import (
    REPLACE_CHARACTERS,
    TEXT,
    add_figure_arguments,
    add_file_arguments,
    day_text,
    line_text,
)
from recommendations.management.import_report import find_indicator, import_and_report, opened
from recommendations.readers.statistics import statistics_formats


class Command(BaseCommand):
    help = (
        "Import the values of one indicator. The format is recognised from the content. Rejected "
        "rows and unknown areas stop the import unless they are skipped. A changed value becomes "
        "a new revision; an unchanged one is not written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_file_arguments(parser)
        add_figure_arguments(parser)
        parser.add_argument("--indicator", type=line_text, required=True, metavar="CODE")
        parser.add_argument("--format", choices=sorted(statistics_formats()), default="")
        parser.add_argument("--decimal", choices=(".", ","), default="", help="decimal mark")
        parser.add_argument("--value-column", **TEXT, help="column with the values")
        parser.add_argument("--series", **TEXT, help="one of several indicators in the file")
        parser.add_argument(
            "--slice",
            **TEXT,
            metavar="NAME=CODE",
            help="the part that is meant, such as SEX=_T|AGE=_T: it is taken as the value",
        )
        parser.add_argument(
            "--area",
            **TEXT,
            metavar="CODE",
            help="area that the file is about: that of rows that name none, and of parts",
        )
        parser.add_argument(
            "--codes-are",
            choices=AreaCodes.values,
            default="",
            help="what codes of areas are whose list the format does not state",
        )
        parser.add_argument("--vintage", type=day_text, metavar="DATE", help="day of last update")
        parser.add_argument(
            "--leave-out",
            action="store_true",
            help="skip rejected rows and unknown areas",
        )
        parser.add_argument("--replace-characters", **REPLACE_CHARACTERS)

    @audit.act()
    def handle(self, *args: Any, **options: Any) -> None:
        indicator = find_indicator(options["indicator"])
        choices = FigureOptions(
            format=options["format"],
            decimal=options["decimal"],
            value_column=options["value_column"],
            series=options["series"],
            slice=_slice(options["slice"]),
            area=options["area"],
            codes_are=options["codes_are"],
            source=options["source"],
            vintage=options["vintage"],
            skip_rejected=options["leave_out"],
            allow_older=options["allow_older"],
            reason=options["reason"],
            accept_doubts=options["accept_doubts"],
            replaces_invalid=options["replace_characters"],
        )
        with opened(options) as upload:
            import_and_report(self, upload, indicator, choices, options)


def _slice(text: str) -> tuple[tuple[str, str], ...]:
    """``SEX=_T|AGE=_T`` as pairs."""
    pairs = [part.partition("=") for part in filter(None, text.split("|"))]
    if wrong := [name for name, sign, code in pairs if not (name and sign and code)]:
        raise CommandError(f"“{wrong[0]}” names no part. Write it like SEX=_T.")
    return tuple(sorted((name, code) for name, _sign, code in pairs))
