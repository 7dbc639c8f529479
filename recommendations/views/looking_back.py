"""Pages of a past day: Home, a source, the list, and a recommendation.

They stand at the addresses of today’s pages, which name two days: ``as_of``, of which day the
status is, and ``known``, the day until which it was known.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.models import Recommendation
from recommendations.queries.dates import day_text, first_day
from recommendations.queries.days import (
    Days,
    NoSuchDays,
    NothingPublic,
    days_of,
)
from recommendations.queries.recommendations.cited import NotCitable, cited_page
from recommendations.views.access import View

PastView = Callable[..., HttpResponseBase]


def looks_back(past: PastView | None = None) -> Callable[[View], View]:
    """Answers with the view ``past``, given the ``Days``, where the address names a past day.

    Without ``past`` the view itself takes them as ``days``.
    Days that make no sense are explained (400), and so are those of which nothing was public (404).
    Below what decides who may open the page.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                days = days_of(request.GET, timezone.localdate())
                if days is not None and past is not None:
                    return past(request, days, *args, **kwargs)
                if days is not None:
                    return view(request, *args, days=days, **kwargs)
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


def past_recommendation(request: HttpRequest, days: Days, reference: str) -> HttpResponse:
    """A recommendation on a past day: what a citation of it shows.

    404 where the reader may open no such page now, ``NoSuchDays`` where there was none then.
    """
    visible = Recommendation.objects.visible_to(request.user).select_related("source")
    found = get_object_or_404(visible, reference=reference)
    try:
        page = cited_page(found, days, request.user)
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
    return render(request, "recommendations/cited.html", {"view": page, "days": days})
