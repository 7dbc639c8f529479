"""The event log, for those who oversee."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.queries.cache import Drawing, audience_of
from recommendations.queries.frame import version_for
from recommendations.queries.log.rows import head_of_chain, log_acts, log_rows
from recommendations.views import lists
from recommendations.views.access import open_to
from recommendations.views.lists import listing


@require_safe
@open_to(permissions.can_read_log)
def audit_log(request: HttpRequest) -> HttpResponse:
    """Every event, newest first, those of one act together, with the head of the chain."""
    shown = listing(request, lists.events())
    person = request.user
    return render(
        request,
        "oversight/log.html",
        {
            "listing": shown,
            "page": shown.page,
            "acts": SimpleLazyObject(
                lambda: log_acts(log_rows(shown.page, shown.asked.wanted_rows))
            ),
            "drawing": Drawing(
                "log",
                audience_of(person),
                version_for(person).hash,
                (*(event.pk for event in shown.page), request.GET.urlencode()),
            ),
            "head": head_of_chain(),
        },
        status=shown.status,
    )
