"""Evidence: the list, and the page of one item with what it is linked to."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.forms.evidence_item import CheckForm
from recommendations.models import Evidence
from recommendations.summaries.evidence_page import page_of
from recommendations.summaries.files import file_now
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
    items = [(item, file_now(item, request.user)) for item in shown.page]
    context = {
        "listing": shown,
        "page": shown.page,
        "items": items,
        "is_internal": is_internal,
        "today": timezone.localdate(),
    }
    return render(request, "evidence/list.html", context, status=shown.status)


@require_safe
@open_to_readers
def evidence_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One item: its file, where it comes from, who checked it, what it stands for and against."""
    return item_page(request, item_for(request.user, pk))


def item_for(person: Any, pk: int) -> Evidence:
    """An item that the person may read; else 404."""
    return get_object_or_404(
        Evidence.objects.visible_to(person).select_related("recorded_by"), pk=pk
    )


def item_page(
    request: HttpRequest, item: Evidence, *, check_form: CheckForm | None = None, status: int = 200
) -> HttpResponse:
    """The page of an item, with whatever was typed into the form of a check."""
    view = page_of(item, request.user, timezone.localdate())
    context = {"view": view, "item": item, "check_form": check_form or CheckForm()}
    return render(request, "evidence/detail.html", context, status=status)
