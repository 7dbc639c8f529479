"""Logs: what is masked in them, their lines as JSON, events of errors."""

import json
import logging
import logging.config
import re
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from traceback import TracebackException
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_plus, urlsplit

from django.apps import apps
from django.core.exceptions import SuspiciousOperation
from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest
from django.urls import Resolver404, resolve

# ---- What a request brought is not repeated in a log: tokens of links, words that people look for.
# A record is masked when it is made, so that nothing that reads records, such as the lines of the
# site or a collector of errors, has any of it: its text, and that of an exception. What code says
# by itself stays, such as the lines of a traceback.

MASK = "…"

_LINK = re.compile(
    r"(?<!/accounts)(/(?:accounts/reset|invitations|unsubscribe|calendar)/)[^\s\"']+"
)
"""Whoever has the whole of one may do what it is for. It is cut off where no request is known."""
_WORD = re.compile(r"\w{3,}|\w*[^\W\x00-\x7f]\w*")
"""Of letters beyond ASCII, such as Chinese ones, two or one are a word."""

LONGEST_OF_MANY = 3
"""Letters of a word that may be a part of many others, and is masked alone."""

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
    address = _Address.of(request)
    brought = "\n".join((*address.texts, *_came_from(request), *_form_of(request))).casefold()
    parts = (_without(brought, address.words, part) for part in address.written.split(text))
    return (route_of(request) or MASK).join(parts)


def _without(brought: str, words: re.Pattern[str], text: str) -> str:
    """Without each word that was brought, and without words of the address inside of others."""
    kept = _WORD.sub(lambda word: MASK if word[0].casefold() in brought else word[0], text)
    return _without_links(words.sub(MASK, kept))


def _without_links(text: str) -> str:
    return _LINK.sub(rf"\1{MASK}", text)


@dataclass(frozen=True, slots=True)
class _Address:
    """What an address brings, and how it may stand in a text as a whole."""

    texts: tuple[str, ...]
    words: re.Pattern[str]
    written: re.Pattern[str]

    @classmethod
    def of(cls, request: HttpRequest) -> "_Address":
        query = request.META.get("QUERY_STRING", "")
        texts = tuple(_of_address(request.path_info, query))
        values = (value for _name, value in parse_qsl(_decoded(query)))
        within = {word for text in (*texts[2:], *values) for word in _WORD.findall(text)}
        within |= {pair.partition("=")[2] for pair in query.split("&")}
        words = (word for word in within if len(word) > LONGEST_OF_MANY or not word.isascii())
        whole = {f"{request.path}?{query}", request.path} - {"/"}
        return cls(texts, _any_of(words), _any_of(whole))


def _any_of(texts: Iterable[str]) -> re.Pattern[str]:
    """Any of these texts, the longest first."""
    longest_first = sorted(texts, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or "(?!)", re.IGNORECASE)


def _of_address(path: str, query: str) -> Iterator[str]:
    """The query twice, then what a path brings into its route: all of it if there is none."""
    yield from (query, unquote_plus(_decoded(query)))
    try:
        yield from (str(value) for value in resolve(path).kwargs.values())
    except (Resolver404, SuspiciousOperation):
        yield from (path, unquote(path))


def _decoded(query: str) -> str:
    """A server gives the bytes of an address as Latin-1."""
    return query.encode("latin-1", "replace").decode(errors="replace")


def _came_from(request: HttpRequest) -> Iterator[str]:
    referer = request.META.get("HTTP_REFERER", "")
    try:
        before = urlsplit(referer)
    except ValueError:
        return iter((referer,))
    return _of_address(before.path, before.query)


def _form_of(request: HttpRequest) -> Iterator[str]:
    """Names and values of the form, as far as it was read by now."""
    for sent in (getattr(request, "_post", None), getattr(request, "_files", None)):
        for name, values in sent.lists() if sent else ():
            yield name
            yield from (str(value) for value in values)


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


class MaskedRecord(logging.LogRecord):
    """A record that repeats nothing of the request under way, whoever reads it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = self.getMessage()
        try:
            kept = masked(said)
        # What no form of an address was thought of for: nothing is said, and no request fails.
        except Exception:
            kept = MASK
        if kept != said:
            self.msg, self.args = kept, ()
        if self.exc_info and self.exc_info[0] is not None:
            # Formatters write this in place of what they would make of the exception.
            self.exc_text = masked_traceback(TracebackException(*self.exc_info))


def configure(logging_settings: dict[str, Any]) -> None:
    """Set logging up as Django does, with masked records (`LOGGING_CONFIG`)."""
    logging.setLogRecordFactory(MaskedRecord)
    logging.config.dictConfig(logging_settings)


# ---- Log records as JSON, one object a line, for whatever collects standard output


def request_id_of(record: logging.LogRecord) -> str:
    """Given by `extra={"request_id": …}`, else of the request Django attached, else under way."""
    if found := getattr(record, "request_id", None):
        return str(found)
    # Django attaches the request; its development server attaches a socket, which has no META.
    meta = getattr(getattr(record, "request", None), "META", {})
    if found := meta.get("REQUEST_ID"):
        return str(found)
    if not apps.ready:
        return ""
    # Here and not above: logging is set up before there are models to import.
    from recommendations.audit import request_id

    return request_id.get()


class JsonFormatter(logging.Formatter):
    """time (UTC), level, logger, message; request_id and exception where there is one.

    What a record was given as `extra={"fields": …}` follows by its own names.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := request_id_of(record):
            line["request_id"] = request_id
        line |= getattr(record, "fields", {})
        if record.exc_info:
            # Masked when the record was made (masking.py).
            line["exception"] = record.exc_text or self.formatException(record.exc_info)
        # ASCII only: a line break or direction mark in user input cannot fake a second record.
        return json.dumps(line, ensure_ascii=True)


# ---- What a collector of errors is told: where it failed and how, nothing that a request brought


def masked_event(event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any]:
    """The event without what the request brought: `before_send` of Sentry, and of what is like it.

    Of the request its method and route stay, of the stack what is in the code. What happened
    before, which may hold statements with their values, is left out.
    """
    told = {name: value for name, value in event.items() if name not in ("breadcrumbs", "request")}
    for name in ("message", "logentry", "extra", "transaction"):
        if name in told:
            told[name] = _masked(told[name])
    for name in ("exception", "threads"):
        if name in told:
            told[name] = _without_variables(told[name])
    if request := under_way():
        told["request"] = {"method": request.method, "url": route_of(request)}
    return told


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _masked(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(one) for one in value]
    return masked(value) if isinstance(value, str) else value


def _without_variables(value: Any) -> Any:
    """Exceptions with masked messages and frames without the values of their variables."""
    if isinstance(value, list):
        return [_without_variables(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {name: _without_variables(one) for name, one in value.items() if name != "vars"}
    return kept | ({"value": _masked(value["value"])} if "value" in value else {})
