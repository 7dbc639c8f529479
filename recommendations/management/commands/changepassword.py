"""``changepassword``: as Django's own, with the action that records that one was set."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations import audit
from recommendations.actions import people
from recommendations.management.console import ask_password, check_password, line_text
from recommendations.management.refusals import refusals
from recommendations.models import User


class Command(BaseCommand):
    help = "Set the password of a user; the change is recorded in the audit log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", type=line_text)

    @audit.act()
    def handle(self, *args: Any, username: str, **options: Any) -> None:
        person = User.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"There is no user {username}.")
        password = ask_password()
        check_password(password, person)
        with refusals():
            people.set_password(person=person, by=None, password=password)
        self.stdout.write(self.style.SUCCESS(f"{username} has a new password."))
