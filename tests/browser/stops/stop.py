"""One stop of a walk through the pages."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.browser.acts import nothing
from tests.browser.base import Tab

ATTENTION = "Correct the errors below"
"""The heading above the errors of a form."""


@dataclass(frozen=True)
class Stop:
    """One page in one state: where it is, and what is done there before it is looked at."""

    name: str
    path: str
    status: int = 200
    act: Callable[[Tab], None] = field(default=nothing)
    shows: str = ""
    """Words that only this state shows; without them the stop would prove nothing."""
