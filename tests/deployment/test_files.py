"""What deploy/ and docs/ say fits the code, and every file can be read by what it is for."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.test import SimpleTestCase

from recommendations.readers.statistics import LARGEST_STATISTICS_FILE
from tests.deployment.processes import DEPLOY, exec_start
from tests.tracker.test_settings import python

SYSTEMD = DEPLOY / "systemd"
NGINX_SITE = (DEPLOY / "nginx" / "tracker.conf").read_text()
TEXTS = [
    *(path for path in DEPLOY.rglob("*") if path.is_file()),
    *(settings.BASE_DIR / "docs").glob("*.md"),
    settings.BASE_DIR / "README.md",
    settings.BASE_DIR / "SECURITY.md",
]
MEGABYTE = 2**20


_SAYS = """
import json, runpy, sys, threading
have = runpy.run_path('deploy/gunicorn.conf.py')
print(json.dumps({
    "numbers": {name: value for name, value in have.items() if type(value) is int},
    "ours": sorted(sys.modules.keys() & {'tracker', 'recommendations'}),
    "missing": sorted(set(have['LIBRARIES']) - {*sys.modules}),
    "modules": len(sys.modules),
    "threads": threading.active_count(),
}))
"""


def gunicorn(**environment: str) -> subprocess.CompletedProcess[str]:
    """What comes of gunicorn.conf.py in a process of its own."""
    return python(_SAYS, PROMETHEUS_MULTIPROC_DIR="made by the service", **environment)


@cache
def gunicorn_says() -> dict[str, Any]:
    """Numbers that it sets where nothing is changed, and what it has loaded and begun."""
    found: dict[str, Any] = json.loads(gunicorn().stdout)
    return found


def gunicorn_settings() -> dict[str, int]:
    numbers: dict[str, int] = gunicorn_says()["numbers"]
    return numbers


def number_in(text: str, name: str) -> int:
    """The number in a line such as ``name=30``."""
    [found] = re.findall(rf"^{name}=(\d+)$", text, re.MULTILINE)
    return int(found)


def commands_named() -> Iterator[tuple[str, str, list[str]]]:
    """File, name and options of every command of manage.py that the texts have."""
    for path in TEXTS:
        for line in path.read_text().splitlines():
            # To the end of the code in a sentence, or of the command in a block.
            for name, rest in re.findall(
                r"(?:manage\.py|tracker-manage) ([a-z_]+)([^`#;|\\)]*)", line
            ):
                yield path.name, name, re.findall(r"(?<=\s)--[a-z-]+", rest)


class CommandTests(SimpleTestCase):
    def test_every_command_that_is_named_exists_with_its_options(self) -> None:
        named = list(commands_named())
        self.assertGreater(len(named), 10)
        apps = get_commands()
        for file, name, options in named:
            with self.subTest(file=file, command=name):
                self.assertIn(name, apps)
                command = load_command_class(apps[name], name)
                known = command.create_parser("manage.py", name)._option_string_actions
                self.assertLessEqual(set(options), set(known))

    def script_for_root(self, env: str, code: str) -> str:
        """What code prints that the script runs in the shell of Django, under these settings."""
        script = (DEPLOY / "tracker-manage").read_text()
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "env")
            file.write_text(f"{env}DATABASE_URL=sqlite:///{folder}/none?a=b&c=d")
            changes = {
                "/etc/tracker/env": str(file),
                "/opt/tracker": str(settings.BASE_DIR),
                "runuser -u tracker -- .venv/bin/python": sys.executable,
            }
            for stands, comes in changes.items():
                self.assertIn(stands, script)
                script = script.replace(stands, comes)
            return subprocess.run(
                ["sh", "-c", script, "tracker-manage", "shell", "--verbosity", "0", "-c", code],
                env={"DJANGO_SETTINGS_MODULE": "tracker.settings"},
                capture_output=True,
                text=True,
                check=True,
            ).stdout

    def test_the_script_for_root_runs_them_with_the_settings(self) -> None:
        written = {
            "SECRET_KEY": "'a key with $HOME and spaces'",
            "EMAIL_HOST_PASSWORD": "a#b;touch$(x)`y`&z|<>*",
            "EMAIL_HOST_USER": '"quoted twice"',
            "DEBUG": "on",
        }
        lines = "".join(f"{name}={value}\n" for name, value in written.items())
        told = self.script_for_root(
            f"# not=a setting\n\n#EMAIL_HOST=nor this\n{lines}",
            "import os; print(*(os.environ.get(name) for name in "
            f"{[*written, 'EMAIL_HOST']}), sep='\\n'); "
            "print(os.environ['DATABASE_URL'].rpartition('/')[2])",
        )
        self.assertEqual(
            told.splitlines(),
            [
                *("a key with $HOME and spaces", "a#b;touch$(x)`y`&z|<>*", "quoted twice", "on"),
                *("None", "none?a=b&c=d"),
            ],
        )


class NumbersTests(SimpleTestCase):
    """Numbers in different files that must fit each other."""

    def test_nginx_lets_through_what_the_site_takes_and_little_more(self) -> None:
        [limit] = re.findall(r"client_max_body_size (\d+)m;", NGINX_SITE)
        most = settings.EVIDENCE_MAX_FILES * settings.EVIDENCE_MAX_BYTES
        self.assertEqual(int(limit), most // MEGABYTE + 10)
        self.assertGreater(int(limit) * MEGABYTE, LARGEST_STATISTICS_FILE)

    def test_nginx_asks_the_instances_that_systemd_starts(self) -> None:
        asked = re.findall(r"^    server 127\.0\.0\.1:(\d+) ", NGINX_SITE, re.MULTILINE)
        target = (SYSTEMD / "tracker.target").read_text()
        self.assertEqual(asked, re.findall(r"tracker-web@(\d+)\.service", target))
        self.assertEqual(len(asked), 2)

    def test_gunicorn_waits_as_long_as_the_database_and_systemd_do(self) -> None:
        have, unit = gunicorn_settings(), (SYSTEMD / "tracker-web@.service").read_text()
        # Threads are left where every connection waits for a lock, and a wait for a connection
        # ends before a process counts as dead.
        self.assertGreater(have["threads"], number_in(self.example(), "#DATABASE_POOL_SIZE"))
        self.assertLess(number_in(self.example(), "#DATABASE_POOL_TIMEOUT"), have["timeout"])
        self.assertGreater(number_in(unit, "TimeoutStopSec"), have["graceful_timeout"])
        # Others are kept from what the site writes.
        self.assertEqual(have["umask"], 0o027)

    def test_libraries_are_loaded_once_and_the_code_of_the_site_with_each_reload(self) -> None:
        said = gunicorn_says()
        self.assertEqual((said["ours"], said["missing"]), ([], []))
        self.assertGreater(said["modules"], 800)
        # None runs where processes part.
        self.assertEqual(said["threads"], 1)

    def test_a_wrong_number_stops_the_start_with_its_name(self) -> None:
        said = gunicorn(GUNICORN_WORKERS="many")
        self.assertEqual(said.stderr, "GUNICORN_WORKERS is 'many'; it should be a whole number.\n")

    @staticmethod
    def example() -> str:
        return (DEPLOY / "env.example").read_text()


class ContainerTests(SimpleTestCase):
    """What cannot be built here names what is there, and runs what the other tests run."""

    lines = (DEPLOY / "Containerfile").read_text().splitlines()

    def test_it_copies_what_is_there(self) -> None:
        sources = [
            word for line in self.lines if line[:5] == "COPY " for word in line.split()[1:-1]
        ]
        # The files of agencies, without which their tables are not read, are among the fixtures.
        self.assertLessEqual({"manage.py", "fixtures"}, {*sources})
        for source in sources:
            with self.subTest(source):
                self.assertTrue((settings.BASE_DIR / source).exists())

    def test_it_starts_the_site_as_systemd_does(self) -> None:
        [command] = [json.loads(line[4:]) for line in self.lines if line.startswith("CMD ")]
        _gunicorn, *arguments = exec_start("tracker-web@.service")
        self.assertEqual(command, ["gunicorn", *arguments])


class UnitTests(SimpleTestCase):
    analyze = shutil.which("systemd-analyze")

    def setUp(self) -> None:
        """The units with paths that are here."""
        if not self.analyze:
            self.skipTest("systemd-analyze is not installed (on Debian: apt install systemd)")
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = Path(held.name)
        shutil.copytree(SYSTEMD, self.folder, dirs_exist_ok=True)
        for path in self.folder.glob("*.service"):
            text = path.read_text().replace("/opt/tracker/.venv/bin/gunicorn", sys.executable)
            path.write_text(text.replace("/opt/tracker/.venv/bin/python", sys.executable))

    def run_analyze(self, *arguments: str) -> str:
        done = subprocess.run(
            [str(self.analyze), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={"SYSTEMD_UNIT_PATH": f"{self.folder}:"},
        )
        return f"{done.stdout}{done.stderr}" if done.returncode else done.stderr

    def test_systemd_finds_no_fault_in_them(self) -> None:
        units = sorted(str(path) for path in self.folder.glob("*.*") if path.is_file())
        self.assertGreater(len(units), 6)
        found = self.run_analyze("verify", "--recursive-errors=one", *units)
        self.assertEqual(found, "")

    def test_each_service_is_shut_in(self) -> None:
        for path in sorted(self.folder.glob("*.service")):
            unit = path.name.replace("@.", "@8001.")
            with self.subTest(unit):
                found = self.run_analyze("security", "--offline=true", "--threshold=30", unit)
                self.assertEqual(found, "")

    def test_each_job_has_a_timer_that_catches_up(self) -> None:
        jobs = [path for path in self.folder.glob("*.service") if "oneshot" in path.read_text()]
        self.assertTrue(jobs)
        for job in jobs:
            with self.subTest(job.stem):
                self.assertIn("Persistent=true", job.with_suffix(".timer").read_text())
