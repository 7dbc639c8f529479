"""What an update says, field by field, as far as a person may read it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst

from recommendations import permissions
from recommendations.models import StatusUpdate
from recommendations.summaries.fields import as_text, label_of

INTERNAL = frozenset({"internal_note"})
"""Fields for readers of drafts alone."""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that an update says, under its label."""

    label: str
    text: str


def said_in(update: StatusUpdate | None, names: Iterable[str], person: Any) -> tuple[Said, ...]:
    """Those of the named fields that hold something and that the person may read, in this order."""
    if update is None:
        return ()
    may_read_all = permissions.can_read_drafts(person)
    return tuple(
        Said(capfirst(label_of(update, name)), as_text(update, name))
        for name in names
        if getattr(update, name) and (may_read_all or name not in INTERNAL)
    )
