"""Types of arguments at the command line; what is wrong is said before anything is done."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from recommendations.models.fields import validate_readable, validate_single_line


def line_text(text: str) -> str:
    """One readable line; bytes that are no text of the terminal's encoding are refused as well."""
    try:
        validate_readable(text)
        validate_single_line(text)
    except ValidationError as error:
        raise ArgumentTypeError(" ".join(error.messages)) from None
    return text


TEXT: dict[str, Any] = {"type": line_text, "default": ""}
"""What an argument is that takes one line and may be left out."""


def add_import_arguments(parser: ArgumentParser) -> None:
    """Who imports, and whether it is only tried."""
    parser.add_argument(
        "--by", **TEXT, metavar="USERNAME", help="importing user; required to write"
    )
    parser.add_argument("--dry-run", action="store_true", help="show the preview only")


def add_file_arguments(parser: ArgumentParser) -> None:
    """The same with the file that is imported, and how it is to be read."""
    parser.add_argument("file", type=readable_path)
    parser.add_argument("--name", **TEXT, help="original file name")
    parser.add_argument("--encoding", **TEXT, help="encoding of a CSV file, if not UTF-8")
    parser.add_argument("--sheet", **TEXT, help="sheet of a workbook; default: the first")
    add_import_arguments(parser)


def add_figure_arguments(parser: ArgumentParser) -> None:
    """What is accepted of values that are imported."""
    parser.add_argument("--source", **TEXT, help="name of the data source")
    parser.add_argument(
        "--allow-older",
        action="store_true",
        help="let values of an older vintage replace newer ones",
    )
    parser.add_argument(
        "--reason",
        **TEXT,
        metavar="TEXT",
        help="why a file is imported that contradicts the indicator; is recorded",
    )
    parser.add_argument(
        "--accept-doubts",
        action="store_true",
        help="import values outside the plausible range, which the preview lists",
    )


REPLACE_CHARACTERS: dict[str, Any] = {
    "action": "store_true",
    "help": "replace characters that no text may hold; default: reject their rows",
}


def readable_path(text: str) -> Path:
    """A path that can be repeated in messages."""
    return Path(line_text(text))


def day_text(text: str) -> date:
    """A day."""
    try:
        return date.fromisoformat(line_text(text))
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is not a day such as 2024-07-31") from None
