"""Continuing a chain that a wrong clock has taken into the future."""

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import require
from recommendations.actions.errors import ActionRefused
from recommendations.audit.clock import ACCEPTED, MOST_BEHIND
from recommendations.models import AuditEvent, User


def accept_future_event(*, by: User, reason: str) -> AuditEvent:
    """Let changes follow the last event although the clock lies behind it, until it is reached.

    Only as long as they follow it closely: an event that is further ahead is accepted anew.
    ``ActionRefused`` where the last event does not lie in the future.
    """
    with audit.entry(by=by, may_lag=True) as entry:
        require(permissions.can_administer(by), _("You may not accept a future event."))
        if not reason.strip():
            raise ValidationError({"reason": _("Enter a reason. It is kept in the audit log.")})
        clock = timezone.now()
        if entry.at - clock <= MOST_BEHIND:
            raise ActionRefused(_("The last event is not in the future. No acceptance is needed."))
        counts = {"last_event": entry.next_sequence - 1, "clock": clock}
        return entry.record_counts(ACCEPTED, "1", counts, object_type="chain", reason=reason)
