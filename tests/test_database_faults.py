"""Faults of a real database: locks held too long, connections ended, and nothing writable."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection, connections, transaction

from recommendations.models import ChainHead, Comment
from tests import kept
from tests.base import PASSWORD, GuardedTransactionTestCase
from tests.threads import PATIENCE
from tests.views.pages import client_of, words_of

PATH = "/recommendations/REP-1/comments/"
IS_POSTGRESQL = connection.vendor == "postgresql"

QUERY_ONLY = "PRAGMA query_only = {}"
LONG_WAIT = "PRAGMA busy_timeout = 60000"


@contextmanager
def chain_locked_elsewhere() -> Iterator[None]:
    """Another connection, in a thread of its own, writes and does not come to an end."""
    is_held, is_over = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                ChainHead.objects.select_for_update().get()
                is_held.set()
                is_over.wait(PATIENCE)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold, daemon=True)
    thread.start()
    assert is_held.wait(PATIENCE)
    try:
        yield
    finally:
        is_over.set()
        thread.join(PATIENCE)


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


class DatabaseFaultTestCase(GuardedTransactionTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.make_recommendation()
        self.browser = client_of(self.manager)
        kept.renew()

    def send(self, text: str = "Which day?") -> Any:
        return self.browser.post(PATH, {"text": text})

    def assert_kept(self, response: Any, *words: str) -> None:
        """503 with what was typed; afterwards the same is accepted, and is there once."""
        self.assertEqual(response.status_code, 503)
        for text in (*words, "Text Which day?"):
            self.assertIn(text, words_of(response))
        self.assertEqual(Comment.objects.count(), 0)


class LockTests(DatabaseFaultTestCase):
    def test_a_writer_who_waits_too_long_keeps_the_words_and_succeeds_later(self):
        run("SET lock_timeout = '50ms'" if IS_POSTGRESQL else "PRAGMA busy_timeout = 50")
        self.addCleanup(run, "RESET lock_timeout" if IS_POSTGRESQL else LONG_WAIT)
        with chain_locked_elsewhere():
            self.assert_kept(self.send(), "The site is busy", "Nothing was saved.")
            self.assertEqual(self.browser.get("/recommendations/REP-1/").status_code, 200)
        self.assertEqual(self.send().status_code, 302)
        self.assertEqual(Comment.objects.get().text, "Which day?")

    def test_whether_the_site_is_ready_waits_for_no_writer(self):
        with chain_locked_elsewhere():
            for path in ("/healthz", "/readyz"):
                response = self.client.get(path)
                self.assertEqual(response.status_code, 200, response.content)


if IS_POSTGRESQL:

    class TerminatedTests(DatabaseFaultTestCase):
        """Only a server can end connections; on SQLite there is nothing to lose."""

        def end_all(self) -> None:
            """End every connection of this process, from outside of its pool."""
            given = connection.get_connection_params()
            names = given.keys() & {"dbname", "user", "host", "port"}
            address = {name: given[name] for name in names}
            with psycopg.connect(**address, autocommit=True) as outside:
                outside.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

        def fill_pool(self, size: int) -> None:
            """Let as many connections wait in the pool as requests at once would leave there."""
            connection.close()
            pool = connection.pool
            pool.open()
            for taken in [pool.getconn() for _number in range(size)]:
                pool.putconn(taken)

        def test_the_next_request_finds_a_connection_that_answers(self):
            for text in ("Which day?", "Which week?"):
                self.fill_pool(10)
                self.end_all()
                self.assertEqual(self.browser.get("/recommendations/REP-1/").status_code, 200)
                self.assertEqual(self.send(text).status_code, 302)
                connection.close()
            self.assertEqual(Comment.objects.count(), 2)

        def test_few_requests_keep_to_few_connections_which_have_their_plans(self):
            self.fill_pool(5)
            pool = connection.pool
            latest = pool.getconn()
            for _request in range(3):
                pool.putconn(latest)
                self.assertIs(pool.getconn(), latest)
            pool.putconn(latest)

        def test_a_request_in_flight_keeps_the_words_and_harms_no_other(self):
            # The test's own connection is kept between requests, as one in mid-request is.
            self.browser.get("/recommendations/REP-1/")
            self.end_all()
            response = self.send()
            # What ends a request: Django gives the broken connection back, and the pool drops it.
            connection.close()
            self.assert_kept(response, "The database does not answer")
            self.assertEqual(self.send().status_code, 302)
            self.assertEqual(Comment.objects.get().text, "Which day?")


class ReadOnlyTests(DatabaseFaultTestCase):
    """As on a copy of the database, or one whose disk the machine made read-only."""

    def setUp(self) -> None:
        super().setUp()
        self.of_administrator = client_of(self.administrator)
        kept.renew()
        switch = "SET default_transaction_read_only = {}" if IS_POSTGRESQL else QUERY_ONLY
        run(switch.format("on"))
        self.addCleanup(run, switch.format("off"))

    def test_pages_are_read_by_people_who_are_signed_in(self):
        for path in (
            *("/", "/recommendations/", "/recommendations/REP-1/", PATH, "/evidence/"),
            *("/indicators/", "/areas/", "/my-work/", "/review/", "/accounts/login/"),
            *("/recommendations/REP-1/updates/new/", "/recommendations/export/"),
        ):
            with self.subTest(path):
                self.assertEqual(self.browser.get(path).status_code, 200)
        self.assertEqual(self.of_administrator.get("/admin/").status_code, 200)

    def test_a_change_keeps_its_words(self):
        self.assert_kept(self.send(), "Changes cannot be saved at present", "Nothing was saved.")

    def test_signing_in_is_answered_without_the_password(self):
        sent = {"username": "manager", "password": PASSWORD}
        response = self.client.post("/accounts/login/", sent)
        self.assertEqual(response.status_code, 503)
        self.assertIn("Passwords are not shown here. Fill in the form again.", words_of(response))
        self.assertNotContains(response, PASSWORD, status_code=503)
