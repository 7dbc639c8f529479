"""Answers to what cannot be done, and to faults of what the site rests on."""

import json
import logging
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations import choices
from recommendations.faults import ClockFault, Fault, UnfinishedError, fault_of

# ---- 503: what the site stands on does not work. All that was typed comes back, to be sent again.
# The page needs no database, session or person, and repeats what came with the request alone: its
# fields, which ``DATA_UPLOAD_MAX_MEMORY_SIZE`` and ``DATA_UPLOAD_MAX_NUMBER_FIELDS`` bound. No
# token is made for it: where the request brought none of this site, it cannot be sent again either.

logger = logging.getLogger(__name__)

RETRY_AFTER = 5
"""Seconds that a program is asked to wait."""

SECRET = re.compile(r"passw|secret|otp|recovery", re.IGNORECASE)
"""Names of fields that are never repeated."""

FORGERY_FIELD = "csrfmiddlewaretoken"

MACHINE_FIELD = re.compile(
    r"_.*|(shown|initial)-.*|.*_FORMS|csrfmiddlewaretoken|token|version|basis|key|seen|next|from"
)
MACHINE_VALUE = re.compile(r"(?!https?:)([a-z0-9_.:=+-]*|\S{24,})")
"""What pages put into fields that no person types in: codes, numbers of rows, digests."""

TYPED = (models.CharField, models.TextField, models.DateField, models.DecimalField)

HEADINGS = {
    Fault.BUSY: gettext_lazy("The site is busy"),
    Fault.LOST: gettext_lazy("The database does not answer"),
    Fault.READ_ONLY: gettext_lazy("Changes cannot be saved at present"),
    Fault.FULL: gettext_lazy("The storage is full"),
    Fault.FILES: gettext_lazy("The storage of files does not answer"),
    Fault.CLOCK: gettext_lazy("The site clock is wrong"),
    Fault.UNFINISHED: gettext_lazy("This page is being prepared"),
}
REASONS = {
    Fault.BUSY: gettext_lazy("Other changes took too long to save."),
    Fault.LOST: gettext_lazy("The connection to the database was lost or could not be opened."),
    Fault.READ_ONLY: gettext_lazy("The site can be read, but its database accepts no changes."),
    Fault.FULL: gettext_lazy("The site can be read, but its disk is full."),
    Fault.FILES: gettext_lazy("Files can be neither stored nor read at present."),
    Fault.CLOCK: gettext_lazy(
        "The site can be read, but changes cannot be recorded while the clock is wrong."
    ),
    Fault.UNFINISHED: gettext_lazy("A past day is worked out from the record when first shown."),
}
ADVICE = {
    Fault.BUSY: gettext_lazy("Wait a few seconds, then try again."),
    Fault.CLOCK: gettext_lazy("Ask an administrator to correct the clock."),
    Fault.UNFINISHED: gettext_lazy("The page continues by itself in a second."),
}
USUAL_ADVICE = gettext_lazy(
    "Try again in a few minutes. If the error persists, tell the site administrators."
)


@dataclass(frozen=True, slots=True)
class Typed:
    """A text as it was typed, and the field it was typed into."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What came with a request: every field, the texts among them, the names of the files."""

    fields: list[tuple[str, str]]
    texts: list[Typed]
    files: dict[str, list[str]]
    has_secret: bool


def unavailable(request: HttpRequest, fault: Fault, error: BaseException | None) -> HttpResponse:
    """503 in the form that was asked for. Of errors only those that we raise speak to people."""
    page = request.resolver_match.view_name if request.resolver_match else ""
    is_ours = isinstance(error, ClockFault | UnfinishedError)
    response = _answer(request, fault, str(error) if is_ours else "")
    if fault is Fault.UNFINISHED:
        response["Retry-After"] = response["Refresh"] = "1"
        # Nothing failed. Django logs each other 503 as an error.
        response._has_been_logged = True  # type: ignore[attr-defined]
    else:
        logger.error("%s: %s", fault.name, page, exc_info=error)
        response["Retry-After"] = str(RETRY_AFTER)
    add_never_cache_headers(response)
    return response


def _answer(request: HttpRequest, fault: Fault, detail: str) -> HttpResponse:
    outcome = _outcome(request, fault)
    heading, reason = str(HEADINGS[fault]), str(REASONS[fault])
    if request.headers.get("HX-Request"):
        # Shown in place of the line that tells when the draft was saved; the form is still there.
        part = render_to_string("unavailable/part.html", {"heading": heading, "outcome": outcome})
        return HttpResponse(part, status=503)
    wanted = request.get_preferred_type(["text/html", "application/json", "text/plain"])
    if wanted == "application/json":
        told = {"error": heading, "reason": reason, "detail": detail, "outcome": outcome}
        return JsonResponse(told, status=503)
    if wanted != "text/html":
        text = " ".join(filter(None, (f"{heading}.", reason, detail, outcome))) + "\n"
        return HttpResponse(text, content_type="text/plain; charset=utf-8", status=503)
    context: dict[str, object] = {
        "heading": heading,
        "reason": reason,
        "outcome": outcome,
        "detail": detail,
        "advice": ADVICE.get(fault, USUAL_ADVICE),
        "address": request.get_full_path(),
        "sent": what_was_sent(request),
    }
    return HttpResponse(render_to_string("503.html", context), status=503)


def _outcome(request: HttpRequest, fault: Fault) -> str:
    if request.method != "POST":
        return ""
    # A connection may be lost after the change was saved; files may be looked for after it.
    if fault in (Fault.LOST, Fault.FILES):
        return _("Your change was probably not saved. Check the page before you send it again.")
    return _("Nothing was saved.")


def what_was_sent(request: HttpRequest, *, token: str = "") -> Sent | None:
    """What a form brought, to be shown and sent again; nothing where none was sent.

    ``token`` takes the place of the one that it brought against forgery.
    """
    if request.method != "POST":
        return None
    try:
        post, files = request.POST, request.FILES
    # Whatever kept the form from being read: it is not here.
    except Exception:
        return Sent([], [], {}, has_secret=False)
    pairs = [(name, value) for name, values in post.lists() for value in values]
    fields = [(name, value) for name, value in pairs if not SECRET.search(name)]
    if token:
        others = [pair for pair in fields if pair[0] != FORGERY_FIELD]
        fields = [(FORGERY_FIELD, token), *others]
        pairs = [(FORGERY_FIELD, token), *(pair for pair in pairs if pair[0] != FORGERY_FIELD)]
    names = {field: [file.name or "" for file in found] for field, found in files.lists()}
    for field, name in getattr(request, "files_not_stored", ()):
        names.setdefault(field, []).append(name)
    return Sent(fields, list(_texts(fields)), names, has_secret=len(fields) < len(pairs))


def _texts(fields: list[tuple[str, str]]) -> Iterator[Typed]:
    for name, value in fields:
        if not value.strip() or MACHINE_FIELD.fullmatch(name):
            continue
        # Forms in a row number their fields: evidence-0-title; dates and times come in two parts.
        base = re.sub(r"_\d$", "", name.rpartition("-")[2])
        columns = _model_fields().get(base, [])
        if _is_typed(columns, value):
            labels = {str(column.verbose_name) for column in columns}
            label = labels.pop() if len(labels) == 1 else base.replace("_", " ")
            yield Typed(label[:1].upper() + label[1:], value)


def _is_typed(columns: list[models.Field], value: str) -> bool:
    if not columns:
        return not MACHINE_VALUE.fullmatch(value)
    # A name may be that of a choice in one form and of a text in another.
    return value not in _codes() and any(
        isinstance(column, TYPED) and not column.choices for column in columns
    )


@cache
def _codes() -> frozenset[str]:
    """What forms send for all that we let people choose from."""
    kinds = (each for each in vars(choices).values() if isinstance(each, type))
    return frozenset(
        code for kind in kinds if issubclass(kind, models.TextChoices) for code in kind.values
    )


@cache
def _model_fields() -> dict[str, list[models.Field]]:
    """The fields of our tables by their names, as forms name theirs alike."""
    found: dict[str, list[models.Field]] = {}
    for model in apps.get_app_config("recommendations").get_models():
        for field in model._meta.fields:
            found.setdefault(field.name, []).append(field)
    return found


# ---- Answers to what cannot be done: one page a kind, each with what to do next.
# To a program each is the same in JSON.

API = "/api/"
"""How addresses begin that programs ask."""

PROBLEM = "application/problem+json"


def problem(status: int, detail: str = "", **more: Any) -> HttpResponse:
    """A refusal as RFC 9457 has it: its status, its reason, perhaps what is wrong by field."""
    told: dict[str, Any] = {"status": int(status), "title": HTTPStatus(status).phrase}
    told |= {"detail": detail} if detail else {}
    told |= {name: value for name, value in more.items() if value}
    text = json.dumps(told, ensure_ascii=False)
    return HttpResponse(text, content_type=PROBLEM, status=int(status))


def _page(request: HttpRequest, status: int, context: dict[str, Any] | None = None) -> HttpResponse:
    if request.path.startswith(API):
        return problem(status, str((context or {}).get("reason", "")))
    return render(request, f"{status}.html", context, status=status)


def no_api(request: HttpRequest) -> HttpResponse:
    """404: the packages of the API are not there."""
    return problem(404, _("The API is not installed on this site."))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what was sent cannot be read."""
    return _page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: this person may not; the reason is the message of the exception."""
    context = {"reason": str(exception or ""), "sent": what_was_sent(request)}
    return _page(request, 403, context)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form did not come from this site, or is older than the sign-in or the cookies.

    One that our own page sent comes back with all that was typed, to be sent again.
    """
    # Unless the browser says that a page of this site sent the form.
    if request.headers.get("Origin") != f"{request.scheme}://{request.get_host()}":
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


class Gone(Http404):
    """Readers outside could read it once and do not any more (410); its message says why."""


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: nothing here, or nothing that this person may see; 410: no longer, with the reason."""
    if isinstance(exception, Gone):
        return _page(request, 410, {"reason": str(exception)})
    return _page(request, 404)


def conflict(request: HttpRequest, refusal: Exception, **context: Any) -> HttpResponse:
    """409: things stand otherwise than the person believed; ``refusal`` says how."""
    return render(request, "409.html", {"refusal": refusal, **context}, status=409)


def too_large(request: HttpRequest) -> HttpResponse:
    """413: more than this site takes at once; the page needs neither database nor session."""
    limits = {"most": settings.EVIDENCE_MAX_FILES, "largest": settings.EVIDENCE_MAX_BYTES}
    return _page(request, 413, limits)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault, or 503: a fault that passes. Neither page needs database or session.

    Middleware fails here too, so whatever loads a session or a person may meet the fault.
    """
    error = sys.exception()
    if fault := fault_of(error):
        return unavailable(request, fault, error)
    return _page(request, 500)
