"""Types of arguments at the command line; what is wrong is said before anything is done."""

from argparse import ArgumentTypeError
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


ALLOW_OLDER: dict[str, Any] = {
    "action": "store_true",
    "help": "let values of an older vintage replace newer ones",
}


ACCEPT_DOUBTS: dict[str, Any] = {
    "action": "store_true",
    "help": "import values outside the plausible range, which the preview lists",
}
REPLACE_CHARACTERS: dict[str, Any] = {
    "action": "store_true",
    "help": "replace characters that no text may hold; default: reject their rows",
}
REASON: dict[str, Any] = {
    **TEXT,
    "metavar": "TEXT",
    "help": "why a file is imported that contradicts the indicator; is recorded",
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
