"""One thing that a rule of the exception report found."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that a rule found, what is to be said of it, and its day, if it has one."""

    title: str
    text: str
    url: str = ""
    day: date | None = None
    is_demonstration: bool = False
