"""Lists that a person has uploaded and not imported yet, to go on with from the page of uploads.

Their tokens are kept with the session; the files themselves are deleted when their time is over.
"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from recommendations.views import uploaded_files
from recommendations.views.access import actor

KEY = "lists"
MOST = 5
ROUTES = ("recommendation-import-map", "recommendation-import-sheet")


@dataclass(frozen=True, slots=True)
class WaitingUpload:
    """One upload: the name of its file, the source that it is for, and where it goes on."""

    name: str
    source: str
    url: str


def go_on(request: HttpRequest, pending: uploaded_files.PendingUpload, route: str) -> HttpResponse:
    """To the next step of an upload, which is found again from the page of uploads."""
    others = [
        (to, token)
        for to, token in request.session.get(KEY, [])
        if (found := uploaded_files.find(token, actor(request))) and found.key != pending.key
    ]
    request.session[KEY] = [(route, pending.token), *others][:MOST]
    return redirect(route, token=pending.token)


def waiting_uploads(request: HttpRequest) -> list[WaitingUpload]:
    """What this person has left, the newest first; what was imported or has expired is gone."""
    return [
        WaitingUpload(found.name, found.source, reverse(route, args=[token]))
        for route, token in request.session.get(KEY, [])
        if route in ROUTES and (found := uploaded_files.find(token, actor(request)))
    ]
