"""A page as a PDF, or the page that says why there is none."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from recommendations import permissions
from recommendations.exports.briefings.blocks import Document
from recommendations.exports.briefings.turns import BriefingsBusyError, turn
from recommendations.exports.briefings.typesetting import (
    BriefingTimeoutError,
    is_installed,
    typeset,
)

BUSY, TOO_LONG = 10, 120
"""Seconds after which a program is asked to try again."""


def pdf_answer(request: HttpRequest, name: str, read: Callable[[str], Document]) -> HttpResponse:
    """The file, or the page that says why there is none."""
    if not is_installed():
        return _none(request, HTTPStatus.NOT_IMPLEMENTED)
    try:
        with turn():
            content = typeset(read(request.build_absolute_uri("/").rstrip("/")))
    except BriefingsBusyError:
        return _later(request, BUSY)
    except BriefingTimeoutError:
        return _later(request, TOO_LONG)
    file_name = f"{name}-{timezone.localdate():%Y-%m-%d}.pdf"
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )


def _later(request: HttpRequest, seconds: int) -> HttpResponse:
    answer = _none(request, HTTPStatus.SERVICE_UNAVAILABLE, is_busy=seconds == BUSY)
    answer["Retry-After"] = str(seconds)
    add_never_cache_headers(answer)
    return answer


def _none(request: HttpRequest, status: HTTPStatus, *, is_busy: bool = False) -> HttpResponse:
    context = {
        "is_installed": status != HTTPStatus.NOT_IMPLEMENTED,
        "is_busy": is_busy,
        "may_administer": permissions.can_administer(request.user),
    }
    return render(request, "briefings/none.html", context, status=status)
