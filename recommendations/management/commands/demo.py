"""``demo``: the demonstration from an empty database to a page, in one process."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = (
        "Migrate, add the demonstration data if they are missing, queue the reminders of the day "
        "and serve the site. Requires DEBUG=on."
    )
    # The checks ask for guards, which a first start that was cut off lacks until it has migrated.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", metavar="ADDRESS:PORT", help="where to serve")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        for command in ("seed_demo", "send_reminders"):
            call_command(command, stdout=self.stdout, no_color=options["no_color"])
        call_command("runserver", options["address"], use_reloader=False, skip_checks=False)
