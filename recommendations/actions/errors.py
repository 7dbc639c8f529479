"""Why an action was refused, in words for the user who tried.

Views answer ``NotAllowed`` with 403, the others with 409, ``ValidationError`` with a form error.
"""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from recommendations.choices import UpdateState
from recommendations.models import StatusUpdate
from recommendations.queries.fields import Difference
from recommendations.transitions import Condition


class NotAllowed(PermissionDenied):
    """This user may not do this."""


class ActionRefused(Exception):
    """The action cannot be done now; its ``str`` says why and what to do."""


class TransitionConflict(ActionRefused):
    """The update left the state that this starts from; its ``str`` says which, by whom and when."""

    def __init__(self, update: StatusUpdate, reason: str = "") -> None:
        self.update = update
        super().__init__(reason or _state_text(update))


class AlreadyBegun(TransitionConflict):
    """This person has begun the same already and it is still open to them; carries it."""


class StaleWrite(ActionRefused):
    """The row changed since it was opened; carries the row as it is stored."""

    def __init__(self, current: Any, differences: Sequence[Difference] = ()) -> None:
        self.current = current
        self.differences = list(differences)
        super().__init__(
            _("This record was changed after you opened it. Your changes are not saved yet.")
        )


class NotAsSeen(ActionRefused):
    """What is to be decided on is not as its page showed it; carries its ``changes``.

    Of each ``Difference`` ``before`` is what the page showed and ``after`` what is there now.
    Without any the page did not say what it had shown.
    """

    def __init__(self, changes: Sequence[Difference]) -> None:
        self.changes = list(changes)
        super().__init__(
            _("The content changed after you opened the page. Check it, then decide again.")
            if self.changes
            else _("The version that you saw is unknown. Check this page, then decide again.")
        )


class BasisChanged(ActionRefused):
    """Another update came into force since this one was written; carries the difference."""

    def __init__(
        self,
        update: StatusUpdate,
        in_force: StatusUpdate | None,
        differences: Sequence[Difference],
    ) -> None:
        self.update = update
        self.in_force = in_force
        self.differences = list(differences)
        super().__init__(
            _(
                "Another update was approved after this one was written. Return this "
                "update, so that the author can consider the newer one."
            )
        )


class ConditionsNotMet(ActionRefused):
    """Approval needs more; carries the conditions, each with its advice."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self.conditions = list(conditions)
        needed = "; ".join(str(condition.advice) for condition in self.conditions)
        super().__init__(_("Required before approval: %s.") % needed)


def _state_text(update: StatusUpdate) -> str:
    # A withdrawn update keeps who had returned it: they did not withdraw it.
    if update.state != UpdateState.WITHDRAWN and update.decided_by_id and update.decided_at:
        return _("This update was already decided: %(state)s by %(who)s on %(when)s.") % {
            "state": update.get_state_display().lower(),
            "who": update.decided_by,
            "when": timestamp_text(update.decided_at),
        }
    return _("This update has changed: %(state)s since %(when)s.") % {
        "state": update.get_state_display().lower(),
        "when": timestamp_text(update.updated_at or update.created_at),
    }


def timestamp_text(moment: Any) -> str:
    """To the second: two people may have been at it within one minute."""
    return formats.date_format(timezone.localtime(moment), "j F Y, H:i:s")
