"""Indicators: the list, the page of one with its pictures and figures, and these as files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.filters.figures import FigureFilter
from recommendations.models import Indicator
from recommendations.summaries.gap_rows import measured_in_several
from recommendations.summaries.indicator_page import (
    Asked,
    areas_of,
    drawn_of,
    figures_in_order,
    imports_of,
    recorded_rows,
    with_evidence,
    with_may_observe,
)
from recommendations.summaries.indicators import indicator_rows, links_of
from recommendations.views import lists
from recommendations.views.access import open_to_readers
from recommendations.views.listing import CappedPaginator, Listing, listing, page_of

FIGURES_A_PAGE = 50


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
    """One indicator: where it stands, its pictures, and all of its figures with their record."""
    person = request.user
    rows = with_may_observe(Indicator.objects.visible_to(person), person)
    rows = rows.annotate(has_gap=measured_in_several())
    indicator: Any = get_object_or_404(rows, code=code)
    areas = areas_of(indicator)
    sought = _sought(request, indicator, areas)
    shown = _page(request, sought, areas)
    drawn = drawn_of(indicator, areas, sought.asked)
    return render(
        request,
        "indicators/detail.html",
        {
            "indicator": indicator,
            "drawn": drawn,
            "standing": drawn.standing,
            "listing": shown,
            "page": shown.page,
            "rows": recorded_rows(indicator, shown.page, person),
            "links": links_of(indicator, person),
            "imports": imports_of(indicator, person),
            "is_internal": permissions.can_read_internally(person),
            "today": timezone.localdate(),
        },
        status=shown.status,
    )


@require_safe
@open_to_readers
def indicator_chart(request: HttpRequest, code: str) -> HttpResponse:
    """One picture of an indicator as a file; ``picture`` names it, else it is the first."""
    indicator = get_object_or_404(Indicator.objects.visible_to(request.user), code=code)
    areas = areas_of(indicator)
    sought = _sought(request, indicator, areas)
    if not sought.filter.is_valid():
        raise BadRequest(_("The filter asks for what there is not."))
    pictures = drawn_of(indicator, areas, sought.asked).pictures
    wanted = request.GET.get("picture", "")
    chosen = next((each for each in pictures if wanted in ("", each.name)), None)
    if chosen is None:
        raise Http404(_("There is no such picture."))
    note = _("%(source)s As recorded on %(day)s.") % {
        "source": indicator.source,
        "day": date_format(timezone.localdate(), pgettext("date, written out", "j F Y")),
    }
    answer = HttpResponse(chosen.as_file(note.strip()), content_type="image/svg+xml")
    name = f"{indicator.code}-{chosen.name}-{timezone.localdate():%Y-%m-%d}.svg"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@dataclass(frozen=True, slots=True)
class _Sought:
    """The filter of the address, and what it asks for; nothing where it is wrong."""

    filter: FigureFilter
    asked: Asked


def _sought(request: HttpRequest, indicator: Indicator, areas: list[Any]) -> _Sought:
    figures = with_evidence(figures_in_order(indicator), request.user)
    filters = FigureFilter(request.GET, queryset=figures, request=request, areas=areas)
    if not filters.is_valid():
        return _Sought(filters, Asked())
    said = filters.form.cleaned_data
    return _Sought(filters, Asked(tuple(said["area"]), said["first"], said["last"]))


def _page(request: HttpRequest, sought: _Sought, areas: list[Any]) -> Listing:
    is_valid, asked = sought.filter.is_valid(), sought.asked
    found = sought.filter.qs if is_valid else sought.filter.queryset.none()
    paginator = CappedPaginator(found, FIGURES_A_PAGE)
    if is_valid and not asked.is_bounded:
        # Counted already with the areas; do not ask again.
        counted = (a.figures for a in areas if not asked.codes or a.code in asked.codes)
        paginator._counted = sum(counted)
    is_used = bool(asked.codes or asked.is_bounded)
    status = 200 if is_valid else 400
    return Listing(sought.filter, page_of(request, paginator), status, is_used, is_used)
