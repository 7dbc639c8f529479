"""The settings of the site, in an environment of their own: nobody's shell changes a test.

The engine is SQLite, or the PostgreSQL server that TEST_DATABASE_URL names (see tests/engines.py).
"""

import os
import tempfile
from pathlib import Path

# Named only, not made: mypy reads these settings too. The process id keeps two runs apart.
SCRATCH = Path(tempfile.gettempdir()) / f"tracker-tests-{os.getpid()}"

os.environ.update(
    {
        "DEBUG": "off",
        "SECRET_KEY": "only for tests",
        "SECRET_KEY_FALLBACKS": "",
        "AUDIT_SIGNING_KEY": "only for tests as well",
        "AUDIT_SITE": "",
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        "CSRF_TRUSTED_ORIGINS": "",
        "PUBLIC_PAGES": "off",
        "SHARED_COMPUTERS": "off",
        "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", ""),
        "DATABASE_REPLICA_URL": "",
        "DATABASE_REPLICA_MAX_LAG": "60",
        # 40 threads write at once in one test, each on a connection of its own.
        "DATABASE_POOL_SIZE": "48",
        # So they wait for each other longer than a page would.
        "DATABASE_LOCK_TIMEOUT": "60",
        "DATABASE_POOL_TIMEOUT": "30",
        "TIME_ZONE": "UTC",
        "STATIC_ROOT": str(SCRATCH / "static"),
        "IMPORT_FOLDER": str(SCRATCH / "imports"),
        "IMPORT_PAGE_MAX_ROWS": "1000",
        "IMPORT_PAGE_MAX_VALUES": "20000",
        "AGENCIES_FOLDER": "",
        "EVIDENCE_ROOT": str(SCRATCH / "evidence"),
        "EVIDENCE_MAX_MB": "25",
        "EVIDENCE_MAX_FILES": "10",
        "EVIDENCE_TYPES": "",
        "EVIDENCE_SCANNER": "",
        "EVIDENCE_ACCEL_PREFIX": "",
        "EVIDENCE_S3_BUCKET": "",
        "LOG_LEVEL": "ERROR",
        "MAIL_QUEUE_THREAD": "off",
        "SITE_ADDRESS": "",
        # The test client and the live server speak plain HTTP.
        "SECURE_SSL_REDIRECT": "off",
        "SECURE_PROXY_SSL_HEADER": "off",
        "TRUSTED_PROXIES": "",
        "METRICS_TOKEN": "",
        "METRICS_NETWORKS": "",
        "ERROR_COLLECTOR": "",
        "SECURE_HSTS_SECONDS": "0",
    }
)

from tracker.settings import *

# Outside debug, and with the demonstration all the same.
DEMONSTRATION_SIGNS_IN = True

SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# Files are found where they lie, so that no test waits for collectstatic.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True

if DATABASES["default"]["ENGINE"].endswith("sqlite"):
    # A file, not memory: the threads of the live server and of the race tests each connect anew.
    DATABASES["default"]["TEST"] = {"NAME": SCRATCH.with_suffix(".sqlite3")}
    # Nothing here has to outlive a power cut.
    DATABASES["default"]["OPTIONS"]["init_command"] += "; PRAGMA synchronous=OFF"
