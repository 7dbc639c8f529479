"""``createsuperuser``: not here, where Django's own would write past the record."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Not used by this site: create_administrator makes an account that is on record."

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError("Use create_administrator: it puts the account and its role on record.")
