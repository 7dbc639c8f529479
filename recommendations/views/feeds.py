"""Feeds of approved updates, and calendars of due dates."""

import hashlib
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from recommendations import permissions
from recommendations.actions import personal as actions
from recommendations.feeds import ATOM_TYPE, CALENDAR_TYPE, atom_feed, calendar_file
from recommendations.models import CalendarAddress, Recommendation, Source
from recommendations.queries.cache import version_for
from recommendations.queries.updates.published import PUBLIC, public_updates
from recommendations.queries.updates.tasks import due_dates, person_of, token_for
from recommendations.views.access import actor, open_to, public_only, require_followed_outside
from recommendations.views.conditional import shows_record
from recommendations.views.editing import press

# ---- Feeds of approved updates, for readers outside
# None has a ``Last-Modified``: what is retracted or no longer published leaves a feed, whose newest
# date then is an earlier one. Its tag tells.


@dataclass(frozen=True, slots=True)
class FeedLink:
    """The feed that a page belongs to."""

    address: str
    title: str


def feed_of_all() -> FeedLink | None:
    """None without public pages."""
    if not settings.PUBLIC_PAGES:
        return None
    return FeedLink(reverse("updates-feed"), _("Atom feed of approved updates"))


def feed_of(name: str, code: str, title: str, *, is_public: bool) -> FeedLink | None:
    """That of one source or recommendation, by the name of its address; none where none is."""
    if not (settings.PUBLIC_PAGES and is_public):
        return None
    return FeedLink(reverse(name, args=[code]), _("Atom feed of %(name)s") % {"name": title})


@require_safe
@public_only
@shows_record
def updates_feed(request: HttpRequest) -> HttpResponse:
    """The newest approved updates of all that is published."""
    return _answer(request, _("Approved updates"), reverse("overview"))


@require_safe
@public_only
@shows_record
def source_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """The same of one source."""
    source = get_object_or_404(Source.objects.visible_to(PUBLIC), slug=slug)
    title = _("Approved updates: %(name)s") % {"name": source.short_title}
    return _answer(request, title, source.get_absolute_url(), source=source.pk)


@require_safe
@public_only
@shows_record
def recommendation_feed(request: HttpRequest, reference: str) -> HttpResponse:
    """The same of one recommendation."""
    seen = Recommendation.objects.visible_to(PUBLIC).only("reference", "title", "archived_at")
    found = get_object_or_404(seen, reference=reference)
    require_followed_outside(found, PUBLIC)
    title = _("Approved updates: %(name)s") % {"name": found}
    return _answer(request, title, found.get_absolute_url(), recommendation=found.pk)


def _answer(request: HttpRequest, title: str, page: str, **scope: int) -> HttpResponse:
    feed = atom_feed(
        public_updates(version_for(request.user).hash, **scope),
        title=title,
        subtitle=_("Public status of recommendations; a second person approved each update."),
        address=request.build_absolute_uri(request.path),
        page=request.build_absolute_uri(page),
        site=request.build_absolute_uri("/").rstrip("/"),
    )
    return HttpResponse(feed, content_type=ATOM_TYPE)


# ---- The calendar of due dates, and the page on which a person creates and revokes its address


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
        response = HttpResponse(file, content_type=CALENDAR_TYPE)
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
    create = partial(actions.create_calendar_address, by=actor(request))
    return press(request, create, done=_("Calendar address created"), to="calendar-page")


@require_POST
@open_to(permissions.can_write)
def calendar_revoke(request: HttpRequest) -> HttpResponse:
    """End the address."""
    revoke = partial(actions.revoke_calendar_address, by=actor(request))
    return press(request, revoke, done=_("Calendar address revoked"), to="calendar-page")
