"""Every address of the site, found by walking its resolver, so that no new page is forgotten."""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

_PART = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")


@dataclass(frozen=True)
class Address:
    """One pattern: ``/evidence/<int:pk>/`` with the name it is known by."""

    route: str
    name: str

    @property
    def is_admin(self) -> bool:
        return self.route.startswith("/admin/")

    @property
    def is_page(self) -> bool:
        """Neither of the administration nor of the API, each of which has a matrix of its own."""
        return not self.route.startswith(("/admin/", "/api/"))

    def paths(self, values_of: Callable[[str, str], Iterable[object]]) -> Iterator[str]:
        """The addresses that come of all values; ``values_of`` takes the kind and the name."""
        parts = [
            [str(value) for value in values_of(match["kind"] or "str", match["name"])]
            for match in _PART.finditer(self.route)
        ]
        for chosen in itertools.product(*parts):
            values = iter(chosen)
            yield _PART.sub(lambda _match, values=values: next(values), self.route)


def addresses() -> list[Address]:
    """All of them, the administration's too.

    But for ``/readyz``, which asks the database from outside the transaction of a test, and waits.
    """
    return [each for each in _walk(get_resolver().url_patterns, "/") if each.name != "readyz"]


def _walk(patterns: Iterable[URLPattern | URLResolver], before: str) -> Iterator[Address]:
    for pattern in patterns:
        route = before + _route(pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield Address(route, pattern.name or "")


def _route(pattern: URLPattern | URLResolver) -> str:
    if isinstance(pattern.pattern, RoutePattern):
        return str(pattern.pattern)
    # The administration ends in one expression that takes anything.
    return re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<path:\1>", str(pattern.pattern)).strip("^$")
