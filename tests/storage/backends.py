"""The two backends of evidence, for tests that run with both: a folder, and an S3 server."""

import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
from django.conf import settings
from django.test import SimpleTestCase, override_settings
from moto.server import ThreadedMotoServer

from tracker.evidence_storage import evidence_storage

BUCKET = "evidence"
KEYS = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing"}


class EvidenceBackend(SimpleTestCase):
    """An empty backend for each test."""

    def use(self, entry: dict[str, Any]) -> None:
        """Store evidence there until the end of the test."""
        chosen = override_settings(STORAGES={**settings.STORAGES, "evidence": entry})
        chosen.enable()
        self.addCleanup(chosen.disable)

    def alter(self, name: str, content: bytes) -> None:
        """Write a file without the storage, as a person with access to the backend could."""
        raise NotImplementedError

    def break_it(self) -> None:
        """From now on nothing can be stored or read."""
        raise NotImplementedError


class InFolder(EvidenceBackend):
    """A folder of its own."""

    def setUp(self) -> None:
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = Path(held.name) / "evidence"
        self.use(evidence_storage(self.folder))
        super().setUp()

    def alter(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def break_it(self) -> None:
        self.folder.parent.joinpath("file").write_bytes(b"")
        self.use(evidence_storage(self.folder.parent / "file"))


class InBucket(EvidenceBackend):
    """A bucket on a server of this process, configured as the settings of a site."""

    server: ThreadedMotoServer
    endpoint: str

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        cls.server.start()
        cls.addClassCleanup(cls.server.stop)
        host, port = cls.server.get_host_and_port()
        cls.endpoint = f"http://{host}:{port}"

    def setUp(self) -> None:
        environment = mock.patch.dict(
            "os.environ",
            {
                **KEYS,
                "EVIDENCE_S3_BUCKET": BUCKET,
                "EVIDENCE_S3_ENDPOINT": self.endpoint,
                "EVIDENCE_S3_REGION": "us-east-1",
                "EVIDENCE_S3_PREFIX": "of/this/site",
            },
        )
        environment.start()
        self.addCleanup(environment.stop)
        client = boto3.resource("s3", endpoint_url=self.endpoint, region_name="us-east-1")
        self.bucket = client.create_bucket(Bucket=BUCKET)
        self.addCleanup(client.meta.client.close)
        self.addCleanup(self.bucket.delete)
        self.addCleanup(self.bucket.objects.delete)
        self.use(evidence_storage(Path("nowhere")))
        super().setUp()

    def alter(self, name: str, content: bytes) -> None:
        self.bucket.put_object(Key=f"of/this/site/{name}", Body=content)

    def break_it(self) -> None:
        with mock.patch.dict("os.environ", {"EVIDENCE_S3_BUCKET": "no-such-bucket"}):
            self.use(evidence_storage(Path("nowhere")))
