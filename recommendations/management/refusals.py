"""How a command ends where an action refuses what it asks."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import CommandError

from recommendations.actions.base import ActionRefused


@contextmanager
def refusals(begin: str = "") -> Iterator[None]:
    """What an action refuses inside ends the command with its words, after these."""
    try:
        yield
    except (ActionRefused, PermissionDenied) as refusal:
        raise CommandError(f"{begin}{refusal}") from refusal
    except ValidationError as refusal:
        raise CommandError(f"{begin}{' '.join(refusal.messages)}") from refusal
