"""What one person proposes and another decides: is it as its page showed it, and how does it end.

So do updates, date changes, changes of evidence and of what readers outside rest on. What each asks
of who decides is with its action; tables and verbs are its own.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import (
    ActionRefused,
    NotAsSeen,
    change,
    clean_text,
    require,
    timestamp_text,
)
from recommendations.models import User
from recommendations.queries.shown import Shown


def require_as_seen(seen: Shown | None, show: Callable[[], Shown]) -> None:
    """Refuse with ``NotAsSeen`` where a decision is about something else than its page showed.

    ``show`` builds what the page would show now, under the lock. ``None`` was shown to nobody:
    the demonstration replays decisions without a page.
    """
    if seen is not None and (changed := seen.changes(show())) is not None:
        raise NotAsSeen(changed)


def require_reviewer(by: User) -> None:
    """Refuse whom the role lets decide on nothing, before anything is read."""
    require(permissions.can_review(by), _("You cannot decide on what others submit."))


def require_open(row: Any, *, is_open: bool) -> None:
    """Refuse what was decided or withdrawn before, with who did that and when."""
    if not is_open:
        raise ActionRefused(
            _("This was already decided: %(state)s by %(who)s on %(when)s.")
            % {
                "state": row.get_state_display().lower(),
                "who": row.decided_by,
                "when": timestamp_text(row.decided_at),
            }
        )


def require_note(note: str, refusal: str = "") -> None:
    """Refuse to send back what another proposed without a word to them."""
    if not note.strip():
        raise ValidationError({"note": refusal or _("Enter the reason.")})


def close(
    entry: audit.Entry, row: Any, state: str, verb: str, note: str = "", **values: Any
) -> None:
    """Record the end of a proposal that was read in this entry: who, when, and their note."""
    note = clean_text(type(row).decision_note, note.strip(), under="note")
    decided: dict[str, Any] = {
        **values,
        "state": state,
        "decided_by": entry.by,
        "decided_at": entry.at,
        "decision_note": note,
    }
    change(entry, row, verb=verb, reason=note, **decided)
