"""gunicorn behind nginx: ``gunicorn --config deploy/gunicorn.conf.py tracker.wsgi``.

Environment variables change what depends on the machine; ``env.example`` lists them. Libraries are
loaded here, once for all processes, and nothing of the site: what the first process has loaded
stays, and a reload would not renew it.
"""

import gc
import logging
import os
import re
import shutil
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from gunicorn.http.errors import ParseException

# The largest that need no settings: 45 MB that the workers share. Where requirements change, an
# upgrade restarts the service.
LIBRARIES = (
    "django.contrib.admin.widgets",
    "django.contrib.postgres.search",
    "django.core.handlers.wsgi",
    "django.db.backends.postgresql.base",
    "icalendar",
    "openpyxl",
    "psycopg_pool",
)
for library in LIBRARIES:
    import_module(library)
# Python's collector writes into all that it looks at, and what is written to is shared no more.
gc.freeze()


def number(name: str, default: int) -> int:
    """A whole number from the environment; anything else stops the start with its name."""
    value = os.environ.get(name, "").strip() or str(default)
    if not value.isdecimal():
        raise SystemExit(f"{name} is {value!r}; it should be a whole number.")
    return int(value)


bind = os.environ.get("GUNICORN_BIND", "127.0.0.1:8001")

# Two instances of as many processes as cores: while one is restarted, or dies, the other answers.
workers = number("GUNICORN_WORKERS", max(2, os.cpu_count() or 2))
# Requests wait for the database and for storage more than they compute. More than
# DATABASE_POOL_SIZE (10): where every connection waits for a lock, threads are left for /healthz.
worker_class = "gthread"
threads = number("GUNICORN_THREADS", 16)

# Of a process that shows no life, not of a request: with threads a long export is not cut off.
# How long a request may take, nginx says (proxy_read_timeout).
timeout = number("GUNICORN_TIMEOUT", 30)
# What is under way when a process is told to stop may take so long; systemd waits longer.
graceful_timeout = 30
# A process is renewed now and then, so that no leak of a library grows for months; not all at once.
max_requests = number("GUNICORN_MAX_REQUESTS", 2000)
max_requests_jitter = max_requests // 4
# nginx opens a connection for each request, which costs little on one machine. One kept open could
# be closed by a process that stops just when a form is sent on it, and nginx repeats no form.
keepalive = 0


def post_request(worker: object, request: Any, environ: dict[str, Any], response: object) -> None:
    """Read what is left of a form that was refused unread.

    To close on it would make the system take back the answer, which nginx may not have read yet.
    """
    environ["gunicorn.socket"].settimeout(5)
    with suppress(OSError, ParseException):
        while request.body.read(64 * 1024):
            pass


# The site itself decides whose word on the scheme counts (TRUSTED_PROXIES).
secure_scheme_headers: dict[str, str] = {}

# Only this user and its group read what the site writes; by gunicorn's default everybody may.
umask = 0o027
# Signs of life must not wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True

# For /metrics the processes of an instance count together, in a folder that goes with them: that of
# the service, or else one that is made here, once, however often this file is read.
OWN = "tracker-metrics-"
if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = mkdtemp(prefix=OWN, dir=worker_tmp_dir)


def child_exit(server: object, worker: Any) -> None:
    """What a process had open is no longer counted; what it had answered still is."""
    # Not above: it reads once, when it is imported, whether there is a folder.
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: object) -> None:
    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    if folder.name.startswith(OWN):
        shutil.rmtree(folder, ignore_errors=True)


# nginx logs requests, the site logs what happened in them, both with the id of the request.
accesslog = None


REPEATED = re.compile(r"(Error handling request) .*|(Invalid .*?)['\"].*", re.DOTALL)
"""What follows is a request, or a part of one, as it was sent."""


def mask(record: logging.LogRecord) -> bool:
    """Of a request that was not understood no address is written down, as the site writes none."""
    said = record.getMessage()
    if found := REPEATED.fullmatch(said):
        record.msg, record.args = f"{found[1] or found[2]}…", ()
    return True


def post_worker_init(worker: Any) -> None:
    """What gunicorn says of a request goes where the site's lines go, in their form."""
    log = worker.log.error_log
    log.handlers.clear()
    log.propagate = True
    log.addFilter(mask)
