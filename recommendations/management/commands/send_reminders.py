"""``send_reminders``: queue the reminders of a day, once a day at most for each person."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from recommendations.actions.mail.letters import queue_reminders
from recommendations.views.lists import view_members

MOST_NAMES = 20
"""Names in one line of the summary."""


class Command(BaseCommand):
    help = (
        "Queue a message to everyone who has something due, to decide or to be told; at most one "
        "a day. Run it once a day. send_mail_queue sends the messages. Repeating it on the same "
        "day queues nothing twice. Exit code 1: a message could not be queued."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="queue nothing; print who would be told what",
        )
        parser.add_argument(
            "--now",
            metavar="TIME",
            help="the time to go by, in ISO 8601; without a time zone, that of the site",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = _time(options["now"]) if options["now"] else timezone.now()
        is_dry = options["dry_run"]
        outcome = queue_reminders(now=now, members=view_members, is_dry=is_dry)
        if is_dry:
            for name, lines in outcome.queued:
                self.stdout.write(name)
                for line in lines:
                    self.stdout.write(f"  {line.title}: {line.what}")
        self.stdout.write(
            f"{len(outcome.queued)} {'to be queued' if is_dry else 'queued'}, "
            f"{outcome.nothing} with nothing to tell, {outcome.not_today} not today, "
            f"{outcome.turned_off} turned off."
        )
        for names, why in (
            (outcome.without_address, "Skipped without an email address"),
            (outcome.inactive, "Skipped as inactive, with work that waits"),
            (outcome.without_role, "Skipped without a role, with work that waits"),
        ):
            if names:
                more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
                self.stdout.write(f"{why}: {', '.join(names[:MOST_NAMES])}{more}.")
        if outcome.failed:
            raise CommandError(
                f"Not queued: {', '.join(outcome.failed[:MOST_NAMES])}. The log says why; all "
                "others are queued. Run the command again."
            )


def _time(text: str) -> datetime:
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"--now is {text!r}; give a time such as 2026-11-28T06:00.")
    return found if timezone.is_aware(found) else timezone.make_aware(found)
