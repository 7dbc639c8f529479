"""``create_administrator``: the first account of a site, with its role and organisation."""

import os
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from recommendations import audit
from recommendations.actions import people
from recommendations.actions.base import ActionRefused
from recommendations.management.console import ask_password, check_password, line_text
from recommendations.models import User

ASKED_FOR = {
    "username": "User name",
    "email": "Email address",
    "organisation": "Organisation",
    "password": "Password",
}


class Command(BaseCommand):
    help = (
        "Create the first administrator and record the account. Values come from options or from "
        "ADMINISTRATOR_USERNAME, _EMAIL, _ORGANISATION and _PASSWORD; others are prompted for."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--username", type=line_text)
        parser.add_argument("--email", type=line_text)
        parser.add_argument("--organisation", type=line_text, help="its name; created if missing")
        parser.add_argument(
            "--another",
            action="store_true",
            help="create another one, if no administrator can sign in",
        )
        parser.add_argument(
            "--no-input", action="store_true", help="never prompt; fail if a value is missing"
        )

    @audit.act()
    def handle(self, *args: Any, **options: Any) -> None:
        given = {name: _value(name, options) for name in ASKED_FOR}
        if missing := [ASKED_FOR[name] for name, value in given.items() if not value]:
            raise CommandError(f"Missing: {', '.join(missing)}. Nothing was changed.")
        password = given.pop("password")
        check_password(password, User(username=given["username"], email=given["email"]))
        try:
            made = people.create_administrator(
                organisation=given.pop("organisation"),
                values={**given, "password": make_password(password)},
                is_another=options["another"],
            )
        except ValidationError as error:
            raise CommandError(f"{_in_words(error)} Nothing was changed.") from error
        except ActionRefused as error:
            raise CommandError(f"{error} Use --another to create one anyway.") from error
        self.stdout.write(
            self.style.SUCCESS(f"{made.username} is an administrator. Sign in at /accounts/login/.")
        )


def _value(name: str, options: dict[str, Any]) -> str:
    """What an option or the environment gives, else what somebody types."""
    given = options.get(name) or os.environ.get(f"ADMINISTRATOR_{name.upper()}", "")
    if given or options["no_input"]:
        return given
    if name != "password":
        return input(f"{ASKED_FOR[name]}: ").strip()
    return ask_password()


def _in_words(error: ValidationError) -> str:
    """What is wrong, with the name of what was asked for."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    named = error.message_dict.items()
    return " ".join(f"{ASKED_FOR.get(name, name)}: {' '.join(words)}" for name, words in named)
