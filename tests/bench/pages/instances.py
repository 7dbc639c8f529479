"""One commit of the site: its files, its database, its server."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.bench.pages.asking import PATIENCE, Asker
from tests.bench.pages.processor import backends

HERE = Path(__file__).resolve().parents[3]
WORKERS = 2
SANE = {
    "effective_cache_size": "4GB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
}
"""What whoever installs PostgreSQL on a disk of today sets; the rest is as it comes."""


@dataclass
class Instance:
    """A commit that can be asked; ``name`` tells it from another."""

    name: str
    code: Path
    scratch: Path
    url: str
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    sessions: dict[str, str] = field(default_factory=dict)
    drafts: list[tuple[int, str]] = field(default_factory=list)
    submitted: list[int] = field(default_factory=list)
    told: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """As deployed, but that nothing stands before it which speaks TLS."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {
            "PYTHONPATH": str(self.code),
            "DJANGO_SETTINGS_MODULE": "tests.bench.pages.settings",
            "DATABASE_URL": self.url,
            "SECRET_KEY": "only for measuring, and long enough for every check of the site",
            "AUDIT_SIGNING_KEY": "only for measuring as well",
            "ALLOWED_HOSTS": "127.0.0.1,testserver",
            "SECURE_SSL_REDIRECT": "off",
            "STATIC_ROOT": str(self.scratch / "static"),
            "EVIDENCE_ROOT": str(self.scratch / "evidence"),
            "IMPORT_FOLDER": str(self.scratch / "imports"),
            "BENCH_ROWS": str(self.scratch / "rows.html"),
            "GUNICORN_BIND": f"127.0.0.1:{self.port}",
            "GUNICORN_WORKERS": str(WORKERS),
            "MALLOC_ARENA_MAX": "2",
            "MALLOC_MMAP_THRESHOLD_": "1048576",
            "MALLOC_TRIM_THRESHOLD_": "1048576",
            # gunicorn would leave one beside its file of settings.
            "PYTHONDONTWRITEBYTECODE": "1",
            # No process is renewed in the middle of it.
            "GUNICORN_MAX_REQUESTS": "0",
        }

    def run(self, *arguments: str) -> str:
        """What a command of Python says, run with the code of this commit."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.code,
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
        )
        return done.stdout.decode()

    def fill(self, size: int, rounds: int) -> None:
        """Seed the database unless it is, and choose what is asked of it."""
        print(self.run("-m", "tests.bench.seed", str(size)), end="", flush=True)
        self.run("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
        chosen: dict[str, Any] = json.loads(
            self.run("-m", "tests.bench.pages.prepare", str(rounds))
        )
        self.sessions = chosen["sessions"]
        self.drafts, self.submitted = chosen["drafts"], chosen["submitted"]
        self.told = chosen.get("told", "")

    def start(self) -> None:
        """Start the server, and wait until both workers can answer."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
        self.process = subprocess.Popen(
            [*command, "tracker.wsgi"],
            cwd=self.code,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + PATIENCE
        while not self._answers():
            if time.monotonic() > end or self.process.poll() is not None:
                raise RuntimeError(f"the server of {self.name} does not start")
            time.sleep(0.1)

    def _answers(self) -> bool:
        """Several times in a row, so by both workers."""
        try:
            statuses = {self.asker("").get("/bench/bare/").status for _time in range(3 * WORKERS)}
        except (OSError, ValueError, IndexError):
            return False
        return statuses == {200}

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE)
            self.process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def asker(self, username: str) -> Asker:
        return Asker(("127.0.0.1", self.port), self.sessions[username] if username else "")

    def keep_rows(self, path: str, username: str) -> None:
        """Let the constant page show what this page shows."""
        page = self.asker(username).get(path).page
        [rows] = re.findall(r"<main\b[^>]*>(.*)</main>", page, re.DOTALL)
        (self.scratch / "rows.html").write_text(rows)

    def memory(self) -> float:
        """MiB of the workers; what they share with others counts by its part (PSS)."""
        return sum(map(_memory, self.workers()))

    def workers(self) -> list[int]:
        assert self.process is not None
        of = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(process) for process in of.read_text().split()]

    def processes(self) -> list[int]:
        """All that work for an answer: the workers, and PostgreSQL for them."""
        return [*self.workers(), *backends(self.url)]


def _memory(process: int) -> float:
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    assert found, rollup
    return int(found[1]) / 2**10


@contextmanager
def running(instance: Instance) -> Iterator[Instance]:
    try:
        yield instance
    finally:
        instance.stop()


def commit_of(ref: str) -> str:
    """The short name of a commit, with a mark where the files differ from it."""
    name = _git("rev-parse", "--short", ref).decode().strip()
    return name + "+" * bool(ref == "HEAD" and _git("status", "--porcelain", "-uno"))


def check_out(ref: str, folder: Path) -> Path:
    """The files of another commit: its own bench fills and serves it, else that of this one."""
    folder.mkdir(parents=True)
    tree = folder.with_suffix(".tar")
    tree.write_bytes(_git("archive", ref))
    shutil.unpack_archive(tree, folder, filter="data")
    tree.unlink()
    if not (folder / "tests/bench").exists():
        shutil.copytree(HERE / "tests/bench", folder / "tests/bench")
    return folder


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=HERE, check=True, stdout=-1).stdout


def database_on(server: str, name: str) -> str:
    """The address of a database of this name on a PostgreSQL server, made where it is missing."""
    with psycopg.connect(server, autocommit=True) as connection:
        for setting, value in SANE.items():
            connection.execute(f"ALTER SYSTEM SET {setting} = '{value}'")
        connection.execute("SELECT pg_reload_conf()")
        known = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(known, [name]).fetchone() is None:
            connection.execute(f'CREATE DATABASE "{name}"')
    parts = conninfo_to_dict(make_conninfo(server, dbname=name))
    host = parts.pop("host", "")
    query = "&".join(
        f"{key}={value}"
        for key, value in {"host": host, **parts}.items()
        if value and key not in ("dbname", "password")
    )
    return f"postgresql:///{name}?{query}"
