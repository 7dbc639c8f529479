"""The page of an area, with what is asked of it and what it says."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.models import Area
from recommendations.queries.areas import (
    addressees_in,
    aliases_of,
    area_measures,
    area_recommendation_rows,
    memberships_of,
)
from recommendations.views.access import open_to_readers
from recommendations.views.conditional import shows_record
from recommendations.views.lists import CappedPaginator, requested_page

ASKS_A_PAGE = 50


@require_safe
@open_to_readers
@shows_record
def area_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One area: the recommendations that speak to it, and what it says to each."""
    today = timezone.localdate()
    areas = Area.objects.visible_to(request.user).select_related("parent")
    area = get_object_or_404(areas, code=code)
    rows_of = partial(area_recommendation_rows, area=area, person=request.user, today=today)
    found = CappedPaginator(addressees_in(area, request.user), rows_of, ASKS_A_PAGE)
    page = requested_page(request, found)
    is_internal = permissions.can_read_internally(request.user)
    return render(
        request,
        "areas/detail.html",
        {
            "area": area,
            "page": page,
            "measures": area_measures(area, request.user),
            "rows": page,
            "is_internal": is_internal,
            "memberships": memberships_of(area) if is_internal else [],
            "aliases": aliases_of(area) if is_internal else [],
            "today": today,
        },
    )
