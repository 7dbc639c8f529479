"""Pages of a past day: Home, a source, the list, and a recommendation.

They stand at the addresses of today’s pages, which name two days: ``as_of``, of which day the
status is, and ``known``, the day until which it was known.
"""

from array import array
from collections.abc import Callable, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.filters.past import PastFilter, PublicPastFilter
from recommendations.models import Recommendation, Source
from recommendations.permissions import Person
from recommendations.queries.dates import day_text, first_day
from recommendations.queries.days import (
    Days,
    NoSuchDays,
    NothingPublic,
    days_of,
    kept_then,
)
from recommendations.queries.recommendations.cited import (
    CitedPage,
    NotCitable,
    cited_page,
    with_parts,
)
from recommendations.queries.recommendations.past.lines import lines_of
from recommendations.queries.recommendations.past.overview import kept_overview, sources_then
from recommendations.queries.recommendations.past.shown import rows_then
from recommendations.views.access import View
from recommendations.views.lists import A_PAGE, requested_page

SOURCES_A_PAGE = 20

PastView = Callable[..., HttpResponseBase]


def looks_back(past: PastView) -> Callable[[View], View]:
    """Answers with the view ``past``, given the ``Days``, where the address names a past day.

    Days that make no sense are explained (400), and so are those of which nothing was public (404).
    Below what decides who may open the page.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                days = days_of(request.GET, timezone.localdate())
                if days is not None:
                    return past(request, days, *args, **kwargs)
            except NothingPublic as reason:
                return _explained(request, str(reason), HTTPStatus.NOT_FOUND)
            except NoSuchDays as reason:
                return _explained(request, str(reason), HTTPStatus.BAD_REQUEST)
            return view(request, *args, **kwargs)

        return answer

    return decorate


def _explained(request: HttpRequest, reason: str, status: HTTPStatus) -> HttpResponse:
    shown = {"reason": reason, "first_day": first_day()}
    return render(request, "past/no_such_days.html", shown, status=status)


def past_home(request: HttpRequest, days: Days) -> HttpResponse:
    """All sources on a past day; where there is one, the page of that source."""
    sources = _sources_then(request, days)
    if len(sources) == 1:
        return past_source(request, days, sources[0].slug)

    overview, _ids = kept_overview(sources, days, request.user)
    page = requested_page(request, Paginator(overview.sources, SOURCES_A_PAGE))
    return _shown(request, days, "past/home.html", {"overview": overview, "page": page})


def past_source(request: HttpRequest, days: Days, slug: str) -> HttpResponse:
    """One source on a past day, with its recommendations."""
    source = get_object_or_404(Source.objects.visible_to(request.user), slug=slug)
    overview, ids = kept_overview(sources_then([source], days), days, request.user)
    context = {
        "source": source,
        "overview": overview,
        "then": next((then for then, _tally in overview.sources), None),
        **_page_of(request, days, ids),
    }
    return _shown(request, days, "past/source.html", context)


def past_list(request: HttpRequest, days: Days) -> HttpResponse:
    """The list on a past day, narrowed by what is known of any day."""
    filters = past_filters(request)
    if not filters.is_valid():
        shown = {"days": days, "filter": filters}
        return render(request, "past/list.html", shown, status=HTTPStatus.BAD_REQUEST)
    context = _page_of(request, days, past_ids(request, days, filters))
    return _shown(request, days, "past/list.html", {"filter": filters, **context})


def past_recommendation(request: HttpRequest, days: Days, reference: str) -> HttpResponse:
    """A recommendation on a past day: what a citation of it shows."""
    shown = {"view": past_page(request.user, days, reference), "days": days}
    return render(request, "recommendations/cited.html", shown)


def past_page(person: Person, days: Days, reference: str) -> CitedPage:
    """A recommendation on a past day.

    404 where the reader may open no such page now, ``NoSuchDays`` where there was none then.
    """
    visible = Recommendation.objects.visible_to(person).select_related("source")
    found = get_object_or_404(with_parts(visible), reference=reference)
    try:
        return cited_page(found, days, person)
    except NotCitable as reason:
        raise NoSuchDays(str(reason)) from reason
    except ObjectDoesNotExist as error:
        days_shown = {"day": day_text(days.as_of), "known": day_text(days.known_on)}
        raise NothingPublic(
            _(
                "%(reference)s has no published status of %(day)s, as known on %(known)s. "
                "Choose another day."
            )
            % {"reference": found.reference, **days_shown}
        ) from error


def _shown(
    request: HttpRequest, days: Days, template: str, context: dict[str, Any]
) -> HttpResponse:
    is_internal = permissions.can_read_internally(request.user)
    return render(request, template, {"days": days, "is_internal": is_internal, **context})


def _page_of(request: HttpRequest, days: Days, ids: Sequence[int]) -> dict[str, Any]:
    page = requested_page(request, Paginator(ids, A_PAGE))
    rows = rows_then(list(page.object_list), days, request.user)
    return {"page": page, "rows": list(rows.values())}


def _sources_then(request: HttpRequest, days: Days) -> list[Source]:
    return sources_then(Source.objects.visible_to(request.user), days)


def past_filters(request: HttpRequest) -> PublicPastFilter:
    """What a past list is narrowed by."""
    is_internal = permissions.can_read_internally(request.user)
    filters = PastFilter if is_internal else PublicPastFilter
    return filters(request.GET, queryset=Recommendation.objects.none(), request=request)


def past_ids(request: HttpRequest, days: Days, filters: PublicPastFilter) -> Sequence[int]:
    """The recommendations of a past list, by a valid filter, in its order."""
    chosen = filters.form.cleaned_data.get("source")
    sources = [chosen] if chosen else _sources_then(request, days)
    pks = [source.pk for source in sources]
    asked = [(name, filters.data.getlist(name)) for name in sorted(filters.base_filters)]

    def read() -> Sequence[int]:
        found = filters.narrow(lines_of(pks, days, request.user))
        return array("q", [line.pk for line in found])

    return kept_then("ids of a past list", read, days=days, person=request.user, parts=(pks, asked))
