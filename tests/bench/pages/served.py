"""What is served beside the site: the two constant pages, and counts of statements where asked."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.safestring import SafeString, mark_safe

from tests.bench.pages.targets import COUNTED
from tracker import urls
from tracker.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def bare(request: HttpRequest) -> HttpResponse:
    """Through all middleware, and nothing else; that it is not stored needs no session to know."""
    return HttpResponse("Bare.", headers={"Cache-Control": "no-store"})


def static(request: HttpRequest) -> HttpResponse:
    """The frame of every page around rows that were drawn before."""
    return render(request, "bench_static.html", {"rows": _rows()})


@cache
def _rows() -> SafeString:
    return mark_safe(Path(os.environ["BENCH_ROWS"]).read_text())  # noqa: S308


urlpatterns = [
    path("bench/bare/", bare),
    path("bench/static/", static),
    *urls.urlpatterns,
]


class CountingMiddleware:
    """Tells in headers how many statements a page made, and how long the longest of them is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if COUNTED not in request.headers:
            return self.get_response(request)
        sizes: list[int] = []

        def count(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
            sizes.append(len(str(sql).encode()))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            response = self.get_response(request)
        response["X-Statements"] = str(len(sizes))
        response["X-Largest-Statement"] = str(max(sizes, default=0))
        return response
