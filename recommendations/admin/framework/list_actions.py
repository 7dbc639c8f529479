"""Moves as admin actions: through the same functions as the pages, each refusal a message.

They open no entry of their own: every function opens one, locks, and reads afresh.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest

from recommendations.actions.errors import ActionRefused

Act = Callable[[Any], Any]


def attempt_each(
    request: HttpRequest,
    things: Iterable[Any],
    act: Act,
    done: str,
    called: Callable[[Any], str] = str,
) -> None:
    """Make one move on each thing, and say of each how it went.

    ``done`` completes a sentence that begins with what the thing is ``called``.
    """
    for thing in things:
        name = called(thing)
        try:
            act(thing)
        except (ActionRefused, PermissionDenied, ValidationError) as refusal:
            words = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
            messages.error(request, f"{name}: {' '.join(words)}")
        else:
            messages.success(request, f"{name}: {done}.")
