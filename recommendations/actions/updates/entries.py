"""What a draft keeps beside itself until it is submitted: see ``DraftEntries``.

No event tells of it. Under the lock of the chain, with the update itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.choices import UpdateState
from recommendations.models import DraftEntries, StatusUpdate
from recommendations.queries.fields import Difference


@dataclass(frozen=True, slots=True)
class SentEntries:
    """What a form sent; ``number`` is that of the entries that it showed, 0 without any."""

    content: Mapping[str, str]
    number: int


def entries_of(update: StatusUpdate) -> DraftEntries | None:
    """The entries that were read with an update; none of one that was just begun."""
    field: Any = StatusUpdate._meta.get_field("draft_entries")
    found: DraftEntries | None = field.get_cached_value(update, default=None)
    return found


def unseen_entries(update: StatusUpdate, sent: SentEntries | None) -> list[Difference]:
    """What is kept and what was sent, where they differ and the author was not shown the first."""
    kept = entries_of(update)
    content, number = (kept.content, kept.number) if kept else ({}, 0)
    if sent is None or sent.content == content or sent.number == number:
        return []
    label = _("Actions, values and target date")
    return [Difference("entries", label, _text(content), _text(sent.content))]


def keep_entries(update: StatusUpdate, sent: SentEntries | None) -> None:
    """Keep what was sent with a draft, and drop what was kept of one that is not open now."""
    kept = entries_of(update)
    if update.state in (UpdateState.SUBMITTED, UpdateState.WITHDRAWN):
        if kept is not None:
            kept.delete()
    elif sent is not None and sent.content != (kept.content if kept else {}):
        row = DraftEntries(update=update, content=dict(sent.content), number=sent.number + 1)
        DraftEntries.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["update"],
            update_fields=["content", "number"],
        )


def _text(content: Mapping[str, str]) -> str:
    """Entries in words: how many actions, and what was typed."""
    ticked = [name for name in content if name.startswith("action_") and not name.endswith("_on")]
    typed = [value for name, value in content.items() if not name.startswith("action_")]
    count = ngettext("%d action completed", "%d actions completed", len(ticked)) % len(ticked)
    return "\n".join([count, *typed] if ticked else typed)
