"""Status, confidence and target dates month by month: of a source, and of a recommendation."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.charts import Chart
from recommendations.models import Recommendation, Source
from recommendations.queries.over_time.charts import (
    OverTime,
    recommendation_charts,
    source_charts,
)
from recommendations.views.access import open_to, recommendation_for, source_for
from recommendations.views.conditional import shows_record
from recommendations.views.indicators.chart_files import csv_file, svg_file


@require_safe
@open_to(permissions.can_read_internally)
@shows_record
def source_over_time(request: HttpRequest, slug: str) -> HttpResponse:
    """How many recommendations of a source were in which state, month by month."""
    about = source_for(request.user, slug)
    return _page(request, about, source_charts(about, timezone.localdate()))


@require_safe
@open_to(permissions.can_read_internally)
@shows_record
def recommendation_over_time(request: HttpRequest, reference: str) -> HttpResponse:
    """Which state a recommendation was in, month by month, and which dates were stated for it."""
    about = recommendation_for(request.user, reference)
    return _page(request, about, recommendation_charts(about, timezone.localdate()))


@require_safe
@open_to(permissions.can_read_internally)
@shows_record
def source_over_time_chart(request: HttpRequest, slug: str, picture: str) -> HttpResponse:
    """One chart of a source as an SVG file."""
    return svg_file(_of_source(request, slug, picture), f"{slug}-{picture}")


@require_safe
@open_to(permissions.can_read_internally)
def source_over_time_data(request: HttpRequest, slug: str, picture: str) -> StreamingHttpResponse:
    """Its data as CSV."""
    return csv_file(_of_source(request, slug, picture), f"{slug}-{picture}")


@require_safe
@open_to(permissions.can_read_internally)
@shows_record
def recommendation_over_time_chart(
    request: HttpRequest, reference: str, picture: str
) -> HttpResponse:
    """One chart of a recommendation as an SVG file."""
    return svg_file(_of_recommendation(request, reference, picture), f"{reference}-{picture}")


@require_safe
@open_to(permissions.can_read_internally)
def recommendation_over_time_data(
    request: HttpRequest, reference: str, picture: str
) -> StreamingHttpResponse:
    """Its data as CSV."""
    return csv_file(_of_recommendation(request, reference, picture), f"{reference}-{picture}")


def _of_source(request: HttpRequest, slug: str, picture: str) -> Chart[Any]:
    return _one(source_charts(source_for(request.user, slug), timezone.localdate()), picture)


def _of_recommendation(request: HttpRequest, reference: str, picture: str) -> Chart[Any]:
    about = recommendation_for(request.user, reference)
    return _one(recommendation_charts(about, timezone.localdate()), picture)


def _one(found: OverTime | None, picture: str) -> Chart[Any]:
    chart = found.charts.get(picture) if found else None
    if chart is None:
        raise Http404(_("This chart does not exist."))
    return chart


def _page(
    request: HttpRequest, about: Source | Recommendation, found: OverTime | None
) -> HttpResponse:
    is_source = isinstance(about, Source)
    context = {
        "title": about.short_title if isinstance(about, Source) else about.title,
        "about": about,
        "is_source": is_source,
        "key": about.slug if isinstance(about, Source) else about.reference,
        "pictures": list(found.charts.values()) if found else [],
        "left_out": found.left_out if found else 0,
        "svg": "source-over-time-chart" if is_source else "recommendation-over-time-chart",
        "csv": "source-over-time-data" if is_source else "recommendation-over-time-data",
    }
    return render(request, "over_time/page.html", context)
