"""Reporting rounds in tests: sent as from the preview, in one line."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from recommendations.actions.rounds import send_round
from recommendations.models import Recommendation, ReportingRound, User
from recommendations.queries.rounds import plan_round
from tests.base import days_ago


def sent_round(
    items: Iterable[Recommendation],
    by: User,
    *,
    as_of: date | None = None,
    reply_by: date | None = None,
    at: datetime | None = None,
    **values: Any,
) -> ReportingRound:
    """A round on these, about 30 days ago unless told otherwise, with 10 days to reply."""
    day = as_of or days_ago(30)
    plan = plan_round([item.pk for item in items], day)
    said = {"name": "Spring", "as_of": day, "reply_by": reply_by or days_ago(-10), **values}
    return send_round(key=uuid4(), values=said, shown=plan.shown, by=by, at=at)
