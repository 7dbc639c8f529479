"""A client that others make of the description does what it says, on a site that really serves."""

import importlib
import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.cache import cache
from django.test import LiveServerTestCase

from recommendations.api.schema import described
from recommendations.models import StatusUpdate
from tests.api.base import Program
from tests.base import GuardedTransactionTestCase, days_ago

NAME = "tracker_client"


class ClientTests(GuardedTransactionTestCase, LiveServerTestCase):
    def made(self, folder: str) -> Any:
        """Write the client into a folder; gives what imports its modules."""
        description, config = Path(folder, "schema.json"), Path(folder, "config.yaml")
        description.write_bytes(described("en"))
        config.write_text(json.dumps({"post_hooks": []}))
        command = (
            *(Path(sys.executable).with_name("openapi-python-client"), "generate", "--meta=none"),
            *("--path", description, "--config", config, "--output-path", Path(folder, NAME)),
            "--fail-on-warning",
        )
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        sys.path.insert(0, folder)
        self.addCleanup(sys.path.remove, folder)
        return lambda name: importlib.import_module(f"{NAME}.{name}")

    def test_it_logs_an_update(self) -> None:
        cache.clear()
        self.make_recommendation()
        secret = Program(self.staff).headers["Authorization"].split()[1]
        with ExitStack() as held:
            module = self.made(held.enter_context(TemporaryDirectory()))
            made = module("client").AuthenticatedClient(self.live_server_url, secret)
            client = held.enter_context(made)
            body = module("models.begin_update").BeginUpdate.from_dict(
                {
                    "as_of": days_ago(1).isoformat(),
                    "implementation_status": "in_progress",
                    "confidence": "green",
                    "what_happened": "A first meeting took place.",
                }
            )
            begin = module("api.recommendations.begin_update").sync_detailed
            begun = begin("REP-1", client=client, body=body, idempotency_key="once")
            self.assertEqual(begun.status_code, 201, begun.content)
            submit = module("api.updates.submit_update").sync_detailed
            tag = begun.headers["ETag"]
            done = submit(begun.parsed.number, client=client, if_match=tag)
            self.assertEqual((done.status_code, done.parsed.state), (200, "submitted"))
            read = module("api.recommendations.list_recommendations_updates").sync
            [row] = read("REP-1", client=client).results
        stored = StatusUpdate.objects.get()
        self.assertEqual((row.number, row.what_happened), (stored.pk, stored.what_happened))
        self.assertEqual(stored.state, "submitted")
