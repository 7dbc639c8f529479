"""What is said of a status that was taken over from a list: where it is from, and what it lacks."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations.choices import UpdateKind
from recommendations.models import StatusUpdate
from recommendations.transitions import ApprovalCase, unmet

OPENING_COLUMNS = (
    *("opening_row__number", "opening_row__undone_at", "opening_row__batch__file_name"),
)
"""Columns beside those of an update from which its ``origin`` is said."""


def taken_over_publicly(kind: str) -> str:
    """That a status was taken over; empty of any other kind. The public reads no name of a file."""
    if kind != UpdateKind.OPENING:
        return ""
    return _("Taken over from an earlier tracker and approved as a batch.")


def not_stated(update: StatusUpdate | None) -> list[str]:
    """What a new approval would need and the list did not state; empty of any other update.

    Evidence is not among it: that it is missing is a flag of its own.
    """
    if update is None or not update.is_opening:
        return []
    case = ApprovalCase(update, supporting=1, checked=1)
    return [capfirst(str(condition.advice)) for condition in unmet(case)]
