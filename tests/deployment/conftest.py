"""One deployment for all tests with a bucket, and one for those with a folder."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import boto3
import pytest
from django.db import connection
from moto.server import ThreadedMotoServer

from tests.deployment.processes import NGINX, Deployment
from tests.storage.backends import BUCKET, KEYS


@contextmanager
def deployed(store: Mapping[str, str]) -> Iterator[Deployment]:
    """A deployment that answers; the settings say where its evidence lies."""
    with tempfile.TemporaryDirectory() as name:
        deployment = Deployment(Path(name), store)
        try:
            deployment.start()
            yield deployment
        finally:
            deployment.stop()


@pytest.fixture(scope="package")
def needs_nginx(django_db_setup: None) -> None:
    """Two instances share a database, which must be there and be no file."""
    if connection.vendor != "postgresql":
        pytest.skip("two instances of the site share PostgreSQL")
    if not NGINX:
        pytest.skip("nginx is not installed (on Debian: apt install nginx)")


@pytest.fixture(scope="package")
def bucket(needs_nginx: None) -> Iterator[tuple[dict[str, str], object]]:
    """The settings of a bucket on a server of this process, and the bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for key, value in KEYS.items():
            patch.setenv(key, value)
        there = {"endpoint_url": f"http://{host}:{port}", "region_name": "us-east-1"}
        with closing(boto3.client("s3", **there)) as client:
            client.create_bucket(Bucket=BUCKET)
            settings = {
                **KEYS,
                "EVIDENCE_S3_BUCKET": BUCKET,
                "EVIDENCE_S3_ENDPOINT": there["endpoint_url"],
                "EVIDENCE_S3_REGION": there["region_name"],
            }
            yield settings, client
    server.stop()


@pytest.fixture(scope="package")
def site_with_bucket(bucket: tuple[dict[str, str], object]) -> Iterator[Deployment]:
    with deployed(bucket[0]) as deployment:
        yield deployment


@pytest.fixture(scope="class")
def with_bucket(
    request: pytest.FixtureRequest,
    bucket: tuple[dict[str, str], object],
    site_with_bucket: Deployment,
) -> None:
    """Hand both to a TestCase, which cannot take fixtures by name."""
    request.cls.deployment, request.cls.s3 = site_with_bucket, bucket[1]


@pytest.fixture(scope="class")
def with_folder(request: pytest.FixtureRequest, needs_nginx: None) -> Iterator[None]:
    """Files lie in a folder, from which nginx sends them."""
    with deployed({"EVIDENCE_ACCEL_PREFIX": "/evidence-files/"}) as deployment:
        request.cls.deployment = deployment
        yield
