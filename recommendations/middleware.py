"""What happens around every web request.

Its id, its size, the answer to a refused action, and that nothing private is stored on the way.
"""

import re
import uuid
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.deprecation import MiddlewareMixin

from recommendations import audit
from recommendations.actions.base import ActionRefused
from recommendations.actions.mail.queue import site_address
from recommendations.authentication import remember_browser
from recommendations.faults import fault_of
from recommendations.queries import replica
from recommendations.storage.uploads import largest_file
from recommendations.views.conditional import SAFE, remember_write
from recommendations.views.errors import bad_request, conflict, too_large, unavailable
from recommendations.views.visits import remember_visit

WELL_FORMED_ID = re.compile(r"[A-Za-z0-9-]{16,64}")
"""Ids of a trusted proxy that are kept: unlike each other, and as long as the record holds."""


class RequestIdMiddleware:
    """Sets ``audit.request_id`` while a request is under way and returns it in a header.

    Mail that the request gives rise to leads back to the address under which it came.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The id of a proxy that is not trusted was dropped before.
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        is_kept = WELL_FORMED_ID.fullmatch(given) is not None
        token = audit.request_id.set(given if is_kept else uuid.uuid4().hex)
        # Who acts through one says so later.
        through = audit.token.set(None)
        # Asked only when there is mail: the host is checked then, not for every probe.
        address = site_address.set(lambda: request.build_absolute_uri("/").rstrip("/"))
        # For what Django logs of this request after the answer has left this middleware.
        request.META["REQUEST_ID"] = audit.request_id.get()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = audit.request_id.get()
            return response
        finally:
            audit.request_id.reset(token)
            audit.token.reset(through)
            site_address.reset(address)


class RequestSizeMiddleware(MiddlewareMixin):
    """Refuses what is larger than anything that this site takes, before a byte of it is read.

    By the length that is stated; of a body without one nothing is read at all. Below
    ``RequestIdMiddleware`` and above all that could read a form.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        stated = request.META.get("CONTENT_LENGTH") or "0"
        if not (stated.isascii() and stated.isdigit()):
            return bad_request(request)
        if len(stated) > 15 or int(stated) > self._most(request):
            return too_large(request)
        return None

    @staticmethod
    def _most(request: HttpRequest) -> int:
        """Bytes of a request: words alone, or the files that a form takes, and words."""
        words = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if request.content_type != "multipart/form-data":
            return words
        evidence: int = settings.EVIDENCE_MAX_FILES * settings.EVIDENCE_MAX_BYTES
        return max(evidence, largest_file()) + words


class FaultMiddleware(MiddlewareMixin):
    """Answers 503 where database, storage or clock failed, and keeps what was typed.

    For views; where middleware meets the fault, such as a session that cannot be loaded,
    ``errors.server_error`` does.
    """

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """Before a form without its files is taken for one that has none."""
        # Read here where no check of a token has read it yet.
        _fields = request.content_type == "multipart/form-data" and request.POST
        if error := getattr(request, "upload_fault", None):
            if answer := self.process_exception(request, error):
                return answer
            raise error
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        fault = fault_of(exception)
        return unavailable(request, fault, exception) if fault else None


class PrivatePagesMiddleware(MiddlewareMixin):
    """Keeps what signed-in people were shown out of every store: proxies, and shared computers.

    Public pages and files stay as cacheable as they are. So do pages that the reader's own browser
    may keep and has to ask about each time (``views/conditional.py``). Below the sign-in
    middleware; what says already that it is not to be stored is not asked about, so that a probe
    needs no session.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        said = response.get("Cache-Control", "")
        is_settled = "no-store" in said or ("private" in said and response.has_header("ETag"))
        if not is_settled and request.user.is_authenticated:
            patch_cache_control(response, private=True, no_store=True)
        return response


class OwnWritesMiddleware(MiddlewareMixin):
    """Lets whoever wrote something read it, where pages are read from a copy that may be behind."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not replica.is_configured():
            raise MiddlewareNotUsed
        super().__init__(get_response)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if request.method not in SAFE:
            remember_write(response)
        return response


class KnownBrowserMiddleware(MiddlewareMixin):
    """Lets a browser be known in which somebody has just signed in."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if name := getattr(request, "signed_in_as", ""):
            remember_browser(response, name)
        return response


class VisitMiddleware(MiddlewareMixin):
    """Lets a browser keep when its reader was last here: told with the first page of a day."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        is_page = response.get("Content-Type", "").startswith("text/html")
        if request.method == "GET" and response.status_code == 200 and is_page:
            remember_visit(request, response)
        return response


class RefusalMiddleware(MiddlewareMixin):
    """Answers 409, with the reason, where an action was refused and no view said so itself."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return conflict(request, exception) if isinstance(exception, ActionRefused) else None
