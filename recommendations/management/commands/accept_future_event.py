"""``accept_future_event``: continue a record whose last event lies in the future."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations import audit
from recommendations.actions.oversight.verification import accept_future_event
from recommendations.management.console import line_text
from recommendations.management.imports import find_user
from recommendations.management.refusals import refusals


class Command(BaseCommand):
    help = (
        "Accept a last event whose time is in the future, after the clock was corrected. Changes "
        "are then recorded just after it until the clock has reached it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--by", type=line_text, required=True, metavar="USERNAME", help="an administrator"
        )
        parser.add_argument(
            "--reason", type=line_text, required=True, help="the cause; recorded in the audit log"
        )

    @audit.act()
    def handle(self, *args: Any, **options: Any) -> None:
        by = find_user(options["by"])
        if by is None:
            raise CommandError("Nothing was changed. Name an administrator with --by USERNAME.")
        with refusals():
            event = accept_future_event(by=by, reason=options["reason"])
        self.stdout.write(
            self.style.SUCCESS(f"Accepted as event {event.sequence}. Changes are recorded again.")
        )
