"""What happens around every web request: its id, and the answer to a refused action."""

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from recommendations import audit
from recommendations.actions.errors import ActionRefused
from recommendations.views.errors import conflict


class RequestIdMiddleware:
    """Sets ``audit.request_id`` while a request is under way and returns it in a header."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = audit.request_id.set(uuid.uuid4().hex)
        # For what Django logs of this request after the answer has left this middleware.
        request.META["REQUEST_ID"] = audit.request_id.get()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = audit.request_id.get()
            return response
        finally:
            audit.request_id.reset(token)


class RefusalMiddleware:
    """Answers 409, with the reason, where an action was refused and no view said so itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return conflict(request, exception) if isinstance(exception, ActionRefused) else None
