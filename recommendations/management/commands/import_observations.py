"""``import_observations``: figures of one indicator from a file of a statistical office."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from recommendations import audit
from recommendations.actions.errors import ActionRefused
from recommendations.actions.imports.figures import FigureOptions
from recommendations.actions.imports.pipeline import Upload
from recommendations.choices import AreaCodes
from recommendations.management.arguments import (
    ACCEPT_DOUBTS,
    ALLOW_OLDER,
    REASON,
    REPLACE_CHARACTERS,
    TEXT,
    day_text,
    line_text,
    readable_path,
)
from recommendations.management.import_report import find_indicator, import_and_report
from recommendations.readers import ReadOptions, TableError
from recommendations.readers.statistics import STATISTICS_FORMATS


class Command(BaseCommand):
    help = (
        "Import the values of one indicator. The format is recognised from the content. Rejected "
        "rows and unknown areas stop the import unless they are skipped. A changed value becomes "
        "a new revision; an unchanged one is not written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=readable_path)
        parser.add_argument("--name", **TEXT, help="original file name")
        parser.add_argument("--indicator", type=line_text, required=True, metavar="CODE")
        parser.add_argument(
            "--by", **TEXT, metavar="USERNAME", help="importing user; required to write"
        )
        parser.add_argument("--dry-run", action="store_true", help="show the preview only")
        parser.add_argument("--format", choices=sorted(STATISTICS_FORMATS), default="")
        parser.add_argument("--decimal", choices=(".", ","), default="", help="decimal mark")
        parser.add_argument("--value-column", **TEXT, help="column with the values")
        parser.add_argument("--series", **TEXT, help="one of several indicators in the file")
        parser.add_argument(
            "--slice",
            **TEXT,
            metavar="NAME=CODE",
            help="the part that is meant, such as SEX=_T|AGE=_T: it is taken as the value",
        )
        _add_areas(parser)
        parser.add_argument("--source", **TEXT, help="name of the data source")
        parser.add_argument("--vintage", type=day_text, metavar="DATE", help="day of last update")
        parser.add_argument("--encoding", **TEXT, help="encoding of a CSV file, if not UTF-8")
        parser.add_argument("--sheet", **TEXT, help="sheet of a workbook; default: the first")
        parser.add_argument(
            "--leave-out",
            action="store_true",
            help="skip rejected rows and unknown areas",
        )
        parser.add_argument("--replace-characters", **REPLACE_CHARACTERS)
        parser.add_argument("--allow-older", **ALLOW_OLDER)
        parser.add_argument("--reason", **REASON)
        parser.add_argument("--accept-doubts", **ACCEPT_DOUBTS)

    @audit.act()
    def handle(self, *args: Any, **options: Any) -> None:
        indicator, path = find_indicator(options["indicator"]), options["file"]
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
        try:
            with path.open("rb") as file:
                read = ReadOptions(options["encoding"], options["sheet"])
                upload = Upload(file, options["name"] or path.name, read)
                import_and_report(self, upload, indicator, choices, options)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        except TableError as error:
            raise CommandError(f"{path.name}: {error}") from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except (ActionRefused, PermissionDenied) as refusal:
            raise CommandError(str(refusal)) from refusal


def _add_areas(parser: ArgumentParser) -> None:
    """What the areas of the file are, where it does not say."""
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


def _slice(text: str) -> tuple[tuple[str, str], ...]:
    """``SEX=_T|AGE=_T`` as pairs."""
    pairs = [part.partition("=") for part in filter(None, text.split("|"))]
    if wrong := [name for name, sign, code in pairs if not (name and sign and code)]:
        raise CommandError(f"“{wrong[0]}” names no part. Write it like SEX=_T.")
    return tuple(sorted((name, code) for name, _sign, code in pairs))
