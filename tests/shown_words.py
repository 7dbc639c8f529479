"""Watches the pages and mails of a run: none shows a stored code, a key or a value of Python.

It looks at what tests have the site answer and send anyway, so that no page is forgotten.
"""

import re
from functools import cache
from html import unescape
from typing import Any
from unittest.mock import patch

from django.apps import apps
from django.conf import settings
from django.core.mail.backends.locmem import EmailBackend
from django.db.models import Choices, Field
from django.test.client import Client

from recommendations import choices

_UNSEEN = re.compile(
    r"<(script|style|code|pre|textarea|svg)\b.*?</\1>"
    r"|<head\b.*?(?=<title|</head>)"
    r"|<img\b[^>]*/icon-(?:yes|no|unknown)\.svg[^>]*>"  # Django’s marks of yes and no
    r"|<label[^>]*>Seen:</label>\s*<div class=\"readonly\">[^<]*",  # in a row that is hidden
    re.DOTALL,
)
_SPOKEN = re.compile(r"\b(?:aria-label|title|alt|placeholder|data-label)=\"([^\"]*)\"")
_ECHO = re.compile(r"\bhttps?://\S+|Select a valid choice\. \S+")
"""Addresses, and what was sent in place of a choice."""
_TAG = re.compile(r"<[^>]*>")

_VALUE = re.compile(
    r"\b(?:True|False)\b"
    r"|\bNone\b(?! [a-z])"
    r"|\b[A-Z]\w*[a-z]\.[A-Z][A-Z_]+\b"  # a member of an enumeration
    r"|\w+ object \(\w+\)"  # a model without a name
    r"|\brecommendations\.\w+\b"
    r"|\bdatetime\.\w+\("
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
)
_SIGNS = ("True", "False", "None", " object (", "recommendations.", "datetime.")
_RARE_SIGNS = (re.compile(r"\.[A-Z][A-Z_]"), re.compile(r"-[0-9a-f]{4}-[0-9a-f]{4}-"))
"""Without one of these no text holds a value; to look for them is quicker by far."""
_NAME = re.compile(r"(?<![\w./@=-])[a-z]+(?:_[a-z]+)+(?![\w@-]|\.\w)")

NAMING = re.compile(
    r"/admin/recommendations/(?:(?:auditevent|auditrow)/|redaction/take-out/|\w+/import/$)"
)
"""Pages that show the record and texts as they are stored, or the columns that a file must have."""

_found: list[str] = []


@cache
def codes() -> frozenset[str]:
    """Every stored choice and every name of a column that is no word of English."""
    found = {
        str(value)
        for module in vars(choices).values()
        if isinstance(module, type) and issubclass(module, Choices)
        for value in module.values
    }
    for model in apps.get_app_config("recommendations").get_models():
        found |= {field.name for field in model._meta.get_fields() if isinstance(field, Field)}
    return frozenset(code for code in found if "_" in code)


def visible(html: str) -> str:
    """What a person reads of a page, by eye or by ear."""
    html = _UNSEEN.sub(" ", html)
    text = unescape(" ".join([_TAG.sub(" | ", html), *_SPOKEN.findall(html)]))
    return _ECHO.sub("", text)


def codes_in(text: str) -> set[str]:
    """What a text shows that is for machines."""
    names = set(_NAME.findall(text)) & codes()
    if not (any(map(text.__contains__, _SIGNS)) or any(sign.search(text) for sign in _RARE_SIGNS)):
        return names
    return names | {found[0] for found in _VALUE.finditer(text)}


def start() -> None:
    """Look at every page that a test asks for, and at every mail that is sent."""
    request, send = Client.request, EmailBackend.send_messages

    def asked(self: Client, **options: Any) -> Any:
        response = request(self, **options)
        path, kind = options["PATH_INFO"], response.get("Content-Type", "")
        # In debugging Django’s own pages of errors tell of the code.
        if settings.DEBUG and response.status_code in (404, 500):
            return response
        if not response.streaming and kind.startswith("text/html") and not NAMING.match(path):
            _note(path, visible(response.content.decode()))
        return response

    def sent(self: EmailBackend, messages: Any) -> int:
        for message in messages:
            _note(message.subject, f"{message.subject} | {message.body}")
        return send(self, messages)

    patch.object(Client, "request", asked).start()
    patch.object(EmailBackend, "send_messages", sent).start()


def _note(place: str, text: str) -> None:
    for code in codes_in(text):
        before, _code, after = " ".join(text.split()).partition(code)
        _found.append(f"{place}: {code} in “{before[-40:]}{code}{after[:20]}”")


def found() -> list[str]:
    """What was shown since the last time, each with its place."""
    seen = sorted(set(_found))
    _found.clear()
    return seen
