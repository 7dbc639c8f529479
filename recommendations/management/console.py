"""What commands share at the console: arguments, the expected head, passwords, progress."""

import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from datetime import date
from getpass import getpass
from pathlib import Path
from typing import Any, Protocol

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from recommendations.audit.chain import HEAD, LONGEST_FILE, Head, HeadRefused, read_head
from recommendations.models import User
from recommendations.models.fields import validate_readable, validate_single_line

# ---- Types of arguments at the command line; what is wrong is said before anything is done


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


def readable_path(text: str) -> Path:
    """A path that can be repeated in messages."""
    return Path(line_text(text))


def day_text(text: str) -> date:
    """A day."""
    try:
        return date.fromisoformat(line_text(text))
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is not a day such as 2024-07-31") from None


# ---- Arguments of commands that verify what they read: which head to expect, and what to accept


def add_expect(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--expect",
        type=head,
        metavar="SEQ:HASH|FILE",
        help="an earlier head, or a file of export_head: shows whether events were cut off",
    )


def add_accept_faults(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--accept-faults",
        action="store_true",
        help="keep what does not verify whole; the audit log tells how many faults there were",
    )


def head(text: str) -> Head:
    """Read ``SEQ:HASH`` as ``verify_audit`` prints it, or the file that ``export_head`` wrote."""
    if match := HEAD.fullmatch(text):
        return int(match[1]), match[2]
    try:
        with Path(text).open(encoding="utf-8") as file:
            return read_head(file.read(LONGEST_FILE))
    except HeadRefused as error:
        raise ArgumentTypeError(f"{text}: {error}") from error
    except (OSError, ValueError) as error:
        raise ArgumentTypeError(
            "write the head as it was printed (number, colon, 64 hex digits), "
            "or name a file that export_head wrote"
        ) from error


# ---- Asking for a password at the command line


def ask_password() -> str:
    """The password that somebody types twice."""
    password = getpass("Password: ")
    if getpass("Password (again): ") != password:
        raise CommandError("The two passwords differ. Nothing was changed.")
    return password


def check_password(password: str, person: User) -> None:
    """Refuse a password that the site would refuse on its pages."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise CommandError(f"{' '.join(error.messages)} Nothing was changed.") from error


# ---- How far a long command has come, told on a stream while it runs

SILENT_FOR, EVERY = 1.0, 3.0
"""Seconds before the first line, and between two."""


class Stream(Protocol):
    def write(self, msg: str) -> object: ...


class ProgressLine:
    """Tells the share that is done and the time that is left; of what is soon done, nothing."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._began = time.monotonic()
        self._next = self._began + SILENT_FOR

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now < self._next or not done:
            return
        self._next = now + EVERY
        total = max(done, total)
        left = self.seconds * (total - done) / done
        self._stream.write(f"{100 * done // total} % done, about {left:.0f} s left")


def steps(stream: Stream) -> Callable[[str], ProgressLine]:
    """Tells of each step as it begins, and then how far it is."""

    def step(what: str) -> ProgressLine:
        stream.write(f"{what} …")
        return ProgressLine(stream)

    return step
