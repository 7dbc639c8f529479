"""Each request is logged and counted: what was asked, what became of it, how long it took."""

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from tracker import logs, metrics
from tracker.logs import route_of

logger = logging.getLogger("tracker.requests")

ROUTE_HEADER = "X-Route"
"""Tells a proxy the route, so that its log needs no address either; it passes it on to nobody."""

PROBES = {"healthz", "readyz", "metrics"}
"""Pages that machines open every few seconds: told of in debug only."""


def page_of(request: HttpRequest) -> str:
    """The name of the page that was asked for; empty where there is no such page."""
    match = request.resolver_match
    return match.view_name if match else ""


class RequestLogMiddleware:
    """Below `RequestIdMiddleware`, whose id each record carries, and above everything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = time.monotonic()
        logs.begin(request)
        response = self.get_response(request)
        seconds = time.monotonic() - start
        metrics.observe(request.method or "", page_of(request), response.status_code, seconds)
        if source := getattr(request, "read_from", ""):
            metrics.PAGES_READ.labels(source).inc()
        if route := route_of(request):
            response[ROUTE_HEADER] = route
        level = logging.DEBUG if page_of(request) in PROBES else logging.INFO
        # As far as the request found out by itself: the log asks the database nothing.
        person = getattr(request, "_cached_user", None)
        fields = {
            "method": request.method,
            "route": route_of(request),
            "status": response.status_code,
            "milliseconds": round(seconds * 1000),
            "user": getattr(person, "pk", None),
        }
        logger.log(level, "request", extra={"fields": fields})
        return response
