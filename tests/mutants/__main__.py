"""`make mutants`: plant one fault after the other, and see that the tests named for it fail.

    python -m tests.mutants [words in the names of faults]

The faults are data, in ``faults.toml``. Each is planted in a copy of the project, never in the
project itself. It is caught where a test fails. That tests are gone or cannot be collected, or
that what should be replaced is not there exactly once, is an error. The exit code is 0 when all
were caught.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.engines import Server, postgresql
from tests.shares import POSTGRESQL

PROJECT = Path(__file__).resolve().parents[2]
FAULTS = Path(__file__).with_name("faults.toml")
AT_ONCE = os.cpu_count() or 2
LEFT_OUT = (".git", ".venv", "*_cache", "*.sqlite3*", "demo-evidence", "__pycache__", ".bench")
FAILED = re.compile(r"^(?:FAILED|ERROR|SUBFAILED).*?(tests/\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    """Text of one file that becomes another, and the tests of which one must fail then."""

    name: str
    file: str
    old: str
    new: str
    tests: Sequence[str] = ()
    on: str = ""

    @property
    def obstacle(self) -> str:
        """Why it cannot be planted; empty where it can."""
        path = PROJECT / self.file
        count = path.read_text().count(self.old) if path.exists() and self.old else 0
        if count != 1:
            return f"what it replaces stands {count} times in {self.file}"
        gone = [test for test in self.tests if not (PROJECT / test.partition("::")[0]).exists()]
        return f"there is no {', '.join(gone)}" if gone or not self.tests else ""

    @contextmanager
    def planted(self, copy: Path) -> Iterator[None]:
        path = copy / self.file
        text = path.read_text()
        path.write_text(text.replace(self.old, self.new))
        try:
            yield
        finally:
            path.write_text(text)


def faults(words: Sequence[str] = ()) -> list[Fault]:
    """All, or those with one of these words in their names."""
    found = [Fault(**each) for each in tomllib.loads(FAULTS.read_text())["fault"]]
    return [each for each in found if not words or any(word in each.name for word in words)]


def made_copy(folder: Path) -> Path:
    """What the tests need of the project, without what was built beside it."""
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return folder


def outcome(fault: Fault, copy: Path, url: str) -> tuple[bool, str]:
    """Whether it was caught, and by which tests, or why that cannot be said."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    command += ["--no-migrations", "--tb=line", "-rf", *fault.tests]
    environment = {**os.environ, "TMPDIR": str(copy.parent), "TEST_DATABASE_URL": url}
    with fault.planted(copy):
        done = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, text=True, check=False
        )
    failed = FAILED.findall(done.stdout)
    if done.returncode == pytest.ExitCode.TESTS_FAILED and failed:
        return True, failed[0]
    if done.returncode == pytest.ExitCode.OK:
        return False, "no test failed"
    return False, f"the tests did not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"


def main(words: Sequence[str]) -> int:
    chosen = faults(words)
    if hindered := [f"{each.name}: {why}" for each in chosen if (why := each.obstacle)]:
        print(*hindered, sep="\n")
        return 1
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(AT_ONCE):
            copies.put(made_copy(Path(folder, str(number), "project")))
        needs_server = any(each.on == POSTGRESQL for each in chosen)
        server = postgresql(Path(folder)) if needs_server else nullcontext(Server(""))
        with server as there, ThreadPoolExecutor(AT_ONCE) as pool:

            def run(fault: Fault) -> tuple[bool, str]:
                copy = copies.get()
                try:
                    return outcome(fault, copy, there.url if fault.on == POSTGRESQL else "")
                finally:
                    copies.put(copy)

            missed = 0
            for fault, (is_caught, by) in zip(chosen, pool.map(run, chosen), strict=True):
                missed += not is_caught
                print(f"{'caught' if is_caught else 'MISSED'}: {fault.name}: {by}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} faults were caught")
    return 1 if missed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
