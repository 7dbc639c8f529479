"""Asking for a password at the command line."""

from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from recommendations.models import User


def ask_password() -> str:
    """The password that somebody types twice."""
    password = getpass("Password: ")
    if getpass("Password (again): ") != password:
        raise CommandError("The two passwords differ. Nothing was changed.")
    return password


def check_password(password: str, person: User) -> None:
    """Refuse a password that the site would refuse on its pages."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise CommandError(f"{' '.join(error.messages)} Nothing was changed.") from error
