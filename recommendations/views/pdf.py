"""A page as a PDF, or the page that says why there is none."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from recommendations import permissions
from recommendations.exports.briefings.blocks import Document
from recommendations.exports.briefings.typesetting import (
    BriefingTimeoutError,
    is_installed,
    typeset,
)


def pdf_answer(request: HttpRequest, name: str, read: Callable[[str], Document]) -> HttpResponse:
    """The file, or the page that says why there is none."""
    if not is_installed():
        return _none(request, 501)
    try:
        content = typeset(read(request.build_absolute_uri("/").rstrip("/")))
    except BriefingTimeoutError:
        return _none(request, 503)
    file_name = f"{name}-{timezone.localdate():%Y-%m-%d}.pdf"
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )


def _none(request: HttpRequest, status: int) -> HttpResponse:
    may_administer = permissions.can_administer(request.user)
    context = {"is_installed": status != 501, "may_administer": may_administer}
    return render(request, "briefings/none.html", context, status=status)
