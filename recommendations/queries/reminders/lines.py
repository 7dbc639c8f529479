"""The lines of a reminder, and the parts in which they stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy


class Part(StrEnum):
    """Parts of a message, in their order."""

    NEEDED = "needed"
    DECIDE = "decide"
    RETURNED = "returned"
    ESCALATED = "escalated"
    DUE = "due"
    APPROVED = "approved"
    WATCHED = "watched"


TITLES: Mapping[Part, Any] = {
    Part.NEEDED: gettext_lazy("Needs your action"),
    Part.DECIDE: gettext_lazy("Awaiting your decision"),
    Part.RETURNED: gettext_lazy("Returned to you"),
    Part.ESCALATED: gettext_lazy("Escalated to you as reviewer"),
    Part.DUE: gettext_lazy("Due soon"),
    Part.APPROVED: gettext_lazy("Approved since the last message"),
    Part.WATCHED: gettext_lazy("Changes in watched items"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to be told: about what, where it is found, and what there is to say.

    ``days`` is for how long it is overdue or waits; within a part the longest comes first.
    ``notes`` are further sentences.
    """

    part: Part
    title: str
    path: str
    what: str
    days: int = 0
    notes: tuple[str, ...] = ()
