"""The overview of a source, the list of recommendations, and the page of one."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.models import Source
from recommendations.queries.listed import ids_of
from recommendations.queries.recommendations.detail import detail_page, recommendations_for_detail
from recommendations.queries.recommendations.overview import (
    ROWS_A_PAGE,
    build_overview,
    overview_rows,
    with_last_event,
)
from recommendations.queries.recommendations.tally import followed_in
from recommendations.search.queries import named
from recommendations.views import lists
from recommendations.views.access import open_to_readers
from recommendations.views.conditional import shows_record
from recommendations.views.lists import listing, requested_page


@require_safe
@open_to_readers
@shows_record
def overview(request: HttpRequest) -> HttpResponse:
    """One source's overview where there is one source, else the list of sources."""
    visible = Source.objects.visible_to(request.user).order_by("title", "pk")
    sources = list(with_last_event(visible)[:2])
    if len(sources) == 1:
        return _overview(request, sources[0], has_others=False)
    found = visible.with_shown(request.user) if sources else []
    return render(request, "recommendations/sources.html", {"sources": found})


@require_safe
@open_to_readers
@shows_record
def source_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """The overview of one source."""
    visible = with_last_event(Source.objects.visible_to(request.user))
    return _overview(request, get_object_or_404(visible, slug=slug), has_others=True)


def _overview(request: HttpRequest, source: Source, *, has_others: bool) -> HttpResponse:
    today = timezone.localdate()
    summary = build_overview(source, request.user, today)
    is_grouped = summary.tally.total > ROWS_A_PAGE
    found = followed_in(source.pk, request.user).order_by(
        *(["status_rank"] if is_grouped else []), "number", "pk"
    )
    paginator = Paginator(ids_of(found), ROWS_A_PAGE)
    paginator.count = summary.tally.total  # counted already; do not ask again
    page = requested_page(request, paginator)
    rows, cards = overview_rows(summary, list(page), request.user, today)
    return render(
        request,
        "recommendations/overview.html",
        {
            "overview": summary,
            "source": source,
            "tally": summary.tally,
            "waiting": summary.waiting,
            "cards": cards,
            "rows": rows,
            "page": page,
            "is_grouped": is_grouped,
            "has_others": has_others,
            "is_internal": permissions.can_read_internally(request.user),
            "today": today,
        },
    )


@require_safe
@open_to_readers
@shows_record
def recommendation_list(request: HttpRequest) -> HttpResponse:
    """All that the reader may see, filtered and sorted as the address asks.

    The search of the bar sends a text alone: where that is a reference, it is opened at once.
    """
    if request.GET.keys() == {"text"} and (meant := named(request.user, request.GET["text"])):
        return redirect(meant)
    today = timezone.localdate()
    is_internal = permissions.can_read_internally(request.user)
    shown = listing(request, lists.recommendations(request.user, today))
    return render(
        request,
        "recommendations/list.html",
        {
            "listing": shown,
            "rows": list(shown.page),
            "page": shown.page,
            "is_internal": is_internal,
            "may_import": permissions.can_import(request.user),
            "today": today,
        },
        status=shown.status,
    )


@require_safe
@open_to_readers
@shows_record
def recommendation_detail(request: HttpRequest, reference: str) -> HttpResponse:
    """One recommendation: all of it inside, its public fields outside."""
    today = timezone.localdate()
    found = get_object_or_404(recommendations_for_detail(request.user), reference=reference)
    page = detail_page(found, request.user, today)
    outside = "public_archived" if page.archived_at else "public"
    template = "detail" if page.found else outside
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
