"""Pages of a past day: Home, a source, the list, a recommendation, an indicator and the gap.

They stand at the addresses of today’s pages, which name two days: ``as_of``, of which day the
status is, and ``known``, the day until which it was known.
"""

from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from recommendations.queries.dates import first_day
from recommendations.queries.days import AS_OF, KNOWN, NoSuchDays, NothingThen, day_in, days_of
from recommendations.views.access import View

_TYPED = (("as_of", AS_OF), ("known_on", KNOWN))
"""Names of the two days on a page, each with its name in an address."""


def looks_back(view: View) -> View:
    """Gives the view the ``Days``, as ``days``, where the address names a past day.

    Days that make no sense are explained (400), and so are those of which there is nothing (404).
    Below what decides who may open the page.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            days = days_of(request.GET, timezone.localdate())
            if days is not None:
                kwargs["days"] = days
            return view(request, *args, **kwargs)
        except NothingThen as reason:
            return _explained(request, str(reason), HTTPStatus.NOT_FOUND)
        except NoSuchDays as reason:
            return _explained(request, str(reason), HTTPStatus.BAD_REQUEST)

    return answer


def _explained(request: HttpRequest, reason: str, status: HTTPStatus) -> HttpResponse:
    typed = {name: day_in(request.GET.get(asked, "")) for name, asked in _TYPED}
    shown = {"reason": reason, "first_day": first_day(), "typed": typed}
    return render(request, "past/no_such_days.html", shown, status=status)
