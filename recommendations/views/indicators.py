"""Indicators: the list, and the page of one with its figures."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.models import Indicator
from recommendations.summaries.gap_rows import measured_in_several
from recommendations.summaries.indicators import (
    figure_page,
    figures_in_order,
    indicator_rows,
    links_of,
)
from recommendations.views import lists
from recommendations.views.access import open_to_readers
from recommendations.views.listing import listing, page_of

FIGURES_A_PAGE = 100


@require_safe
@open_to_readers
def indicator_list(request: HttpRequest) -> HttpResponse:
    """Indicators with what they measure and their newest figure."""
    found, filters = lists.indicators(request.user)
    shown = listing(request, filters, found)
    rows = indicator_rows(shown.page, request.user)
    context = {"listing": shown, "page": shown.page, "rows": rows}
    return render(request, "indicators/list.html", context, status=shown.status)


@require_safe
@open_to_readers
def indicator_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One indicator: its definition, what it is for, and all of its figures."""
    shown = Indicator.objects.visible_to(request.user).annotate(has_gap=measured_in_several())
    indicator = get_object_or_404(shown, code=code)
    page = page_of(request, Paginator(figures_in_order(indicator), FIGURES_A_PAGE))
    return render(
        request,
        "indicators/detail.html",
        {
            "indicator": indicator,
            "page": page,
            "figures": figure_page(indicator, page),
            "links": links_of(indicator, request.user),
            "is_internal": permissions.can_read_internally(request.user),
        },
    )
