"""My work: what one person has to do, what came back to them, and what waits."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.choices import UpdateKind, UpdateState
from recommendations.models import Recommendation
from recommendations.permissions import Person
from recommendations.queries.deputies import principals_of
from recommendations.queries.frame import frame_for
from recommendations.queries.indicators.confirmations import indicators_to_confirm
from recommendations.queries.updates.tasks import dates_asked_by, tasks_of, written_by
from recommendations.views.access import open_to
from recommendations.views.conditional import shows_record


@require_safe
@open_to(permissions.can_write)
@shows_record
def my_work(request: HttpRequest) -> HttpResponse:
    """What this person has to do, the most pressing first."""
    return render(request, "work/my_work.html", work_of(request.user))


def work_of(person: Person) -> dict[str, Any]:
    """All that the page shows."""
    today = timezone.localdate()
    written = written_by(person)
    returned, waiting = written[UpdateState.RETURNED], written[UpdateState.SUBMITTED]
    drafts = {
        each.recommendation_id: each.pk
        for each in reversed(written[UpdateState.DRAFT])
        if each.kind == UpdateKind.REGULAR and each.addressee_id is None
    }
    overall = [each.recommendation_id for each in returned if each.addressee_id is None]
    tasks = tasks_of(person, today, drafts=drafts, returned=overall)
    continued = {draft for task in tasks.needed if (draft := task.draft)}
    others = [each for each in written[UpdateState.DRAFT] if each.pk not in continued]
    asked, to_confirm = dates_asked_by(person), indicators_to_confirm(person)
    needed = frame_for(person).mine
    # A manager logs on all that there is; on a new site there is nothing yet.
    is_theirs = bool(needed or tasks.due or tasks.others) or permissions.can_review(person)
    return {
        "today": today,
        "tasks": tasks,
        "returned": returned,
        "drafts": others,
        "waiting": waiting,
        "asked": asked,
        "to_confirm": to_confirm,
        "confirmable": tasks.confirmable,
        # Asked only where nothing else tells it.
        "may_log": is_theirs or Recommendation.objects.loggable_by(person).exists(),
        "has_organisation": permissions.organisation_id(person) is not None,
        "stands_in": principals_of(person),
        "away": {each.person_name for each in principals_of(person)},
        "counts": {
            "needed": needed,
            "others": len(waiting) + len(asked) + len(tasks.others),
        },
    }
