"""Answers to what cannot be done: one page a kind, each with what to do next."""

import sys
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.translation import gettext as _

from recommendations.faults import fault_of
from recommendations.views.unavailable import unavailable, what_was_sent


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what was sent cannot be read."""
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: this person may not; the reason is the message of the exception."""
    context = {"reason": str(exception or ""), "sent": what_was_sent(request)}
    return render(request, "403.html", context, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form did not come from this site, or is older than the sign-in or the cookies.

    One that our own page sent comes back with all that was typed, to be sent again.
    """
    if not _is_from_here(request):
        message = _(
            "This form has expired or comes from another site. Open the page again and resend "
            "the form."
        )
        return render(request, "403.html", {"reason": message}, status=403)
    if request.headers.get("HX-Request"):
        # Told in place of the line that says when the draft was saved.
        why = _("Not saved: you signed in after opening this page. Press “Save draft”.")
        return render(request, "updates/not_saved.html", {"why": why})
    is_signed_in = request.user.is_authenticated
    context = {
        "reason": _("This page was opened before you signed in.")
        if is_signed_in
        else _("This form has expired."),
        "sent": what_was_sent(request, token=get_token(request)),
        "address": request.get_full_path(),
        "may_send_again": True,
    }
    return render(request, "403.html", context, status=403)


def _is_from_here(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this site sent the form."""
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: nothing here, or nothing that this person may see."""
    return render(request, "404.html", status=404)


def conflict(request: HttpRequest, refusal: Exception, **context: Any) -> HttpResponse:
    """409: things stand otherwise than the person believed; ``refusal`` says how."""
    return render(request, "409.html", {"refusal": refusal, **context}, status=409)


def too_large(request: HttpRequest) -> HttpResponse:
    """413: more than this site takes at once; the page needs neither database nor session."""
    limits = {"most": settings.EVIDENCE_MAX_FILES, "largest": settings.EVIDENCE_MAX_BYTES}
    return render(request, "413.html", limits, status=413)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault, or 503: a fault that passes. Neither page needs database or session.

    Middleware fails here too, so whatever loads a session or a person may meet the fault.
    """
    error = sys.exception()
    if fault := fault_of(error):
        return unavailable(request, fault, error)
    return render(request, "500.html", status=500)
