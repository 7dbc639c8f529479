"""Watches the pages, mails, exports and briefings of a run: none shows a stored code, a key or a
value of Python, nor a word that no office would print.

It looks at what tests have the site answer and send anyway, so that no page is forgotten. Words of
people are quoted as they are: whatever is written to a column or sent with a request is one.
"""

import os
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from html import unescape
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote_plus

from django.apps import apps
from django.conf import settings
from django.core.mail.backends.locmem import EmailBackend
from django.db.backends.signals import connection_created
from django.db.models import Choices, Field
from django.http import QueryDict
from django.test.client import Client

from recommendations import choices
from recommendations.columns import Value
from recommendations.exports.formats import Sheet
from tests.catalogues import BANNED, ROOT

IS_ON = os.environ.get("TEST_WATCH") != "off"

_UNSEEN = re.compile(
    r"<(script|style|code|pre|textarea|svg)\b.*?</\1>"
    r"|<head\b.*?(?=<title|</head>)"
    r"|<img\b[^>]*/icon-(?:yes|no|unknown)\.svg[^>]*>"  # Django’s marks of yes and no
    r"|<label[^>]*>Seen:</label>\s*<div class=\"readonly\">[^<]*",  # in a row that is hidden
    re.DOTALL,
)
_SPOKEN = tuple(
    re.compile(f'{name}="([^"]*)"')
    for name in ("aria-label", "title", "alt", "placeholder", "data-label")
)
"""One by one: what begins with a fixed text is found many times quicker."""
_ECHO = (re.compile(r"https?://\S+"), re.compile(r"Select a valid choice\. \S+"))
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

NAMING = re.compile(r"/admin/recommendations/(?:(?:auditevent|auditrow)/|redaction/take-out/)")
"""Pages that show the record and texts as they are stored."""

OUR_WORDS = "recommendations_outgoingmail"
"""A table whose texts the site makes itself; what they quote of people is written elsewhere too."""

_looked_at_once = lru_cache(100_000)
"""Pages have most of their parts in common, and columns most of their values."""
SHORT = 200
"""So many characters may a text have that is remembered."""

_BESIDE = re.compile(rf"(?:[^\W\d]+ )?{BANNED.pattern}(?: \w+)?", re.IGNORECASE)
"""A banned word with those beside it, by which one that a person wrote is told from ours."""

CATALOGUE = ROOT / "recommendations/locale/en/LC_MESSAGES/django.po"

_found: list[str] = []
_quoted: set[str] = set()
"""Texts of people that hold a banned word."""


def quote(text: str) -> None:
    """Remember a text of a person, where it holds a word that the site itself may not say."""
    if (_is_banned if len(text) < SHORT else BANNED.search)(text):
        _quoted.add(" ".join(text.split()))


@cache
def stored_choices() -> frozenset[str]:
    return frozenset(
        str(value)
        for module in vars(choices).values()
        if isinstance(module, type) and issubclass(module, Choices)
        for value in module.values
    )


@cache
def plain_codes() -> frozenset[str]:
    """Stored choices that are words of English: alone and in small letters they are no label.

    But where a message says the same.
    """
    said = CATALOGUE.read_text()
    words = filter(re.compile("[a-z]{3,}").fullmatch, stored_choices())
    # What two texts of the tests differ in, and the code of an area of theirs.
    ours = {"all", "late", "other"}
    return frozenset(word for word in words if f'msgid "{word}"\n' not in said) - ours


@cache
def codes() -> frozenset[str]:
    """Every stored choice and every name of a column that is no word of English."""
    found = set(stored_choices())
    for model in apps.get_app_config("recommendations").get_models():
        found |= {field.name for field in model._meta.get_fields() if isinstance(field, Field)}
    return frozenset(code for code in found if "_" in code)


def visible(html: str) -> str:
    """What a person reads of a page, by eye or by ear."""
    # Django’s script keeps by it which filters are open.
    html = _UNSEEN.sub(" ", html.replace(" data-filter-title=", " data-filter="))
    spoken = (said for pattern in _SPOKEN for said in pattern.findall(html))
    text = unescape(" | ".join([_TAG.sub(" | ", html), *spoken]))
    for pattern in _ECHO:
        text = pattern.sub("", text)
    return text


def codes_in(text: str) -> set[str]:
    """What a text shows that is for machines."""
    return {code for part in set(text.split("|")) for code in _codes_of(part)}


@_looked_at_once
def _codes_of(part: str) -> frozenset[str]:
    names = codes().intersection(_NAME.findall(part)) | plain_codes().intersection([part.strip()])
    if not (any(map(part.__contains__, _SIGNS)) or any(sign.search(part) for sign in _RARE_SIGNS)):
        return names
    return names | {found[0] for found in _VALUE.finditer(part)}


def banned_in(text: str) -> set[str]:
    """Words of the site in a text that no office would print, with those beside them."""
    parts = filter(_is_banned, set(text.replace("\n", "|").split("|")))
    return {found for part in parts for found in _banned_of(" ".join(part.split()))}


@_looked_at_once
def _is_banned(text: str) -> bool:
    return bool(BANNED.search(" ".join(text.split())))


def _banned_of(said: str) -> Iterator[str]:
    for found in _BESIDE.finditer(said):
        # A copy: tests send from several threads at once.
        if not any(found[0].strip() in text for text in tuple(_quoted)):
            yield found[0].strip()


def start() -> None:
    """Look at every page that a test asks for, and at every mail that is sent.

    Not where ``TEST_WATCH`` is ``off``: of two runs of the same pages one need not look.
    """
    if not IS_ON:
        return
    connection_created.connect(_wrap, weak=False)
    request, send = Client.request, EmailBackend.send_messages

    def asked(self: Client, **options: Any) -> Any:
        quote(unquote_plus(options.get("QUERY_STRING", "")))
        response = request(self, **options)
        path, kind = options["PATH_INFO"], response.get("Content-Type", "")
        # In debugging Django’s own pages of errors tell of the code.
        if settings.DEBUG and response.status_code in (404, 500):
            return response
        if not response.streaming and kind.startswith("text/html"):
            _quote_sent(response.wsgi_request)
            text = visible(response.content.decode())
            _note(path, text, banned_in(text) | (set() if NAMING.match(path) else codes_in(text)))
        return response

    def sent(self: EmailBackend, messages: Any) -> int:
        for message in messages:
            pages = (visible(str(part)) for part, _kind in message.alternatives)
            text = " | ".join([message.subject, *message.body.splitlines(), *pages])
            look_at(message.subject, text)
        return send(self, messages)

    lines = Sheet.lines

    def read(self: Sheet) -> Iterator[list[Value]]:
        for name in self.header:
            _note(self.name, name, banned_in(name.replace("_", " ")))
        for line in lines(self):
            _note_line(self, line)
            yield line

    patch.object(Sheet, "lines", read).start()
    patch.object(Client, "request", asked).start()
    patch.object(EmailBackend, "send_messages", sent).start()


def _quote_sent(request: Any) -> None:
    """Remember what came in a form."""
    for _name, values in getattr(request, "_post", QueryDict()).lists():
        _quote_all(values)


def _wrap(connection: Any, **_given: Any) -> None:
    # A connection that was closed is opened anew with the wrappers it had.
    if _quote_bound not in connection.execute_wrappers:
        connection.execute_wrappers.append(_quote_bound)


def _quote_bound(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    """Remember the texts that a statement writes; what one looks for came with a request."""
    # Rows that come one by one are the statement's alone: looking at them would use them up.
    is_ours = sql.startswith("SELECT") or OUR_WORDS in sql
    if not is_ours and not isinstance(params, Iterator):
        _quote_all(params)
    return execute(sql, params, many, context)


def _quote_all(values: Any) -> None:
    """Look into rows, and into columns as PostgreSQL is given them."""
    for value in values.values() if isinstance(values, dict) else values or ():
        if isinstance(value, str):
            quote(value)
        elif isinstance(value, list | tuple | dict):
            _quote_all(value)


def _note_line(sheet: Sheet, line: list[Value]) -> None:
    """Look at one row of an export: a column beside one of codes has labels."""
    cells = dict(zip(sheet.header, line, strict=True))
    for name, value in cells.items():
        if isinstance(value, str):
            is_label = f"{name}_code" in cells
            shown = banned_in(value) | (codes_in(value) if is_label else set())
            _note(f"{sheet.name}.{name}", value, shown)


def look_at(place: str, text: str) -> None:
    """Note what one text shows that no person should read."""
    _note(place, text, banned_in(text) | codes_in(text))


def _note(place: str, text: str, shown: set[str]) -> None:
    for what in shown:
        before, _what, after = " ".join(text.split()).partition(what)
        _found.append(f"{place}: {what} in “{before[-40:]}{what}{after[:20]}”")


def found() -> list[str]:
    """What was shown since the last time, each with its place."""
    seen = sorted(set(_found))
    _found.clear()
    return seen
