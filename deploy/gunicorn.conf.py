"""gunicorn behind nginx: ``gunicorn --config deploy/gunicorn.conf.py tracker.wsgi``.

Environment variables change what depends on the machine; ``env.example`` lists them.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from gunicorn.http.errors import ParseException

from tracker import env
from tracker.json_log import SERVER_LOGGING

bind = env.text("GUNICORN_BIND", "127.0.0.1:8001")

# Two instances of as many processes as cores: while one is restarted, or dies, the other answers.
workers = env.number("GUNICORN_WORKERS", max(2, os.cpu_count() or 2), least=1, most=64)
# Requests wait for the database and for storage more than they compute. Below DATABASE_POOL_SIZE
# (10), so that no thread waits for a connection of its own process.
worker_class = "gthread"
threads = env.number("GUNICORN_THREADS", 8, least=1, most=64)

# Of a process that shows no life, not of a request: with threads a long export is not cut off.
# How long a request may take, nginx says (proxy_read_timeout).
timeout = env.number("GUNICORN_TIMEOUT", 30, least=1)
# What is under way when a process is told to stop may take so long; systemd waits longer.
graceful_timeout = 30
# A process is renewed now and then, so that no leak of a library grows for months; not all at once.
max_requests = env.number("GUNICORN_MAX_REQUESTS", 2000)
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

# For /metrics the processes of an instance count together, in a folder that goes with them.
own_folder = ""
if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    own_folder = mkdtemp(prefix="tracker-metrics-", dir=worker_tmp_dir)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = own_folder


def child_exit(server: object, worker: Any) -> None:
    """What a process had open is no longer counted; what it had answered still is."""
    # Not above: it reads once, when it is imported, whether there is a folder.
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: object) -> None:
    if own_folder:
        shutil.rmtree(own_folder, ignore_errors=True)


# nginx logs requests, the site logs what happened in them, both with the id of the request. What
# gunicorn says comes in the same form as what the site says.
accesslog = None
logconfig_dict = SERVER_LOGGING
