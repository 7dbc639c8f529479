"""The overview of a source, the list of recommendations, and the page of one."""

from functools import cache
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.models import Recommendation, Source
from recommendations.permissions import Person
from recommendations.queries.cache import Drawing, audience_of, cached, readers_of
from recommendations.queries.frame import version_for
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
    person = request.user

    @cache
    def read() -> Any:
        return overview_rows(summary, list(page), person, today)

    version = version_for(person).hash
    return render(
        request,
        "recommendations/overview.html",
        {
            "overview": summary,
            "source": source,
            "tally": summary.tally,
            "waiting": summary.waiting,
            "cards": SimpleLazyObject(lambda: read()[1]),
            "kept_cards": Drawing("cards", f"person {person.pk}", version, (source.pk,)),
            "rows": SimpleLazyObject(lambda: read()[0]),
            "kept_rows": Drawing("rows", audience_of(person), version, (source.pk, page.number)),
            "page": page,
            "is_grouped": is_grouped,
            "has_others": has_others,
            "is_internal": permissions.can_read_internally(person),
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
    person, version = request.user, version_for(request.user).hash

    @cache
    def found() -> Any:
        return get_object_or_404(recommendations_for_detail(person), reference=reference)

    named = cached(
        "which recommendation",
        lambda: {name: getattr(found(), name) for name in ("pk", "title", "archived_at")},
        audience=audience_of(person),
        version=version,
        parts=(reference,),
    )
    kept = Drawing(
        "a recommendation",
        readers_of(person),
        version,
        # A citation is given with the address at which this site is read.
        (named["pk"], request.build_absolute_uri("/")),
        lambda: _whole(found(), person),
    )
    outside = "public_archived" if named["archived_at"] else "public"
    template = "detail" if permissions.can_read_internally(person) else outside
    row = {"reference": reference, "title": named["title"]}
    return render(request, f"recommendations/{template}.html", {"row": row, "kept_main": kept})


def _whole(found: Recommendation, person: Person) -> dict[str, Any]:
    """What the page of a recommendation shows."""
    today = timezone.localdate()
    page = detail_page(found, person, today)
    return {
        "view": page,
        "row": page.row,
        "today": today,
        "may_publish": permissions.can_publish(person),
        "may_administer": permissions.can_administer(person),
        "may_read_comments": permissions.can_read_drafts(person),
    }
