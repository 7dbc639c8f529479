"""Feeds of approved updates, for readers outside."""

from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations.feeds.atom import CONTENT_TYPE, atom_feed
from recommendations.models import Recommendation, Source
from recommendations.queries.updates.published import PUBLIC, public_updates
from recommendations.queries.version import version_for
from recommendations.views.access import View
from recommendations.views.conditional import shows_record


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


def _public(view: View) -> View:
    """For what is the same for everybody; 404 without public pages, since no feed reader signs in.

    Below it no answer has a ``Last-Modified``: what is retracted or no longer published leaves a
    feed, whose newest date then is an earlier one. Its tag tells.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.PUBLIC_PAGES:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@_public
@shows_record
def updates_feed(request: HttpRequest) -> HttpResponse:
    """The newest approved updates of all that is published."""
    return _answer(request, _("Approved updates"), reverse("overview"))


@require_safe
@_public
@shows_record
def source_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """The same of one source."""
    source = get_object_or_404(Source.objects.visible_to(PUBLIC), slug=slug)
    title = _("Approved updates: %(name)s") % {"name": source.short_title}
    return _answer(request, title, source.get_absolute_url(), source=source.pk)


@require_safe
@_public
@shows_record
def recommendation_feed(request: HttpRequest, reference: str) -> HttpResponse:
    """The same of one recommendation."""
    seen = Recommendation.objects.status_visible_to(PUBLIC).only("reference", "title")
    found = get_object_or_404(seen, reference=reference)
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
    return HttpResponse(feed, content_type=CONTENT_TYPE)
