"""A real copy of the database that is behind: who sees what, and that no page is mixed of both."""

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock, skipUnless

from django.conf import settings
from django.db import connection, connections
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.models import Recommendation, User
from recommendations.queries import replica
from tests.base import GuardedTransactionTestCase
from tests.processes import database_url, until
from tests.views.pages import client_of, words_of
from tests.views.test_budgets import table_of
from tracker.databases import replica as replica_entry

LIST = "/recommendations/"
WHO_ASKS = {"django_session", "recommendations_user", "recommendations_auditevent"}
"""All that is asked of the database itself: who it is, and now and then how far the copy is."""

DELAY = 5
"""Seconds by which the copy is behind, always."""


def is_on_this_machine() -> bool:
    """Whether the tests run on a server here, whose files and programs are at hand: the wheel’s."""
    return connection.vendor == "postgresql" and "/" in str(connection.settings_dict["HOST"])


class Standby:
    """A second server, made as a copy of the first, which follows it ``DELAY`` seconds later."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="standby-", dir="/tmp"))
        # The user that the wheel’s server runs as, where the tests run as root.
        owner = Path(str(connection.settings_dict["HOST"])).owner()
        self.user: dict[str, Any] = {"user": owner} if owner != Path.home().owner() else {}
        if self.user:
            shutil.chown(self.folder, owner)
        self.data = self.folder / "data"

    def start(self) -> None:
        have = connection.settings_dict
        self.run(
            "pg_basebackup",
            *("--host", have["HOST"], "--username", have["USER"], "--pgdata", self.data),
            *("--checkpoint", "fast", "--write-recovery-conf"),
        )
        told = f"recovery_min_apply_delay = '{DELAY}s'\nunix_socket_directories = '{self.folder}'\n"
        told += "listen_addresses = ''\nhot_standby = on\nmax_standby_streaming_delay = '60s'\n"
        with (self.data / "postgresql.auto.conf").open("a") as file:
            file.write(told)
        self.run("pg_ctl", "--pgdata", self.data, "--log", self.folder / "log", "--wait", "start")

    def stop(self) -> None:
        self.run("pg_ctl", "--pgdata", self.data, "--mode", "immediate", "stop")

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, program: str, *arguments: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'")
            [folder] = cursor.fetchone()
        command = [f"{folder}/{program}", *map(str, arguments)]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, cwd="/", **self.user
        )
        assert done.returncode == 0, done.stderr

    @property
    def url(self) -> str:
        return re.sub(r"host=[^&]*", f"host={self.folder}", database_url())


@contextmanager
def reading_from(url: str) -> Iterator[None]:
    """The settings of a site that reads pages from there."""
    with mock.patch.dict("os.environ", {"DATABASE_REPLICA_URL": url}):
        entry = replica_entry("DATABASE_REPLICA_URL", "tracker.postgresql")
    assert entry is not None
    known = connections.configure_settings({**settings.DATABASES, "replica": entry})
    routers = ["recommendations.queries.replica.ReplicaRouter"]
    with (
        mock.patch.dict(connections.settings, {"replica": known["replica"]}),
        mock.patch.dict(settings.DATABASES, {"replica": entry}),
        mock.patch.object(replica, "_watch", replica._Watch()),
        override_settings(DATABASE_ROUTERS=routers),
    ):
        try:
            yield
        finally:
            connections["replica"].close()
            del connections["replica"]


@skipUnless(is_on_this_machine(), "needs a PostgreSQL on this machine, to copy it")
class BehindTests(GuardedTransactionTestCase):
    """One copy serves all of these: to make it takes seconds."""

    def test_a_replica_that_is_behind(self) -> None:
        self.make_now("Before the copy")
        standby = Standby()
        self.addCleanup(standby.remove)
        standby.start()
        # Django’s tests let no other database be asked; this one is there from now on.
        both = mock.patch.object(type(self), "databases", {"default", "replica"})
        with both, reading_from(standby.url):
            try:
                self.follow(standby)
            finally:
                self.stop(standby)

    def make_now(self, title: str) -> Recommendation:
        """Under the time of the clock, which tells how far a copy without it is behind."""
        return self.make_recommendation(title, at=timezone.now())

    def stop(self, standby: Standby) -> None:
        if (standby.data / "postmaster.pid").exists():
            standby.stop()

    def follow(self, standby: Standby) -> None:
        self.author, self.other = client_of(self.manager), client_of(self.other_manager)
        until(lambda: self.is_read_from_replica(self.other), "the copy has the accounts")
        self.others_see_an_older_whole_page_and_authors_their_own_work()
        self.a_page_is_unchanged_for_who_holds_the_newest()
        self.a_replica_far_behind_is_not_read()
        self.how_far_it_is_behind_is_told()
        self.a_role_that_was_taken_away_is_gone_at_once()
        self.a_replica_that_is_gone_is_not_missed(standby)

    def is_read_from_replica(self, browser: Any) -> bool:
        return self.read(browser)[0] == "replica"

    def read(self, browser: Any, path: str = LIST, **options: Any) -> tuple[str, Any]:
        response = browser.get(path, **options)
        return getattr(response.wsgi_request, "read_from", ""), response

    def others_see_an_older_whole_page_and_authors_their_own_work(self) -> None:
        until(lambda: "Before the copy" in words_of(self.read(self.other)[1]), "all is copied")
        before = words_of(self.read(self.other)[1])
        update = self.make_submitted(self.make_now("After the copy"))
        self.assertTrue(update.pk)
        # Any change: it is the answer to it that lets the browser read what it wrote.
        self.author.post(f"{LIST}REP-2/comments/", {"text": "Mine."})
        source, response = self.read(self.author)
        self.assertEqual(source, "own write")
        self.assertContains(response, "After the copy")
        with CaptureQueriesContext(connection) as asked:
            source, response = self.read(self.other)
        self.assertEqual(source, "replica")
        self.assertEqual(words_of(response), before)
        tables = {table_of(query["sql"]) for query in asked}
        self.assertLessEqual(tables, WHO_ASKS)
        # Rows, counts and the badge in the frame are of the same moment.
        self.assertNotContains(response, "After the copy")
        self.assertNotContains(response, "badge-count")
        # What was created and what was handed in for it are two transactions, copied one by one.
        until(lambda: b"badge-count" in self.read(self.other)[1].content, "it is copied")
        source, response = self.read(self.other)
        self.assertEqual(source, "replica")
        self.assertContains(response, "After the copy")
        until(lambda: self.is_read_from_replica(self.author), "the author reads the copy again")

    def a_page_is_unchanged_for_who_holds_the_newest(self) -> None:
        tag = self.read(self.other)[1]["ETag"]
        held = {"If-None-Match": tag}
        self.assertEqual(self.other.get(LIST, headers=held).status_code, 304)
        self.make_now("Newer")
        source, response = self.read(self.other, headers=held)
        # The copy does not have it: what the browser holds is what the copy would give.
        self.assertEqual((source, response.status_code), ("replica", 304))

    def a_replica_far_behind_is_not_read(self) -> None:
        with override_settings(DATABASE_REPLICA_MAX_LAG=0), self.assertLogs(replica.logger) as log:
            replica._watch.checked_at, replica._watch.seconds_behind = float("-inf"), 0
            source, response = self.read(self.other)
        self.assertEqual(source, "behind")
        self.assertContains(response, "Newer")
        self.assertIn("behind", log.output[0])

    def how_far_it_is_behind_is_told(self) -> None:
        from recommendations.views.health import ask_replica
        from tracker.metrics import _replica_families

        self.assertRegex(str(ask_replica()["replica"]), r"^\d+\.\d s behind$")
        families = {family.name: family.samples[0].value for family in _replica_families()}
        self.assertEqual(families["tracker_replica_up"], 1)
        self.assertGreaterEqual(families["tracker_replica_lag_seconds"], 0)

    def a_role_that_was_taken_away_is_gone_at_once(self) -> None:
        person = User.objects.get(pk=self.other_manager.pk)
        person.groups.clear()
        response = self.other.get(LIST)
        self.assertEqual(response.status_code, 403)

    def a_replica_that_is_gone_is_not_missed(self, standby: Standby) -> None:
        standby.stop()
        replica._watch.checked_at = time.monotonic()
        with self.assertLogs(replica.logger) as log:
            source, response = self.read(self.author)
        self.assertEqual((source, response.status_code), ("fault", 200))
        self.assertIn("read from the primary", log.output[0])
        with self.assertNoLogs(replica.logger):
            self.assertEqual(self.read(self.author)[0], "fault")
