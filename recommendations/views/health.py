"""For operators: is the process alive, and is it ready to serve."""

import json

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from recommendations import guards
from recommendations.storage import evidence


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: asks nothing of anything else."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Ready: database and storage reachable, migrations and guards in place; else 503 and why."""
    try:
        problems = {
            "migrations": _pending_migrations(),
            "guards": list(guards.faults(connection)),
            "storage": evidence.storage_error(),
        }
    except Exception as error:
        return JsonResponse({"ready": False, "database": type(error).__name__}, status=503)
    is_ready = not any(problems.values())
    answer = {"ready": is_ready, "database": "ok", **problems}
    return HttpResponse(
        json.dumps(answer), content_type="application/json", status=200 if is_ready else 503
    )


def _pending_migrations() -> list[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]
