"""For operators: is the process alive, and is it ready to serve."""

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from django.conf import settings
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from recommendations import guards, state
from recommendations.queries import replica
from recommendations.storage import evidence
from recommendations.storage.uploads import upload_folder

DEADLINE = 1.5
"""Seconds in which all that is asked must answer: a probe is told within 2."""

Answers = Mapping[str, str | list[str]]
"""What was found wrong, by what was asked; what works has an empty answer."""


class Probe(threading.Thread):
    """Asks what may hang, in a thread of its own, which ends when the answer comes."""

    def __init__(self, name: str, ask: Callable[[], Answers]) -> None:
        super().__init__(name=name, daemon=True)
        self.ask = ask
        self.answers: Answers = {}

    def run(self) -> None:
        try:
            self.answers = self.ask()
        # Whatever it is: its words may name host and user, its type does not.
        except Exception as error:
            self.answers = {self.name: type(error).__name__}
        finally:
            connections.close_all()


_under_way: dict[str, Probe] = {}
_starting = threading.Lock()


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: asks nothing of anything else."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Ready to read and write; else 503, and which of what the site stands on does not work."""
    questions = {"database": ask_database, "storage": ask_storage, "disk": ask_disk}
    if replica.is_configured():
        questions["replica"] = ask_replica
    answers = ask_all(questions)
    # Without its copy the site reads from the database itself.
    is_ready = not any(fault for name, fault in answers.items() if name != "replica")
    answer = {"ready": is_ready, **answers, "database": answers["database"] or "ok"}
    return JsonResponse(answer, status=200 if is_ready else 503)


def ask_all(questions: Mapping[str, Callable[[], Answers]]) -> dict[str, str | list[str]]:
    """All answers, at once; who does not answer in time is named, and not asked a second time."""
    ends_at = time.monotonic() + DEADLINE
    probes = {name: _probe(name, ask) for name, ask in questions.items()}
    found: dict[str, str | list[str]] = {}
    for name, probe in probes.items():
        probe.join(max(0, ends_at - time.monotonic()))
        found |= {name: f"no answer in {DEADLINE} s"} if probe.is_alive() else probe.answers
    return found


def _probe(name: str, ask: Callable[[], Answers]) -> Probe:
    """The probe that is under way, or a new one: what hangs costs one thread, not one a request."""
    with _starting:
        probe = _under_way.get(name)
        if probe is None or not probe.is_alive():
            probe = _under_way[name] = Probe(name, ask)
            probe.start()
        return probe


def ask_database() -> Answers:
    """Whether the database answers, takes changes, and has all that migrating puts there."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    pending = [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]
    return {
        "database": "read-only" if _is_read_only() else "",
        "migrations": pending,
        "guards": list(guards.faults(connection)),
        "state": "" if pending or state.is_up_to_date() else "of another release",
    }


def ask_replica() -> Answers:
    """How far the copy that pages are read from is behind."""
    return {"replica": f"{replica.ask_seconds_behind():.1f} s behind"}


def ask_storage() -> Answers:
    """Whether files of evidence can be stored."""
    return {"storage": evidence.write_error()}


def ask_disk() -> Answers:
    """Whether the folders that the site writes to have room for a byte."""
    try:
        faults = [f"{folder}: {fault}" for folder in _folders() if (fault := _disk_fault(folder))]
    except OSError as error:
        # The folder of imports can be neither found nor made, or others can open it.
        return {"disk": str(error)}
    return {"disk": "; ".join(faults)}


def _is_read_only() -> bool:
    if connection.vendor == "sqlite":
        file = Path(str(connection.settings_dict["NAME"]))
        return not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK))
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('transaction_read_only')")
        return bool(cursor.fetchone()[0] == "on")


def _folders() -> Iterator[Path]:
    yield Path(settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir())
    yield upload_folder()
    if connection.vendor == "sqlite":
        yield Path(str(connection.settings_dict["NAME"])).parent


def _disk_fault(folder: Path) -> str:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b".")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""
