"""Arguments of commands that verify what they read: which head to expect, and what to accept."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from recommendations.audit.heads import HEAD, LONGEST_FILE, Head, HeadRefused, read_head


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
