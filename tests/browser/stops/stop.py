"""One stop of a walk through the pages."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.browser.acts import nothing, press
from tests.browser.base import Tab

ATTENTION = "Correct the errors below"
"""The heading above the errors of a form."""


@dataclass(frozen=True)
class Stop:
    """One page in one state: where it is, and what is done there before it is looked at."""

    name: str
    path: str
    shows: str = ""
    """Words that only this state shows; without them the stop would prove nothing."""
    act: Callable[[Tab], None] = nothing
    status: int = 200
    is_seldom: bool = False
    """Opened by chromium in a deep run only; the usual one only reads its HTML, if it is plain."""


def seldom(name: str, path: str, shows: str = "", status: int = 200) -> Stop:
    """A page of which another stop has shown all that chromium can tell."""
    return Stop(name, path, shows, status=status, is_seldom=True)


def wrong(name: str, path: str, button: str) -> Stop:
    """A form that is sent as it comes, and refused. All show their errors by one template."""
    return Stop(name, path, ATTENTION, press(button), is_seldom=True)
