"""Nothing that a request brought stands in a log: no token of a link, no word that was looked for.

A canary goes through every address and every failure, and all that is logged is searched for it.
"""

import itertools
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.test import Client, SimpleTestCase, override_settings
from django.utils.http import urlencode

from recommendations.actions.base import ActionRefused
from recommendations.middleware import FaultMiddleware
from recommendations.models import User
from tests.depth import times
from tests.test_faults import of_sqlite
from tests.views.addresses import Address, addresses
from tests.views.pages import PageTestCase, client_of
from tracker.logs import JsonFormatter, MaskedRecord, masked_event

CANARY = "Kanarie-4711x"
"""As a token, and in the words that people type."""
SPOKEN = f"who pays {CANARY}"
FORMS = ("kanarie", "4711x", "pays")
"""Whatever becomes of it on the way: folded, cut into words, escaped."""


class Kept(logging.Handler):
    """All that is logged: as the site writes it, and as a collector of errors is given it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        given = {name: value for name, value in vars(record).items() if name not in BESIDE}
        plain = logging.Formatter().format(record)
        self.lines.append(f"{JsonFormatter().format(record)} {plain} {given}")


BESIDE = {"request", "exc_info"}
"""What Django and Python attach, which no line is made of."""


@contextmanager
def all_logs() -> Iterator[list[str]]:
    """What every logger of the process is told meanwhile."""
    root, kept = logging.getLogger(), Kept()
    level = root.level
    root.addHandler(kept)
    root.setLevel(logging.INFO)
    # The settings leave its warnings out; a site may have settings of its own.
    requests = logging.getLogger("django.request")
    requests.setLevel(logging.INFO)
    try:
        yield kept.lines
    finally:
        requests.setLevel(logging.ERROR)
        root.setLevel(level)
        root.removeHandler(kept)


class CanaryTests(PageTestCase):
    def assert_unsaid(self, lines: list[str], *, least: int = 1) -> None:
        self.assertGreaterEqual(len(lines), least)
        saying = [line for line in lines if any(form in line.casefold() for form in FORMS)]
        self.assertFalse(saying, [line[:2000] for line in saying[:1]])

    def ask(self, client: Client, path: str) -> None:
        """Look at it, and send a form to it, from a page that has the same in its address."""
        query = urlencode({"q": SPOKEN, CANARY: CANARY})
        came_from = {"referer": f"https://testserver{path}?{query}"}
        client.get(f"{path}?{query}", headers=came_from)
        fields = dict.fromkeys(("text", "username", "email", "password", "title", CANARY), SPOKEN)
        client.post(f"{path}?{query}", fields, headers=came_from)

    def test_every_address_as_it_answers(self) -> None:
        client, paths = quiet(self.manager), with_canary()[:: times(2, 1)]
        with all_logs() as lines:
            for path in paths:
                self.ask(client, path)
        self.assert_unsaid(lines, least=2 * len(paths))

    def test_every_address_fails_and_in_every_way(self) -> None:
        client, paths = quiet(None), with_canary()[:: times(4, 1)]
        ways = (
            Http404(CANARY),
            PermissionDenied(SPOKEN),
            SuspiciousOperation(SPOKEN),
            ActionRefused(SPOKEN),
            RuntimeError(f"cannot read {SPOKEN!r} of /invitations/{CANARY}/"),
            KeyError(CANARY.encode()),
            of_sqlite(sqlite3.SQLITE_BUSY),
            OSError(28, "No space left on device", f"/files/{CANARY}"),
        )
        met = itertools.cycle(ways)

        def fail(*_view: object) -> None:
            raise next(met)

        failing = mock.patch.object(FaultMiddleware, "process_view", side_effect=fail)
        with failing, all_logs() as lines:
            for path in paths:
                self.ask(client, path)
        self.assert_unsaid(lines, least=2 * len(paths))
        for words in (
            *("PermissionDenied: ", "RuntimeError: ", "KeyError: ", "OperationalError: "),
            *("OSError: ", '"message": "BUSY: '),
        ):
            self.assertTrue(any(words in line for line in lines), words)
        self.assertGreater(len(paths), 4 * len(ways))

    def test_a_form_without_its_token_is_refused_and_its_route_named(self) -> None:
        strict = client_of(None, enforce_csrf_checks=True)
        for path, route in (
            (f"/invitations/{CANARY}/", "/invitations/<str:token>/"),
            (f"/accounts/reset/MQ/{CANARY}/", "/accounts/reset/<uidb64>/<token>/"),
            ("/accounts/calendar/revoke/", "/accounts/calendar/revoke/"),
        ):
            with self.subTest(path), all_logs() as lines:
                self.ask(strict, path)
                self.assert_unsaid(lines)
                [refused] = [line for line in lines if "django.security.csrf" in line]
                self.assertIn(f"(CSRF cookie not set.): {route}", refused)

    def test_what_is_too_large_too_many_or_no_page(self) -> None:
        client = quiet(self.staff)
        path = f"/invitations/{CANARY}/"
        many = "&".join(f"{CANARY}{n}={CANARY}" for n in range(1001))
        for ask in (
            lambda: client.post(path, {"text": SPOKEN}, CONTENT_LENGTH=str(2**40)),
            lambda: client.post(path, {"text": CANARY}, CONTENT_LENGTH=CANARY),
            lambda: client.get(f"/recommendations/?{many}"),
            lambda: client.get(f"/{CANARY}/%D0%9A/?q={CANARY}"),
            lambda: client.get(f"/{CANARY}", headers={"host": "evil.example"}),
            lambda: client.get(f"/x/?{CANARY}", headers={"referer": f"https://[{CANARY}"}),
        ):
            with all_logs() as lines:
                self.assertGreaterEqual(ask().status_code, 400)
                self.assert_unsaid(lines)

    def test_each_answer_tells_its_route_to_the_proxy_and_nothing_to_other_sites(self) -> None:
        for path, route in ((f"/unsubscribe/{CANARY}/", "/unsubscribe/<str:token>/"), ("/x/", "")):
            answer = quiet(None).get(path)
            self.assertEqual(answer.get("X-Route", ""), route)
            self.assertEqual(answer["Referrer-Policy"], "same-origin")


class RecordTests(PageTestCase):
    """What stays, so that operators can work with it."""

    def logged(self, error: Exception, path: str = "/evidence/?q=drought+relief") -> dict[str, Any]:
        """A record of a view that fails with this error."""
        with (
            override_settings(PUBLIC_PAGES=True),
            mock.patch.object(FaultMiddleware, "process_view", side_effect=error),
            self.assertLogs("django.request", "ERROR") as logged,
        ):
            quiet(None).get(path)
        return vars(logged.records[0])

    def test_where_it_failed_and_the_words_that_were_not_sent(self) -> None:
        record = self.logged(RuntimeError("no column “year” in the Drought table"))
        self.assertEqual(record["message"], "Internal Server Error: /evidence/")
        told = record["exc_text"]
        self.assertIn("RuntimeError: no column “year” in the … table", told)
        self.assertIn('File "', told)

    def test_a_word_is_masked_in_any_script_and_within_others(self) -> None:
        query = "/evidence/?q=%E5%B9%B2%E6%97%B1&text=x7Drought9"
        for said, told in (
            ("no \u5e72\u65f1\u6551\u6d4e here", "no …\u6551\u6d4e here"),
            ("no bx7drought9b here", "no b…b here"),
            ("no %E5%B9%B2%E6%97%B1 here", "no … here"),
        ):
            record = self.logged(RuntimeError(said), query)
            self.assertIn(f"RuntimeError: {told}", record["exc_text"])

    def test_causes_are_told_and_masked_alike(self) -> None:
        made = KeyError("year")
        made.__cause__ = ValueError("drought")
        told = self.logged(made, "/evidence/?q=drought")["exc_text"]
        for words in ("ValueError: …", "direct cause", "KeyError: 'year'"):
            self.assertIn(words, told)

    def test_each_error_of_a_group_is_told_and_masked_alike(self) -> None:
        several = ExceptionGroup("two of them", [ValueError("drought"), KeyError("year")])
        told = self.logged(several, "/evidence/?q=drought")["exc_text"]
        for words in ("two of them", "ValueError: …", "KeyError: 'year'"):
            self.assertIn(words, told)

    def test_the_request_that_is_over_masks_nothing_more(self) -> None:
        self.client.get("/evidence/?q=drought")
        record = MaskedRecord("a", logging.INFO, "f.py", 1, "the %s", ("drought",), None)
        self.assertEqual(record.getMessage(), "the drought")


class WithoutARequestTests(SimpleTestCase):
    def test_links_that_were_mailed_are_cut_off(self) -> None:
        for path in ("accounts/reset", "invitations", "unsubscribe", "calendar"):
            link = f'"https://testserver/{path}/MQ/{CANARY}/" was not sent to Ann'
            record = MaskedRecord("a", 30, "f.py", 1, "%s", (link,), None)
            said = f'"https://testserver/{path}/…" was not sent to Ann'
            self.assertEqual(record.getMessage(), said)


class CollectorTests(PageTestCase):
    def test_an_event_names_the_route_and_repeats_nothing_of_the_request(self) -> None:
        path = f"/invitations/{CANARY}/"
        made: list[dict[str, Any]] = []

        def fail(*_given: Any) -> None:
            made.append(masked_event(event_of(path), {}) or {})
            raise Http404

        with mock.patch.object(FaultMiddleware, "process_view", side_effect=fail):
            quiet(None).get(path, {"q": SPOKEN})
        [event] = made
        said = str(event).casefold()
        self.assertFalse([form for form in FORMS if form in said], said[:2000])
        self.assertEqual(event["request"], {"method": "GET", "url": "/invitations/<str:token>/"})
        self.assertEqual(event["transaction"], "invitation")
        [frame] = event["exception"]["values"][0]["stacktrace"]["frames"]
        self.assertEqual(frame, {"function": "read", "lineno": 7})


def event_of(path: str) -> dict[str, Any]:
    """As Sentry makes it of an error in a view."""
    frame = {"function": "read", "lineno": 7, "vars": {"token": f"'{CANARY}'"}}
    return {
        "transaction": "invitation",
        "message": f"failed: {path}",
        "logentry": {"message": "failed: %s", "params": [path]},
        "request": {
            "method": "GET",
            "url": f"https://testserver{path}",
            "query_string": urlencode({"q": SPOKEN}),
            "headers": {"Referer": f"https://testserver{path}"},
            "data": {"text": SPOKEN},
        },
        "exception": {
            "values": [
                {"type": "ValueError", "value": f"no {CANARY}", "stacktrace": {"frames": [frame]}}
            ]
        },
        "breadcrumbs": {"values": [{"message": f"SELECT '{CANARY}'"}]},
        "extra": {"seen": [CANARY]},
    }


def quiet(person: User | None) -> Client:
    """A browser; what would be raised in a test is answered, as on a site."""
    return client_of(person, raise_request_exception=False)


def with_canary() -> list[str]:
    """Every address with the canary wherever it takes a text."""
    kinds: dict[str, list[object]] = {
        "int": [4],
        "code": ["REP-1", CANARY],
        "slug": [CANARY],
        "str": [CANARY],
    }
    found = []
    for address in _without_admin(addresses()):
        found += list(address.paths(lambda kind, _name: kinds[kind]))
    return [*found, f"/admin/{CANARY}/", f"/admin/recommendations/user/{CANARY}/change/"]


def _without_admin(found: list[Address]) -> Iterator[Address]:
    return (address for address in found if not address.is_admin)
