"""Processes of the site beside a test: on what database they run, and waiting for them."""

import os
import time
from collections.abc import Callable
from urllib.parse import urlencode

from django.db import connection

PATIENCE = 60
"""Seconds until what is waited for counts as never coming."""


def as_in_production() -> dict[str, str]:
    """The variables of a process of the site on the database of this test."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tracker.settings",
        "DATABASE_URL": database_url(),
    }


def database_url() -> str:
    """The database of this test, for another process."""
    have = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{have['NAME']}"
    rest = {
        name: have[key]
        for name, key in (("user", "USER"), ("password", "PASSWORD"), ("host", "HOST"))
        if have[key]
    }
    rest |= {"port": have["PORT"]} if have["PORT"] else {}
    return f"postgresql:///{have['NAME']}?{urlencode(rest)}"


def until(is_so: Callable[[], bool], what: str) -> None:
    """Wait for something that is about to be so."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > end:
            raise AssertionError(f"{what} does not come")
        time.sleep(0.02)
