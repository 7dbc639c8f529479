"""The list of recommendations, and the page of one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recommendations import permissions
from recommendations.actions import recommendations as actions
from recommendations.models import Recommendation
from recommendations.summaries.leading import with_leading
from recommendations.summaries.recommendation import for_page, page_of
from recommendations.summaries.rows import rows_for
from recommendations.views import lists
from recommendations.views.access import actor, open_to, open_to_readers
from recommendations.views.listing import listing


@require_safe
@open_to_readers
def recommendation_list(request: HttpRequest) -> HttpResponse:
    """All that the reader may see, filtered and sorted as the address asks."""
    today = timezone.localdate()
    is_internal = permissions.can_read_internally(request.user)
    found, filters = lists.recommendations(request.user, today)
    shown = listing(request, filters, found)
    return render(
        request,
        "recommendations/list.html",
        {
            "listing": shown,
            "rows": with_leading(rows_for(request.user, shown.page, today), request.user),
            "page": shown.page,
            "is_internal": is_internal,
            "may_import": permissions.can_import(request.user),
            "today": today,
        },
        status=shown.status,
    )


@require_safe
@open_to_readers
def recommendation_detail(request: HttpRequest, reference: str) -> HttpResponse:
    """One recommendation: all of it inside, its public fields outside."""
    today = timezone.localdate()
    found = get_object_or_404(for_page(request.user, today), reference=reference)
    page = page_of(found, request.user, today)
    template = "detail" if page.found else "public"
    return render(
        request,
        f"recommendations/{template}.html",
        {
            "view": page,
            "row": page.row,
            "today": today,
            "may_publish": permissions.can_publish(request.user),
            "may_administer": permissions.can_administer(request.user),
            "may_read_comments": permissions.can_read_drafts(request.user),
        },
    )


@require_POST
@open_to(permissions.can_publish)
def recommendation_publish(request: HttpRequest, reference: str) -> HttpResponse:
    """Make one recommendation public."""
    found = get_object_or_404(Recommendation, reference=reference)
    actions.publish(recommendation=found, by=actor(request))
    messages.success(request, _("%s is public from now on.") % found.reference)
    return redirect(found)
