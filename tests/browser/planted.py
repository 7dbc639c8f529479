"""Pages with faults on purpose, to see that the watch sees them."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import RequestFactory
from django.urls import path

from recommendations.faults import Fault
from recommendations.views import errors
from recommendations.views.errors import unavailable
from tracker.urls import urlpatterns as site

HEAD = '<!doctype html><html lang="en"><title>Faulty</title><link rel="icon" href="data:,">'

FAULTY = {
    "inline-script": "<script>document.title = 'ran'</script>",
    "inline-style": '<p style="color: red">Red</p>',
    "missing-part": '<img src="/static/no-such-picture.png" alt="Nothing">',
    "elsewhere": '<img src="http://192.0.2.1/picture.png" alt="Nothing">',
    "failing-script": '<script src="/failing.js"></script>',
    "unlabelled": '<input name="x"><p class="pale">Pale</p>',
}
"""What stands on each page by its address."""


def faulty(request: HttpRequest) -> HttpResponse:
    body = FAULTY[request.path.strip("/")]
    return HttpResponse(f"{HEAD}<main id='content'><h1>Faulty</h1>{body}</main>")


def failing_js(request: HttpRequest) -> HttpResponse:
    return HttpResponse("throw new Error('on purpose')", content_type="text/javascript")


def our_fault(request: HttpRequest) -> HttpResponse:
    """The page of a 500, under a status that no watch barks at."""
    return render(request, "500.html")


def too_large(request: HttpRequest) -> HttpResponse:
    """The page of a 413, likewise."""
    response = errors.too_large(request)
    response.status_code = 200
    return response


def busy(request: HttpRequest) -> HttpResponse:
    """The page of a 503 for a page that could not be shown, likewise."""
    return _as_answered(request)


def busy_with_words(request: HttpRequest) -> HttpResponse:
    """The page of a 503 for a form with words and files, likewise."""
    files = [SimpleUploadedFile(f"minutes of {month}.pdf", b"%PDF") for month in ("May", "June")]
    sent = {
        "summary": "The ministry met the operators.\n\nA second meeting is planned.",
        "title": "Minutes",
        "implementation_status": "in_progress",
        "csrfmiddlewaretoken": "t" * 32,
        "evidence-uploads": files,
    }
    return _as_answered(RequestFactory().post(request.path, sent))


def _as_answered(request: HttpRequest) -> HttpResponse:
    response = unavailable(request, Fault.BUSY, None)
    response.status_code = 200
    return response


urlpatterns = [
    *(path(f"{name}/", faulty) for name in FAULTY),
    path("failing.js", failing_js),
    path("our-fault/", our_fault),
    path("too-large/", too_large),
    path("busy/", busy),
    path("busy-with-words/", busy_with_words),
    # The page that says “not found” leads to these.
    *site,
]
