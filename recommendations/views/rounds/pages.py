"""Reporting rounds: their list, the page of one, and its requests."""

from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.choices import RequestState
from recommendations.exports import Sheet
from recommendations.exports import lists as columns
from recommendations.models import ReportingRound
from recommendations.models.fields import parse_int
from recommendations.permissions import Person
from recommendations.queries.rounds.page import (
    extensions_of,
    left_out_of,
    organisation_rows,
    request_rows,
)
from recommendations.queries.rounds.standing import (
    Narrowing,
    by_organisation,
    tallies_of,
    tally_of,
)
from recommendations.views.access import open_to
from recommendations.views.lists import A_PAGE, Listed, Listing, list_page, requested_page

ROUNDS_A_PAGE = 20
MOST_LEFT_OUT = 20
"""Recommendations that were not asked for, and are named on the page of a round."""


@list_page("rounds/list.html", open_to(permissions.can_read_internally))
def round_list(request: HttpRequest) -> Listed:
    """All rounds that the reader may see, open ones first."""
    today = timezone.localdate()
    rows = ReportingRound.objects.visible_to(request.user).select_related("sent_by", "closed_by")
    found = rows.order_by(F("closed_at").desc(nulls_first=True), "-sent_at", "-pk")

    def beside(shown: Listing) -> dict[str, Any]:
        tallies = tallies_of(shown.page, today)
        return {
            "rows": [(round, tallies[round.pk]) for round in shown.page],
            "may_run": permissions.can_run_rounds(request.user),
            "today": today,
        }

    return Listed(found, beside=beside, exactly=found.count, per_page=ROUNDS_A_PAGE)


@require_safe
@open_to(permissions.can_read_internally)
def round_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """How a round stands: what is in, and who is late, by organisation."""
    round, today = round_for(request.user, pk), timezone.localdate()
    tally = tally_of(round, today)
    parts = by_organisation(tally)
    page = requested_page(request, Paginator(parts, A_PAGE))
    left_out = left_out_of(round)
    rows = organisation_rows(round, list(page.object_list))
    returnable = {row.pk for row in rows if permissions.can_return_sheet(request.user, row.pk)}
    may_run = permissions.can_run_rounds(request.user)
    context = {
        "round": round,
        "tally": tally,
        "n_organisations": len(parts),
        "rows": rows,
        "returnable": returnable,
        "page": page,
        "left_out": left_out[:MOST_LEFT_OUT],
        "n_more_left_out": max(0, len(left_out) - MOST_LEFT_OUT),
        "extensions": extensions_of(round)[:A_PAGE],
        "may_run": may_run,
        "may_act": round.closed_at is None and (may_run or bool(returnable)),
        "today": today,
    }
    return render(request, "rounds/detail.html", context)


@list_page("rounds/requests.html", open_to(permissions.can_read_internally))
def round_requests(request: HttpRequest, pk: int) -> Listed:
    """The requests of a round one by one, perhaps those of one state or of one organisation."""
    round, today = round_for(request.user, pk), timezone.localdate()
    asked = Narrowing.of(request.GET, parse_int(request.GET.get("organisation", "")))
    found = {} if asked.errors else {row.pk: row for row in asked.among(tally_of(round, today))}
    beside = {
        "errors": asked.errors,
        "round": round,
        "state": RequestState(asked.state) if asked.state else "",
        "organisation": asked.organisation,
        "today": today,
    }
    return Listed(
        list(found),
        rows_of=partial(request_rows, standings=found, today=today),
        sheet=partial(Sheet, "requests", columns.REQUESTS),
        beside=lambda _shown: beside,
        errors=asked.errors,
    )


def round_for(person: Person, pk: int) -> ReportingRound:
    """A round that the person may see; else 404."""
    rows = ReportingRound.objects.visible_to(person).select_related("sent_by", "closed_by")
    found: ReportingRound = get_object_or_404(rows, pk=pk)
    return found
