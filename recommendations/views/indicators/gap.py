"""The gap between areas: its page, and each of its pictures as a file."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.charts import Chart
from recommendations.choices import Direction, Measure, RegionLevel
from recommendations.forms.indicators import GapForm
from recommendations.models import Indicator
from recommendations.queries.days import Days
from recommendations.queries.indicators.gap import (
    AreaIndex,
    Gap,
    GapQuery,
    find_gap,
    indicators_with_gap,
)
from recommendations.queries.indicators.gap_page import (
    NAMES,
    basis_text,
    comparison_text,
    coverage_text,
    gap_charts,
    thin_end_text,
    verdict_text,
)
from recommendations.queries.indicators.past import indicators_then
from recommendations.queries.indicators.values import rounding
from recommendations.views.access import open_to_readers
from recommendations.views.conditional import shows_record
from recommendations.views.indicators.chart_files import csv_file, svg_file
from recommendations.views.looking_back import looks_back

LOADABLE = ("IT.NET.USER.ZS", "IT.NET.BBND.P2", "IT.CEL.SETS.P2")
"""World Bank codes of what the gap in digital development can be read from."""


def _shown(request: HttpRequest, days: Days | None = None) -> HttpResponse:
    """The page now, or of a past day: of periods that were over then, by what was on record."""
    context = _page(request, days)
    status = 400 if context["form"].errors else 200
    return render(request, "gap/page.html", context, status=status)


@require_safe
@open_to_readers
@shows_record
@looks_back(_shown)
def gap_page(request: HttpRequest) -> HttpResponse:
    """Whether the gap narrowed, what that rests on, and where each area stands."""
    return _shown(request)


@require_safe
@open_to_readers
@shows_record
@looks_back(lambda request, days, picture: svg_file(*_one(request, picture, days)))
def gap_picture(request: HttpRequest, picture: str) -> HttpResponse:
    """One chart as an SVG file."""
    return svg_file(*_one(request, picture))


@require_safe
@open_to_readers
@looks_back(lambda request, days, picture: csv_file(*_one(request, picture, days)))
def gap_data(request: HttpRequest, picture: str) -> StreamingHttpResponse:
    """The data of one chart as CSV."""
    return csv_file(*_one(request, picture))


def _page(request: HttpRequest, days: Days | None = None) -> dict[str, Any]:
    """What the page shows of what its address asks for; no gap where that is wrong or not there."""
    rows = list(indicators_with_gap(request.user))
    if days is not None:
        rows = indicators_then(rows, days, request.user)
    indicators = {row.code: row for row in rows}
    atlas = AreaIndex(request.user)
    form = GapForm(
        request.GET,
        indicators=[(row.code, f"{row.title} ({row.code})") for row in rows],
        groups=[(row.code, row.shown_name) for row in atlas.groups],
        countries=[(row.code, row.shown_name) for row in atlas.countries],
    )
    page: dict[str, Any] = {
        "form": form,
        "days": days,
        "query": request.GET.urlencode(),
        "loadable": LOADABLE,
        "may_load": permissions.can_write(request.user),
    }
    if not form.is_valid() or not indicators:
        return page
    said = form.cleaned_data
    indicator: Indicator = indicators[said["indicator"] or rows[0].code]
    keys = {row.code: row.pk for row in (*atlas.groups, *atlas.countries)}
    asked = GapQuery(
        group=keys.get(said["group"]),
        countries=frozenset(keys[code] for code in said["country"]),
        level=said["level"] or RegionLevel.REGION,
        from_year=said["from_year"],
        to_year=said["to_year"],
        is_constant=said["constant"],
        known=days.known if days else None,
        until=days.as_of if days else None,
    )
    found = find_gap(indicator.pk, atlas, asked)
    page |= {"indicator": indicator, "left_out": found.left_out}
    return page if found.gap is None else page | _told(found.gap, indicator)


def _told(gap: Gap, indicator: Indicator) -> dict[str, Any]:
    """What the page says of a gap."""
    number = rounding(indicator.decimals)
    unit = apart = indicator.unit
    if indicator.measure == Measure.PERCENTAGE:
        apart = _("percentage points")
    is_decrease = indicator.direction == Direction.DECREASE
    ends = (gap.lowest, gap.highest) if is_decrease else (gap.highest, gap.lowest)
    ahead, behind = ([(rank.place, number(rank.figure.known)) for rank in end] for end in ends)
    return {
        "gap": gap,
        "verdict": verdict_text(gap.trend, indicator.decimals, apart),
        "basis": basis_text(gap, number),
        "compared": comparison_text(gap.trend, number, unit, apart),
        "thin_end": thin_end_text(gap),
        "coverage": coverage_text(gap),
        "ahead": ahead,
        "behind": behind,
        "is_decrease": is_decrease,
        "unit": unit,
        "pictures": gap_charts(gap, indicator.title, unit, number),
    }


def _one(request: HttpRequest, name: str, days: Days | None = None) -> tuple[Chart[Any], str]:
    """A picture and what its file is called; 404 where there is none."""
    if name not in NAMES:
        raise Http404(_("This chart does not exist."))
    page = _page(request, days)
    if page["form"].errors:
        raise BadRequest(_("The address has an invalid value."))
    if "gap" not in page:
        raise Http404(_("No data are available."))
    return page["pictures"][name], f"gap-{name}-{page['indicator'].code}"
