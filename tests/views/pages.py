"""Reading a page as a person reads it: signed in as somebody, words without markup."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recommendations.models import User
from tests.base import TrackerTestCase

_MAIN = re.compile(r"<main\b.*?</main>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


def client_of(person: User | None, **options: Any) -> Client:
    """A browser in which this person is signed in, or nobody."""
    client = Client(**options)
    if person is not None:
        client.force_login(person, backend="recommendations.authentication.RoleBackend")
    return client


@contextmanager
def counting() -> Iterator[CaptureQueriesContext]:
    """What is asked meanwhile where nothing is kept from before."""
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        yield captured


def main_of(response: HttpResponse) -> str:
    """The page inside its frame, without the key that each form has."""
    found = _MAIN.search(response.content.decode())
    assert found is not None
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", found.group())


def words_of(response: HttpResponse) -> str:
    """The words of the page inside its frame, one space between them."""
    html = response.content.decode()
    found = _MAIN.search(html)
    text = unescape(_TAG.sub(" ", found.group() if found else html))
    return re.sub(r" (?=[,.;:)])", "", " ".join(text.split()))


def shown_fields(response: Any) -> dict[str, str]:
    """The hidden fields of a page that hold what it shows of what is decided on."""
    if response.streaming:
        return {}
    return dict(re.findall(r'name="(shown-[^"]+)" value="([^"]*)"', response.content.decode()))


class PageTestCase(TrackerTestCase):
    """Pages as their readers get them. REP-1 is there already, led by the ministry."""

    def setUp(self) -> None:
        self._clients: dict[int | None, Client] = {}

    def client_for(self, person: User | None) -> Client:
        """The browser of this person; they sign in once a test."""
        key = person.pk if person else None
        if key not in self._clients:
            self._clients[key] = client_of(person)
        return self._clients[key]

    def get(self, path: str, person: User | None = None, **query: Any) -> Any:
        return self.client_for(person).get(path, query)

    def post(self, path: str, person: User | None = None, **data: Any) -> Any:
        return self.client_for(person).post(path, data)

    def asked(self, path: str, person: User | None = None, **query: Any) -> int:
        """How many statements a page asks whose frame is there and of which nothing is kept."""
        self.get(path, person)
        with counting() as captured:
            self.assertEqual(self.get(path, person, **query).status_code, 200)
        return len(captured)

    def read(self, path: str, person: User | None = None, status: int = 200, **query: Any) -> str:
        """The words of a page that answers with ``status``."""
        response = self.get(path, person, **query)
        self.assertEqual(response.status_code, status, path)
        return words_of(response)

    def assert_led_back(self, path: str, to: str, person: User | None = None) -> None:
        """What a page is about was removed meanwhile: that is told where it leads back to."""
        person = person or self.manager
        for answer in (self.get(path, person), self.post(path, person)):
            self.assertRedirects(answer, to, fetch_redirect_response=False)
        self.assert_words(self.read(to, person), "This was removed meanwhile.")

    def assert_words(self, text: str, *wanted: str, but_not: Iterable[str] = ()) -> None:
        for words in wanted:
            self.assertIn(words, text)
        self.assert_no_words(text, *but_not)

    def assert_no_words(self, text: str, *unwanted: str) -> None:
        for words in unwanted:
            self.assertNotIn(words, text)

    def assert_turned_away(self, path: str, status: int = 403) -> None:
        """Sign-in for nobody in particular, and a refusal for an account without a role."""
        response = self.get(path)
        self.assertRedirects(
            response, f"/accounts/login/?next={path}", fetch_redirect_response=False
        )
        self.assertEqual(self.get(path, self.stranger).status_code, status)
