"""My work: what one person has to do, what came back to them, and what waits."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.choices import UpdateState
from recommendations.models import Recommendation
from recommendations.queries.deputies import principals_of
from recommendations.queries.indicators.detail import indicators_to_confirm
from recommendations.queries.listed import A_PAGE
from recommendations.queries.updates.tasks import (
    blocks_of,
    dates_asked_by,
    mentions_of,
    near,
    needing,
    written_by,
)
from recommendations.views.access import open_to
from recommendations.views.conditional import shows_record
from recommendations.views.lists import CappedPaginator, requested_page


@require_safe
@open_to(permissions.can_write)
@shows_record
def my_work(request: HttpRequest) -> HttpResponse:
    """What this person has to do, the most pressing first."""
    return render(request, "work/my_work.html", work_of(request))


def work_of(request: HttpRequest) -> dict[str, Any]:
    """All that the page shows; what is not on its blocks stands on the first page alone."""
    person, today = request.user, timezone.localdate()
    written = written_by(person)
    ids, needed = needing(person, today)
    page = requested_page(request, CappedPaginator(ids, None, A_PAGE))
    is_first = page.number == 1
    ahead = near(person, today) if is_first else []
    found, due = blocks_of(person, list(page.object_list), today, written, ahead)
    blocks = list(found.values())
    asked = dates_asked_by(person) if is_first else []
    continued = {task.draft for block in blocks for task in block.tasks if task.draft}
    # A manager logs on all that there is; on a new site there is nothing yet.
    is_theirs = bool(blocks or due) or permissions.can_review(person)
    waiting = written[UpdateState.SUBMITTED] if is_first else []
    return {
        "today": today,
        "page": page,
        "mine": [block for block in blocks if block.is_mine],
        "others": [block for block in blocks if not block.is_mine],
        "due": due,
        "drafts": [
            each for each in written[UpdateState.DRAFT] if is_first and each.pk not in continued
        ],
        "waiting": waiting,
        "mentions": mentions_of(person, today) if is_first else [],
        "asked": asked,
        "to_confirm": indicators_to_confirm(person) if is_first else [],
        "confirmable": sum(task.is_confirmable for block in blocks for task in block.tasks),
        # Asked only where nothing else tells it.
        "may_log": is_theirs or Recommendation.objects.loggable_by(person).exists(),
        "has_organisation": permissions.organisation_id(person) is not None,
        "stands_in": principals_of(person),
        "away": {each.person_name for each in principals_of(person)},
        "counts": {
            "needed": needed,
            "others": page.paginator.count - needed,
            "waiting": len(waiting) + len(asked),
        },
    }
