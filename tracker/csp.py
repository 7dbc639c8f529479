"""Content-Security-Policy from settings.SECURE_CSP.

Django 6 has this built in under the same setting; on moving there, put
django.middleware.csp.ContentSecurityPolicyMiddleware in its place and delete this module.
"""

from collections.abc import Callable, Iterable, Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse

HEADER = "Content-Security-Policy"

Sources = str | bool | None | Iterable[str]


def build_policy(directives: Mapping[str, Sources]) -> str:
    """The header's text. True gives a directive without sources; False, None or [] leave it out."""
    parts = []
    for directive, values in directives.items():
        if values is True:
            parts.append(directive)
        elif values:
            sources = [values] if isinstance(values, str) else list(values)
            if isinstance(values, set | frozenset):
                # A set has no order of its own; the header should be the same every time.
                sources.sort()
            parts.append(" ".join([directive, *sources]))
    return "; ".join(parts)


class ContentSecurityPolicyMiddleware:
    """Sets the policy on every answer that does not bring one of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        policy = build_policy(settings.SECURE_CSP)
        if policy and HEADER not in response:
            response.headers[HEADER] = policy
        return response
