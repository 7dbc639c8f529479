"""Sending a reporting round: bound to its preview, with a mail to everybody who is asked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import BATCH, check_row, require
from recommendations.actions.errors import ActionRefused
from recommendations.actions.rounds.mail import tell_asked
from recommendations.models import ReportingRound, Request, User
from recommendations.queries.rounds.plan import RoundPlan, ShownRequests, plan_round


class NothingToAsk(ActionRefused):
    """Nothing could be asked, or not as it was shown; carries the plan as it is now."""

    def __init__(self, plan: RoundPlan, told: str) -> None:
        self.plan = plan
        super().__init__(told)


def send_round(
    *,
    key: UUID,
    values: Mapping[str, Any],
    shown: ShownRequests,
    by: User,
    at: datetime | None = None,
) -> ReportingRound:
    """Open a round and ask for all updates of its preview, with one event for all of it.

    ``key`` is that of the form: sent twice, it opens one round. ``NothingToAsk`` where an item is
    not as the preview showed it, or none can be asked.
    """
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_run_rounds(by), _("You may not send reporting rounds."))
        if (sent := ReportingRound.objects.filter(key=key).first()) is not None:
            return sent
        round = ReportingRound(key=key, sent_at=entry.at, sent_by=by, **values)
        check_row(round)
        if round.reply_by < entry.today and not entry.is_history:
            raise ValidationError({"reply_by": _("The day to reply by must not be in the past.")})
        plan = plan_round(shown.rows, round.as_of)
        _require_as_shown(plan, shown)
        round.save(force_insert=True)
        requests = _requests(round, plan)
        act = audit.BulkAct(entry)
        act.add_new(Request.objects.bulk_create(requests, batch_size=BATCH))
        told = {**audit.snapshot(round), **act.close()}
        entry.record("send_round", round, before={}, after=told)
        tell_asked(entry, round, plan)
        return round


def _require_as_shown(plan: RoundPlan, shown: ShownRequests) -> None:
    if plan.as_of != shown.as_of or plan.shown.rows != shown.rows:
        told = _("Records changed since the preview. Check the preview again.")
        raise NothingToAsk(plan, told)
    if not plan.requests:
        raise NothingToAsk(plan, _("None of the selected recommendations can be asked for."))


def _requests(round: ReportingRound, plan: RoundPlan) -> list[Request]:
    return [
        Request(
            round=round,
            recommendation_id=row.pk,
            organisation_id=row.organisation_id,
            not_asked=row.not_asked,
        )
        for row in plan.rows
    ]
