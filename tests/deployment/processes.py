"""nginx and instances of the site, started from what deploy/ has, on ports and paths of a test."""

import http.client
import json
import os
import random
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from tests.deployment.certificate import write_certificate
from tests.processes import PATIENCE, database_url, until

DEPLOY: Path = settings.BASE_DIR / "deploy"
HOST = "tracker.example.org"
METRICS_TOKEN = "for tests and nobody else"

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
IS_ROOT = os.geteuid() == 0
NGINX_USER = "www-data" if IS_ROOT else ""
"""As on Debian; without root, nginx runs as who starts it."""

MAIN = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    include /etc/nginx/mime.types;
    access_log {folder}/access.log;
    {temporary}
    include {folder}/tracker.conf;
}}
"""
"""What Debian's own nginx.conf does around a site."""


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, from those that no system gives to who connects."""
    found: list[int] = []
    for port in random.sample(range(20_000, 32_000), 100):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            found.append(port)
    return found[:count]


def let_others_pass(folder: Path) -> None:
    """nginx opens files as a user of its own, which must get through the folders on the way."""
    for one in (folder, *folder.parents) if NGINX_USER else ():
        if not one.stat().st_mode & 0o001:
            one.chmod(one.stat().st_mode | 0o001)


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def exec_start(unit: str) -> list[str]:
    """The command of a service, run from where this Python is."""
    [line] = re.findall(r"^ExecStart=(.*)$", (DEPLOY / "systemd" / unit).read_text(), re.MULTILINE)
    bin_folder = str(Path(sys.executable).parent)
    return shlex.split(line.replace("/opt/tracker/.venv/bin", bin_folder))


@dataclass
class Instance:
    """One gunicorn with its workers, as the service of systemd starts it."""

    port: int
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it listens; a session of its own, so that all of it can be killed at once."""
        counts = self.log.with_suffix(".counts")
        shutil.rmtree(counts, ignore_errors=True)
        counts.mkdir()
        own = {
            "GUNICORN_BIND": f"127.0.0.1:{self.port}",
            "PROMETHEUS_MULTIPROC_DIR": str(counts),
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                exec_start("tracker-web@.service"),
                env={**self.environment, **own},
                cwd=settings.BASE_DIR,
                start_new_session=True,
                stdout=log,
                stderr=log,
            )
        until(lambda: listens(self.port), f"instance {self.port} ({self.log})")

    def kill(self) -> None:
        """End every process of it at once, with nothing said to any of them."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(PATIENCE)
            self.process = None

    def reload(self) -> None:
        """As ``systemctl reload`` does: new processes in place of those that run."""
        assert self.process is not None
        self.process.send_signal(signal.SIGHUP)

    def ended_workers(self) -> int:
        """How many of its processes have ended because they were told to."""
        return self.log.read_text().count("Worker exiting")

    def connection(self) -> http.client.HTTPConnection:
        """Past nginx, as only this machine can."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def lines(self) -> Iterator[dict[str, Any]]:
        """What it and the site have logged."""
        return (json.loads(line) for line in self.log.read_text().splitlines() if line[:1] == "{")


@dataclass
class Deployment:
    """A folder with all that a machine would have, and the processes in it."""

    folder: Path
    store: Mapping[str, str]
    """Settings of the place where evidence lies."""
    ports: list[int] = field(default_factory=lambda: free_ports(4))
    nginx: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.http, self.https, *ports = self.ports
        let_others_pass(self.folder)
        (self.folder / "imports").mkdir(mode=0o700)
        evidence = self.folder / "evidence-files"
        evidence.mkdir()
        if NGINX_USER:
            shutil.chown(evidence, group=NGINX_USER)
        # Folders in it get the same group.
        evidence.chmod(0o2750)
        self.environment = {**os.environ, **self._settings(), **self.store}
        self.instances = [
            Instance(port, self.environment, self.folder / f"instance-{port}.log") for port in ports
        ]

    def _settings(self) -> dict[str, str]:
        """As in env.example, in this folder."""
        return {
            "DJANGO_SETTINGS_MODULE": "tracker.settings",
            "DATABASE_URL": database_url(),
            "DATABASE_POOL_SIZE": "10",
            # Two processes know no more of each other in one instance than in two.
            "GUNICORN_WORKERS": "1",
            "ALLOWED_HOSTS": HOST,
            "TRUSTED_PROXIES": "127.0.0.1",
            "SECURE_PROXY_SSL_HEADER": "on",
            "SECURE_SSL_REDIRECT": "on",
            "SECURE_HSTS_SECONDS": "3600",
            "LOG_LEVEL": "INFO",
            "METRICS_TOKEN": METRICS_TOKEN,
            # Collected once for all tests of a process.
            "STATIC_ROOT": str(settings.STATIC_ROOT),
            "IMPORT_FOLDER": str(self.folder / "imports"),
            "EVIDENCE_ROOT": str(self.folder / "evidence-files"),
        }

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    def manage(self, *arguments: str) -> None:
        """Run a command with the settings of the site."""
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env=self.environment,
            cwd=settings.BASE_DIR,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def start(self) -> None:
        """Start all of it, and return when it answers."""
        static = Path(settings.STATIC_ROOT)
        if not (static / "staticfiles.json").exists():
            self.manage("collectstatic", "--noinput")
        let_others_pass(static)
        for instance in self.instances:
            instance.start()
        self.write_configuration()
        assert NGINX is not None
        self.nginx = subprocess.Popen([NGINX, "-e", "stderr", "-c", self.folder / "nginx.conf"])
        until(lambda: listens(self.https), "nginx")

    def stop(self) -> None:
        if self.nginx is not None:
            self.nginx.terminate()
            self.nginx.wait(PATIENCE)
        for instance in self.instances:
            instance.kill()

    def write_configuration(self) -> None:
        """The site of deploy/ with other paths and ports, and what stands around it."""
        write_certificate(HOST, self.certificate, self.folder / "key.pem")
        shutil.copytree(DEPLOY / "nginx" / "pages", self.folder / "pages", dirs_exist_ok=True)
        (self.folder / "tracker.conf").write_text(self._site())
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        main = MAIN.format(
            user=f"user {NGINX_USER};" if NGINX_USER else "",
            folder=self.folder,
            temporary="".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in kinds),
        )
        (self.folder / "nginx.conf").write_text(main)

    def _site(self) -> str:
        one, two = (instance.port for instance in self.instances)
        certificates = f"/etc/letsencrypt/live/{HOST}"
        changes = {
            "127.0.0.1:8001": f"127.0.0.1:{one}",
            "127.0.0.1:8002": f"127.0.0.1:{two}",
            "listen 80": f"listen 127.0.0.1:{self.http}",
            "listen 443": f"listen 127.0.0.1:{self.https}",
            f"{certificates}/fullchain.pem": str(self.certificate),
            f"{certificates}/privkey.pem": str(self.folder / "key.pem"),
            "/opt/tracker/deploy/nginx/pages/": f"{self.folder}/pages/",
            "/var/lib/tracker/static/": f"{settings.STATIC_ROOT}/",
            "/var/lib/tracker/": f"{self.folder}/",
            "/var/log/nginx/": f"{self.folder}/",
        }
        # A machine that tests need not have IPv6.
        text = re.sub(r"\n *listen \[::\].*", "", (DEPLOY / "nginx" / "tracker.conf").read_text())
        for stands, comes in changes.items():
            if stands not in text:
                raise AssertionError(f"{stands!r} is not in tracker.conf any more")
            text = text.replace(stands, comes)
        return text

    def request_for(self, request_id: str) -> dict[str, str]:
        """What nginx has logged of a request; it does so after the answer."""
        found: list[dict[str, str]] = []

        def is_there() -> bool:
            lines = (self.folder / "tracker.log").read_text().splitlines(keepends=True)
            whole = [json.loads(line) for line in lines if line.endswith("\n")]
            found[:] = [line for line in whole if line["request_id"] == request_id]
            return bool(found)

        until(is_there, f"a line on {request_id}")
        return found[-1]

    def logs(self) -> str:
        """All that nginx and the instances have written."""
        return "".join(path.read_text() for path in sorted(self.folder.glob("*.log")))
