"""The event log, for those who oversee."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.queries.log.rows import head_of_chain, log_acts, log_rows
from recommendations.queries.log.verified import last_verified
from recommendations.views import lists
from recommendations.views.access import open_to
from recommendations.views.lists import list_page, listing


@require_safe
@open_to(permissions.can_read_log)
def audit_log(request: HttpRequest) -> HttpResponse:
    """Every event, newest first, those of one act together, with the head of the chain."""
    head = head_of_chain()
    shown = listing(request, lists.events())
    context = {
        "listing": shown,
        "page": shown.page,
        "acts": log_acts(log_rows(shown.page, shown.asked.wanted_rows)),
        "head": head,
        "verified": last_verified(head),
    }
    return list_page(request, "oversight/log.html", context)
