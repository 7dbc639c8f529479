"""What a request brought is not repeated in a log: tokens of links, words that people look for.

A record is masked when it is made, so that nothing that reads records, such as the lines of the
site or a collector of errors, has any of it: its text, and that of an exception. What code says by
itself stays, such as the lines of a traceback.
"""

import logging
import logging.config
import re
from collections.abc import Iterator
from contextvars import ContextVar
from traceback import TracebackException
from types import TracebackType
from typing import Any
from urllib.parse import unquote, unquote_plus, urlsplit

from django.core.exceptions import SuspiciousOperation
from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest
from django.urls import Resolver404, resolve

MASK = "…"

_LINK = re.compile(
    r"(?<!/accounts)(/(?:accounts/reset|invitations|unsubscribe|calendar)/)[^\s\"']+"
)
"""Whoever has the whole of one may do what it is for. It is cut off where no request is known."""
_WORD = re.compile(r"\w{3,}")

_under_way: ContextVar[HttpRequest | None] = ContextVar("_under_way", default=None)


def begin(request: HttpRequest) -> None:
    """From here on, until it is answered to the end, what this request brought is masked."""
    _under_way.set(request)


@receiver(request_finished)
def _end(**_signal: Any) -> None:
    _under_way.set(None)


def route_of(request: HttpRequest) -> str:
    """The address with names in place of what is in it, such as `/reset/<uidb64>/<token>/`.

    What people type or are mailed stands in addresses; empty where there is no such page.
    """
    match = request.resolver_match
    return f"/{match.route}" if match else ""


def under_way() -> HttpRequest | None:
    """The request that is being answered."""
    return _under_way.get()


def masked(text: str) -> str:
    """The text without what the request under way brought; its address becomes its route."""
    request = _under_way.get()
    if request is None:
        return _without_links(text)
    path = request.path
    full = f"{path}?{request.META.get('QUERY_STRING', '')}"
    written = re.compile("|".join(re.escape(each) for each in (full, path) if each != "/") or "$^")
    brought = "\n".join(_brought(request)).casefold()
    parts = (_without(brought, part) for part in written.split(text))
    return (route_of(request) or MASK).join(parts)


def _without(brought: str, text: str) -> str:
    kept = _WORD.sub(lambda word: MASK if word[0].casefold() in brought else word[0], text)
    return _without_links(kept)


def _without_links(text: str) -> str:
    return _LINK.sub(rf"\1{MASK}", text)


def _brought(request: HttpRequest) -> Iterator[str]:
    """What stands in the addresses and in the form, as far as the form was read by now."""
    yield from _of_address(request.path_info, request.META.get("QUERY_STRING", ""))
    came_from = urlsplit(request.META.get("HTTP_REFERER", ""))
    yield from _of_address(came_from.path, came_from.query)
    for sent in (getattr(request, "_post", None), getattr(request, "_files", None)):
        for name, values in sent.lists() if sent else ():
            yield name
            yield from (str(value) for value in values)


def _of_address(path: str, query: str) -> Iterator[str]:
    """Of a path what it brings into its route; all of it where there is no such page."""
    yield from (query, unquote_plus(query))
    try:
        yield from (str(value) for value in resolve(path).kwargs.values())
    except (Resolver404, SuspiciousOperation):
        yield from (path, unquote(path))


def masked_traceback(told: TracebackException) -> str:
    """As Python writes it, but for what the messages of the exceptions repeat."""
    return "".join(_lines(told)).rstrip("\n")


def _lines(told: TracebackException) -> Iterator[str]:
    if told.__cause__ is not None:
        yield from _lines(told.__cause__)
        yield "\nThe above exception was the direct cause of the following exception:\n\n"
    elif told.__context__ is not None and not told.__suppress_context__:
        yield from _lines(told.__context__)
        yield "\nDuring handling of the above exception, another exception occurred:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from told.stack.format()
    yield masked("".join(told.format_exception_only()))
    for one in told.exceptions or ():
        yield from _lines(one)


ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None]


class MaskedRecord(logging.LogRecord):
    """A record that repeats nothing of the request under way, whoever reads it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = self.getMessage()
        if (kept := masked(said)) != said:
            self.msg, self.args = kept, ()
        if self.exc_info and self.exc_info[0] is not None:
            # Formatters write this in place of what they would make of the exception.
            self.exc_text = masked_traceback(TracebackException(*self.exc_info))


def configure(logging_settings: dict[str, Any]) -> None:
    """Set logging up as Django does, with masked records (`LOGGING_CONFIG`)."""
    logging.setLogRecordFactory(MaskedRecord)
    logging.config.dictConfig(logging_settings)
