"""Uploads to a real server whose processes are killed at random moments.

A server of its own, two workers, answers on 127.0.0.1; several people send files through the form
of an update, and SIGKILL ends a worker, or all of it, again and again. What was answered must be
there afterwards.
"""

import hashlib
import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from recommendations.actions.evidence.files import Problem, check_files
from recommendations.models import EvidenceRevision, StatusUpdate, User
from recommendations.storage import evidence as store
from tests.files import upload
from tests.processes import PATIENCE, as_in_production, until

CSRF = "c" * 32


@dataclass
class Server:
    """gunicorn on a socket of ours, which stays open while processes come and go."""

    folder: Path
    workers: int = 2
    process: subprocess.Popen[bytes] | None = None
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.listener.getsockname()
        return host, port

    def start(self) -> None:
        """In a session of its own, so that all of it can be killed at once."""
        handle = self.listener.fileno()
        command = [sys.executable, "-m", "gunicorn", "tracker.wsgi", "--preload"]
        command += ["--bind", f"fd://{handle}", "--workers", str(self.workers)]
        command += ["--log-level", "critical"]
        self.process = subprocess.Popen(
            command,
            env=self.environment(),
            cwd=settings.BASE_DIR,
            pass_fds=[handle],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def environment(self) -> dict[str, str]:
        return {**as_in_production(), "EVIDENCE_ROOT": str(self.folder)}

    def worker_ids(self) -> list[int]:
        """Processes that answer; none while they start."""
        assert self.process is not None
        of = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        try:
            return [int(pid) for pid in of.read_text().split()]
        except FileNotFoundError:
            return []

    def kill_all(self) -> None:
        """End every process of it at once, with nothing said to any of them."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_one(self, chosen: random.Random) -> None:
        """End one worker; the master starts another."""
        if workers := self.worker_ids():
            try:
                os.kill(chosen.choice(workers), signal.SIGKILL)
            except ProcessLookupError:
                return


@contextmanager
def serving(folder: Path, workers: int = 2) -> Iterator[Server]:
    """A server that answers already."""
    server = Server(folder, workers)
    with closing(server.listener):
        server.start()
        try:
            yield server
        finally:
            server.kill_all()


@dataclass(frozen=True, slots=True)
class Door:
    """Where one person sends files: an update of theirs, in a session of theirs."""

    path: str
    cookie: str

    def send(self, address: tuple[str, int], content: bytes) -> int:
        """Send one file through the form; the status of the answer, 0 where none came."""
        body, kind = _multipart(content)
        headers = {"Cookie": self.cookie, "Content-Type": kind}
        try:
            with closing(http.client.HTTPConnection(*address, timeout=PATIENCE)) as line:
                line.request("POST", self.path, body, headers)
                return line.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0


def door(person: User, update: StatusUpdate) -> Door:
    """The form of an update that is open to its author, who is signed in."""
    client = Client()
    client.force_login(person, backend="recommendations.authentication.RoleBackend")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    name = settings.CSRF_COOKIE_NAME
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}; {name}={CSRF}"
    return Door(f"/updates/{update.pk}/evidence/", cookie)


@dataclass
class Sent:
    """Digests of what was sent, by what came of it."""

    answered: set[str] = field(default_factory=set)
    unanswered: set[str] = field(default_factory=set)
    refused: list[int] = field(default_factory=list)


def upload_under_fire(server: Server, doors: Sequence[Door], kills: int, seed: int) -> Sent:
    """Let everybody send files while processes are killed, and until the last is up again."""
    chosen, sent, stop = random.Random(seed), Sent(), threading.Event()
    threads = [
        threading.Thread(target=_sender, args=(server, one, seed + number, sent, stop))
        for number, one in enumerate(doors, start=1)
    ]
    for thread in threads:
        thread.start()
    try:
        for number in range(kills):
            before = len(sent.answered)
            until(lambda before=before: len(sent.answered) > before, "an answer")
            time.sleep(chosen.uniform(0, 0.2))
            if number % 5 == 2:
                server.kill_all()
                server.start()
            else:
                server.kill_one(chosen)
        before = len(sent.answered)
        until(lambda: len(sent.answered) > before, "an answer")
    finally:
        stop.set()
        for thread in threads:
            thread.join(PATIENCE)
    return sent


def _sender(server: Server, door: Door, seed: int, sent: Sent, stop: threading.Event) -> None:
    chosen = random.Random(seed)
    while not stop.is_set():
        content = b"%PDF-1.4\n" + chosen.randbytes(int(2 ** chosen.uniform(8, 21)))
        digest = hashlib.sha256(content).hexdigest()
        match door.send(server.address, content):
            case 302:
                sent.answered.add(digest)
            case 0:
                sent.unanswered.add(digest)
            case status:
                sent.refused.append(status)


def _multipart(content: bytes) -> tuple[bytes, str]:
    fields = {
        "csrfmiddlewaretoken": CSRF,
        "evidence-stance": "supports",
        "evidence-uploads": upload(content=content),
    }
    return encode_multipart(BOUNDARY, fields), MULTIPART_CONTENT


@dataclass(frozen=True, slots=True)
class Proofs:
    """What is left once all of it has ended: answered files that are not there, and strays."""

    lost: int
    faults: int
    orphans: int
    half: int


def proofs(sent: Sent) -> Proofs:
    """Look for everything that was answered, and at everything that is stored."""
    held = EvidenceRevision.objects.filter(file__in=sent.answered).values_list("file", flat=True)
    whole = {digest for digest in set(held) if store.stored_digest(digest) == digest}
    ages = timezone.now() + timedelta(days=2)
    outcome = check_files(at=ages, report=lambda found: None, progress=lambda count: None)
    found = outcome.found
    return Proofs(
        lost=len(sent.answered - whole),
        faults=outcome.faults,
        orphans=found.get(Problem.ORPHAN, 0),
        half=found.get(Problem.LEFT_OVER, 0),
    )
