"""A reader's last visit, kept in their browser: on which day it was, and how far the record was.

No page that is only read writes to the database, so the browser keeps it. It is told once a day, by
the first page: the last visit is the last day before this one on which a page was opened, and it
counts from the first page of that day, so that nothing recorded since is missed.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date

from recommendations.queries.cache import version_for
from recommendations.views.conditional import KEPT_FOR

COOKIE = "visits"


@dataclass(frozen=True, slots=True)
class Visit:
    """A day on which a reader opened a page, and the number of the last event at the first one."""

    day: date
    after: int


def last_visit(request: HttpRequest) -> Visit | None:
    """The last visit before today of who asks; none where this browser knows of none."""
    today = timezone.localdate()
    return next((visit for visit in _visits(request) if visit.day < today), None)


def remember_visit(request: HttpRequest, response: HttpResponse) -> None:
    """With the first page of a day, let the browser keep this visit and the one before."""
    person, today = request.user, timezone.localdate()
    known = _visits(request)
    if not person.is_authenticated or any(visit.day == today for visit in known):
        return
    now = Visit(today, version_for(person).sequence)
    kept = [now, *(visit for visit in known if visit.day < today)][:2]
    value = "_".join(f"{visit.day.isoformat()}.{visit.after}" for visit in kept)
    response.set_signed_cookie(
        COOKIE,
        value,
        salt=_salt(person),
        max_age=KEPT_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _visits(request: HttpRequest) -> list[Visit]:
    """What the browser keeps of this reader, the newest first; nothing of another one."""
    person = request.user
    if not person.is_authenticated:
        return []
    value = request.get_signed_cookie(COOKIE, default="", salt=_salt(person), max_age=KEPT_FOR)
    found = []
    for part in str(value or "").split("_"):
        day, _dot, number = part.partition(".")
        known = parse_date(day) if number else None
        if known is not None:
            found.append(Visit(known, int(number)))
    return found


def _salt(person: Any) -> str:
    return f"{COOKIE} {person.pk}"
