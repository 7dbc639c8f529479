"""Where the files of evidence lie: a folder, or a bucket of anything that speaks S3."""

from pathlib import Path
from typing import Any

from tracker import env


def evidence_storage(folder: Path) -> dict[str, Any]:
    """Django's STORAGES entry: the folder, or the bucket that EVIDENCE_S3_BUCKET names.

    The keys to a bucket are read by the S3 client itself, from AWS_ACCESS_KEY_ID and
    AWS_SECRET_ACCESS_KEY or from what the machine is given.
    """
    bucket = env.text("EVIDENCE_S3_BUCKET")
    if not bucket:
        # A web server that sends the files is of their group (docs/deployment.md).
        is_sent_by_server = bool(env.text("EVIDENCE_ACCEL_PREFIX"))
        return {
            "BACKEND": "recommendations.storage.evidence.EvidenceFolder",
            "OPTIONS": {
                "location": str(folder),
                "file_permissions_mode": 0o640 if is_sent_by_server else 0o600,
                "directory_permissions_mode": 0o750 if is_sent_by_server else 0o700,
            },
        }
    try:
        import storages.backends.s3  # noqa: F401 - only whether it is there
    except ImportError:
        raise env.refuse(
            "EVIDENCE_S3_BUCKET",
            "set, but the S3 client is not installed",
            "used with what requirements/s3.txt lists",
        ) from None
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": env.text("EVIDENCE_S3_ENDPOINT") or None,
            "region_name": env.text("EVIDENCE_S3_REGION") or None,
            "location": env.text("EVIDENCE_S3_PREFIX"),
            # Private, and given out by this site alone.
            "default_acl": None,
            "querystring_auth": True,
            # The name is the digest: what lies there already is the same bytes.
            "file_overwrite": True,
            # What is read passes through a file beyond this, not through memory.
            "max_memory_size": 1024 * 1024,
        },
    }
