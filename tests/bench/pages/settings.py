"""The settings of the site, with the pages and the counting of the bench beside it."""

from pathlib import Path

from tracker.settings import *  # noqa: F403
from tracker.settings import MIDDLEWARE, TEMPLATES

ROOT_URLCONF = "tests.bench.pages.served"
MIDDLEWARE = ["tests.bench.pages.served.CountingMiddleware", *MIDDLEWARE]
TEMPLATES[0]["DIRS"].append(Path(__file__).parent / "templates")
API_REQUESTS_A_MINUTE = 1_000_000
