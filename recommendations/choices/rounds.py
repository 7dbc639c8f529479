"""Reporting rounds: why an item was not asked for, and what came of a request."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class NotAsked(TextChoices):
    """Why a recommendation that a round selected is not asked for an update."""

    NO_LEAD = "no_lead", _("No lead organisation")
    CLOSED = "closed", _("Closed")
    ARCHIVED = "archived", _("Archived")


class Found(TextChoices):
    """What a round found of a request when it was closed."""

    APPROVED = "approved", _("Approved")
    AWAITING = "awaiting", _("Awaiting review")
    MISSING = "missing", _("No update")


class RequestState(TextChoices):
    """Where a request stands; worked out on each day, and never stored."""

    APPROVED = "approved", _("Approved")
    AWAITING = "awaiting", _("Awaiting review")
    LATE = "late", _("Late")
    EXTENDED = "extended", _("Extended")
    OPEN = "open", _("Open")
    MISSING = "missing", _("Closed without an update")

    @property
    def is_in(self) -> bool:
        """Whether the update that was asked for is there."""
        return self in (RequestState.APPROVED, RequestState.AWAITING)

    @property
    def is_waited_for(self) -> bool:
        """Whether an update is still to come, late or not."""
        return self in (RequestState.LATE, RequestState.EXTENDED, RequestState.OPEN)
