"""/metrics: for machines that may, what they watch; for everybody else no page."""

import tempfile
from datetime import timedelta
from ipaddress import ip_network
from typing import Any
from unittest import mock

from django.db import OperationalError
from django.test import Client, SimpleTestCase, override_settings
from django.utils import timezone

from recommendations import audit
from recommendations.queries import replica
from tests.base import TrackerTestCase
from tests.tracker.test_settings import python
from tests.verified import verified
from tests.views.pages import client_of
from tracker import metrics
from tracker.middleware import TrustedProxies

TOKEN = "a long token for tests"
BEARER = {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}


@override_settings(METRICS_TOKEN=TOKEN)
class MetricsTestCase(TrackerTestCase):
    def lines(self) -> dict[str, float]:
        response = Client().get("/metrics", **BEARER)
        self.assertEqual(response.status_code, 200)
        self.assertTrue(response["Content-Type"].startswith("text/plain; version=0.0.4"))
        pairs = (
            line.rsplit(" ", 1)
            for line in response.content.decode().splitlines()
            if not line.startswith("#")
        )
        return {name: float(value) for name, value in pairs}


class DoorTests(MetricsTestCase):
    def status(self, client: Client | None = None, **given: Any) -> int:
        return (client or Client()).get("/metrics", **given).status_code

    def test_for_whoever_has_the_token(self) -> None:
        self.assertEqual(self.status(**BEARER), 200)
        for said in (
            "",
            "Bearer",
            "Bearer ",
            "Bearer another token of tests",
            f"Basic {TOKEN}",
            f"Bearer {TOKEN}é",
        ):
            with self.subTest(said=said):
                self.assertEqual(self.status(HTTP_AUTHORIZATION=said), 404)

    def test_nobody_by_being_signed_in(self) -> None:
        self.assertEqual(self.status(client_of(self.administrator)), 404)

    @override_settings(METRICS_TOKEN="")
    def test_no_token_is_not_an_empty_one(self) -> None:
        for said in ("Bearer ", "Bearer", ""):
            self.assertEqual(self.status(HTTP_AUTHORIZATION=said), 404)

    @override_settings(
        METRICS_NETWORKS=[ip_network("10.0.0.0/8")], TRUSTED_PROXIES=TrustedProxies(count=1)
    )
    def test_from_a_named_network_by_the_true_address(self) -> None:
        for peer, forwarded, status in (
            ("10.1.2.3", "", 200),
            ("127.0.0.1", "10.1.2.3", 200),
            ("192.0.2.1", "", 404),
            ("127.0.0.1", "10.1.2.3, 192.0.2.1", 404),
            ("", "", 404),
        ):
            with self.subTest(peer=peer, forwarded=forwarded):
                given = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
                self.assertEqual(self.status(REMOTE_ADDR=peer, **given), status)

    def test_it_is_only_read(self) -> None:
        self.assertEqual(Client().post("/metrics", **BEARER).status_code, 405)
        self.assertEqual(Client().post("/metrics").status_code, 404)

    @override_settings(SECURE_SSL_REDIRECT=True)
    def test_inside_the_machine_it_needs_no_tls(self) -> None:
        self.assertEqual(self.status(**BEARER), 200)


class ContentTests(MetricsTestCase):
    def test_requests_by_method_page_and_status_and_their_time(self) -> None:
        name = 'tracker_requests_total{method="GET",page="recommendation-list",status="200"}'
        before = self.lines().get(name, 0)
        client_of(self.staff).get("/recommendations/?text=Ann")
        lines = self.lines()
        self.assertEqual(lines[name], before + 1)
        self.assertIn('tracker_request_seconds_count{page="recommendation-list"}', lines)
        self.assertNotIn("Ann", " ".join(lines))

    def test_what_clients_make_up_makes_no_further_lines(self) -> None:
        for path in ("/no-such-page/", "/nor-this-one/"):
            Client().generic("BREW", path)
        brewed = [name for name in self.lines() if 'page="none"' in name and "other" in name]
        self.assertEqual(
            brewed, ['tracker_requests_total{method="other",page="none",status="404"}']
        )

    def test_mail_audit_log_verification_and_backup(self) -> None:
        lines = self.lines()
        self.assertEqual(lines["tracker_database_up"], 1)
        self.assertIn('tracker_mail{state="dead"}', lines)
        self.assertIn('tracker_webhooks{state="dead"}', lines)
        self.assertNotIn("tracker_backup_age_seconds", lines)
        self.assertNotIn("tracker_verification_age_seconds", lines)
        hour_ago = timezone.now() - timedelta(hours=1)
        with mock.patch.object(timezone, "now", return_value=hour_ago):
            verified(faults=2)
        with audit.entry(by=None) as entry:
            made = entry.record_counts("back_up", "0" * 16, {"rows": 1})
        lines = self.lines()
        self.assertEqual(lines["tracker_audit_last_event"], made.sequence)
        self.assertEqual(lines["tracker_verification_faults"], 2)
        self.assertAlmostEqual(lines["tracker_verification_age_seconds"], 3600, delta=60)
        self.assertAlmostEqual(lines["tracker_backup_age_seconds"], 0, delta=60)

    def test_a_database_that_does_not_answer_is_said_to(self) -> None:
        with mock.patch.object(metrics, "operation_figures", side_effect=OperationalError):
            lines = self.lines()
        self.assertEqual(lines["tracker_database_up"], 0)
        self.assertNotIn("tracker_audit_last_event", lines)

    def test_how_far_behind_a_copy_is_or_that_it_does_not_answer(self) -> None:
        with mock.patch.object(replica, "is_configured", return_value=True):
            with mock.patch.object(replica, "ask_seconds_behind", return_value=7.0):
                lines = self.lines()
            with mock.patch.object(replica, "ask_seconds_behind", side_effect=OperationalError):
                silent = self.lines()
        up, behind = "tracker_replica_up", "tracker_replica_lag_seconds"
        self.assertEqual((lines[up], lines[behind], silent[up]), (1, 7, 0))
        self.assertNotIn(behind, silent)


TWO_PROCESSES = """
import os, django
django.setup()
from tracker import metrics
child = os.fork()
metrics.observe("GET", "overview", 200, 0.1)
if child:
    os.waitpid(child, 0)
    print(metrics.exposition().decode())
else:
    os._exit(0)
"""


class ProcessesTests(SimpleTestCase):
    def test_processes_count_together(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            done = python(
                TWO_PROCESSES,
                DEBUG="on",
                DATABASE_URL=f"sqlite:///{folder}/empty.sqlite3",
                PROMETHEUS_MULTIPROC_DIR=folder,
            )
        line = 'tracker_requests_total{method="GET",page="overview",status="200"} 2.0'
        self.assertIn(line, done.stdout)
        self.assertIn("tracker_database_up 0.0", done.stdout)
