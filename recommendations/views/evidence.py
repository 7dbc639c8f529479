"""Evidence: the list, and the page of one item with what it is linked to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.models import Evidence
from recommendations.summaries.evidence import links_of
from recommendations.views import lists
from recommendations.views.access import open_to_readers
from recommendations.views.listing import listing


@require_safe
@open_to_readers
def evidence_list(request: HttpRequest) -> HttpResponse:
    """Evidence items that the reader may see."""
    is_internal = permissions.can_read_internally(request.user)
    found, filters = lists.evidence(request.user)
    shown = listing(request, filters, found)
    context = {"listing": shown, "page": shown.page, "is_internal": is_internal}
    return render(request, "evidence/list.html", context, status=shown.status)


@require_safe
@open_to_readers
def evidence_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One item: where it comes from, who checked it, what it stands for and against."""
    item = get_object_or_404(
        Evidence.objects.visible_to(request.user).select_related("recorded_by"), pk=pk
    )
    is_internal = permissions.can_read_internally(request.user)
    checks = (
        item.checks.filter(removed_at__isnull=True).select_related("by", "organisation")
        if is_internal
        else ()
    )
    return render(
        request,
        "evidence/detail.html",
        {
            "item": item,
            "checks": checks,
            "links": links_of(item, request.user),
            "is_internal": is_internal,
        },
    )
