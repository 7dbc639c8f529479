"""``seed_demo``: the article with fictional people and progress, and a fictional second source."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from recommendations.actions import fixtures
from recommendations.management import demo
from recommendations.models import User


class Command(BaseCommand):
    help = (
        "Add fictional people, fictional progress and a fictional second source to the article, "
        "marked as demonstration data. Requires DEBUG=on. Safe to run again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            is_new = demo.seed(folder=settings.BASE_DIR / "fixtures", now=timezone.now())
        except (demo.DemonstrationRefused, fixtures.LoadRefused) as error:
            raise CommandError(str(error)) from error
        if not is_new:
            self.stdout.write("Nothing to do: the demonstration data exist.")
            return
        written = "The demonstration data were added. All people and progress are fictional."
        self.stdout.write(self.style.SUCCESS(written))
        people = User.objects.filter(is_demonstration=True).order_by("pk")
        names = ", ".join(people.values_list("username", flat=True))
        self.stdout.write(f"Sign in as {names}; the password is “{demo.PASSWORD}”.")
