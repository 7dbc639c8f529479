"""``verify_audit``: prove the record whole, or name the first event that does not fit."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations import audit


def head(text: str) -> tuple[int, str]:
    """Read ``SEQ:HASH`` as this command prints it."""
    match = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", text)
    if not match:
        raise ArgumentTypeError("write the head as it was printed: number, colon, 64 hex digits")
    return int(match[1]), match[2]


class Command(BaseCommand):
    help = "Verify the chain of events; exit with 1 and the first fault when it is not whole."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--expect",
            type=head,
            metavar="SEQ:HASH",
            help="a head noted down earlier: shows whether the last events were cut off since",
        )

    def handle(self, *args: Any, expect: tuple[int, str] | None = None, **options: Any) -> None:
        verdict = audit.verify(expect)
        if not verdict.is_whole:
            raise CommandError(verdict.fault, returncode=1)
        self.stdout.write(self.style.SUCCESS(f"The record is whole. Head: {verdict.head}"))
