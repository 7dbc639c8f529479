"""Asking the World Bank's API, version 2, for the figures of one indicator, page by page.

Source: the description of the API's calls, "Developer Information", World Bank.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import urllib3
from django.utils import timezone
from urllib3.util import Retry, Timeout

SERVER = "https://api.worldbank.org/v2"
A_PAGE = 5000
"""Figures in one answer."""

MOST_PAGES = 200
MOST_BYTES = 20 * 1024 * 1024
"""Of one answer: what is longer is no page of figures."""

TRIES = 4
CONNECT_SECONDS = 10


class NoAnswer(Exception):
    """The server gave no answer that can be used; ``str`` of it says what was tried."""


def answers(
    code: str, areas: Sequence[str], since: int | None, *, server: str = SERVER, seconds: float = 60
) -> Iterator[bytes]:
    """The answers of all pages, as they came. ``areas`` are ISO codes; none means all countries.

    Tried again, each time after a longer wait, where the server is busy or does not answer within
    ``seconds``. An error that the API gives as an answer comes as the last page; its reader tells.
    """
    pool = urllib3.PoolManager(
        timeout=Timeout(connect=CONNECT_SECONDS, read=seconds),
        retries=Retry(TRIES - 1, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504)),
    )
    place = ";".join(areas) or "all"
    address = f"{server.rstrip('/')}/country/{quote(place, safe=';')}/indicator/{quote(code)}"
    fields: dict[str, Any] = {"format": "json", "per_page": A_PAGE}
    if since is not None:
        fields["date"] = f"{since}:{timezone.localdate().year}"
    page, pages = 1, 1
    with pool:
        while page <= pages:
            answer = _ask(pool, address, {**fields, "page": page})
            yield answer
            pages = min(_pages(answer, address), MOST_PAGES)
            page += 1


def _ask(pool: urllib3.PoolManager, address: str, fields: dict[str, Any]) -> bytes:
    try:
        response = pool.request("GET", address, fields=fields, preload_content=False)
        body = response.read(MOST_BYTES + 1)
        response.release_conn()
    except urllib3.exceptions.HTTPError as error:
        raise NoAnswer(f"{address} gave no answer in {TRIES} tries: {error}") from error
    if response.status != 200:
        raise NoAnswer(f"{address} answered with status {response.status}.")
    if len(body) > MOST_BYTES:
        raise NoAnswer(f"{address} answered with more than a page of figures.")
    return bytes(body)


def _pages(answer: bytes, address: str) -> int:
    """How many pages there are; one where the answer tells of an error."""
    try:
        head = json.loads(answer)[0]
        return int(head.get("pages", 1))
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        raise NoAnswer(f"{address} answered with something that is no list of figures.") from error
