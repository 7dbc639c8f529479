"""``accept_future_event``: continue a record whose last event lies in the future."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from recommendations import audit
from recommendations.actions.errors import ActionRefused
from recommendations.actions.oversight.clock import accept_future_event
from recommendations.management.arguments import line_text
from recommendations.management.import_report import find_user


class Command(BaseCommand):
    help = (
        "After a clock ran ahead and was set right: accept the last event, on record, so that "
        "changes are recorded again, just after it, until the clock has reached it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--by", type=line_text, required=True, metavar="USERNAME", help="an administrator"
        )
        parser.add_argument(
            "--reason", type=line_text, required=True, help="what happened; stays in the log"
        )

    @audit.act()
    def handle(self, *args: Any, **options: Any) -> None:
        by = find_user(options["by"])
        if by is None:
            raise CommandError("Nothing was changed: say who accepts it, with --by USERNAME.")
        try:
            event = accept_future_event(by=by, reason=options["reason"])
        except (ActionRefused, PermissionDenied) as refusal:
            raise CommandError(str(refusal)) from refusal
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        self.stdout.write(
            self.style.SUCCESS(f"Accepted as event {event.sequence}: changes are recorded again.")
        )
