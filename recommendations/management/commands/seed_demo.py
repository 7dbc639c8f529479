"""``seed_demo``: the article with made-up people and made-up progress, to try the site with."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from recommendations.actions import article
from recommendations.management import demo
from recommendations.models import User


class Command(BaseCommand):
    help = (
        "Add made-up people and made-up progress, marked as demonstration, to the article. "
        "In debug only; safe to run again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            is_new = demo.seed(folder=settings.BASE_DIR / "fixtures", now=timezone.now())
        except (demo.DemonstrationRefused, article.LoadRefused) as error:
            raise CommandError(str(error)) from error
        if not is_new:
            self.stdout.write("Nothing to do: the demonstration is there.")
            return
        self.stdout.write(self.style.SUCCESS("The demonstration is there. All of it is made up."))
        people = User.objects.filter(is_demonstration=True).order_by("pk")
        names = ", ".join(people.values_list("username", flat=True))
        self.stdout.write(f"Sign in as {names}; the password is “{demo.PASSWORD}”.")
