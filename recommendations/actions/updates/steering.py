"""What a body decided on what an update asks for: recorded by a manager, and withdrawn."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import (
    ActionRefused,
    add_row,
    change,
    require,
    require_past,
    required_text,
)
from recommendations.choices import UpdateState
from recommendations.models import StatusUpdate, SteeringDecision, User
from recommendations.queries.dates import day_text


def record_decision(
    *, update: StatusUpdate, by: User, values: Mapping[str, Any], at: datetime | None = None
) -> SteeringDecision:
    """Record what was decided on what the update in force asks for; once, while it is open."""
    with audit.entry(by=by, at=at) as entry:
        rows = StatusUpdate.objects.select_related("recommendation__kept__decision")
        current = rows.get(pk=update.pk)
        require(
            permissions.can_record_decision(by, current.recommendation),
            _("You may not record decisions."),
        )
        _require_asking(current)
        row = SteeringDecision(update=current, recorded_at=entry.at, recorded_by=by, **values)
        day = values.get("decided_on")
        require_past(entry.today, decided_on=day)
        if day is not None and day < current.as_of:
            raise ValidationError(
                {
                    "decided_on": _("The update asks for it as of %s: choose that day or later.")
                    % day_text(current.as_of)
                }
            )
        return add_row(entry, row, verb="record_decision")


def _require_asking(update: StatusUpdate) -> None:
    """Refuse unless this is the update in force, and nothing answers what it asks for."""
    recommendation = update.recommendation
    is_current = recommendation.current_update_id == update.pk
    if not is_current or update.state != UpdateState.APPROVED or not update.asked_for:
        raise ActionRefused(
            _("This update is not current, or it asks for no decision. Open the recommendation.")
        )
    if (found := recommendation.kept.decision) is not None:
        raise ActionRefused(
            _("A decision was already recorded: %(body)s, %(day)s. Withdraw it first.")
            % {"body": found.body, "day": day_text(found.decided_on)}
        )


def withdraw_decision(
    *, decision: SteeringDecision, by: User, reason: str, at: datetime | None = None
) -> SteeringDecision:
    """Withdraw a decision that was recorded wrongly. It stays on record, with the reason."""
    reason = required_text(SteeringDecision.removal_reason, reason)
    with audit.entry(by=by, at=at) as entry:
        rows = SteeringDecision.objects.select_related("update__recommendation")
        current = rows.get(pk=decision.pk)
        require(
            permissions.can_record_decision(by, current.update.recommendation),
            _("You may not withdraw this decision."),
        )
        if current.removed_at is not None:
            raise ActionRefused(_("This was already withdrawn."))
        change(
            entry,
            current,
            verb="withdraw_decision",
            reason=reason,
            removed_at=entry.at,
            removed_by=by,
            removal_reason=reason,
        )
        return current
