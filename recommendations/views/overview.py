"""The front page, and one source at a glance."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.models import Recommendation, Source
from recommendations.summaries.leading import with_leading
from recommendations.summaries.overview import ROWS_A_PAGE, overview_of, status_rank
from recommendations.summaries.rows import rows_for
from recommendations.views.access import open_to_readers
from recommendations.views.listing import page_of


@require_safe
@open_to_readers
def overview(request: HttpRequest) -> HttpResponse:
    """One source's overview where there is one source, else the list of sources."""
    sources = list(Source.objects.shown_to(request.user).order_by("title", "pk"))
    if len(sources) == 1:
        return _overview(request, sources[0], has_others=False)
    return render(request, "recommendations/sources.html", {"sources": sources})


@require_safe
@open_to_readers
def source_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """The overview of one source."""
    source = get_object_or_404(Source.objects.shown_to(request.user), slug=slug)
    return _overview(request, source, has_others=True)


def _overview(request: HttpRequest, source: Source, *, has_others: bool) -> HttpResponse:
    today = timezone.localdate()
    summary = overview_of(source, request.user, today)
    found = (
        Recommendation.objects.visible_to(request.user)
        .filter(source=source)
        .followed()
        .for_rows(request.user, today)
    )
    is_grouped = summary.tally.total > ROWS_A_PAGE
    found = found.order_by(*([status_rank()] if is_grouped else []), "number", "pk")
    paginator = Paginator(found, ROWS_A_PAGE)
    paginator.count = summary.tally.total  # counted already; do not ask again
    page = page_of(request, paginator)
    return render(
        request,
        "recommendations/overview.html",
        {
            "overview": summary,
            "source": source,
            "tally": summary.tally,
            "rows": with_leading(rows_for(request.user, page, today), request.user),
            "page": page,
            "is_grouped": is_grouped,
            "has_others": has_others,
            "is_internal": permissions.can_read_internally(request.user),
            "today": today,
        },
    )
