"""The calendar of due dates, and the page on which a person creates and revokes its address."""

import hashlib

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from recommendations import permissions
from recommendations.actions import calendars as actions
from recommendations.feeds.calendar import CONTENT_TYPE, calendar_file
from recommendations.models import CalendarAddress
from recommendations.queries.updates.calendars import due_dates, person_of, token_for
from recommendations.views.access import actor, open_to


@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The due dates of whoever has this address, without signing in; every refusal is a 404."""
    person = person_of(token)
    if person is None:
        raise Http404
    with override(person.language or None):
        site = request.build_absolute_uri("/").rstrip("/")
        host = request.get_host().partition(":")[0]
        file = calendar_file(due_dates(person, timezone.now()), site, host)
    tag = f'"{hashlib.sha256(file).hexdigest()[:32]}"'
    response = get_conditional_response(request, etag=tag)
    if response is None:
        response = HttpResponse(file, content_type=CONTENT_TYPE)
    response["ETag"] = tag
    # With a tag and this, no middleware asks who is signed in.
    response["Cache-Control"] = "private, no-cache"
    # The address is a secret: no page that an event leads to is told of it.
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
@open_to(permissions.can_write)
def calendar_page(request: HttpRequest) -> HttpResponse:
    """The address that a person has, if any."""
    token = token_for(request.user)
    path = reverse("calendar", args=[token]) if token else ""
    context = {
        "address": request.build_absolute_uri(path) if path else "",
        "row": CalendarAddress.objects.in_use().filter(person=actor(request)).first(),
    }
    return render(request, "accounts/calendar.html", context)


@require_POST
@open_to(permissions.can_write)
def calendar_create(request: HttpRequest) -> HttpResponse:
    """A new address, in place of the one before it."""
    actions.create_calendar_address(by=actor(request))
    messages.success(request, _("Calendar address created."))
    return redirect("calendar-page")


@require_POST
@open_to(permissions.can_write)
def calendar_revoke(request: HttpRequest) -> HttpResponse:
    """End the address."""
    actions.revoke_calendar_address(by=actor(request))
    messages.success(request, _("Calendar address revoked."))
    return redirect("calendar-page")
