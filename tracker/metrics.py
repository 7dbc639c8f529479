"""`/metrics` for Prometheus: requests, connections, mail, the audit log. No personal data.

Where several processes answer, they add up in the folder that PROMETHEUS_MULTIPROC_DIR names.
"""

import os
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any, cast

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from recommendations.queries import replica
from recommendations.queries.operation import OperationFigures, operation_figures

# When each line was first written is of no use, and doubles them.
disable_created_metrics()  # type: ignore[no-untyped-call]

METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}

REQUESTS = Counter("tracker_requests", "Requests answered.", ["method", "page", "status"])
SECONDS = Histogram(
    "tracker_request_seconds",
    "Time to the start of the answer.",
    ["page"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
PAGES_READ = Counter(
    "tracker_pages_read", "Pages by where they were read, where there is a replica.", ["source"]
)
CONNECTIONS = Gauge(
    "tracker_database_connections",
    "Connections to PostgreSQL in the pools of the processes.",
    ["state"],
    multiprocess_mode="livesum",
)
WAITING = Gauge(
    "tracker_database_waiting",
    "Requests that wait for a connection.",
    multiprocess_mode="livesum",
)


def observe(method: str, page: str, status: int, seconds: float) -> None:
    """Count one request. Of what a client makes up, such as a method, one label stands for all."""
    REQUESTS.labels(method if method in METHODS else "other", page or "none", status).inc()
    SECONDS.labels(page or "none").observe(seconds)
    if pool := getattr(connection, "pool", None):
        stats = pool.get_stats()
        idle = stats.get("pool_available", 0)
        CONNECTIONS.labels("idle").set(idle)
        CONNECTIONS.labels("busy").set(stats.get("pool_size", 0) - idle)
        WAITING.set(stats.get("requests_waiting", 0))


class SiteFigures:
    """What stands in the database, asked when it is wanted."""

    def collect(self) -> Iterator[Metric]:
        try:
            figures = operation_figures()
        except DatabaseError:
            yield GaugeMetricFamily("tracker_database_up", "Whether it answers.", 0)
            return
        yield GaugeMetricFamily("tracker_database_up", "Whether it answers.", 1)
        yield from _families(figures)
        if replica.is_configured():
            yield from _replica_families()


def _replica_families() -> Iterator[Metric]:
    told = "Whether the copy of the database answers that pages are read from."
    try:
        behind = replica.ask_seconds_behind()
    except replica.FAULTS:
        yield GaugeMetricFamily("tracker_replica_up", told, 0)
        return
    yield GaugeMetricFamily("tracker_replica_up", told, 1)
    told = "Age of the first event that it lacks."
    yield GaugeMetricFamily("tracker_replica_lag_seconds", told, behind)


def _families(figures: OperationFigures) -> Iterator[Metric]:
    for name, waiting, dead in (
        ("mail", figures.mail_waiting, figures.mail_dead),
        ("webhooks", figures.webhooks_waiting, figures.webhooks_dead),
    ):
        queue = GaugeMetricFamily(f"tracker_{name}", "Messages in the queue.", labels=["state"])
        queue.add_metric(["waiting"], waiting)
        queue.add_metric(["dead"], dead)
        yield queue
    told = "Number of the last event of the audit log."
    yield GaugeMetricFamily("tracker_audit_last_event", told, figures.last_event)
    if figures.faults is not None:
        told = "Faults that the last verification found."
        yield GaugeMetricFamily("tracker_verification_faults", told, figures.faults)
    for name, at in (("verification", figures.verified_at), ("backup", figures.backed_up_at)):
        if at is not None:
            age = (timezone.now() - at).total_seconds()
            yield GaugeMetricFamily(f"tracker_{name}_age_seconds", f"Since the last {name}.", age)


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever has the token or asks from a named network; for others there is no such page."""
    if not _may_read(request):
        raise Http404
    return _answer(request)


@require_safe
def _answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def exposition() -> bytes:
    """All of it in the text format: what the processes counted, and what the database tells."""
    counted, site, figures = REGISTRY, CollectorRegistry(), cast("Any", SiteFigures())
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    site.register(figures)
    return generate_latest(counted) + generate_latest(site)


def _may_read(request: HttpRequest) -> bool:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    client = request.META["REMOTE_ADDR"]
    return bool(client) and any(ip_address(client) in net for net in settings.METRICS_NETWORKS)
